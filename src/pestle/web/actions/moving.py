"""Stock goes from one account to another: put away, set aside, released, wasted, returned, supplied,
corrected; a container is opened."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Sum

from pestle.pharmacy.ledger.account import Account, AccountKind
from pestle.pharmacy.ledger.base_unit import MOST
from pestle.pharmacy.ledger.controlled import not_undone
from pestle.pharmacy.ledger.movement import Movement, reversal
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.ledger.transfer import may_return
from pestle.pharmacy.medicines.expiry import InUse
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused, refuse
from pestle.web.actions import differences
from pestle.web.actions.differences import advice_first, batch_at, check_move, check_route, may_keep_stock
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.places import check_storage
from pestle.web.store import ledger, models
from pestle.web.store.knowledge import dictionary

# The reasons with an action of their own, or which only that action may use.
_ELSEWHERE = frozenset(
    {
        Reason.RECEIPT,
        Reason.PICK,
        Reason.UNDO_PICK,
        Reason.REQUISITION,
        Reason.SEND,
        Reason.ARRIVE,
        Reason.COUNT,
        Reason.CORRECTION,
    }
)
_IN_HAND = "the pack was in the hand, and the book did not have it"


def move(
    *,
    by: Person,
    now: datetime,
    key: str,
    reason: Reason,
    batch_id: int,
    amount: int,
    source: ledger.Ends,
    target: ledger.Ends,
    why: str = "",
    happened_at: datetime | None = None,
    in_hand: bool = False,
    all_the_same: bool = False,
) -> Outcome:
    """Moves base units of a batch between two accounts, by kind and name.

    With `happened_at` it is entered later than it happened. `in_hand` says that the stock was there
    whatever the book says: a supply that happened is recorded, after the difference, which stays open.

    Raises `Refused`: ``stock.unknown-batch``, ``controlled.own-action``, those of
    `pestle.pharmacy.ledger.routes`, of `Movement`, and ``stock.not-in-stock``, ``stock.not-in-stock-then``,
    ``stock.more-than-received`` for a return to the supplier, ``temperature.advice-first`` for what an
    excursion set aside, and ``stock.storage`` unless it goes there `all_the_same`.
    """

    def do() -> Deed:
        if reason in _ELSEWHERE:
            raise refuse(
                "ledger.no-such-route", "This kind of movement has an action of its own", place="reason"
            )
        batch = batch_at(by.site_id, batch_id, locked=True)
        check_move(batch.product_id, reason)
        if not 0 < amount < MOST:
            raise refuse("ledger.not-positive", "Say how much, above zero and no more than a shelf holds",
                         place="amount")  # fmt: skip
        taken_from, given_to = ledger.accounts(by.site_id, source, target)
        check_route(reason, taken_from, given_to, by=by, why=why)
        if reason is Reason.RELEASE:
            advice_first(batch.pk, taken_from)
        misplaced = check_storage(batch, given_to, all_the_same=all_the_same)
        if reason is Reason.SUPPLIER_RETURN:
            not_more_than_received(batch, given_to, amount)
        movement = Movement(
            batch.pk,
            taken_from,
            given_to,
            amount,
            happened_at or now,
            now,
            by.id,
            key,
            reason,
            why=why.strip(),
        )
        first: list[Movement] = []
        if in_hand and reason is Reason.SUPPLY:
            first = differences.missing(
                batch, taken_from, wanted=amount, by=by,
                happened_at=movement.happened_at, now=now, key=key, about="", why=_IN_HAND,
            )  # fmt: skip
        posted = ledger.post([*first, movement], batches={batch.pk: batch})
        opened = differences.open_discrepancies(posted, by=by, now=now)
        detail = {"batch": batch.pk, "amount": amount, "from": str(taken_from), "to": str(given_to),
                  "misplaced": misplaced}  # fmt: skip
        result = {"batch": batch.pk, "movement": posted[-1].pk, "discrepancies": [row.pk for row in opened]}
        return Deed(f"batch:{batch.pk}", detail, result, moved=posted, sealed=opened)

    request = {
        "batch": batch_id, "amount": amount, "from": [source[0].value, source[1]],
        "to": [target[0].value, target[1]], "why": why, "in_hand": in_hand, "all_the_same": all_the_same,
        "happened_at": happened_at.isoformat() if happened_at else None,
    }  # fmt: skip
    return once(f"stock.{reason.value}", by=by, now=now, key=key, request=request, do=do)


def correct(*, by: Person, now: datetime, key: str, movement_id: int, why: str) -> Outcome:
    """Undoes a movement by one that points at it, once, with the reason.

    Raises `Refused`: ``stock.unknown-movement``, ``ledger.corrected`` for one that was undone before,
    ``controlled.signed-by-two``, ``ledger.not-correctable``, ``temperature.advice-first``, ``stock.role``,
    ``stock.no-reason``, ``stock.not-in-stock``.
    """

    def do() -> Deed:
        found = (
            models.Movement.objects.select_related("source", "target", "batch")
            .filter(pk=movement_id, batch__site=by.site_id)
            .first()
        )
        if found is None:
            raise refuse("stock.unknown-movement", "There is no such movement here")
        ledger.locked(found.batch_id)
        if found.reversals.exists():
            raise refuse("ledger.corrected", "This movement was undone already")
        product = dictionary().product(found.batch.product_id)
        no = not_undone(product.controlled if product else None, Reason(found.reason))
        if no is not None:
            raise Refused(no)
        back = reversal(ledger.value(found), found.pk, at=now, by=by.id, key=key, why=why.strip())
        check_route(Reason.CORRECTION, back.source, back.target, by=by, why=why)
        if found.reason == Reason.QUARANTINE.value:
            advice_first(found.batch_id, back.source)
        posted = ledger.post([back])
        detail = {"batch": found.batch_id, "movement": found.pk}
        return Deed(f"batch:{found.batch_id}", detail, {"movement": posted[0].pk}, moved=posted)

    request = {"movement": movement_id, "why": why}
    return once("stock.correct", by=by, now=now, key=key, request=request, do=do)


def open_container(
    *, by: Person, now: datetime, key: str, batch_id: int, kind: AccountKind, name: str = "", opened_on: date,
    days: int,
) -> Outcome:  # fmt: skip
    """Puts on record that a container was opened, and for how many days it may be used after that day.

    Raises `Refused`: ``stock.role``, ``stock.unknown-batch``, ``stock.not-held``, ``expiry.in-use``,
    ``expiry.opened-later``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        batch = batch_at(by.site_id, batch_id, locked=True)
        account = ledger.account(by.site_id, kind, name)
        InUse(opened_on, days)
        if opened_on > now.date():
            raise refuse("expiry.opened-later", "It cannot be opened on a day to come", place="opened on")
        if ledger.holds(batch, account).held <= 0:
            raise refuse("stock.not-held", f"{account.name} holds nothing of this batch", place="batch")
        opening = models.Opening.objects.create(
            batch=batch, account_id=account.id, opened_on=opened_on, days=days, by_id=by.id, at=now
        )
        detail = {
            "batch": batch.pk,
            "account": str(account),
            "opened_on": opened_on.isoformat(),
            "days": days,
        }
        return Deed(f"batch:{batch.pk}", detail, {"opening": opening.pk}, sealed=[opening])

    request = {"batch": batch_id, "kind": kind.value, "name": name, "opened_on": opened_on.isoformat(),
               "days": days}  # fmt: skip
    return once("stock.open_container", by=by, now=now, key=key, request=request, do=do)


def not_more_than_received(batch: models.Batch, supplier: Account, amount: int) -> None:
    """Raises `Refused` (``stock.more-than-received``) where that much may not go back. A receipt that was
    corrected did not come."""
    moved = batch.movements.values_list("reason").annotate(total=Sum("amount"))
    came = dict(moved.filter(source=supplier.id))
    went = dict(moved.filter(target=supplier.id))
    corrected, undone = went.get(Reason.CORRECTION.value, 0), came.get(Reason.CORRECTION.value, 0)
    refusal = may_return(
        received=came.get(Reason.RECEIPT.value, 0) - corrected,
        returned=went.get(Reason.SUPPLIER_RETURN.value, 0) - undone,
        returning=amount,
        base=ledger.base(batch),
    )
    if refusal is not None:
        raise Refused(refusal)
