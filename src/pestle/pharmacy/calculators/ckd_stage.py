"""Which category of kidney function is this filtration rate?

KDIGO: G1 90 and over, G2 60 to 89, G3a 45 to 59, G3b 30 to 44, G4 15 to 29, G5 below 15, in whole
mL/min/1.73 m².

Source: KDIGO 2012 clinical practice guideline for the evaluation and management of chronic kidney disease.
Kidney Int Suppl 2013;3:1-150.
"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import Number
from pestle.pharmacy.calculators.precision import rounded
from pestle.pharmacy.calculators.result import Result
from pestle.pharmacy.calculators.units import NORMALISED_GFR

_STAGES = (
    (90, "G1", "normal or high"),
    (60, "G2", "mildly decreased"),
    (45, "G3a", "mildly to moderately decreased"),
    (30, "G3b", "moderately to severely decreased"),
    (15, "G4", "severely decreased"),
    (0, "G5", "kidney failure"),
)


@formula(
    name="ckd-stage",
    title="CKD category of an eGFR (KDIGO)",
    says="G1 to G5, from the estimated glomerular filtration rate.",
    group="Kidneys",
    source="KDIGO 2012. Kidney Int Suppl 2013;3:1-150",
    inputs=(Number("egfr", "egfr", "eGFR", NORMALISED_GFR, Decimal(0), Decimal(250)),),
    words=("chronic kidney disease", "renal"),
)
def ckd_stage(*, egfr: Decimal) -> Result:
    """The category of an eGFR in mL/min/1.73 m², which is first rounded to whole ones, half up."""
    whole = rounded(egfr, 0)
    category, meaning = stage(whole)
    bounds = [least for least, _, _ in _STAGES]
    above = [least for least in bounds if least > whole]
    least = max(least for least in bounds if least <= whole)
    range_ = f"{least} to {min(above) - 1}" if above else f"{least} and over"
    return Result(
        category,
        f"{whole} lies in {range_}",
        meaning=meaning.capitalize(),
        warnings=("It is kidney disease only with other signs of it, or when it lasts for three months.",),
    )


def stage(whole: Decimal) -> tuple[str, str]:
    """Category and meaning of a whole eGFR."""
    return next((category, meaning) for least, category, meaning in _STAGES if whole >= least)
