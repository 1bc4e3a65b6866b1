"""Stock-takes for people to look at: what is to be counted, by whom it was, and where each lot stands."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from pestle.pharmacy.ledger.stock_take import Counted, Verdict, judge
from pestle.web.store import models, places


@dataclass(frozen=True, slots=True)
class LotAt:
    """A batch in a stock-take: its counts in their order, and where it stands."""

    batch: models.Batch
    counts: tuple[models.StockTakeCount, ...]
    verdict: Verdict


def takes(site_id: int) -> list[models.StockTake]:
    """The last stock-takes of the site, newest first; one query. Those without an `end` are open."""
    rows = models.StockTake.objects.filter(site=site_id).select_related("account", "by", "end__by")
    return list(rows.order_by("-pk")[:100])


def take(site_id: int, take_id: int) -> models.StockTake | None:
    """The stock-take if it is the site's."""
    rows = models.StockTake.objects.filter(site=site_id, pk=take_id)
    return rows.select_related("account", "by", "end__by").first()


def lots(row: models.StockTake) -> list[LotAt]:
    """Everything that is to be counted or was, by name, what is to be counted again first; three queries."""
    by_batch: dict[int, list[models.StockTakeCount]] = defaultdict(list)
    batches: dict[int, models.Batch] = {}
    for count in row.counts.select_related("batch", "by").order_by("pk"):
        by_batch[count.batch_id].append(count)
        batches[count.batch_id] = count.batch
    held = [one.batch for one in places.balances(row.account_id)]
    if row.shelf:
        kept = places.keepings(row.site_id, {batch.product_id for batch in held})
        held = [
            batch
            for batch in held
            if (one := kept.get(batch.product_id))
            and one.account_id == row.account_id
            and one.address.casefold() == row.shelf.casefold()
        ]
    batches.update({batch.pk: batch for batch in held})
    found = [LotAt(batch, tuple(by_batch[pk]), judge(counted(by_batch[pk]))) for pk, batch in batches.items()]
    order = (Verdict.RECOUNT, Verdict.TO_COUNT, Verdict.DIFFERS, Verdict.AGREES)
    return sorted(
        found, key=lambda one: (order.index(one.verdict), one.batch.pack_name.casefold(), one.batch.pk)
    )


def counted(rows: list[models.StockTakeCount]) -> list[Counted]:
    """The stored counts as values."""
    return [Counted(one.by_id, one.found, one.held) for one in rows]
