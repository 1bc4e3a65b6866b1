"""One invented prescription, to be broken."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.quantity import SNOMED, Quantity, Unit
from pestle.pharmacy.record.medication import (
    CourseOfTherapy,
    LineStatus,
    MedicationRequest,
    Organisation,
    Practitioner,
    Prescription,
)
from pestle.pharmacy.record.patient import Address, Gender, Name, NhsNumber, Patient
from pestle.wire.eps.prescription_id import make_number


@pytest.fixture
def prescription() -> Prescription:
    """Two acute lines for Ada Testing, signed on 2 March 2026 at ten."""
    return Prescription(
        number=make_number(first="ABC123", ods="A83008", second="0F00D"),
        lines=(_line("1", "Amoxicillin 250mg capsules"), _line("2", "Paracetamol 500mg tablets")),
        patient=Patient(
            Name("TESTING", ("ADA",), "MS"),
            date(1960, 5, 17),
            Gender.FEMALE,
            NhsNumber("9434765919"),
            Address(("1 Example Street", "Sampleton"), "AB1 2CD"),
            "A83008",
        ),
        prescriber=Practitioner(
            "Dr B Sample",
            (Coded("200102238987", "https://fhir.nhs.uk/Id/sds-role-profile-id", "200102238987"),),
            organisation=Organisation("A83008", "Sample Surgery", telephone="01632 960001"),
        ),
        prescription_type=Coded(
            "Primary Care Prescriber - Medical Prescriber",
            "https://fhir.nhs.uk/CodeSystem/prescription-type",
            "0101",
        ),
        signed_at=datetime(2026, 3, 2, 10, tzinfo=UTC),
        starts_on=date(2026, 3, 2),
        nominated_pharmacy="FA111",
    )


def _line(number: str, medicine: str) -> MedicationRequest:
    return MedicationRequest(
        id=f"00000000-0000-4000-8000-00000000000{number}",
        medication=Coded(medicine, SNOMED, f"10000000{number}"),
        dosage=Dosage((DosageStep(text="One to be taken three times a day"),)),
        quantity=Quantity(Decimal(21), Unit("capsule")),
        status=LineStatus.ACTIVE,
        intent="order",
        course_of_therapy=CourseOfTherapy.ACUTE,
        days_supply=Decimal(7),
    )
