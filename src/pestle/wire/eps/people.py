"""Who is the patient of a message of the service, who acts, and for which pharmacy?

The patient is always somebody with an NHS number. Who acts stands in a PractitionerRole with one number of
the person, then those of the role; the pharmacy stands apart from them.

Source: NHSDigital/electronic-prescription-service-api 77e80e11, examples (MIT, 2026-04-30).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.record.medication import Organisation, Practitioner
from pestle.pharmacy.record.patient import NhsNumber, Patient, nhs_number
from pestle.pharmacy.refusal import refuse
from pestle.wire.eps.systems import ORGANISATION_ROLE, X_ODS_RELATIONSHIPS
from pestle.wire.fhir import people
from pestle.wire.fhir.bundle import Bundle, identifier
from pestle.wire.fhir.datatypes import write_coding
from pestle.wire.fhir.element import Element, missing
from pestle.wire.fhir.medication_request import set_extension
from pestle.wire.fhir.systems import NHS_NUMBER, ODS, ROLE_PROFILE, USER

PHARMACY = Coded("PHARMACY", ORGANISATION_ROLE, "182")


def read_nhs_number(patient: Element) -> NhsNumber:
    """The patient's NHS number.

    Raises `Refused`: ``eps.nhs-number-missing``, ``nhs-number.length``, ``nhs-number.repeated``,
    ``nhs-number.check-digit``.
    """
    value = identifier(patient, NHS_NUMBER)
    if value is None:
        raise refuse(
            "eps.nhs-number-missing",
            "The patient's NHS number is missing",
            place=patient.at("identifier"),
            way_out="Ask the prescriber; the service sends every patient with an NHS number.",
        )
    return nhs_number(value, place=patient.at("identifier"))


def read_patient(patient: Element) -> Patient:
    """The patient. Raises `Refused`: those of `read_nhs_number` and of `people.read_patient`."""
    read_nhs_number(patient)
    return people.read_patient(patient)


def named_once(performer: Practitioner) -> Practitioner:
    """Somebody as a message names who acts: by one number of the person, the user's where there is one, and
    without the organisation."""
    roles = tuple(one for one in performer.identifiers if one.system == ROLE_PROFILE)
    others = [one for one in performer.identifiers if one.system != ROLE_PROFILE]
    person = tuple(sorted(others, key=lambda one: one.system != USER)[:1])
    return replace(performer, identifiers=person + roles, organisation=None)


def write_performer(performer: Practitioner, *, id: str, pharmacy: str) -> dict[str, Any]:
    """The PractitionerRole of who acts, to be contained; `pharmacy` is the reference to its Organization."""
    roles = [one for one in performer.identifiers if one.system == ROLE_PROFILE]
    persons = [one for one in performer.identifiers if one.system != ROLE_PROFILE]
    role: dict[str, Any] = {"resourceType": "PractitionerRole", "id": id}
    role |= {"identifier": [_written(one) for one in roles]} if roles else {}
    named = {"identifier": _written(persons[0])} if persons else {}
    role["practitioner"] = named | {"display": performer.name}
    role["organization"] = {"reference": pharmacy}
    role |= {"code": [{"coding": [write_coding(performer.role)]}]} if performer.role else {}
    phone = people.write_telephone(performer.telephone)
    return role | ({"telecom": phone} if phone else {})


def read_performer(role: Element) -> Practitioner:
    """Who acts, from their PractitionerRole; the pharmacy is read by itself."""
    alone = Element(
        {key: value for key, value in role.node.items() if key != "organization"}, role.place, role.seen
    )
    return people.read_practitioner(alone, Bundle(role, (), {}))


def write_pharmacy(pharmacy: Organisation, *, authority: str | None) -> dict[str, Any]:
    """The Organization of the pharmacy; `authority` is who pays it, where the message says so."""
    organisation = people.write_organisation(pharmacy, kind=PHARMACY)
    if authority:
        told = {"url": "reimbursementAuthority", "valueIdentifier": {"system": ODS, "value": authority}}
        set_extension(organisation, X_ODS_RELATIONSHIPS, {"extension": [told]})
    return organisation


def read_authority(organisation: Element) -> str | None:
    """Who pays the pharmacy, where the message says so."""
    relations = organisation.extension(X_ODS_RELATIONSHIPS)
    authority = relations.extension("reimbursementAuthority") if relations else None
    return authority.need("valueIdentifier").text("value") if authority else None


def contained(resource: Element, reference: Element) -> Element:
    """What a reference within a resource points at. Raises `Refused`: ``fhir.reference``, ``fhir.missing``
    where it names something outside."""
    found = Bundle(resource, (), {}).resolve(reference, within=resource)
    if found is None:
        raise missing(reference.at("reference"))
    return found


def _written(number: Coded) -> dict[str, Any]:
    return {"system": number.system, "value": number.text}
