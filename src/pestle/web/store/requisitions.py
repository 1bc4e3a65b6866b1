"""Requisitions for people to look at: what was supplied, and whose original has not been sent on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from pestle.pharmacy.ledger.account import STORES
from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.ledger.requisition import SCHEDULES
from pestle.pharmacy.medicines.concept import BaseUnit
from pestle.pharmacy.quantity import Unit
from pestle.web.store import models
from pestle.web.store.knowledge import dictionary
from pestle.web.store.orders import generic_of
from pestle.web.store.register import schedule_of

MOST = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One drug: what was asked for and supplied in words, and from which batches."""

    row: models.RequisitionLine
    asked: str
    supplied: str
    batches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequisitionAt:
    """A requisition with its lines. `waits`: its original has still to be sent on."""

    row: models.Requisition
    lines: tuple[Line, ...]
    sent: models.RequisitionSent | None

    @property
    def waits(self) -> bool:
        """Whether the original is still here and should not be."""
        return self.sent is None and not self.row.veterinary


@dataclass(frozen=True, slots=True)
class Drug:
    """A drug of Schedule 2 or 3 that can be supplied, and where how much of which batch stands."""

    id: str
    name: str
    schedule: int
    unit: str
    stands: tuple[models.Balance, ...]


def waiting(site_id: int) -> int:
    """How many originals have not been sent on."""
    return _waiting(site_id).count()


def requisitions(site_id: int) -> list[RequisitionAt]:
    """Those whose original has still to be sent on, the oldest first, then the latest; a fixed number of
    queries."""
    wait = list(_waiting(site_id).order_by("pk"))
    rest = models.Requisition.objects.filter(site=site_id).exclude(pk__in=[row.pk for row in wait])
    return _at([*_whole(wait), *_whole(rest.order_by("-pk")[:MOST])])


def requisition(site_id: int, requisition_id: int) -> RequisitionAt | None:
    """The requisition if it is the site's."""
    rows = _whole(models.Requisition.objects.filter(site=site_id, pk=requisition_id))
    return _at(rows)[0] if rows else None


def drugs(site_id: int) -> list[Drug]:
    """What can be supplied on a requisition, by name."""
    rows = models.Balance.objects.filter(
        account__site=site_id, account__kind__in=[kind.value for kind in STORES], amount__gt=0
    ).select_related("batch", "account")
    stands: dict[str, list[models.Balance]] = defaultdict(list)
    for row in rows.order_by("batch__expiry", "batch", "account"):
        if schedule_of(row.batch.product_id) in SCHEDULES:
            stands[generic_of(row.batch.product_id)].append(row)
    found = [
        Drug(key, _name(key, some[0].batch), schedule_of(some[0].batch.product_id) or 0, some[0].batch.unit,
             tuple(some))
        for key, some in stands.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.name.casefold())


def about(row: models.Requisition) -> str:
    """How its movements name it."""
    return f"requisition:{row.pk}"


def _name(key: str, batch: models.Batch) -> str:
    product = dictionary().product(key)
    return product.name if product else batch.pack_name


def _waiting(site_id: int) -> QuerySet[models.Requisition]:
    return models.Requisition.objects.filter(site=site_id, veterinary=False, sent=None)


def _whole(rows: Iterable[models.Requisition]) -> list[models.Requisition]:
    if isinstance(rows, QuerySet):
        return list(rows.select_related("by", "sent__by").prefetch_related("lines"))
    ids = [row.pk for row in rows]
    return _whole(models.Requisition.objects.filter(pk__in=ids).order_by("pk")) if ids else []


def _at(rows: list[models.Requisition]) -> list[RequisitionAt]:
    moved: dict[str, list[models.Movement]] = defaultdict(list)
    of_them = models.Movement.objects.filter(about__in=[about(row) for row in rows])
    for movement in of_them.select_related("batch").order_by("pk"):
        moved[movement.about].append(movement)
    return [
        RequisitionAt(
            row,
            tuple(_line(line, moved[about(row)]) for line in row.lines.all()),
            getattr(row, "sent", None),
        )
        for row in rows
    ]


def _line(row: models.RequisitionLine, moved: list[models.Movement]) -> Line:
    base = BaseUnit(Unit(row.unit), row.per_unit)
    of_it = [one for one in moved if generic_of(one.batch.product_id) == row.product_id]
    return Line(
        row,
        amount_words(row.asked, base),
        amount_words(sum(one.amount for one in of_it), base),
        tuple(dict.fromkeys(one.batch.number for one in of_it)),
    )
