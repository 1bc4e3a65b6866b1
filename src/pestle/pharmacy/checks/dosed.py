"""How much of one substance does an instruction come to, at a time and in a day?

Amounts are exact, in the unit that is asked for (mg, unit). Tablets and millilitres become an amount by the
strength of that ingredient; an amount in milligrams is the substance's own where it is the only one. Of what
is for when it is required the most counts. What does not follow is answered with why. A supply says only how
much a day, from its quantity and its days.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pestle.pharmacy.checks.asked import Asked
from pestle.pharmacy.checks.check import ProposedLine
from pestle.pharmacy.checks.finding import Fact
from pestle.pharmacy.checks.holding import Holding, in_order, medicine
from pestle.pharmacy.dosage.dose import Dosage
from pestle.pharmacy.dosage.packing import CannotTell, in_unit
from pestle.pharmacy.dosage.rate import amount_in, decimal_of, dose_of
from pestle.pharmacy.medicines.concept import Ingredient
from pestle.pharmacy.medicines.substances import Substances
from pestle.pharmacy.quantity import Unit, plain
from pestle.pharmacy.record.medication import MedicationStatement, MedicationSupply


@dataclass(frozen=True, slots=True)
class Dosed:
    """The most at one time, the least and the most in a day, and how often a day at the most.

    A part is None where it does not follow; `why` then says why.
    """

    single: Fraction | None
    least: Fraction | None
    most: Fraction | None
    often: Fraction | None
    why: str = ""


def dosed(held: Holding, substance: str, unit: str, case: Asked) -> Dosed:
    """How much of the substance the medicine comes to, in `unit`."""
    said, substances = held.said, case.knowledge.substances
    if isinstance(said, MedicationSupply):
        return _supplied(held, said, substance, unit, substances)
    dosage = said.dosage if isinstance(said, (ProposedLine, MedicationStatement)) else said.request.dosage
    if dosage is None:
        return Dosed(None, None, None, None, f"The instruction for {held.name} is not known")
    phases = case.phases(dosage)
    if isinstance(phases, CannotTell):
        single = _single(case.understood(dosage), held, substance, unit, substances)
        return Dosed(single, None, None, None, f"{held.name}: {_lower(phases.reason)}")
    singles, least, most, often = [Fraction(0)], [], [], [Fraction(0)]
    for phase in phases:
        each = _each(phase.unit, held, substance, unit, substances)
        often.append(sum((times for times, _ in phase.doses), Fraction(0)))
        if isinstance(each, str):
            return Dosed(None, None, None, max(often), each)
        singles += [amount * each for _, amount in phase.doses]
        least.append(phase.least * each)
        most.append(phase.most * each)
    return Dosed(max(singles), min(least), max(most), max(often))


@dataclass(frozen=True, slots=True)
class Total:
    """What a day comes to at the most, from which medicines; `missing` says what could not be added."""

    value: Fraction
    parts: tuple[tuple[Holding, Fraction], ...]
    missing: tuple[str, ...]


def others(substance: str, mine: list[Holding], has: tuple[Holding, ...]) -> list[list[Holding]]:
    """What the patient has with the substance beside these lines, each with the facts that tell of it; what
    a line renews is not among them, nor what acts only where it is put."""
    renewed = {medicine(line) for line in mine}
    found: dict[str, list[Holding]] = {}
    for each in has:
        if substance in each.substances and not each.local and medicine(each) not in renewed:
            found.setdefault(medicine(each), []).append(each)
    return list(found.values())


def a_day(
    mine: list[Holding],
    beside: list[list[Holding]],
    substance: str,
    unit: str,
    case: Asked,
) -> Total:
    """The most in a day of these lines and of the other medicines; of the facts about one medicine the one
    that says most counts."""
    total, parts, missing = Fraction(0), [], []
    for several in [*([line] for line in mine), *beside]:
        answers = [(dosed(each, substance, unit, case), each) for each in in_order(several)]
        known = [(answer.most, each) for answer, each in answers if answer.most is not None]
        if not known:
            missing.append(answers[0][0].why)
            continue
        most, held = max(known, key=lambda answer: answer[0])
        total += most
        parts.append((held, most))
    return Total(total, tuple(parts), tuple(missing))


def says(held: Holding, amount: Fraction, unit: str, times: str) -> Fact:
    """What a medicine comes to, as a fact."""
    return Fact(f"{held.name}: up to {written(amount, unit)} {times}")


def written(amount: Fraction, unit: str) -> str:
    """An amount as it is shown, to three places."""
    return f"{plain(round(decimal_of(amount), 3))} {unit}"


def _supplied(
    held: Holding, supply: MedicationSupply, substance: str, unit: str, substances: Substances
) -> Dosed:
    if supply.quantity is None or not supply.days_supply or supply.days_supply < 0:
        return Dosed(None, None, None, None, f"How {held.name}, supplied, is taken is not known")
    each = _each(supply.quantity.unit, held, substance, unit, substances)
    if isinstance(each, str):
        return Dosed(None, None, None, None, each)
    daily = Fraction(supply.quantity.value) * each / Fraction(supply.days_supply)
    return Dosed(None, daily, daily, None, f"How {held.name}, supplied, is taken is not known")


def _single(
    understood: Dosage | None, held: Holding, substance: str, unit: str, substances: Substances
) -> Fraction | None:
    found = []
    for step in understood.steps if understood else ():
        dose = dose_of(step)
        each = _each(dose[1].unit, held, substance, unit, substances) if dose and dose[1] else ""
        if isinstance(each, str):
            return None
        assert dose
        assert dose[1]
        found.append(Fraction(dose[1].value) * each)
    return max(found, default=None)


def _each(counted: Unit, held: Holding, substance: str, unit: str, substances: Substances) -> Fraction | str:
    """How much of the substance one of what the instruction counts is."""
    if counted.text:
        direct = amount_in(Decimal(1), counted.text, unit)
        if direct is not None:
            alone = held.substances == {substance}
            return direct if alone else f"{held.name}: of which ingredient the dose is told is not said"
    known = [
        ingredient
        for product in held.medication.products
        for ingredient in product.ingredients or ()
        if substance in substances.of(ingredient.name)
    ]
    for ingredient in known:
        each = _by_strength(ingredient, counted, unit)
        if each is not None:
            return each
    if not any(ingredient.strength for ingredient in known):
        return f"The strength of {substance} in {held.name} is not known"
    return f"{held.name}: the strength does not say how much one {counted.text or 'of it'} is"


def _by_strength(ingredient: Ingredient, counted: Unit, unit: str) -> Fraction | None:
    strength = ingredient.strength
    if strength is None or strength.denominator.value <= 0:
        return None
    amount = amount_in(strength.numerator.value, strength.numerator.unit.text, unit)
    number_of = in_unit(counted, strength.denominator.unit, None, None)
    if amount is None or isinstance(number_of, CannotTell):
        return None
    return amount * number_of / Fraction(strength.denominator.value)


def _lower(reason: str) -> str:
    return f"{reason[0].lower()}{reason[1:]}".rstrip(".")
