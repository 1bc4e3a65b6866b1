"""Which measures are there, in the words of which lists, classes and kinds of result?

Those of ``measures/*/*.yaml``, and those made from the rules, the monitoring and the doses of the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.calculators.doac_dose import doac_rules
from pestle.pharmacy.checks import knowledge
from pestle.pharmacy.checks.known import monitoring, rule
from pestle.pharmacy.criteria import read as criteria
from pestle.pharmacy.criteria.read import Terms
from pestle.pharmacy.measures import anticoagulated, measure, monitored, ruled
from pestle.pharmacy.measures.measure import Measure
from pestle.pharmacy.medicines import local_routes, medicine_class, substances
from pestle.pharmacy.medicines.substances import Substances

KINDS = {**knowledge.KINDS, **measure.KINDS}
FOLDERS = (*knowledge.FOLDERS, "measures")


@dataclass(frozen=True, slots=True)
class Library:
    """The measures by name, and the words they are written in."""

    measures: Mapping[str, Measure]
    terms: Terms
    substances: Substances


def read(*folders: Path) -> Library:
    """The library in these folders. Raises `Refused` with everything that is wrong."""
    files = d.load_folders(*folders, kinds=KINDS)
    words = substances.read(files)
    terms = criteria.terms(files, medicine_class.read(files, words), local_routes.read(files))
    parts = (medicine_class, criteria, monitoring, rule)
    names = [name for part in parts for name in part.names(files)]
    known = monitoring.read(files, terms)
    doses = doac_rules(files.only("doac_dose"))
    made = [
        *monitored.measures(known),
        *ruled.measures(rule.read(files, terms).all),
        *anticoagulated.measures(doses, terms, known.kidneys),
    ]
    measures = {**measure.read(files, terms), **{each.name: each for each in made}}
    return Library(measures, terms, words.knowing(names))
