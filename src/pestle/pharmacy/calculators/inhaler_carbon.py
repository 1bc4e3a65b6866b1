"""How much greenhouse gas do inhalers stand for, in kg of carbon dioxide equivalent, and what would another
save?

kg for one inhaler × inhalers; the saving is (kg of one − kg of the other) × inhalers. It never says that a
device may be changed: that needs the patient's consent and a look at the technique.

Source: the definition file of kind `inhaler_carbon`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.calculators.calculator import Calculator, formula
from pestle.pharmacy.calculators.entry import Choice, Number
from pestle.pharmacy.calculators.precision import decimal_of, shown
from pestle.pharmacy.calculators.result import Result, figure, result
from pestle.pharmacy.calculators.units import NONE
from pestle.pharmacy.definition import Source

KINDS = {"inhaler_carbon": frozenset({"products", "kinds"})}
_PRODUCT, _KIND = frozenset({"name", "bnf", "kg"}), frozenset({"name", "kg", "low", "high"})
_UNIT = "kg CO2e"


@dataclass(frozen=True, slots=True)
class InhalerCarbon:
    """kg of carbon dioxide equivalent for one inhaler, by product or kind; `spans` where the source gives a
    range."""

    source: Source
    kg: Mapping[str, Decimal]
    spans: Mapping[str, tuple[Decimal, Decimal]]


def read_inhaler_carbon(path: Path) -> InhalerCarbon:
    """The table in this file. Raises `Refused` (``definition.…``)."""
    file = d.load(path, file=path.name, kinds=KINDS)
    products = d.entries(file, "products", fields=_PRODUCT)
    kinds = d.entries(file, "kinds", fields=_KIND)
    return InhalerCarbon(
        file.source,
        {d.text(entry, "name"): decimal_of(d.exact(entry, "kg")) for entry in (*products, *kinds)},
        {
            d.text(entry, "name"): (decimal_of(d.exact(entry, "low")), decimal_of(d.exact(entry, "high")))
            for entry in kinds
        },
    )


def inhaler_carbon(table: InhalerCarbon) -> Calculator[...]:
    """The calculator over this table."""
    options = {name: name for name in table.kg}

    @formula(
        name="inhaler-carbon",
        title="Greenhouse gas of inhalers",
        says="kg of carbon dioxide equivalent, and what another inhaler would save.",
        group="Use",
        source=table.source,
        inputs=(
            Choice("inhaler", "Inhaler", options),
            Number("inhalers", "inhalers", "How many", NONE, Decimal(1), Decimal(10) ** 7, whole=True),
            Choice("instead", "Compared with", options, optional=True),
        ),
        words=("carbon", "CO2", "environment", "green"),
    )
    def calculator(*, inhaler: str, inhalers: Decimal, instead: str | None = None) -> Result:
        one = table.kg[inhaler]
        found = figure(one * inhalers, _UNIT, places=2)
        words = f"{shown(one)} × {shown(inhalers)}"
        spans = tuple(
            _span(table, name) for name in (inhaler, instead) if name is not None and name in table.spans
        )
        if instead is None:
            return result(found, words, warnings=spans)
        other = table.kg[instead]
        saved = (one - other) * inhalers
        label = "Saved" if saved >= 0 else "More than before"
        also = (
            figure(other * inhalers, _UNIT, places=2, label=instead),
            figure(
                abs(saved),
                _UNIT,
                places=2,
                label=f"{label}: ({shown(one)} − {shown(other)}) × {shown(inhalers)}",
            ),
        )
        technique = "A device is changed only with the patient's consent and a look at the technique."
        return result(found, words, also=also, warnings=(*spans, technique))

    return calculator


def _span(table: InhalerCarbon, name: str) -> str:
    low, high = table.spans[name]
    return f"{name}: the source gives {shown(low)} to {shown(high)} for one."
