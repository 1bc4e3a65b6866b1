"""On which days does a pattern fall, and how many doses has each of them?

A pattern that is counted from a day (every other day, every 2 weeks) needs that day, the anchor. What
leaves the days open (“3 times a week”) is refused.

Rules: ``schedule.timing-not-stated``, ``schedule.range``, ``schedule.which-days``, ``schedule.which-weeks``,
``schedule.period``, ``schedule.month-end``, ``schedule.no-anchor``.
Source: FHIR R4 Timing.repeat (hl7.org/fhir/R4, 2019); what it leaves open is ours and said at the line.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from pestle.pharmacy.dosage.dose import Day, PeriodUnit, Repeat
from pestle.pharmacy.dosage.rate import times_per_day
from pestle.pharmacy.refusal import Refused, refuse

_WEEKDAYS = tuple(Day)
HOURS = frozenset({PeriodUnit.SECOND, PeriodUnit.MINUTE, PeriodUnit.HOUR})
# Every month has this day; the 29th to the 31st are not in all of them.
_LAST_DAY_OF_ALL = 28


def doses_a_day(repeat: Repeat) -> int:
    """How many doses a day of the pattern has. Refuses what does not say which days or how many doses."""
    refuse_ranges(repeat)
    often = times_per_day(repeat)
    if isinstance(often, str):
        raise refuse("schedule.timing-not-stated", f"{often[0].upper()}{often[1:]}.", place="timing")
    named = len(repeat.times_of_day) or len(repeat.when) or None
    if repeat.days_of_week:
        daily = repeat.period_unit is PeriodUnit.DAY and repeat.period is not None
        return (repeat.frequency if daily and repeat.frequency else named) or 1
    if repeat.period is None:
        return named or 1
    every_day = repeat.period_unit is PeriodUnit.DAY and repeat.period == 1
    if every_day:
        return repeat.frequency or named or 1
    _whole(repeat.period)
    stated = repeat.frequency or 1
    # Several moments on one day of the period are one day's doses; in a week they might be two days'.
    on_one_day = stated == 1 or (repeat.period_unit is PeriodUnit.DAY and named == stated)
    if not on_one_day or (named is not None and named != stated):
        raise refuse("schedule.which-days", "It does not follow on which days the doses are.",
                     place="repeat.frequency", way_out="Name the days of the week.")  # fmt: skip
    return stated


def refuse_ranges(repeat: Repeat) -> None:
    """Refuses “1 to 2 times” and “every 4 to 6 hours”: a person chooses within a range."""
    ranged = repeat.frequency_max is not None and repeat.frequency_max != repeat.frequency
    if ranged or (repeat.period_max is not None and repeat.period_max != repeat.period):
        raise refuse("schedule.range", "How often is a range: it does not follow when each dose is.",
                     place="repeat", way_out="Settle on one of it for the chart.")  # fmt: skip


def needs_anchor(repeat: Repeat) -> bool:
    """Whether the days are counted from a day: in a cycle, and for all but daily and days of every week."""
    return repeat.cycle is not None or _counts_days(repeat)


def _counts_days(repeat: Repeat) -> bool:
    if repeat.days_of_week:
        return _weeks(repeat) != 1
    return repeat.period is not None and not (repeat.period_unit is PeriodUnit.DAY and repeat.period == 1)


def check_anchor(repeat: Repeat, anchor: date | None) -> None:
    """Refuses an anchor that is missing, or from which the days do not follow."""
    if not needs_anchor(repeat):
        return
    if anchor is None:
        raise no_anchor("The days are counted from the first one, which is not known.")
    if not _counts_days(repeat):
        return
    late = repeat.period_unit is PeriodUnit.MONTH and anchor.day > _LAST_DAY_OF_ALL
    if late or (repeat.period_unit is PeriodUnit.YEAR and (anchor.month, anchor.day) == (2, 29)):
        raise refuse("schedule.month-end", f"Not every month or year has a day {anchor.day}.",
                     place="begins", way_out="Begin on a day that each has.")  # fmt: skip
    passed = [day for day in repeat.days_of_week if _WEEKDAYS.index(day) < anchor.weekday()]
    if passed and len(set(repeat.days_of_week)) > 1:
        raise refuse("schedule.which-weeks", "It begins between the days: which weeks are meant is open.",
                     place="begins", way_out="Begin on the first of the days.")  # fmt: skip


def no_anchor(reason: str) -> Refused:
    """It is to be counted from a moment, and none is given."""
    return refuse("schedule.no-anchor", reason, place="begins",
                  way_out="Say when the treatment begins, or when the last dose was.")  # fmt: skip


def falls_on(day: date, repeat: Repeat, anchor: date | None) -> bool:
    """Whether that day is one of the pattern's. The anchor has passed `check_anchor`."""
    if repeat.cycle is not None:
        assert anchor is not None
        if day < anchor or (day - anchor).days % repeat.cycle.of >= repeat.cycle.days_on:
            return False
    if repeat.days_of_week:
        return _WEEKDAYS[day.weekday()] in repeat.days_of_week and _in_week(day, _weeks(repeat), anchor)
    if not _counts_days(repeat):
        return True
    assert anchor is not None
    assert repeat.period is not None
    if day < anchor:
        return False
    size = _whole(repeat.period)
    if repeat.period_unit in (PeriodUnit.DAY, PeriodUnit.WEEK):
        length = size if repeat.period_unit is PeriodUnit.DAY else 7 * size
        return (day - anchor).days % length == 0
    months = size if repeat.period_unit is PeriodUnit.MONTH else 12 * size
    return day.day == anchor.day and (12 * (day.year - anchor.year) + day.month - anchor.month) % months == 0


def _in_week(day: date, weeks: int, anchor: date | None) -> bool:
    if weeks == 1:
        return True
    assert anchor is not None
    first = anchor + timedelta(days=(day.weekday() - anchor.weekday()) % 7)
    return day >= first and (day - first).days % (7 * weeks) == 0


def _weeks(repeat: Repeat) -> int:
    weekly = repeat.period_unit is PeriodUnit.WEEK and repeat.period is not None
    return _whole(repeat.period) if weekly and repeat.period is not None else 1


def _whole(period: Decimal) -> int:
    if period != period.to_integral_value() or not 1 <= period <= 10_000:
        raise refuse("schedule.period", f"Every {period:f} days, weeks or months is not a whole number.",
                     place="repeat.period")  # fmt: skip
    return int(period)
