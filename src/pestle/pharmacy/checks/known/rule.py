"""Which medicines do not suit which patients, as rules that need no code?

Kind: rule (``rule/*/*.yaml``): a medicine that is to be supplied, a condition on the record (the other lines
count as issued today), how serious it is and what to do. `question` says which check asks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy import definition as d
from pestle.pharmacy.checks.finding import LEVELS, Severity
from pestle.pharmacy.criteria import read as criteria
from pestle.pharmacy.criteria.by_medicine import ByMedicine, by_medicine
from pestle.pharmacy.criteria.lists import MedicineList
from pestle.pharmacy.criteria.nodes import Criterion
from pestle.pharmacy.criteria.read import Terms
from pestle.pharmacy.criteria.read_lists import NARROWED
from pestle.pharmacy.definition import Definition, Definitions, Source

KINDS = {"rule": frozenset({"question", "medicines", "when", "severity", "what", "do"}) | NARROWED}


class Question(Enum):
    """Which check asks a rule; the value is the check's name."""

    AGE = "age"
    PREGNANCY = "pregnancy"
    CONDITION = "condition"
    COMPANION = "companion"


@dataclass(frozen=True, slots=True)
class Rule:
    """`what` completes a sentence that begins with the medicine's name."""

    name: str
    title: str
    question: Question
    medicines: MedicineList
    when: Criterion
    severity: Severity
    what: str
    do: str
    source: Source


def names(files: Definitions) -> list[str]:
    """Every ingredient that these rules name."""
    return criteria.ingredients_within(files.of("rule"))


def read(files: Definitions, terms: Terms) -> ByMedicine[Rule]:
    """The rules."""
    return by_medicine(_rule(file, terms) for file in files.of("rule"))


def _rule(file: Definition, terms: Terms) -> Rule:
    severity = d.choice(file, "severity", LEVELS)
    if severity is None:
        raise d.wrong(file, "severity", "is hard_stop, interrupt or note")
    return Rule(
        name=file.name,
        title=file.title,
        question=d.choice(file, "question", {each.value: each for each in Question}),
        medicines=criteria.medicines(file, "medicines", terms=terms),
        when=criteria.read(file, "when", terms=terms),
        severity=severity,
        what=d.text(file, "what"),
        do=d.text(file, "do"),
        source=file.source,
    )
