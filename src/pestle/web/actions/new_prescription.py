"""How does a prescription become work, whichever way it came?

The order is kept as its bytes, each line of it becomes a line on its way, and what cannot be kept whole, or
what nobody can have meant, is refused before.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from pestle.pharmacy.dispensary.due import due_at
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.repeat_dispensing import issue
from pestle.pharmacy.dispensary.workflow import CLOSED, ENTRY
from pestle.pharmacy.dosage.contradictions import impossible
from pestle.pharmacy.record.medication import LineStatus, MedicationRequest, Prescription
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.web.store import models, prescriptions
from pestle.wire.fhir.tree import Tree, dump


def must_fit(prescription: Prescription) -> None:
    """Raises `Refused` (``messages.too-long``) for what is longer than can be kept: nothing is cut short."""
    who = prescription.patient
    parts: list[tuple[type[models.Patient | models.Line], str, str, str]] = [
        (models.Patient, "family", "surname", who.name.family),
        (models.Patient, "prefix", "title", who.name.prefix),
        (models.Patient, "postcode", "postcode", who.address.postcode if who.address else ""),
        (models.Patient, "gp_practice_code", "GP practice", who.gp_practice_code or ""),
    ]
    for line in prescription.lines:
        parts += [
            (models.Line, "item_id", "item number", line.id),
            (models.Line, "medication_code", "medicine's code", line.medication.code or ""),
            (models.Line, "medication_text", "medicine's name", line.medication.text),
        ]
    refusals = []
    for model, field, name, text in parts:
        most = getattr(model._meta.get_field(field), "max_length", None)
        if most is not None and len(text) > most:
            reason = f"The {name} has {len(text)} characters; {most} can be kept"
            refusals.append(Refusal("messages.too-long", reason, name, "Ask the sender to put it right."))
    if refusals:
        raise Refused(*refusals)


def must_be_possible(prescription: Prescription) -> None:
    """Raises `Refused` for an instruction that nobody can have meant, as `impossible` names it."""
    refusals = [
        refusal
        for line in prescription.lines
        if line.dosage is not None and line.status is LineStatus.ACTIVE
        for refusal in impossible(line.dosage, place=line.medication.text)
    ]
    if refusals:
        raise Refused(*refusals)


def make(
    prescription: Prescription, sent: Tree, patient: models.Patient, message: models.Message, *, now: datetime
) -> models.Prescription:
    """The prescription with its order and lines, on the worklist; closed at once when nothing of it is
    active. An issue of repeat dispensing takes the place of the one that was to come next."""
    active = [line for line in prescription.lines if line.status is LineStatus.ACTIVE]
    repeated = issue(prescription.lines)
    if repeated is not None:
        models.Prescription.objects.filter(
            site=message.site_id, number=prescription.number, next_issue_on__isnull=False
        ).update(next_issue_on=None)
    row = models.Prescription.objects.create(
        site_id=message.site_id,
        number=prescription.number,
        issue=issue_number(prescription),
        issues=repeated.of if repeated else None,
        patient=patient,
        received_at=now,
        due_at=due_at(
            received_at=now, courses=[line.course_of_therapy for line in active or prescription.lines]
        ),
        step=ENTRY if active else CLOSED,
        step_since=now,
        closed_because="" if active else "cancelled",
        search=prescriptions.search_text(
            patient, prescription.number, [line.medication.text for line in prescription.lines]
        ),
    )
    body = dump(sent)
    models.PrescriptionOrder.objects.create(prescription=row, message=message, body=body, digest=digest(sent))
    models.Line.objects.bulk_create(
        _new_line(row, place, line) for place, line in enumerate(prescription.lines, start=1)
    )
    return row


def issue_number(prescription: Prescription) -> int:
    """Which issue it is, from 1; what is not repeat dispensed is the only one."""
    repeated = issue(prescription.lines)
    return repeated.number if repeated else 1


def _new_line(row: models.Prescription, place: int, request: MedicationRequest) -> models.Line:
    cancelled = request.status is not LineStatus.ACTIVE
    return models.Line(
        prescription=row,
        place=place,
        item_id=request.id,
        medication_code=request.medication.code or "",
        medication_text=request.medication.text,
        state="cancelled" if cancelled else "open",
        state_code=NotDispensed.CANCELLATION.value if cancelled else "",
        state_reason=_cancelled_because(request) if cancelled else "",
    )


def _cancelled_because(request: MedicationRequest) -> str:
    return request.status_reason.text[:500] if request.status_reason else "Cancelled before release"


def digest(sent: Tree) -> str:
    """The digest of an order as it is kept."""
    return hashlib.sha256(dump(sent)).hexdigest()
