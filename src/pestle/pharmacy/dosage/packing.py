"""How much of what is supplied is one of what the instruction counts?

A dose in milligram is so many tablets or millilitres by the product's strength; drops, puffs, pens and
fingertip units are so much only where somebody says so (“20 drops = 1 ml”). What no fact connects is
answered with `CannotTell`; facts that contradict each other too.

Rules: ``supply.unit``, ``supply.strength-unknown``, ``supply.two-answers``. Source: ours; strengths as in
the NHS dictionary of medicines and devices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pestle.pharmacy.dosage.rate import amount_in
from pestle.pharmacy.dosage.units import COUNTED, unit_word
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.quantity import Quantity, Ratio, Unit
from pestle.pharmacy.refusal import refuse


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Why there is no number. `at_least` is the days that a quantity lasts at the most use, where that is
    known.
    """

    rule: str
    reason: str
    at_least: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Packing:
    """What is known of the pack beside the product's strength.

    `equal`: what is as much as what, such as 20 drops in 1 ml, 200 puffs in 1 inhaler, 300 units in 1 pen.
    `container` is what is opened one after the other, `in_use_days` how long one may be used from then on;
    what is left in it is waste.
    """

    equal: tuple[Ratio, ...] = ()
    container: Unit | None = None
    in_use_days: int | None = None

    def __post_init__(self) -> None:
        if any(min(fact.numerator.value, fact.denominator.value) <= 0 for fact in self.equal):
            raise refuse("packing.amount", "A pack holds more than nothing.", place="equal")
        if self.in_use_days is not None and (self.in_use_days < 1 or self.container is None):
            raise refuse("packing.in-use", "Days in use are one or more, of a named container.",
                         place="in_use_days")  # fmt: skip


def in_unit(
    dose: Unit, wanted: Unit, product: Product | None, packing: Packing | None
) -> Fraction | CannotTell:
    """How many of `wanted` one `dose` unit is. A dose without a unit counts what is counted one by one."""
    if not dose.text:
        if unit_word(wanted.text) in COUNTED:
            return Fraction(1)
        return CannotTell("supply.unit", f"The dose has no unit and the quantity is in {wanted.text}.")
    facts = [*_strengths(product), *(packing.equal if packing else ())]
    answers = set(_ways(Fraction(1), dose, wanted, facts))
    if len(answers) > 1:
        reason = f"What is known of the pack says in two ways how many {wanted.text} one {dose.text} is."
        return CannotTell("supply.two-answers", reason)
    return answers.pop() if answers else _no_way(dose, wanted, product)


def _strengths(product: Product | None) -> list[Ratio]:
    """The product's strength, where one ingredient has it; the strength of one of several says nothing."""
    ingredients = (product.ingredients if product else None) or ()
    strength = ingredients[0].strength if len(ingredients) == 1 else None
    usable = strength and min(strength.numerator.value, strength.denominator.value) > 0
    return [strength] if strength and usable else []


def _ways(amount: Fraction, unit: Unit, wanted: Unit, facts: list[Ratio]) -> Iterator[Fraction]:
    """Every answer that a chain of facts gives, each fact used once at most."""
    direct = _converted(unit, wanted)
    if direct is not None:
        yield amount * direct
        return
    for fact in facts:
        for one, other in ((fact.numerator, fact.denominator), (fact.denominator, fact.numerator)):
            step = _converted(unit, one.unit)
            if step is not None:
                through = amount * step * Fraction(other.value) / Fraction(one.value)
                yield from _ways(through, other.unit, wanted, [rest for rest in facts if rest is not fact])


def _converted(unit: Unit, wanted: Unit) -> Fraction | None:
    return Fraction(1) if unit == wanted else amount_in(Decimal(1), unit.text, wanted.text)


def _no_way(dose: Unit, wanted: Unit, product: Product | None) -> CannotTell:
    what = f"The dose is in {dose.text} and the quantity in {wanted.text}"
    ingredients = product.ingredients if product else None
    if ingredients is not None and len(ingredients) > 1:
        return CannotTell("supply.strength-unknown", f"{what}: the product has several ingredients.")
    if not _strengths(product):
        return CannotTell(
            "supply.strength-unknown", f"{what}: neither a strength nor another fact connects them."
        )
    return CannotTell("supply.unit", f"{what}: the product's strength does not connect the two.")


def amount_of(amount: Quantity, wanted: Unit, packing: Packing | None) -> Fraction | CannotTell:
    """How many of `wanted` that quantity is."""
    one = in_unit(amount.unit, wanted, None, packing)
    return one if isinstance(one, CannotTell) else one * Fraction(amount.value)
