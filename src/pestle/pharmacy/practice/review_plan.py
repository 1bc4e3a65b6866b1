"""Who is reviewed in which week, and by whom, when there are only so many places?

The most needy first, each in the earliest week with a place that is left, by whoever has one. What was booked
stays. Who found no place is said, with how many there are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Places:
    """So many places of a person in the week that begins on a Monday, of which some are taken."""

    week: date
    person_id: int
    number: int
    taken: int = 0

    def __post_init__(self) -> None:
        if self.week.weekday() != 0:
            raise ValueError("a week begins on a Monday")

    @property
    def left(self) -> int:
        """How many are left."""
        return max(0, self.number - self.taken)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A patient who waits: their points, and since when they were reviewed last (None: never)."""

    patient_id: int
    points: int
    last_review: date | None


@dataclass(frozen=True, slots=True)
class Booked:
    """A patient in a week, by a person."""

    patient_id: int
    week: date
    person_id: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is booked, and who found no place, the most needy first."""

    booked: tuple[Booked, ...]
    without: tuple[int, ...]


def monday(on: date) -> date:
    """The Monday of a day's week."""
    return on - timedelta(days=on.weekday())


def planned(waiting: Iterable[Waiting], places: Iterable[Places]) -> Plan:
    """Books the waiting into the places, in the order of `most_needy_first`."""
    free = [(each.week, each.person_id, each.left) for each in places]
    slots = iter([
        (week, person_id) for week, person_id, left in sorted(free) for _ in range(left)
    ])  # fmt: skip
    booked: list[Booked] = []
    without: list[int] = []
    for each in most_needy_first(waiting):
        slot = next(slots, None)
        if slot is None:
            without.append(each.patient_id)
        else:
            booked.append(Booked(each.patient_id, *slot))
    return Plan(tuple(booked), tuple(without))


def most_needy_first(waiting: Iterable[Waiting]) -> list[Waiting]:
    """By points; of equals who was never reviewed, or longest ago, comes first."""
    return sorted(waiting, key=lambda each: (-each.points, each.last_review or date.min, each.patient_id))
