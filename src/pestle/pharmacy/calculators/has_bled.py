"""How likely is a major bleed in somebody with atrial fibrillation, in HAS-BLED points?

One point each: systolic pressure over 160 mmHg, abnormal kidneys, abnormal liver, stroke, bleeding, labile
INR, age over 65, medicines that add to bleeding, alcohol. 3 and more is high.

Source: Pisters R, Lane DA, Nieuwlaat R, de Vos CB, Crijns HJGM, Lip GYH. A novel user-friendly score
(HAS-BLED) to assess 1-year risk of major bleeding in patients with atrial fibrillation. Chest
2010;138:1093-1100.
"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import YesNo
from pestle.pharmacy.calculators.person import AGE
from pestle.pharmacy.calculators.points import scored
from pestle.pharmacy.calculators.result import Result

_HIGH = 3


@formula(
    name="has-bled",
    title="HAS-BLED",
    says="Bleeding risk in atrial fibrillation, 0 to 9 points.",
    group="Scores",
    source="Pisters R et al. Chest 2010;138:1093-1100",
    inputs=(
        AGE,
        YesNo("hypertension", "Systolic blood pressure over 160 mmHg"),
        YesNo("kidneys", "Dialysis, transplant, or creatinine of 200 µmol/L or more"),
        YesNo("liver", "Cirrhosis, or bilirubin over twice with ALT, AST or ALP over three times normal"),
        YesNo("stroke", "Stroke before"),
        YesNo("bleeding", "Major bleed before, or a tendency to bleed"),
        YesNo("labile-inr", "Labile INR: in range less than 60 % of the time"),
        YesNo("medicines", "Antiplatelet or NSAID"),
        YesNo("alcohol", "Alcohol: 8 drinks a week or more"),
    ),
    words=("atrial fibrillation", "anticoagulant", "bleeding", "warfarin"),
)
def has_bled(
    *,
    age_years: Decimal,
    hypertension: bool,
    kidneys: bool,
    liver: bool,
    stroke: bool,
    bleeding: bool,
    labile_inr: bool,
    medicines: bool,
    alcohol: bool,
) -> Result:
    """HAS-BLED in points. A high score asks what can be changed; it does not withhold treatment."""
    items = (
        ("hypertension", int(hypertension)),
        ("kidneys", int(kidneys)),
        ("liver", int(liver)),
        ("stroke", int(stroke)),
        ("bleeding", int(bleeding)),
        ("labile INR", int(labile_inr)),
        ("age over 65", int(age_years > 65)),
        ("medicines", int(medicines)),
        ("alcohol", int(alcohol)),
    )
    total = sum(points for _, points in items)
    return scored(items, meaning="High risk of bleeding" if total >= _HIGH else "Not high")
