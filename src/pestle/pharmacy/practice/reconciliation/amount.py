"""How much of each substance do these directions come to, each time and a day?

Two lines are compared in what reaches the patient: a dose in tablets and one in milligrams are the same
amount where the strength says so. Amounts are exact fractions of a milligram, or of the unit that is counted
where no strength is in milligrams (units of insulin, patches that release so much an hour).

Source: ours; the dosage as `dosage.phases` reads it, strengths as in the dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from pestle.pharmacy.dosage.packing import in_unit
from pestle.pharmacy.dosage.phases import Phase, phases_read
from pestle.pharmacy.dosage.rate import decimal_of
from pestle.pharmacy.dosage.supply import CannotTell
from pestle.pharmacy.dosage.units import MASS, unit_word
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.medicines.substances import Substances
from pestle.pharmacy.practice.reconciliation.line import ListLine
from pestle.pharmacy.quantity import Unit, counted, plain

MG = Unit("mg")

# Of each substance so much; the unit is the same for all of them.
Amounts = Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Taken:
    """What one phase of the directions comes to: each substance a day, at the least and the most, and each
    time.

    `times` is how often a day at the most; `unit` that of all amounts.
    """

    least: Amounts
    most: Amounts
    each: Amounts
    times: Fraction
    unit: str
    phase: Phase

    @property
    def words(self) -> str:
        """“10 mg a day”, “1 mg every 7 days”, “up to 4000 mg a day, when required”."""
        days = int(1 / self.times) if self.times and (1 / self.times).denominator == 1 else 1
        parts = [
            _in_days(days, self.least[name], most, self.unit) for name, most in sorted(self.most.items())
        ]
        return " and ".join(dict.fromkeys(parts)) + (", when required" if self.phase.as_needed else "")


def values(amounts: Amounts) -> list[Fraction]:
    """How much there is of each, in the order of the substances' names."""
    return [amounts[name] for name in sorted(amounts)]


def taken(line: ListLine, substances: Substances) -> tuple[Taken, ...] | CannotTell:
    """What the line's directions come to, phase by phase."""
    phases = phases_read(line.directions)
    if isinstance(phases, CannotTell):
        return phases
    found: list[Taken] = []
    for phase in phases:
        one = _one_unit(phase.unit, line, substances)
        if isinstance(one, CannotTell):
            return one
        each, unit = one
        times = sum((often for often, _ in phase.doses), Fraction(0))
        largest = max((amount for _, amount in phase.doses), default=Fraction(0))
        found.append(Taken(
            _scaled(each, phase.least), _scaled(each, phase.most), _scaled(each, largest), times, unit, phase,
        ))  # fmt: skip
    return tuple(found)


def counted_alike(one: ListLine, other: ListLine) -> bool:
    """Whether one of what is counted is the same on both lines, so that numbers of it can be compared as they
    are."""
    if one.generic is not None and other.generic is not None and one.generic.id == other.generic.id:
        return True
    ours, theirs = _strengths(one), _strengths(other)
    if ours is not None and theirs is not None:
        return ours == theirs
    words, others = one.name.casefold().split(), other.name.casefold().split()
    if one.meant.products or other.meant.products:
        return words == others
    # Of what the dictionary does not have, strength and form follow the first word, which may be a slip.
    return len(words) > 1 and words[1:] == others[1:]


def _one_unit(unit: Unit, line: ListLine, substances: Substances) -> tuple[Amounts, str] | CannotTell:
    """What one of the dose's unit is, of each substance."""
    word = unit_word(unit.text) or unit.text.casefold()
    names = sorted(line.meant.substances)
    if word in MASS:
        if len(names) > 1:
            return CannotTell(
                "amount.several", f"A dose in {unit} of several substances: {', '.join(names)}."
            )
        return {names[0] if names else "": Fraction(MASS[word]) / Fraction(MASS["milligram"])}, "mg"
    answers = [_of_product(unit, product, substances) for product in _made(line)]
    known = [answer for answer in answers if not isinstance(answer, CannotTell)]
    if known and len(known) == len(answers) and all(answer == known[0] for answer in known):
        return known[0], "mg"
    return {"": Fraction(1)}, word


def _of_product(unit: Unit, product: Product, substances: Substances) -> Amounts | CannotTell:
    found: dict[str, Fraction] = {}
    for ingredient in product.ingredients or ():
        alone = replace(product, ingredients=(ingredient,))
        strength = ingredient.strength
        measure = unit if unit.text or strength is None else strength.denominator.unit
        one = in_unit(measure, MG, alone, None)
        if isinstance(one, CannotTell):
            return one
        names = substances.of(ingredient.name)
        found[" + ".join(sorted(names))] = one
    return found or CannotTell("amount.strength", f"The strength of {product.name} is not known.")


def _strengths(line: ListLine) -> frozenset[tuple[str, Fraction, str]] | None:
    """Each ingredient with how much of it is in one; None where that is not known."""
    found = set()
    for product in _made(line):
        for ingredient in product.ingredients or ():
            if ingredient.strength is None:
                return None
            above, below = ingredient.strength.numerator, ingredient.strength.denominator
            value = Fraction(above.value) / Fraction(below.value)
            found.add((ingredient.name.casefold(), value, f"{above.unit.text}/{below.unit.text}".casefold()))
    return frozenset(found) or None


def _made(line: ListLine) -> tuple[Product, ...]:
    """The products of which it is known that the line has their strength."""
    if line.product is not None:
        return (line.product,)
    return line.meant.products if line.meant.fits else ()


def _scaled(amounts: Amounts, by: Fraction) -> Amounts:
    return {name: amount * by for name, amount in amounts.items()}


def _in_days(days: int, least: Fraction, most: Fraction, unit: str) -> str:
    """What is taken every so many days is said so, and never as a part of it a day."""
    low, high = decimal_of(least * days), decimal_of(most * days)
    said = (
        plain(high)
        if low == high
        else f"up to {plain(high)}"
        if not low
        else f"{plain(low)} to {plain(high)}"
    )
    return f"{said} {counted(unit, high)}".strip() + (" a day" if days == 1 else f" every {days} days")
