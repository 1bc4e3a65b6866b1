"""A bag that nobody collects: the patient is reminded, and at last the bag goes back to the shelf."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.uncollected import Way, return_refusal, undo_refusal
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused, refuse
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.assembly import put_back
from pestle.web.actions.may_leave import last_day_of_bag, refusals_by_line
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import bags, instalments, models, notifications, prescriptions, uncollected

_NOT_COLLECTED = NotDispensed.NOT_COLLECTED.value


def remind(
    *, by: Person, now: datetime, key: str, prescription_id: int, seen: int | None, way: Way, words: str
) -> Outcome:
    """Puts on record that the patient was reminded of their bag, how, and what they said."""

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "remind", by=by, now=now, seen=seen)
        models.Reminder.objects.create(
            prescription=row, way=way.value, words=words.strip()[:300], by_id=by.id, at=now
        )
        prescriptions.move(row, transition, by=by, now=now)
        detail = {"way": way.value, "words": words.strip()}
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk})

    request = {"prescription": prescription_id, "seen": seen, "way": way.value, "words": words}
    return once("dispensary.remind", by=by, now=now, key=key, request=request, do=do)


def return_to_stock(
    *, by: Person, now: datetime, key: str, prescription_id: int, seen: int | None
) -> Outcome:
    """Puts every pack of the bag back where it was picked, withdraws its labels, and closes the prescription
    as not collected, which the service is told. What left before stays supplied; what was owed is not
    dispensed.

    Raises `Refused`: ``bag.out``, and those of `return_refusal`.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        transition = check(DISPENSING, prescriptions.task(row), "return_to_stock", by=by, now=now, seen=seen)
        out = bags.out(row.pk)
        if out is not None:
            raise Refused(out)
        signed, zone = prescriptions.signed(row), ZoneInfo(row.site.time_zone)
        lines = prescriptions.open_lines(row.lines.all())
        planned = instalments.planned(lines)
        at_once = [line for line in lines if line.pk not in planned]
        bag = uncollected.bag(row, last_day=last_day_of_bag(row, at_once, signed))
        why_not = return_refusal(bag, uncollected.times(row.site), on=now.astimezone(zone).date())
        if why_not is not None:
            raise Refused(why_not)
        picks = prescriptions.standing_picks(row)
        moved = put_back(picks, by=by, now=now, key=key)
        gone = set(models.Supply.objects.filter(pick__line__in=lines).values_list("pick__line", flat=True))
        for line in lines:
            line.state = "supplied" if line.pk in gone else "withheld"
            line.state_code, line.state_reason = _NOT_COLLECTED, ""
            line.cancellation, line.owed, line.promised_on = None, 0, None
            line.save()
        models.Label.objects.filter(line__in=lines, withdrawn=False).update(withdrawn=True)
        row.closed_because = "not_collected"
        prescriptions.move(row, transition, by=by, now=now)
        told = notifications.tell(row, signed, by=by, now=now)
        detail = {"lines": [line.pk for line in lines], "packs": len(picks),
                  "notification": told.pk if told else None}  # fmt: skip
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk}, moved=moved)

    request = {"prescription": prescription_id, "seen": seen}
    return once("dispensary.return_to_stock", by=by, now=now, key=key, request=request, do=do)


def undo_return(*, by: Person, now: datetime, key: str, prescription_id: int, seen: int | None) -> Outcome:
    """Opens a prescription again that was returned to stock, while it may still be supplied: its lines are
    labelled, picked and checked anew. The next notification replaces what the service was told.

    Raises `Refused`: those of `undo_refusal`, and ``validity.…``, ``controlled.…`` of its lines.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        task = prescriptions.task(row)
        transition = check(DISPENSING, task, "undo_return", by=by, now=now, seen=seen)
        why_not = undo_refusal(task)
        if why_not is not None:
            raise Refused(why_not)
        lines = list(row.lines.filter(state_code=_NOT_COLLECTED))
        stopped = refusals_by_line(row, lines, prescriptions.signed(row), now=now)
        refusals = [refusal for line in lines for refusal in stopped[line.pk]]
        if refusals:
            raise Refused(*refusals)
        if not lines:
            raise refuse("return-to-stock.not-returned", "This prescription was not returned to stock")
        for line in lines:
            line.state, line.state_code = "open", ""
            line.save(update_fields=("state", "state_code"))
        row.closed_because = ""
        row.self_check_began_at, row.self_check_by = None, None
        prescriptions.move(row, transition, by=by, now=now)
        detail = {"lines": [line.pk for line in lines]}
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk, "step": row.step})

    request = {"prescription": prescription_id, "seen": seen}
    return once("dispensary.undo_return", by=by, now=now, key=key, request=request, do=do)
