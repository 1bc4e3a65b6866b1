"""Would the patient have the same medicine, or the same kind of medicine, twice?

Compared are the lines with one another, and each line with what the patient has by any fact of the record;
a medicine that several facts tell of is said once. The product that a line renews is no duplicate of it: how
early it is asked for is another question (`supply`). A duplicate never stops: it asks for an answer, or is a
note where one of the two acts only where it is put, or where two strengths of one form stand on one
prescription and may make up one dose. A regular opioid and one for when it is required are meant.

Source: the definitions ``duplicate/*.yaml``, which each finding names.
"""

from __future__ import annotations

from datetime import date
from itertools import combinations

from pestle.pharmacy.checks.asked import Asked, asked
from pestle.pharmacy.checks.check import Proposed, ProposedLine, finding, not_assessed
from pestle.pharmacy.checks.finding import Assessment, Finding, Severity
from pestle.pharmacy.checks.holding import Holding, fact, in_order, medicine, not_whole
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.known.duplicate import DuplicateClass
from pestle.pharmacy.definition import Source
from pestle.pharmacy.record.medication import MedicationOrder, MedicationStatement
from pestle.pharmacy.record.record import Record

CHECK = "duplicate"
TITLE = "Is it the same as something else the patient has?"


def assess(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Assessment:
    """Findings for each pair of lines, and for each line with each other medicine that the patient has."""
    case = asked(proposed, record, knowledge=knowledge, on=on)
    lines, has = case.lines, case.at_hand
    renewed = {medicine(line) for line in lines}
    held: dict[str, list[Holding]] = {}
    for each in has or ():
        if medicine(each) not in renewed:
            held.setdefault(medicine(each), []).append(each)
    # Each with the kinds that it is of.
    ours = [(line, _kinds(line, knowledge)) for line in lines]
    theirs = [(facts, _kinds(facts[0], knowledge)) for facts in map(in_order, held.values())]
    pairs = [(one, [other], kinds & others) for (one, kinds), (other, others) in combinations(ours, 2)]
    pairs += [(line, facts, kinds & others) for line, kinds in ours for facts, others in theirs]

    findings = {(found.key, found.line): found for found in _unknown(lines, has)}
    for line, facts, both in pairs:
        for found in _compared(line, facts, both, case):
            findings.setdefault((found.key, found.line), found)
    return Assessment(CHECK, TITLE, tuple(findings.values()))


def _kinds(held: Holding, knowledge: Knowledge) -> frozenset[int]:
    codes = [product.bnf_code for product in held.medication.products if product.bnf_code]
    return knowledge.duplicate.kinds(held.substances, codes)


def _unknown(lines: tuple[Holding, ...], has: tuple[Holding, ...] | None) -> list[Finding]:
    found = not_whole(CHECK, lines + (has or ()), question="for duplicates")
    if has is None:
        found.append(
            not_assessed(
                CHECK,
                rule="history",
                what="Duplicates of what the patient has already were not checked",
                because="What the patient was ordered, takes or was supplied is not available",
                do="Ask the patient what they take, or read it in the summary care record.",
            )
        )
    return found


def _compared(line: Holding, facts: list[Holding], kinds: frozenset[int], case: Asked) -> list[Finding]:
    known = case.knowledge.duplicate
    shared = line.substances & facts[0].substances
    if shared:
        found = _same_ingredient(line, facts, shared, case)
        return [found] if found else []
    return [
        _same_class(line, facts, each)
        for each in (known.classes[at] for at in sorted(kinds))
        if not (each.breakthrough and _one_when_required(line, facts, case))
    ]


def _same_ingredient(
    line: Holding, facts: list[Holding], shared: frozenset[str], case: Asked
) -> Finding | None:
    rule = case.knowledge.duplicate.same_ingredient
    other = facts[0]
    if shared <= rule.breakthrough and _one_when_required(line, facts, case):
        return None
    severity, reason = Severity.INTERRUPT, "Ask whether this replaces the other or is taken as well."
    if _acts_elsewhere(line, other):
        severity, reason = Severity.NOTE, "One of the two acts locally by another route; both may be meant."
    elif other.line is not None:
        reason = "Ask whether both are meant."
        if medicine(line) == medicine(other):
            reason = "Ask whether the same product is meant twice."
        elif _same_form(line, other):
            severity, reason = (
                Severity.NOTE,
                "Two strengths may make up one dose; see the directions.",
            )
    says = f"both contain {' and '.join(sorted(shared))}"
    return _found(line, facts, says, severity, reason, "same-ingredient", rule.source)


def _same_class(line: Holding, facts: list[Holding], each: DuplicateClass) -> Finding:
    severity = Severity.NOTE if _acts_elsewhere(line, facts[0]) else Severity.INTERRUPT
    do = f"Ask whether both are meant. {each.may_be_meant}"
    return _found(line, facts, f"both are of the kind: {each.title}", severity, do, "same-class", each.source)


def _found(
    line: Holding, facts: list[Holding], says: str, severity: Severity, do: str, rule: str, source: Source
) -> Finding:
    both = in_order([line, facts[0]])
    return finding(
        CHECK,
        severity,
        rule=rule,
        about=tuple(each.said for each in both),
        what=f"{both[0].name} and {both[1].name}: {says}",
        do=do,
        source=source,
        why=tuple(dict.fromkeys(fact(each) for each in in_order([line, *facts]))),
        lasting=(*(medicine(each) for each in both), says, source.definition),
    )


def _one_when_required(line: Holding, facts: list[Holding], case: Asked) -> bool:
    """Whether just one of the two is only for when it is required; a dosage not understood is neither."""
    one = _when_required(line, case)
    other = {_when_required(each, case) for each in facts} - {None}
    return (one is True and other == {False}) or (one is False and other == {True})


def _when_required(held: Holding, case: Asked) -> bool | None:
    said, dosage = held.said, None
    if isinstance(said, (ProposedLine, MedicationStatement)):
        dosage = said.dosage
    elif isinstance(said, MedicationOrder):
        dosage = said.request.dosage
    understood = case.understood(dosage) if dosage else None
    return None if understood is None else all(step.as_needed is not None for step in understood.steps)


def _same_form(one: Holding, other: Holding) -> bool:
    forms = [{product.form for product in each.medication.products if product.form} for each in (one, other)]
    return one.substances == other.substances and bool(forms[0] & forms[1])


def _acts_elsewhere(one: Holding, other: Holding) -> bool:
    """Whether the routes are known and different, and one of the two acts only where it is put."""
    if not one.routes or not other.routes or one.routes & other.routes:
        return False
    return one.local or other.local
