"""What was wasted and what is on its way, for people to look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.ledger.waste import WasteReason, cost, reason_of
from pestle.web.store import ledger, models
from pestle.web.store.knowledge import dictionary

MOST = 500


@dataclass(frozen=True, slots=True)
class Wasted:
    """One entry of waste: its reason (None: words alone) and the pence that it cost (None: not known)."""

    movement: models.Movement
    reason: WasteReason | None
    pence: int | None


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """A transfer, and of each of its batches what was sent and what has left transit since (base units)."""

    transfer: models.Transfer
    batches: tuple[tuple[models.Batch, int, int], ...]

    @property
    def open(self) -> bool:
        """Whether something of it is still on the way."""
        return any(settled < sent for _, sent, settled in self.batches)


def wasted(site_id: int, *, since: datetime) -> list[Wasted]:
    """What was wasted since then and not undone, newest first; one query."""
    rows = models.Movement.objects.filter(
        batch__site=site_id, reason=Reason.WASTE.value, happened_at__gte=since, reversals=None
    ).select_related("batch", "by", "source")
    found = []
    for row in rows.order_by("-happened_at", "-pk"):
        pack = dictionary().pack(row.batch.pack_id)
        generic = dictionary().pack(pack.generic_id) if pack and pack.generic_id else None
        price = (pack.price or pack.tariff) if pack else None
        price = price or (generic.tariff if generic else None)
        found.append(Wasted(row, reason_of(row.why), cost(row.amount, row.batch.pack_amount, price)))
    return found


def transfers(site_id: int) -> list[OnTheWay]:
    """The last transfers of the site, those still on the way first, newest first; two queries."""
    rows = list(
        models.Transfer.objects.filter(site=site_id)
        .select_related("source", "target", "by")
        .order_by("-pk")[:MOST]
    )
    found = _with_batches(rows)
    return sorted(found, key=lambda one: not one.open)


def transfer(site_id: int, transfer_id: int) -> OnTheWay | None:
    """The transfer if it is the site's."""
    row = (
        models.Transfer.objects.filter(site=site_id, pk=transfer_id)
        .select_related("source", "target")
        .first()
    )
    return _with_batches([row])[0] if row else None


def custody(transfer_ids: Iterable[int]) -> dict[tuple[int, int], str]:
    """Who ordered, carried and received what the controlled-drug register has of these transfers, in words,
    by transfer and batch; one query."""
    about = {f"transfer:{pk}": pk for pk in transfer_ids}
    rows = models.RegisterParticulars.objects.filter(movement__about__in=about).order_by("pk")
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for row in rows.select_related("movement"):
        said = found[about[row.movement.about], row.movement.batch_id]
        said += [one for one in (row.authority, row.collector_name) if one and one not in said]
    return {at: ", ".join(said) for at, said in found.items()}


def _with_batches(rows: list[models.Transfer]) -> list[OnTheWay]:
    about = {f"transfer:{row.pk}" for row in rows}
    sums: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    batches: dict[int, models.Batch] = {}
    moved = ledger.about(*about).select_related("batch", "source").order_by("pk")
    for one in moved:
        batches[one.batch_id] = one.batch
        left_transit = one.source.kind == AccountKind.IN_TRANSIT.value
        # What was sent and corrected since goes back the way it came.
        sums[one.about][one.batch_id][1 if left_transit else 0] += one.amount
    return [
        OnTheWay(
            row,
            tuple((batches[pk], sent, settled) for pk, (sent, settled) in sums[f"transfer:{row.pk}"].items()),
        )
        for row in rows
    ]
