"""Do the route, the handling and the measure that the directions say suit the product?

Looked for are routes by which a medicine is never given (vinca alkaloids into the spine), a route that is
none of the product's, crushing or a tube for what must stay whole, and a dose counted in what the product is
not (millilitres of tablets). Routes and handling are looked for in the words of the instruction even where it
is not understood; that it was not is said by `supply`.

Source: the definitions ``form/*.yaml``, which each finding names.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from pestle.pharmacy.checks.asked import asked
from pestle.pharmacy.checks.check import Proposed, ProposedLine, finding
from pestle.pharmacy.checks.finding import Assessment, Fact, Finding, Severity
from pestle.pharmacy.checks.holding import Holding
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.known.form import Measures, RouteWords
from pestle.pharmacy.definition import Source
from pestle.pharmacy.dosage.dose import Dosage, DosageStep
from pestle.pharmacy.dosage.rate import dose_of
from pestle.pharmacy.dosage.units import unit_word
from pestle.pharmacy.quantity import counted
from pestle.pharmacy.record.record import Record

CHECK = "form"
TITLE = "Do its route and form suit the directions?"


def assess(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Assessment:
    """Findings for each line; a line without an instruction has none here."""
    found: dict[tuple[str, str | None], Finding] = {}
    case = asked(proposed, record, knowledge=knowledge, on=on)
    for line in case.lines:
        said = line.said
        assert isinstance(said, ProposedLine)
        if said.dosage is None:
            continue
        words = _words(said.dosage)
        findings = [*_forbidden(line, words, knowledge), *_handled(line, words, knowledge)]
        understood = case.understood(said.dosage)
        steps = understood.steps if understood else said.dosage.steps
        findings += _another_route(line, steps, words, knowledge.form.routes)
        findings += _measured(line, steps, words, knowledge.form.measures)
        for each in findings:
            found.setdefault((each.key, each.line), each)
    return Assessment(CHECK, TITLE, tuple(found.values()))


def _words(dosage: Dosage) -> str:
    """All that the instruction says in words, its coded parts among them."""
    parts: list[str] = []
    for step in dosage.steps:
        coded = (step.route, step.method, step.site, *step.additional_instructions)
        parts += [step.text or "", step.patient_instruction or "", *(each.text for each in coded if each)]
    return "; ".join(part for part in parts if part)


def _forbidden(line: Holding, words: str, knowledge: Knowledge) -> Iterator[Finding]:
    for rule in knowledge.form.forbidden:
        if not line.substances & rule.which:
            continue
        route = rule.routes.within(words) or rule.routes.within("; ".join(sorted(line.routes)))
        if route:
            what = f"{line.name}: {route}. {rule.effect}"
            yield _found(line, "forbidden-route", rule.severity, what, rule.do, rule.source, words)


def _handled(line: Holding, words: str, knowledge: Knowledge) -> Iterator[Finding]:
    form = _form(line)
    for rule in knowledge.form.handling:
        by_substance = bool(line.substances & rule.which) and rule.only_forms.within(form) is not None
        if rule.forms.within(form) is None and not by_substance:
            continue
        handled = rule.words.within(rule.unless.without(words))
        if handled:
            what = f"{line.name}: the directions say “{handled}”. {rule.effect}"
            yield _found(line, "handling", rule.severity, what, rule.do, rule.source, words)


def _form(line: Holding) -> str:
    return "; ".join(
        part for product in line.medication.products for part in (product.form or "", product.name) if part
    )


def _another_route(
    line: Holding, steps: tuple[DosageStep, ...], words: str, known: RouteWords
) -> Iterator[Finding]:
    has = {family for family, routes in known.of_product.items() if line.routes & routes}
    if not has:
        return
    said = "; ".join(each.text for step in steps for each in (step.route, step.site) if each)
    for family, phrases in known.said.items():
        # The eyes and ears of an instruction are a route only where it is put there, not in a remark.
        word = phrases.within(said) or (phrases.within(words) if _by_needle(family) else None)
        if word is None or family in has or any(frozenset((family, each)) in known.together for each in has):
            continue
        severity = min(
            (known.severities.get((family, each), Severity.INTERRUPT) for each in has),
            key=list(Severity).index,
        )
        routes = " or ".join(sorted(line.routes))
        what = f"{line.name}: the directions say “{word}”; the product’s route is {routes}"
        yield _found(line, "another-route", severity, what, known.do, known.source, words)


def _by_needle(family: str) -> bool:
    return family == "injection"


def _measured(line: Holding, steps: tuple[DosageStep, ...], words: str, known: Measures) -> Iterator[Finding]:
    form = _form(line)
    may_count = next((units for phrases, units in known.of_form if phrases.within(form)), None)
    if may_count is None:
        return
    for unit in sorted({unit for step in steps if (unit := _unit(step))}):
        if unit not in known.counted or unit in may_count:
            continue
        near = unit in known.alike and not may_count.isdisjoint(known.alike)
        what = f"{line.name}: the dose is counted in {counted(unit, Decimal(2))}"
        severity = Severity.NOTE if near else Severity.INTERRUPT
        yield _found(line, "measure", severity, what, known.do, known.source, words)


def _unit(step: DosageStep) -> str | None:
    dose = dose_of(step)
    return unit_word(dose[1].unit.text) if dose and dose[1] else None


def _found(
    line: Holding, rule: str, severity: Severity, what: str, do: str, source: Source, words: str
) -> Finding:
    return finding(
        CHECK,
        severity,
        rule=rule,
        about=(line.said,),
        what=what,
        do=do,
        source=source,
        why=(Fact(f"On this prescription: {line.name}"), Fact(f"Instruction: {words}")),
    )
