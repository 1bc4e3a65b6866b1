"""Is each dose due once, also when the clocks change, and as often as supply says?

The obvious twin looks at every minute of UTC and asks whether the wall clock shows a time of a dose.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pestle.pharmacy.dosage.dose import (
    AsNeeded,
    Bounds,
    Day,
    Dosage,
    DosageStep,
    DoseAndRate,
    PeriodUnit,
    Repeat,
    Timing,
    When,
)
from pestle.pharmacy.dosage.round_times import RoundTimes
from pestle.pharmacy.dosage.schedule import SiteClock, schedule
from pestle.pharmacy.dosage.supply import Daily, daily_amount
from pestle.pharmacy.quantity import Quantity, Range, Unit
from pestle.pharmacy.refusal import Refused

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
# The Sundays on which the clocks change in 2026: London twice, New York twice.
_CHANGES = {
    "Europe/London": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
}
_ROUNDS = RoundTimes({n: tuple(time(6 + 2 * k) for k in range(n)) for n in range(1, 7)})


def _dosage(repeat: Repeat, *, sequence: int = 1) -> DosageStep:
    dose = DoseAndRate(dose=Quantity(Decimal(1), Unit("tablet")))
    return DosageStep(sequence=sequence, timing=Timing(repeat=repeat), doses=(dose,))


def _due(*steps: DosageStep, zone: str, start: datetime, end: datetime, begins: date) -> list[datetime]:
    clock = SiteClock(ZoneInfo(zone), _ROUNDS)
    found = schedule(Dosage(steps), start=start, end=end, clock=clock, begins=begins)
    return [dose.at for dose in found.due]


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone))


_ZONES = st.sampled_from(sorted(_CHANGES))
_MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))


@st.composite
def patterns_of_days(draw: st.DrawFn) -> Repeat:
    """Times of the clock, daily, every few days, or on days of the week."""
    near_the_change = st.integers(0, 3 * 60 + 59).map(lambda minute: time(minute // 60, minute % 60))
    times = tuple(draw(st.lists(near_the_change | _MINUTES, min_size=1, max_size=3, unique=True)))
    if draw(st.booleans()):
        days = tuple(draw(st.lists(st.sampled_from(Day), min_size=1, unique=True)))
        return Repeat(times_of_day=times, days_of_week=days)
    period = draw(st.integers(1, 4))
    return Repeat(
        frequency=len(times), period=Decimal(period), period_unit=PeriodUnit.DAY, times_of_day=times
    )


def _on(day: date, repeat: Repeat, anchor: date) -> bool:
    if repeat.days_of_week:
        return day.strftime("%a").lower() in [each.value for each in repeat.days_of_week]
    return (day - anchor).days % int(repeat.period or 1) == 0


def _minute_by_minute(
    repeat: Repeat, zone: str, start: datetime, end: datetime, anchor: date
) -> list[datetime]:
    place = ZoneInfo(zone)
    found = []
    at = start.astimezone(UTC)
    while at < end:
        local = at.astimezone(place)
        wall = local.replace(tzinfo=None)
        earlier = (at - timedelta(hours=3)).astimezone(place)
        forward = (local.utcoffset() or timedelta()) - (earlier.utcoffset() or timedelta())
        skipped = wall - forward
        exists = (
            skipped.replace(tzinfo=place).astimezone(UTC).astimezone(place).replace(tzinfo=None) == skipped
        )
        hits = [wall] if local.fold == 0 else []
        hits += [skipped] if forward > timedelta() and not exists else []
        found += [at for hit in hits if hit.time() in repeat.times_of_day and _on(hit.date(), repeat, anchor)]
        at += _MINUTE
    return found


@given(patterns_of_days(), _ZONES, st.sampled_from([0, 1]), st.integers(0, 5))
@settings(max_examples=40)
def test_as_the_minutes_of_the_wall_clock(repeat: Repeat, zone: str, which: int, before: int) -> None:
    change = _CHANGES[zone][which]
    anchor = change - before * _DAY
    start, end = _midnight(change - _DAY, zone), _midnight(change + 2 * _DAY, zone)
    anchor = min(anchor, change - _DAY)
    slow = _minute_by_minute(repeat, zone, start, end, anchor)
    if len(set(slow)) < len(slow):
        with pytest.raises(Refused) as caught:
            _due(_dosage(repeat), zone=zone, start=start, end=end, begins=anchor)
        assert caught.value.rule == "schedule.clock-change"
        return
    fast = _due(_dosage(repeat), zone=zone, start=start, end=end, begins=anchor)
    assert fast == slow
    assert len(set(fast)) == len(fast)


@given(st.integers(1, 30), st.integers(0, 10_000), st.integers(0, 5000), _ZONES, st.sampled_from([0, 1]))
def test_every_so_many_hours_is_always_as_long(
    hours: int, begun: int, later: int, zone: str, which: int
) -> None:
    begins = _midnight(_CHANGES[zone][which], zone).astimezone(UTC) - begun * _MINUTE
    start = begins + later * _MINUTE
    end = start + 4 * _DAY
    repeat = Repeat(frequency=1, period=Decimal(hours), period_unit=PeriodUnit.HOUR)
    slow, at = [], begins
    while at < end:
        slow += [at] if at >= start else []
        at += timedelta(hours=hours)
    assert _due(_dosage(repeat), zone=zone, start=start, end=end, begins=begins) == slow


@st.composite
def regular(draw: st.DrawFn) -> tuple[Repeat, int]:
    """A pattern and the days of one whole period of it."""
    often = draw(st.integers(1, 6))
    size = draw(st.integers(1, 4))
    days = tuple(draw(st.lists(st.sampled_from(Day), min_size=1, unique=True)))
    return draw(
        st.sampled_from([
            (Repeat(frequency=often, period=Decimal(1), period_unit=PeriodUnit.DAY), 1),
            (Repeat(frequency=1, period=Decimal(size), period_unit=PeriodUnit.DAY), size),
            (Repeat(frequency=1, period=Decimal(size), period_unit=PeriodUnit.WEEK), 7 * size),
            (Repeat(frequency=often, period=Decimal(1), period_unit=PeriodUnit.DAY, days_of_week=days), 7),
            (Repeat(frequency=1, period=Decimal(size), period_unit=PeriodUnit.WEEK, days_of_week=days[:1]),
             7 * size),
        ])
    )  # fmt: skip


@given(regular(), st.integers(1, 6), _ZONES, st.sampled_from([0, 1]), st.integers(0, 40))
def test_as_many_doses_as_supply_counts(
    pattern: tuple[Repeat, int], periods: int, zone: str, which: int, before: int
) -> None:
    repeat, length = pattern
    first = _CHANGES[zone][which] - before * _DAY
    end = first + periods * length * _DAY
    due = _due(
        _dosage(repeat), zone=zone, start=_midnight(first, zone), end=_midnight(end, zone), begins=first
    )
    daily = daily_amount(Dosage((_dosage(repeat),)))
    assert isinstance(daily, Daily)
    assert Fraction(len(due)) == daily.exact_least * periods * length == daily.exact_most * periods * length


@given(st.integers(1, 12), st.integers(1, 40), _ZONES, st.sampled_from([0, 1]), st.integers(0, 60 * 48))
def test_a_course_every_so_many_hours_has_all_its_doses(
    hours: int, days: int, zone: str, which: int, before: int
) -> None:
    begins = _midnight(_CHANGES[zone][which], zone).astimezone(UTC) - before * _MINUTE
    bounds = Bounds(duration=Quantity(Decimal(days), Unit("day")))
    repeat = Repeat(bounds, frequency=1, period=Decimal(hours), period_unit=PeriodUnit.HOUR)
    due = _due(_dosage(repeat), zone=zone, start=begins, end=begins + 60 * _DAY, begins=begins)
    assert len(due) == -(-24 * days // hours)


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 5)), min_size=1, max_size=5), _ZONES,
       st.sampled_from([0, 1]), st.integers(0, 10), _MINUTES, st.booleans())  # fmt: skip
def test_a_taper_loses_and_doubles_nothing(
    steps: list[tuple[int, int]], zone: str, which: int, before: int, at: time, whole_days: bool
) -> None:
    first = _CHANGES[zone][which] - before * _DAY
    begins = first if whole_days else datetime.combine(first, at, tzinfo=ZoneInfo(zone))
    taper = [
        _dosage(Repeat(Bounds(duration=Quantity(Decimal(days), Unit("day"))), frequency=often,
                       period=Decimal(1), period_unit=PeriodUnit.DAY), sequence=number)
        for number, (often, days) in enumerate(steps)
    ]  # fmt: skip
    due = _due(*taper, zone=zone, start=_midnight(first, zone), end=_midnight(first + 60 * _DAY, zone),
               begins=begins)  # fmt: skip
    assert len(due) == sum(often * days for often, days in steps)
    assert len(set(due)) == len(due)


@given(regular(), _ZONES, st.sampled_from([0, 1]), st.lists(st.integers(1, 200), max_size=4))
def test_two_windows_side_by_side_are_one(
    pattern: tuple[Repeat, int], zone: str, which: int, cuts: list[int]
) -> None:
    change = _CHANGES[zone][which]
    begins = change - 9 * _DAY
    start = _midnight(change - 3 * _DAY, zone)
    edges = [start, *(start + timedelta(hours=hour) for hour in sorted(cuts)), start + 10 * _DAY]
    whole = _due(_dosage(pattern[0]), zone=zone, start=start, end=edges[-1], begins=begins)
    parts = [
        at
        for one, two in pairwise(edges)
        for at in _due(_dosage(pattern[0]), zone=zone, start=one, end=two, begins=begins)
    ]
    assert parts == whole


_NUMBERS = st.none() | st.integers(-1, 4)
_DECIMALS = st.none() | st.sampled_from(
    [Decimal(value) for value in ("-1", "0", "0.5", "1", "2", "3", "1E+9")]
)
_PERIODS = st.none() | st.sampled_from(PeriodUnit)
_LENGTHS = st.none() | st.builds(
    Quantity,
    st.sampled_from([Decimal(value) for value in ("-1", "0", "0.3", "5", "1E+12")]),
    st.sampled_from([Unit(word) for word in ("day", "hour", "month", "year", "moon")]),
)
_DATES = st.none() | st.sampled_from(
    ["2026-10-24", "2026", "", "9999-12-31", "0001-01-01", "2026-10-25T01:30:00Z"]
)
_RANGES = st.none() | st.builds(Range, _LENGTHS, _LENGTHS)
_ANY_REPEAT = st.builds(
    Repeat,
    bounds=st.none() | st.builds(Bounds, duration=_LENGTHS, range=_RANGES, start=_DATES, end=_DATES),
    count=_NUMBERS, count_max=_NUMBERS, duration=_DECIMALS, duration_unit=_PERIODS, frequency=_NUMBERS,
    frequency_max=_NUMBERS, period=_DECIMALS, period_max=_DECIMALS, period_unit=_PERIODS,
    days_of_week=st.lists(st.sampled_from(Day), max_size=2).map(tuple),
    times_of_day=st.lists(_MINUTES, max_size=2).map(tuple),
    when=st.lists(st.sampled_from(When), max_size=2).map(tuple), offset_minutes=_NUMBERS,
)  # fmt: skip
_MOMENTS = st.none() | st.datetimes(timezones=st.just(UTC))
_EVENTS = st.lists(
    st.sampled_from(["2026-10-25", "2026-10-25T01:30:00Z", "2026-10-25T01:30", "soon"]), max_size=2
)


@given(
    st.lists(st.tuples(_ANY_REPEAT, st.booleans(), _EVENTS), min_size=1, max_size=3),
    _MOMENTS,
    _MOMENTS,
    _ZONES,
)
def test_whatever_is_said_is_placed_in_the_window_or_refused(
    said: list[tuple[Repeat, bool, list[str]]], begins: datetime | None, last: datetime | None, zone: str
) -> None:
    steps = tuple(
        replace(
            _dosage(repeat, sequence=number),
            as_needed=AsNeeded() if required else None,
            timing=Timing(repeat=repeat, events=tuple(events)),
        )
        for number, (repeat, required, events) in enumerate(said)
    )
    start, end = datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 27, tzinfo=UTC)
    clock = SiteClock(ZoneInfo(zone), _ROUNDS)
    try:
        found = schedule(Dosage(steps), start=start, end=end, clock=clock, begins=begins, last_dose=last)
    except Refused:
        return
    keys = [(dose.at, dose.step) for dose in found.due]
    assert len(set(keys)) == len(keys)
    assert all(start <= at < end for at, _ in keys)
