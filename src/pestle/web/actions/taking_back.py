"""A prescription goes back to the service, what it was told is withdrawn, or it is told again."""

from __future__ import annotations

from datetime import datetime

from pestle.pharmacy.dispensary.payment_claim import Answer
from pestle.pharmacy.dispensary.prescription_kind import kind_of
from pestle.pharmacy.dispensary.taking_back import (
    Held,
    ReturnReason,
    WithdrawReason,
    return_refusals,
    withdraw_refusals,
)
from pestle.pharmacy.dispensary.workflow import CLOSED, DISPENSING
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused, refuse
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.payment import MAY_CLAIM
from pestle.web.store import models, notifications, payment, payment_messages, prescriptions


def return_to_service(
    *,
    by: Person,
    now: datetime,
    key: str,
    prescription_id: int,
    seen: int | None,
    reason: ReturnReason,
    words: str,
) -> Outcome:
    """Gives an undispensed prescription back to the service, and closes it here.

    Raises `Refused`: those of the worklist, and everything that `return_refusals` names.
    """

    def do() -> Deed:
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        held = Held(
            row.step, row.hand_outs.exists(), bool(prescriptions.standing_picks(row)),
            kind_of(prescriptions.signed(row)).told_to_service,
        )  # fmt: skip
        refusals = tuple(return_refusals(held, reason, words, by=by))
        if refusals:
            raise Refused(*refusals)
        task = prescriptions.task(row)
        transition = check(DISPENSING, task, "return_to_service", by=by, now=now, seen=seen)
        body = payment_messages.returned(row, reason, by=by, now=now)
        message = payment_messages.file(
            row.site, "Task", body, name=f"return-{row.pk}.json", now=now,
            summary=f"Prescription returned: {reason.words}",
        )  # fmt: skip
        models.ReturnToService.objects.create(
            prescription=row, message=message, reason=reason.value, words=words.strip()[:300], step=row.step,
            by_id=by.id, at=now,
        )  # fmt: skip
        row.closed_because = "returned"
        prescriptions.move(row, transition, by=by, now=now)
        detail = {"reason": reason.value, "words": words.strip(), "message": message.pk}
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk, "message": message.pk})

    request = {"prescription": prescription_id, "seen": seen, "reason": reason.value, "words": words}
    return once("dispensary.return_to_service", by=by, now=now, key=key, request=request, do=do)


def reopen(returned: models.ReturnToService, *, now: datetime) -> None:
    """Takes up again what the service refused to take back, where it was left."""
    row = models.Prescription.objects.select_for_update(of=("self",)).get(pk=returned.prescription_id)
    if row.step == CLOSED and row.closed_because == "returned":
        row.step, row.step_since, row.closed_because = returned.step, now, ""
        row.version += 1
        row.save(update_fields=("step", "step_since", "closed_because", "version"))


def withdraw_notification(
    *,
    by: Person,
    now: datetime,
    key: str,
    prescription_id: int,
    message_id: int,
    reason: WithdrawReason,
    words: str,
) -> Outcome:
    """Withdraws what the service was told of a hand-out. The supply itself stands.

    Raises `Refused`: ``withdraw.unknown``, and everything that `withdraw_refusals` names.
    """

    def do() -> Deed:
        row, telling = _telling(prescription_id, message_id, by=by)
        claim = payment.last_claim(row)
        refusals = tuple(
            withdraw_refusals(
                reason, words, by=by, withdrawn=telling.withdrawal is not None,
                claimed=payment.answer(claim.message) if claim else None,
            )
        )  # fmt: skip
        if refusals:
            raise Refused(*refusals)
        body = payment_messages.withdrawn(row, telling.message, reason, by=by, now=now)
        message = payment_messages.file(
            row.site, "Task", body, name=f"withdrawal-{row.pk}.json", now=now,
            summary=f"Dispense notification withdrawn: {reason.words}",
        )  # fmt: skip
        models.Withdrawal.objects.create(
            notification=telling.message, message=message, reason=reason.value, words=words.strip()[:300],
            by_id=by.id, at=now,
        )  # fmt: skip
        detail = {"reason": reason.value, "words": words.strip(), "notification": message_id,
                  "message": message.pk}  # fmt: skip
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk, "message": message.pk})

    request = {"prescription": prescription_id, "message": message_id, "reason": reason.value, "words": words}
    return once("payment.withdraw_notification", by=by, now=now, key=key, request=request, do=do)


def tell_again(*, by: Person, now: datetime, key: str, prescription_id: int, message_id: int) -> Outcome:
    """Tells the service again of a hand-out, with every line as it stands now. What was told before is
    replaced, unless it was withdrawn.

    Raises `Refused`: ``payment.role``, ``withdraw.unknown``, ``notification.claimed`` while a claim for it
    stands.
    """

    def do() -> Deed:
        if not by.has(*MAY_CLAIM):
            raise refuse("payment.role", f"It is for the dispensary; you are signed in as {by.title}")
        row, telling = _telling(prescription_id, message_id, by=by)
        claim = payment.last_claim(row)
        if claim is not None and payment.answer(claim.message) is not Answer.REFUSED:
            raise refuse("notification.claimed", "A claim for it stands", way_out="Amend the claim instead.")
        amounts: dict[int, int] = {}
        for supply in telling.hand_out.supplies.select_related("pick"):
            amounts[supply.pick.line_id] = amounts.get(supply.pick.line_id, 0) + supply.pick.amount
        gone = telling.withdrawn or payment.answer(telling.message) is Answer.REFUSED
        body = notifications.dispense_notification(
            row, prescriptions.signed(row), amounts, by=by, now=now, handed_over_at=telling.hand_out.at,
            replaces=None if gone else payment_messages.message_id(telling.message),
        )  # fmt: skip
        message = payment_messages.file(
            row.site, "dispense-notification", body, name=f"dispense-notification-{row.pk}.json", now=now,
            summary="Dispense notification, told again",
        )  # fmt: skip
        models.ToldAgain.objects.create(hand_out=telling.hand_out, message=message, by_id=by.id, at=now)
        detail = {"before": message_id, "message": message.pk}
        return Deed(f"prescription:{row.pk}", detail, {"prescription": row.pk, "message": message.pk})

    request = {"prescription": prescription_id, "message": message_id}
    return once("payment.tell_again", by=by, now=now, key=key, request=request, do=do)


def _telling(
    prescription_id: int, message_id: int, *, by: Person
) -> tuple[models.Prescription, payment.Telling]:
    """What the service was told last of a hand-out, by its message."""
    prescriptions.locked(prescription_id, site_id=by.site_id)
    row = payment.one(by.site_id, prescription_id)
    assert row is not None
    found = next((one for one in payment.tellings(row) if one.message.pk == message_id), None)
    if found is None:
        raise refuse("withdraw.unknown", "This is not what the service was told last of a hand-out",
                     way_out="Open the page again and look at what is there now.")  # fmt: skip
    return row, found
