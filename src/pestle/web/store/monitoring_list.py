"""The monitoring list as pages ask it: a view, a medicine, a name spelt a little wrong; a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from pestle.web.store import models
from pestle.web.store.patients import named

PAGE = 50
# What the list can be asked for, beside what comes next.
VIEWS = ("all", "late", "out", "never", "cannot_tell", "lapsed", "left")
NEXT = ("arrange", "invite", "invite_again", "escalate", "decide")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which patients: a view or what comes next for them, a monitoring definition, words of a name."""

    view: str = "late"
    group: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list; `total` counts all that match, and `guessed` says that nobody is written so."""

    rows: tuple[models.MonitoredPatient, ...]
    total: int
    page: int
    pages: int
    guessed: bool


def counts(site_id: int, *, today: date) -> dict[str, int]:
    """How many patients each view has, and for how many each next step is due; two queries."""
    listed = Q(listed=True)
    found = models.MonitoredPatient.objects.filter(site=site_id).aggregate(
        all=Count("pk", filter=listed),
        late=Count("pk", filter=listed & _late(today)),
        out=Count("pk", filter=listed & Q(out__gt=0)),
        never=Count("pk", filter=listed & Q(never__gt=0)),
        cannot_tell=Count("pk", filter=listed & Q(cannot_tell__gt=0)),
        lapsed=Count("pk", filter=listed & Q(lapsed__gt=0)),
        **{verb: Count("pk", filter=listed & Q(next_verb=verb, next_on__lte=today)) for verb in NEXT},
    )
    left = models.MonitoredMedicine.objects.filter(site=site_id, membership="off")
    return {**found, "left": left.aggregate(number=Count("patient", distinct=True))["number"]}


def groups(site_id: int) -> list[tuple[str, str, int]]:
    """Each monitored medicine with its title and how many patients are on it; one query."""
    found = models.MonitoredMedicine.objects.filter(site=site_id).exclude(membership="off")
    rows = found.values_list("group", "title").annotate(number=Count("pk")).order_by("title")
    return [(group, title, number) for group, title, number in rows]


def listed(site_id: int, asked: Asked, *, today: date, page: int, size: int = PAGE) -> Page:
    """What the page shows: the worst first, then what has been late longest."""
    found = _view(site_id, asked, today)
    found, guessed = named(found, asked.text)
    total = found.count()
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    rows = _in_order(found)[(page - 1) * size : page * size]
    return Page(tuple(rows), total, page, pages, guessed and total > 0)


def all_of(site_id: int, asked: Asked, *, today: date) -> QuerySet[models.MonitoredPatient]:
    """Every row of a view, for a file or a run."""
    return _in_order(_view(site_id, asked, today))


def left(site_id: int) -> list[models.MonitoredMedicine]:
    """Who left the list, with the reason; the newest first."""
    found = models.MonitoredMedicine.objects.filter(site=site_id, membership="off")
    return list(found.select_related("patient").order_by("-left_on", "-pk")[:200])


def oldest(site_id: int) -> date | None:
    """The day on which the oldest row was worked out; None where there is none."""
    found: dict[str, Any] = models.MonitoredPatient.objects.filter(site=site_id, listed=True).aggregate(
        on=Min("on")
    )
    on: date | None = found["on"]
    return on


def _in_order(found: QuerySet[models.MonitoredPatient]) -> QuerySet[models.MonitoredPatient]:
    return found.select_related("patient").order_by("rank", "first_late", "first_due", "pk")


def _late(today: date) -> Q:
    # What was in time when it was worked out may be late today.
    return Q(late__gt=0) | Q(first_due__lt=today)


def _view(site_id: int, asked: Asked, today: date) -> QuerySet[models.MonitoredPatient]:
    found = models.MonitoredPatient.objects.filter(site=site_id, listed=True)
    match asked.view:
        case "late":
            found = found.filter(_late(today))
        case "out":
            found = found.filter(out__gt=0)
        case "never":
            found = found.filter(never__gt=0)
        case "cannot_tell":
            found = found.filter(cannot_tell__gt=0)
        case "lapsed":
            found = found.filter(lapsed__gt=0)
        case verb if verb in NEXT:
            found = found.filter(next_verb=verb, next_on__lte=today)
    if asked.group:
        on = models.MonitoredMedicine.objects.filter(patient=OuterRef("pk"), group=asked.group)
        found = found.filter(Exists(on.exclude(membership="off")))
    return found
