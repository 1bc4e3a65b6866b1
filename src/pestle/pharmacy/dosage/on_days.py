"""At which instants are doses that are given on days, at times of the clock?

Each is placed on the wall clock of the zone and then turned into its instant, so that a day with a clock
change has as many doses as any other.

Rules: ``schedule.first-dose``, ``schedule.last-dose``, ``schedule.count``, ``schedule.window``,
``schedule.clock-change`` and those of `which_days` and `round_times`. Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from pestle.pharmacy.dosage.course import MOST_DOSES, Course, Mark, Plan, instant, runs_at, within
from pestle.pharmacy.dosage.dose import Repeat
from pestle.pharmacy.dosage.round_times import clock_times
from pestle.pharmacy.dosage.which_days import check_anchor, doses_a_day, falls_on, needs_anchor
from pestle.pharmacy.refusal import Refused, refuse

_DAY = timedelta(days=1)
# A zone may skip a whole day, and puts what fell on it a day later.
_SKIPPED = 2 * _DAY
# The planned doses around the last one given lie within this, also of a yearly one.
_NEIGHBOURS = 800 * _DAY


def on_days(repeat: Repeat, run: Course, plan: Plan) -> list[datetime]:
    """Up to the end of the window; from a little before it on, where no dose is counted. Those after the
    last dose given, where it is known.
    """
    days = _days(repeat, run, plan)
    start, end = (at.astimezone(plan.clock.zone).date() for at in plan.window)
    first = start - _SKIPPED
    if repeat.count is not None and run.begin is not None:
        first = run.begin.wall.date()
    found = unfolded(days.walls(first, end), plan)
    if plan.last is None or not runs_at(plan.last, run) or days.from_last:
        return found
    if repeat.count is not None:
        raise refuse("schedule.count", "How many doses were given up to the last one is not known.",
                     place="last_dose")  # fmt: skip
    _refuse_early(days, plan.last, plan)
    return [at for at in found if at > plan.last.at]


@dataclass(frozen=True, slots=True)
class _Days:
    """A pattern of days with the times of a day. `from_last`: counted from the day of the last dose."""

    repeat: Repeat
    run: Course
    times: tuple[time, ...]
    anchor: date | None
    from_day: date | None
    from_last: bool

    def walls(self, first: date, last: date) -> Iterator[datetime]:
        """The wall times of the days from `first` to `last`, within the course."""
        if (last - first).days > MOST_DOSES:
            raise refuse("schedule.window", f"More than {MOST_DOSES:,} days are to be counted.",
                         place="begins")  # fmt: skip
        day = first if self.from_day is None else max(first, self.from_day)
        while day <= last:
            if falls_on(day, self.repeat, self.anchor):
                walls = (datetime.combine(day, at) for at in self.times)
                yield from (wall for wall in walls if within(wall, self.run))
            day += _DAY


def _days(repeat: Repeat, run: Course, plan: Plan) -> _Days:
    often = doses_a_day(repeat)
    from_day = run.begin.wall.date() if run.begin else None
    anchor = from_day
    # In which day of its cycle the last dose was is not known.
    counted = needs_anchor(repeat) and repeat.cycle is None
    from_last = run.begin is None and plan.last is not None and counted
    if from_last and plan.last is not None:
        if often > 1:
            raise _which_last("its day may have more of them")
        anchor = plan.last.wall.date()
        from_day = anchor + _DAY
    check_anchor(repeat, anchor)
    times = clock_times(repeat, often, plan.clock.rounds)
    if run.begin is not None and needs_anchor(repeat):
        _refuse_lost_first(repeat, run.begin, times)
    return _Days(repeat, run, times, anchor, from_day, from_last)


def _refuse_lost_first(repeat: Repeat, begin: Mark, times: tuple[time, ...]) -> None:
    """Between two days of the pattern a first dose that is already past would be missed for days."""
    day = begin.wall.date()
    if falls_on(day, repeat, day) and datetime.combine(day, times[0]) < begin.wall:
        raise refuse("schedule.first-dose", "It begins after the time of its first dose that day.",
                     place="begins", way_out="Give the day, or the moment, of the first dose.")  # fmt: skip


def _refuse_early(days: _Days, last: Mark, plan: Plan) -> None:
    """The last dose belongs to the planned one before it, unless it is nearer to the one after it."""
    around = days.walls(last.wall.date() - _NEIGHBOURS, last.wall.date() + _NEIGHBOURS)
    planned = [instant(wall, plan.clock.zone) for wall in around]
    before = max((at for at in planned if at <= last.at), default=None)
    after = min((at for at in planned if at > last.at), default=None)
    if after is not None and (before is None or after - last.at <= last.at - before):
        raise _which_last(f"it may be the one planned for {after.astimezone(plan.clock.zone):%d/%m/%Y %H:%M}")


def _which_last(reason: str) -> Refused:
    return refuse("schedule.last-dose", f"Which planned dose the last one was is open: {reason}.",
                  place="last_dose", way_out="Give the planned time of the last dose.")  # fmt: skip


def unfolded(walls: Iterable[datetime], plan: Plan) -> list[datetime]:
    """Their instants before the window's end. Two that a clock change brings together are refused."""
    instants = sorted(instant(wall, plan.clock.zone) for wall in walls)
    twice = [at for at, following in pairwise(instants) if at == following]
    if twice:
        local = twice[0].astimezone(plan.clock.zone)
        raise refuse("schedule.clock-change", f"The clock change brings two doses to {local:%d/%m/%Y %H:%M}.",
                     place="timing", way_out="Settle by hand when they are given.")  # fmt: skip
    return [at for at in instants if at < plan.window[1]]
