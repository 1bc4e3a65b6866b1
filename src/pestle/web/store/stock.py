"""Stock for people to look at: what is held of which batch, and what moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from pestle.pharmacy.ledger.account import STORES, AccountKind
from pestle.pharmacy.ledger.allocation import Lot
from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.medicines.concept import BaseUnit
from pestle.pharmacy.medicines.expiry import Expiry, InUse, expiry
from pestle.pharmacy.quantity import Unit
from pestle.web.store import ledger, models
from pestle.web.store.knowledge import dictionary
from pestle.web.store.patients import folded

# Long enough to use it first or send it back.
SOON = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Held:
    """What a site holds of one batch, in base units: `shelf` may be picked, `elsewhere` may not.

    `state`: recalled, expired, soon (within `SOON`), good. `recall` is its reference.
    """

    batch: models.Batch
    expiry: Expiry
    shelf: int
    elsewhere: int
    state: str
    recall: str | None

    @property
    def shelf_words(self) -> str:
        """Such as 84 tablets."""
        return words(self.batch, self.shelf)

    @property
    def elsewhere_words(self) -> str:
        """Such as 28 tablets; empty for none."""
        return words(self.batch, self.elsewhere) if self.elsewhere else ""


def held(site_id: int, *, on: date, product_ids: Iterable[str] | None = None) -> list[Held]:
    """Every batch of which the site holds anything, by name, and of one pack the first to expire first.

    Two queries, whatever the number of batches.
    """
    rows = models.Balance.objects.filter(batch__site=site_id, held=True, amount__gt=0)
    if product_ids is not None:
        rows = rows.filter(batch__product_id__in=list(product_ids))
    shelf: dict[int, int] = defaultdict(int)
    elsewhere: dict[int, int] = defaultdict(int)
    batches: dict[int, models.Batch] = {}
    for row in rows.select_related("batch", "account"):
        batches[row.batch_id] = row.batch
        kind = AccountKind(row.account.kind)
        (shelf if kind.dispensable else elsewhere)[row.batch_id] += row.amount
    recalls = ledger.recalls_of(site_id, batches.values())
    found = [
        _held(batch, shelf[pk], elsewhere[pk], recall=recalls.get(pk), on=on) for pk, batch in batches.items()
    ]
    return sorted(found, key=lambda one: (one.batch.pack_name.casefold(), one.expiry.last_usable_day))


def lots(site_id: int, *, pack_id: str) -> list[tuple[Lot, models.Batch]]:
    """What the site's stores hold of a pack, each as allocation sees it. Three queries."""
    rows = list(
        models.Balance.objects.filter(
            batch__site=site_id, batch__pack_id=pack_id, amount__gt=0,
            account__kind__in=[kind.value for kind in STORES],
        ).select_related("batch", "account")
    )  # fmt: skip
    batches = [row.batch for row in rows]
    recalled = ledger.recalls_of(site_id, batches)
    opened = {
        (row.batch_id, row.account_id): InUse(row.opened_on, row.days)
        for row in models.Opening.objects.filter(batch__in=batches).order_by("pk")
    }
    pack = dictionary().pack(pack_id)
    return [
        (
            Lot(
                batch_id=row.batch_id, account_id=row.account_id, kind=AccountKind(row.account.kind),
                expiry=expiry(row.batch.expiry), held=row.amount, pack=row.batch.pack_amount,
                splits=pack is None or pack.split is not False,
                recall=recalled[row.batch_id].reference if row.batch_id in recalled else None,
                opened=opened.get((row.batch_id, row.account_id)),
            ),
            row.batch,
        )
        for row in rows
    ]  # fmt: skip


def matching(found: Iterable[Held], text: str) -> list[Held]:
    """Those whose pack name, batch number or GTIN has every word of the text."""
    wanted = folded([text]).split()
    return [
        one
        for one in found
        if all(word in folded([one.batch.pack_name, one.batch.number, one.batch.gtin]) for word in wanted)
    ]


def batch(site_id: int, batch_id: int) -> models.Batch | None:
    """The batch if it is the site's."""
    return models.Batch.objects.filter(site=site_id, pk=batch_id).first()


def state(row: models.Batch, *, on: date, recalled: bool) -> str:
    """recalled, expired, soon or good."""
    if recalled:
        return "recalled"
    printed = expiry(row.expiry)
    if printed.expired(on=on):
        return "expired"
    return "soon" if printed.last_usable_day - on <= SOON else "good"


def movements(row: models.Batch) -> list[models.Movement]:
    """What moved, newest first, with who and from where to where."""
    return list(row.movements.select_related("by", "source", "target").order_by("-place"))


def prescriptions_of(moved: Iterable[models.Movement]) -> dict[str, int]:
    """Which prescription each ``line:12`` of the movements belongs to."""
    about = {one.about for one in moved if one.about.startswith("line:")}
    ids = [int(one.removeprefix("line:")) for one in about]
    lines = models.Line.objects.filter(pk__in=ids).values_list("pk", "prescription_id")
    return {f"line:{pk}": prescription for pk, prescription in lines}


def words(row: models.Batch, amount: int) -> str:
    """Base units of a batch as a person says them."""
    return amount_words(amount, BaseUnit(Unit(row.unit), row.per_unit))


def _held(row: models.Batch, shelf: int, elsewhere: int, *, recall: models.Recall | None, on: date) -> Held:
    found = state(row, on=on, recalled=recall is not None)
    return Held(row, expiry(row.expiry), shelf, elsewhere, found, recall.reference if recall else None)
