"""From when to when does one step of an instruction run?

A course that is counted in days runs on the clock of the wall: seven days from 14:00 end at 14:00, also
across a clock change, and hold seven times a day's doses. One that is counted in hours, and every course
of doses “every n hours”, runs on elapsed time: seven days are 168 hours, whatever the wall says.

Rules: ``schedule.no-zone``, ``schedule.written-date``, ``schedule.two-starts``, ``schedule.two-ends``,
``schedule.no-anchor``, ``schedule.length``.
Source: FHIR R4 Timing.repeat.bounds, Period (an end includes the whole of what it names), dateTime (2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pestle.pharmacy.dosage.dose import Bounds, PeriodUnit
from pestle.pharmacy.dosage.rate import time_unit
from pestle.pharmacy.dosage.round_times import RoundTimes
from pestle.pharmacy.dosage.which_days import HOURS, no_anchor
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.refusal import Refused, refuse

_SECONDS = {PeriodUnit.SECOND: 1, PeriodUnit.MINUTE: 60, PeriodUnit.HOUR: 3600,
            PeriodUnit.DAY: 86400, PeriodUnit.WEEK: 7 * 86400}  # fmt: skip
# What no chart holds: it is refused before it is counted.
MOST_DOSES = 100_000
_FIRST_YEAR, _LAST_YEAR = 1900, 2999
_ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the wall clock (without a zone) and in UTC. `day_only`: only its day is known."""

    wall: datetime
    at: datetime
    day_only: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """From `begin` to before an end: certainly to `sure_end`, perhaps to `last_end` (None: no end)."""

    begin: Mark | None
    sure_end: Mark | None
    last_end: Mark | None


@dataclass(frozen=True, slots=True)
class SiteClock:
    """Where and at which round times the doses are given."""

    zone: ZoneInfo
    rounds: RoundTimes


@dataclass(frozen=True, slots=True)
class Plan:
    """What holds for every step: the window, the site's clock, the last dose known."""

    window: tuple[datetime, datetime]
    clock: SiteClock
    last: Mark | None


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a wall time. One that is skipped in spring is as many minutes after the change as
    it would have been; of one that comes twice in autumn, the first.
    """
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def mark(moment: datetime | date, zone: ZoneInfo, *, place: str) -> Mark:
    """A moment, or the midnight that begins a day."""
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise refuse("schedule.written-date", f"The year {moment.year} is not believed.", place=place)
    if not isinstance(moment, datetime):
        wall = datetime.combine(moment, time())
        return Mark(wall, instant(wall, zone), day_only=True)
    if moment.utcoffset() is None:
        raise refuse("schedule.no-zone", f"{moment.isoformat()} has no zone.", place=place)
    at = moment.astimezone(UTC)
    return Mark(at.astimezone(zone).replace(tzinfo=None), at)


def written(text: str, zone: ZoneInfo, *, place: str) -> datetime | date:
    """A FHIR date or dateTime. Refuses one without a day (“2021-06”), or with a time and no zone."""
    try:
        if len(text) == len("2021-06-24"):
            day = date.fromisoformat(text)
            return mark(day, zone, place=place).wall.date()
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise refuse("schedule.written-date", f"“{text}” is no whole date.", place=place) from None
    return mark(moment, zone, place=place).at


def course(bounds: Bounds | None, begins: Mark | None, *, zone: ZoneInfo, elapsed: bool) -> Course:
    """When a step runs that may begin from `begins` on; `elapsed` for doses every so many hours."""
    bounds = bounds or Bounds()
    begin = _begin(bounds, begins, zone)
    if bounds.end is not None:
        if bounds.duration or bounds.range:
            raise refuse("schedule.two-ends", "It states a length and the date of its end.", place="bounds")
        end = _through(written(bounds.end, zone, place="bounds.end"), zone)
        return Course(begin, end, end)
    if bounds.duration is None and bounds.range is None:
        return Course(begin, None, None)
    low = high = bounds.duration
    if bounds.range is not None:
        low, high = bounds.range.low, bounds.range.high
    if begin is None:
        raise no_anchor("How long it runs is counted from its beginning, which is not known.")
    sure = begin if low is None else _after(begin, low, zone, elapsed=elapsed)
    return Course(begin, sure, None if high is None else _after(begin, high, zone, elapsed=elapsed))


def _begin(bounds: Bounds, begins: Mark | None, zone: ZoneInfo) -> Mark | None:
    if bounds.start is None:
        return begins
    stated = mark(written(bounds.start, zone, place="bounds.start"), zone, place="bounds.start")
    if begins is None or stated.wall.date() > begins.wall.date():
        return stated
    if stated.wall.date() == begins.wall.date():
        return begins if stated.day_only else stated
    raise refuse("schedule.two-starts", f"It is stated to begin on {bounds.start}, before it can begin.",
                 place="bounds.start")  # fmt: skip


def _through(end: datetime | date, zone: ZoneInfo) -> Mark:
    """Just after the whole of what the end names: its day, or its second."""
    if isinstance(end, datetime):
        return mark(end + _ONE_SECOND, zone, place="bounds.end")
    return mark(end + timedelta(days=1), zone, place="bounds.end")


def _after(begin: Mark, length: Quantity, zone: ZoneInfo, *, elapsed: bool) -> Mark:
    unit = time_unit(length.unit.code or length.unit.text) or time_unit(length.unit.text)
    if unit is None or length.value < 0:
        raise _length(length)
    try:
        if unit in (PeriodUnit.MONTH, PeriodUnit.YEAR):
            return _months_after(begin, length, 12 if unit is PeriodUnit.YEAR else 1, zone)
        seconds = length.value * _SECONDS[unit]
        if seconds != int(seconds):
            raise _length(length)
        by = timedelta(seconds=int(seconds))
        if elapsed or unit in HOURS:
            if begin.day_only:
                raise no_anchor("How long it runs is counted from a moment, and only the day is known.")
            at = begin.at + by
            return Mark(at.astimezone(zone).replace(tzinfo=None), at)
        return Mark(begin.wall + by, instant(begin.wall + by, zone), begin.day_only)
    except OverflowError:
        raise _length(length) from None


def _months_after(begin: Mark, length: Quantity, each: int, zone: ZoneInfo) -> Mark:
    months = length.value * each
    if months != int(months) or begin.wall.day > 28:
        raise refuse("schedule.length", f"On which day {length} from a {begin.wall:%d %B} end is open.",
                     place="bounds", way_out="State the length in days or weeks.")  # fmt: skip
    count = begin.wall.month - 1 + int(months)
    year = begin.wall.year + count // 12
    if year > date.max.year:
        raise _length(length)
    wall = begin.wall.replace(year=year, month=count % 12 + 1)
    return Mark(wall, instant(wall, zone), begin.day_only)


def _length(length: Quantity) -> Refused:
    return refuse("schedule.length", f"“{length}” is no length that can be counted.", place="bounds")


def runs_at(moment: Mark, run: Course) -> bool:
    """Whether the course runs at that instant, or may."""
    begun = run.begin is None or run.begin.at <= moment.at
    return begun and (run.last_end is None or moment.at < run.last_end.at)


def within(wall: datetime, run: Course) -> bool:
    """Whether the course certainly runs at that wall time."""
    begun = run.begin is None or run.begin.wall <= wall
    return begun and (run.sure_end is None or wall < run.sure_end.wall)
