"""What is the estimated glomerular filtration rate of an adult, in mL/min for 1.73 m² of body surface?

constant × min(Scr/κ, 1)^α × max(Scr/κ, 1)^β × factor^age × (factor for women), Scr in mg/dL.

CKD-EPI 2009 is used here as the United Kingdom uses it: without the term for ethnicity, which NICE NG203
(2021) took out. CKD-EPI 2021 was refitted without it and is the United States' equation. It is not for
dosing by creatinine clearance: the product information of most medicines means Cockcroft-Gault.

Source: Levey AS, Stevens LA, Schmid CH, et al. A new equation to estimate glomerular filtration rate. Ann
Intern Med 2009;150:604-612. Inker LA, Eneanya ND, Coresh J, et al. New creatinine- and cystatin C-based
equations to estimate GFR without race. N Engl J Med 2021;385:1737-1749.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.ckd_stage import stage
from pestle.pharmacy.calculators.entry import Choice
from pestle.pharmacy.calculators.person import AGE, CREATININE_SERUM, SEX, Sex
from pestle.pharmacy.calculators.precision import decimal_of, rounded, shown
from pestle.pharmacy.calculators.result import Result, figure, result
from pestle.pharmacy.record import conversions

EquationName = Literal["ckd-epi-2009", "ckd-epi-2021"]

_UMOL_L_PER_MG_DL = decimal_of(conversions.CREATININE.times)
_KAPPA = {"female": Decimal("0.7"), "male": Decimal("0.9")}


@dataclass(frozen=True, slots=True)
class _Equation:
    constant: Decimal
    alpha: dict[str, Decimal]
    beta: Decimal
    per_year: Decimal
    female: Decimal


_EQUATIONS = {
    "ckd-epi-2009": _Equation(
        Decimal(141), {"female": Decimal("-0.329"), "male": Decimal("-0.411")},
        Decimal("-1.209"), Decimal("0.993"), Decimal("1.018"),
    ),
    "ckd-epi-2021": _Equation(
        Decimal(142), {"female": Decimal("-0.241"), "male": Decimal("-0.302")},
        Decimal("-1.200"), Decimal("0.9938"), Decimal("1.012"),
    ),
}  # fmt: skip


@formula(
    name="egfr",
    title="eGFR (CKD-EPI)",
    says="Estimated glomerular filtration rate of adults, in mL/min/1.73 m², with its CKD category.",
    group="Kidneys",
    source="Levey AS et al. Ann Intern Med 2009;150:604-612; Inker LA et al. N Engl J Med 2021;385:1737-1749",
    inputs=(
        AGE,
        SEX,
        CREATININE_SERUM,
        Choice(
            "equation",
            "Equation",
            {"ckd-epi-2009": "CKD-EPI 2009 without ethnicity (UK)", "ckd-epi-2021": "CKD-EPI 2021 (US)"},
            default="ckd-epi-2009",
            countries={"uk": "ckd-epi-2009", "us": "ckd-epi-2021"},
        ),
    ),
    words=("GFR", "kidney function", "renal function"),
)
def egfr(*, age_years: Decimal, sex: Sex, creatinine_umol_l: Decimal, equation: EquationName) -> Result:
    """eGFR in mL/min/1.73 m², shown whole, as laboratories report it."""
    one = _EQUATIONS[equation]
    ratio = creatinine_umol_l / _UMOL_L_PER_MG_DL / _KAPPA[sex]
    low, high = min(ratio, Decimal(1)), max(ratio, Decimal(1))
    rate = one.constant * low ** one.alpha[sex] * high**one.beta * one.per_year**age_years
    scr = f"{shown(creatinine_umol_l / _UMOL_L_PER_MG_DL)}/{_KAPPA[sex]}"
    words = (
        f"{one.constant} × min({scr}, 1)^{one.alpha[sex]} × max({scr}, 1)^{one.beta}"
        f" × {one.per_year}^{shown(age_years)}"
    ).replace("^-", "^−")
    if sex == "female":
        rate *= one.female
        words += f" × {one.female}"
    category, meaning = stage(rounded(rate, 0))
    return result(
        figure(rate, "mL/min/1.73 m²", places=0),
        words,
        meaning=f"Category {category}: {meaning}",
    )
