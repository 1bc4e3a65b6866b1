"""How large is the surface of the body, in m²?

- Mosteller: √(height in cm × weight in kg ÷ 3600).
- DuBois: 0.007184 × weight^0.425 × height^0.725.

Source: Mosteller RD. Simplified calculation of body-surface area. N Engl J Med 1987;317:1098. DuBois D,
DuBois EF. A formula to estimate the approximate surface area if height and weight be known. Arch Intern Med
1916;17:863-871.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import Choice
from pestle.pharmacy.calculators.person import HEIGHT, WEIGHT, anybody
from pestle.pharmacy.calculators.precision import shown
from pestle.pharmacy.calculators.result import Result, figure, result

Method = Literal["mosteller", "dubois"]

_DUBOIS = (Decimal("0.007184"), Decimal("0.425"), Decimal("0.725"))


@formula(
    name="body-surface-area",
    title="Body surface area",
    says="In m², of children and adults, for doses per area.",
    group="Body",
    source="Mosteller RD. N Engl J Med 1987;317:1098; DuBois D, DuBois EF. Arch Intern Med 1916;17:863-871",
    inputs=(
        anybody(HEIGHT, "30", "250"),
        anybody(WEIGHT, "1", "350"),
        Choice(
            "method", "Formula", {"mosteller": "Mosteller 1987", "dubois": "DuBois 1916"}, default="mosteller"
        ),
    ),
    words=("BSA", "chemotherapy"),
)
def body_surface_area(*, height_cm: Decimal, weight_kg: Decimal, method: Method) -> Result:
    """Body surface area in m², shown to two decimals."""
    if method == "mosteller":
        area = (height_cm * weight_kg / 3600).sqrt()
        words = f"√({shown(height_cm)} × {shown(weight_kg)} ÷ 3600)"
    else:
        constant, of_weight, of_height = _DUBOIS
        area = constant * weight_kg**of_weight * height_cm**of_height
        words = f"{constant} × {shown(weight_kg)}^{of_weight} × {shown(height_cm)}^{of_height}"
    return result(figure(area, "m²", places=2), words)
