"""Which of the things that are said of lists of medicines can be about this one?

Rules and monitoring are said of lists. Held against every list a medicine would be asked a hundred times for
the few that can mean it; here they are found by its substances, made ready once when they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from pestle.pharmacy.criteria.lists import MedicineList


class _Said(Protocol):
    @property
    def medicines(self) -> MedicineList: ...


Said = TypeVar("Said", bound=_Said)


@dataclass(frozen=True, slots=True)
class ByMedicine(Generic[Said]):
    """All of them, in their order, and the places of those by which a medicine can be meant.

    `by_substance` holds the places of those that name it; `others` of those that go by more than substances.
    """

    all: tuple[Said, ...]
    by_substance: Mapping[str, frozenset[int]]
    others: frozenset[int]

    def about(self, substances: frozenset[str] | None) -> tuple[Said, ...]:
        """Those that may be about a medicine; all of them where its substances are not known."""
        if substances is None:
            return self.all
        places = self.others.union(*(self.by_substance.get(each, ()) for each in substances))
        return tuple(self.all[at] for at in sorted(places))


def by_medicine(said: Iterable[Said]) -> ByMedicine[Said]:
    """These, ready to be found."""
    everything = tuple(said)
    by_substance: dict[str, set[int]] = {}
    others = set()
    for at, each in enumerate(everything):
        listed = each.medicines
        if listed.whole or listed.products or listed.bnf:
            others.add(at)
        for substance in listed.ingredients:
            by_substance.setdefault(substance, set()).add(at)
    return ByMedicine(
        everything, {name: frozenset(at) for name, at in by_substance.items()}, frozenset(others)
    )
