"""How is a new order written, from a prescription alone?

For the demo and for tests, a message that the rules accept; for what was typed in from paper, the body in
which it is kept. Either reads back as the same prescription. It carries no digital signature, only the time
of signing, so the live service would not accept it.

Source: the shape of the ``prescription-order`` examples of
NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.record.medication import Organisation, Practitioner, Prescription
from pestle.pharmacy.refusal import refuse
from pestle.wire.eps.bundle import uuid_identifier
from pestle.wire.eps.heading import HEADING
from pestle.wire.eps.systems import (
    MESSAGE_EVENT,
    ORGANISATION_ROLE,
    SIGNATURE,
    X_RESPONSIBLE,
)
from pestle.wire.fhir.bundle import Bundle
from pestle.wire.fhir.datatypes import write_instant
from pestle.wire.fhir.element import Element
from pestle.wire.fhir.medication_request import (
    LINE,
    blank_line,
    put,
    set_extension,
)
from pestle.wire.fhir.people import (
    write_organisation,
    write_patient,
    write_person,
    write_role,
)
from pestle.wire.fhir.systems import (
    CATEGORY,
    NHS_NUMBER,
    ODS,
    ORDER_NUMBER,
)
from pestle.wire.fhir.tree import Tree, tree

_PRACTICE = Coded("GP PRACTICE", ORGANISATION_ROLE, "76")
_DIRECTORY = "https://directory.spineservices.nhs.uk/STU3/Organization/"


def new_order(prescription: Prescription, *, message_id: str, sender: Organisation | None = None) -> Tree:
    """The message of a prescription. `message_id` is a UUID; every other id of the message follows from it.
    `sender` is who wrote the message, where that is not the prescriber's organisation.

    Raises `Refused` (``eps.new-order``) when the prescription lacks what every order has: lines, a
    signature's time, the prescriber's organisation or another sender.
    """
    organisation = sender or prescription.prescriber.organisation
    if not prescription.lines or prescription.signed_at is None or organisation is None:
        raise refuse(
            "eps.new-order", "An order has lines, a signature's time and the prescriber's organisation"
        )
    ids = _Ids(UUID(message_id))
    people = _people(prescription, ids)
    lines = [
        (ids.url(line.id), _line(prescription, index, ids)) for index, line in enumerate(prescription.lines)
    ]
    focus = [url for url, _ in lines] + [ids.url("prescriber"), ids.url("patient")]
    header = _header(prescription, organisation, focus)
    resources = [(ids.url("header"), header), *lines, *people, *_notes(prescription, ids)]
    resources.append((ids.url("provenance"), _provenance(prescription, ids)))
    return tree(
        {
            "resourceType": "Bundle",
            "identifier": uuid_identifier(message_id),
            "type": "message",
            "entry": [{"fullUrl": url, "resource": resource} for url, resource in resources],
        }
    )


class _Ids:
    """Names of the resources of one message, always the same for the same message."""

    def __init__(self, message: UUID) -> None:
        self._message = message

    def url(self, name: str) -> str:
        return f"urn:uuid:{uuid5(self._message, name)}"


def _header(prescription: Prescription, sender: Organisation, focus: list[str]) -> dict[str, Any]:
    header: dict[str, Any] = {
        "resourceType": "MessageHeader",
        "eventCoding": {
            "system": MESSAGE_EVENT,
            "code": "prescription-order",
            "display": "Prescription Order",
        },
    }
    pharmacy = prescription.nominated_pharmacy
    if pharmacy:
        receiver = {"identifier": {"system": ODS, "value": pharmacy}}
        header["destination"] = [{"endpoint": f"{_DIRECTORY}{pharmacy}", "receiver": receiver}]
    return header | {
        "sender": {"identifier": {"system": ODS, "value": sender.code}, "display": sender.name},
        "source": {"endpoint": f"{_DIRECTORY}{sender.code}"},
        "focus": [{"reference": url} for url in focus],
    }


def _line(prescription: Prescription, index: int, ids: _Ids) -> dict[str, Any]:
    draft = blank_line()
    alone = Bundle(Element({}, "Bundle"), (), {})
    code = prescription.prescription_type.code if prescription.prescription_type else None
    kind = "community" if (code or "").startswith("01") else "outpatient"
    draft["category"] = [{"coding": [{"system": CATEGORY, "code": kind, "display": kind.title()}]}]
    draft["subject"] = {"reference": ids.url("patient")}
    draft["requester"] = {"reference": ids.url("prescriber")}
    draft["groupIdentifier"] = {"system": ORDER_NUMBER, "value": prescription.number}
    if prescription.responsible:
        set_extension(draft, X_RESPONSIBLE, {"valueReference": {"reference": ids.url("responsible")}})
    put(LINE, prescription.lines[index], draft=draft, bundle=alone)
    put(HEADING, prescription, draft=draft, bundle=alone)
    return draft


def _people(prescription: Prescription, ids: _Ids) -> list[tuple[str, dict[str, Any]]]:
    found = [(ids.url("patient"), write_patient(prescription.patient))]
    found += _practitioner(prescription.prescriber, "prescriber", ids)
    if prescription.responsible:
        found += _practitioner(prescription.responsible, "responsible", ids)
    return found


def _practitioner(who: Practitioner, name: str, ids: _Ids) -> list[tuple[str, dict[str, Any]]]:
    person, place = ids.url(f"{name} person"), ids.url(f"{name} organisation")
    found = [
        (ids.url(name), write_role(who, person=person, organisation=place if who.organisation else None)),
        (person, write_person(who)),
    ]
    if who.organisation:
        found.append((place, write_organisation(who.organisation, kind=_PRACTICE)))
    return found


def _notes(prescription: Prescription, ids: _Ids) -> list[tuple[str, dict[str, Any]]]:
    if not prescription.notes_to_pharmacy:
        return []
    number = prescription.patient.nhs_number
    request: dict[str, Any] = {
        "resourceType": "CommunicationRequest",
        "status": "unknown",
        "subject": {"reference": ids.url("patient")},
        "payload": [{"contentString": note} for note in prescription.notes_to_pharmacy],
    }
    if number:
        recipient = {"type": "Patient", "identifier": {"system": NHS_NUMBER, "value": number.digits}}
        request["recipient"] = [recipient]
    return [(ids.url("notes"), request)]


def _provenance(prescription: Prescription, ids: _Ids) -> dict[str, Any]:
    assert prescription.signed_at is not None
    when, who = write_instant(prescription.signed_at), {"reference": ids.url("prescriber")}
    kind = [{"system": SIGNATURE, "code": "1.2.840.10065.1.12.1.1"}]
    return {
        "resourceType": "Provenance",
        "target": [{"reference": ids.url(line.id)} for line in prescription.lines],
        "recorded": when,
        "agent": [{"who": who}],
        "signature": [{"type": kind, "when": when, "who": who}],
    }
