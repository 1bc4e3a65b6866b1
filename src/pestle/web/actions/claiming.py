"""Taking a prescription in hand, and handing it back."""

from __future__ import annotations

from datetime import datetime

from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused, refuse
from pestle.pharmacy.worklist.workflow import claim_refusal
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import prescriptions


def claim(*, by: Person, now: datetime, key: str, prescription_id: int) -> Outcome:
    """Takes the prescription in hand.

    Raises `Refused`: ``worklist.claimed``, ``worklist.closed``, ``worklist.role`` for who has nothing to do.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        if row.step == "closed":
            raise refuse("worklist.closed", "This prescription is closed")
        if not by.has(*(role for step in DISPENSING.verbs_at(row.step) for role in step.roles)):
            raise refuse("worklist.role", f"There is nothing here for you to do, signed in as {by.title}")
        taken = claim_refusal(prescriptions.task(row), by=by, now=now)
        if taken is not None:
            raise Refused(taken)
        row.claimed_by_id, row.claimed_at = by.id, now
        row.save(update_fields=("claimed_by", "claimed_at"))
        return Deed(f"prescription:{row.pk}", {"step": row.step}, {"prescription": row.pk})

    return once("worklist.claim", by=by, now=now, key=key, request={"prescription": prescription_id}, do=do)


def hand_back(*, by: Person, now: datetime, key: str, prescription_id: int) -> Outcome:
    """Hands the prescription back to the list. Raises `Refused` (``worklist.not-yours``)."""

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        if row.claimed_by_id != by.id:
            raise refuse("worklist.not-yours", "You do not have this prescription in hand")
        row.claimed_by, row.claimed_at = None, None
        row.save(update_fields=("claimed_by", "claimed_at"))
        return Deed(f"prescription:{row.pk}", {"step": row.step}, {"prescription": row.pk})

    return once(
        "worklist.hand_back", by=by, now=now, key=key, request={"prescription": prescription_id}, do=do
    )
