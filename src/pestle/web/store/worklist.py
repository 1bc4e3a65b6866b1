"""The lists that people work from: a fixed number of queries, whatever their length."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from pestle.pharmacy.dispensary.workflow import OWINGS
from pestle.pharmacy.worklist.workflow import CLAIM_LASTS
from pestle.web.store import models, prescriptions, queries
from pestle.web.store.patients import folded

PAGE = 50
_ORDERS = {
    "due": ("due_at", "pk"),
    "-due": ("-due_at", "-pk"),
    "waiting": ("step_since", "pk"),
    "-waiting": ("-step_since", "-pk"),
    "patient": ("patient__search", "pk"),
    "-patient": ("-patient__search", "-pk"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One prescription on a list."""

    id: int
    number: str
    patient: models.Patient
    step: str
    lines: tuple[str, ...]
    due_at: datetime
    step_since: datetime
    claimed_by: str | None
    claimed_by_id: int | None
    cancellation_asked: bool
    referred: bool
    queried: bool
    owed: tuple[models.Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `total` counts all that match."""

    rows: tuple[Row, ...]
    total: int
    page: int
    pages: int


def counts(site_id: int) -> dict[str, int]:
    """How many prescriptions wait at each step; steps where nothing waits are not in it."""
    rows = (
        models.Prescription.objects.filter(site=site_id)
        .exclude(step="closed")
        .order_by()
        .values_list("step")
        .annotate(n=Count("pk"))
    )
    return dict(rows)


def waiting(
    site_id: int,
    *,
    now: datetime,
    step: str | None = None,
    search: str = "",
    mine: int | None = None,
    order: str = "due",
    page: int = 1,
    size: int = PAGE,
) -> Page:
    """What waits at a step (None: anywhere, closed ones included when searched for), most urgent first.

    `search` matches names, NHS number, medicine and prescription number, every word of it. `size` is the
    most that one page holds.
    """
    found = models.Prescription.objects.filter(site=site_id)
    words = folded([search]).split()
    if step is not None:
        found = found.filter(step=step)
    elif not words:
        found = found.exclude(step="closed")
    for word in words:
        found = found.filter(search__contains=word)
    if mine is not None:
        found = found.filter(claimed_by=mine, claimed_at__gt=now - CLAIM_LASTS)
    total = found.count()
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    ordered = found.order_by(*_ORDERS.get(order, _ORDERS["due"]))
    return Page(_rows(ordered, start=(page - 1) * size, size=size, now=now), total, page, pages)


def next_waiting(
    site_id: int, *, step: str, but: int, person_id: int, now: datetime
) -> models.Prescription | None:
    """The most urgent prescription at a step that nobody else has in hand, other than `but`."""
    free = Q(claimed_by=None) | Q(claimed_by=person_id) | Q(claimed_at__lte=now - CLAIM_LASTS)
    found = models.Prescription.objects.filter(free, site=site_id, step=step).exclude(pk=but)
    return found.select_related("patient").defer("search", "done").order_by("due_at", "pk").first()


def _rows(found: QuerySet[models.Prescription], *, start: int, size: int, now: datetime) -> tuple[Row, ...]:
    lines = models.Line.objects.order_by("prescription_id", "place").only(
        "prescription_id",
        "product_name",
        "product_id",
        "medication_text",
        "state",
        "cancellation",
        "item_id",
        "owed",
        "unit",
        "per_unit",
    )
    unanswered = models.Referral.objects.filter(prescription=OuterRef("pk"), answers=None, answered_by=None)
    rows = (
        found.select_related("patient", "claimed_by")
        .annotate(referred=Exists(unanswered), queried=queries.holds_one())
        .defer("search", "done")
        .prefetch_related(Prefetch("lines", lines))[start : start + size]
    )
    return tuple(_row(row, now=now, referred=row.referred, queried=row.queried) for row in rows)


def _row(row: models.Prescription, *, now: datetime, referred: bool, queried: bool) -> Row:
    claim = prescriptions.claim(row)
    held = claim if claim is not None and claim.holds(now=now) else None
    lines = list(row.lines.all())
    return Row(
        id=row.pk,
        number=row.number,
        patient=row.patient,
        step=row.step,
        lines=tuple(
            line.product_name or line.medication_text
            for line in lines
            if line.state == "open" or (line.state == "supplied" and row.step != OWINGS)
        ),
        due_at=row.due_at,
        step_since=row.step_since,
        claimed_by=held.person_name if held else None,
        claimed_by_id=held.person_id if held else None,
        cancellation_asked=any(line.cancellation is not None for line in lines),
        referred=referred,
        owed=tuple(line for line in lines if line.owed and row.step == OWINGS),
        queried=queried,
    )


def refused_messages(site_id: int) -> int:
    """How many refused messages wait for a person."""
    return models.MessageTask.objects.filter(site=site_id, closed_at=None).count()
