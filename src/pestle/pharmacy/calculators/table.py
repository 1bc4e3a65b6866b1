"""Which calculators are there?

One table for the page, the command line, programs and checks. Those that need clinical data read it from the
folder that they are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from pestle.pharmacy.calculators.anticholinergic_burden import anticholinergic_burden
from pestle.pharmacy.calculators.body_mass_index import body_mass_index
from pestle.pharmacy.calculators.body_surface_area import body_surface_area
from pestle.pharmacy.calculators.body_weight import adjusted_body_weight, ideal_body_weight
from pestle.pharmacy.calculators.calculator import Calculator
from pestle.pharmacy.calculators.carboplatin_dose import carboplatin_dose
from pestle.pharmacy.calculators.cha2ds2_vasc import cha2ds2_vasc
from pestle.pharmacy.calculators.ckd_stage import ckd_stage
from pestle.pharmacy.calculators.corrected_calcium import corrected_calcium
from pestle.pharmacy.calculators.creatinine_clearance import creatinine_clearance
from pestle.pharmacy.calculators.days_covered import proportion_of_days_covered
from pestle.pharmacy.calculators.days_of_therapy import days_of_therapy
from pestle.pharmacy.calculators.defined_daily_doses import ddd_rate, defined_daily_doses
from pestle.pharmacy.calculators.doac_dose import KINDS as DOAC_KINDS
from pestle.pharmacy.calculators.doac_dose import doac_dose, read_doac_rules
from pestle.pharmacy.calculators.egfr import egfr
from pestle.pharmacy.calculators.egfr_child import egfr_child
from pestle.pharmacy.calculators.entry import Choice
from pestle.pharmacy.calculators.has_bled import has_bled
from pestle.pharmacy.calculators.hba1c import hba1c
from pestle.pharmacy.calculators.inhaler_carbon import KINDS as CARBON_KINDS
from pestle.pharmacy.calculators.inhaler_carbon import inhaler_carbon, read_inhaler_carbon
from pestle.pharmacy.calculators.mean_kinetic_temperature import mean_kinetic_temperature
from pestle.pharmacy.calculators.news2 import news2
from pestle.pharmacy.calculators.opioid_equivalence import KINDS as OPIOID_KINDS
from pestle.pharmacy.calculators.opioid_equivalence import opioid_equivalence, read_opioid_factors
from pestle.pharmacy.calculators.orbit import orbit
from pestle.pharmacy.calculators.person import Country
from pestle.pharmacy.calculators.possession_ratio import medication_possession_ratio
from pestle.pharmacy.calculators.steroid_equivalence import KINDS as STEROID_KINDS
from pestle.pharmacy.calculators.steroid_equivalence import read_steroids, steroid_equivalence
from pestle.pharmacy.calculators.weight_dose import weight_dose
from pestle.pharmacy.refusal import refuse

AnyCalculator: TypeAlias = Calculator[Any]
# What the definition files of the calculators hold.
KINDS = {**DOAC_KINDS, **OPIOID_KINDS, **STEROID_KINDS, **CARBON_KINDS}


def read_calculators(folder: Path, country: Country = "uk") -> Mapping[str, AnyCalculator]:
    """Every calculator by name, in the order of the page; data from the definition files in `folder`. What
    nobody chooses is as it is usual in the country.

    Raises `Refused` (``definition.…``).
    """
    opioids = [read_opioid_factors(path) for path in sorted(folder.glob("opioids_*.yaml"))]
    every: tuple[AnyCalculator, ...] = (
        creatinine_clearance,
        egfr,
        egfr_child,
        ckd_stage,
        ideal_body_weight,
        adjusted_body_weight,
        body_mass_index,
        body_surface_area,
        weight_dose,
        carboplatin_dose,
        doac_dose(read_doac_rules(folder / "doac_af.yaml")),
        opioid_equivalence({table.country: table for table in opioids}),
        steroid_equivalence(read_steroids(folder / "steroids.yaml")),
        news2,
        cha2ds2_vasc,
        orbit,
        has_bled,
        anticholinergic_burden,
        corrected_calcium,
        hba1c,
        proportion_of_days_covered,
        medication_possession_ratio,
        defined_daily_doses,
        ddd_rate,
        days_of_therapy,
        inhaler_carbon(read_inhaler_carbon(folder / "inhaler_carbon.yaml")),
        mean_kinetic_temperature,
    )
    return {one.name: _usual(one, country) for one in every}


def calculator_of(known: Mapping[str, AnyCalculator], name: str) -> AnyCalculator:
    """The calculator of that name. Raises `Refused` (``calculator.unknown``)."""
    if name not in known:
        raise refuse("calculator.unknown", f"There is no calculator “{name}”", place=name,
                     way_out=f"There are: {', '.join(known)}.")  # fmt: skip
    return known[name]


def _usual(calculator: AnyCalculator, country: Country) -> AnyCalculator:
    inputs = tuple(
        replace(one, default=one.countries.get(country, one.default)) if isinstance(one, Choice) else one
        for one in calculator.inputs
    )
    return replace(calculator, inputs=inputs)
