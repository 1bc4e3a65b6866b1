"""Would the patient have the same medicine, or the same kind of medicine, twice?

Compared are the lines with one another, and each line with the supplies that have not run out. A supply
made on day D that lasts n days covers D to D + n - 1. Two strengths of one substance may be meant, so a
duplicate never stops: it asks for an answer, or is a note where one of the two acts locally by another
route, or where the same product is ordered again in the ordinary days before it runs out.

Source: the definitions ``duplicate/*.yaml``, which each finding names.
"""

from __future__ import annotations

from datetime import date
from itertools import combinations

from pestle.pharmacy.checks.check import (
    Proposed,
    ProposedLine,
    finding,
    not_assessed,
)
from pestle.pharmacy.checks.finding import Assessment, Fact, Finding, Severity
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.checks.known.duplicate import DuplicateClass, SameIngredient
from pestle.pharmacy.definition import Source
from pestle.pharmacy.quantity import plain
from pestle.pharmacy.record.medication import MedicationSupply
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.record.timeline import days_left

CHECK = "duplicate"
TITLE = "Is it the same as something else the patient has?"

_Medicine = ProposedLine | MedicationSupply


def assess(proposed: Proposed, record: Record, *, knowledge: Knowledge, on: date) -> Assessment:
    """Findings for each pair of lines, and for each line with each supply that lasts beyond `on`."""
    rule = knowledge.duplicate.same_ingredient
    current = [supply for supply in record.supplies or () if _left(supply, rule, on=on) > 0]
    pairs: list[tuple[_Medicine, _Medicine]] = list(combinations(proposed.lines, 2))
    pairs += [(line, supply) for line in proposed.lines for supply in current]

    findings = {(found.key, found.line): found for found in _unknown(proposed, record, current, knowledge)}
    for one, other in pairs:
        for found in _compared(one, other, knowledge, on=on):
            findings.setdefault((found.key, found.line), found)
    return Assessment(CHECK, TITLE, tuple(findings.values()))


def _left(supply: MedicationSupply, rule: SameIngredient, *, on: date) -> int:
    return days_left(supply, on=on, unknown_lasts=rule.days_when_unknown)


def _unknown(
    proposed: Proposed, record: Record, current: list[MedicationSupply], knowledge: Knowledge
) -> list[Finding]:
    found = []
    items: list[_Medicine] = [*proposed.lines, *current]
    for item in items:
        if knowledge.substances.in_products(item.medication.products) is None:
            because = (
                "its active substances are not known"
                if item.medication.product
                else "it is not matched to a product"
            )
            found.append(
                not_assessed(
                    CHECK,
                    rule="substances",
                    about=(item,),
                    what=f"{item.medication.name} was not checked for duplicates",
                    because=f"For {_called(item)}, {because}",
                    do="Match it to a product whose ingredients are known, or compare it by hand.",
                )
            )
    if record.supplies is None:
        found.append(
            not_assessed(
                CHECK,
                rule="history",
                what="Duplicates with earlier supplies were not checked",
                because="What the patient was supplied before is not available",
                do="Ask the patient what they take, or read it in the summary care record.",
            )
        )
    return found


def _compared(one: _Medicine, other: _Medicine, knowledge: Knowledge, *, on: date) -> list[Finding]:
    has_one = knowledge.substances.in_products(one.medication.products) or frozenset()
    has_other = knowledge.substances.in_products(other.medication.products) or frozenset()
    shared = has_one & has_other
    if shared:
        return [_same_ingredient(one, other, shared, knowledge.duplicate.same_ingredient, on=on)]
    return [
        _same_class(one, other, each, knowledge.duplicate.same_ingredient)
        for each in knowledge.duplicate.classes
        if _is_in(one, has_one, each) and _is_in(other, has_other, each)
    ]


def _is_in(item: _Medicine, substances: frozenset[str], each: DuplicateClass) -> bool:
    codes = [product.bnf_code for product in item.medication.products if product.bnf_code]
    return bool(substances & each.members) or any(code.startswith(each.bnf) for code in codes if each.bnf)


def _same_ingredient(
    one: _Medicine, other: _Medicine, shared: frozenset[str], rule: SameIngredient, *, on: date
) -> Finding:
    severity, reason = Severity.INTERRUPT, "Ask whether both are meant; two strengths may make up one dose."
    if _acts_elsewhere(one, other, rule):
        severity, reason = Severity.NOTE, "One of the two acts locally by another route; both may be meant."
    elif _same_product(one, other):
        reason = "Ask whether the same product is meant twice."
        if isinstance(other, MedicationSupply) and 0 < _left(other, rule, on=on) <= rule.early_days:
            severity, reason = (
                Severity.NOTE,
                "Ordinary for a repeat; the next supply starts when this one ends.",
            )
    elif isinstance(other, MedicationSupply):
        reason = "Ask whether this replaces the earlier supply or is taken as well."
    return _found(
        one,
        other,
        f"both contain {' and '.join(sorted(shared))}",
        severity,
        reason,
        "same-ingredient",
        rule.source,
    )


def _same_class(one: _Medicine, other: _Medicine, each: DuplicateClass, rule: SameIngredient) -> Finding:
    severity = Severity.NOTE if _acts_elsewhere(one, other, rule) else Severity.INTERRUPT
    do = f"Ask whether both are meant. {each.may_be_meant}"
    return _found(one, other, f"both are of the kind: {each.title}", severity, do, "same-class", each.source)


def _found(
    one: _Medicine, other: _Medicine, says: str, severity: Severity, do: str, rule: str, source: Source
) -> Finding:
    first, second = sorted((one, other), key=_order)
    return finding(
        CHECK,
        severity,
        rule=rule,
        about=(first, second),
        what=f"{_called(first)} and {_called(second)}: {says}",
        do=do,
        source=source,
        why=(_fact(first), _fact(second)),
    )


def _order(item: _Medicine) -> tuple[bool, str, str, date]:
    when = item.on if isinstance(item, MedicationSupply) else date.min
    product = item.medication.product
    return isinstance(item, MedicationSupply), item.medication.name, product.id if product else "", when


def _called(item: _Medicine) -> str:
    when = f" (supplied {item.on:%d-%b-%Y})" if isinstance(item, MedicationSupply) else ""
    return f"{item.medication.name}{when}"


def _fact(item: _Medicine) -> Fact:
    if isinstance(item, ProposedLine):
        return Fact(text=f"On this prescription: {item.medication.name}")
    lasts = "not known for how long" if item.days_supply is None else f"for {plain(item.days_supply)} days"
    return Fact(text=f"Supplied: {item.medication.name}, {lasts}", on=item.on, source=item.provenance.who)


def _same_product(one: _Medicine, other: _Medicine) -> bool:
    """Whether both are one VMP, or brands of one."""
    ids = [
        {each for product in item.medication.products for each in (product.id, product.generic_id) if each}
        for item in (one, other)
    ]
    return bool(ids[0] & ids[1])


def _acts_elsewhere(one: _Medicine, other: _Medicine, rule: SameIngredient) -> bool:
    """Whether the routes are known and different, and one of the two acts only where it is put."""
    routes = [
        frozenset(route.casefold() for product in item.medication.products for route in product.routes or ())
        for item in (one, other)
    ]
    if not routes[0] or not routes[1] or routes[0] & routes[1]:
        return False
    return any(each <= rule.local_routes for each in routes)
