"""Which checklists are there for reviews, and by what does somebody need one?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.criteria.read import Terms
from pestle.pharmacy.practice import review_checklist, review_need
from pestle.pharmacy.practice.review import ReviewKind
from pestle.pharmacy.practice.review_checklist import Checklist
from pestle.pharmacy.practice.review_need import NeedPolicy


@dataclass(frozen=True, slots=True)
class ReviewLibrary:
    """The checklists by name, and what makes somebody need a structured medication review."""

    checklists: Mapping[str, Checklist]
    need: NeedPolicy

    def of(self, kind: ReviewKind) -> tuple[Checklist, ...]:
        """The checklists of one kind of review."""
        return tuple(each for each in self.checklists.values() if each.review is kind)


def read_library(folder: Path, terms: Terms) -> ReviewLibrary:
    """The library in a folder. Raises `Refused` with everything that is wrong."""
    files = d.load_folders(folder, kinds={**review_checklist.KINDS, **review_need.KINDS})
    return ReviewLibrary(review_checklist.read_checklists(files), review_need.read_need(files, terms))
