"""How is a patient's record handed on?

As a Bundle of type collection: the Patient, one resource for each fact, a List for each part of the record
that is known (so that an empty one says so), and a Provenance for each way in which facts came to us.
``read_record(write_record(r)).record == r``: nothing is lost on the way out.

Source: FHIR R4 (hl7.org/fhir/R4, 2019).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pestle.pharmacy.record.allergy import Allergy, AllergyStatus
from pestle.pharmacy.record.condition import Condition
from pestle.pharmacy.record.encounter import Encounter
from pestle.pharmacy.record.kinds import FactKind, RecordFact
from pestle.pharmacy.record.medication import (
    MedicationAdministration,
    MedicationOrder,
    MedicationStatement,
    MedicationSupply,
)
from pestle.pharmacy.record.observation import Observation
from pestle.pharmacy.record.provenance import Provenance
from pestle.pharmacy.record.record import Record
from pestle.wire.fhir.datatypes import given, write_concept, write_instant
from pestle.wire.fhir.people import write_patient
from pestle.wire.fhir.record.conditions import NO_KNOWN_ALLERGY, write_allergy, write_condition
from pestle.wire.fhir.record.encounters import write_encounter
from pestle.wire.fhir.record.lists import NIL_KNOWN, NOT_ASKED, UNAVAILABLE, write_list
from pestle.wire.fhir.record.medicines import (
    write_administration,
    write_order,
    write_statement,
    write_supply,
)
from pestle.wire.fhir.record.observations import write_observation
from pestle.wire.fhir.tree import Tree, tree

_FHIR_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
_WHY_EMPTY = {
    AllergyStatus.NONE_KNOWN: NIL_KNOWN,
    AllergyStatus.NOT_RECORDED: NOT_ASKED,
    AllergyStatus.UNAVAILABLE: UNAVAILABLE,
}
# One name for each fact of each record, the same whenever it is written.
_NAMES = uuid.UUID("6f0f3c0e-7e0b-5d3a-9c3c-6b0a5a1d7e11")


def write_record(record: Record, *, at: datetime) -> Tree:
    """The record as a Bundle that was made `at` (UTC)."""
    written = _Written(record)
    return tree(
        {
            "resourceType": "Bundle",
            "type": "collection",
            "timestamp": write_instant(at),
            "entry": written.entries(),
        }
    )


class _Written:
    """One record while it is written: where each fact stands, and who told which."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.patient_url = _url("patient")
        self.urls: dict[tuple[FactKind, str], str] = {}
        self.told: dict[Provenance, list[str]] = {}
        self.facts: list[dict[str, Any]] = []
        self.lists: list[dict[str, Any]] = []

    def entries(self) -> list[dict[str, Any]]:
        """Every entry of the Bundle."""
        for kind, facts in self._parts():
            for index, fact in enumerate(facts):
                self.urls.setdefault((kind, fact.id), _url(f"{kind.name}/{fact.id}/{index}"))
        self._allergies()
        for kind, facts in self._parts():
            if kind is not FactKind.ALLERGY:
                urls = [self._fact(kind, fact, index) for index, fact in enumerate(facts)]
                self._list(write_list(kind, urls))
        patient = {"fullUrl": self.patient_url, "resource": write_patient(self.record.patient)}
        provenances = [
            {"fullUrl": _url(f"told/{index}"), "resource": _write_provenance(told, urls)}
            for index, (told, urls) in enumerate(self.told.items())
        ]
        return [patient, *self.facts, *self.lists, *provenances]

    def _parts(self) -> list[tuple[FactKind, Sequence[RecordFact]]]:
        record = self.record
        parts: list[tuple[FactKind, Sequence[RecordFact] | None]] = [
            (FactKind.ALLERGY, record.allergies.allergies),
            (FactKind.CONDITION, record.conditions),
            (FactKind.OBSERVATION, record.observations),
            (FactKind.ORDER, record.orders),
            (FactKind.STATEMENT, record.statements),
            (FactKind.SUPPLY, record.supplies),
            (FactKind.ADMINISTRATION, record.administrations),
            (FactKind.ENCOUNTER, record.encounters),
        ]
        return [(kind, facts) for kind, facts in parts if facts is not None]

    def _allergies(self) -> None:
        held = self.record.allergies
        urls = [self._fact(FactKind.ALLERGY, one, index) for index, one in enumerate(held.allergies)]
        if held.stated is not None:
            body = {"resourceType": "AllergyIntolerance", "code": write_concept(NO_KNOWN_ALLERGY)}
            self._add(_url("none-known"), body | {"patient": self._patient()}, held.stated)
        self._list(write_list(FactKind.ALLERGY, urls, why_empty=_WHY_EMPTY.get(held.status, "")))

    def _fact(self, kind: FactKind, fact: RecordFact, index: int) -> str:
        url = _url(f"{kind.name}/{fact.id}/{index}")
        subject = "patient" if kind is FactKind.ALLERGY else "subject"
        resource = _identified(_write(fact), fact.id) | {subject: self._patient()} | self._links(fact)
        self._add(url, resource, fact.provenance)
        return url

    def _add(self, url: str, resource: dict[str, Any], told: Provenance) -> None:
        self.facts.append({"fullUrl": url, "resource": resource})
        self.told.setdefault(told, []).append(url)

    def _list(self, resource: dict[str, Any]) -> None:
        url = _url(f"list/{resource['title']}")
        self.lists.append({"fullUrl": url, "resource": resource | {"subject": self._patient()}})

    def _patient(self) -> dict[str, str]:
        return {"reference": self.patient_url}

    def _links(self, fact: RecordFact) -> dict[str, Any]:
        match fact:
            case MedicationOrder():
                return given(priorPrescription=self._order(fact.follows))
            case MedicationSupply():
                return given(authorizingPrescription=[self._order(fact.order)] if fact.order else None)
            case MedicationAdministration():
                return given(request=self._order(fact.order))
        return {}

    def _order(self, id_: str | None) -> dict[str, Any] | None:
        """A reference to an order: in the Bundle, else by its identifier."""
        if id_ is None:
            return None
        url = self.urls.get((FactKind.ORDER, id_))
        return {"reference": url} if url else {"identifier": _identifier(id_)}


def _write(fact: RecordFact) -> dict[str, Any]:
    match fact:
        case Allergy():
            return write_allergy(fact)
        case Condition():
            return write_condition(fact)
        case Observation():
            return write_observation(fact)
        case MedicationOrder():
            return write_order(fact)
        case MedicationStatement():
            return write_statement(fact)
        case MedicationSupply():
            return write_supply(fact)
        case MedicationAdministration():
            return write_administration(fact)
        case Encounter():
            return write_encounter(fact)


def _identified(resource: dict[str, Any], id_: str) -> dict[str, Any]:
    """With the id, where FHIR allows it, else with an identifier; without either where nobody gave one."""
    head = {"resourceType": resource["resourceType"]}
    if _FHIR_ID.fullmatch(id_):
        return head | {"id": id_} | resource
    return head | ({"identifier": [_identifier(id_)]} if id_ else {}) | resource


def _identifier(id_: str) -> dict[str, str]:
    system, bar, value = id_.rpartition("|")
    return {"system": system, "value": value} if bar and system and value else {"value": id_}


def _write_provenance(told: Provenance, urls: list[str]) -> dict[str, Any]:
    source = [{"role": "source", "what": {"display": told.reference}}] if told.reference else None
    return {"resourceType": "Provenance", "target": [{"reference": url} for url in urls]} | given(
        occurredDateTime=write_instant(told.happened_at) if told.happened_at else None,
        recorded=write_instant(told.recorded_at),
        activity={"text": told.kind.value},
        agent=[{"who": {"display": told.who}}],
        entity=source,
    )


def _url(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMES, name)}"
