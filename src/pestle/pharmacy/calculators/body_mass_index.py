"""How heavy is somebody for their height, in kg/m²?

Weight in kg ÷ (height in m)². The bands for adults are the World Health Organization's: under 18.5, 18.5 to
24.9, 25 to 29.9, 30 and over. Lower limits hold for many family backgrounds; they are not applied here.

Source: Keys A, Fidanza F, Karvonen MJ, Kimura N, Taylor HL. Indices of relative weight and obesity. J
Chronic Dis 1972;25:329-343. WHO Technical Report Series 894 (2000).
"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.person import HEIGHT, WEIGHT
from pestle.pharmacy.calculators.precision import rounded, shown
from pestle.pharmacy.calculators.result import Result, figure, result

_BANDS = ((Decimal("18.5"), "underweight"), (Decimal(25), "healthy weight"), (Decimal(30), "overweight"))


@formula(
    name="body-mass-index",
    title="Body mass index",
    says="In kg/m², of adults.",
    group="Body",
    source="Keys A et al. J Chronic Dis 1972;25:329-343; WHO Technical Report Series 894 (2000)",
    inputs=(WEIGHT, HEIGHT),
    words=("BMI",),
)
def body_mass_index(*, weight_kg: Decimal, height_cm: Decimal) -> Result:
    """Body mass index, shown to one decimal; the band is that of the shown figure."""
    metres = height_cm / 100
    index = weight_kg / metres**2
    band = next((name for below, name in _BANDS if rounded(index, 1) < below), "obesity")
    return result(
        figure(index, "kg/m²", places=1),
        f"{shown(weight_kg)} ÷ {shown(metres)}²",
        meaning=f"World Health Organization band for adults: {band}",
    )
