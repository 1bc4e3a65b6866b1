"""How often a day, exactly, and between which bounds?

Rates are fractions of a day, because once a week is one seventh and no decimal says that. A month is 28
to 31 days and a year 365 or 366, so their rates have two ends. What the timing does not settle is
answered with a sentence, never with a number.

Source: FHIR R4 Timing.repeat.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Context, Decimal
from fractions import Fraction

from pestle.pharmacy.dosage.dose import Bounds, DosageStep, PeriodUnit, Repeat, When
from pestle.pharmacy.dosage.units import MASS, VOLUME, unit_word
from pestle.pharmacy.quantity import Quantity, Range


@dataclass(frozen=True, slots=True)
class Span:
    """From `least` to `most`; `most` is None where nothing bounds it."""

    least: Fraction
    most: Fraction | None


# The shortest and the longest that one of each lasts, in days.
_DAYS = {
    PeriodUnit.SECOND: (Fraction(1, 86400),) * 2,
    PeriodUnit.MINUTE: (Fraction(1, 1440),) * 2,
    PeriodUnit.HOUR: (Fraction(1, 24),) * 2,
    PeriodUnit.DAY: (Fraction(1),) * 2,
    PeriodUnit.WEEK: (Fraction(7),) * 2,
    PeriodUnit.MONTH: (Fraction(28), Fraction(31)),
    PeriodUnit.YEAR: (Fraction(365), Fraction(366)),
}
_UNIT_NAMES = {
    "s": PeriodUnit.SECOND, "second": PeriodUnit.SECOND, "min": PeriodUnit.MINUTE,
    "minute": PeriodUnit.MINUTE,
    "h": PeriodUnit.HOUR, "hour": PeriodUnit.HOUR, "d": PeriodUnit.DAY, "day": PeriodUnit.DAY,
    "wk": PeriodUnit.WEEK, "week": PeriodUnit.WEEK, "mo": PeriodUnit.MONTH, "month": PeriodUnit.MONTH,
    "a": PeriodUnit.YEAR, "year": PeriodUnit.YEAR,
}  # fmt: skip
_PLACES = Decimal("0.000001")
WIDE = Context(prec=100)
MEALS = frozenset({When.MEAL, When.BEFORE_MEAL, When.AFTER_MEAL})


def time_unit(text: str) -> PeriodUnit | None:
    """The unit of time that a sender's word or UCUM code names: ``day``, ``days``, ``d``."""
    word = text.strip().casefold()
    return _UNIT_NAMES.get(word) or _UNIT_NAMES.get(word.removesuffix("s"))


def in_days(value: Decimal, unit: PeriodUnit) -> tuple[Fraction, Fraction]:
    """How many days that lasts, at least and at most."""
    shortest, longest = _DAYS[unit]
    return Fraction(value) * shortest, Fraction(value) * longest


def times_per_day(repeat: Repeat | None) -> Span | str:
    """How many times a day the pattern asks for; a sentence where it does not say.

    An open lower end (“up to 4 times a day”) has a least of zero; of a cycle it is the average.
    """
    if repeat is None:
        return "how often is not stated"
    often = _on_a_day_on(repeat)
    if repeat.cycle is None or isinstance(often, str):
        return often
    share = Fraction(repeat.cycle.days_on, repeat.cycle.of)
    return Span(often.least * share, None if often.most is None else often.most * share)


def _on_a_day_on(repeat: Repeat) -> Span | str:
    if any(times is not None and times < 1 for times in (repeat.frequency, repeat.frequency_max)):
        return "the number of times is not more than nothing"
    moments = _moments(repeat)
    if repeat.days_of_week:
        return _on_days(repeat, moments)
    if repeat.period is not None and repeat.period_unit is not None:
        rate = _stated(repeat)
        daily = repeat.period == 1 and repeat.period_unit is PeriodUnit.DAY and repeat.period_max is None
        if isinstance(rate, Span) and moments is not None and daily:
            if repeat.frequency is None and repeat.frequency_max is None:
                return Span(Fraction(moments), Fraction(moments))
            if rate != Span(Fraction(moments), Fraction(moments)):
                return "the number of times a day and the moments of the day do not match"
        return rate
    if repeat.frequency is not None or repeat.frequency_max is not None:
        return "how many times is stated, but not in which time"
    if moments is not None:
        return Span(Fraction(moments), Fraction(moments))
    if repeat.when:
        return "how many meals a day is not stated"
    return "how often is not stated"


def _moments(repeat: Repeat) -> int | None:
    """How many moments of the day are named; None where none is, or where a meal may be any meal."""
    if repeat.times_of_day:
        return len(repeat.times_of_day)
    if not repeat.when or not MEALS.isdisjoint(repeat.when):
        return None
    return len(repeat.when)


def _stated(repeat: Repeat) -> Span | str:
    assert repeat.period is not None
    assert repeat.period_unit is not None
    if repeat.period <= 0:
        return "the period is not more than nothing"
    shortest, longest = _DAYS[repeat.period_unit]
    often = repeat.frequency if repeat.frequency is not None else 0 if repeat.frequency_max else 1
    oftenest = repeat.frequency_max if repeat.frequency_max is not None else often
    widest = repeat.period_max if repeat.period_max is not None else repeat.period
    if widest < repeat.period or oftenest < often:
        return "a range runs from the higher to the lower"
    return Span(often / (Fraction(widest) * longest), oftenest / (Fraction(repeat.period) * shortest))


def _on_days(repeat: Repeat, moments: int | None) -> Span | str:
    days = len(set(repeat.days_of_week))
    if repeat.when and moments is None:
        return "how many meals a day is not stated"
    each = moments or 1
    if repeat.period is None:
        if repeat.frequency is not None or repeat.frequency_max is not None:
            return "how many times is stated, but not in which time"
        return Span(Fraction(days * each, 7), Fraction(days * each, 7))
    whole = repeat.period > 0 and repeat.period == repeat.period.to_integral_value()
    weeks = int(repeat.period) if whole and repeat.period_unit is PeriodUnit.WEEK else 1
    if repeat.period != weeks or repeat.period_max is not None or repeat.frequency_max is not None:
        return "the days of the week and the period do not match"
    if repeat.period_unit is PeriodUnit.DAY:
        often = repeat.frequency or each
        if moments is not None and often != moments:
            return "the number of times a day and the moments of the day do not match"
        return Span(Fraction(often * days, 7), Fraction(often * days, 7))
    if repeat.period_unit is PeriodUnit.WEEK and repeat.frequency in (None, days * each):
        return Span(Fraction(days * each, 7 * weeks), Fraction(days * each, 7 * weeks))
    return "the days of the week and the number of times do not match"


def course_days(bounds: Bounds | None) -> Span | None:
    """How many days the instruction runs; None where no length is stated or it cannot be counted in days.

    From one whole date to another counts both, as FHIR Period does.
    """
    if bounds is None:
        return None
    if bounds.start and bounds.end and bounds.duration is None and bounds.range is None:
        return _dated(bounds.start, bounds.end)
    low = high = bounds.duration
    if bounds.range is not None:
        low, high = bounds.range.low, bounds.range.high
    least = _days_of(low)
    most = _days_of(high)
    if least is None and most is None:
        return None
    return Span(least[0] if least else Fraction(0), most[1] if most else None)


def _dated(start: str, end: str) -> Span | None:
    try:
        days = Fraction((date.fromisoformat(end) - date.fromisoformat(start)).days + 1)
    except ValueError:
        return None
    return Span(days, days) if days > 0 else None


def _days_of(length: Quantity | None) -> tuple[Fraction, Fraction] | None:
    unit = time_unit(length.unit.code or length.unit.text) if length else None
    if length and unit is None:
        unit = time_unit(length.unit.text)
    return in_days(length.value, unit) if length and unit else None


def amount_in(value: Decimal, unit: str, wanted: str) -> Fraction | None:
    """The exact amount of `wanted` that `value` of `unit` is; None where the two do not convert."""
    if unit.casefold() == wanted.casefold():
        return Fraction(value)
    spoon, of = spoonful(unit)
    if spoon is not None:
        value, unit = value * spoon, of
    have, want = unit_word(unit) or unit.casefold(), unit_word(wanted) or wanted.casefold()
    if have == want:
        return Fraction(value)
    for scale in (MASS, VOLUME):
        if have in scale and want in scale:
            return Fraction(value) * Fraction(scale[have]) / Fraction(scale[want])
    return None


def amount_at_most(top: Quantity, dose: Quantity) -> Fraction | None:
    """How much a stated maximum allows in the dose's unit: “4 doses” are four times the dose."""
    allowed = amount_in(top.value, top.unit.text, dose.unit.text)
    if allowed is None and unit_word(top.unit.text) == "dose":
        return Fraction(top.value) * Fraction(dose.value)
    return allowed


def spoonful(unit: str) -> tuple[Decimal | None, str]:
    """The millilitres of one “5ml spoonful”; (None, the unit) for any other unit."""
    size, mark, rest = unit.partition("ml spoonful")
    return (Decimal(size), "ml") if mark and not rest and size.replace(".", "", 1).isdigit() else (None, unit)


def dose_of(step: DosageStep) -> tuple[Quantity | None, Quantity | None] | None:
    """The least and the most at one time as stated; None where no dose is, or where two kinds of dose are."""
    stated = [entry.dose for entry in step.doses if entry.dose is not None]
    if len(stated) != 1:
        return None
    dose = stated[0]
    if isinstance(dose, Range):
        return dose.low, dose.high
    return dose, dose


def decimal_of(value: Fraction) -> Decimal:
    """The same as a Decimal; rounded down after six places where no decimal is exact."""
    exact = WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    return exact if Fraction(exact) == value else exact.quantize(_PLACES, ROUND_DOWN, context=WIDE)
