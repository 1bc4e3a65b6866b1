"""Which cautionary and advisory wordings go with these label numbers?

The numbers are those of the British National Formulary (from BNF 61, 2011: 1 to 19, 29, 30 and 32 stand
alone; 21 to 28 belong in the directions; 20, 31 and 33 are not in use). The wordings come from a definition
file, ours or one that a site has imported under its own licence. Which medicine carries which numbers is
licensed content: where no source says, a product's numbers are unknown, and unknown is not none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import MappingProxyType

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definition, Source
from pestle.pharmacy.refusal import refuse

KINDS = {"cautionary_labels": frozenset({"labels", "withdrawn"})}


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
    source: Source
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

    Raises `Refused`, as `definition` does, naming what is missing or wrong.
    """
    file = d.load(path, file=path.name, kinds=KINDS)
    return Wordings(
        title=file.title,
        source=file.source,
        by_number=MappingProxyType(_wordings(file)),
        withdrawn=MappingProxyType(
            {_number(file, "withdrawn", number): why for number, why in d.words(file, "withdrawn").items()}
            if "withdrawn" in file.body
            else {}
        ),
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


def _wordings(file: Definition) -> dict[int, Caution]:
    labels = d.entry(file, "labels")
    found: dict[int, Caution] = {}
    for written in labels.body:
        number = _number(file, "labels", written)
        label = d.entry(labels, written, fields=frozenset({"placement", "text"}))
        placement = d.choice(label, "placement", {each.value: each for each in Placement})
        found[number] = Caution(number, d.text(label, "text"), placement)
    if not found:
        raise d.wrong(file, "labels", "has a wording for a number at least")
    return found


def _number(file: Definition, field: str, written: str) -> int:
    if not (written.isascii() and written.isdigit()):
        raise d.wrong(file, field, f"is by the number of the label; “{written}” is none")
    return int(written)
