"""When is the same medicine, or the same kind of medicine, there twice?

Kinds: same_ingredient, duplicate_class (``duplicate/*.yaml``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definition, Definitions, Source
from pestle.pharmacy.medicines import medicine_class
from pestle.pharmacy.medicines.medicine_class import WHICH, Classes

KINDS = {
    "same_ingredient": frozenset({"days_when_unknown", "breakthrough"}),
    "duplicate_class": WHICH | {"bnf", "may_be_meant", "breakthrough"},
}


@dataclass(frozen=True, slots=True)
class SameIngredient:
    """What is known of the same ingredient twice.

    `days_when_unknown` is for how long a supply counts as current when nobody knows how long it lasts.
    Substances of `breakthrough` may be there twice, once regularly and once when required.
    """

    days_when_unknown: int
    breakthrough: frozenset[str]
    source: Source


@dataclass(frozen=True, slots=True)
class DuplicateClass:
    """Medicines of which two at once are seldom meant: by ingredient, or by the start of the BNF code.

    `breakthrough`: one of the two may be there for when it is required.
    """

    title: str
    members: frozenset[str]
    bnf: tuple[str, ...]
    may_be_meant: str
    breakthrough: bool
    source: Source


@dataclass(frozen=True, slots=True)
class DuplicateKnowledge:
    """What the duplicate check knows; `by_substance` and `by_bnf` hold the places of the classes."""

    same_ingredient: SameIngredient
    classes: tuple[DuplicateClass, ...]
    by_substance: Mapping[str, frozenset[int]]
    by_bnf: tuple[tuple[int, tuple[str, ...]], ...]

    def kinds(self, substances: frozenset[str], bnf_codes: Iterable[str]) -> frozenset[int]:
        """The places of the classes that a medicine is of."""
        found = set[int]().union(*(self.by_substance.get(each, ()) for each in substances))
        for code in bnf_codes:
            found |= {at for at, starts in self.by_bnf if code.startswith(starts)}
        return frozenset(found)


def names(files: Definitions) -> list[str]:
    """Every substance that these definitions name."""
    return medicine_class.ingredients(files.of("duplicate_class"))


def read(files: Definitions, classes: Classes) -> DuplicateKnowledge:
    """What these definitions say."""
    kinds = tuple(_duplicate(file, classes) for file in files.of("duplicate_class"))
    by_bnf = tuple((at, each.bnf) for at, each in enumerate(kinds) if each.bnf)
    by_substance: dict[str, frozenset[int]] = {}
    for at, each in enumerate(kinds):
        for substance in each.members:
            by_substance[substance] = by_substance.get(substance, frozenset()) | {at}
    return DuplicateKnowledge(
        _same_ingredient(files.only("same_ingredient"), classes), kinds, by_substance, by_bnf
    )


def _same_ingredient(file: Definition, classes: Classes) -> SameIngredient:
    return SameIngredient(
        days_when_unknown=d.number(file, "days_when_unknown"),
        breakthrough=classes.meant(d.entry(file, "breakthrough", fields=WHICH)),
        source=file.source,
    )


def _duplicate(file: Definition, classes: Classes) -> DuplicateClass:
    return DuplicateClass(
        title=file.title,
        members=classes.meant(file),
        bnf=d.texts(file, "bnf", empty=True),
        may_be_meant=d.text(file, "may_be_meant"),
        breakthrough=d.flag(file, "breakthrough"),
        source=file.source,
    )
