"""What changed after a review, counted the same way before and after?

Only counts are compared, those of the day on which the pack was made and those of a later day; that one came
after the other does not say that the review was the cause.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from pestle.pharmacy.practice.review_pack import Counts

_TITLES = {
    "medicines": "Medicines",
    "hard_stops": "Hard stops",
    "answers_needed": "Findings that need an answer",
    "not_assessed": "Not assessed",
    "late_tests": "Tests that are late",
    "results_out": "Results out of range",
    "not_covered": "Medicines whose days are not covered",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is counted, before and after."""

    title: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        """How many more there are."""
        return self.after - self.before


def changes(pairs: Iterable[tuple[Counts, Counts]]) -> tuple[Change, ...]:
    """The sums over reviews, each with its counts before and after."""
    every = list(pairs)
    return tuple(
        Change(
            _TITLES[field.name],
            sum(getattr(before, field.name) for before, _ in every),
            sum(getattr(after, field.name) for _, after in every),
        )
        for field in fields(Counts)
    )
