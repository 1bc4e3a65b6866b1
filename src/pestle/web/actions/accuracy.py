"""Accuracy check: by somebody else, after the clinical check; or a lone pharmacist's self-check."""

from __future__ import annotations

from datetime import datetime, timedelta

from pestle.pharmacy.dispensary.accuracy import check_accuracy, is_own_work
from pestle.pharmacy.dispensary.workflow import DISPENSING, HAND_OUT
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused, refuse
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.bags import packed
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import bags, models, prescriptions
from pestle.web.store.knowledge import dictionary


def start_self_check(
    *, by: Person, now: datetime, key: str, prescription_id: int, seen: int | None
) -> Outcome:
    """Begins the recorded pause before a lone pharmacist checks their own work."""

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        task = prescriptions.task(row)
        transition = check(DISPENSING, task, "start_self_check", by=by, now=now, seen=seen)
        if row.site.self_check_minutes is None:
            raise refuse(
                "accuracy.no-self-check-procedure",
                "This site has no procedure for checking one's own work",
                way_out="Ask another checker.",
            )
        if not is_own_work(task, by):
            raise refuse("accuracy.not-own-work", "This is not your own work: check it without a pause")
        row.self_check_began_at, row.self_check_by = now, by.id
        prescriptions.move(row, transition, by=by, now=now)
        return Deed(
            f"prescription:{row.pk}", {"minutes": row.site.self_check_minutes}, {"prescription": row.pk}
        )

    request = {"prescription": prescription_id, "seen": seen}
    return once("dispensary.start_self_check", by=by, now=now, key=key, request=request, do=do)


def rescan(
    *, by: Person, now: datetime, key: str, prescription_id: int, gtin: str, number: str | None
) -> Outcome:
    """Scans a picked pack again at the check. `number` is None where the code holds no batch.

    Raises `Refused` (``accuracy.not-in-bag``) when no pack picked for this prescription is like it.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "rescan", by=by, now=now)
        found = _next_like(row, gtin=gtin, number=number, by=by)
        models.Rescan.objects.create(pick=found, by_id=by.id, at=now)
        prescriptions.move(row, transition, by=by, now=now)
        detail = {"pick": found.pk, "place": found.line.place, "number": found.batch.number}
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk, "pick": found.pk})

    request = {"prescription": prescription_id, "gtin": gtin, "number": number}
    return once("dispensary.rescan", by=by, now=now, key=key, request=request, do=do)


def pass_accuracy(*, by: Person, now: datetime, key: str, prescription_id: int, seen: int | None) -> Outcome:
    """Signs the accuracy check, and makes the bag. Never one's own work, but for a lone pharmacist's
    self-check."""

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        task = prescriptions.task(row)
        checked = prescriptions.self_check(row, by=by, pause_minutes=row.site.self_check_minutes)
        transition = check_accuracy(task, by=by, now=now, self_check=checked, seen=seen)
        prescriptions.move(row, transition, by=by, now=now)
        bag = packed(row, by=by, now=now)
        detail = {"self_check": is_own_work(task, by), "packs": checked.packs}
        result = {"prescription": row.pk, "step": row.step, "bag": bag[0].pk}
        return Deed(f"prescription:{row.pk}", detail, result, sealed=bag)

    request = {"prescription": prescription_id, "seen": seen}
    return once("dispensary.pass_accuracy", by=by, now=now, key=key, request=request, do=do)


def fail_accuracy(
    *, by: Person, now: datetime, key: str, prescription_id: int, seen: int | None, reason: str
) -> Outcome:
    """Sends the prescription back to be assembled again, with what was found.

    Raises `Refused`: ``accuracy.no-reason``, ``bag.out``."""

    def do() -> Deed:
        if len(reason.strip()) < 3:
            raise refuse("accuracy.no-reason", "Say what was found", place="reason")
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "fail_accuracy", by=by, now=now, seen=seen)
        out = bags.out(row.pk) if row.step == HAND_OUT else None
        if out is not None:
            raise Refused(out)
        row.self_check_began_at, row.self_check_by = None, None
        prescriptions.move(row, transition, by=by, now=now)
        return Deed(f"prescription:{row.pk}", {"reason": reason.strip()}, {"prescription": row.pk})

    request = {"prescription": prescription_id, "seen": seen, "reason": reason}
    return once("dispensary.fail_accuracy", by=by, now=now, key=key, request=request, do=do)


def _next_like(row: models.Prescription, *, gtin: str, number: str | None, by: Person) -> models.Pick:
    scanned = models.Rescan.objects.filter(pick__line__prescription=row, by_id=by.id)
    if row.self_check_began_at is not None and row.self_check_by == by.id:
        pause = timedelta(minutes=row.site.self_check_minutes or 0)
        scanned = scanned.filter(at__gte=row.self_check_began_at + pause)
    done = set(scanned.values_list("pick_id", flat=True))
    pack = dictionary().pack_by_gtin(gtin)
    pack_id = pack.id if pack else None
    like = [
        pick
        for pick in prescriptions.standing_picks(row)
        if pick.batch.pack_id == pack_id and number in (None, pick.batch.number)
    ]
    if not like:
        raise refuse(
            "accuracy.not-in-bag",
            "No pack like this was picked for this prescription",
            place="scan",
            way_out="Look at what is in the bag: send it back if a pack is wrong.",
        )
    return next((pick for pick in like if pick.pk not in done), like[0])
