"""What do the near misses and errors of a period have in common: when, what, where, and which medicines?

Counted from what stands, so that a record that was withdrawn or followed by a correction counts no more. No
person is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pestle.pharmacy.dispensary.near_miss import Named, NearMiss, Reached, Stage


@dataclass(frozen=True, slots=True)
class Week:
    """A week from its Monday: how many were caught, how many reached the patient, and of how many that is
    not known."""

    monday: date
    caught: int
    reached: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two medicines that were taken for each other, in either direction, and how often."""

    one: Named
    other: Named
    count: int


def by_week(told: Iterable[NearMiss], *, first: date, last: date) -> list[Week]:
    """Every week that has a day from `first` to `last`, also those in which nothing was recorded."""
    monday = _monday(first)
    found = Counter((_monday(one.happened_on), one.reached) for one in told)
    weeks = []
    while monday <= last:
        counts = (found[monday, reached] for reached in (Reached.NO, Reached.YES, Reached.UNKNOWN))
        weeks.append(Week(monday, *counts))
        monday += timedelta(days=7)
    return weeks


def by_kind_and_stage(told: Iterable[NearMiss]) -> tuple[list[tuple[str, int]], list[tuple[Stage, int]]]:
    """How many of each type, the most frequent first, and how many at each stage, in the stages' order."""
    every = list(told)
    kinds = Counter(one.kind for one in every)
    stages = Counter(one.stage for one in every)
    ranked = sorted(kinds.items(), key=lambda each: (-each[1], each[0]))
    return ranked, [(stage, stages[stage]) for stage in Stage if stages[stage]]


def pairs(told: Iterable[NearMiss]) -> Sequence[Pair]:
    """The medicines that were taken for each other, the most frequent pair first."""
    counts: Counter[tuple[str, str]] = Counter()
    named: dict[str, Named] = {}
    for one in told:
        if one.meant is None or one.picked is None:
            continue
        for each in (one.meant, one.picked):
            known = named.get(each.name.casefold())
            named[each.name.casefold()] = known if known is not None and known.id else each
        first, second = sorted((one.meant.name.casefold(), one.picked.name.casefold()))
        counts[first, second] += 1
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [Pair(named[first], named[second], count) for (first, second), count in ranked]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
