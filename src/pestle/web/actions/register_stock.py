"""Stock of a page of the register goes back to its supplier, or is set aside and released: by the register's
own step, with what the law wants beside it or with a second signature."""

from __future__ import annotations

from datetime import datetime

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.base_unit import MOST, amount_words
from pestle.pharmacy.ledger.controlled import Source, Witness, return_refusals, witness_refusals
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions.differences import advice_first, batch_at, check_route, may_keep_stock
from pestle.web.actions.moving import not_more_than_received
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.register import page_of
from pestle.web.store import ledger, models, register

_QUARANTINE = (AccountKind.QUARANTINE, "")


def return_to_supplier(
    *, by: Person, now: datetime, key: str, page_id: str, batch_id: int, source: ledger.Ends, amount: int,
    why: str, supplier: Source, authority: str,
) -> Outcome:  # fmt: skip
    """Gives stock of a page back to a supplier, whose `authority` to possess it is entered. The `supplier`'s
    document is the return note.

    Raises `Refused`: ``stock.role``, ``register.unknown-page``, ``register.other-page``,
    ``ledger.not-positive``, what `return_refusals` names, ``stock.no-reason``, ``stock.more-than-received``,
    ``stock.not-in-stock``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        batch = _batch(by, page_id, batch_id)
        _stop(*return_refusals(supplier, authority=authority), *_amount(amount))
        held_at, suppliers = ledger.accounts(by.site_id, source, (AccountKind.SUPPLIER, ""))
        check_route(Reason.SUPPLIER_RETURN, held_at, suppliers, by=by, why=why)
        not_more_than_received(batch, suppliers, amount)
        posted = ledger.post([
            Movement(batch.pk, held_at, suppliers, amount, now, now, by.id, key, Reason.SUPPLIER_RETURN,
                     why=why.strip())
        ])  # fmt: skip
        beside = models.RegisterParticulars.objects.create(
            movement=posted[0], schedule=register.schedule_of(batch.product_id) or 0,
            party_name=supplier.name.strip(), party_address=supplier.address.strip(),
            authority=authority.strip(), document=supplier.document.strip(),
        )  # fmt: skip
        detail = {"page": page_id, "batch": batch.pk, "amount": amount_words(amount, ledger.base(batch))}
        result = {"batch": batch.pk, "movement": posted[0].pk}
        return Deed(f"batch:{batch.pk}", detail, result, moved=posted, sealed=[beside])

    request = {
        "page": page_id, "batch": batch_id, "from": [source[0].value, source[1]], "amount": amount,
        "why": why, "to": [supplier.name, supplier.address, supplier.document, authority],
    }  # fmt: skip
    return once("register.return_to_supplier", by=by, now=now, key=key, request=request, do=do)


def set_aside(
    *, by: Person, now: datetime, key: str, page_id: str, batch_id: int, source: ledger.Ends, amount: int,
    why: str, second: Person, release_to: ledger.Ends | None = None,
) -> Outcome:  # fmt: skip
    """Moves stock of a page into quarantine, or out of it to where `release_to` says, before a `second`
    person who signs for themself. The balance stays as it is.

    Raises `Refused`: ``stock.role``, ``register.unknown-page``, ``register.other-page``, what
    `witness_refusals` names, ``ledger.not-positive``, ``stock.no-reason``, ``ledger.no-such-route``,
    ``temperature.advice-first``, ``stock.not-in-stock``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        batch = _batch(by, page_id, batch_id)
        _stop(*witness_refusals(Witness(second.name, person=second), performer=by), *_amount(amount))
        reason = Reason.QUARANTINE if release_to is None else Reason.RELEASE
        start, goal = ledger.accounts(by.site_id, source, release_to or _QUARANTINE)
        check_route(reason, start, goal, by=by, why=why)
        if reason is Reason.RELEASE:
            advice_first(batch.pk, start)
        posted = ledger.post([
            Movement(batch.pk, start, goal, amount, now, now, by.id, key, reason, why=why.strip())
        ])  # fmt: skip
        made = models.Countersignature.objects.create(movement=posted[0], by_id=second.id, at=now)
        detail = {"page": page_id, "batch": batch.pk, "as": reason.value, "second": second.id,
                  "amount": amount_words(amount, ledger.base(batch))}  # fmt: skip
        result = {"batch": batch.pk, "movement": posted[0].pk}
        return Deed(f"batch:{batch.pk}", detail, result, moved=posted, sealed=[made])

    request = {
        "page": page_id, "batch": batch_id, "from": [source[0].value, source[1]], "amount": amount,
        "why": why, "second": second.id,
        "to": [release_to[0].value, release_to[1]] if release_to else None,
    }  # fmt: skip
    return once("register.set_aside", by=by, now=now, key=key, request=request, do=do)


def _batch(by: Person, page_id: str, batch_id: int) -> models.Batch:
    page = page_of(by, page_id)
    batch = batch_at(by.site_id, batch_id, locked=True)
    if batch.product_id not in page.product_ids:
        raise refuse("register.other-page", "This batch belongs to another page", place="batch")
    return batch


def _amount(amount: int) -> list[Refusal]:
    if 0 < amount < MOST:
        return []
    return [Refusal("ledger.not-positive", "Say how much", "amount")]


def _stop(*refusals: Refusal) -> None:
    if refusals:
        raise Refused(*refusals)
