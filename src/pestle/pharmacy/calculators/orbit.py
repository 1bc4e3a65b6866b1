"""How likely is a bleed in somebody with atrial fibrillation who takes an anticoagulant, in ORBIT points?

Low haemoglobin, haematocrit, or anaemia 2; age over 74 1; bleeding before 2; eGFR under 60 1; an
antiplatelet 1. Low haemoglobin is below 130 g/L in men and 120 g/L in women. 0 to 2 low, 3 medium, 4 to 7
high.

Source: O'Brien EC, Simon DN, Thomas LE, et al. The ORBIT bleeding score: a simple bedside score to assess
bleeding risk in atrial fibrillation. Eur Heart J 2015;36:3258-3264.
"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import YesNo
from pestle.pharmacy.calculators.person import AGE
from pestle.pharmacy.calculators.points import scored
from pestle.pharmacy.calculators.result import Result


@formula(
    name="orbit",
    title="ORBIT",
    says="Bleeding risk with an anticoagulant in atrial fibrillation, 0 to 7 points.",
    group="Scores",
    source="O'Brien EC et al. Eur Heart J 2015;36:3258-3264",
    inputs=(
        AGE,
        YesNo("anaemia", "Haemoglobin below 130 g/L (men) or 120 g/L (women), or anaemia"),
        YesNo("bleeding", "Bleeding before"),
        YesNo("egfr-below-60", "eGFR below 60"),
        YesNo("antiplatelet", "Takes an antiplatelet"),
    ),
    words=("atrial fibrillation", "anticoagulant", "bleeding"),
)
def orbit(
    *, age_years: Decimal, anaemia: bool, bleeding: bool, egfr_below_60: bool, antiplatelet: bool
) -> Result:
    """ORBIT in points, with the paper's band."""
    items = (
        ("anaemia", 2 if anaemia else 0),
        ("age over 74", int(age_years > 74)),
        ("bleeding", 2 if bleeding else 0),
        ("eGFR below 60", int(egfr_below_60)),
        ("antiplatelet", int(antiplatelet)),
    )
    total = sum(points for _, points in items)
    return scored(
        items, meaning=f"{'Low' if total <= 2 else 'Medium' if total == 3 else 'High'} risk of bleeding"
    )
