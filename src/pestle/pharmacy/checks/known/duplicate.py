"""When is the same medicine, or the same kind of medicine, there twice?

Kinds: same_ingredient, duplicate_class (``duplicate/*.yaml``).
"""

from __future__ import annotations

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
    """What the duplicate check knows."""

    same_ingredient: SameIngredient
    classes: tuple[DuplicateClass, ...]


def names(files: Definitions) -> list[str]:
    """Every substance that these definitions name."""
    return medicine_class.ingredients(files.of("duplicate_class"))


def read(files: Definitions, classes: Classes) -> DuplicateKnowledge:
    """What these definitions say."""
    return DuplicateKnowledge(
        same_ingredient=_same_ingredient(files.only("same_ingredient"), classes),
        classes=tuple(_duplicate(file, classes) for file in files.of("duplicate_class")),
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
