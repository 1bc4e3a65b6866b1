"""Hand out: the last look at validity and at the checks, the supply, and the notification to the prescription
service."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import Enum

from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.people import Person
from pestle.pharmacy.record.medication import Prescription
from pestle.pharmacy.refusal import Refused, refuse
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.may_leave import refusals_by_line, since_clinical_check
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import ledger, models, notifications, prescriptions


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

    Raises `Refused` with everything that stands in the way: ``hand-out.no-name``, and what `may_leave` names.
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
        since = since_clinical_check(row, lines, stopped=stopped, now=now)
        if refusals or since.refusals(by):
            raise Refused(*refusals, *since.refusals(by))
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
            "checked_again": len(since.found.entries),
        }
        result = {"prescription": row.pk, "notification": message.pk}
        return Deed(f"prescription:{row.pk}", detail, result, moved=posted)

    request = {"prescription": prescription_id, "seen": seen, "collector": collector.value,
               "name": collector_name, "counselling": list(counselling)}  # fmt: skip
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
