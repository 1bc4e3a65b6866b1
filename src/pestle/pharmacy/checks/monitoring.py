"""Is the medicine monitored as it should be, and does a result ask for something?

For each line that a definition ``monitoring/*.yaml`` is about: before the first supply, whether the tests
that come before it are there; later, whether each is there that the time on treatment asks for. Treatment
counts from the earliest fact on record, and where nothing could be read, the check says so. Of several rules
for one test the strictest that is broken is told. A test that is not on file may have been done elsewhere:
the finding asks to confirm it. Results out of their limits are told apart from old ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from pestle.pharmacy.calculators.creatinine_clearance import creatinine_clearance
from pestle.pharmacy.checks.asked import asked
from pestle.pharmacy.checks.check import Proposed, ProposedLine, finding, not_assessed
from pestle.pharmacy.checks.finding import Assessment, Finding, Severity
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.known.monitoring import (
    Evidence,
    Limit,
    Monitoring,
    MonitoringKnowledge,
    Phase,
    Test,
)
from pestle.pharmacy.criteria.answer import Missing, Verdict
from pestle.pharmacy.criteria.evaluate import answer
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.criteria.results import fact
from pestle.pharmacy.criteria.span import Span, SpanUnit
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.record.patient import Gender
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.record.result import Found, NoResult, Result, Why
from pestle.pharmacy.refusal import Refused

CHECK = "monitoring"
TITLE = "Is it monitored, and are the results in order?"

_CONFIRM = "Confirm whether it was done elsewhere, and record it; else ask for it before the next supply."
# DOACs: below a clearance of 60 mL/min every (clearance / 10) months; a month is 30 days here.
_OFTEN_BELOW = 60
# Every limit asks for a result of the last year; an older one is a test that is due.
_LOOKS_BACK = Span(12, SpanUnit.MONTHS)


@dataclass(frozen=True, slots=True)
class _Due:
    """A test that is not there, by which rule, and the last result there is."""

    test: Test
    last: Found | None


def assess(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Assessment:
    """Findings for each line and each group of medicines that it belongs to."""
    # What is proposed is not taken yet, so it is no evidence of how long it has been.
    day = asked(proposed, record, knowledge=knowledge, on=on).before
    found: dict[tuple[str, str | None], Finding] = {}
    for line in proposed.lines:
        for each in _on_line(line, knowledge.monitoring, day):
            found.setdefault((each.key, each.line), each)
    return Assessment(CHECK, TITLE, tuple(found.values()))


def _on_line(line: ProposedLine, known: MonitoringKnowledge, day: PatientDay) -> Iterable[Finding]:
    unlisted = False
    for group in known.groups.about(day.described(line.medication).holds):
        on_list = day.is_on(group.medicines, line.medication)
        if on_list is None:
            unlisted = True
        elif on_list and not day.results.on_record:
            yield _unread(line, group, "The patient's results are not on record", "Ask for them.")
        elif on_list and not day.has_medication:
            because = "When it was started is not known: what the patient takes is not on record"
            yield _unread(line, group, because, "Find out when it was started, and look the results up.")
        elif on_list:
            yield from _in_group(line, group, known, day)
    if unlisted:
        matched = line.medication.product is not None
        because = "its ingredients or routes are not known" if matched else "it is not matched to a product"
        yield not_assessed(
            CHECK,
            rule="medicine",
            about=(line,),
            what=f"Whether {line.medication.name} needs monitoring was not checked",
            because=f"For {line.medication.name}, {because}",
            do="Match the line to a product whose ingredients and routes are known, or look it up by hand.",
        )


def _unread(line: ProposedLine, group: Monitoring, because: str, do: str) -> Finding:
    return not_assessed(
        CHECK,
        rule="unread",
        about=(line,),
        what=f"The monitoring of {line.medication.name} was not checked",
        because=because,
        do=do,
        source=group.source,
    )


def _in_group(
    line: ProposedLine, group: Monitoring, known: MonitoringKnowledge, day: PatientDay
) -> Iterable[Finding]:
    started = _started(group, day)
    due: dict[str, _Due] = {}
    missing: set[Missing] = set()
    for test in group.tests:
        asked = _due(test, started, known, day)
        if isinstance(asked, _Due):
            due.setdefault(test.observable.name, asked)
        elif asked is not None:
            missing.update(asked)
    if due:
        yield _overdue(line, group, list(due.values()), started)
    if missing:
        yield not_assessed(
            CHECK,
            rule="missing",
            about=(line,),
            what=f"How often {line.medication.name} is to be monitored was not settled",
            because="; ".join(sorted(gap.what for gap in missing)),
            do=" ".join(sorted({gap.would_help for gap in missing})),
            source=group.source,
        )
    yield from _limits(line, group, started, day)


def _started(group: Monitoring, day: PatientDay) -> date | None:
    """The first day on record on which the patient had a medicine of the group; None when there is none."""
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


def _due(
    test: Test, started: date | None, known: MonitoringKnowledge, day: PatientDay
) -> _Due | tuple[Missing, ...] | None:
    """Whether a test is due and not there; or what is missing to tell."""
    last = day.results.newest(test.observable, on=day.on)
    taken = last.taken.last if last is not None and last.taken is not None else None
    if test.phase is Phase.BASELINE:
        absent = started is None and (taken is None or taken < known.baseline.before(day.on))
    elif started is None or not _in_time(test, started, day.on):
        return None
    elif test.phase is Phase.BY_CLEARANCE:
        clearance = _clearance(known, day)
        if isinstance(clearance, Missing):
            return (clearance,)
        if clearance >= _OFTEN_BELOW:
            return None
        absent = taken is None or taken < day.on - timedelta(days=int(clearance * 3))
    else:
        assert test.every is not None
        since = test.every.before(day.on)
        # Nobody is late with a test whose time has not passed since the start.
        if started > since:
            return None
        absent = taken is None or taken < (started if test.phase is Phase.ONCE else since)
    if not absent:
        return None
    if test.when is not None:
        asked = answer(test.when, day)
        if asked.verdict is not Verdict.IN:
            return asked.missing or None
    return _Due(test, last)


def _in_time(test: Test, started: date, on: date) -> bool:
    """Whether the time on treatment is one in which the test is asked for."""
    begun = test.after is None or started <= test.after.before(on)
    return begun and (test.lasts is None or started > test.lasts.before(on))


def _clearance(known: MonitoringKnowledge, day: PatientDay) -> Fraction | Missing:
    """The clearance in mL/min: as reported, else by Cockcroft and Gault (UK constants, actual weight)."""
    reported, creatinine, weight = (
        _exact(day.results.latest(each, on=day.on)) for each in known.for_clearance
    )
    if reported is not None:
        return reported
    age, gender = day.record.patient.age(on=day.on), day.record.patient.gender
    gap = Missing(
        "The creatinine clearance, which says how often, cannot be worked out",
        "Record creatinine and weight, age and sex.",
    )
    if creatinine is None or weight is None or age is None or gender not in (Gender.MALE, Gender.FEMALE):
        return gap
    try:
        result = creatinine_clearance(
            age_years=Decimal(age),
            sex="male" if gender is Gender.MALE else "female",
            weight_kg=_decimal(weight),
            creatinine_umol_l=_decimal(creatinine),
            constants="uk",
            weight_used="actual",
        )
    except Refused:
        return gap
    return gap if result.figure is None else Fraction(result.figure.quantity.value)


def _exact(found: Found) -> Fraction | None:
    return found.value if isinstance(found, Result) and found.comparator is None else None


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _overdue(line: ProposedLine, group: Monitoring, due: list[_Due], started: date | None) -> Finding:
    due.sort(key=lambda each: each.test.observable.title)
    told = "; ".join(
        f"{each.test.observable.title} ({each.test.says}; {_when(each.last)}{_weak(each.test)})"
        for each in due
    )
    rule, asks = (
        ("baseline", "to be done before it is started") if started is None else ("overdue", "overdue")
    )
    why = [
        fact(each.last) if each.last else Fact(f"None on file: {each.test.observable.title}") for each in due
    ]
    if started is not None:
        why.append(Fact(f"On record since then: {group.title}", on=started))
    return finding(
        CHECK,
        Severity.INTERRUPT,
        rule=rule,
        about=(line,),
        what=f"{line.medication.name}: {asks}: {told}",
        do=_CONFIRM,
        source=group.source,
        why=tuple(dict.fromkeys(why)),
    )


def _when(last: Found | None) -> str:
    return f"last {last.taken}" if last is not None else "none on file"


def _weak(told: Test | Limit) -> str:
    """How the figure came here, where it was not read in its source."""
    return "" if told.evidence is Evidence.READ else f"; {told.evidence.value}"


def _limits(
    line: ProposedLine, group: Monitoring, started: date | None, day: PatientDay
) -> Iterable[Finding]:
    told: set[str] = set()
    for limit in group.limits:
        if limit.of.name in told or (limit.starting and started is not None):
            continue
        asked = answer(limit.when, day)
        if asked.verdict is Verdict.IN:
            told.add(limit.of.name)
            yield finding(
                CHECK,
                limit.severity,
                rule="limit",
                about=(line,),
                what=f"{line.medication.name}: {limit.of.title} {limit.says}{_weak(limit)}",
                do=limit.do,
                source=group.source,
                why=asked.facts,
            )
        elif asked.verdict is Verdict.CANNOT_TELL and not (group.asks_for(limit.of) and _gone(limit, day)):
            # That there is none, or an old one, is told by the test that is due.
            told.add(limit.of.name)
            yield not_assessed(
                CHECK,
                rule="limit",
                about=(line,),
                what=f"{line.medication.name}: {limit.of.title} was not held against its limits",
                because="; ".join(gap.what for gap in asked.missing),
                do=" ".join(dict.fromkeys(gap.would_help for gap in asked.missing)),
                source=group.source,
            )


def _gone(limit: Limit, day: PatientDay) -> bool:
    """Whether there is no result, or only one that lies further back than the limit looks."""
    found = day.results.latest(limit.of, on=day.on)
    if isinstance(found, NoResult):
        return found.why is Why.NONE
    return found.taken.last < _LOOKS_BACK.before(day.on)
