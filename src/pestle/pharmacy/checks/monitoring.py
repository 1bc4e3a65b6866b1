"""Is the medicine monitored as it should be, and does a result ask for something?

For each line that a definition ``monitoring/*.yaml`` is about: before the first supply, whether the tests
that come before it are there; later, whether each is there that the time on treatment asks for. Treatment
counts from the earliest fact on record, unless a person settled when it began; where nothing could be read,
the check says so. What is asked for, and by which rule, is worked out in `monitored`. A test that is not on
file may have been done elsewhere: the finding asks to confirm it. Results out of their limits are told apart
from old ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pestle.pharmacy.checks.asked import asked
from pestle.pharmacy.checks.check import Proposed, ProposedLine, finding, not_assessed
from pestle.pharmacy.checks.finding import Assessment, Finding, Severity
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.known.monitoring import (
    Evidence,
    Limit,
    Monitoring,
    MonitoringKnowledge,
    Test,
)
from pestle.pharmacy.checks.monitored import Wanted, limits, started, wanted
from pestle.pharmacy.criteria.answer import Missing, Verdict
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.criteria.results import fact
from pestle.pharmacy.criteria.span import Span, SpanUnit
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.record.monitoring_plan import OwnInterval
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.record.result import Found

CHECK = "monitoring"
TITLE = "Is it monitored, and are the results in order?"

_CONFIRM = "Confirm whether it was done elsewhere, and record it; else ask for it before the next supply."


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
    since = started(group, day)
    tests = wanted(group, since, known, day)
    due = [each for each in tests if each.overdue(on=day.on)]
    missing: set[Missing] = {gap for each in tests for doubt in each.open(on=day.on) for gap in doubt.missing}
    if due:
        yield _overdue(line, group, due, since)
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
    yield from _limits(line, group, since, day)


def _overdue(line: ProposedLine, group: Monitoring, due: list[Wanted], since: date | None) -> Finding:
    told = "; ".join(
        f"{each.observable.title} ({_says(each.rule)}; {_when(each.last)}{_weak(each.rule)})" for each in due
    )
    rule, asks = ("baseline", "to be done before it is started") if since is None else ("overdue", "overdue")
    why = [fact(each.last) if each.last else Fact(f"None on file: {each.observable.title}") for each in due]
    if since is not None:
        why.append(Fact(f"On record since then: {group.title}", on=since))
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


def _says(rule: Test | OwnInterval | None) -> str:
    if isinstance(rule, OwnInterval):
        return f"every {Span(rule.number, SpanUnit(rule.unit))} for this patient: {rule.reason}"
    return rule.says if rule is not None else ""


def _when(last: Found | None) -> str:
    return f"last {last.taken.words}" if last is not None and last.taken else "none on file"


def _weak(told: Test | Limit | OwnInterval | None) -> str:
    """How the figure came here, where it was not read in its source."""
    if told is None or isinstance(told, OwnInterval) or told.evidence is Evidence.READ:
        return ""
    return f"; {told.evidence.value}"


def _limits(line: ProposedLine, group: Monitoring, since: date | None, day: PatientDay) -> Iterable[Finding]:
    for limit, held in limits(group, since, day):
        if held.verdict is Verdict.IN:
            yield finding(
                CHECK,
                limit.severity,
                rule="limit",
                about=(line,),
                what=f"{line.medication.name}: {limit.of.title} {limit.says}{_weak(limit)}",
                do=limit.do,
                source=group.source,
                why=held.facts,
            )
        else:
            yield not_assessed(
                CHECK,
                rule="limit",
                about=(line,),
                what=f"{line.medication.name}: {limit.of.title} was not held against its limits",
                because="; ".join(gap.what for gap in held.missing),
                do=" ".join(dict.fromkeys(gap.would_help for gap in held.missing)),
                source=group.source,
            )
