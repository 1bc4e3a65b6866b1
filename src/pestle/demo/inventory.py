"""What has been done with the stock of the invented pharmacy, besides dispensing it?

Its places are on record; one product stands in the fridge (invented: no maker says so), a pack was damaged,
and a few tablets were sent to a trolley and have not all arrived.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal

from pestle.demo.messages import name_id
from pestle.demo.stock import SHORT, month_after
from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.ledger.storage import Condition
from pestle.pharmacy.ledger.waste import WasteReason, why_words
from pestle.pharmacy.people import Person
from pestle.web.actions import (
    differences,
    moving,
    orders,
    places,
    stock_takes,
    supplier_answers,
    temperatures,
    transfers,
)
from pestle.web.store import ledger, models
from pestle.web.store.knowledge import dictionary

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


def count_the_fridge(*, by: Person, other: Person, opened: datetime) -> Iterator[datetime]:
    """A stock-take of the fridge that one person began and the other has still to count again."""
    at = opened + timedelta(days=89)
    yield at
    fridge = ledger.account(by.site_id, *FRIDGE)
    take = stock_takes.begin(by=other, now=at, key=name_id("take", by.site_id), account_id=fridge.id).result[
        "take"
    ]
    held = models.Balance.objects.get(account=fridge.id, amount__gt=0)
    stock_takes.count(
        by=by, now=at, key=name_id("count", by.site_id), take_id=take, batch_id=held.batch_id,
        found=held.amount - held.batch.pack_amount,
    )  # fmt: skip


def miss_two(*, by: Person, other: Person, opened: datetime) -> Iterator[datetime]:
    """A count of the shelf that found two tablets fewer than the book; the other person looked into it."""
    at = opened + timedelta(days=80)
    yield at
    batch = _batch(by, SENT)
    shelf = ledger.account(by.site_id, *SHELF)
    held = models.Balance.objects.get(account=shelf.id, batch=batch).amount
    opened_as = differences.count(
        by=by, now=at, key=name_id("two fewer", by.site_id), batch_id=batch.pk, kind=SHELF[0], name=SHELF[1],
        found=held - 2, why="counted for the order",
    ).result["discrepancy"]  # fmt: skip
    at += timedelta(hours=3)
    yield at
    differences.look_into(
        by=other, now=at, key=name_id("looked", by.site_id), discrepancy_id=opened_as,
        words="The strip behind the box was empty; nothing of it is in the bin of the bench",
    )  # fmt: skip


def keep_cold(*, by: Person, opened: datetime) -> Iterator[datetime]:
    """Two weeks of the fridge's logger, a reading an hour, with a morning on which the door stood open."""
    at = opened + timedelta(days=88)
    yield at
    end = at.replace(minute=0, second=0, microsecond=0)
    hours = [end - timedelta(hours=back) for back in range(14 * 24, -1, -1)]
    lines = [f"{hour.isoformat()},{_shown(n, hour)}" for n, hour in enumerate(hours)]
    fridge = ledger.account(by.site_id, *FRIDGE)
    temperatures.import_readings(
        by=by, now=at, key=name_id("logger", by.site_id), account_id=fridge.id, name="fridge-1.csv",
        data="\n".join(["Time,Temperature °C", *lines]).encode(),
    )  # fmt: skip


def _shown(number: int, hour: datetime) -> Decimal:
    # The same in every demo, and unlike a straight line: the compressor comes and goes.
    if 200 <= number < 203:
        return Decimal("9.4") + (number - 200) * Decimal("0.7")
    return Decimal(4) + Decimal((number * 7 + hour.hour * 3) % 17) / 10


def order_packs(*, by: Person, opened: datetime) -> Iterator[datetime]:
    """A supplier, and two orders: one that came but for a medicine that is short, one on its way."""
    yield opened
    supplier = orders.record_supplier(
        by=by, now=opened, key=name_id("supplier", by.site_id), name="Invented Wholesale", lead_days=1,
        cut_off=time(17, 30),
    ).result["supplier"]  # fmt: skip
    at = opened + timedelta(days=86)
    yield at
    came, short = (_batch(by, name).pack_id for name in (SENT, SHORT))
    first = orders.place_order(
        by=by, now=at, key=name_id("order", by.site_id, 1), supplier_id=supplier, packs={came: 5, short: 2}
    ).result["order"]
    at += timedelta(days=1)
    yield at
    pack = dictionary().pack(came)
    assert pack is not None
    orders.receive(
        by=by, now=at, key=name_id("received", by.site_id), order_id=first, gtin=pack.gtins[0],
        number="P7300", expiry_text=month_after(at.date(), 20), packs=5,
    )  # fmt: skip
    line = models.PurchaseLine.objects.get(order=first, pack_id=short)
    orders.not_supplied(
        by=by, now=at, key=name_id("short", by.site_id), order_id=first, line_id=line.pk, shortage=True,
        words="not before the end of next month (invented)",
    )  # fmt: skip
    at += timedelta(days=2)
    yield at
    drops = _batch(by, IN_THE_FRIDGE, kind="fridge")
    second = orders.place_order(
        by=by, now=at, key=name_id("order", by.site_id, 2), supplier_id=supplier, packs={drops.pack_id: 6}
    ).result["order"]
    at += timedelta(minutes=20)
    yield at
    number, day = models.PurchaseOrder.objects.get(pk=second).number, (at + timedelta(days=3)).date()
    answer = f"order,gtin,status,packs,price,expected\n{number},{drops.gtin},accepted,6,4.12,{day}\n"
    supplier_answers.take_in_answer(
        by=by, now=at, key=name_id("answer", by.site_id), order_id=second, name="answer.csv",
        data=answer.encode(), format="table-csv",
    )  # fmt: skip


def _move(
    batch: models.Batch, packs: int, reason: Reason, source: ledger.Ends, target: ledger.Ends, *, by: Person,
    now: datetime, why: str = "",
) -> None:  # fmt: skip
    moving.move(
        by=by, now=now, key=name_id("move", by.site_id, reason.value), reason=reason, batch_id=batch.pk,
        amount=packs * batch.pack_amount, source=source, target=target, why=why,
    )  # fmt: skip


def _batch(by: Person, name: str, *, kind: str = "shelf") -> models.Batch:
    """The batch of that product of which most is on the shelf."""
    return (
        models.Balance.objects.filter(
            account__site=by.site_id, account__kind=kind, batch__pack_name__startswith=name
        )
        .select_related("batch")
        .order_by("-amount", "batch")[0]
        .batch
    )
