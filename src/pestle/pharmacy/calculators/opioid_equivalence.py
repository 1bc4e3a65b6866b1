"""How much morphine by mouth do these opioids add up to, in mg a day?

The sum of daily amount × factor; for patches the strength in micrograms an hour × factor. The United Kingdom
and the United States use other factors for the same medicine (codeine 0.1 and 0.15), so the table is named.

Source: the definition files of kind `opioid_factors`, each with its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.calculators.calculator import Calculator, formula
from pestle.pharmacy.calculators.entry import Choice, Number, Rows
from pestle.pharmacy.calculators.person import COUNTRY, Country
from pestle.pharmacy.calculators.precision import decimal_of, shown
from pestle.pharmacy.calculators.result import Result, figure, result
from pestle.pharmacy.calculators.units import NONE
from pestle.pharmacy.definition import Definition, Source
from pestle.pharmacy.refusal import Refused, refuse

KINDS = {"opioid_factors": frozenset({"country", "unit", "caution", "factors"})}
_FIELDS = frozenset({"medicine", "route", "in", "factor", "exactly"})


@dataclass(frozen=True, slots=True)
class Factor:
    """mg of morphine by mouth for one `unit` of this; `exactly` where the table says it for one strength."""

    medicine: str
    route: str
    words: str
    unit: str
    factor: Decimal
    exactly: Mapping[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class OpioidFactors:
    """The table of one country: factors by “medicine route”, the unit of the sum, what to be told with it."""

    country: str
    title: str
    unit: str
    caution: str
    source: Source
    factors: Mapping[str, Factor]


def read_opioid_factors(path: Path) -> OpioidFactors:
    """The table in this file. Raises `Refused` (``definition.…``)."""
    return opioid_factors(d.load(path, file=path.name, kinds=KINDS))


def opioid_factors(file: Definition) -> OpioidFactors:
    """The table of a definition. Raises `Refused` (``definition.…``)."""
    factors = {}
    for entry in d.entries(file, "factors", fields=_FIELDS):
        medicine, route, unit = (d.text(entry, field) for field in ("medicine", "route", "in"))
        exactly = d.words(entry, "exactly") if "exactly" in entry.body else {}
        factors[f"{medicine} {route}"] = Factor(
            medicine, route, f"{medicine.capitalize()}, {route}, {unit}", unit,
            decimal_of(d.exact(entry, "factor")),
            {Decimal(strength): Decimal(mg) for strength, mg in exactly.items()},
        )  # fmt: skip
    return OpioidFactors(
        d.text(file, "country"),
        file.title,
        d.text(file, "unit"),
        d.text(file, "caution"),
        file.source,
        factors,
    )


def opioid_equivalence(
    tables: Mapping[str, OpioidFactors],
) -> Calculator[...]:
    """The calculator over these tables, by country."""
    options = {name: one.words for table in tables.values() for name, one in table.factors.items()}
    sources = "; ".join(table.title for table in tables.values())

    @formula(
        name="opioid-equivalence",
        title="Opioid equivalence",
        says="The sum of a day's opioids as morphine by mouth (OME, MME).",
        group="Doses",
        source=Source(sources, verified=all(table.source.verified for table in tables.values())),
        inputs=(
            COUNTRY,
            Rows(
                "opioid",
                "Opioids",
                (
                    Choice("medicine", "Medicine", dict(sorted(options.items()))),
                    Number("amount", "amount", "In a day; patches: an hour", NONE, Decimal(0), Decimal(5000)),
                ),
                most=10,
                hint="The figure alone, in the unit that stands with the medicine",
            ),
        ),
        words=("OME", "MME", "morphine", "pain"),
    )
    def calculator(*, rules: Country, opioid: tuple[tuple[str, Decimal], ...]) -> Result:
        table = tables[rules]
        parts = [_part(table, name, amount) for name, amount in opioid]
        total = sum((mg for mg, _ in parts), Decimal(0))
        found = result(
            figure(total, table.unit, places=1),
            " + ".join(words for _, words in parts),
            meaning=table.title,
            warnings=(table.caution,),
        )
        return replace(found, source=table.source)

    return calculator


def _part(table: OpioidFactors, name: str, amount: Decimal) -> tuple[Decimal, str]:
    one = table.factors.get(name)
    if one is None:
        raise _no_factor(table, name)
    if amount in one.exactly:
        return one.exactly[amount], f"{name} {shown(amount)}: {shown(one.exactly[amount])}"
    return amount * one.factor, f"{name} {shown(amount)} × {shown(one.factor)}"


def _no_factor(table: OpioidFactors, name: str) -> Refused:
    return refuse(
        "calculator.no-factor",
        f"The table has no factor for {name}",
        place="opioid",
        way_out=f"{table.title} knows: {', '.join(table.factors)}.",
    )
