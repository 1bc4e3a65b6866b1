"""How much carboplatin gives the intended exposure, in mg?

Calvert: target AUC in mg/mL·min × (GFR in mL/min + 25). An estimated GFR is capped at 125 mL/min, because
formulas overestimate at low creatinine; a measured one (isotope) is not.

Source: Calvert AH, Newell DR, Gumbrell LA, et al. Carboplatin dosage: prospective evaluation of a simple
formula based on renal function. J Clin Oncol 1989;7:1748-1756 (GFR 33 to 136 mL/min). The cap: US Food and
Drug Administration, carboplatin dosing, October 2010.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import Choice, Number
from pestle.pharmacy.calculators.precision import shown
from pestle.pharmacy.calculators.result import Result, figure, result
from pestle.pharmacy.calculators.units import MILLILITRES_PER_MINUTE, Scale

_CAP = Decimal(125)
_AUC = Number(
    "auc", "auc_mg_ml_min", "Target AUC", (Scale("mg/mL·min", also=("mg/ml.min", "mg/ml/min", "mg.min/ml")),),
    Decimal(1), Decimal(8),
)  # fmt: skip
_GFR = Number(
    "gfr", "gfr_ml_min", "Glomerular filtration rate", MILLILITRES_PER_MINUTE, Decimal(10), Decimal(250),
    studied=(Decimal(33), Decimal(136)), hint="In mL/min, not for 1.73 m²",
)  # fmt: skip


@formula(
    name="carboplatin-dose",
    title="Carboplatin dose (Calvert)",
    says="In mg, from the target AUC and the filtration rate.",
    group="Doses",
    source="Calvert AH et al. J Clin Oncol 1989;7:1748-1756; US FDA, carboplatin dosing, October 2010",
    inputs=(
        _AUC,
        _GFR,
        Choice("gfr-is", "The rate was",
               {"estimated": "Estimated: capped at 125", "measured": "Measured: not capped"}),
    ),
    words=("Calvert", "chemotherapy", "AUC"),
)  # fmt: skip
def carboplatin_dose(
    *, auc_mg_ml_min: Decimal, gfr_ml_min: Decimal, gfr_is: Literal["estimated", "measured"]
) -> Result:
    """Carboplatin in mg, shown whole; not rounded to vials or bands, and to be checked before it is made."""
    rate = min(gfr_ml_min, _CAP) if gfr_is == "estimated" else gfr_ml_min
    capped = rate != gfr_ml_min
    return result(
        figure(auc_mg_ml_min * (rate + 25), "mg", places=0),
        f"{shown(auc_mg_ml_min)} × ({shown(rate)} + 25)",
        warnings=(f"The estimated rate, {shown(gfr_ml_min)} mL/min, was capped at 125.",) if capped else (),
    )
