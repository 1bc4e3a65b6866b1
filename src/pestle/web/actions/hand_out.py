"""Hand out: the last look at validity, the supply, and the notification to the prescription service."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from zoneinfo import ZoneInfo

from pestle.pharmacy.dispensary.validity import handout_refusals, validity
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.medicines.expiry import expiry
from pestle.pharmacy.people import Person
from pestle.pharmacy.record.medication import Prescription
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import ledger, models, notifications, prescriptions
from pestle.web.store.knowledge import dictionary


class Collector(Enum):
    """Who took it; the value is stored."""

    PATIENT = "patient"
    REPRESENTATIVE = "representative"
    DELIVERED = "delivered"


def hand_out(
    *,
    by: Person,
    now: datetime,
    key: str,
    prescription_id: int,
    seen: int | None,
    collector: Collector,
    collector_name: str,
    counselling: Sequence[str],
) -> Outcome:
    """Hands out every open line and makes the dispense notification.

    Raises `Refused` with everything that stands in the way, line by line: ``validity.…``, ``controlled.…``,
    ``pick.expired``, ``pick.recalled``, ``line.cancellation-asked``, ``hand-out.no-name``.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "hand_out", by=by, now=now, seen=seen)
        if collector is Collector.REPRESENTATIVE and len(collector_name.strip()) < 2:
            raise refuse("hand-out.no-name", "Say who collects for the patient", place="collector")
        signed = prescriptions.signed(row)
        lines = prescriptions.open_lines(row.lines.all())
        stopped = refusals_by_line(row, lines, signed, now=now)
        refusals = [refusal for line in lines for refusal in stopped[line.pk]]
        if refusals:
            raise Refused(*refusals)
        picks = prescriptions.standing_picks(row)
        posted = ledger.post(_movements(picks, by=by, now=now, key=key))
        for line in lines:
            line.state = "supplied"
            line.save(update_fields=("state",))
        row.closed_because = "supplied"
        prescriptions.move(row, transition, by=by, now=now)
        message = _file(row, signed, by=by, now=now)
        models.HandOut.objects.create(
            prescription=row, by_id=by.id, at=now, collector=collector.value,
            collector_name=collector_name.strip(), counselling=list(counselling), notification=message,
        )  # fmt: skip
        detail = {
            "lines": [line.pk for line in lines],
            "collector": collector.value,
            "counselling": list(counselling),
            "notification": message.pk,
        }
        result = {"prescription": row.pk, "notification": message.pk}
        return Deed(f"prescription:{row.pk}", detail, result, moved=posted)

    request = {"prescription": prescription_id, "seen": seen, "collector": collector.value,
               "name": collector_name, "counselling": list(counselling)}  # fmt: skip
    return once("dispensary.hand_out", by=by, now=now, key=key, request=request, do=do)


def refusals_by_line(
    row: models.Prescription, lines: Sequence[models.Line], signed: Prescription, *, now: datetime
) -> dict[int, list[Refusal]]:
    """Why each of these lines may not be handed out now, by its id; empty when it may. The page asks the same
    question. The number of queries does not depend on the number of lines."""
    picks = prescriptions.standing_picks(row)
    recalls = ledger.recalls_of(row.site_id, [pick.batch for pick in picks])
    on = now.astimezone(ZoneInfo(row.site.time_zone)).date()
    return {
        line.pk: _line_refusals(
            row, line, signed, now=now,
            packs=[
                refusal
                for pick in picks
                if pick.line_id == line.pk
                for refusal in _pack_refusals(pick, recalls.get(pick.batch_id), on=on)
            ],
        )
        for line in lines
    }  # fmt: skip


def _line_refusals(
    row: models.Prescription,
    line: models.Line,
    signed: Prescription,
    *,
    now: datetime,
    packs: Sequence[Refusal],
) -> list[Refusal]:
    zone = ZoneInfo(row.site.time_zone)
    request = prescriptions.request(signed, line)
    product = dictionary().product(line.product_id)
    controlled = product.controlled if product else None
    found = [
        validity(
            signed_on=signed.signed_at.astimezone(zone).date() if signed.signed_at else None,
            starts_on=signed.starts_on,
            controlled=controlled,
            course=request.course_of_therapy,
            on=now.astimezone(zone).date(),
            issue_number=request.repeat.issue_number if request.repeat else None,
            authorisation_expires=request.repeat.authorisation_expires if request.repeat else None,
        ),
        *handout_refusals(controlled=controlled, register_kept=False),
    ]
    if line.cancellation is not None:
        found.append(
            Refusal(
                "line.cancellation-asked",
                "The prescriber asked to cancel this line after it was labelled",
                way_out="Telephone the prescriber; a pharmacist then withholds or keeps the line.",
            )
        )
    found += packs
    name = line.product_name or line.medication_text
    return [
        Refusal(refusal.rule, f"{name}: {refusal.reason}", refusal.place, refusal.way_out)
        for refusal in found
        if refusal is not None
    ]


def _pack_refusals(pick: models.Pick, recall: models.Recall | None, *, on: date) -> list[Refusal]:
    """What has become of a pack while its bag waited."""
    way_out = "Send the prescription back to be assembled from another batch."
    batch, refusals = pick.batch, []
    printed = expiry(batch.expiry)
    if printed.expired(on=on):
        refusals.append(
            Refusal("pick.expired", f"a pack of batch {batch.number} expired: its last day was "
                    f"{printed.last_usable_day:%d-%b-%Y}", "pack", way_out)
        )  # fmt: skip
    if recall is not None:
        reason = f"batch {batch.number} is recalled ({recall.reference})"
        refusals.append(Refusal("pick.recalled", reason, "pack", way_out))
    return refusals


def _movements(picks: list[models.Pick], *, by: Person, now: datetime, key: str) -> list[Movement]:
    prepared, patients = ledger.accounts(by.site_id, (AccountKind.PREPARED, ""), (AccountKind.PATIENT, ""))
    return [
        Movement(
            batch_id=pick.batch_id, source=prepared, target=patients, amount=pick.amount,
            happened_at=now, recorded_at=now, by=by.id, key=key, reason=Reason.SUPPLY,
            about=f"line:{pick.line_id}",
        )
        for pick in picks
    ]  # fmt: skip


def _file(row: models.Prescription, signed: Prescription, *, by: Person, now: datetime) -> models.Message:
    body = notifications.dispense_notification(row, signed, by=by, now=now)
    return models.Message.objects.create(
        site=row.site, direction="out", way="download", kind="dispense-notification", body=body,
        digest=hashlib.sha256(body).hexdigest(), at=now, outcome="sent",
        name=f"dispense-notification-{row.pk}.json", summary="Dispense notification",
    )  # fmt: skip
