"""Which tests does a patient's treatment ask for, when was each done last, and up to which day is it in time?

The one reasoning about monitoring: the check reads from it what a prescription must be told, the practice's
list what is due. Each rule of a definition gives a last day on which the test is still in time; of several
the earliest that surely holds is the strictest, and is named. A rule of which nobody can tell whether it
holds stands beside it as a doubt. What was settled for the patient (`OwnInterval`) takes the place of the
rules for that test as long as it holds. Whether a rule holds is asked as of today: nobody knows who will be
frail next year.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pestle.pharmacy.checks.known.monitoring import (
    DAYS_PER_ML,
    LOOKS_BACK,
    OFTEN_BELOW,
    Limit,
    Monitoring,
    MonitoringKnowledge,
    Phase,
    Test,
)
from pestle.pharmacy.criteria.answer import Answer, Missing, Verdict
from pestle.pharmacy.criteria.clearance import clearance
from pestle.pharmacy.criteria.evaluate import answer
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.criteria.span import Span, SpanUnit
from pestle.pharmacy.record.monitoring_plan import KnownStart, OwnInterval
from pestle.pharmacy.record.observable import Observable
from pestle.pharmacy.record.result import Found, NoResult, Why

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A rule of which nobody can tell whether it holds; by it the test is in time up to `due` (None: nobody
    can tell that either)."""

    test: Test
    due: date | None
    missing: tuple[Missing, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One test: the `last` there is, the strictest `rule`, and the last day `due` on which it is in time.

    No rule and no day: nothing that is known asks for it. `doubts` are stricter rules that may hold.
    """

    observable: Observable
    last: Found | None
    rule: Test | OwnInterval | None
    due: date | None
    doubts: tuple[Doubt, ...] = ()

    def overdue(self, *, on: date) -> bool:
        """Whether the test is surely late, or is to be done before the first supply and is not there."""
        return self.due is not None and self.due < on

    def open(self, *, on: date) -> tuple[Doubt, ...]:
        """The doubts of which one may make it late."""
        return tuple(each for each in self.doubts if each.due is None or each.due < on)


def started(group: Monitoring, day: PatientDay) -> date | None:
    """When treatment began: as a person settled it, else the first day on record on which the patient had a
    medicine of the group; None when there is none."""
    plan = settled_start(group, day)
    if plan is not None:
        return plan.on.first
    return min(
        (
            event.when.first
            for event in day.issues
            if event.when is not None
            and event.when.first <= day.on
            and day.is_on(group.medicines, event.medication)
        ),
        default=None,
    )


def settled_start(group: Monitoring, day: PatientDay) -> KnownStart | None:
    """When treatment began as a person settled it; None where nobody did."""
    for plan in day.record.monitoring:
        if isinstance(plan, KnownStart) and plan.group == group.name:
            return plan
    return None


def wanted(
    group: Monitoring, since: date | None, known: MonitoringKnowledge, day: PatientDay
) -> tuple[Wanted, ...]:
    """Every test of the group, by its title, for treatment since a day; None: before the first supply."""
    by_kind: dict[Observable, list[Test]] = {}
    for test in group.tests:
        by_kind.setdefault(test.observable, []).append(test)
    own = {each.observable: each for each in day.record.monitoring if isinstance(each, OwnInterval)}
    return tuple(
        _wanted(kind, tests, own.get(kind.name), since, known, day)
        for kind, tests in sorted(by_kind.items(), key=lambda each: each[0].title)
    )


def done_on(last: Found | None) -> date | None:
    """The day on which a test was done, the last that it can be; None when it was not, as far as is known."""
    return last.taken.last if last is not None and last.taken is not None else None


def limits(group: Monitoring, since: date | None, day: PatientDay) -> Iterator[tuple[Limit, Answer]]:
    """The limits that a result passes, the worst of each kind, and those of which nobody can tell.

    That there is no result, or an old one, is told by the test that is due.
    """
    told: set[str] = set()
    for limit in group.limits:
        if limit.of.name in told or (limit.starting and since is not None):
            continue
        asked = answer(limit.when, day)
        if asked.verdict is Verdict.IN or (
            asked.verdict is Verdict.CANNOT_TELL and not (group.asks_for(limit.of) and _gone(limit, day))
        ):
            told.add(limit.of.name)
            yield limit, asked


def _wanted(
    kind: Observable,
    tests: Iterable[Test],
    own: OwnInterval | None,
    since: date | None,
    known: MonitoringKnowledge,
    day: PatientDay,
) -> Wanted:
    last = day.results.newest(kind, on=day.on)
    taken = done_on(last)
    if own is not None and since is not None and own.until >= day.on:
        every = Span(own.number, SpanUnit(own.unit))
        return Wanted(kind, last, own, _in_time(every, since, taken))
    doubts: list[Doubt] = []
    dated: list[tuple[date, Test]] = []
    for test in tests:
        due = _last_day(test, since, taken, known, day)
        if isinstance(due, Missing):
            doubts.append(Doubt(test, None, (due,)))
        elif due is not None:
            dated.append((due, test))
    # The sort is stable: of two for the same day the one that is asked for more often stands first.
    for due, test in sorted(dated, key=lambda each: each[0]):
        asked = None if test.when is None else answer(test.when, day)
        if asked is None or asked.verdict is Verdict.IN:
            return Wanted(kind, last, test, due, tuple(doubts))
        if asked.missing:
            doubts.append(Doubt(test, due, asked.missing))
    return Wanted(kind, last, None, None, tuple(doubts))


def _last_day(
    test: Test, since: date | None, taken: date | None, known: MonitoringKnowledge, day: PatientDay
) -> date | Missing | None:
    """The last day on which a test is in time by one rule; None when the rule does not ask for it now."""
    if test.phase is Phase.BASELINE:
        if since is not None:
            return None
        return day.on - _DAY if taken is None else known.baseline.after(taken)
    if since is None:
        return None
    if test.phase is Phase.BY_CLEARANCE:
        known_so = clearance(known.kidneys, day)
        if isinstance(known_so, Missing):
            return known_so if _asked_for(test, since, on=day.on) else None
        cleared, _ = known_so
        if cleared >= OFTEN_BELOW:
            return None
        due = since - _DAY if taken is None else taken + timedelta(days=int(cleared * DAYS_PER_ML))
    else:
        assert test.every is not None
        if test.phase is Phase.ONCE and taken is not None and taken >= since:
            return None
        due = _in_time(test.every, since, taken)
    if test.after is not None:
        # It is asked for from the first day of its time on treatment, and not late before.
        due = max(due, test.after.after(since - _DAY))
    if test.lasts is not None:
        ends = test.lasts.after(since - _DAY)
        if ends < day.on or ends <= due:
            return None
    return due


def _in_time(every: Span, since: date, taken: date | None) -> date:
    """Nobody is late with a test whose time has not passed since the start."""
    return every.after(since - _DAY if taken is None or taken < since else taken)


def _asked_for(test: Test, since: date, *, on: date) -> bool:
    """Whether the time on treatment is one in which the test is asked for."""
    begun = test.after is None or since <= test.after.before(on)
    return begun and (test.lasts is None or since > test.lasts.before(on))


def _gone(limit: Limit, day: PatientDay) -> bool:
    """Whether there is no result, or only one that lies further back than the limit looks."""
    found = day.results.latest(limit.of, on=day.on)
    if isinstance(found, NoResult):
        return found.why is Why.NONE
    return found.taken.last < LOOKS_BACK.before(day.on)
