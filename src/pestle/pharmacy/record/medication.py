"""What was ordered, on which prescription, by whom, valid from when?

A `Prescription` is the group of `MedicationRequest` that share one prescription number; each request is
one line. Orders are never edited: a cancellation or a change is a new fact that points at the line.

Source: FHIR R4 MedicationRequest; NHS Electronic Prescription Service FHIR messages
(NHSDigital/electronic-prescription-service-api 77e80e11, MIT, 2026-04-30).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from pestle.pharmacy.dosage.dose import Coded, Dosage
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.record.patient import Address, Patient


class CourseOfTherapy(Enum):
    """`MedicationRequest.courseOfTherapyType`."""

    ACUTE = "acute"
    REPEAT = "continuous"
    REPEAT_DISPENSING = "continuous-repeat-dispensing"


class LineStatus(Enum):
    """`MedicationRequest.status` as sent."""

    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    ON_HOLD = "on-hold"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Organisation:
    """Premises or a body, by ODS code."""

    code: str
    name: str = ""
    address: Address | None = None
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Who prescribed: a name, the numbers they are registered under, and where they work."""

    name: str
    identifiers: tuple[Coded, ...] = ()
    role: Coded | None = None
    organisation: Organisation | None = None
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class ControlledDrugStatement:
    """What a controlled-drug prescription says of itself: schedule and the quantity in words."""

    schedule: str
    quantity_words: str = ""


@dataclass(frozen=True, slots=True)
class RepeatIssue:
    """Which issue of how many. `issues_allowed` counts the first one too (repeats allowed + 1)."""

    issue_number: int | None
    issues_allowed: int | None
    authorisation_expires: date | None = None
    review_by: date | None = None


@dataclass(frozen=True, slots=True)
class MedicationRequest:
    """One line of a prescription. `id` is the line item number and is different on every line."""

    id: str
    medication: Coded
    dosage: Dosage | None
    quantity: Quantity | None
    status: LineStatus
    intent: str
    course_of_therapy: CourseOfTherapy
    substitution_allowed: bool | None = None
    days_supply: Decimal | None = None
    endorsements: tuple[Coded, ...] = ()
    controlled_drug: ControlledDrugStatement | None = None
    repeat: RepeatIssue | None = None
    notes: tuple[str, ...] = ()
    status_reason: Coded | None = None
    dispense_status: Coded | None = None


@dataclass(frozen=True, slots=True)
class Prescription:
    """A whole prescription as it was signed.

    `number` is the short-form id PPPPPP-OOOOOO-SSSSSC; `id` the long-form UUID, if sent. `signed_at` is the
    signature's time (UTC); `starts_on` the appropriate date, from which it may be dispensed, if stated.
    """

    number: str
    lines: tuple[MedicationRequest, ...]
    patient: Patient
    prescriber: Practitioner
    prescription_type: Coded | None
    signed_at: datetime | None
    id: str | None = None
    responsible: Practitioner | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    nominated_pharmacy: str | None = None
    dispensing_site_preference: str | None = None
    authored_on: str | None = None
    notes_to_pharmacy: tuple[str, ...] = ()
