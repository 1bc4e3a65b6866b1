"""What do the kinds of fact in a record have in common: a name, a day, an id, and what they say?

Eight kinds of fact, one vocabulary: the tables, the messages and the pages go by it.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import Any, TypeVar

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.frozen_json import built, plain
from pestle.pharmacy.record.allergy import Allergy
from pestle.pharmacy.record.condition import Condition
from pestle.pharmacy.record.encounter import Encounter
from pestle.pharmacy.record.medication import (
    Medication,
    MedicationAdministration,
    MedicationOrder,
    MedicationStatement,
    MedicationSupply,
)
from pestle.pharmacy.record.moment import PartialDate, whole
from pestle.pharmacy.record.observation import Observation
from pestle.pharmacy.record.provenance import Provenance

RecordFact = (
    Allergy
    | Condition
    | Observation
    | MedicationOrder
    | MedicationStatement
    | MedicationSupply
    | MedicationAdministration
    | Encounter
)
AnyFact = TypeVar("AnyFact", bound=RecordFact)
AboutMedicine = MedicationOrder | MedicationStatement | MedicationSupply | MedicationAdministration


class FactKind(Enum):
    """A kind of fact; the value is what a list of them is called."""

    ALLERGY = "Allergies and intolerances"
    CONDITION = "Conditions"
    OBSERVATION = "Results and measurements"
    ORDER = "Medicines ordered"
    STATEMENT = "Medicines said to be taken"
    SUPPLY = "Medicines supplied"
    ADMINISTRATION = "Doses given"
    ENCOUNTER = "Contacts and stays"

    @property
    def type(self) -> type[RecordFact]:
        """The value that such a fact is."""
        return _TYPES[self]


_TYPES: dict[FactKind, type[RecordFact]] = {
    FactKind.ALLERGY: Allergy,
    FactKind.CONDITION: Condition,
    FactKind.OBSERVATION: Observation,
    FactKind.ORDER: MedicationOrder,
    FactKind.STATEMENT: MedicationStatement,
    FactKind.SUPPLY: MedicationSupply,
    FactKind.ADMINISTRATION: MedicationAdministration,
    FactKind.ENCOUNTER: Encounter,
}
_KINDS = {type_: kind for kind, type_ in _TYPES.items()}


def kind(fact: RecordFact) -> FactKind:
    """Which kind of fact it is."""
    return _KINDS[type(fact)]


def about(fact: RecordFact) -> Coded:
    """What the fact is about: the substance, the condition, what was measured, the medicine, the contact."""
    match fact:
        case Allergy():
            return Coded(fact.substance, fact.system, fact.code)
        case Condition() | Observation():
            return fact.what
        case Encounter():
            return fact.what or Coded(fact.kind.name.lower(), code=fact.kind.value)
        case _:
            return fact.medication.written


def happened(fact: RecordFact) -> PartialDate | None:
    """The day on which the fact began to be true, as far as it is known."""
    match fact:
        case Allergy() | Condition():
            return fact.onset
        case Observation():
            return fact.taken
        case MedicationOrder() | MedicationStatement():
            return fact.starts
        case MedicationSupply():
            return whole(fact.on)
        case MedicationAdministration():
            return whole(fact.at.date())
        case Encounter():
            return fact.begins


def content(fact: RecordFact) -> dict[str, Any]:
    """What the fact says, as JSON can hold it: without who told it, and what a dictionary made of it."""
    if isinstance(fact, AboutMedicine):
        fact = replace(fact, medication=Medication(fact.medication.written))
    told: dict[str, Any] = plain(fact)
    del told["provenance"]
    return told


def identified(fact: AnyFact, id: str) -> AnyFact:
    """The fact under this id."""
    if isinstance(fact, MedicationOrder):
        return replace(fact, request=replace(fact.request, id=id))
    return replace(fact, id=id)


def restored(type_: type[AnyFact], told: dict[str, Any], provenance: Provenance) -> AnyFact:
    """The fact that `content` took apart."""
    return built(type_, {**told, "provenance": plain(provenance)})
