"""What does each row of a local list of traffic lights say?

README.md beside this file has the columns. Lists are written by the committees of each area, and exported or
copied from their sites by hand: headings and words are forgiven, and what is not understood is refused by its
row, since a list with a hole in it would be believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from pestle.pharmacy.practice.traffic_light import ListEntry, light_of
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.wire.tables import table

MOST_ROWS = 5000
MOST_TOLD = 50
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "medicine": ("medicine", "drug", "name", "product", "medication", "vtm", "vmp"),
    "code": ("code", "dm+d", "dm+d id", "dmd", "snomed", "snomed code"),
    "status": ("status", "traffic light", "rag", "rag status", "colour", "classification"),
    "condition": ("condition", "indication", "for"),
    "agreement": ("agreement", "shared care", "shared-care agreement", "sca"),
    "link": ("link", "document", "url", "guideline"),
    "source": ("source",),
    "checked": ("checked", "date checked", "last checked"),
    "review": ("review", "next review", "review date"),
}
_YES, _NO = frozenset({"yes", "y", "true", "needed"}), frozenset({"", "no", "n", "false", "not needed"})


def read(data: bytes) -> tuple[ListEntry, ...]:
    """The entries. Raises `Refused`: those of `table.read`, and with every fault by its row
    ``light.no-medicine``, ``light.code``, ``light.word``, ``light.agreement``, ``table.day``."""
    entries: list[ListEntry] = []
    faults: list[Refusal] = []
    for row in table.read(data, COLUMNS, needs=_missing, most=MOST_ROWS):
        try:
            entries.append(_entry(row))
        except Refused as refused:
            faults.extend(refused.refusals)
    if faults:
        raise Refused(*faults[:MOST_TOLD])
    return tuple(entries)


def _missing(found: AbstractSet[str]) -> list[str]:
    return [name for name in ("medicine", "status") if name not in found]


def _entry(row: table.Row) -> ListEntry:
    said = {name: row.said.get(name, "") for name in COLUMNS}
    if not said["medicine"]:
        raise refuse("light.no-medicine", "The row names no medicine", place=row.place)
    code = said["code"]
    if code and not (code.isascii() and code.isdigit() and 6 <= len(code) <= 18):
        raise refuse("light.code", f"“{code[:20]}” is no id of dm+d", place=row.place,
                     way_out="Format the column as text, so that no digit is lost.")  # fmt: skip
    agreement = said["agreement"].casefold()
    if agreement not in _YES | _NO:
        raise refuse("light.agreement", f"“{said['agreement'][:20]}” is neither yes nor no", place=row.place)
    checked, review = (
        table.day(said[name], place=row.place) if said[name] else None for name in ("checked", "review")
    )
    return ListEntry(
        place=row.place,
        medicine=said["medicine"][:300],
        code=code,
        light=light_of(said["status"], agreement=agreement in _YES, place=row.place),
        condition=said["condition"][:300],
        link=said["link"][:500],
        source=said["source"][:300],
        checked_on=checked,
        next_review=review,
    )
