"""Which dose of one corticosteroid has the anti-inflammatory effect of this dose of another?

dose × (equivalent of the other ÷ equivalent of the one), equivalents as in the table: 5 mg of prednisolone
are 20 mg of hydrocortisone.

Source: the definition file of kind `steroid_equivalence`.
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
from pestle.pharmacy.calculators.units import MILLIGRAMS
from pestle.pharmacy.definition import Source

KINDS = {"steroid_equivalence": frozenset({"caution", "equivalents"})}
_FIELDS = frozenset({"medicine", "mg", "note"})


@dataclass(frozen=True, slots=True)
class Steroids:
    """mg by medicine, all of one effect; `notes` by medicine."""

    caution: str
    source: Source
    mg: Mapping[str, Decimal]
    notes: Mapping[str, str]


def read_steroids(path: Path) -> Steroids:
    """The table in this file. Raises `Refused` (``definition.…``)."""
    file = d.load(path, file=path.name, kinds=KINDS)
    entries = d.entries(file, "equivalents", fields=_FIELDS)
    return Steroids(
        d.text(file, "caution"),
        file.source,
        {d.text(entry, "medicine"): decimal_of(d.exact(entry, "mg")) for entry in entries},
        {d.text(entry, "medicine"): d.text(entry, "note") for entry in entries if "note" in entry.body},
    )


def steroid_equivalence(table: Steroids) -> Calculator[...]:
    """The calculator over this table."""
    options = {name: name.capitalize() for name in table.mg}

    @formula(
        name="steroid-equivalence",
        title="Corticosteroid equivalence",
        says="The dose of another corticosteroid with the same anti-inflammatory effect.",
        group="Doses",
        source=table.source,
        inputs=(
            Choice("medicine", "From", options),
            Number("dose", "dose_mg", "Dose", MILLIGRAMS, Decimal(0), Decimal(5000)),
            Choice("instead", "To", options),
        ),
        words=("steroid", "prednisolone", "hydrocortisone"),
    )
    def calculator(*, medicine: str, dose_mg: Decimal, instead: str) -> Result:
        notes = [table.notes[name] for name in dict.fromkeys((medicine, instead)) if name in table.notes]
        return result(
            figure(dose_mg * table.mg[instead] / table.mg[medicine], "mg", places=2),
            f"{shown(dose_mg)} mg {medicine} × {shown(table.mg[instead])} ÷ {shown(table.mg[medicine])}",
            meaning=f"Of {instead}",
            warnings=(table.caution, *notes),
        )

    return calculator
