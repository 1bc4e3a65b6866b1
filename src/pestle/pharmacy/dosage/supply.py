"""How much a day is that, and how many days does a quantity last?

Both are exact and have two ends, because “1 or 2”, “every 4 to 6 hours” and “for 5 to 7 days” do. Once a
week is exactly one seventh a day. What does not follow from the instruction, the quantity and the product
is answered with `CannotTell` and its reason, never with a guess. The instruction is read as `read_dosage`
reads it: one whose text and structure disagree has no daily amount.

Rules of `CannotTell`: those of `parse` and `agree`, and ``supply.dose-not-stated``,
``supply.timing-not-stated``, ``supply.as-needed``, ``supply.up-to``, ``supply.unit``,
``supply.strength-unknown``, ``supply.both-sites``, ``supply.rate``, ``supply.quantity``.

Source: ours; FHIR R4 Dosage; product strength as in the NHS dictionary of medicines and devices.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Context, Decimal
from fractions import Fraction
from itertools import groupby
from math import lcm

from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.dosage.dose import Dosage, DosageStep
from pestle.pharmacy.dosage.lexicon import COUNTED, unit_word
from pestle.pharmacy.dosage.rate import (
    amount_in,
    course_days,
    dose_of,
    in_days,
    time_unit,
    times_per_day,
)
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.quantity import Quantity, Unit, counted
from pestle.pharmacy.quantity import plain as number

# More than this is no quantity of one supply, in any unit.
_MOST_SUPPLIED = Decimal(10) ** 12
_PLACES = Decimal("0.000001")
_WIDE = Context(prec=100)


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Why there is no number. `at_least` is the days that a quantity lasts at the most use, where that is
    known.
    """

    rule: str
    reason: str
    at_least: Decimal | None = None


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
        return _decimal(self.exact_least)

    @property
    def most(self) -> Decimal:
        """The most in a day."""
        return _decimal(self.exact_most)

    @property
    def text(self) -> str:
        """“3 tablets a day”, “1 tablet every 7 days”, “4 to 8 tablets a day”, “up to 8 tablets a day”."""
        days = _days_for_decimals(self.exact_least, self.exact_most)
        least, most = _decimal(self.exact_least * days), _decimal(self.exact_most * days)
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
        return _decimal(self.exact_least)

    @property
    def most(self) -> Decimal:
        """Days at the least use."""
        return _decimal(self.exact_most)

    @property
    def text(self) -> str:
        """“10 days”, “12.5 to 25 days”; parts of a day to two places, downwards."""
        least, most = (
            value.quantize(Decimal("0.01"), ROUND_DOWN, context=_WIDE) for value in (self.least, self.most)
        )
        words = number(least) if least == most else f"{number(least)} to {number(most)}"
        return f"{words} {counted('day', most)}"


def daily_amount(dosage: Dosage) -> Daily | CannotTell:
    """The amount in one day: steps at the same time are added, steps that follow give the two ends.

    “When required” and “up to” have a least of zero. A maximum in a period caps the most.
    """
    phases = _phases(dosage)
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


def days_supply(dosage: Dosage, quantity: Quantity, product: Product | None = None) -> Days | CannotTell:
    """How many days the quantity lasts, step after step; never longer than the course that is stated.

    A dose in milligram is turned into the quantity's unit by the product's strength, where it has one
    ingredient and its strength is known. A bare “one” counts tablets, capsules and whatever else is
    counted one by one.
    """
    phases = _phases(dosage)
    if isinstance(phases, CannotTell):
        return phases
    if not 0 <= quantity.value <= _MOST_SUPPLIED:
        return CannotTell("supply.quantity", f"The quantity is {quantity.value:.6g}.")
    rates: list[Fraction] = []
    for phase in phases:
        rate = _in_quantity(phase.unit, quantity.unit, product)
        if isinstance(rate, CannotTell):
            return rate
        rates.append(rate)
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


@dataclass(frozen=True, slots=True)
class _Phase:
    """One step, or steps at the same time: the amount a day, and for how many days (None: no end stated)."""

    least: Fraction
    most: Fraction
    unit: Unit
    shortest: Fraction | None
    longest: Fraction | None
    as_needed: bool


def _phases(dosage: Dosage) -> list[_Phase] | CannotTell:
    reading = read_dosage(dosage)
    if reading.dosage is None:
        assert reading.refusal is not None
        return CannotTell(reading.refusal.rule, reading.refusal.reason)
    steps = sorted(reading.dosage.steps, key=lambda step: step.sequence or 0)
    phases: list[_Phase] = []
    for _, together in groupby(steps, key=lambda step: step.sequence):
        phase = _together([_phase(step) for step in together])
        if isinstance(phase, CannotTell):
            return phase
        phases.append(phase)
    if any(phase.longest is None for phase in phases[:-1]):
        return CannotTell("supply.timing-not-stated", "It is not stated when the next step begins.")
    return phases


def _together(found: list[_Phase | CannotTell]) -> _Phase | CannotTell:
    """The sum of steps at the same time; they must run as long as each other."""
    total: _Phase | None = None
    for phase in found:
        if isinstance(phase, CannotTell):
            return phase
        if total is None:
            total = phase
            continue
        rate = amount_in(Decimal(1), phase.unit.text, total.unit.text)
        if rate is None:
            return CannotTell("supply.unit", f"One step is in {phase.unit}, another in {total.unit}.")
        if (phase.shortest, phase.longest) != (total.shortest, total.longest):
            return CannotTell("supply.timing-not-stated", "Steps at the same time end at different times.")
        total = replace(
            total,
            least=total.least + phase.least * rate,
            most=total.most + phase.most * rate,
            as_needed=total.as_needed or phase.as_needed,
        )
    assert total is not None
    return total


def _phase(step: DosageStep) -> _Phase | CannotTell:
    if any(entry.rate is not None for entry in step.doses):
        return CannotTell("supply.rate", "The dose is given at a rate.")
    dose = dose_of(step)
    if len(step.doses) > 1:
        return CannotTell("supply.dose-not-stated", "The dose is stated in more than one way.")
    if dose is None or dose[1] is None:
        return CannotTell("supply.dose-not-stated", "The dose is not stated.")
    often = times_per_day(step.repeat)
    if isinstance(often, str) and step.as_needed is not None:
        return CannotTell("supply.as-needed", f"When required: {often}.")
    if isinstance(often, str) or often.most is None:
        return CannotTell("supply.timing-not-stated", f"{str(often)[0].upper()}{str(often)[1:]}.")
    repeat = step.repeat
    if repeat and (repeat.count or repeat.count_max):
        return CannotTell("supply.timing-not-stated", "It is to be taken a stated number of times in all.")
    sites = _sites(step)
    if sites is None:
        return CannotTell(
            "supply.both-sites", "It is not stated whether the dose is for each side or for both."
        )
    low, high = dose[0], dose[1]
    unit = high.unit
    lowest = amount_in(low.value, low.unit.text, unit.text) if low else Fraction(0)
    assert lowest is not None
    least, most = lowest * often.least * sites, Fraction(high.value) * often.most * sites
    most = _capped(step, most, unit)
    course = course_days(repeat.bounds if repeat else None)
    needed = Fraction(0) if step.as_needed else min(least, most)
    return _Phase(needed, most, unit, course.least if course else None, course.most if course else None,
                  step.as_needed is not None)  # fmt: skip


def _sites(step: DosageStep) -> int | None:
    """How many places one dose goes to: “each eye” is two; “both eyes” may be one dose each or one in all."""
    words = step.site.text.casefold().split() if step.site else []
    return 2 if "each" in words else None if "both" in words else 1


def _capped(step: DosageStep, most: Fraction, unit: Unit) -> Fraction:
    """The most in a day, no more than the maximum in a period allows on average."""
    top = step.max_dose_per_period
    length = time_unit(top.denominator.unit.text) if top else None
    if top is None or length is None:
        return most
    allowed = amount_in(top.numerator.value, top.numerator.unit.text, unit.text)
    shortest, _ = in_days(top.denominator.value, length)
    return min(most, allowed / shortest) if allowed is not None and shortest > 0 else most


def _in_quantity(dose: Unit, supplied: Unit, product: Product | None) -> Fraction | CannotTell:
    """How much of the quantity's unit one unit of the dose is."""
    if dose.text and dose == supplied:
        return Fraction(1)
    if not dose.text:
        if unit_word(supplied.text) in COUNTED:
            return Fraction(1)
        return CannotTell("supply.unit", f"The dose has no unit and the quantity is in {supplied.text}.")
    same = amount_in(Decimal(1), dose.text, supplied.text)
    if same is not None:
        return same
    return _by_strength(dose, supplied, product)


def _by_strength(dose: Unit, supplied: Unit, product: Product | None) -> Fraction | CannotTell:
    what = f"The dose is in {dose.text} and the quantity in {supplied.text}"
    ingredients = product.ingredients if product else None
    if ingredients is not None and len(ingredients) > 1:
        return CannotTell("supply.strength-unknown", f"{what}: the product has several ingredients.")
    strength = ingredients[0].strength if ingredients else None
    if strength is None:
        return CannotTell("supply.strength-unknown", f"{what}: strength not known.")
    amount = amount_in(Decimal(1), dose.text, strength.numerator.unit.text)
    per = amount_in(strength.denominator.value, strength.denominator.unit.text, supplied.text)
    if per is None and strength.denominator.unit == supplied:
        per = Fraction(strength.denominator.value)
    if amount is None or per is None or strength.numerator.value <= 0 or per <= 0:
        return CannotTell("supply.unit", f"{what}: the product's strength does not connect the two.")
    return amount * per / Fraction(strength.numerator.value)


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


def _not_regular(phases: list[_Phase], at_least: Fraction) -> CannotTell:
    if any(phase.as_needed for phase in phases):
        return CannotTell("supply.as-needed", "When required: no regular use.", _decimal(at_least))
    return CannotTell("supply.up-to", "Up to: the least use is not stated.", _decimal(at_least))


def _decimal(value: Fraction) -> Decimal:
    exact = _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))
    return exact if Fraction(exact) == value else exact.quantize(_PLACES, ROUND_DOWN, context=_WIDE)


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
