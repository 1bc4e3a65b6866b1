"""How much of a medicine is a dose by weight, in what can be measured out?

dose per kg × weight, turned into mL or tablets and rounded to the nearest mark of the syringe, or part of
the tablet, that is there; a half goes down. Rounding never takes the dose above the adult maximum. What
rounding changes is said in percent, and above 5 % (our limit) a pharmacist is asked. A dose above the adult
maximum, or too small to be measured, is refused.

Source: definition (mg/kg × kg; mL = mg × volume ÷ strength). The limits are the house's own.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, ROUND_HALF_DOWN, Decimal
from typing import Literal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import Choice, Number, missing
from pestle.pharmacy.calculators.person import WEIGHT, anybody
from pestle.pharmacy.calculators.precision import rounded, shown
from pestle.pharmacy.calculators.result import Result, figure
from pestle.pharmacy.calculators.units import MILLIGRAMS, MILLIGRAMS_PER_KILOGRAM, MILLILITRES
from pestle.pharmacy.refusal import refuse

Measure = Literal[
    "0.01 mL",
    "0.05 mL",
    "0.1 mL",
    "0.2 mL",
    "0.25 mL",
    "0.5 mL",
    "1 mL",
    "tablet",
    "half tablet",
    "quarter tablet",
]

_MARKS = ("0.01", "0.05", "0.1", "0.2", "0.25", "0.5", "1")
_STEPS = {
    **{f"{mark} mL": (Decimal(mark), "mL") for mark in _MARKS},
    "tablet": (Decimal(1), "tablets"),
    "half tablet": (Decimal("0.5"), "tablets"),
    "quarter tablet": (Decimal("0.25"), "tablets"),
}
_ASK_ABOVE = 5


def _measured(name: str) -> str:
    return f"{name} (syringe mark)" if name.endswith("mL") else f"{name}s"


_VOLUME = Number(
    "strength-in",
    "strength_in_ml",
    "Strength: in",
    MILLILITRES,
    Decimal("0.1"),
    Decimal(1000),
    optional=True,
    hint="For liquids: 120 mg in 5 mL",
)


@formula(
    name="weight-dose",
    title="Dose by weight",
    says="One dose of so many mg/kg, rounded to a syringe mark or a part of a tablet.",
    group="Doses",
    source="Definition: mg/kg × kg; rounding limits are the house's own",
    inputs=(
        Number("dose", "dose_mg_kg", "One dose", MILLIGRAMS_PER_KILOGRAM, Decimal("0.0001"), Decimal(500)),
        anybody(WEIGHT, "0.4", "150"),
        Number("adult-maximum", "adult_maximum_mg", "Adult maximum of one dose", MILLIGRAMS,
               Decimal("0.001"), Decimal(20000)),
        Number("strength", "strength_mg", "Strength", MILLIGRAMS, Decimal("0.001"), Decimal(5000),
               hint="Of one tablet, or in the volume below"),
        _VOLUME,
        Choice("measure", "Can be measured to", {name: _measured(name) for name in _STEPS}),
    ),
    words=("paediatric", "children", "mg/kg", "syringe", "oral liquid"),
)  # fmt: skip
def weight_dose(
    *,
    dose_mg_kg: Decimal,
    weight_kg: Decimal,
    adult_maximum_mg: Decimal,
    strength_mg: Decimal,
    measure: Measure,
    strength_in_ml: Decimal | None = None,
) -> Result:
    """One dose, as an amount that is a whole number of what can be measured.

    Raises `Refused`: ``calculator.missing`` (a liquid without its volume),
    ``calculator.above-adult-maximum``, ``calculator.too-small``.
    """
    step, unit = _STEPS[measure]
    if unit == "mL" and strength_in_ml is None:
        raise missing(_VOLUME)
    holds = strength_in_ml if unit == "mL" and strength_in_ml is not None else Decimal(1)
    exact_mg = dose_mg_kg * weight_kg
    product = f"{shown(dose_mg_kg)} mg/kg × {shown(weight_kg)} kg"
    if exact_mg > adult_maximum_mg:
        raise refuse(
            "calculator.above-adult-maximum",
            f"{product} = {shown(exact_mg)} mg, above the adult maximum of {shown(adult_maximum_mg)} mg",
            place="dose",
            way_out="A pharmacist or the prescriber decides; a child is not given more than an adult.",
        )
    exact = exact_mg * holds / strength_mg
    amount = _measurable(exact, step, at_most=adult_maximum_mg * holds / strength_mg)
    if not amount:
        raise refuse(
            "calculator.too-small",
            f"{shown(exact)} {unit} cannot be measured in steps of {measure}",
            place="measure",
            way_out="Use a finer measure or a weaker strength.",
        )
    given_mg = amount * strength_mg / holds
    change = (given_mg - exact_mg) / exact_mg * 100
    found = figure(amount, unit, places=2)
    given = figure(given_mg, "mg", places=4, label="Is a dose of")
    words = (
        f"{product} = {shown(exact_mg)} mg; × {shown(holds)} ÷ {shown(strength_mg)} = {shown(exact)} {unit}"
    )
    ask = (
        f"Rounding changes the dose by {_percent(change)}: a pharmacist decides whether that is near enough."
    )
    return Result(
        f"{found} ({given})",
        words,
        found,
        also=(
            given,
            figure(exact_mg, "mg", places=4, label="Exact dose"),
            figure(exact, unit, places=4, label="Exact amount"),
            figure(change, "%", places=1, label="Rounding changes it by"),
        ),
        warnings=(ask,) if abs(change) > _ASK_ABOVE else (),
    )


def _measurable(exact: Decimal, step: Decimal, *, at_most: Decimal) -> Decimal:
    nearest = (exact / step).to_integral_value(ROUND_HALF_DOWN) * step
    return nearest if nearest <= at_most else (at_most / step).to_integral_value(ROUND_FLOOR) * step


def _percent(change: Decimal) -> str:
    return f"{'+' if change > 0 else '−'}{abs(rounded(change, 1))} %"
