"""What was supplied, line by line, as the service is told it?

The values of a ``dispense-notification``: made from a prescription and what became of each of its lines,
written and read by dispense_notification.py.

Source: NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pestle.pharmacy.dosage.dose import Coded, Dosage
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.record.medication import MedicationRequest, Organisation, Practitioner, Prescription
from pestle.pharmacy.record.patient import NhsNumber
from pestle.pharmacy.refusal import refuse
from pestle.wire.eps.codes import ItemStatus, NonDispensingReason, PrescriptionStatus
from pestle.wire.eps.heading import Heading, heading_of
from pestle.wire.eps.people import named_once
from pestle.wire.fhir.systems import ROLE_PROFILE

# The NHS Business Services Authority, which pays.
REIMBURSEMENT_AUTHORITY = "T1450"


@dataclass(frozen=True, slots=True)
class SuppliedLine:
    """What became of one line. `request` is the line as ordered; `dispense_id` a UUID of this event.

    `medication` and `quantity` are what was handed over (a quantity of nought when nothing was); `dosage` is
    the instruction on the label.
    """

    request: MedicationRequest
    dispense_id: str
    status: ItemStatus
    medication: Coded
    quantity: Quantity
    dosage: Dosage
    reason: NonDispensingReason | None = None


@dataclass(frozen=True, slots=True)
class SupplyNotification:
    """One event of dispensing. `in_response_to` is the identifier of the message that brought the order;
    `reason` stands for the whole prescription when none of it was dispensed; `replaces` names an earlier
    notification that this one puts right. `performer` has one number of the person, then those of the role,
    and no organisation: that is `pharmacy`."""

    message_id: str
    sent_at: datetime | None
    in_response_to: str
    heading: Heading
    nhs_number: NhsNumber
    patient_name: str
    prescriber_role: str | None
    status: PrescriptionStatus
    lines: tuple[SuppliedLine, ...]
    pharmacy: Organisation
    performer: Practitioner
    handed_over_at: datetime
    reason: NonDispensingReason | None = None
    replaces: str | None = None
    reimbursement_authority: str | None = REIMBURSEMENT_AUTHORITY


def notification_for(
    prescription: Prescription,
    *,
    lines: tuple[SuppliedLine, ...],
    pharmacy: Organisation,
    performer: Practitioner,
    at: datetime,
    message_id: str,
    in_response_to: str,
    reason: NonDispensingReason | None = None,
    replaces: str | None = None,
) -> SupplyNotification:
    """What to tell the service of a supply handed over at `at` (UTC) by `performer`, a practitioner of
    `pharmacy`.

    Raises `Refused`: ``eps.notification-lines`` when a line is not of this prescription, comes twice, or is
    missing; ``eps.nhs-number-missing``.
    """
    ordered = [line.id for line in prescription.lines]
    if sorted(line.request.id for line in lines) != sorted(ordered):
        raise refuse("eps.notification-lines", "Every line of the prescription is told once", place="lines")
    if prescription.patient.nhs_number is None:
        raise refuse("eps.nhs-number-missing", "The patient's NHS number is missing", place="patient")
    name = prescription.patient.name
    roles = [one.text for one in prescription.prescriber.identifiers if one.system == ROLE_PROFILE]
    return SupplyNotification(
        message_id=message_id,
        sent_at=at,
        in_response_to=in_response_to,
        heading=heading_of(prescription),
        nhs_number=prescription.patient.nhs_number,
        patient_name=" ".join(part for part in (name.prefix, *name.given, name.family) if part),
        prescriber_role=roles[0] if roles else None,
        status=prescription_status(line.status for line in lines),
        lines=lines,
        pharmacy=pharmacy,
        performer=named_once(performer),
        handed_over_at=at,
        reason=reason,
        replaces=replaces,
    )


def prescription_status(lines: Iterable[ItemStatus]) -> PrescriptionStatus:
    """Where a prescription stands when its lines stand so: with the dispenser while any of them is open,
    dispensed when any was, else not dispensed."""
    statuses = frozenset(lines)
    if not all(status.final for status in statuses):
        return PrescriptionStatus.WITH_DISPENSER_ACTIVE
    if ItemStatus.FULLY_DISPENSED in statuses:
        return PrescriptionStatus.DISPENSED
    return PrescriptionStatus.NOT_DISPENSED
