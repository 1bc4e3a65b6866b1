"""What would the total calcium be if the albumin were normal?

- UK: measured + 0.02 × (40 − albumin), calcium in mmol/L, albumin in g/L.
- US: measured + 0.8 × (4 − albumin), calcium in mg/dL, albumin in g/dL.

The two are conventions, not one formula in two units, so the convention is chosen and the unit of entry
makes no difference. Many laboratories have their own: a corrected calcium that they report comes first.

Source: Payne RB, Little AJ, Williams RB, Milner JR. Interpretation of serum calcium in patients with
abnormal serum proteins. Br Med J 1973;4:643-646, in the simplified forms that came to be used.
"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import Choice, Number
from pestle.pharmacy.calculators.person import Country
from pestle.pharmacy.calculators.precision import decimal_of, shown
from pestle.pharmacy.calculators.result import Result, figure, result
from pestle.pharmacy.calculators.units import ALBUMIN, CALCIUM
from pestle.pharmacy.record import conversions

_MG_DL_PER_MMOL_L = decimal_of(1 / conversions.CALCIUM.times)


@formula(
    name="corrected-calcium",
    title="Corrected calcium",
    says="Total calcium as if the albumin were normal, in mmol/L or mg/dL.",
    group="Blood",
    source="Payne RB et al. Br Med J 1973;4:643-646",
    inputs=(
        Number("calcium", "calcium_mmol_l", "Total calcium", CALCIUM, Decimal("0.5"), Decimal(5)),
        Number("albumin", "albumin_g_l", "Albumin", ALBUMIN, Decimal(10), Decimal(60)),
        Choice(
            "convention",
            "Convention",
            {"uk": "UK: 0.02 mmol/L for each g/L below 40", "us": "US: 0.8 mg/dL for each g/dL below 4"},
            default="uk",
        ),
    ),
    words=("adjusted calcium", "albumin"),
)
def corrected_calcium(*, calcium_mmol_l: Decimal, albumin_g_l: Decimal, convention: Country) -> Result:
    """Corrected calcium: mmol/L to two decimals (UK), or mg/dL to one (US)."""
    if convention == "uk":
        corrected = calcium_mmol_l + Decimal("0.02") * (40 - albumin_g_l)
        words = f"{shown(calcium_mmol_l)} + 0.02 × (40 − {shown(albumin_g_l)})"
        return result(figure(corrected, "mmol/L", places=2), words)
    calcium, albumin = calcium_mmol_l * _MG_DL_PER_MMOL_L, albumin_g_l / 10
    corrected = calcium + Decimal("0.8") * (4 - albumin)
    return result(figure(corrected, "mg/dL", places=1), f"{shown(calcium)} + 0.8 × (4 − {shown(albumin)})")
