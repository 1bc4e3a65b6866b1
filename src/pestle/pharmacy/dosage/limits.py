"""Is this instruction one that can be believed?

A dose, a frequency or a length beyond what is given in practice is more often a slip than an instruction,
so it is not understood until a person has looked.

Rules: ``dosage.range-reversed``, ``dosage.nothing-at-once``, ``dosage.too-much-at-once`` (over 10 counted
units, or over a litre), ``dosage.too-often`` (over 12 times a day, or over once an hour),
``dosage.too-long`` (over a year), ``dosage.units-differ``, ``dosage.max-below-regular``,
``dosage.two-readings``.

Source: NHS England dosage_instructions 506c0d40 (MIT, 2026), value checks VC1-VC3 and CC rules; the litre,
and a hundred million of anything, are ours.
"""

from __future__ import annotations

from fractions import Fraction

from pestle.pharmacy.dosage.amounts import TwoWays
from pestle.pharmacy.dosage.dose import Bounds, DosageStep, PeriodUnit, Repeat
from pestle.pharmacy.dosage.rate import (
    Span,
    amount_at_most,
    amount_in,
    course_days,
    in_days,
    time_unit,
    times_per_day,
)
from pestle.pharmacy.dosage.units import COUNTED, unit_word
from pestle.pharmacy.quantity import Quantity, Range

_MOST_COUNTED = 10
_MOST_ML = 1000
_MOST_TIMES = 12
# Twelve months may be counted as 372 days.
_MOST_DAYS = 372
MOST_OF_ANYTHING = 100_000_000
_PLAIN = frozenset({"", "ml", "milligram", *COUNTED})
_SHORT = (PeriodUnit.HOUR, PeriodUnit.MINUTE, PeriodUnit.SECOND)


def believable(step: DosageStep) -> None:
    """Raises `TwoWays`, with the rule, for a step that is not to be believed as it stands."""
    for entry in step.doses:
        _check_dose(entry.dose)
    repeat = step.repeat
    if repeat is None:
        repeat = _NO_PATTERN
    else:
        _check_length(repeat.bounds)
        _check_up_to(step, repeat)
        if _is_common(repeat) and (step.max_dose_per_period is None or _is_within(step, repeat)):
            return
    if repeat.period is not None and repeat.period_unit is not None:
        shortest, _ = in_days(max(repeat.period, repeat.period_max or repeat.period), repeat.period_unit)
        if shortest > _MOST_DAYS:
            raise TwoWays("dosage.too-long", "the time between two doses would be longer than a year")
    often = times_per_day(repeat)
    if isinstance(often, str):
        if "match" in often or "runs from" in often:
            raise TwoWays("dosage.range-reversed" if "runs from" in often else "dosage.two-readings", often)
        return
    if (often.most or 0) > (24 if repeat.period_unit in _SHORT else _MOST_TIMES) and not _is_few(
        step, repeat
    ):
        raise TwoWays("dosage.too-often", "it would be given more often than is believed")
    _check_maximum(step, often)


def _check_up_to(step: DosageStep, repeat: Repeat) -> None:
    """“up to 50 units daily” is more often the most in a day than the most at one time."""
    times = repeat.frequency or repeat.frequency_max or repeat.when or repeat.times_of_day
    daily = repeat.period == 1 and repeat.period_unit is PeriodUnit.DAY
    if daily and not times and any(_is_open_below(entry.dose) for entry in step.doses):
        raise TwoWays("dosage.two-readings", "“up to” so much a day may be at one time, or in the whole day")


def _is_open_below(dose: Quantity | Range | None) -> bool:
    return isinstance(dose, Range) and dose.low is None


def _is_few(step: DosageStep, repeat: Repeat) -> bool:
    """“every 5 minutes for 3 doses”, “every 5 minutes when required, at most 3 in 15 minutes”: an attack."""
    if repeat.period_unit is not PeriodUnit.MINUTE or repeat.period is None or repeat.period < _LEAST_MINUTES:
        return False
    counted = repeat.count_max or repeat.count
    if counted is not None:
        return counted <= _MOST_COUNTED
    return step.as_needed is not None and step.max_dose_per_period is not None


_LEAST_MINUTES = 3
_NO_PATTERN = Repeat()


def _is_common(repeat: Repeat) -> bool:
    """Whether a plain pattern is within the bounds that `believable` sets, told without fractions."""
    low, high, period, unit = repeat.frequency, repeat.frequency_max, repeat.period, repeat.period_unit
    if repeat.when or repeat.times_of_day or repeat.days_of_week:
        return not repeat.days_of_week and low is None and high is None and period is None
    if repeat.period_max is not None and (period is None or not period <= repeat.period_max <= 24):
        return False
    if period is None or unit is None or (low is not None and high is not None and high < low):
        return False
    often = high or low or 1
    if unit is PeriodUnit.DAY:
        return 1 <= period <= _MOST_DAYS and often <= _MOST_TIMES
    if unit is PeriodUnit.WEEK:
        return 1 <= period <= 53 and often <= _MOST_TIMES
    return unit is PeriodUnit.HOUR and often <= period <= 24


_HOURS = {PeriodUnit.HOUR: 1, PeriodUnit.DAY: 24}


def _is_within(step: DosageStep, repeat: Repeat) -> bool:
    """Whether the least that is regularly taken is surely within the maximum, told without fractions."""
    top, dose = step.max_dose_per_period, step.doses[0].dose if step.doses else None
    low = dose.low if isinstance(dose, Range) else dose
    if top is None or low is None or low.unit.text != top.numerator.unit.text or repeat.period is None:
        return False
    unit = time_unit(top.denominator.unit.text)
    if unit not in _HOURS or repeat.period_unit not in _HOURS:
        return False
    length = top.denominator.value * _HOURS[unit]
    widest = (repeat.period_max or repeat.period) * _HOURS[repeat.period_unit]
    often = repeat.frequency or (0 if repeat.frequency_max else 1)
    return top.numerator.value * widest >= low.value * max(often * length, widest)


def _check_dose(dose: Quantity | Range | None) -> None:
    if dose is None:
        return
    if isinstance(dose, Quantity) and 0 < dose.value <= _MOST_COUNTED and dose.unit.text in _PLAIN:
        return
    if isinstance(dose, Range) and dose.low is not None and dose.high is not None:
        unit = dose.high.unit.text
        if (
            dose.low.unit.text == unit
            and unit in _PLAIN
            and 0 < dose.low.value <= dose.high.value <= _MOST_COUNTED
        ):
            return
    low, high = (dose.low, dose.high) if isinstance(dose, Range) else (dose, dose)
    first = low or high
    if first is None or first.value <= 0:
        raise TwoWays("dosage.nothing-at-once", "the amount at one time is nothing")
    if any(end is not None and end.value > MOST_OF_ANYTHING for end in (low, high)):
        raise TwoWays("dosage.too-much-at-once", "more than a hundred million at one time is not believed")
    if low is not None and high is not None:
        as_high = amount_in(low.value, low.unit.text, high.unit.text)
        if as_high is None:
            raise TwoWays("dosage.units-differ", f"a range from {low} to {high} cannot be compared")
        if as_high > high.value:
            raise TwoWays("dosage.range-reversed", "the range runs from the higher to the lower")
    if high is None:
        return
    counted = not high.unit.text or unit_word(high.unit.text) in COUNTED
    millilitres = amount_in(high.value, high.unit.text, "ml")
    if (counted and high.value > _MOST_COUNTED) or (millilitres or 0) > _MOST_ML:
        raise TwoWays("dosage.too-much-at-once", f"{str(high).strip()} at one time is not believed")


# Surely within the longest treatment.
_FEW = {"day": _MOST_DAYS, "week": 53, "month": 12}


def _check_length(bounds: Bounds | None) -> None:
    if bounds is None:
        return
    length = bounds.duration
    if length is not None and length.value <= 0:
        raise TwoWays("dosage.two-readings", "a treatment of no time at all is said")
    if length is not None and length.value <= _FEW.get(length.unit.text, 0):
        return
    course = course_days(bounds)
    if course and max(course.least, course.most or Fraction(0)) > _MOST_DAYS:
        raise TwoWays("dosage.too-long", "the treatment would last longer than a year")


def _check_maximum(step: DosageStep, often: Span) -> None:
    """A maximum below what is regularly taken contradicts the instruction."""
    top = step.max_dose_per_period
    dose = step.doses[0].dose if step.doses else None
    low = dose.low if isinstance(dose, Range) else dose
    unit = time_unit(top.denominator.unit.text) if top else None
    if top is None or low is None or unit is None:
        return
    allowed = amount_at_most(top.numerator, low)
    if allowed is None:
        raise TwoWays("dosage.units-differ", "the dose and its maximum are in units that do not compare")
    length, _ = in_days(top.denominator.value, unit)
    regular = Fraction(1) if step.as_needed else max(often.least * length, Fraction(1))
    if allowed < Fraction(low.value) * regular:
        raise TwoWays("dosage.max-below-regular", "the maximum is less than the amount that is to be taken")
