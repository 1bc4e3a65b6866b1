"""Which medicines float up, and which are compared as written?

A mistake with a high-risk medicine harms more, so its lines stand first and are never settled by a technician
where anything differs. Some of them, and whatever is kept on one product (`equivalence`), are also *careful*:
brand and strength are compared as they are written.

Kind: high_risk (``reconciliation/high_risk.yaml``), whose groups name their medicines as every rule does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definition, Source
from pestle.pharmacy.medicines.equivalence import Across, Bar
from pestle.pharmacy.medicines.medicine_class import Classes
from pestle.pharmacy.practice.reconciliation.line import ListLine

KINDS = {"high_risk": frozenset({"groups"})}
_FIELDS = frozenset({"title", "why", "as_written", "ingredients", "classes", "but_not", "words"})


@dataclass(frozen=True, slots=True)
class Group:
    """Medicines that are high risk for one reason. `words` stand in a name or a substance, in lower case."""

    title: str
    why: str
    as_written: bool
    substances: frozenset[str]
    words: tuple[str, ...] = ()

    def holds_for(self, line: ListLine) -> bool:
        """Whether any substance of the line is one of these, or its name says so."""
        said = " ".join(
            (line.name, line.product.name if line.product else "", *line.meant.substances)
        ).casefold()
        if any(word in said for word in self.words):
            return True
        return not self.substances.isdisjoint(line.meant.substances or frozenset(said.split()))


@dataclass(frozen=True, slots=True)
class HighRisk:
    """The groups, and what bars the exchange of one brand for another."""

    groups: tuple[Group, ...]
    bars: tuple[Bar, ...]
    source: Source

    def of(self, *lines: ListLine) -> tuple[Group, ...]:
        """The groups that hold for any of the lines."""
        return tuple(group for group in self.groups if any(group.holds_for(line) for line in lines))

    def as_written(self, *lines: ListLine) -> bool:
        """Whether brand and strength of these lines are compared as written."""
        products = [each for line in lines for each in line.meant.medication.products]
        kept = [bar for bar in self.bars if Across.BRAND in bar.across]
        barred = any(bar.holds_for(product) for bar in kept for product in products)
        return barred or any(group.as_written for group in self.of(*lines))


def read(folder: Path, *, classes: Classes, bars: Collection[Bar]) -> HighRisk:
    """The one definition in a folder. Raises `Refused` as `definition` names it."""
    file = d.load_folders(folder, kinds=KINDS).only("high_risk")
    groups = tuple(_group(each, classes) for each in d.entries(file, "groups", fields=_FIELDS))
    return HighRisk(groups, tuple(bars), file.source)


def _group(entry: Definition, classes: Classes) -> Group:
    named = "ingredients" in entry.body or "classes" in entry.body
    return Group(
        title=d.text(entry, "title"),
        why=d.text(entry, "why"),
        as_written=d.flag(entry, "as_written"),
        substances=classes.meant(entry) if named else frozenset(),
        words=tuple(word.casefold() for word in d.texts(entry, "words", empty=named)),
    )
