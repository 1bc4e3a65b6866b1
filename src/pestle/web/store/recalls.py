"""Alerts for people to look at: where the recalled batches are, and which patients have received them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Trim, Upper

from pestle.pharmacy.ledger.account import STORES, WARDS, AccountKind
from pestle.pharmacy.ledger.recall import Standing, standing
from pestle.web.store import models, stock

# From where recalled packs are set aside by the button: not bags, which go back through their prescription.
SET_ASIDE_FROM = tuple(kind.value for kind in STORES | WARDS)
PICKABLE = tuple(kind.value for kind in STORES)


@dataclass(frozen=True, slots=True)
class AlertAt:
    """An alert, its recalls, what was done about it, and where it stands."""

    alert: models.Alert
    recalls: tuple[models.Recall, ...]
    acts: tuple[models.AlertAct, ...]
    standing: Standing


def alerts(site_id: int, *, now: datetime) -> list[AlertAt]:
    """Every alert: what is overdue first, then what is open, newest first; three queries."""
    rows = models.Alert.objects.filter(site=site_id).select_related("by").order_by("-pk")
    found = [_at(row, now=now) for row in rows.prefetch_related("recalled__recall", "acts__by")]
    order = (Standing.OVERDUE, Standing.OPEN, Standing.DONE)
    return sorted(found, key=lambda one: order.index(one.standing))


def alert(site_id: int, alert_id: int, *, now: datetime) -> AlertAt | None:
    """The alert if it is the site's."""
    rows = models.Alert.objects.filter(site=site_id, pk=alert_id).select_related("by")
    row = rows.prefetch_related("recalled__recall", "acts__by").first()
    return _at(row, now=now) if row else None


def still_held(site_id: int, found: list[AlertAt], *, on: date) -> dict[int, tuple[stock.Held, ...]]:
    """What the site still holds of the batches of each alert, by its id; two queries for all."""
    holding = stock.held(site_id, on=on)
    return {
        one.alert.pk: tuple(
            each
            for each in holding
            for recall in one.recalls
            if each.batch.gtin == recall.gtin
            and recall.number.casefold() in ("", each.batch.number.strip().casefold())
        )
        for one in found
    }


def held(row: models.Alert) -> list[models.Balance]:
    """Where the recalled batches are: every account of ours that holds some; one query."""
    rows = models.Balance.objects.filter(
        _recalled(row, "batch__"), batch__site=row.site_id, held=True, amount__gt=0
    )
    return list(rows.select_related("batch", "account").order_by("batch", "account"))


def received(row: models.Alert) -> list[models.Pick]:
    """Every pack of a recalled batch that went into a prescription and was not put back, with the patient;
    one query. Those without a supply are still in bags."""
    rows = models.Pick.objects.filter(
        _recalled(row, "batch__"), batch__site=row.site_id, undoes=None, undone_by=None
    )
    whole = rows.select_related("batch", "movement", "supply", "line__prescription__patient")
    return list(whole.order_by("line__prescription__patient__family", "pk"))


def without_prescription(row: models.Alert) -> list[models.Movement]:
    """Supplies of the recalled batches that belong to no prescription here, those on a requisition with who
    has them; one query."""
    by_hand = Q(target__kind=AccountKind.PATIENT.value, about="")
    rows = models.Movement.objects.filter(
        _recalled(row, "batch__"),
        by_hand | Q(target__kind=AccountKind.RECIPIENT.value),
        batch__site=row.site_id,
        reversals=None,
    )
    return list(rows.select_related("batch", "source", "by", "particulars").order_by("pk"))


def _recalled(row: models.Alert, way: str) -> Q:
    # Letters count as equal in both cases, as `ledger.recall_of` has it.
    of_it: QuerySet[models.AlertRecall] = models.AlertRecall.objects.filter(
        alert=row, recall__gtin=OuterRef(f"{way}gtin")
    ).annotate(number=Upper("recall__number"))
    same = Q(number="") | Q(number=Upper(Trim(OuterRef(f"{way}number"))))
    return Q(Exists(of_it.filter(same)))


def _at(row: models.Alert, *, now: datetime) -> AlertAt:
    acts = tuple(row.acts.all())
    done = any(act.completes for act in acts)
    return AlertAt(
        row,
        tuple(one.recall for one in row.recalled.all()),
        acts,
        standing(deadline=row.deadline, done=done, now=now),
    )
