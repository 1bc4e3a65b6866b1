"""When exactly is each dose due, between two moments?

Instants are UTC. Doses of the day are placed on the wall clock of the zone, from the site's round times;
doses every so many hours on elapsed time, from the beginning or the last dose known. At a clock change no
dose is lost and none doubled. What does not follow from the instruction is refused by its name, never
placed by guess; a when-required step has limits and no instants.

Rules: those of `agree`, `round_times`, `which_days`, `course`, `on_days` and `every_hours`, and
``schedule.window``, ``schedule.events-and-pattern``, ``schedule.cycle``, ``schedule.next-step``,
``schedule.until-when``, ``schedule.waking-hours``. Source: FHIR R4 Dosage and Timing (2019); what that
leaves open is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.dosage.course import Course, Mark, Plan, course, mark, within, written
from pestle.pharmacy.dosage.course import SiteClock as SiteClock
from pestle.pharmacy.dosage.dose import Dosage, DosageStep, PeriodUnit, Repeat
from pestle.pharmacy.dosage.every_hours import every_hours, every_so_many_hours
from pestle.pharmacy.dosage.on_days import on_days, unfolded
from pestle.pharmacy.dosage.phrases import WAKING
from pestle.pharmacy.dosage.rate import in_days
from pestle.pharmacy.dosage.round_times import clock_times
from pestle.pharmacy.dosage.when_required import WhenRequired, when_required
from pestle.pharmacy.dosage.which_days import HOURS, doses_a_day, no_anchor
from pestle.pharmacy.refusal import Refused, refuse

_LONGEST_WINDOW = timedelta(days=5 * 366)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """One dose: its instant (UTC) and its step, by its place in `Schedule.steps` from 0."""

    at: datetime
    step: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """The doses due, in order, and the limits of the when-required steps that run in the window."""

    steps: tuple[DosageStep, ...]
    due: tuple[Due, ...]
    when_required: tuple[WhenRequired, ...] = ()


def schedule(
    dosage: Dosage,
    *,
    start: datetime,
    end: datetime,
    clock: SiteClock,
    begins: datetime | date | None = None,
    last_dose: datetime | None = None,
) -> Schedule:
    """The doses due from `start` to before `end`, at most five years apart.

    `begins` is when the treatment begins: a moment, or a day whose doses are all meant. `last_dose` is
    when the last dose was given: nothing up to then is due, doses every so many hours are counted from it,
    and so are days, where `begins` is not known. Raises `Refused`.
    """
    window = _window(start, end)
    reading = read_dosage(dosage)
    if reading.dosage is None:
        assert reading.refusal is not None
        raise Refused(reading.refusal)
    steps = reading.dosage.steps
    last = mark(last_dose, clock.zone, place="last_dose") if last_dose else None
    first = None if begins is None else mark(begins, clock.zone, place="begins")
    due: list[Due] = []
    limits: list[WhenRequired] = []
    plan = Plan(window, clock, last)
    follows = _Follows(first)
    groups = _groups(steps)
    for group in groups:
        if follows.begin is not None and follows.begin.at >= window[1]:
            break
        ends = []
        for number in group:
            placed = _place(steps[number], number, plan, follows)
            due += [Due(at, number) for at in placed.instants if at >= window[0]]
            limits += [placed.limits] if placed.limits else []
            ends.append(placed.then)
        if group == groups[-1]:
            break
        if any(then != ends[0] for then in ends):
            raise _next_step("steps at the same time end at different times")
        if ends[0] is None:
            raise _next_step("the step before it has no end")
        follows = ends[0]
    return Schedule(steps, tuple(sorted(due, key=lambda dose: (dose.at, dose.step))), tuple(limits))


@dataclass(frozen=True, slots=True)
class _Follows:
    """From when a step may run: from a moment, or after the last of a counted number of doses."""

    begin: Mark | None
    after: Mark | None = None


@dataclass(frozen=True, slots=True)
class _Placed:
    """The instants of a step up to the end of the window, and what follows it (None: it has no end)."""

    instants: list[datetime]
    then: _Follows | None
    limits: WhenRequired | None = None


def _window(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    if start.utcoffset() is None or end.utcoffset() is None:
        raise refuse("schedule.no-zone", "The window has no zone.", place="start")
    if not timedelta(0) <= end - start <= _LONGEST_WINDOW or not 1900 < start.year < 2900:
        raise refuse("schedule.window", "The window is not from a moment to a later one, five years at most.",
                     place="end")  # fmt: skip
    return start.astimezone(UTC), end.astimezone(UTC)


def _groups(steps: tuple[DosageStep, ...]) -> list[list[int]]:
    """The places of the steps that run at the same time, one group after another."""
    order = sorted(range(len(steps)), key=lambda number: steps[number].sequence or 0)
    return [list(group) for _, group in groupby(order, key=lambda number: steps[number].sequence)]


def _next_step(reason: str) -> Refused:
    return refuse("schedule.next-step", f"When the next step begins is open: {reason}.", place="sequence")


def _place(step: DosageStep, number: int, plan: Plan, follows: _Follows) -> _Placed:
    repeat = step.repeat or Repeat()
    hourly = repeat.period_unit in HOURS and repeat.period is not None
    if follows.after is not None:
        follows = _Follows(_maintenance(repeat, hourly, follows.after, plan))
    run = course(repeat.bounds, follows.begin, zone=plan.clock.zone, elapsed=hourly)
    if run.sure_end != run.last_end and (run.sure_end is None or plan.window[1] > run.sure_end.at):
        raise refuse("schedule.until-when", "How long it runs is a range, and the window reaches into it.",
                     place="bounds", way_out="Settle on one length for the chart.")  # fmt: skip
    then = _Follows(run.sure_end) if run.sure_end else None
    if step.as_needed is not None:
        return _Placed([], then, _limits(step, number, run, plan))
    if repeat.count_max is not None and repeat.count_max != repeat.count:
        raise refuse("schedule.range", "How many doses is a range.", place="repeat.count")
    instants = _instants(step, run, plan)
    if repeat.count is not None:
        return _counted(instants, repeat.count, run, then, plan)
    return _Placed(instants, then)


def _limits(step: DosageStep, number: int, run: Course, plan: Plan) -> WhenRequired | None:
    begin = run.begin.at if run.begin else None
    end = run.sure_end.at if run.sure_end else None
    over = (begin is not None and begin >= plan.window[1]) or (end is not None and end <= plan.window[0])
    return None if over else when_required(step, number, begin=begin, end=end)


def _maintenance(repeat: Repeat, hourly: bool, after: Mark, plan: Plan) -> Mark:
    """After counted doses: so many hours after the last of them, or, for one dose a day, the next day.

    With several doses a day it is open whether the next round comes too soon.
    """
    if hourly:
        return mark(after.at + every_hours(repeat), plan.clock.zone, place="sequence")
    if doses_a_day(repeat) > 1:
        raise _next_step("the first of several doses a day might come too soon after it")
    return mark(after.wall.date() + _DAY, plan.clock.zone, place="sequence")


def _counted(instants: list[datetime], count: int, run: Course, then: _Follows | None, plan: Plan) -> _Placed:
    if run.begin is None:
        raise no_anchor("The doses are counted from the first one, which is not known.")
    chosen = instants[:count]
    if then is None and len(chosen) == count and chosen:
        then = _Follows(None, mark(chosen[-1], plan.clock.zone, place="count"))
    if then is None:
        # The counting goes on behind the window, and no later step begins within it.
        behind = mark(plan.window[1], plan.clock.zone, place="end")
        then = _Follows(behind)
    return _Placed(chosen, then)


def _instants(step: DosageStep, run: Course, plan: Plan) -> list[datetime]:
    """From the beginning, or a little before the window where no dose is counted, to the window's end."""
    repeat = step.repeat or Repeat()
    if any(note.text.casefold() in WAKING for note in step.additional_instructions):
        raise refuse("schedule.waking-hours", "It is only while awake, and when that is is not said.",
                     place="timing", way_out="State the times of the day.")  # fmt: skip
    if step.timing and step.timing.events:
        return _stated_moments(step.timing.events, repeat, run, plan)
    if _once_only(repeat):
        if run.begin is None or run.begin.day_only:
            raise no_anchor("It is one dose, and its moment is not known.")
        return [run.begin.at] if run.begin.at < plan.window[1] else []
    _refuse_cycle(repeat)
    if repeat.period_unit in HOURS and repeat.period is not None:
        return every_so_many_hours(repeat, run, plan)
    return on_days(repeat, run, plan)


def _once_only(repeat: Repeat) -> bool:
    return repeat.count == 1 and repeat == Repeat(count=1, bounds=repeat.bounds)


def _refuse_cycle(repeat: Repeat) -> None:
    if repeat.duration is None or repeat.duration_unit is None:
        return
    longest = in_days(repeat.duration, repeat.duration_unit)[1]
    if longest > 1 or (repeat.period_unit is PeriodUnit.MONTH and longest >= 1):
        raise refuse("schedule.cycle", "It runs for days and pauses: what is done on those days is not said.",
                     place="repeat.duration", way_out="Order each part of the cycle by itself.")  # fmt: skip


def _stated_moments(events: tuple[str, ...], repeat: Repeat, run: Course, plan: Plan) -> list[datetime]:
    if repeat != Repeat(bounds=repeat.bounds, times_of_day=repeat.times_of_day, when=repeat.when):
        raise refuse("schedule.events-and-pattern", "It states dates and a pattern.", place="timing")
    instants: list[datetime] = []
    days: list[datetime] = []
    for number, event in enumerate(events):
        moment = mark(
            written(event, plan.clock.zone, place=f"event[{number}]"), plan.clock.zone, place="event"
        )
        if not moment.day_only:
            instants += [moment.at] if within(moment.wall, run) and moment.at < plan.window[1] else []
            continue
        often = len(repeat.times_of_day) or len(repeat.when) or 1
        times = clock_times(repeat, often, plan.clock.rounds)
        days += [datetime.combine(moment.wall.date(), at) for at in times]
    instants += unfolded((wall for wall in days if within(wall, run)), plan)
    if len(set(instants)) != len(instants):
        raise refuse("schedule.same-time", "Two of the stated moments are one.", place="event")
    return sorted(instants)
