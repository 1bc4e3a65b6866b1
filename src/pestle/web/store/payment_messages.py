"""What the prescription service is sent about payment and what is taken back, made from the tables."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime

from pestle.pharmacy.dispensary import taking_back
from pestle.pharmacy.dispensary.endorsement import for_the_payer
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.people import Person
from pestle.pharmacy.record.medication import Practitioner, Prescription
from pestle.pharmacy.record.patient import NhsNumber
from pestle.pharmacy.refusal import refuse
from pestle.web.store import models, payment, prescriptions
from pestle.web.store.knowledge import charges, endorsements
from pestle.web.store.notifications import organisation, performer, sent_as
from pestle.wire.eps.claim import Claim, ClaimedLine, ClaimedSupply, Endorsed, read_claim, write_claim
from pestle.wire.eps.codes import Charge, Evidence, ReturnReason, WithdrawReason
from pestle.wire.eps.dispense_notification import read_notification
from pestle.wire.eps.notification import SupplyNotification, prescription_status
from pestle.wire.eps.people import named_once
from pestle.wire.eps.repeat import issue_count
from pestle.wire.eps.systems import CHARGE_EXEMPTION, DISPENSER_ENDORSEMENT
from pestle.wire.eps.task import Returned, Taken, Withdrawn, write_task
from pestle.wire.fhir.tree import dump, parse


def claim(
    row: models.Prescription,
    signed: Prescription,
    charge: models.Charge,
    *,
    by: Person,
    now: datetime,
    replaces: models.PaymentClaim | None,
) -> bytes:
    """The claim for a prescription, as the bytes of its message."""
    messages = [one.message for one in payment.tellings(row)]
    # What ended without a hand-out was told by itself.
    messages += [one.message for one in row.notified.select_related("message")]
    told = [read_notification(parse(bytes(one.body))) for one in sorted(messages, key=lambda one: one.at)]
    exemption = charges().exemptions[charge.exemption]
    lines = tuple(_claimed(line, signed, charge, told) for line in row.lines.all())
    pharmacy = organisation(row.site)
    return dump(
        write_claim(
            Claim(
                message_id=str(uuid.uuid4()),
                made_at=now,
                nhs_number=_nhs_number(row),
                prescription_number=row.number,
                prescription_id=signed.id,
                status=prescription_status(line.status for line in lines),
                exemption=Coded(exemption.display, CHARGE_EXEMPTION, exemption.code),
                evidence=Evidence.SEEN if charge.evidence == "seen" else Evidence.NOT_SEEN,
                lines=lines,
                pharmacy=pharmacy,
                performer=_acting(by, row),
                replaces=message_id(replaces.message) if replaces else None,
                issue=next((line.issue for line in lines if line.issue), None),
            )
        )
    )


def is_paid(line: models.Line, charge: models.Charge) -> bool:
    """Whether a charge was paid for a line: it was dispensed, the patient pays, and it is not free."""
    pays = charges().exemptions[charge.exemption].pays
    return pays and line.state == "supplied" and line.item_id not in charge.free_items


def returned(
    row: models.Prescription, reason: taking_back.ReturnReason, *, by: Person, now: datetime
) -> bytes:
    """The return of a prescription.

    Raises `Refused` (``return.no-message``) where the message that brought it has no identifier.
    """
    about = sent_as(row)
    if about is None:
        raise refuse("return.no-message", "The message that brought it has no identifier to answer",
                     way_out="Telephone the prescriber.")  # fmt: skip
    return _task(
        Returned(
            message_id=str(uuid.uuid4()), at=now, prescription_number=row.number, about=about,
            nhs_number=_nhs_number(row), reason=ReturnReason[reason.name],
            pharmacy=organisation(row.site), performer=_acting(by, row),
        )
    )  # fmt: skip


def withdrawn(
    row: models.Prescription,
    notification: models.Message,
    reason: taking_back.WithdrawReason,
    *,
    by: Person,
    now: datetime,
) -> bytes:
    """The withdrawal of a dispense notification."""
    told = read_notification(parse(bytes(notification.body)))
    return _task(
        Withdrawn(
            message_id=str(uuid.uuid4()), at=now, prescription_number=row.number, about=told.message_id,
            nhs_number=_nhs_number(row), reason=WithdrawReason[reason.name],
            pharmacy=organisation(row.site), performer=_acting(by, row),
            issue=issue_count(told.lines[0].request.repeat),
        )
    )  # fmt: skip


def message_id(message: models.Message) -> str:
    """The identifier by which the service knows a notification or a claim of ours."""
    sent = parse(bytes(message.body))
    if sent.resource_type == "Claim":
        return read_claim(sent).message_id
    return read_notification(sent).message_id


def file(
    site: models.Site, kind: str, body: bytes, *, name: str, summary: str, now: datetime
) -> models.Message:
    """Files a message of ours, to be sent."""
    return models.Message.objects.create(
        site=site, direction="out", way="download", kind=kind, body=body,
        digest=hashlib.sha256(body).hexdigest(), at=now, outcome="sent", name=name, summary=summary,
    )  # fmt: skip


def _claimed(
    line: models.Line, signed: Prescription, charge: models.Charge, told: Sequence[SupplyNotification]
) -> ClaimedLine:
    request = prescriptions.request(signed, line)
    said = [one for supply in told for one in supply.lines if one.request.id == line.item_id]
    if request.quantity is None:
        raise refuse("claim.no-quantity", "The prescription says no quantity", place=request.medication.text)
    kinds = endorsements().kinds
    return ClaimedLine(
        id=str(uuid.uuid4()),
        line_id=line.item_id,
        medication=request.medication,
        quantity=request.quantity,
        status=said[-1].status,
        charge=Charge.PAID_ONCE if is_paid(line, charge) else Charge.NOT_PAID,
        endorsements=tuple(
            Endorsed(Coded(kinds[one.code].display, DISPENSER_ENDORSEMENT, one.code), for_the_payer(one))
            for one in payment.endorsed(line)
        ),
        supplies=tuple(
            ClaimedSupply(one.medication, one.quantity, one.dispense_id) for one in said if one.quantity.value
        ),
        reason=said[-1].reason,
        issue=issue_count(request.repeat),
    )


def _task(taken: Taken) -> bytes:
    return dump(write_task(taken))


def _acting(by: Person, row: models.Prescription) -> Practitioner:
    return named_once(performer(by, organisation(row.site)))


def _nhs_number(row: models.Prescription) -> NhsNumber:
    if row.patient.nhs_number is None:
        raise refuse("eps.nhs-number-missing", "The patient's NHS number is missing", place="patient")
    return NhsNumber(row.patient.nhs_number)
