"""When is the same medicine, or the same kind of medicine, there twice?

Kinds: same_ingredient, duplicate_class (``duplicate/*.yaml``).
"""

from __future__ import annotations

from dataclasses import dataclass

from pestle.pharmacy import definition as d
from pestle.pharmacy.checks.substances import Substances
from pestle.pharmacy.definition import Definition, Definitions, Source

KINDS = {
    "same_ingredient": frozenset({"days_when_unknown", "early_days", "local_routes"}),
    "duplicate_class": frozenset({"members", "bnf", "may_be_meant"}),
}


@dataclass(frozen=True, slots=True)
class SameIngredient:
    """When an earlier supply of the same ingredient matters.

    `days_when_unknown` is for how long a supply counts as current when nobody knows how long it lasts;
    with `early_days` or fewer left, ordering the same product again is ordinary.
    """

    days_when_unknown: int
    early_days: int
    local_routes: frozenset[str]
    source: Source


@dataclass(frozen=True, slots=True)
class DuplicateClass:
    """Medicines of which two at once are seldom meant: by ingredient, or by the start of the BNF code."""

    title: str
    members: frozenset[str]
    bnf: tuple[str, ...]
    may_be_meant: str
    source: Source


@dataclass(frozen=True, slots=True)
class DuplicateKnowledge:
    """What the duplicate check knows."""

    same_ingredient: SameIngredient
    classes: tuple[DuplicateClass, ...]


def names(files: Definitions) -> list[str]:
    """Every substance that these definitions name."""
    return [name for file in files.of("duplicate_class") for name in d.texts(file, "members")]


def read(files: Definitions, substances: Substances) -> DuplicateKnowledge:
    """What these definitions say."""
    return DuplicateKnowledge(
        same_ingredient=_same_ingredient(files.only("same_ingredient")),
        classes=tuple(_duplicate(file, substances) for file in files.of("duplicate_class")),
    )


def _same_ingredient(file: Definition) -> SameIngredient:
    return SameIngredient(
        days_when_unknown=d.number(file, "days_when_unknown"),
        early_days=d.number(file, "early_days"),
        local_routes=frozenset(route.casefold() for route in d.texts(file, "local_routes")),
        source=file.source,
    )


def _duplicate(file: Definition, known: Substances) -> DuplicateClass:
    return DuplicateClass(
        title=file.title,
        members=known.all_of(d.texts(file, "members")),
        bnf=d.texts(file, "bnf", empty=True),
        may_be_meant=d.text(file, "may_be_meant"),
        source=file.source,
    )
