"""What does a pharmacist need in hand for a structured medication review, on one page?

Every medicine with what it is for, its directions, how much of the time it was covered, its monitoring and
what the checks say of it; results with the one before; what is late or out of range; scores where a
calculator can work them out; why this patient; what the patient says. The pack is kept as it was prepared: a
page and a print of it say the same as what the pharmacist decided on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.checks.finding import Finding, Severity, worst_first
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.proposal import proposed_line
from pestle.pharmacy.checks.run import CHECKS, assess_all
from pestle.pharmacy.criteria.answer import Missing
from pestle.pharmacy.criteria.clearance import clearance
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.dosage.dose import Dosage
from pestle.pharmacy.practice.adherence import Covered, CoveredPolicy, days_covered, fills, same_medicine
from pestle.pharmacy.practice.elsewhere import directions
from pestle.pharmacy.practice.monitoring import Monitored, Reading, State, TestLine, readings
from pestle.pharmacy.practice.review_checklist import Answered
from pestle.pharmacy.practice.review_need import Need, Observed
from pestle.pharmacy.record.medication import (
    LineStatus,
    MedicationOrder,
    MedicationStatement,
    StatementStatus,
)
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.record.result import number, said
from pestle.pharmacy.record.timeline import standing

# Asked of what is about to be handed over, and not of a list that is looked at as a whole.
_NOT_ASKED = frozenset({"supply", "lookalike", "controlled"})
# These are held against what else the patient has; in a review the whole list is proposed at once.
_AMONG_THEMSELVES = frozenset({"interaction", "duplicate"})


@dataclass(frozen=True, slots=True)
class PackFinding:
    """A finding, in words; `shape` and `word` say how serious."""

    shape: str
    word: str
    what: str
    do: str
    source: str


@dataclass(frozen=True, slots=True)
class PackLine:
    """One medicine. `id` is that of its order or statement. `covered` is in words; `low`: below what the
    practice asks for. `light` is what the local list says of it, in words; empty in packs of before."""

    id: str
    name: str
    directions: str
    indication: str
    since: str
    covered: str
    low: bool
    monitoring: tuple[str, ...]
    findings: tuple[PackFinding, ...]
    light: str = ""


@dataclass(frozen=True, slots=True)
class PackResult:
    """A result: its value and day, how it changed, and whether it is outside the laboratory's range."""

    title: str
    value: str
    on: str
    change: str
    outside: bool


@dataclass(frozen=True, slots=True)
class PackReason:
    """A part of the need: its points and facts."""

    title: str
    points: int
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted before and after a review."""

    medicines: int
    hard_stops: int
    answers_needed: int
    not_assessed: int
    late_tests: int
    results_out: int
    not_covered: int


@dataclass(frozen=True, slots=True)
class Pack:
    """The pack as it was prepared `on` a day. `open` is what nobody could tell, and what would help."""

    on: date
    lines: tuple[PackLine, ...]
    general: tuple[PackFinding, ...]
    conditions: tuple[str, ...]
    results: tuple[PackResult, ...]
    monitoring: tuple[str, ...]
    scores: tuple[str, ...]
    reasons: tuple[PackReason, ...]
    says: tuple[Answered, ...]
    open: tuple[str, ...]
    counts: Counts


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Everything that a pack and a need are made from: what the patient has on the day, what is found of it,
    its monitoring, and how far each medicine was covered."""

    day: PatientDay
    medicines: tuple[MedicationOrder | MedicationStatement, ...]
    findings: tuple[Finding, ...]
    monitored: Monitored
    covered: Mapping[str, str]
    low: frozenset[str]

    @property
    def observed(self) -> Observed:
        """What counts towards the need."""
        return Observed(
            late_tests=tuple(_test(each, self.day.on) for each in self.monitored.tests if each.state.late),
            results_out=tuple(f"{each.limit.of.title} {each.limit.says}" for each in self.monitored.out),
            hard_stops=_of(self.findings, Severity.HARD_STOP),
            answers_needed=_of(self.findings, Severity.INTERRUPT),
            not_covered=tuple(each.medication.name for each in self.medicines if each.id in self.low),
        )

    @property
    def counts(self) -> Counts:
        """What is counted."""
        seen = self.observed
        return Counts(
            medicines=len({same_medicine(each.medication) for each in self.medicines}),
            hard_stops=len(seen.hard_stops),
            answers_needed=len(seen.answers_needed),
            not_assessed=len(_of(self.findings, Severity.NOT_ASSESSED)),
            late_tests=len(seen.late_tests),
            results_out=len(seen.results_out),
            not_covered=len(seen.not_covered),
        )


def reviewed(
    day: PatientDay, monitored: Monitored, *, knowledge: Knowledge, covered: CoveredPolicy
) -> Reviewed:
    """What there is to know of the patient's medicines on a day."""
    have = tuple(current(day.record, on=day.on))
    filled = fills(day.record)
    told: dict[str, str] = {}
    low = set()
    for each in have:
        if filled is None or _when_needed(each):
            told[each.id] = "No supply is on record" if filled is None else "Taken when needed: not judged"
            continue
        found = days_covered(each.medication, filled, covered, on=day.on)
        if isinstance(found, Covered):
            told[each.id] = (
                f"{_whole(found.per_cent)} %: {found.covered} of {found.days} days since "
                f"{found.since:%d-%b-%Y}, {found.fills} supplies"
            )
            if found.below(covered):
                low.add(each.id)
        else:
            told[each.id] = f"Cannot tell: {found.because}"
    return Reviewed(day, have, _findings(have, day, knowledge), monitored, told, frozenset(low))


def pack(
    found: Reviewed,
    need: Need,
    says: tuple[Answered, ...],
    *,
    knowledge: Knowledge,
    lights: Mapping[str, str] | None = None,
) -> Pack:
    """The pack of what was found; `lights` has what the local list says of each medicine, by its id."""
    told = lights or {}
    tests = found.monitored.tests
    ids = {each.id for each in found.medicines}
    return Pack(
        on=found.day.on,
        lines=tuple(replace(_line(each, found), light=told.get(each.id, "")) for each in found.medicines),
        general=tuple(_finding(each) for each in found.findings if each.line not in ids),
        conditions=tuple(
            each.what.text
            for each in found.day.record.conditions or ()
            if each.active(on=found.day.on) is not False
        ),
        results=tuple(_results(found.day, knowledge)),
        monitoring=(
            *(
                _test(each, found.day.on)
                for each in tests
                if each.state.late or each.state is State.CANNOT_TELL
            ),
            *(f"{each.limit.of.title} {each.limit.says}: {each.limit.do}" for each in found.monitored.out),
        ),
        scores=tuple(_scores(found, knowledge)),
        reasons=tuple(
            PackReason(part.title, part.points, tuple(_fact(fact.text, fact.on) for fact in part.facts))
            for part in need.parts
        ),
        says=says,
        open=tuple(dict.fromkeys(f"{gap.what}. {gap.would_help}" for gap in need.missing)),
        counts=found.counts,
    )


def current(record: Record, *, on: date) -> Iterator[MedicationOrder | MedicationStatement]:
    """What the patient has by an order that stands, and what somebody says is taken beside it."""
    ordered = [
        order
        for order in standing(record.orders or ())
        if order.request.status is LineStatus.ACTIVE
        and not (order.ends is not None and order.ends.before(on))
        and not (order.starts is not None and order.starts.after(on))
    ]
    yield from ordered
    known = {same_medicine(order.medication) for order in ordered}
    for statement in record.statements or ():
        stands = statement.ends is None or not statement.ends.before(on)
        listed = same_medicine(statement.medication) in known
        if statement.status is StatementStatus.ACTIVE and stands and not listed:
            yield statement


def _findings(
    have: Iterable[MedicationOrder | MedicationStatement], day: PatientDay, knowledge: Knowledge
) -> tuple[Finding, ...]:
    """What the checks say of the whole list, as if all of it were proposed today. Those that hold it against
    what the patient has see it without itself."""
    proposed, on = Proposed(tuple(_proposed(each) for each in have), signed_on=day.on), day.on
    alone = replace(day.record, orders=(), statements=(), supplies=())
    rest = tuple(c for c in CHECKS if c.name not in _NOT_ASKED | _AMONG_THEMSELVES)
    among = tuple(c for c in CHECKS if c.name in _AMONG_THEMSELVES)
    return worst_first(
        (
            *assess_all(proposed, day.record, knowledge=knowledge, on=on, checks=rest),
            *assess_all(proposed, alone, knowledge=knowledge, on=on, checks=among),
        )
    )


def _proposed(each: MedicationOrder | MedicationStatement) -> ProposedLine:
    if isinstance(each, MedicationOrder):
        return proposed_line(each)
    return ProposedLine(line=each.id, medication=each.medication, dosage=each.dosage)


def _line(each: MedicationOrder | MedicationStatement, found: Reviewed) -> PackLine:
    reason = each.request.reason if isinstance(each, MedicationOrder) else each.reason
    holds = {
        group.group.title
        for group in found.monitored.medicines
        if found.day.is_on(group.group.medicines, each.medication)
    }
    return PackLine(
        id=each.id,
        name=each.medication.name,
        directions=directions(_dosage(each)),
        indication=reason.text if reason else "",
        since=each.starts.words if each.starts else "",
        covered=found.covered.get(each.id, ""),
        low=each.id in found.low,
        monitoring=tuple(
            _test(test, found.day.on)
            for test in found.monitored.tests
            if test.rule is not None and test.rule.whose in holds and test.state is not State.NOT_ASKED
        ),
        findings=tuple(_finding(one) for one in found.findings if one.line == each.id),
    )


def _dosage(each: MedicationOrder | MedicationStatement) -> Dosage | None:
    return each.request.dosage if isinstance(each, MedicationOrder) else each.dosage


def _when_needed(each: MedicationOrder | MedicationStatement) -> bool:
    dosage = _dosage(each)
    understood = read_dosage(dosage).dosage if dosage is not None else None
    return understood is not None and any(step.as_needed for step in understood.steps)


def _finding(found: Finding) -> PackFinding:
    because = f" ({found.because})" if found.because else ""
    return PackFinding(
        found.severity.shape, found.severity.word, f"{found.what}{because}", found.do, found.source.title
    )


def _results(day: PatientDay, knowledge: Knowledge) -> Iterator[PackResult]:
    """The latest of each measured kind, with how it changed."""
    for kind in sorted(knowledge.terms.observables.values(), key=lambda each: each.title):
        if kind.panel or kind.unit is None:
            continue
        for reading in readings(kind, day):
            yield PackResult(
                kind.title, said(reading.result), reading.result.taken.words, _change(reading),
                reading.outside is True,
            )  # fmt: skip


def _change(reading: Reading) -> str:
    change, before = reading.change, reading.before
    if change is None or before is None:
        return ""
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    per_cent = f", {sign}{_whole(abs(reading.per_cent))} %" if reading.per_cent is not None else ""
    return f"{sign}{number(abs(change))}{per_cent} since {before.taken.words}"


def _scores(found: Reviewed, knowledge: Knowledge) -> Iterator[str]:
    yield f"Medicines: {found.counts.medicines}"
    cleared = clearance(knowledge.monitoring.kidneys, found.day)
    if isinstance(cleared, Missing):
        yield f"Creatinine clearance: cannot tell. {cleared.would_help}"
    else:
        yield (
            f"Creatinine clearance: {_whole(cleared[0])} mL/min, as reported, else by Cockcroft and Gault "
            "(UK constants, actual weight)"
        )
    yield "Anticholinergic burden: not worked out; the scores of a scale are entered in its calculator"


def _test(test: TestLine, on: date) -> str:
    said = [test.state.words.casefold()]
    if test.last is not None and test.last.taken is not None:
        said.append(f"last {test.last.taken.words}")
    elif test.state is not State.NEVER:
        said.append("none on file")
    if test.due is not None:
        said.append(test.by_when(on=on))
    return f"{test.observable.title}: {', '.join(said)}"


def _fact(text: str, on: date | None) -> str:
    return f"{text}, {on:%d-%b-%Y}" if on else text


def _of(findings: Iterable[Finding], severity: Severity) -> tuple[str, ...]:
    return tuple(each.what for each in findings if each.severity is severity and not each.quiet)


def _whole(value: Fraction) -> str:
    """To the nearest whole number, a half to the even one."""
    return str(round(value))
