"""What is the state of a patient's monitoring on a day: each test, by which medicine's rule, and what is out?

The practice's list and the page of one patient are this value. The tests come from the same reasoning as the
check at prescribing and dispensing (`checks.monitored`); of several medicines that ask for one test the
strictest is told, and whose it is. Where nobody knows when treatment began, a test is only called late if it
is late whenever that was; else *cannot tell*.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from fractions import Fraction

from pestle.pharmacy.checks.known.monitoring import (
    Evidence,
    Limit,
    Monitoring,
    MonitoringKnowledge,
    Phase,
    Test,
)
from pestle.pharmacy.checks.monitored import Wanted, done_on, limits, wanted
from pestle.pharmacy.criteria.answer import Missing, Verdict
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.criteria.span import Span, SpanUnit
from pestle.pharmacy.practice.monitoring_policy import Policy, interval_days
from pestle.pharmacy.practice.on_medicine import NEW, Listing, Membership, OnMedicine, medicines
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.record.by_hand import is_elsewhere
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.record.medication import Medication
from pestle.pharmacy.record.monitoring_plan import OwnInterval
from pestle.pharmacy.record.observable import Observable
from pestle.pharmacy.record.result import Found, Result

# Longer ago than anybody's treatment: what can be told wherever a start that is not known lies.
_LONG_AGO, _HIDDEN = date(1900, 1, 1), date(1950, 1, 1)


class State(Enum):
    """How a test stands; the value is stored, and the order is that of the list."""

    OVERDUE = "overdue"
    NEVER = "never"
    CANNOT_TELL = "cannot_tell"
    DUE = "due"
    IN_TIME = "in_time"
    NOT_ASKED = "not_asked"

    @property
    def words(self) -> str:
        """As the list says it."""
        return _STATES[self]

    @property
    def late(self) -> bool:
        """Whether it is surely late."""
        return self in (State.OVERDUE, State.NEVER)


_STATES = {
    State.OVERDUE: "Overdue",
    State.NEVER: "Never done",
    State.CANNOT_TELL: "Cannot tell",
    State.DUE: "Due",
    State.IN_TIME: "In time",
    State.NOT_ASKED: "Not asked for now",
}
_RANK = {state: at for at, state in enumerate(State)}


@dataclass(frozen=True, slots=True)
class Rule:
    """Whose rule it is: the medicine's title, or that it was settled for the patient; what it says, and how
    well that is known."""

    whose: str
    says: str
    evidence: str
    days: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a test and the exact one before it; `outside` the laboratory's own range, where it gave
    one (None: it gave none, or the value cannot be held against it)."""

    observable: Observable
    result: Result
    before: Result | None
    outside: bool | None

    @property
    def change(self) -> Fraction | None:
        """By how much it went up since the one before, in the observable's unit; None: cannot be told."""
        if self.before is None or not _exact(self.result) or not _exact(self.before):
            return None
        return (self.result.value or Fraction()) - (self.before.value or Fraction())

    @property
    def per_cent(self) -> Fraction | None:
        """The same in per cent of the one before; None where that is nought or nothing can be told."""
        if self.change is None or self.before is None or not self.before.value:
            return None
        return self.change * 100 / self.before.value


@dataclass(frozen=True, slots=True)
class TestLine:
    """One test of the patient. In time up to `due`, by `rule`; to be asked for from `asked_from`, and `ask`
    says whether now: also where it may be late. `also` are the other medicines that ask for it. `elsewhere`:
    the last was done elsewhere, and its value was not seen."""

    observable: Observable
    state: State
    last: Found | None
    elsewhere: bool
    due: date | None
    asked_from: date | None
    ask: bool
    rule: Rule | None
    also: tuple[str, ...]
    readings: tuple[Reading, ...]
    missing: tuple[Missing, ...]

    def by_when(self, *, on: date) -> str:
        """Until when it is in time, or after which day late; what nobody can tell is not told as sure."""
        if self.due is None:
            return "not known"
        sure = self.state is not State.CANNOT_TELL
        if self.due < on:
            return f"{'' if sure else 'perhaps '}late after {self.due:%d-%b-%Y}"
        return f"in time until {self.due:%d-%b-%Y}" if sure else f"until {self.due:%d-%b-%Y} at most"


@dataclass(frozen=True, slots=True)
class OutOfRange:
    """A result that passes a limit of a medicine's definition, and what that asks for."""

    group: Monitoring
    limit: Limit
    facts: tuple[Fact, ...]


class BaselineState(Enum):
    """Whether a test that comes before the first supply was done."""

    DONE = "done"
    LATER = "later"
    NONE = "none"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Baseline:
    """One test before the first supply: the `result` that shows it, or the first one afterwards."""

    group: Monitoring
    observable: Observable
    state: BaselineState
    result: Found | None


@dataclass(frozen=True, slots=True)
class Monitored:
    """The whole of one patient's monitoring on a day. `unjudged` are limits of which nobody can tell whether
    they are passed, and `unmatched` medicines of which nobody can tell whether they are monitored."""

    medicines: tuple[OnMedicine, ...]
    tests: tuple[TestLine, ...]
    out: tuple[OutOfRange, ...]
    unjudged: tuple[Missing, ...]
    unmatched: tuple[Medication, ...]

    @property
    def worst(self) -> State:
        """The state that the list is sorted by."""
        return min((test.state for test in self.tests), key=_RANK.__getitem__, default=State.NOT_ASKED)

    @property
    def due(self) -> tuple[TestLine, ...]:
        """The tests to ask for now."""
        return tuple(test for test in self.tests if test.ask)


def monitored(
    day: PatientDay, known: MonitoringKnowledge, policy: Policy, listing: Listing = NEW
) -> Monitored:
    """The state of it all; `listing` is what the practice knows of its list (`on_medicine`)."""
    found = medicines(day, known, policy, listing)
    on = [each for each in found.monitored if each.membership is not Membership.OFF]
    by_kind: dict[Observable, list[tuple[OnMedicine, TestLine]]] = {}
    for each in on:
        for line in _lines(each, known, policy, day):
            by_kind.setdefault(line.observable, []).append((each, line))
    tests = [_strictest(lines) for lines in by_kind.values()]
    out, unjudged = _limits(on, day)
    return Monitored(
        medicines=found.monitored,
        tests=tuple(sorted(tests, key=_order)),
        out=tuple(out),
        unjudged=tuple(unjudged),
        unmatched=found.unmatched,
    )


def baseline(each: OnMedicine, known: MonitoringKnowledge, day: PatientDay) -> tuple[Baseline, ...]:
    """The tests that come before the first supply of a medicine, each once: done so long before it at most
    (`known.baseline`), later, or not at all; nobody can tell where the start is not known."""
    kinds = {test.observable: None for test in each.group.tests if test.phase is Phase.BASELINE}
    return tuple(_baseline(each, kind, known, day) for kind in kinds)


def _baseline(each: OnMedicine, kind: Observable, known: MonitoringKnowledge, day: PatientDay) -> Baseline:
    began = each.start.on
    results = day.results.find(kind, on=day.on)
    if began is None or not each.start.known or results is None:
        return Baseline(each.group, kind, BaselineState.CANNOT_TELL, None)
    dated = [result for result in results if result.taken is not None]
    before = [result for result in dated if _taken(result) <= began]
    if before and _taken(before[0]) >= known.baseline.before(began):
        return Baseline(each.group, kind, BaselineState.DONE, before[0])
    later = [result for result in dated if _taken(result) > began]
    if later:
        return Baseline(each.group, kind, BaselineState.LATER, later[-1])
    return Baseline(each.group, kind, BaselineState.NONE, before[0] if before else None)


def _lines(
    each: OnMedicine, known: MonitoringKnowledge, policy: Policy, day: PatientDay
) -> Iterator[TestLine]:
    since = each.start.on
    if since is None:
        # It is taken, and no fact says since when.
        since = day.on
    first = wanted(each.group, since, known, day)
    second = first if each.start.known else wanted(each.group, _LONG_AGO, known, day)
    for one, other in zip(first, second, strict=True):
        if one.rule is None and other.rule is None and not one.doubts and not other.doubts:
            if any(test.phase is not Phase.BASELINE for test in _tests(each.group, one.observable)):
                yield _line(each, one, State.NOT_ASKED, (), policy, day)
            continue
        yield _judged(each, one, other, policy, day)


def _judged(each: OnMedicine, one: Wanted, other: Wanted, policy: Policy, day: PatientDay) -> TestLine:
    """One test, seen from both ends of what is possible: treatment began on the first day on record, or long
    before it."""
    on = day.on
    if not day.results.on_record:
        unread = Missing("The patient's results are not on record", "Ask for them.")
        return _line(each, one, State.CANNOT_TELL, (unread,), policy, day)
    open_ = tuple(gap for doubt in (*one.open(on=on), *other.open(on=on)) for gap in doubt.missing)
    if one.overdue(on=on) and other.overdue(on=on):
        return _line(each, one, State.OVERDUE if one.last else State.NEVER, (), policy, day)
    if one.overdue(on=on) or other.overdue(on=on):
        late = one if one.overdue(on=on) else other
        since = Missing(
            f"When {each.group.title} was started is not known, and whether this test is late depends on it",
            "Find out when it was started, and record it.",
        )
        return _line(each, late, State.CANNOT_TELL, (since, *open_), policy, day)
    if open_:
        return _line(each, one if one.due else other, State.CANNOT_TELL, open_, policy, day)
    strict = min((w for w in (one, other) if w.due), key=lambda w: w.due or date.max, default=one)
    if strict.due is None or strict.rule is None:
        return _line(each, strict, State.NOT_ASKED, (), policy, day)
    soon = policy.asked_from(strict.due, strict.rule) <= on
    return _line(each, strict, State.DUE if soon else State.IN_TIME, (), policy, day)


def _line(
    each: OnMedicine,
    found: Wanted,
    state: State,
    missing: tuple[Missing, ...],
    policy: Policy,
    day: PatientDay,
) -> TestLine:
    last = found.last
    # A day reckoned from then says only that it was never done.
    due = None if found.due is None or found.due < _HIDDEN else found.due
    return TestLine(
        observable=found.observable,
        state=state,
        last=last,
        elsewhere=last is not None and last.observation is not None and is_elsewhere(last.observation),
        due=due,
        asked_from=policy.asked_from(due, found.rule) if due and found.rule else None,
        ask=state.late or state is State.DUE or found.overdue(on=day.on),
        rule=_rule(each, found),
        also=(),
        readings=tuple(readings(found.observable, day)),
        missing=tuple(dict.fromkeys(missing)),
    )


def _rule(each: OnMedicine, found: Wanted) -> Rule | None:
    rule = found.rule
    if rule is None:
        return None
    if isinstance(rule, OwnInterval):
        every = Span(rule.number, SpanUnit(rule.unit))
        says = f"every {every} until {rule.until:%d-%b-%Y}: {rule.reason}"
        return Rule(f"settled by {rule.provenance.who}", says, "", interval_days(rule))
    weak = "" if rule.evidence is Evidence.READ else rule.evidence.value
    return Rule(each.group.title, rule.says, weak, interval_days(rule))


def _strictest(lines: list[tuple[OnMedicine, TestLine]]) -> TestLine:
    """The line by the strictest medicine; the others that ask for the test are named in it."""
    ordered = sorted(lines, key=lambda pair: (_RANK[_both_late(pair[1].state)], pair[1].due or date.max))
    _, first = ordered[0]
    others = tuple(
        f"{line.rule.whose}: {line.rule.says}"
        for _, line in ordered[1:]
        if line.rule is not None and line.rule != first.rule
    )
    gaps = dict.fromkeys(gap for _, line in ordered for gap in line.missing)
    return replace(
        first,
        ask=any(line.ask for _, line in ordered),
        also=tuple(dict.fromkeys(others)),
        missing=tuple(gaps),
    )


def _both_late(state: State) -> State:
    return State.OVERDUE if state is State.NEVER else state


def _order(line: TestLine) -> tuple[int, date, str]:
    return _RANK[line.state], line.due or date.max, line.observable.title


def readings(kind: Observable, day: PatientDay) -> Iterator[Reading]:
    """The values of a test, or of the members of a panel, with the one before of another day."""
    for each in kind.panel or (kind,):
        if each.unit is None:
            continue
        results = [found for found in day.results.find(each, on=day.on) or () if isinstance(found, Result)]
        if not results:
            continue
        newest = results[0]
        before = next(
            (older for older in results if older.taken.last < newest.taken.first and _exact(older)), None
        )
        yield Reading(each, newest, before, _outside(newest))


def _outside(result: Result) -> bool | None:
    """Whether the value lies outside the laboratory's range, in the unit that the laboratory wrote."""
    range_, value = result.observation.reference, result.observation.value
    if range_ is None or not isinstance(value, Quantity) or result.observation.comparator is not None:
        return None
    for bound in (range_.low, range_.high):
        if bound is not None and bound.unit != value.unit:
            return None
    below = range_.low is not None and value.value < range_.low.value
    above = range_.high is not None and value.value > range_.high.value
    return below or above


def _limits(on: list[OnMedicine], day: PatientDay) -> tuple[list[OutOfRange], list[Missing]]:
    out: list[OutOfRange] = []
    unjudged: dict[Missing, None] = {}
    for each in on:
        for limit, held in limits(each.group, each.start.on, day):
            if held.verdict is Verdict.IN:
                out.append(OutOfRange(each.group, limit, held.facts))
            else:
                unjudged.update(dict.fromkeys(held.missing))
    return out, list(unjudged)


def _tests(group: Monitoring, kind: Observable) -> list[Test]:
    return [test for test in group.tests if test.observable == kind]


def _exact(result: Result) -> bool:
    return result.value is not None and result.comparator is None


def _taken(found: Found) -> date:
    return done_on(found) or date.min
