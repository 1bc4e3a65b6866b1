"""Hand out: the last look at validity and at the checks, the supply, and the notification to the prescription
service."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from pestle.pharmacy.dispensary.collection import Collection, collection_refusals
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.people import Person
from pestle.pharmacy.record.medication import Prescription
from pestle.pharmacy.refusal import Refused
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.may_leave import refusals_by_line, since_clinical_check
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import ledger, models, notifications, prescriptions, register


def hand_out(
    *,
    by: Person,
    now: datetime,
    key: str,
    prescription_id: int,
    seen: int | None,
    collection: Collection,
    counselling: Sequence[str],
) -> Outcome:
    """Hands out every open line, with its entries in the register, and makes the dispense notification.

    Raises `Refused` with everything that stands in the way: what `collection_refusals` and `may_leave` name.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "hand_out", by=by, now=now, seen=seen)
        signed = prescriptions.signed(row)
        lines = prescriptions.open_lines(row.lines.all())
        missing = tuple(collection_refusals(collection, schedules=register.schedules(lines)))
        if missing:
            raise Refused(*missing)
        stopped = refusals_by_line(row, lines, signed, now=now)
        refusals = [refusal for line in lines for refusal in stopped[line.pk]]
        since = since_clinical_check(row, lines, stopped=stopped, now=now)
        if refusals or since.refusals(by):
            raise Refused(*refusals, *since.refusals(by))
        picks = prescriptions.standing_picks(row)
        posted = ledger.post(_movements(picks, by=by, now=now, key=key))
        schedules = {pick.batch_id: register.schedule_of(pick.line.product_id) for pick in picks}
        beside = register.supply_particulars(posted, schedules, signed, collection)
        for line in lines:
            line.state = "supplied"
            line.save(update_fields=("state",))
        row.closed_because = "supplied"
        prescriptions.move(row, transition, by=by, now=now)
        message = _file(row, signed, by=by, now=now)
        models.HandOut.objects.create(
            prescription=row, by_id=by.id, at=now, collector=collection.collector.value,
            collector_name=collection.name.strip(), counselling=list(counselling), notification=message,
        )  # fmt: skip
        detail = {
            "lines": [line.pk for line in lines],
            "collector": collection.collector.value,
            "counselling": list(counselling),
            "notification": message.pk,
            "checked_again": len(since.found.entries),
        }
        result = {"prescription": row.pk, "notification": message.pk}
        return Deed(f"prescription:{row.pk}", detail, result, moved=posted, sealed=beside)

    request = {"prescription": prescription_id, "seen": seen,
               "collector": collection.collector.value, "name": collection.name,
               "address": collection.address, "remarks": collection.remarks,
               "identity": collection.identity.value if collection.identity else None,
               "counselling": list(counselling)}  # fmt: skip
    return once("dispensary.hand_out", by=by, now=now, key=key, request=request, do=do)


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
