"""How fast do an adult's kidneys clear creatinine, in mL/min?

(140 − age) × weight × constant ÷ serum creatinine, age in completed years, weight in kg.

- UK: creatinine in µmol/L, constant 1.23 for men and 1.04 for women.
- US: creatinine in mg/dL, constant 1/72, times 0.85 for women. The two differ by about 0.3 %.

Which weight went in changes the figure more than the constants do, so it is named: actual, ideal (Devine),
or adjusted (ideal plus 0.4 of what is above it). Not for children, pregnancy, dialysis or a creatinine that
is changing.

Source: Cockcroft DW, Gault MH. Prediction of creatinine clearance from serum creatinine. Nephron
1976;16:31-41 (249 men of 18 to 92 years; the factor for women is the authors' proposal).
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Literal

from pestle.pharmacy.calculators.body_weight import adjusted_kg, ideal_formula, ideal_kg, not_below
from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import Choice, missing
from pestle.pharmacy.calculators.person import (
    AGE,
    CREATININE_SERUM,
    HEIGHT,
    SEX,
    WEIGHT,
    Country,
    Sex,
)
from pestle.pharmacy.calculators.precision import decimal_of, shown
from pestle.pharmacy.calculators.result import Figure, Result, figure, result
from pestle.pharmacy.record import conversions

WeightUsed = Literal["actual", "ideal", "adjusted"]

# By sex, with creatinine in µmol/L.
UK_CONSTANTS = {"male": Decimal("1.23"), "female": Decimal("1.04")}
_US_DIVISOR, _US_FEMALE = Decimal(72), Decimal("0.85")
_UMOL_L_PER_MG_DL = decimal_of(conversions.CREATININE.times)
_HEIGHT = replace(HEIGHT, optional=True, hint="Only for ideal and adjusted weight")
_WEIGHT_USED = Choice(
    "weight-used",
    "Which weight to use",
    {
        "actual": "Actual weight",
        "ideal": "Ideal weight (Devine)",
        "adjusted": "Adjusted weight (ideal + 0.4)",
    },
    default="actual",
    hint="For anticoagulants the actual weight is used",
)
_CONSTANTS = Choice(
    "constants",
    "Constants",
    {"uk": "UK: 1.23 men, 1.04 women", "us": "US: 72, and 0.85 for women"},
    default="uk",
    countries={"uk": "uk", "us": "us"},
)


@formula(
    name="creatinine-clearance",
    title="Creatinine clearance (Cockcroft-Gault)",
    says="Kidney function for dosing, in mL/min, of adults with a steady creatinine.",
    group="Kidneys",
    source="Cockcroft DW, Gault MH. Nephron 1976;16:31-41",
    inputs=(
        replace(AGE, studied=(Decimal(18), Decimal(92))),
        SEX,
        WEIGHT,
        CREATININE_SERUM,
        _CONSTANTS,
        _WEIGHT_USED,
        _HEIGHT,
    ),
    words=("CrCl", "eCrCl", "renal function"),
)
def creatinine_clearance(
    *,
    age_years: Decimal,
    sex: Sex,
    weight_kg: Decimal,
    creatinine_umol_l: Decimal,
    constants: Country,
    weight_used: WeightUsed,
    height_cm: Decimal | None = None,
) -> Result:
    """The clearance in mL/min, shown to one decimal. `weight_kg` is the actual weight; `height_cm` is needed
    for the other two. Raises `Refused`: ``calculator.missing``, ``calculator.out-of-range``,
    ``calculator.below-ideal``.
    """
    weight, also = _weight(weight_used, sex, weight_kg, height_cm)
    years = 140 - age_years
    if constants == "uk":
        clearance = years * weight * UK_CONSTANTS[sex] / creatinine_umol_l
        words = (
            f"(140 − {shown(age_years)}) × {shown(weight)} × {UK_CONSTANTS[sex]} ÷ {shown(creatinine_umol_l)}"
        )
    else:
        creatinine = creatinine_umol_l / _UMOL_L_PER_MG_DL
        clearance = years * weight / (_US_DIVISOR * creatinine)
        words = f"(140 − {shown(age_years)}) × {shown(weight)} ÷ (72 × {shown(creatinine)})"
        if sex == "female":
            clearance *= _US_FEMALE
            words += f" × {_US_FEMALE}"
    meaning = f"With the {weight_used} weight, {shown(weight, 1)} kg, and the {constants.upper()} constants"
    return result(figure(clearance, "mL/min", places=1), words, meaning=meaning, also=also)


def _weight(
    used: WeightUsed, sex: Sex, actual: Decimal, height_cm: Decimal | None
) -> tuple[Decimal, tuple[Figure, ...]]:
    if used == "actual":
        return actual, ()
    if height_cm is None:
        raise missing(_HEIGHT)
    ideal = ideal_kg(sex, height_cm)
    not_below(ideal, actual)
    weight = ideal if used == "ideal" else adjusted_kg(ideal, actual)
    label = f"{used.capitalize()} weight: {ideal_formula(sex, height_cm)}"
    return weight, (figure(weight, "kg", places=2, label=label),)
