"""What the prescription service is told: supplies and answers to cancellations, made from the tables."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from pestle.pharmacy.dispensary.cancellation import Outcome
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.prescription_kind import kind_of
from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.people import Person
from pestle.pharmacy.quantity import SNOMED, Quantity, Unit
from pestle.pharmacy.record.medication import (
    MedicationRequest,
    Organisation,
    Practitioner,
    Prescription,
)
from pestle.pharmacy.record.patient import Address
from pestle.web.store import models, prescriptions, shortages
from pestle.wire.eps.bundle import open_bundle
from pestle.wire.eps.cancellation import Cancellation, cancellation_response
from pestle.wire.eps.codes import CancellationOutcome, ItemStatus, NonDispensingReason
from pestle.wire.eps.dispense_notification import write_notification
from pestle.wire.eps.notification import SuppliedLine, notification_for
from pestle.wire.fhir.element import root
from pestle.wire.fhir.tree import dump, parse

_NOT_SUPPLIED = {"cancelled": ItemStatus.CANCELLED, "refused": ItemStatus.NOT_DISPENSED}


def dispense_notification(
    row: models.Prescription,
    signed: Prescription,
    in_bag: Mapping[int, int],
    *,
    by: Person,
    now: datetime,
    handed_over_at: datetime | None = None,
    replaces: str | None = None,
) -> bytes:
    """The notification of a hand-out, as the bytes of its message. `in_bag` is how much of each line leaves
    with it, in base units by the line's id; nothing where the prescription ends without one. `handed_over_at`
    is given for one that is past, and with it `replaces`, the identifier of the notification of it that this
    one puts right.

    A line is told by where it stands now, and by the quantity of this hand-out alone, as the service's
    examples 01, 02 and 04 of one prescription do: owed, then partly dispensed (15), then dispensed (15); its
    test tool works quantities out so (createDispenseNotification.ts, 2026). A line of which a part was
    supplied and the rest never will be is told as fully dispensed, because no other status that pays for the
    part is final (unverified: no example shows one). Where the service was told that nothing was dispensed
    and it was after all, this notification replaces that one.

    Raises `Refused` where the service could not be told, such as for a patient without an NHS number.
    """
    pharmacy = organisation(row.site)
    lines = tuple(
        _told(line, prescriptions.request(signed, line), in_bag.get(line.pk, 0))
        for line in row.lines.prefetch_related(prescriptions.GONE)
    )
    none = all(line.status is ItemStatus.NOT_DISPENSED for line in lines)
    reasons = {line.reason for line in lines}
    supply = notification_for(
        signed,
        lines=lines,
        reason=next(iter(reasons)) if none and len(reasons) == 1 else None,
        replaces=replaces,
        pharmacy=pharmacy,
        performer=performer(by, pharmacy),
        at=now,
        message_id=str(uuid.uuid4()),
        in_response_to=sent_as(row) or str(uuid.uuid4()),
    )
    return dump(write_notification(replace(supply, handed_over_at=handed_over_at or now)))


def sent_as(row: models.Prescription) -> str | None:
    """The identifier of the message that brought the prescription."""
    return open_bundle(root(parse(bytes(row.order.body)))).message_id


def file_notification(
    row: models.Prescription,
    signed: Prescription,
    in_bag: Mapping[int, int],
    *,
    by: Person,
    now: datetime,
    handed_over_at: datetime | None = None,
) -> models.Message | None:
    """Files the notification of a hand-out as a message to be sent; see `dispense_notification`. None for a
    kind of prescription of which the service is told nothing. `handed_over_at`: when it was, where it is
    recorded later."""
    if not kind_of(signed).told_to_service:
        return None
    body = dispense_notification(
        row, signed, in_bag, by=by, now=now, handed_over_at=handed_over_at, replaces=_replaced(row)
    )
    return models.Message.objects.create(
        site=row.site, direction="out", way="download", kind="dispense-notification", body=body,
        digest=hashlib.sha256(body).hexdigest(), at=now, outcome="sent",
        name=f"dispense-notification-{row.pk}.json", summary="Dispense notification",
    )  # fmt: skip


def tell(
    row: models.Prescription, signed: Prescription, *, by: Person, now: datetime
) -> models.Message | None:
    """Files what the service is told of a prescription that ends without a hand-out: what was not dispensed
    of it, and why. None where it cannot be told, for a patient without an NHS number, or need not be."""
    if signed.patient.nhs_number is None:
        return None
    message = file_notification(row, signed, {}, by=by, now=now)
    if message is None:
        return None
    models.Notified.objects.create(prescription=row, message=message, at=now)
    return message


def _replaced(row: models.Prescription) -> str | None:
    """The notification that one of today puts right: that of a return to stock that was undone since."""
    last = row.notified.select_related("message").order_by("pk").last()
    if last is None or row.hand_outs.filter(at__gt=last.at).exists():
        return None
    return open_bundle(root(parse(bytes(last.message.body)))).root.need("identifier").need_text("value")


def file_cancellation_answer(
    cancellation: Cancellation, outcome: Outcome, *, site_id: int, now: datetime, about: int
) -> models.Message:
    """Files the answer to a cancellation as a message to be sent."""
    answer = cancellation_response(
        cancellation,
        outcome=CancellationOutcome[outcome.name],
        message_id=str(uuid.uuid4()),
        at=now,
        sender=organisation(models.Site.objects.get(pk=site_id)),
    )
    body = dump(answer)
    return models.Message.objects.create(
        site_id=site_id, direction="out", way="download", kind="prescription-order-response", body=body,
        digest=hashlib.sha256(body).hexdigest(), at=now, outcome="sent",
        name=f"prescription-order-response-{about}.json", summary=outcome.words,
    )  # fmt: skip


def organisation(site: models.Site) -> Organisation:
    """The site as the service knows it."""
    lines = tuple(site.address)
    return Organisation(
        code=site.code, name=site.name, telephone=site.telephone,
        address=Address(lines[:-1], lines[-1]) if len(lines) > 1 else None,
    )  # fmt: skip


def performer(by: Person, pharmacy: Organisation) -> Practitioner:
    """Who acts, as the service knows them."""
    numbers = (
        (Coded(by.registration.number, "https://fhir.hl7.org.uk/Id/gphc-number"),) if by.registration else ()
    )
    return Practitioner(name=by.name, identifiers=numbers, organisation=pharmacy)


def _told(line: models.Line, request: MedicationRequest, leaves: int) -> SuppliedLine:
    unit = request.quantity.unit if request.quantity else Unit("unit")
    if line.state in ("supplied", "open"):
        step = DosageStep(text=line.directions)
        some = leaves or prescriptions.given(line)
        waits = ItemStatus.PARTLY_DISPENSED if some else ItemStatus.OWING
        return SuppliedLine(
            request=request,
            dispense_id=str(uuid.uuid4()),
            status=ItemStatus.FULLY_DISPENSED if line.state == "supplied" else waits,
            medication=Coded(line.product_name, SNOMED, line.product_id),
            quantity=replace(
                prescriptions.quantity(leaves, prescriptions.base(line)),
                unit=shortages.unit(line) if line.protocol else unit,
            ),
            dosage=Dosage((step,)),
        )
    reason = NotDispensed(line.state_code) if line.state_code else None
    status = _NOT_SUPPLIED.get(line.state, ItemStatus.NOT_DISPENSED)
    if reason is NotDispensed.EXPIRED:
        status = ItemStatus.EXPIRED
    return SuppliedLine(
        request=request,
        dispense_id=str(uuid.uuid4()),
        status=status,
        medication=request.medication,
        quantity=Quantity(Decimal(0), unit),
        dosage=request.dosage or Dosage((DosageStep(text=""),)),
        reason=NonDispensingReason[reason.name] if reason and status is ItemStatus.NOT_DISPENSED else None,
    )
