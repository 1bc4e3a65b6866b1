"""What stands on the shelf of the invented pharmacy?

A delivery of every pack that the demo's packs file names, and batches that show what the rules are for: one
that expires this month, one that has expired, one that is recalled, and a medicine of which too little is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from pestle.demo.messages import name_id
from pestle.pharmacy.medicines.concept import Pack
from pestle.pharmacy.medicines.expiry import expiry
from pestle.pharmacy.people import Person
from pestle.web.actions import stock
from pestle.web.store import models
from pestle.web.store.knowledge import dictionary

SHORT = "Trazodone 50mg capsules"
EXPIRES_THIS_MONTH = "Bisoprolol 5mg tablets"
EXPIRED = "Candesartan 8mg tablets"
RECALLED = "Losartan 50mg tablets"
_RECALL = "Class 2 recall (invented), EL (26)A/00"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Packs of one batch; `months` from the day until the end of whose month they may be used."""

    pack: Pack
    number: str
    months: int
    packs: int


def deliveries() -> Iterator[Delivery]:
    """The opening stock: one batch of every demo pack, and of every third a second one."""
    products = {product.id: product.name for product in dictionary().products()}
    found = [pack for id_ in products for pack in dictionary().packs(id_) if pack.invented]
    for number, pack in enumerate(found):
        name = products[pack.product_id]
        if name == SHORT:
            continue
        yield Delivery(pack, f"A{1000 + number * 7}", 8 + number % 17, 30 if pack.quantity < 500 else 2)
        if number % 3 == 0:
            yield Delivery(pack, f"B{2000 + number * 7}", 20 + number % 11, 12)


def oddities() -> Iterator[tuple[int, Delivery]]:
    """Further batches, each with how many days ago it came."""
    yield 75, Delivery(_pack(EXPIRED), "X0417", 1, 6)
    yield 60, Delivery(_pack(EXPIRES_THIS_MONTH), "X1122", 2, 4)
    yield 45, Delivery(_pack(RECALLED), "R5501", 14, 10)
    yield 30, Delivery(_pack(SHORT), "T8101", 9, 1)


def deliver(
    pack: Pack, *, number: str, months: int, packs: int, by: Person, now: datetime, key: str = ""
) -> int:
    """Receives packs of a batch that may be used to the end of a month, `months` from now; gives the batch."""
    done = stock.receive_batch(
        by=by,
        now=now,
        key=key or name_id("delivery", by.site_id, pack.id, number),
        gtin=pack.gtins[0],
        number=number,
        expiry_text=month_after(now.date(), months),
        packs=packs,
    )
    return int(done.result["batch"])


def recall(*, by: Person, now: datetime) -> None:
    """Puts the recall of one batch on record."""
    stock.record_recall(
        by=by,
        now=now,
        key=name_id("recall", by.site_id),
        gtin=_pack(RECALLED).gtins[0],
        number="R5501",
        reference=_RECALL,
    )


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
    """The month `months` later, as printed on a pack: ``2027-03``."""
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
