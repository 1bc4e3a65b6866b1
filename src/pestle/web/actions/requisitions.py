"""Controlled drugs are supplied on a requisition, and entered in the register; its original is sent on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.allocation import LeftOut, allocate
from pestle.pharmacy.ledger.base_unit import MOST
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.requisition import (
    Requisition,
    drug_refusal,
    quantity_refusal,
    requisition_refusals,
)
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions.differences import check_route, may_keep_stock
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import ledger, models, requisitions, stock
from pestle.web.store.knowledge import dictionary
from pestle.web.store.orders import generic_of


@dataclass(frozen=True, slots=True)
class Taken:
    """So many base units of a batch, from one of our places."""

    batch_id: int
    source: ledger.Ends
    amount: int


def supply(
    *, by: Person, now: datetime, key: str, requisition: Requisition, asked: Mapping[str, int],
    taken: Sequence[Taken],
) -> Outcome:  # fmt: skip
    """Supplies what was `taken` on a requisition, and enters it in the register. `asked`: the total quantity
    that the form states of each drug (by its generic's id), in base units.

    Raises `Refused`: ``stock.role``, ``requisition.nothing``, ``stock.unknown-batch``, what
    `pestle.pharmacy.ledger.requisition` names, ``stock.expired``, ``stock.opened-too-long``,
    ``stock.recalled``, ``stock.not-picked-from``, ``stock.not-in-stock``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        if not taken or not all(0 < one.amount < MOST for one in taken):
            raise refuse("requisition.nothing", "Say how much of which batch is supplied", place="amount")
        batches = ledger.locked(*(one.batch_id for one in taken))
        if any(batches.get(one.batch_id, _NOWHERE).site_id != by.site_id for one in taken):
            raise refuse("stock.unknown-batch", "There is no such batch here", place="batch")
        site = models.Site.objects.get(pk=by.site_id)
        today = now.astimezone(ZoneInfo(site.time_zone)).date()
        drugs = _drugs(taken, batches)
        _stop(
            *requisition_refusals(requisition, on=today),
            *_drug_refusals(drugs, asked),
            *_batch_refusals(by, taken, batches, on=today),
        )
        row = _row(requisition, by=by, now=now)
        lines = models.RequisitionLine.objects.bulk_create(
            models.RequisitionLine(
                requisition=row, product_id=one.id, product_name=one.name, schedule=one.schedule,
                asked=asked[one.id], unit=one.batch.unit, per_unit=one.batch.per_unit,
            )
            for one in drugs
        )  # fmt: skip
        posted = _post(row, taken, batches, by=by, now=now, key=key)
        beside = _particulars(row, posted, {one.id: one.schedule for one in drugs})
        detail = {"requisition": row.pk, "drugs": {one.id: one.amount for one in drugs},
                  "purpose": row.purpose, "veterinary": row.veterinary}  # fmt: skip
        return Deed(f"requisition:{row.pk}", detail, {"requisition": row.pk}, moved=posted,
                    sealed=[row, *lines, *beside])  # fmt: skip

    recipient = requisition.recipient
    request = {
        "recipient": [recipient.name, recipient.profession, recipient.address, recipient.organisation],
        "purpose": [requisition.purpose.value if requisition.purpose else "", requisition.purpose_words],
        "signed_on": requisition.signed_on.isoformat() if requisition.signed_on else "",
        "marked": requisition.marked, "taken_by": requisition.taken_by, "veterinary": requisition.veterinary,
        "asked": dict(asked),
        "taken": [[one.batch_id, one.source[0].value, one.source[1], one.amount] for one in taken],
    }  # fmt: skip
    return once("register.supply_requisition", by=by, now=now, key=key, request=request, do=do)


def send_on(*, by: Person, now: datetime, key: str, requisition_id: int, words: str) -> Outcome:
    """Puts on record that the original went to the NHS agency, and with what.

    Raises `Refused`: ``stock.role``, ``requisition.unknown``, ``requisition.kept``, ``requisition.sent``,
    ``requisition.no-words``.
    """

    def do() -> Deed:
        may_keep_stock(by)
        rows = models.Requisition.objects.select_for_update().filter(pk=requisition_id, site=by.site_id)
        row = rows.first()
        if row is None:
            raise refuse("requisition.unknown", "There is no such requisition here")
        if row.veterinary:
            raise refuse("requisition.kept", "The original of a veterinary requisition is kept here")
        if models.RequisitionSent.objects.filter(requisition=row).exists():
            raise refuse("requisition.sent", "This original was sent on already")
        if len(words.strip()) < 3:
            raise refuse("requisition.no-words", "Say with what it was sent", place="words",
                         way_out="Such as “FP34PCD of October”.")  # fmt: skip
        made = models.RequisitionSent.objects.create(
            requisition=row, words=words.strip()[:200], by_id=by.id, at=now
        )
        return Deed(f"requisition:{row.pk}", {}, {"requisition": row.pk}, sealed=[made])

    request = {"requisition": requisition_id, "words": words}
    return once("register.send_requisition", by=by, now=now, key=key, request=request, do=do)


_NOWHERE = models.Batch(site_id=0)
_LEFT_OUT = {
    LeftOut.EXPIRED: "stock.expired",
    LeftOut.OPENED_TOO_LONG: "stock.opened-too-long",
    LeftOut.RECALLED: "stock.recalled",
    LeftOut.SET_ASIDE: "stock.not-picked-from",
}


@dataclass(frozen=True, slots=True)
class _Drug:
    id: str
    name: str
    schedule: int
    amount: int
    batch: models.Batch


def _drugs(taken: Sequence[Taken], batches: Mapping[int, models.Batch]) -> list[_Drug]:
    amounts: dict[str, int] = {}
    of_it: dict[str, models.Batch] = {}
    for one in taken:
        batch = batches[one.batch_id]
        key = generic_of(batch.product_id)
        amounts[key] = amounts.get(key, 0) + one.amount
        of_it.setdefault(key, batch)
    found, refusals = [], []
    for key, batch in of_it.items():
        product, generic = dictionary().product(batch.product_id), dictionary().product(key)
        name = generic.name if generic else batch.pack_name
        no = drug_refusal(name, product.controlled if product else None)
        if no is not None:
            refusals.append(no)
            continue
        assert product is not None
        assert product.controlled is not None
        found.append(_Drug(key, name, product.controlled.schedule or 0, amounts[key], batch))
    _stop(*refusals)
    return found


def _drug_refusals(drugs: Sequence[_Drug], asked: Mapping[str, int]) -> Iterator[Refusal]:
    for one in drugs:
        no = quantity_refusal(
            one.name, asked=asked.get(one.id, 0), supplied=one.amount, base=ledger.base(one.batch)
        )
        if no is not None:
            yield no


def _batch_refusals(
    by: Person, taken: Sequence[Taken], batches: Mapping[int, models.Batch], *, on: date
) -> Iterator[Refusal]:
    """What may not be used of what is taken, by the rule that leaves it out of every allocation."""
    for one in taken:
        batch, place = batches[one.batch_id], ledger.account(by.site_id, *one.source)
        lots = [
            lot
            for lot, _ in stock.lots(by.site_id, pack_id=batch.pack_id)
            if (lot.batch_id, lot.account_id) == (batch.pk, place.id)
        ]
        found = allocate(one.amount, lots, on=on)
        for lot, why in found.left_out if found.short else ():
            said = f"{why.value} ({lot.recall})" if why is LeftOut.RECALLED else why.value
            yield Refusal(_LEFT_OUT[why], f"Batch {batch.number}, {place.name}: {said}", "batch")


def _row(requisition: Requisition, *, by: Person, now: datetime) -> models.Requisition:
    recipient = requisition.recipient
    assert requisition.purpose is not None
    assert requisition.signed_on is not None
    return models.Requisition.objects.create(
        site_id=by.site_id, name=recipient.name.strip(), profession=recipient.profession.strip(),
        organisation=recipient.organisation.strip(), address=recipient.address.strip(),
        purpose=requisition.purpose.value, purpose_words=requisition.purpose_words.strip(),
        signed_on=requisition.signed_on, veterinary=requisition.veterinary,
        taken_by=requisition.taken_by.strip(), by_id=by.id, at=now,
    )  # fmt: skip


def _post(
    row: models.Requisition, taken: Sequence[Taken], batches: Mapping[int, models.Batch], *, by: Person,
    now: datetime, key: str,
) -> list[models.Movement]:  # fmt: skip
    moves = []
    for one in taken:
        source, recipients = ledger.accounts(by.site_id, one.source, (AccountKind.RECIPIENT, ""))
        check_route(Reason.REQUISITION, source, recipients, by=by, why="")
        moves.append(
            Movement(one.batch_id, source, recipients, one.amount, now, now, by.id, key, Reason.REQUISITION,
                     about=requisitions.about(row))
        )  # fmt: skip
    return ledger.post(moves, batches=batches)


def _particulars(
    row: models.Requisition, posted: Sequence[models.Movement], schedules: Mapping[str, int]
) -> list[models.RegisterParticulars]:
    return models.RegisterParticulars.objects.bulk_create(
        models.RegisterParticulars(
            movement=movement, schedule=schedules[generic_of(movement.batch.product_id)],
            party_name=", ".join(filter(None, (row.name, row.organisation)))[:200],
            party_address=row.address, authority=f"Requisition of {row.name}, {row.profession}",
            document=f"requisition {row.pk}, signed {row.signed_on:%d-%b-%Y}", collector_name=row.taken_by,
        )
        for movement in posted
    )  # fmt: skip


def _stop(*refusals: Refusal) -> None:
    if refusals:
        raise Refused(*refusals)
