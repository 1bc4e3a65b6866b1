"""Controlled drugs are destroyed before a witness: stock before somebody authorised from outside, what
patients brought back before a colleague. What is brought back goes into a record of its own."""

from __future__ import annotations

from datetime import datetime

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.base_unit import MOST, amount_words
from pestle.pharmacy.ledger.controlled import Witness, witness_refusals
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions.differences import batch_at, check_route, may_keep_stock
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.register import page_of
from pestle.web.store import ledger, models


def destroy(
    *, by: Person, now: datetime, key: str, page_id: str, batch_id: int, source: ledger.Ends, amount: int,
    why: str, method: str, witness: Witness,
) -> Outcome:  # fmt: skip
    """Takes stock of a page out of the register to be destroyed, with who watched and by which authority.

    Raises `Refused`: ``stock.role``, ``register.unknown-page``, ``register.other-page``, what
    `witness_refusals` names, ``destruction.no-method``, ``ledger.not-positive``, ``stock.no-reason``,
    ``stock.not-in-stock``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        page = page_of(by, page_id)
        batch = batch_at(by.site_id, batch_id)
        if batch.product_id not in page.product_ids:
            raise refuse("register.other-page", "This batch belongs to another page", place="batch")
        _stop(*witness_refusals(witness, performer=by, authorised=True), *_method(method))
        if not 0 < amount < MOST:
            raise refuse("ledger.not-positive", "Say how much is destroyed", place="amount")
        taken_from, waste = ledger.accounts(by.site_id, source, (AccountKind.WASTE, ""))
        check_route(Reason.WASTE, taken_from, waste, by=by, why=why)
        posted = ledger.post([
            Movement(batch.pk, taken_from, waste, amount, now, now, by.id, key, Reason.WASTE, why=why.strip())
        ])  # fmt: skip
        made = _destruction(witness, by=by, now=now, method=method, movement=posted[0])
        detail = {"page": page.id, "batch": batch.pk, "amount": amount_words(amount, ledger.base(batch))}
        result = {"destruction": made.pk, "movement": posted[0].pk}
        return Deed(f"batch:{batch.pk}", detail, result, moved=posted, sealed=[made])

    request = {
        "page": page_id, "batch": batch_id, "from": [source[0].value, source[1]], "amount": amount,
        "why": why, "method": method, "witness": [witness.name, witness.authority],
    }  # fmt: skip
    return once("register.destroy", by=by, now=now, key=key, request=request, do=do)


def record_return(
    *, by: Person, now: datetime, key: str, medicine: str, quantity: str, brought_by: str
) -> Outcome:
    """Takes back a controlled drug from a patient. It is no stock, and no entry of the register.

    Raises `Refused`: ``stock.role``, ``return.no-medicine``, ``return.no-quantity``, ``return.no-person``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        _stop(
            *_said(medicine, 3, 200, "return.no-medicine", "Name the medicine, its strength and form",
                   "medicine"),
            *_said(quantity, 1, 60, "return.no-quantity", "Say how much was brought back", "quantity"),
            *_said(brought_by, 2, 120, "return.no-person", "Say who brought it back", "brought by"),
        )  # fmt: skip
        made = models.PatientReturn.objects.create(
            site_id=by.site_id, medicine=medicine.strip(), quantity=quantity.strip(),
            brought_by=brought_by.strip(), by_id=by.id, at=now,
        )  # fmt: skip
        return Deed(f"return:{made.pk}", {}, {"return": made.pk}, sealed=[made])

    request = {"medicine": medicine, "quantity": quantity, "brought_by": brought_by}
    return once("register.record_return", by=by, now=now, key=key, request=request, do=do)


def destroy_return(
    *, by: Person, now: datetime, key: str, return_id: int, method: str, witness: Witness
) -> Outcome:
    """Destroys what a patient brought back, once, before a witness.

    Raises `Refused`: ``stock.role``, ``return.unknown``, ``return.destroyed``, ``destruction.no-method``, and
    what `witness_refusals` names.
    """

    def do() -> Deed:
        may_keep_stock(by)
        row = models.PatientReturn.objects.select_for_update().filter(pk=return_id, site=by.site_id).first()
        if row is None:
            raise refuse("return.unknown", "Nothing like this was brought back here")
        if models.Destruction.objects.filter(patient_return=row).exists():
            raise refuse("return.destroyed", "This was destroyed already")
        _stop(*witness_refusals(witness, performer=by), *_method(method))
        made = _destruction(witness, by=by, now=now, method=method, patient_return=row)
        return Deed(f"return:{row.pk}", {}, {"destruction": made.pk}, sealed=[made])

    request = {"return": return_id, "method": method, "witness": [witness.name, witness.authority]}
    return once("register.destroy_return", by=by, now=now, key=key, request=request, do=do)


def _destruction(
    witness: Witness,
    *,
    by: Person,
    now: datetime,
    method: str,
    movement: models.Movement | None = None,
    patient_return: models.PatientReturn | None = None,
) -> models.Destruction:
    return models.Destruction.objects.create(
        site_id=by.site_id, movement=movement, patient_return=patient_return,
        witness_id=witness.person.id if witness.person else None, witness_name=witness.name.strip(),
        witness_authority=witness.authority.strip(), method=method.strip(), by_id=by.id, at=now,
    )  # fmt: skip


def _method(method: str) -> list[Refusal]:
    return _said(method, 3, 200, "destruction.no-method", "Say how it was made unusable", "method")


def _said(text: str, least: int, most: int, rule: str, reason: str, place: str) -> list[Refusal]:
    return [] if least <= len(text.strip()) <= most else [Refusal(rule, reason, place)]


def _stop(*refusals: Refusal) -> None:
    if refusals:
        raise Refused(*refusals)
