"""Was this place ever too warm or too cold, for how long, and when did nobody look?

An excursion begins with the first reading outside the limits and ends with the first reading inside them
again: in between nobody knows better. One that has no such reading yet is not over. Where two readings lie
further apart than the definition allows, nothing is known of the time between. Limits are right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from pestle.pharmacy.calculators.mean_kinetic_temperature import mean_kinetic_temperature
from pestle.pharmacy.calculators.result import Result
from pestle.pharmacy.definition import Source, exact, load_folders, number, text, wrong
from pestle.pharmacy.ledger.storage import Condition
from pestle.pharmacy.refusal import Refusal, refuse

# Colder or warmer than this is a typing error or a broken probe.
COLDEST, WARMEST = Decimal(-50), Decimal(70)
# Readings that the mean is worked out of at most, the newest.
_MOST = 1000
_ENERGY = Decimal("83.144")
_KINDS = {"temperature": frozenset({"condition", "lowest", "highest", "longest_gap"})}


@dataclass(frozen=True, slots=True)
class Limits:
    """Between which temperatures (°C, both still right) a place is to be; how far readings may lie apart."""

    lowest: Decimal
    highest: Decimal
    longest_gap: timedelta
    source: Source

    def holds(self, celsius: Decimal) -> bool:
        """Whether a temperature is right."""
        return self.lowest <= celsius <= self.highest


@dataclass(frozen=True, slots=True, order=True)
class Reading:
    """What a logger or a person read. Of a thermometer that keeps them, `lowest` and `highest` since it was
    last reset."""

    at: datetime
    celsius: Decimal
    lowest: Decimal | None = None
    highest: Decimal | None = None

    @property
    def extremes(self) -> tuple[Decimal, Decimal]:
        """The coldest and the warmest that it tells of."""
        told = [one for one in (self.celsius, self.lowest, self.highest) if one is not None]
        return min(told), max(told)


@dataclass(frozen=True, slots=True)
class Excursion:
    """A stretch outside the limits. `ended` is the first reading inside them; None: it is not over.
    So many `readings` are outside."""

    began: datetime
    ended: datetime | None
    coldest: Decimal
    warmest: Decimal
    readings: int


def read_limits(folder: Path) -> dict[Condition, Limits]:
    """The limits of each condition that has a definition. Raises `Refused` (``definition.…``)."""
    found: dict[Condition, Limits] = {}
    for one in load_folders(folder, kinds=_KINDS).of("temperature"):
        said = text(one, "condition")
        condition = next((each for each in Condition if each.value == said), None)
        low, high = exact(one, "lowest"), exact(one, "highest")
        if condition is None or condition in found:
            raise wrong(one, "condition", "is one that no other definition has")
        if low >= high:
            raise wrong(one, "highest", "is above the lowest")
        found[condition] = Limits(
            Decimal(low.numerator) / low.denominator,
            Decimal(high.numerator) / high.denominator,
            timedelta(hours=number(one, "longest_gap")),
            one.source,
        )
    return found


def readable(celsius: Decimal, *, place: str) -> Refusal | None:
    """Why a temperature cannot be one of a place where medicines are; None when it can."""
    if COLDEST <= celsius <= WARMEST:
        return None
    return Refusal("temperature.not-possible", f"{celsius} °C is no temperature of a place for medicines",
                   place=place, way_out="Look at the thermometer again.")  # fmt: skip


def reading(at: datetime, *, now: Decimal, lowest: Decimal, highest: Decimal) -> Reading:
    """What a person read from a thermometer. Raises `Refused` (``temperature.order``) unless the lowest is
    not above what it shows now, nor that above the highest."""
    if not lowest <= now <= highest:
        raise refuse("temperature.order", "The lowest is above what it shows now, or that above the highest",
                     place="now")  # fmt: skip
    return Reading(at, now, lowest, highest)


def excursions(readings: Iterable[Reading], limits: Limits) -> tuple[Excursion, ...]:
    """Every stretch outside the limits, in order of time.

    A reading whose kept extremes are outside, while it is right itself, is an excursion of its own that ended
    with it: it began at an unknown moment since the reading before.
    """
    found: list[Excursion] = []
    out: list[Reading] = []
    before: datetime | None = None
    for one in sorted(readings):
        coldest, warmest = one.extremes
        if not limits.holds(one.celsius):
            out.append(one)
        else:
            if out:
                found.append(_excursion(out, one))
            elif not (limits.holds(coldest) and limits.holds(warmest)):
                found.append(Excursion(before or one.at, one.at, coldest, warmest, 0))
            out = []
        before = one.at
    if out:
        found.append(_excursion(out, None))
    return tuple(found)


def gaps(
    readings: Iterable[Reading], limits: Limits, *, now: datetime
) -> tuple[tuple[datetime, datetime], ...]:
    """The stretches of which nothing is known, from the first reading until now."""
    moments = [*sorted(one.at for one in readings), now]
    return tuple(
        (first, second) for first, second in pairwise(moments) if second - first > limits.longest_gap
    )


def kinetic(readings: Sequence[Reading]) -> Result | None:
    """The mean kinetic temperature of readings, each counted the same; None for none. It excuses nothing."""
    if not readings:
        return None
    rows = tuple((one.celsius,) for one in sorted(readings)[-_MOST:])
    return mean_kinetic_temperature(temperature=rows, delta_h_kj_mol=_ENERGY)


def may_leave_quarantine(*, waits_for_advice: bool) -> Refusal | None:
    """Why stock in quarantine cannot go back as any other would: an excursion set it aside, and what its
    maker advises is not on record yet (``temperature.advice-first``)."""
    if not waits_for_advice:
        return None
    return Refusal(
        "temperature.advice-first",
        "A temperature excursion set this batch aside: it goes back on its maker’s advice only",
        place="what",
        way_out="A pharmacist releases it on the temperature page of its place, and records the advice.",
    )


def limits_of(condition: Condition | None, known: Mapping[Condition, Limits]) -> Limits | None:
    """The limits of a place; None where nobody said its condition, or no definition has any for it."""
    return known.get(condition) if condition else None


def _excursion(out: list[Reading], ended: Reading | None) -> Excursion:
    told = [each for one in out for each in one.extremes]
    return Excursion(out[0].at, ended.at if ended else None, min(told), max(told), len(out))
