"""Is it the right quantity, and is it time for it?

A line is compared with the earlier supplies of the same product, whichever brand: with more than the usual
days left it is early, by so many days. The quantity is compared with the instruction: less than a day's, less
than the stated course, many times the course, longer than an acute or a repeat supply usually is. What cannot
be worked out is *not assessed*; what is for when it is required has no length, only a least one.

Source: the definition ``supply/supply.yaml``, whose numbers are a site's to set.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from pestle.pharmacy.checks.asked import Asked, asked
from pestle.pharmacy.checks.check import Proposed, ProposedLine, finding, not_assessed
from pestle.pharmacy.checks.finding import Assessment, Fact, Finding, Severity
from pestle.pharmacy.checks.holding import Holding, fact, medicine
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.known.supply import SupplyRule
from pestle.pharmacy.dosage.packing import CannotTell, in_unit
from pestle.pharmacy.dosage.phases import Phase
from pestle.pharmacy.dosage.rate import decimal_of
from pestle.pharmacy.dosage.supply import Days, days_of_phases
from pestle.pharmacy.quantity import counted, plain
from pestle.pharmacy.record.medication import CourseOfTherapy, MedicationSupply
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.record.timeline import days_left

CHECK = "supply"
TITLE = "Is it the right quantity, at the right time?"


def assess(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Assessment:
    """Findings for each line, by itself and beside the earlier supplies of it."""
    found: dict[tuple[str, str | None], Finding] = {}
    case = asked(proposed, record, knowledge=knowledge, on=on)
    for line in case.lines:
        said = line.said
        assert isinstance(said, ProposedLine)
        for each in (*_early(line, record, knowledge, on=on), *_quantity(said, case)):
            found.setdefault((each.key, each.line), each)
    if record.supplies is None:
        missing = _without_history()
        found[missing.key, None] = missing
    return Assessment(CHECK, TITLE, tuple(found.values()))


def _early(line: Holding, record: Record, knowledge: Knowledge, *, on: date) -> Iterator[Finding]:
    rule, unknown = knowledge.supply, knowledge.duplicate.same_ingredient.days_when_unknown
    for supply in record.supplies or ():
        earlier = Holding(supply, frozenset(), whole=True, routes=frozenset(), local=False)
        if supply.on > on or medicine(earlier) != medicine(line):
            continue
        left = days_left(supply, on=on, unknown_lasts=unknown)
        if left > rule.early_days:
            yield finding(
                CHECK,
                Severity.INTERRUPT,
                rule="early",
                about=(line.said,),
                what=f"{line.name}: {_lasts(supply, left)}",
                do="Ask why it is needed now: a holiday, a loss, a new dose, or more taken than was said.",
                source=rule.source,
                why=(fact(earlier),),
            )


def _lasts(supply: MedicationSupply, left: int) -> str:
    about = "" if supply.days_supply is not None else "perhaps "
    return f"the supply of {supply.on:%d-%b-%Y} lasts {about}{left} more {counted('day', Decimal(left))}"


def _quantity(line: ProposedLine, case: Asked) -> Iterator[Finding]:
    if line.quantity is None or line.dosage is None:
        missing = "quantity" if line.quantity is None else "instruction"
        yield _cannot(line, f"The {missing} of {line.medication.name} is not stated")
        return
    product, rule = line.medication.product, case.knowledge.supply
    phases = case.phases(line.dosage)
    lasts = days_of_phases(phases, line.quantity, product)
    if isinstance(lasts, CannotTell):
        if lasts.at_least is None:
            yield _cannot(line, lasts.reason.rstrip("."))
        return
    yield from _length(line, lasts, rule)
    if not isinstance(phases, CannotTell) and len(phases) == 1:
        yield from _against_course(line, lasts, phases[0], rule)


def _length(line: ProposedLine, lasts: Days, rule: SupplyRule) -> Iterator[Finding]:
    name = line.medication.name
    if lasts.exact_most < 1 and lasts.covers_course is not True:
        yield _odd(
            line, rule, "less-than-a-day", Severity.INTERRUPT,
            f"{name}: {line.quantity} is less than one day’s dose",
            "See whether packs were counted as single doses.",
        )  # fmt: skip
    acute = line.course is CourseOfTherapy.ACUTE
    longest = rule.acute_days if acute else rule.repeat_days
    if lasts.exact_least > longest:
        kind = "an acute prescription" if acute else "one issue of a repeat"
        yield _odd(
            line, rule, "long", Severity.NOTE,
            f"{name}: {line.quantity} lasts {lasts.text}, long for {kind}",
            "See that so much is meant at once.",
        )  # fmt: skip


def _against_course(line: ProposedLine, lasts: Days, phase: Phase, rule: SupplyRule) -> Iterator[Finding]:
    if phase.longest is None:
        return
    name, quantity = line.medication.name, line.quantity
    assert quantity is not None
    if lasts.covers_course is False:
        yield _odd(
            line, rule, "too-little", Severity.INTERRUPT,
            f"{name}: {quantity} ends before the stated course of {plain(decimal_of(phase.longest))} days",
            "Ask which of the two is right.",
        )  # fmt: skip
        return
    rate = in_unit(phase.unit, quantity.unit, line.medication.product, None)
    if isinstance(rate, CannotTell):
        return
    needed = phase.most * rate * phase.longest
    if Fraction(quantity.value) > needed * rule.times_the_course:
        yield _odd(
            line, rule, "too-much", Severity.INTERRUPT,
            f"{name}: {quantity} is more than {rule.times_the_course} times what the stated course needs",
            "Ask which of the two is right.",
        )  # fmt: skip


def _odd(line: ProposedLine, rule: SupplyRule, name: str, severity: Severity, what: str, do: str) -> Finding:
    assert line.dosage is not None
    course = f", {line.course.value}" if line.course else ""
    return finding(
        CHECK,
        severity,
        rule=name,
        about=(line,),
        what=what,
        do=do,
        source=rule.source,
        why=(Fact(f"Ordered: {line.quantity}{course}"), Fact(f"Instruction: {line.dosage.text}")),
    )


def _cannot(line: ProposedLine, because: str) -> Finding:
    return not_assessed(
        CHECK,
        rule="quantity",
        about=(line,),
        what=f"{line.medication.name}: the quantity was not compared with the instruction",
        because=because,
        do="Work out by hand how long it lasts.",
    )


def _without_history() -> Finding:
    return not_assessed(
        CHECK,
        rule="history",
        what="Whether the supply is early was not checked",
        because="What the patient was supplied before is not available",
        do="Ask the patient when they last had it.",
    )
