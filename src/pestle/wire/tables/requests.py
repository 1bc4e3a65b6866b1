"""What does each row of a table of requests say?

README.md beside this file has the columns. No standard: care homes and pharmacies write what their own
systems print, so headings, order and separators are forgiven, and what a cell means is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from pestle.pharmacy.practice.reconciliation.names import Names
from pestle.pharmacy.practice.reconciliation.written import LONGEST, written_line
from pestle.pharmacy.practice.request_sheet import Asked, Unread
from pestle.pharmacy.record.patient import nhs_number
from pestle.pharmacy.refusal import Refused, refuse
from pestle.wire.tables import table

MOST_ROWS = 1000
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "nhs number": ("nhs number", "nhs no", "nhs no.", "nhs"),
    "name": ("name", "patient", "resident", "patient name", "resident name", "full name"),
    "born": ("born", "date of birth", "dob", "d.o.b.", "birth date"),
    "item": ("item", "medicine", "medication", "drug", "product", "description"),
    "quantity": ("quantity", "qty", "amount", "how many"),
    "note": ("note", "notes", "comment", "comments", "reason"),
}


def read(data: bytes, names: Names) -> tuple[Asked | Unread, ...]:
    """Every row in its order; places are counted as a spreadsheet numbers its rows.

    Raises `Refused` for the file as a whole: those of `table.read`.
    """
    return tuple(_row(row, names) for row in table.read(data, COLUMNS, needs=_missing, most=MOST_ROWS))


def _missing(found: AbstractSet[str]) -> list[str]:
    missing = ["item"] if "item" not in found else []
    if "nhs number" not in found and not {"name", "born"} <= found:
        missing.append("nhs number (or name and born)")
    return missing


def _row(row: table.Row, names: Names) -> Asked | Unread:
    place, said = row.place, row.said
    verbatim = "; ".join(
        part for part in (said["item"], said.get("quantity"), said.get("note"), *row.others) if part
    )
    try:
        if not said["item"]:
            raise refuse("sheet.no-item", "The row names no medicine", place=place)
        if len(said["item"]) > LONGEST:
            raise refuse("sheet.no-item", f"The medicine has more than {LONGEST} characters", place=place)
        digits, person, born = (said.get(name, "") for name in ("nhs number", "name", "born"))
        if not digits and not (person and born):
            raise refuse("sheet.nobody-named", "The row does not say whose it is", place=place)
        return Asked(
            place=place,
            verbatim=verbatim,
            line=written_line(said["item"], names, key=place),
            number=nhs_number(digits, place=place) if digits else None,
            person=person,
            born=table.day(born, place=place) if born else None,
            quantity=said.get("quantity", ""),
        )
    except Refused as refused:
        return Unread(place, "; ".join(cell for cell in row.cells if cell), refused.refusals[0])
