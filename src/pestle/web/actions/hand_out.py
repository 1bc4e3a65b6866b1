"""Hand out: the last look at validity and at the checks, the supply, and the notification to the prescription
service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from pestle.pharmacy.dispensary import speaking
from pestle.pharmacy.dispensary.charge import Declared
from pestle.pharmacy.dispensary.collection import Collection, Collector, collection_refusals
from pestle.pharmacy.dispensary.instalments import Due
from pestle.pharmacy.dispensary.repeat_dispensing import not_asked
from pestle.pharmacy.dispensary.workflow import CLOSED, DISPENSING
from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.people import Person
from pestle.pharmacy.record.medication import Prescription
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.instalments import settle, today_at
from pestle.web.actions.may_leave import Since, refusals_by_line, since_clinical_check
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.owings import due_at, owed_words
from pestle.web.actions.payment import answers, charge_detail, keep_charge
from pestle.web.store import (
    bags,
    instalments,
    issues,
    ledger,
    models,
    notifications,
    payment,
    prescriptions,
    register,
    responsible,
)
from pestle.web.store import speaking as stored_speaking


def hand_out(
    *,
    by: Person,
    now: datetime,
    key: str,
    prescription_id: int,
    seen: int | None,
    collection: Collection,
    counselling: Sequence[str],
    declared: Declared | None = None,
    happened_at: datetime | None = None,
) -> Outcome:
    """Hands out what is in the bag, with its entries in the register, and makes the dispense notification of
    an electronic prescription. `happened_at`: when it was, where it is recorded later; what the day decides
    is judged by that day, all else as it is known now.

    What is owed stays open, and the prescription waits for it under the owings. With the first bag the
    prescription charge is asked, for the whole prescription; later answers about it are not heeded.

    Raises `Refused` with everything that stands in the way: what `collection_refusals`, `charge` and
    `kept_here` name, ``repeat.not-asked``, and ``bag.out`` where it is not a delivery and the bag is out.
    """
    left_at = happened_at or now

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        still_open = prescriptions.open_lines(row.lines.all())
        picks = prescriptions.standing_picks(row)
        in_bag = Counter[int]()
        for pick in picks:
            in_bag[pick.line_id] += pick.amount
        lines = [line for line in still_open if in_bag[line.pk]]
        days = _instalments(row, lines, by=by, now=now, left_at=left_at)
        verb = "hand_out_part" if any(line.owed for line in still_open) else "hand_out"
        transition = check(DISPENSING, prescriptions.task(row), verb, by=by, now=now, seen=seen)
        signed = prescriptions.signed(row)
        out = None if collection.collector is Collector.DELIVERED else bags.out(row.pk)
        if out is not None:
            raise Refused(out)
        missing = list(collection_refusals(collection, schedules=register.schedules(lines)))
        charged = None
        if payment.charge_is_asked(row, signed) and payment.charge_of(row) is None:
            try:
                charged = payment.what_is_charged(row, signed, declared, now=left_at)
            except Refused as refused:
                missing += refused.refusals
        issue = issues.of(row, signed)
        if issue is not None and issues.answered(row) is None:
            missing.append(not_asked())
        if missing:
            raise Refused(*missing)
        refusals, since = kept_here(row, lines, signed, by=by, now=now, left_at=left_at)
        if refusals:
            raise Refused(*refusals)
        posted = ledger.post(_movements(picks, by=by, now=now, key=key, left_at=left_at))
        schedules = {pick.batch_id: register.schedule_of(pick.line.product_id) for pick in picks}
        beside = register.supply_particulars(posted, schedules, signed, collection)
        for line in lines:
            if not line.owed:
                line.state = "supplied"
                line.save(update_fields=("state",))
        if transition.to == CLOSED:
            row.closed_because = "supplied"
        else:
            row.due_at = due_at(row, still_open)
        if issue is not None:
            row.next_issue_on = issue.next_due(today_at(row, left_at))
        prescriptions.move(row, transition, by=by, now=now)
        message = notifications.file_notification(
            row, signed, in_bag, by=by, now=now, handed_over_at=happened_at
        )
        left = models.HandOut.objects.create(
            prescription=row, by_id=by.id, at=left_at, collector=collection.collector.value,
            collector_name=collection.name.strip(), counselling=list(counselling), notification=message,
        )  # fmt: skip
        models.Supply.objects.bulk_create(models.Supply(hand_out=left, pick=pick) for pick in picks)
        given = models.InstalmentGiven.objects.bulk_create(
            models.InstalmentGiven(hand_out=left, line_id=pk, days=[day.isoformat() for day in some])
            for pk, some in days.items()
        )
        charge = keep_charge(row, charged, by=by, now=now) if charged else None
        detail = {
            "lines": [line.pk for line in lines],
            "charge": charge_detail(charge) if charge else None,
            "owed": owed_words(still_open),
            "collector": collection.collector.value,
            "counselling": list(counselling),
            "notification": message.pk if message else None,
            "checked_again": len(since.found.entries),
            "left_at": happened_at.isoformat() if happened_at else None,
        }
        result = {"prescription": row.pk, "notification": detail["notification"], "step": row.step}
        return Deed(f"prescription:{row.pk}", detail, result, moved=posted,
                    sealed=[*beside, *given])  # fmt: skip

    request = {"prescription": prescription_id, "seen": seen,
               "collector": collection.collector.value, "name": collection.name,
               "address": collection.address, "remarks": collection.remarks,
               "identity": collection.identity.value if collection.identity else None,
               "counselling": list(counselling), "declared": answers(declared),
               **({"happened_at": happened_at.isoformat()} if happened_at else {})}  # fmt: skip
    return once("dispensary.hand_out", by=by, now=now, key=key, request=request, do=do)


def kept_here(
    row: models.Prescription,
    lines: Sequence[models.Line],
    signed: Prescription,
    *,
    by: Person,
    now: datetime,
    left_at: datetime,
) -> tuple[list[Refusal], Since]:
    """Why these lines, with what is picked for them, do not leave at that moment, and what has changed since
    the clinical check: what `refusals_by_line` and `Since` name, ``hand-out.must-speak``,
    ``responsible.none``, ``responsible.absent``. Asked at the counter, and before a delivery round leaves."""
    stopped = refusals_by_line(row, lines, signed, now=left_at)
    refusals = [refusal for line in lines for refusal in stopped[line.pk]]
    wanted = stored_speaking.wanted(row, lines)
    refusals += speaking.refusals(stored_speaking.stop(one) for one in wanted)
    nobody = responsible.supply_refusal(row.site, by)
    if nobody is not None:
        refusals.insert(0, nobody)
    since = since_clinical_check(row, lines, stopped=stopped, now=now)
    return [*refusals, *since.refusals(by)], since


def _instalments(
    row: models.Prescription, lines: Sequence[models.Line], *, by: Person, now: datetime, left_at: datetime
) -> dict[int, tuple[date, ...]]:
    """For which days those of these lines are that are collected in instalments, by the line's id; what is
    owed of them is brought to what may still be collected. Of those that are not due nothing is said here:
    the bag stays, see `refusals_by_line`."""
    today = today_at(row, left_at)
    found = instalments.of(lines, row.site)
    due = [line for line in lines if line.pk in found and isinstance(found[line.pk].due_on(today), Due)]
    return {line.pk: settle(found[line.pk], line, by=by, now=now, on=today) for line in due}


def _movements(
    picks: list[models.Pick], *, by: Person, now: datetime, key: str, left_at: datetime
) -> list[Movement]:
    prepared, patients = ledger.accounts(by.site_id, (AccountKind.PREPARED, ""), (AccountKind.PATIENT, ""))
    return [
        Movement(
            batch_id=pick.batch_id, source=prepared, target=patients, amount=pick.amount,
            happened_at=left_at, recorded_at=now, by=by.id, key=key, reason=Reason.SUPPLY,
            about=f"line:{pick.line_id}",
        )
        for pick in picks
    ]  # fmt: skip
