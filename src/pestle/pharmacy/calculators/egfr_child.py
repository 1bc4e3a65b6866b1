"""What is the estimated glomerular filtration rate of a child, in mL/min for 1.73 m²?

Bedside Schwartz: 0.413 × height in cm ÷ serum creatinine in mg/dL (enzymatic assay).

Source: Schwartz GJ, Muñoz A, Schneider MF, et al. New equations to estimate GFR in children with CKD. J Am
Soc Nephrol 2009;20:629-637 (children of 1 to 16 years whose filtration rate was 15 to 75).
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.person import AGE, CREATININE_SERUM, HEIGHT, anybody
from pestle.pharmacy.calculators.precision import decimal_of, shown
from pestle.pharmacy.calculators.result import Result, figure, result
from pestle.pharmacy.record import conversions

_CONSTANT, _UMOL_L_PER_MG_DL = Decimal("0.413"), decimal_of(conversions.CREATININE.times)
_HIGHEST = 75


@formula(
    name="egfr-child",
    title="eGFR of a child (bedside Schwartz)",
    says="Estimated glomerular filtration rate of 1 to 17 year-olds, in mL/min/1.73 m².",
    group="Kidneys",
    source="Schwartz GJ et al. J Am Soc Nephrol 2009;20:629-637",
    inputs=(
        replace(anybody(AGE, "1", "17"), studied=(Decimal(1), Decimal(16))),
        anybody(HEIGHT, "45", "220"),
        anybody(CREATININE_SERUM, "10", "1500"),
    ),
    words=("paediatric", "GFR"),
)
def egfr_child(*, age_years: Decimal, height_cm: Decimal, creatinine_umol_l: Decimal) -> Result:
    """eGFR in mL/min/1.73 m², shown to one decimal. The age does not enter it: it says for whom it holds."""
    creatinine = creatinine_umol_l / _UMOL_L_PER_MG_DL
    rate = _CONSTANT * height_cm / creatinine
    high = f"The paper's children had up to {_HIGHEST}: a higher figure is “above {_HIGHEST}”, no more."
    return result(
        figure(rate, "mL/min/1.73 m²", places=1),
        f"0.413 × {shown(height_cm)} ÷ {shown(creatinine)}",
        warnings=(high,) if rate > _HIGHEST else (),
    )
