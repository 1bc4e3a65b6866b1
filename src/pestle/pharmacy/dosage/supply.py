"""How much a day is that, and how many days does a quantity last?

Both are exact and have two ends, because “1 or 2”, “every 4 to 6 hours” and “for 5 to 7 days” do. Once a
week is exactly one seventh a day. What does not follow from the instruction, the quantity and the product
is answered with `CannotTell` and its reason, never with a guess. The instruction is read as `read_dosage`
reads it: one whose text and structure disagree has no daily amount.

Rules of `CannotTell`: those of `parse` and `agree`, and ``supply.dose-not-stated``,
``supply.timing-not-stated``, ``supply.as-needed``, ``supply.up-to``, ``supply.unit``,
``supply.rate``, ``supply.quantity``, ``supply.in-use`` and those of `packing`. A dose for
“each eye” or “both eyes” is taken for each of the two.

Source: ours; FHIR R4 Dosage; product strength as in the NHS dictionary of medicines and devices.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from math import lcm

from pestle.pharmacy.dosage.dose import Dosage
from pestle.pharmacy.dosage.in_use import in_use
from pestle.pharmacy.dosage.packing import CannotTell as CannotTell
from pestle.pharmacy.dosage.packing import Packing, amount_of, in_unit
from pestle.pharmacy.dosage.phases import Phase, phases_of
from pestle.pharmacy.dosage.rate import WIDE, amount_in, decimal_of
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.quantity import Quantity, Unit, counted
from pestle.pharmacy.quantity import plain as number

# More than this is no quantity of one supply, in any unit.
_MOST_SUPPLIED = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Daily:
    """How much in one day, on average, in `unit` (an empty word where the instruction counts without one).

    `exact_least` and `exact_most` are exact; `least` and `most` are the same as Decimals, rounded down
    after six places where no decimal is exact. A least of zero means that nothing need be taken (“when
    required”, “up to”).
    """

    exact_least: Fraction
    exact_most: Fraction
    unit: Unit
    as_needed: bool = False

    @property
    def least(self) -> Decimal:
        """The least in a day."""
        return decimal_of(self.exact_least)

    @property
    def most(self) -> Decimal:
        """The most in a day."""
        return decimal_of(self.exact_most)

    @property
    def text(self) -> str:
        """“3 tablets a day”, “1 tablet every 7 days”, “4 to 8 tablets a day”, “up to 8 tablets a day”."""
        days = _days_for_decimals(self.exact_least, self.exact_most)
        least, most = decimal_of(self.exact_least * days), decimal_of(self.exact_most * days)
        words = number(most) if least == most else f"up to {number(most)}" if not least else None
        words = words or f"{number(least)} to {number(most)}"
        every = "a day" if days == 1 else f"every {days} days"
        return " ".join(f"{words} {counted(self.unit.text, most)} {every}".split())


@dataclass(frozen=True, slots=True)
class Days:
    """How many days a quantity lasts, within the course that the instruction states.

    `exact_least` is at the most use, `exact_most` at the least. `least` and `most` are Decimals, rounded
    down after six places. `covers_course` says whether the quantity is enough for the whole stated
    course: None when no end is stated, or when it depends on the use.
    """

    exact_least: Fraction
    exact_most: Fraction
    covers_course: bool | None = None

    @property
    def least(self) -> Decimal:
        """Days at the most use."""
        return decimal_of(self.exact_least)

    @property
    def most(self) -> Decimal:
        """Days at the least use."""
        return decimal_of(self.exact_most)

    @property
    def text(self) -> str:
        """“10 days”, “12.5 to 25 days”; parts of a day to two places, downwards."""
        least, most = (
            value.quantize(Decimal("0.01"), ROUND_DOWN, context=WIDE) for value in (self.least, self.most)
        )
        words = number(least) if least == most else f"{number(least)} to {number(most)}"
        return f"{words} {counted('day', most)}"


def daily_amount(dosage: Dosage) -> Daily | CannotTell:
    """The amount in one day: steps at the same time are added, steps that follow give the two ends.

    “When required” and “up to” have a least of zero. A maximum in a period caps the most.
    """
    phases = phases_of(dosage)
    if isinstance(phases, CannotTell):
        return phases
    unit = phases[0].unit
    ends: list[tuple[Fraction, Fraction]] = []
    for phase in phases:
        rate = amount_in(Decimal(1), phase.unit.text, unit.text)
        if rate is None:
            return CannotTell("supply.unit", f"One step is in {phase.unit}, another in {unit}.")
        ends.append((phase.least * rate, phase.most * rate))
    return Daily(
        min(low for low, _ in ends), max(high for _, high in ends), unit, any(p.as_needed for p in phases)
    )


def days_supply(
    dosage: Dosage, quantity: Quantity, product: Product | None = None, *, packing: Packing | None = None
) -> Days | CannotTell:
    """How many days the quantity lasts, step after step; never longer than the course that is stated.

    A dose in milligram is turned into the quantity's unit by the product's strength, where it has one
    ingredient and its strength is known, and drops, puffs and pens by `packing`. A bare “one” counts
    tablets, capsules and whatever else is counted one by one. Of containers that may be used for so many
    days, each lasts no longer than that.
    """
    return days_of_phases(phases_of(dosage), quantity, product, packing=packing)


def days_of_phases(
    phases: list[Phase] | CannotTell,
    quantity: Quantity,
    product: Product | None = None,
    *,
    packing: Packing | None = None,
) -> Days | CannotTell:
    """The same, of an instruction whose phases are known already."""
    if isinstance(phases, CannotTell):
        return phases
    if not 0 <= quantity.value <= _MOST_SUPPLIED:
        return CannotTell("supply.quantity", f"The quantity is {quantity.value:.6g}.")
    if packing and packing.in_use_days is not None:
        return _days_in_use(phases, quantity, product, packing)
    rates: list[Fraction] = []
    for phase in phases:
        rate = in_unit(phase.unit, quantity.unit, product, packing)
        if isinstance(rate, CannotTell):
            return rate
        rates.append(rate)
    if any(phase.cycle for phase in phases) and not _whole_cycles(phases, quantity, rates):
        return CannotTell("supply.cycle", "It is not a quantity for whole cycles of days on and off.")
    fast = _lasts(
        quantity, [(phase.most * rate, phase.shortest) for phase, rate in zip(phases, rates, strict=True)]
    )
    slow = _lasts(
        quantity, [(phase.least * rate, phase.longest) for phase, rate in zip(phases, rates, strict=True)]
    )
    assert fast is not None
    if not all(phase.least for phase in phases) or slow is None:
        return _not_regular(phases, fast[0])
    covers = fast[1] if fast[1] == slow[1] else None
    return Days(min(fast[0], slow[0]), max(fast[0], slow[0]), covers)


def _whole_cycles(phases: list[Phase], quantity: Quantity, rates: list[Fraction]) -> bool:
    """Whether the quantity ends with a cycle: only then do days on average tell when it is used up."""
    phase, rate = phases[0], rates[0]
    if len(phases) > 1 or phase.cycle is None or phase.least != phase.most or not phase.most * rate:
        return False
    return (Fraction(quantity.value) / (phase.most * rate * phase.cycle.of)).denominator == 1


def _days_in_use(
    phases: list[Phase], quantity: Quantity, product: Product | None, packing: Packing
) -> Days | CannotTell:
    assert packing.container is not None
    each = in_use(phases, product, packing)
    if isinstance(each, CannotTell):
        return each
    number_of = amount_of(quantity, packing.container, packing)
    if isinstance(number_of, CannotTell):
        return number_of
    if number_of.denominator != 1:
        reason = f"{quantity} is not a whole number of {counted(packing.container.text, Decimal(2))}."
        return CannotTell("supply.in-use", reason)
    least, most = number_of * each.at_most_use, number_of * each.at_least_use
    phase = each.phase
    if not phase.least:
        return _not_regular(phases, least if phase.shortest is None else min(least, phase.shortest))
    if phase.shortest is None or phase.longest is None:
        return Days(least, most)
    covers = True if least >= phase.longest else False if most < phase.shortest else None
    return Days(min(least, phase.shortest), min(most, phase.longest), covers)


def _lasts(
    quantity: Quantity, phases: list[tuple[Fraction, Fraction | None]]
) -> tuple[Fraction, bool | None] | None:
    """Days until the quantity or the course ends, and whether it covers the course; None if it never ends."""
    left, days = Fraction(quantity.value), Fraction(0)
    for rate, length in phases:
        if length is not None and rate * length <= left:
            left, days = left - rate * length, days + length
            continue
        if rate <= 0:
            return None
        return days + left / rate, None if length is None and rate else False
    return days, True


def _not_regular(phases: list[Phase], at_least: Fraction) -> CannotTell:
    if any(phase.as_needed for phase in phases):
        return CannotTell("supply.as-needed", "When required: no regular use.", decimal_of(at_least))
    return CannotTell("supply.up-to", "Up to: the least use is not stated.", decimal_of(at_least))


def _days_for_decimals(*values: Fraction) -> int:
    """The fewest days in which every amount is an exact decimal: 7 for one a week."""
    days = 1
    for value in values:
        rest = value.denominator
        for prime in (2, 5):
            while rest % prime == 0:
                rest //= prime
        days = lcm(days, rest)
    return days
