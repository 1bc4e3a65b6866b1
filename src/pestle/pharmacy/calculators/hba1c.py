"""What is this HbA1c in the other unit?

The master equation of the NGSP and IFCC networks: % = 0.09148 × mmol/mol + 2.152.

Source: Hoelzel W, Weykamp C, Jeppsson JO, et al. IFCC reference system for measurement of hemoglobin A1c in
human blood and the national standardization schemes in the United States, Japan, and Sweden. Clin Chem
2004;50:166-174.
"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import Number
from pestle.pharmacy.calculators.precision import decimal_of, shown
from pestle.pharmacy.calculators.result import Result, figure
from pestle.pharmacy.calculators.units import HBA1C
from pestle.pharmacy.record import conversions

_SLOPE, _INTERCEPT = decimal_of(conversions.HBA1C_SLOPE), decimal_of(conversions.HBA1C_INTERCEPT)


@formula(
    name="hba1c",
    title="HbA1c in mmol/mol and in %",
    says="From either unit to the other.",
    group="Blood",
    source="Hoelzel W et al. Clin Chem 2004;50:166-174 (NGSP and IFCC master equation)",
    inputs=(Number("hba1c", "hba1c_mmol_mol", "HbA1c", HBA1C, Decimal(10), Decimal(220)),),
    words=("diabetes", "glycated haemoglobin", "DCCT", "IFCC", "NGSP"),
)
def hba1c(*, hba1c_mmol_mol: Decimal) -> Result:
    """mmol/mol shown whole, with the same in % to one decimal."""
    percent = _SLOPE * hba1c_mmol_mol + _INTERCEPT
    found = figure(hba1c_mmol_mol, "mmol/mol", places=0)
    same = figure(percent, "%", places=1, label="The same in %")
    words = f"{same} = 0.09148 × {shown(hba1c_mmol_mol, 2)} + 2.152"
    return Result(f"{found} = {same}", words, found, also=(same,))
