"""Which cautionary and advisory wordings go with these label numbers?

The numbers are those of the British National Formulary (from BNF 61, 2011: 1 to 19, 29, 30 and 32 stand
alone; 21 to 28 belong in the directions; 20, 31 and 33 are not in use). The wordings come from a definition
file, ours or one that a site has imported under its own licence. Which medicine carries which numbers is
licensed content: where no source says, a product's numbers are unknown, and unknown is not none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from pathlib import Path
from types import MappingProxyType

import yaml

from pestle.pharmacy.refusal import Refused, refuse


class Placement(Enum):
    """Where a wording stands: on a line of its own, or as part of the directions."""

    SEPARATE = "separate"
    IN_DIRECTIONS = "in directions"


@dataclass(frozen=True, slots=True)
class Caution:
    """One wording, complete as it is printed. `number` is its BNF label number."""

    number: int
    text: str
    placement: Placement


@dataclass(frozen=True, slots=True)
class Wordings:
    """A definition file of wordings. `withdrawn` says of a number without wording why it has none.

    A wording may need figures, written ``{1}`` and ``{2}`` in its text: how many at most.
    """

    title: str
    source: str
    licence: str
    author: str
    date_checked: date
    next_review: date
    verified: bool
    by_number: Mapping[int, Caution]
    withdrawn: Mapping[int, str]


def cautions(
    numbers: Sequence[int], *, wordings: Wordings, figures: Mapping[int, Sequence[str]] | None = None
) -> tuple[Caution, ...]:
    """The wordings for `numbers`, in that order, each once.

    `figures` gives for a number the amounts its wording asks for, such as ``{17: ["6 tablets"]}``.
    Raises `Refused` (``caution.unknown-number``, ``caution.withdrawn-number``, ``caution.needs-figures``).
    """
    given = figures or {}
    return tuple(_caution(number, wordings, given.get(number, ())) for number in dict.fromkeys(numbers))


def read_wordings(path: Path) -> Wordings:
    """Reads a definition file of wordings (its shape: ``definitions/labels/README.md``).

    Raises `Refused` (``caution.definition``) naming what is missing or wrong.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _bad_definition(path, f"cannot be read: {error}") from error
    if not isinstance(raw, dict):
        raise _bad_definition(path, "is not a table of fields")
    if raw.get("status") not in ("verified", "unverified"):
        raise _bad_definition(path, "needs a status: verified or unverified")
    return Wordings(
        title=_words(raw, "title", path),
        source=_words(raw, "source", path),
        licence=_words(raw, "licence", path),
        author=_words(raw, "author", path),
        date_checked=_day(raw, "date_checked", path),
        next_review=_day(raw, "next_review", path),
        verified=raw["status"] == "verified",
        by_number=MappingProxyType(_wordings(raw, path)),
        withdrawn=MappingProxyType(_withdrawn(raw, path)),
    )


def _caution(number: int, wordings: Wordings, figures: Sequence[str]) -> Caution:
    place = f"label {number}"
    if number in wordings.withdrawn:
        raise refuse("caution.withdrawn-number", f"Cautionary label {number} is {wordings.withdrawn[number]}",
                     place=place, way_out="Correct the product's label numbers.")  # fmt: skip
    wording = wordings.by_number.get(number)
    if wording is None:
        raise refuse("caution.unknown-number", f"There is no cautionary label {number} in “{wordings.title}”",
                     place=place, way_out="Correct the product's label numbers.")  # fmt: skip
    wanted = _figures_wanted(wording.text)
    if len(figures) != wanted or not all(figure.strip() for figure in figures):
        raise refuse("caution.needs-figures",
                     f"Cautionary label {number} takes {wanted} figures, and was given {len(figures)}",
                     place=place, way_out=f"Say how many: “{wording.text}”")  # fmt: skip
    text = wording.text
    for index, figure in enumerate(figures, start=1):
        text = text.replace(f"{{{index}}}", figure.strip())
    return Caution(number, text, wording.placement)


def _figures_wanted(text: str) -> int:
    return sum(f"{{{index}}}" in text for index in (1, 2))


def _wordings(raw: Mapping[object, object], path: Path) -> dict[int, Caution]:
    labels = raw.get("labels")
    if not isinstance(labels, dict) or not labels:
        raise _bad_definition(path, "has no labels")
    found: dict[int, Caution] = {}
    for number, entry in labels.items():
        if type(number) is not int or not isinstance(entry, dict):
            raise _bad_definition(path, f"label {number} is not a number with a placement and a text")
        try:
            placement = Placement(entry.get("placement"))
        except ValueError:
            raise _bad_definition(path, f"label {number} has no placement we know") from None
        found[number] = Caution(number, _words(entry, "text", path), placement)
    return found


def _withdrawn(raw: Mapping[object, object], path: Path) -> dict[int, str]:
    entries = raw.get("withdrawn", {})
    if not isinstance(entries, dict):
        raise _bad_definition(path, "withdrawn is not a table")
    for number, reason in entries.items():
        if type(number) is not int or not isinstance(reason, str):
            raise _bad_definition(path, f"withdrawn label {number} is not a number with a reason")
    return dict(entries)


def _words(entry: Mapping[object, object], field: str, path: Path) -> str:
    value = entry.get(field)
    if not isinstance(value, str) or not value.strip():
        raise _bad_definition(path, f"needs {field}")
    return " ".join(value.split())


def _day(entry: Mapping[object, object], field: str, path: Path) -> date:
    value = entry.get(field)
    if type(value) is not date:
        raise _bad_definition(path, f"needs {field}, a date")
    return value


def _bad_definition(path: Path, what: str) -> Refused:
    return refuse("caution.definition", f"The definition of cautionary labels {what}", place=path.name)
