"""What becomes of the practice's list when a line is settled?

A settled line is applied at once, as changes of the list (`practice.change`): a dose, form or brand revises a
line, a start is a new one, a stop ends it, and what is withheld or supplied by the hospital stays on the list
and is not issued. What is unchanged changes nothing, and a query nothing until it comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.dosage.packing import in_unit
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.rate import decimal_of
from pestle.pharmacy.dosage.supply import CannotTell, daily_amount
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.practice.change import Change, Wanted, new, revise, stop, wanted_of
from pestle.pharmacy.practice.medicines_list import Listed
from pestle.pharmacy.practice.reconciliation.outcome import Outcome, Proposal, Settled
from pestle.pharmacy.quantity import SNOMED, Quantity
from pestle.pharmacy.record.medication import CourseOfTherapy


def changes_of(
    proposal: Proposal, settled: Settled, listed: Mapping[str, Listed], *, letter: str
) -> tuple[Change, ...]:
    """The changes of the list that settle a medicine so. `listed` are the lines of the list by the keys of
    the proposal's; `letter` is what the reason names: “letter of 30-Nov-2026, Ashcombe General”."""
    because = _reason(proposal, settled, letter)
    lines = [listed[line.key] for line in proposal.listed]
    return tuple(_changes(proposal, settled, lines, because))


def directions_of(proposal: Proposal, settled: Settled) -> str:
    """How it is to be taken: as the person says, else as the letter says, else as the list has it."""
    arrived = [line.directions.text for line in proposal.arrived[:1]]
    has = [line.directions.text for line in proposal.listed[:1]]
    return next((text for text in (settled.directions, *arrived, *has) if text.strip()), "")


def medication_of(proposal: Proposal, settled: Settled) -> Coded:
    """Which medicine it is to be: the product that the person says, else the letter's where it names one,
    else the list's, else the name in the letter."""
    if settled.medication is not None:
        return settled.medication
    for line in (*proposal.arrived[:1], *proposal.listed[:1]):
        product = line.product
        if product is not None:
            return Coded(product.name, SNOMED, product.id)
    line = (proposal.listed or proposal.arrived)[0]
    return line.meant.medication.written


def _changes(proposal: Proposal, settled: Settled, lines: list[Listed], because: str) -> Iterator[Change]:
    match settled.outcome:
        case Outcome.UNCHANGED | Outcome.QUERY:
            return
        case Outcome.STARTED:
            yield new(_started(proposal, settled), because)
        case Outcome.STOPPED:
            yield from (stop(line, because) for line in lines)
        case Outcome.DUPLICATE:
            # In the letter alone it changes nothing here; on the list one of the two ends.
            if not proposal.arrived:
                yield from (stop(line, because) for line in lines)
        case Outcome.WITHHELD:
            until = settled.until or (proposal.arrived[0].change.until if proposal.arrived else None)
            for line in lines:
                wanted = replace(wanted_of(line.order), withheld=True, withheld_until=until)
                yield revise(line, wanted, because)
        case Outcome.HOSPITAL_ONLY:
            if not lines:
                yield new(replace(_started(proposal, settled), prescribed_elsewhere=True), because)
            for line in lines:
                wanted = replace(wanted_of(line.order), prescribed_elsewhere=True)
                if wanted != wanted_of(line.order):
                    yield revise(line, wanted, because)
        case Outcome.DOSE_CHANGED | Outcome.FORM_CHANGED:
            first, *others = lines
            yield revise(first, _revised(proposal, settled, first), because)
            yield from (stop(line, f"{because}: now with {first.name}") for line in others)


def _started(proposal: Proposal, settled: Settled) -> Wanted:
    line = proposal.arrived[0]
    return Wanted(
        medication=medication_of(proposal, settled),
        course=settled.course or CourseOfTherapy.REPEAT,
        dosage=_dosage(directions_of(proposal, settled)),
        indication=Coded(line.indication) if line.indication else None,
    )


def _revised(proposal: Proposal, settled: Settled, line: Listed) -> Wanted:
    before = wanted_of(line.order)
    medication, text = medication_of(proposal, settled), directions_of(proposal, settled)
    now = before.dosage.text if before.dosage else ""
    dosage = before.dosage if text == now else _dosage(text)
    product = next((each for each in _products(proposal) if each.id == medication.code), None)
    same = medication.code == before.medication.code and dosage == before.dosage
    quantity = before.quantity if same else _quantity(before, dosage, product)
    return replace(before, medication=medication, dosage=dosage, quantity=quantity)


def _quantity(before: Wanted, dosage: Dosage | None, product: Product | None) -> Quantity | None:
    """As much as lasts the days that it lasted before; None where that cannot be told: then whoever
    authorises it says how much."""
    if dosage is None or product is None or product.base_unit is None or before.days_supply is None:
        return None
    daily = daily_amount(dosage)
    if isinstance(daily, CannotTell) or daily.exact_least != daily.exact_most:
        return None
    one = in_unit(daily.unit, product.base_unit.unit, product, None)
    if isinstance(one, CannotTell):
        return None
    needed = daily.exact_most * one * Fraction(before.days_supply)
    return Quantity(decimal_of(needed), product.base_unit.unit) if needed.denominator == 1 else None


def _products(proposal: Proposal) -> Iterator[Product]:
    for line in (*proposal.arrived, *proposal.listed):
        yield from line.meant.medication.products


def _dosage(text: str) -> Dosage | None:
    """The directions as a dosage; words that are not understood stand in it as they are."""
    if not text.strip():
        return None
    reading = read(text)
    return reading.dosage or Dosage((DosageStep(text=text.strip()),))


def _reason(proposal: Proposal, settled: Settled, letter: str) -> str:
    said = [line.change.words for line in proposal.arrived if line.change.words]
    words = settled.reason.strip() or "; ".join(said) or settled.outcome.value
    return f"{words} ({letter})"
