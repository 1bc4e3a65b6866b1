"""A pharmacist withholds a line that may no longer be supplied, or keeps one that was to be cancelled."""

from __future__ import annotations

from datetime import datetime

from pestle.pharmacy.dispensary.not_dispensed import CHOICES, NotDispensed
from pestle.pharmacy.dispensary.workflow import ACCURACY, CLOSED, DISPENSING, HAND_OUT, OWINGS
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused, refuse
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.assembly import put_back
from pestle.web.actions.bags import repacked
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import bags, models, notifications, prescriptions


def withhold(
    *, by: Person, now: datetime, key: str, line_id: int, seen: int | None, reason: NotDispensed, words: str
) -> Outcome:
    """Takes a line out of the supply; its packs go back to the shelf. The last one closes the whole.

    Raises `Refused`: ``line.no-reason``, ``line.not-open``, ``bag.out``."""

    def do() -> Deed:
        line, row = _open_line(line_id, by=by)
        transition = check(DISPENSING, prescriptions.task(row), "withhold", by=by, now=now, seen=seen)
        if reason not in (*CHOICES, NotDispensed.CANCELLATION) or len(words.strip()) < 3:
            raise refuse("line.no-reason", "Withholding a line needs its reason in words", place="reason")
        out = bags.out(row.pk) if row.step == HAND_OUT else None
        if out is not None:
            raise Refused(out)
        picks = [pick for pick in prescriptions.standing_picks(row) if pick.line_id == line.pk]
        movements = put_back(picks, by=by, now=now, key=key)
        # Of a line that was supplied in part only the rest is withheld.
        line.state = "supplied" if prescriptions.standing(line).supplied else "withheld"
        line.state_code, line.state_reason = reason.value, words.strip()
        line.cancellation, line.owed, line.promised_on = None, 0, None
        line.save()
        left = row.lines.filter(state="open").exists()
        if not left:
            row.closed_because = "supplied" if row.hand_outs.exists() else "withheld"
        prescriptions.move(row, transition, by=by, now=now, to=where_to(row, left=left))
        filed = None if left else notifications.tell(row, prescriptions.signed(row), by=by, now=now)
        detail = {
            "line": line.pk,
            "place": line.place,
            "reason": reason.value,
            "words": words.strip(),
            **({"notification": filed.pk} if filed else {}),
        }
        result = {"prescription": row.pk, "step": row.step}
        sealed = repacked(row, by=by, now=now)
        return Deed(f"prescription:{row.pk}", detail, result, moved=movements, sealed=sealed)

    request = {"line": line_id, "seen": seen, "reason": reason.value, "words": words}
    return once("dispensary.withhold", by=by, now=now, key=key, request=request, do=do)


def keep(*, by: Person, now: datetime, key: str, line_id: int, seen: int | None, words: str) -> Outcome:
    """Keeps a line that the prescriber asked to cancel too late, with what was agreed on the telephone."""

    def do() -> Deed:
        line, row = _open_line(line_id, by=by)
        transition = check(DISPENSING, prescriptions.task(row), "keep_line", by=by, now=now, seen=seen)
        if line.cancellation is None:
            raise refuse("line.no-cancellation", "Nobody asked to cancel this line")
        if len(words.strip()) < 3:
            raise refuse("line.no-reason", "Say what was agreed, and with whom", place="reason")
        line.cancellation = None
        line.save(update_fields=("cancellation",))
        prescriptions.move(row, transition, by=by, now=now)
        detail = {"line": line.pk, "place": line.place, "words": words.strip()}
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk})

    request = {"line": line_id, "seen": seen, "words": words}
    return once("dispensary.keep_line", by=by, now=now, key=key, request=request, do=do)


def where_to(row: models.Prescription, *, left: bool) -> str | None:
    """Where it goes when a line is out of it: nowhere else while something waits in a bag or to be picked."""
    if not left:
        return CLOSED
    empty = row.step in (ACCURACY, HAND_OUT) and not prescriptions.standing_picks(row)
    return OWINGS if empty else None


def _open_line(line_id: int, *, by: Person) -> tuple[models.Line, models.Prescription]:
    found = models.Line.objects.filter(pk=line_id, prescription__site=by.site_id).first()
    if found is None:
        raise refuse("line.unknown", "There is no such line at this site")
    row = prescriptions.locked(found.prescription_id, site_id=by.site_id)
    line = row.lines.get(pk=line_id)
    if line.state != "open":
        raise refuse("line.not-open", f"This line is {line.state}", place=line.medication_text)
    return line, row
