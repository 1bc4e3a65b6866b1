"""Who is the patient, who prescribed, and where, as a message says it?

Read from Patient, PractitionerRole, Practitioner and Organization; written as the same four.

Source: NHSDigital/electronic-prescription-service-api 77e80e11, examples (MIT, 2026-04-30).
"""

from __future__ import annotations

from typing import Any

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.record.medication import Organisation, Practitioner
from pestle.pharmacy.record.patient import Address, Gender, Name, Patient, nhs_number
from pestle.wire.fhir.bundle import Bundle, identifier, ods_code
from pestle.wire.fhir.datatypes import given, read_coding, read_date, write_coding
from pestle.wire.fhir.element import Element, missing
from pestle.wire.fhir.systems import (
    NHS_NUMBER,
    ODS,
    ROLE_PROFILE,
    SPURIOUS,
)

# Numbers that belong to a role rather than to the person who holds it.
_OF_THE_ROLE = frozenset((ROLE_PROFILE, SPURIOUS))


def read_patient(patient: Element) -> Patient:
    """The patient; without an NHS number where none is sent.

    Raises `Refused`: ``nhs-number.length``, ``nhs-number.repeated``, ``nhs-number.check-digit``,
    ``fhir.missing``, ``fhir.date``, ``fhir.date-precision``, ``fhir.code``.
    """
    number = identifier(patient, NHS_NUMBER)
    names = patient.where("name", "use", "usual") or patient.each("name")
    if not names:
        raise missing(patient.at("name"))
    addresses = patient.where("address", "use", "home") or patient.each("address")
    return Patient(
        name=Name(names[0].need_text("family"), names[0].texts("given"), " ".join(names[0].texts("prefix"))),
        born=read_date(patient, "birthDate"),
        gender=patient.code("gender", Gender) or Gender.UNKNOWN,
        nhs_number=nhs_number(number, place=patient.at("identifier")) if number else None,
        address=_read_address(addresses[0]) if addresses else None,
        gp_practice_code=ods_code(patient.follow("generalPractitioner")),
        died=read_date(patient, "deceasedDateTime"),
    )


def write_patient(patient: Patient) -> dict[str, Any]:
    """The Patient resource."""
    name = {"use": "usual", "family": patient.name.family}
    practice = patient.gp_practice_code
    return {"resourceType": "Patient"} | given(
        identifier=[{"system": NHS_NUMBER, "value": patient.nhs_number.digits}]
        if patient.nhs_number
        else None,
        name=[
            name
            | given(
                given=list(patient.name.given) or None,
                prefix=[patient.name.prefix] if patient.name.prefix else None,
            )
        ],
        gender=patient.gender.value,
        birthDate=patient.born.isoformat() if patient.born else None,
        deceasedDateTime=patient.died.isoformat() if patient.died else None,
        address=[{"use": "home"} | _write_address(patient.address)] if patient.address else None,
        generalPractitioner=[{"identifier": {"system": ODS, "value": practice}}] if practice else None,
    )


def read_practitioner(role: Element, bundle: Bundle) -> Practitioner:
    """Who holds this PractitionerRole. Where the person or the organisation is only named by identifier,
    that, and the name displayed beside it, is what is known."""
    named = role.get("practitioner")
    person = bundle.resolve(named, within=role)
    job = role.follow("code", "coding")
    return Practitioner(
        name=person_name(person, named),
        identifiers=_numbers(person, named) + _coded_identifiers(role),
        role=read_coding(job) if job else None,
        organisation=_read_workplace(role, bundle),
        telephone=_telephone(role),
        address=_read_address(home) if person and (home := person.first("address")) else None,
    )


def write_role(practitioner: Practitioner, *, person: str, organisation: str | None) -> dict[str, Any]:
    """The PractitionerRole that points at its Practitioner and Organization by fullUrl."""
    return {"resourceType": "PractitionerRole"} | given(
        identifier=_identifiers(practitioner, of_role=True),
        practitioner={"reference": person},
        organization={"reference": organisation} if organisation else None,
        code=[{"coding": [write_coding(practitioner.role)]}] if practitioner.role else None,
        telecom=write_telephone(practitioner.telephone),
    )


def write_person(practitioner: Practitioner) -> dict[str, Any]:
    """The Practitioner; the name is written as it is said."""
    return {"resourceType": "Practitioner"} | given(
        identifier=_identifiers(practitioner, of_role=False),
        name=[{"text": practitioner.name}] if practitioner.name else None,
        address=[_write_address(practitioner.address)] if practitioner.address else None,
    )


def write_organisation(organisation: Organisation, *, kind: Coded | None = None) -> dict[str, Any]:
    """The Organization; `kind` is its code of the ODS organisation roles."""
    address = organisation.address
    return {"resourceType": "Organization"} | given(
        identifier=[{"system": ODS, "value": organisation.code}],
        address=[{"use": "work"} | _write_address(address)] if address else None,
        active=True,
        type=[{"coding": [write_coding(kind)]}] if kind else None,
        name=organisation.name or None,
        telecom=write_telephone(organisation.telephone),
    )


def write_telephone(number: str) -> list[dict[str, Any]] | None:
    """A work telephone number as telecom; None if there is none."""
    return [{"system": "phone", "use": "work", "value": number}] if number else None


def read_organisation(organisation: Element) -> Organisation:
    """An Organization (or HealthcareService). Raises `Refused` (``fhir.missing``) without an ODS code."""
    code = identifier(organisation, ODS)
    if code is None:
        raise missing(organisation.at("identifier"))
    address = organisation.first("address") if organisation.text("resourceType") == "Organization" else None
    return Organisation(
        code=code,
        name=organisation.text("name") or "",
        address=_read_address(address) if address else None,
        telephone=_telephone(organisation),
    )


def _read_workplace(role: Element, bundle: Bundle) -> Organisation | None:
    named = role.get("organization") or role.first("healthcareService")
    if named is None:
        return None
    organisation = bundle.resolve(named, within=role)
    if organisation is not None:
        return read_organisation(organisation)
    code = ods_code(named)
    return Organisation(code, named.text("display") or "") if code else None


def person_name(person: Element | None, named: Element | None) -> str:
    """The name of somebody: of a Practitioner, else as the reference displays it; empty if it does not."""
    name = person.first("name") if person else None
    if name is None:
        return (named.text("display") or "") if named else ""
    parts = (*name.texts("prefix"), *name.texts("given"), name.text("family") or "")
    return name.text("text") or " ".join(part.strip() for part in parts if part.strip())


def _numbers(person: Element | None, named: Element | None) -> tuple[Coded, ...]:
    if person is not None:
        return _coded_identifiers(person)
    one = named.get("identifier") if named else None
    return (_coded_identifier(one),) if one else ()


def _coded_identifiers(resource: Element) -> tuple[Coded, ...]:
    return tuple(_coded_identifier(one) for one in resource.each("identifier"))


def _coded_identifier(one: Element) -> Coded:
    value = one.need_text("value")
    return Coded(value, one.text("system"), value)


def _identifiers(practitioner: Practitioner, *, of_role: bool) -> list[dict[str, Any]] | None:
    return [
        given(system=one.system, value=one.text)
        for one in practitioner.identifiers
        if (one.system in _OF_THE_ROLE) is of_role
    ] or None


def _telephone(resource: Element) -> str:
    phones = resource.where("telecom", "system", "phone")
    return (phones[0].text("value") or "") if phones else ""


def _read_address(address: Element) -> Address:
    parts = (address.text("city"), address.text("district"), address.text("state"))
    lines = address.texts("line") + tuple(part for part in parts if part)
    return Address(lines, address.text("postalCode") or "")


def _write_address(address: Address) -> dict[str, Any]:
    return given(line=list(address.lines) or None, postalCode=address.postcode or None)
