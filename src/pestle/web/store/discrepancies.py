"""Differences between book and count, for people to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.discrepancy import Closing, Standing
from pestle.web.store import models
from pestle.web.store.knowledge import dictionary
from pestle.web.store.stock import words

MOST = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """One discrepancy: `difference` in words, above the book (`more`) or below; how often it was looked
    into."""

    row: models.Discrepancy
    batch: models.Batch
    account: str
    difference: str
    more: bool
    looked: int
    closed: bool


def listed(site_id: int, *, closed: bool) -> list[Listed]:
    """Those that are open, the oldest first; or the last `MOST` that are closed. One query."""
    if closed:
        return [_listed(row) for row in _rows(site_id).filter(_CLOSED).order_by("-pk")[:MOST]]
    return [_listed(row) for row in _rows(site_id).exclude(_CLOSED).order_by("pk")]


def counts(site_id: int) -> tuple[int, int]:
    """How many are open, and how many are closed."""
    rows = models.Discrepancy.objects.filter(site=site_id)
    closed = rows.filter(_CLOSED).count()
    return rows.count() - closed, closed


def one(site_id: int, discrepancy_id: int) -> Listed | None:
    """The discrepancy, if it is the site's."""
    row = _rows(site_id).filter(pk=discrepancy_id).first()
    return _listed(row) if row else None


def standing(row: models.Discrepancy, events: Sequence[models.DiscrepancyEvent]) -> Standing:
    """The discrepancy as its rules see it; `row` with its movement's batch."""
    product = dictionary().product(row.movement.batch.product_id)
    schedule = product.controlled.schedule if product and product.controlled else None
    return Standing(
        opened_by=row.opened_by_id,
        looked_into=bool(events),
        closed=any(event.outcome for event in events),
        needs_pharmacist=schedule == 2,
    )


def outcome_words(event: models.DiscrepancyEvent) -> str:
    """What it turned out to be; empty for an event that closed nothing."""
    return Closing(event.outcome).words if event.outcome else ""


_CLOSED = Exists(models.DiscrepancyEvent.objects.filter(discrepancy=OuterRef("pk")).exclude(outcome=""))


def _rows(site_id: int) -> QuerySet[models.Discrepancy]:
    return (
        models.Discrepancy.objects.filter(site=site_id)
        .select_related("movement__batch", "movement__source", "movement__target", "opened_by")
        .annotate(closed=_CLOSED, looked=Count("events"))
    )


def _listed(row: models.Discrepancy) -> Listed:
    movement = row.movement
    more = movement.source.kind == AccountKind.COUNT_DIFFERENCE.value
    return Listed(
        row=row,
        batch=movement.batch,
        account=(movement.target if more else movement.source).name,
        difference=words(movement.batch, movement.amount),
        more=more,
        looked=row.looked,  # type: ignore[attr-defined]
        closed=row.closed,  # type: ignore[attr-defined]
    )
