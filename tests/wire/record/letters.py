"""A discharge letter as a FHIR document, made for tests."""

from __future__ import annotations

import json
from typing import Any

ITK = "https://fhir.nhs.uk/STU3/CodeSystem/ITK-PatientMedicationChangeType-1"
CARE_CONNECT = "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-MedicationChangeStatus-1"
NUMBER = "9434765919"


def statement(
    id_: str, name: str, dosage: str, *, status: str = "active", says: tuple[str, str] | None = None
) -> dict[str, Any]:
    """One medicine of the letter; `says` is a change status by system and code."""
    resource: dict[str, Any] = {
        "resourceType": "MedicationStatement",
        "id": id_,
        "status": status,
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": name},
        "dosage": [{"text": dosage}],
    }
    if says:
        system, code = says
        concept = {"coding": [{"system": system, "code": code}]}
        inner = [{"url": "status", "valueCodeableConcept": concept}]
        resource["extension"] = [
            {"url": "https://fhir.nhs.uk/Extension-MedicationChange", "extension": inner}
        ]
    return resource


FUROSEMIDE = statement("1", "Furosemide 40mg tablets", "One each morning", says=(CARE_CONNECT, "Continued"))
RAMIPRIL = statement("2", "Ramipril 2.5mg capsules", "One each day", says=(ITK, "5"))


def bundle(
    *medicines: dict[str, Any], nhs_number: str = NUMBER, flags: dict[str, str] | None = None
) -> bytes:
    """The document; `flags` are ITK codes that a List says of medicines by their ids."""
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": nhs_number}],
        "name": [{"family": "O'Brien", "given": ["Mary"]}],
        "gender": "female",
        "birthDate": "1965-03-10",
    }
    resources = [patient, *(medicines or (FUROSEMIDE, RAMIPRIL))]
    if flags:
        entries = [
            {
                "flag": {"coding": [{"system": ITK, "code": code}]},
                "item": {"reference": f"MedicationStatement/{id_}"},
            }
            for id_, code in flags.items()
        ]
        resources.append({
            "resourceType": "List", "id": "l", "status": "current", "mode": "snapshot",
            "subject": {"reference": "Patient/p"}, "entry": entries,
        })  # fmt: skip
    entry = [{"fullUrl": f"urn:uuid:{one['resourceType']}-{one['id']}", "resource": one} for one in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entry}).encode()
