"""What would an adult of this height weigh by Devine's formula, and what is the adjusted weight between the
two?

- Ideal: 50 kg (men) or 45.5 kg (women), and 2.3 kg for each inch above 60 inches (152.4 cm). It says nothing
  of shorter people and is refused for them.
- Adjusted: ideal + 0.4 × (actual − ideal), for people above their ideal weight.

Source: Devine BJ. Gentamicin therapy. Drug Intell Clin Pharm 1974;8:650-655. The 0.4: Bauer LA, Edwards WAD,
Dellinger EP, Simonowitz DA. Influence of weight on aminoglycoside pharmacokinetics in normal weight and
morbidly obese patients. Eur J Clin Pharmacol 1983;24:643-647.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.person import HEIGHT, SEX, WEIGHT, Sex
from pestle.pharmacy.calculators.precision import decimal_of, shown
from pestle.pharmacy.calculators.result import Result, figure, result
from pestle.pharmacy.record import conversions
from pestle.pharmacy.refusal import refuse

_BASE = {"male": Decimal(50), "female": Decimal("45.5")}
_PER_INCH, _CM_PER_INCH, _INCHES = Decimal("2.3"), decimal_of(conversions.INCH.times), 60
_ABOVE = Decimal("0.4")
_HEIGHT = replace(HEIGHT, low=_INCHES * _CM_PER_INCH)


@formula(
    name="ideal-body-weight",
    title="Ideal body weight (Devine)",
    says="In kg, from sex and height, of adults of 152.4 cm (5 ft) or more.",
    group="Body",
    source="Devine BJ. Drug Intell Clin Pharm 1974;8:650-655",
    inputs=(SEX, _HEIGHT),
    words=("IBW",),
)
def ideal_body_weight(*, sex: Sex, height_cm: Decimal) -> Result:
    """Ideal weight in kg, shown to one decimal. Raises `Refused` (``calculator.out-of-range``) below 152.4
    cm."""
    return result(figure(ideal_kg(sex, height_cm), "kg", places=1), ideal_formula(sex, height_cm))


@formula(
    name="adjusted-body-weight",
    title="Adjusted body weight",
    says="In kg, between ideal and actual weight, for people above their ideal weight.",
    group="Body",
    source="Devine BJ. Drug Intell Clin Pharm 1974;8:650-655; "
    "Bauer LA et al. Eur J Clin Pharmacol 1983;24:643-647",
    inputs=(SEX, _HEIGHT, WEIGHT),
    words=("ABW", "AdjBW", "obesity"),
)
def adjusted_body_weight(*, sex: Sex, height_cm: Decimal, weight_kg: Decimal) -> Result:
    """Adjusted weight in kg, shown to one decimal. Raises `Refused`: ``calculator.out-of-range``,
    ``calculator.below-ideal`` where the actual weight is below the ideal one, because the formula would then
    give more than the person weighs.
    """
    ideal = ideal_kg(sex, height_cm)
    not_below(ideal, weight_kg)
    words = f"{shown(ideal)} + 0.4 × ({shown(weight_kg)} − {shown(ideal)})"
    also = (figure(ideal, "kg", places=1, label=f"Ideal weight: {ideal_formula(sex, height_cm)}"),)
    return result(figure(adjusted_kg(ideal, weight_kg), "kg", places=1), words, also=also)


def ideal_kg(sex: Sex, height_cm: Decimal) -> Decimal:
    """Devine's weight. Raises `Refused` (``calculator.out-of-range``) below 60 inches."""
    _HEIGHT.check(height_cm)
    return _BASE[sex] + _PER_INCH * (height_cm / _CM_PER_INCH - _INCHES)


def adjusted_kg(ideal: Decimal, actual: Decimal) -> Decimal:
    """Ideal and 0.4 of what is above it."""
    return ideal + _ABOVE * (actual - ideal)


def not_below(ideal: Decimal, actual: Decimal) -> None:
    """Raises `Refused` (``calculator.below-ideal``) for somebody below the ideal weight."""
    if actual < ideal:
        raise refuse(
            "calculator.below-ideal",
            f"The actual weight, {shown(actual)} kg, is below the ideal one, {shown(ideal, 1)} kg",
            place="weight",
            way_out="Use the actual weight.",
        )


def ideal_formula(sex: Sex, height_cm: Decimal) -> str:
    """The formula of the ideal weight with the numbers put in."""
    return f"{_BASE[sex]} + 2.3 × ({shown(height_cm)} ÷ 2.54 − 60)"
