"""The site's day for whoever runs it: what waits, how long, who did what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from pestle.pharmacy.dispensary.promise import SOON
from pestle.pharmacy.dispensary.workflow import HAND_OUT
from pestle.web.store import models

PAGE = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """One step: how many wait, how many are past their time or soon will be, since when the oldest waits.

    A bag that is ready waits for its patient and is never overdue."""

    step: str
    count: int
    overdue: int
    soon: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Events:
    """One page of the audit trail, newest first, and what it can be filtered by."""

    rows: tuple[models.AuditEvent, ...]
    total: int
    page: int
    pages: int
    actions: tuple[str, ...]
    people: tuple[tuple[int, str], ...]


def waiting(site_id: int, *, now: datetime) -> dict[str, Waiting]:
    """Each step at which something waits; one query."""
    late = Q(due_at__lt=now) & ~Q(step=HAND_OUT)
    soon = Q(due_at__gte=now, due_at__lte=now + SOON) & ~Q(step=HAND_OUT)
    rows = (
        models.Prescription.objects.filter(site=site_id)
        .exclude(step="closed")
        .order_by()
        .values("step")
        .annotate(
            n=Count("pk"),
            late=Count("pk", filter=late),
            soon=Count("pk", filter=soon),
            oldest=Min("step_since"),
        )
    )
    return {
        row["step"]: Waiting(row["step"], row["n"], row["late"], row["soon"], row["oldest"]) for row in rows
    }


def done_since(site_id: int, since: datetime) -> dict[str, Mapping[str, int]]:
    """For each person by name, how often they did each action since then; one query."""
    rows = (
        models.AuditEvent.objects.filter(site_id=site_id, at__gte=since)
        .order_by()
        .values_list("person_name", "action")
        .annotate(n=Count("pk"))
    )
    told: dict[str, dict[str, int]] = defaultdict(dict)
    for name, action, number in rows:
        told[name][action] = number
    return dict(sorted(told.items()))


def tokens(site_id: int) -> list[models.AccessToken]:
    """The keys of programs, those that hold first."""
    return list(models.AccessToken.objects.filter(site=site_id).order_by("revoked_at", "-pk"))


def events(site_id: int, *, action: str, person: int | None, page: int) -> Events:
    """What was done, filtered; four queries."""
    every = models.AuditEvent.objects.filter(site_id=site_id)
    actions = tuple(every.order_by("action").values_list("action", flat=True).distinct())
    people = tuple(every.order_by("person_name").values_list("person_id", "person_name").distinct())
    found = every.filter(action=action) if action else every
    found = found.filter(person_id=person) if person is not None else found
    total = found.count()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = tuple(found.order_by("-place")[(page - 1) * PAGE : page * PAGE])
    return Events(rows, total, page, pages, actions, people)
