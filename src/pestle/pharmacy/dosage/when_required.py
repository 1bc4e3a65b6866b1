"""How soon again, and how much in 24 hours, may a when-required medicine be taken?

There are no instants for it, only limits. What is not stated is None: no limit is known, which is not the
same as none.

Source: FHIR R4 Dosage.asNeeded, maxDosePerPeriod, maxDosePerAdministration and Timing.repeat (2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

from pestle.pharmacy.dosage.dose import DosageStep, Repeat
from pestle.pharmacy.dosage.rate import amount_in, dose_of, in_days, time_unit
from pestle.pharmacy.dosage.which_days import HOURS
from pestle.pharmacy.quantity import Quantity

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WhenRequired:
    """The limits of one when-required step, which runs from `begin` to before `end` (UTC; None: not stated).

    `minimum_interval` follows from “every 4 to 6 hours” (4 hours). `most_times` in `most_times_in` is what
    the instruction says of how often (3 times in a day). `most_in_24_hours` is the least of what the
    stated maximum, and what so often so much, come to in any 24 hours.
    """

    step: int
    minimum_interval: timedelta | None
    most_times: int | None
    most_times_in: timedelta | None
    most_in_24_hours: Quantity | None
    most_at_once: Quantity | None
    begin: datetime | None = None
    end: datetime | None = None


def when_required(
    step: DosageStep, number: int, *, begin: datetime | None, end: datetime | None
) -> WhenRequired:
    """The limits of that step; `number` is its place in the dosage, from 0."""
    repeat = step.repeat or Repeat()
    period = _period(repeat)
    hourly = repeat.period_unit in HOURS and (repeat.frequency_max or repeat.frequency or 1) == 1
    times = _times(repeat)
    dose = dose_of(step)
    most_at_once = step.max_dose_per_administration or (dose[1] if dose else None)
    return WhenRequired(
        step=number,
        minimum_interval=period if hourly else None,
        most_times=times,
        most_times_in=None if times is None else period or _DAY,
        most_in_24_hours=_most(step, most_at_once, times, period or _DAY),
        most_at_once=most_at_once,
        begin=begin,
        end=end,
    )


def _period(repeat: Repeat) -> timedelta | None:
    if repeat.period is None or repeat.period_unit is None or not 0 < repeat.period <= 10_000:
        return None
    shortest, _ = in_days(repeat.period, repeat.period_unit)
    return timedelta(microseconds=int(shortest * 86_400_000_000))


def _times(repeat: Repeat) -> int | None:
    stated = repeat.frequency_max or repeat.frequency
    if stated is not None and repeat.period is None:
        return None
    named = len(repeat.times_of_day) or len(repeat.when) or None
    return stated or named or (1 if repeat.period is not None or repeat.days_of_week else None)


def _most(
    step: DosageStep, at_once: Quantity | None, times: int | None, period: timedelta
) -> Quantity | None:
    """The smaller of the two amounts in 24 hours; the stated one where they are not in units that convert."""
    stated = _stated(step)
    counted = None
    if at_once is not None and times is not None and period:
        counted = Quantity(at_once.value * times * ceil(_DAY / period), at_once.unit)
    if stated is None or counted is None:
        return stated or counted
    other = amount_in(counted.value, counted.unit.text, stated.unit.text)
    return counted if other is not None and other < Fraction(stated.value) else stated


def _stated(step: DosageStep) -> Quantity | None:
    """What the stated maximum allows in any 24 hours: all of it, where it is for longer than that."""
    top = step.max_dose_per_period
    unit = time_unit(top.denominator.unit.text) if top else None
    if top is None or unit is None or top.denominator.value <= 0:
        return None
    shortest, _ = in_days(top.denominator.value, unit)
    return Quantity(top.numerator.value * Decimal(ceil(1 / shortest)), top.numerator.unit)
