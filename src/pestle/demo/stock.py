"""What stands on the shelf of the invented pharmacy?

A delivery of every pack that the demo's packs file names, and batches that show what the rules are for:
one that expires this month, one that has expired, one that is recalled, and a medicine that is short.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pestle.demo.messages import name_id
from pestle.pharmacy.ledger.controlled import Source
from pestle.pharmacy.ledger.recall import AlertKind, RecallLevel
from pestle.pharmacy.medicines.concept import Pack
from pestle.pharmacy.medicines.expiry import expiry
from pestle.pharmacy.people import Person
from pestle.web.actions import recalls, stock
from pestle.web.store import models
from pestle.web.store.knowledge import dictionary

SHORT = "Trazodone 50mg capsules"
EXPIRES_THIS_MONTH = "Bisoprolol 5mg tablets"
EXPIRED = "Candesartan 8mg tablets"
RECALLED = "Losartan 50mg tablets"
RECALLED_NUMBER = "R5501"
_RECALL = "Class 2 recall (invented), EL (26)A/00"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Packs of one batch, usable to the end of the month `expires`; it came `days` ago."""

    pack: Pack
    number: str
    expires: str
    packs: int
    days: int


def deliveries(*, on: date) -> Iterator[Delivery]:
    """The opening stock of eighty days ago: every demo pack but one, and of every third a second batch."""
    products = {product.id: product.name for product in dictionary().products()}
    found = [pack for id_ in products for pack in dictionary().packs(id_) if pack.invented]
    for number, pack in enumerate(found):
        name = products[pack.product_id]
        if name == SHORT:
            continue
        few = 30 if pack.quantity < 500 else 2
        yield Delivery(pack, f"A{1000 + number * 7}", month_after(on, 6 + number % 17), few, 80)
        if number % 3 == 0:
            yield Delivery(pack, f"B{2000 + number * 7}", month_after(on, 18 + number % 11), 12, 80)
    yield Delivery(_pack(EXPIRED), "X0417", month_after(on, -1), 6, 75)
    yield Delivery(_pack(EXPIRES_THIS_MONTH), "X1122", month_after(on, 0), 4, 60)
    yield Delivery(_pack(RECALLED), RECALLED_NUMBER, month_after(on, 13), 10, 45)
    yield Delivery(_pack(SHORT), "T8101", month_after(on, 8), 1, 30)


def deliver(delivery: Delivery, *, by: Person, now: datetime) -> None:
    """Receives the packs of a delivery."""
    stock.receive_batch(
        by=by,
        now=now,
        key=name_id("delivery", by.site_id, delivery.pack.id, delivery.number),
        gtin=delivery.pack.gtins[0],
        number=delivery.number,
        expiry_text=delivery.expires,
        packs=delivery.packs,
        source=Source("Invented Wholesale Ltd", "2 Depot Road, Ashcombe", f"INV-{delivery.number}"),
    )


def recall(*, by: Person, now: datetime) -> None:
    """Puts the recall of one batch on record."""
    alert = recalls.record_alert(
        by=by, now=now, key=name_id("recall", by.site_id), kind=AlertKind.CLASS_2, reference=_RECALL,
        level=RecallLevel.PHARMACY, deadline=now + timedelta(days=2),
        packs=[(_pack(RECALLED).gtins[0], RECALLED_NUMBER)],
    )  # fmt: skip
    recalls.act(
        by=by, now=now, key=name_id("recall-act", by.site_id), alert_id=alert.result["alert"],
        words="Told everybody at the bench",
    )  # fmt: skip


def on_shelf(line: models.Line, wanted: int, *, on: date) -> models.Batch | None:
    """The batch to take the next pack of a line from: usable, not recalled, the earliest expiry first.

    A pack that is wanted whole comes before one that has to be split, the bigger before the smaller.
    """
    products = [line.product_id, *(brand.id for brand in dictionary().brands(line.product_id))]
    site = line.prescription.site_id
    balances = models.Balance.objects.filter(
        account__kind="shelf", account__site=site, batch__product_id__in=products, amount__gt=0
    ).select_related("batch")
    recalled = set(models.Recall.objects.filter(site=site).values_list("gtin", "number"))
    usable = [
        balance
        for balance in balances
        if not expiry(balance.batch.expiry).expired(on=on)
        and (balance.batch.gtin, balance.batch.number) not in recalled
        and (balance.batch.gtin, "") not in recalled
        and balance.amount >= min(wanted, _whole(balance.batch))
    ]
    usable = [one for one in usable if _whole(one.batch) <= wanted or _pack_of(one.batch).split is not False]
    if not usable:
        return None

    def order(balance: models.Balance) -> tuple[bool, int, str, int]:
        whole = _whole(balance.batch)
        fits = whole <= wanted
        return (not fits, -whole if fits else whole, balance.batch.expiry, balance.batch.pk)

    return min(usable, key=order).batch


def month_after(day: date, months: int) -> str:
    """The month `months` later (or, below zero, earlier), as printed on a pack: ``2027-03``."""
    month = day.year * 12 + day.month - 1 + months
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


def _pack(name: str) -> Pack:
    product = next(product for product in dictionary().products() if product.name == name)
    return dictionary().packs(product.id)[0]


def _pack_of(batch: models.Batch) -> Pack:
    pack = dictionary().pack(batch.pack_id)
    assert pack is not None
    return pack


def _whole(batch: models.Batch) -> int:
    return int(_pack_of(batch).quantity * batch.per_unit)
