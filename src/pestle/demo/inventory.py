"""What has been done with the stock of the invented pharmacy, besides dispensing it?

Its places are on record; one product stands in the fridge (invented: no maker says so), a pack was damaged,
and a few tablets were sent to a trolley and have not all arrived.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pestle.demo.messages import name_id
from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.ledger.storage import Condition
from pestle.pharmacy.ledger.waste import WasteReason, why_words
from pestle.pharmacy.people import Person
from pestle.web.actions import moving, places, transfers
from pestle.web.store import ledger, models

SHELF: ledger.Ends = (AccountKind.SHELF, "Dispensary shelf")
FRIDGE: ledger.Ends = (AccountKind.FRIDGE, "Fridge 1")
TROLLEY: ledger.Ends = (AccountKind.TROLLEY, "Care home trolley")
IN_THE_FRIDGE = "Timolol 0.5% eye drops"
SENT = "Paracetamol 500mg tablets"

_CONDITIONS = ((SHELF, Condition.ROOM), (FRIDGE, Condition.FRIDGE), (TROLLEY, Condition.ROOM))


def put_in_order(*, by: Person, opened: datetime) -> Iterator[datetime]:
    """The places at the opening, what stands in the fridge, what was damaged, and what was sent."""
    at = opened + timedelta(days=11)
    yield at
    for (kind, name), condition in _CONDITIONS:
        places.record_place(
            by=by, now=at, key=name_id("place", by.site_id, name), kind=kind, name=name, condition=condition
        )
    drops = _batch(by, IN_THE_FRIDGE)
    fridge = ledger.account(by.site_id, *FRIDGE)
    places.keep_product(
        by=by, now=at, key=name_id("keeping", by.site_id), product_id=drops.product_id,
        condition=Condition.FRIDGE, source="invented for the demonstration", account_id=fridge.id,
        address="top shelf",
    )  # fmt: skip
    _move(drops, 10, Reason.PUT_AWAY, SHELF, FRIDGE, by=by, now=at)
    at += timedelta(days=30)
    yield at
    why = why_words(WasteReason.DAMAGED, "bottle cracked")
    _move(drops, 1, Reason.WASTE, FRIDGE, (AccountKind.WASTE, ""), by=by, now=at, why=why)
    sent = _batch(by, SENT)
    done = transfers.send(
        by=by, now=at, key=name_id("send", by.site_id), source=SHELF, target=TROLLEY,
        amounts={sent.pk: 2 * sent.pack_amount}, carrier="Jo Invented, driver",
    )  # fmt: skip
    at += timedelta(hours=2)
    yield at
    transfers.settle(
        by=by, now=at, key=name_id("settle", by.site_id), transfer_id=done.result["transfer"],
        amounts={sent.pk: sent.pack_amount},
    )  # fmt: skip


def _move(
    batch: models.Batch, packs: int, reason: Reason, source: ledger.Ends, target: ledger.Ends, *, by: Person,
    now: datetime, why: str = "",
) -> None:  # fmt: skip
    moving.move(
        by=by, now=now, key=name_id("move", by.site_id, reason.value), reason=reason, batch_id=batch.pk,
        amount=packs * batch.pack_amount, source=source, target=target, why=why,
    )  # fmt: skip


def _batch(by: Person, name: str) -> models.Batch:
    """The batch of that product that holds most on the shelf."""
    return (
        models.Balance.objects.filter(
            account__site=by.site_id, account__kind="shelf", batch__pack_name__startswith=name
        )
        .select_related("batch")
        .order_by("-amount", "batch")[0]
        .batch
    )
