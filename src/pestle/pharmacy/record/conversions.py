"""What is one unit in another, where agreement or chemistry says it, and not a power of ten?

The one place of each factor: kinds of observation name them (`by`), and calculators work with them.

Source: pound and inch by international agreement (1959); creatinine and calcium by their molar masses, as
laboratories round them; HbA1c by the master equation of the NGSP and IFCC networks (Hoelzel W et al. Clin
Chem 2004;50:166-174).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from pestle.pharmacy.record.observable import Conversion

POUND = Conversion(Fraction("0.45359237"))  # kg
OUNCE = Conversion(POUND.times / 16)
STONE = Conversion(POUND.times * 14)
INCH = Conversion(Fraction("2.54"))  # cm
FOOT = Conversion(INCH.times * 12)
CREATININE = Conversion(Fraction("88.4"))  # mg/dL in µmol/L
CALCIUM = Conversion(1 / Fraction("4.008"))  # mg/dL in mmol/L
HBA1C_SLOPE, HBA1C_INTERCEPT = Fraction("0.09148"), Fraction("2.152")  # % = slope × mmol/mol + intercept
HBA1C = Conversion(1 / HBA1C_SLOPE, -HBA1C_INTERCEPT / HBA1C_SLOPE)  # % in mmol/mol

CONVERSIONS: Mapping[str, Conversion] = {
    "pound": POUND,
    "ounce": OUNCE,
    "stone": STONE,
    "inch": INCH,
    "foot": FOOT,
    "creatinine": CREATININE,
    "calcium": CALCIUM,
    "hba1c": HBA1C,
}
