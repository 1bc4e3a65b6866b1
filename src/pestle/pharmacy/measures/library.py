"""Which measures are there, in the words of which lists, classes and kinds of result?

Those of ``measures/*/*.yaml``, and those made from the rules, the monitoring and the doses of the checks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.checks import knowledge
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.criteria.read import Terms
from pestle.pharmacy.measures import anticoagulated, measure, monitored, prescribing, ruled
from pestle.pharmacy.measures.measure import Measure
from pestle.pharmacy.measures.prescribing import PrescribingMeasure
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.substances import Substances

KINDS = {**knowledge.KINDS, **measure.KINDS, **prescribing.KINDS}
FOLDERS = (*knowledge.FOLDERS, "measures")


@dataclass(frozen=True, slots=True)
class Library:
    """The measures by name, of patients and of prescribing, and what is known beside them: the words they
    are written in, and the checks."""

    measures: Mapping[str, Measure]
    prescribing: Mapping[str, PrescribingMeasure]
    knowledge: Knowledge

    @property
    def terms(self) -> Terms:
        """The lists, criteria and kinds of result that a measure names."""
        return self.knowledge.terms

    @property
    def substances(self) -> Substances:
        """The words for substances."""
        return self.knowledge.substances


def read(*folders: Path, dictionary: Dictionary | None = None) -> Library:
    """The library in these folders; lists of ids follow the history of the dictionary, where one is named.

    Raises `Refused` with everything that is wrong.
    """
    files = d.load_folders(*folders, kinds=KINDS)
    known = knowledge.known(files, dictionary)
    made = [
        *monitored.measures(known.monitoring),
        *ruled.measures(known.rules.all),
        *anticoagulated.measures(known.doac, known.terms, known.monitoring.kidneys),
    ]
    measures = {**measure.read(files, known.terms), **{each.name: each for each in made}}
    return Library(measures, prescribing.read(files, known.terms), known)
