"""Stock comes in, by batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.base_unit import pack_amount
from pestle.pharmacy.ledger.controlled import Source, belated
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.medicines.expiry import expiry
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.web.actions.differences import may_keep_stock
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.places import check_storage
from pestle.web.actions.register import enter_receipt, receipt_stopped
from pestle.web.store import ledger, models
from pestle.web.store.knowledge import dictionary

MOST_PACKS = 10_000
_NOT_SAID = Source()


def receive_batch(
    *, by: Person, now: datetime, key: str, gtin: str, number: str, expiry_text: str, packs: int,
    place: ledger.Ends = (AccountKind.SHELF, ""), all_the_same: bool = False, source: Source = _NOT_SAID,
    received_on: date | None = None,
) -> Outcome:  # fmt: skip
    """Takes whole packs of one batch from a supplier to a place; a drug in the register with its `source`.
    `received_on` (None: now) is an earlier day on which they came: the result says whether the register is
    `belated` by it.

    Raises `Refused`: ``stock.role``, ``stock.unknown-pack``, ``stock.no-batch``, ``stock.packs``,
    ``stock.expired``, ``stock.recalled``, ``stock.received-later``, what `receipt_refusals` names, and
    ``stock.storage`` where the product is not to be kept there, unless it goes there `all_the_same`.
    """

    def do() -> Deed:
        taken = take_in(
            by=by, now=now, key=key, gtin=gtin, number=number, expiry_text=expiry_text, packs=packs,
            place=place, all_the_same=all_the_same, source=source, received_on=received_on,
        )  # fmt: skip
        result = {"batch": taken.batch.pk, "amount": taken.detail["amount"], "belated": taken.belated}
        return Deed(f"batch:{taken.batch.pk}", taken.detail, result, moved=taken.posted, sealed=taken.beside)

    request = {"gtin": gtin, "number": number, "expiry": expiry_text, "packs": packs,
               "to": [place[0].value, place[1]], "all_the_same": all_the_same,
               "source": [source.name, source.address, source.document],
               "received_on": received_on.isoformat() if received_on else None}  # fmt: skip
    return once("stock.receive_batch", by=by, now=now, key=key, request=request, do=do)


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What came in: its batch, the movements, what the register has beside them, the detail of the event;
    `belated` where its entry in the register should have been made by the day after it came."""

    batch: models.Batch
    posted: list[models.Movement]
    beside: list[models.RegisterParticulars]
    detail: dict[str, Any]
    belated: bool


def take_in(
    *, by: Person, now: datetime, key: str, gtin: str, number: str, expiry_text: str, packs: int,
    place: ledger.Ends, all_the_same: bool, source: Source, about: str = "", received_on: date | None = None,
) -> TakenIn:  # fmt: skip
    """Receives packs inside a running action, as `receive_batch` does."""
    may_keep_stock(by)
    pack = dictionary().pack_by_gtin(gtin)
    if pack is None:
        raise refuse("stock.unknown-pack", "The dictionary has no pack with this code", place="pack",
                     way_out="Check the code; the dictionary may be out of date.")  # fmt: skip
    site = models.Site.objects.get(pk=by.site_id)
    printed = expiry(expiry_text)
    zone = ZoneInfo(site.time_zone)
    today = now.astimezone(zone).date()
    refusals = []
    if received_on is not None and received_on > today:
        refusals.append(
            Refusal("stock.received-later", "It cannot have come on a day to come", "received on")
        )
    if not number.strip() or len(number.strip()) > 20:
        refusals.append(Refusal("stock.no-batch", "A batch number has 1 to 20 characters", "batch number"))
    if not 1 <= packs <= MOST_PACKS:
        refusals.append(Refusal("stock.packs", f"A delivery has 1 to {MOST_PACKS:,} packs", "packs"))
    if printed.expired(on=today):
        refusals.append(
            Refusal(
                "stock.expired",
                "These packs are past their expiry",
                "expiry",
                "Return them to the supplier.",
            )
        )
    recall = ledger.recall_of(site.pk, gtin=pack.gtins[0], number=number)
    if recall is not None:
        refusals.append(Refusal("stock.recalled", f"This batch is recalled ({recall.reference})", "pack"))
    refusals += receipt_stopped(pack.product_id, source)
    if refusals:
        raise Refused(*refusals)
    amount = packs * pack_amount(pack)
    batch = ledger.batch_of(site.pk, pack, number=number.strip(), printed=printed)
    supplier, target = ledger.accounts(site.pk, (AccountKind.SUPPLIER, ""), place)
    misplaced = check_storage(batch, target, all_the_same=all_the_same)
    # Of an earlier day the hour is not known: noon stands for it.
    earlier = received_on is not None and received_on < today
    came = datetime.combine(received_on, time(12), zone) if received_on and earlier else now
    movement = Movement(
        batch_id=batch.pk, source=supplier, target=target, amount=amount, happened_at=came.astimezone(UTC),
        recorded_at=now, by=by.id, key=key, reason=Reason.RECEIPT, about=about,
    )  # fmt: skip
    posted = ledger.post([movement])
    detail = {"pack": pack.name, "number": batch.number, "expiry": batch.expiry, "packs": packs,
              "amount": amount, "to": str(target), "misplaced": misplaced}  # fmt: skip
    beside = enter_receipt(posted, pack.product_id, source)
    too_late = bool(beside) and belated(happened_on=received_on or today, recorded_on=today)
    return TakenIn(batch, posted, beside, detail, too_late)
