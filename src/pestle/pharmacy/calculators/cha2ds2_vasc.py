"""How likely is a stroke in somebody with atrial fibrillation, in CHA2DS2-VASc points?

Congestive heart failure 1, hypertension 1, age 75 and over 2, diabetes 1, stroke, TIA or thromboembolism 2,
vascular disease 1, age 65 to 74 1, female sex 1. Not for valvular atrial fibrillation.

Source: Lip GYH, Nieuwlaat R, Pisters R, Lane DA, Crijns HJGM. Refining clinical risk stratification for
predicting stroke and thromboembolism in atrial fibrillation. Chest 2010;137:263-272.
"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import YesNo
from pestle.pharmacy.calculators.person import AGE, SEX, Sex
from pestle.pharmacy.calculators.points import scored
from pestle.pharmacy.calculators.result import Result


@formula(
    name="cha2ds2-vasc",
    title="CHA2DS2-VASc",
    says="Stroke risk in non-valvular atrial fibrillation, 0 to 9 points.",
    group="Scores",
    source="Lip GYH et al. Chest 2010;137:263-272",
    inputs=(
        AGE,
        SEX,
        YesNo("heart-failure", "Heart failure, or left ventricular dysfunction"),
        YesNo("hypertension", "Hypertension"),
        YesNo("diabetes", "Diabetes"),
        YesNo("stroke", "Stroke, TIA or thromboembolism before"),
        YesNo("vascular", "Vascular disease: heart attack, peripheral artery disease, aortic plaque"),
    ),
    words=("atrial fibrillation", "anticoagulant", "stroke"),
)
def cha2ds2_vasc(
    *,
    age_years: Decimal,
    sex: Sex,
    heart_failure: bool,
    hypertension: bool,
    diabetes: bool,
    stroke: bool,
    vascular: bool,
) -> Result:
    """CHA2DS2-VASc in points. What follows from them is for the prescriber, by the guideline in use."""
    items = (
        ("heart failure", int(heart_failure)),
        ("hypertension", int(hypertension)),
        ("age 75 and over", 2 if age_years >= 75 else 0),
        ("diabetes", int(diabetes)),
        ("stroke", 2 if stroke else 0),
        ("vascular disease", int(vascular)),
        ("age 65 to 74", int(65 <= age_years < 75)),
        ("female", int(sex == "female")),
    )
    return scored(items, meaning="")
