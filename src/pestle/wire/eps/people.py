"""Who is the patient of a message of the service? Always somebody with an NHS number.

Source: NHSDigital/electronic-prescription-service-api 77e80e11, examples (MIT, 2026-04-30).
"""

from __future__ import annotations

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.record.patient import NhsNumber, Patient, nhs_number
from pestle.pharmacy.refusal import refuse
from pestle.wire.eps.systems import ORGANISATION_ROLE
from pestle.wire.fhir import people
from pestle.wire.fhir.bundle import identifier
from pestle.wire.fhir.element import Element
from pestle.wire.fhir.systems import NHS_NUMBER

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
