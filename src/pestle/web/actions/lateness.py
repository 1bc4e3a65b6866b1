"""Why was something ready after its time? Said afterwards, by whoever runs the day."""

from __future__ import annotations

from datetime import datetime

from pestle.pharmacy.dispensary.promise import LateReason, late
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.people import MAY_MANAGE
from pestle.web.store import prescriptions


def say_why_late(
    *, by: Person, now: datetime, key: str, prescription_id: int, reason: LateReason | None
) -> Outcome:
    """Puts on record why a prescription was ready after its time; what was said last counts.

    Raises `Refused`: ``late.role``, ``late.no-reason``, ``late.was-not``.
    """

    def do() -> Deed:
        if not by.has(*MAY_MANAGE):
            raise refuse("late.role", f"This is for a manager or pharmacist; you are signed in as {by.title}")
        if reason is None:
            raise refuse("late.no-reason", "Choose why it was late", place="reason")
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        if late(row.due_at, prescriptions.done(row)) is None:
            raise refuse("late.was-not", "This prescription was not ready after its time")
        return Deed(f"prescription:{row.pk}", {"reason": reason.value}, {"prescription": row.pk})

    request = {"prescription": prescription_id, "reason": reason.value if reason else None}
    return once("dispensary.say_why_late", by=by, now=now, key=key, request=request, do=do)
