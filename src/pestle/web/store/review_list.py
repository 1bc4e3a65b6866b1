"""Who needs a review, as pages ask it: the most needy first, a page at a time; what is planned for a week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet

from pestle.pharmacy.practice.review import DONE, ReviewKind
from pestle.web.store import models
from pestle.web.store.patients import named
from pestle.web.store.reviews import OPEN

PAGE = 50
VIEWS = ("cohort", "unplanned", "planned", "prepared", "done")
_STRUCTURED = ReviewKind.STRUCTURED.value


@dataclass(frozen=True, slots=True)
class Asked:
    """Which patients: a view, a reason (the title of a part of the need), words of a name."""

    view: str = "unplanned"
    reason: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `total` counts all that match, and `guessed` says that nobody is written so."""

    rows: tuple[models.ReviewNeed, ...]
    total: int
    page: int
    pages: int
    guessed: bool


def counts(site_id: int) -> dict[str, int]:
    """How many patients the cohort has, and how many structured reviews are at each step; two queries."""
    needs = models.ReviewNeed.objects.filter(site=site_id, in_cohort=True)
    found: dict[str, int] = needs.aggregate(
        cohort=Count("pk"), unplanned=Count("pk", filter=~Exists(_open()))
    )
    standing = models.ReviewStanding.objects.filter(site=site_id)
    steps: dict[str, int] = standing.aggregate(
        planned=Count("pk", filter=Q(step="planned")),
        prepared=Count("pk", filter=Q(step="prepared")),
        done=Count("pk", filter=Q(step=DONE)),
    )
    return {**found, **steps}


def listed(site_id: int, asked: Asked, *, page: int, size: int = PAGE) -> Page:
    """The cohort, the most needy first; of equals who was never reviewed, or longest ago."""
    found = _view(site_id, asked)
    found, guessed = named(found, asked.text)
    total = found.count()
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    rows = in_order(found)[(page - 1) * size : page * size]
    return Page(tuple(rows), total, page, pages, guessed and total > 0)


def all_of(site_id: int, asked: Asked) -> QuerySet[models.ReviewNeed]:
    """Every row of a view, for a file."""
    return in_order(_view(site_id, asked))


def in_order(found: QuerySet[models.ReviewNeed]) -> QuerySet[models.ReviewNeed]:
    """The most needy first."""
    return found.select_related("patient").order_by("-points", F("last_review").asc(nulls_first=True), "pk")


def at_step(site_id: int, steps: tuple[str, ...], *, most: int = 200) -> list[models.ReviewStanding]:
    """The reviews at these steps by their week; those that are done, the newest first."""
    found = models.ReviewStanding.objects.filter(site=site_id, step__in=steps)
    order = ("-done_on", "-pk") if steps == (DONE,) else ("week", "owner__full_name", "pk")
    return list(found.select_related("review", "patient", "owner").order_by(*order)[:most])


def oldest(site_id: int) -> date | None:
    """The day on which the oldest row was worked out; None where there is none."""
    found: dict[str, Any] = models.ReviewNeed.objects.filter(site=site_id).aggregate(on=Min("on"))
    on: date | None = found["on"]
    return on


def _open() -> QuerySet[models.ReviewStanding]:
    return models.ReviewStanding.objects.filter(patient=OuterRef("pk"), kind=_STRUCTURED, step__in=OPEN)


def _view(site_id: int, asked: Asked) -> QuerySet[models.ReviewNeed]:
    found = models.ReviewNeed.objects.filter(site=site_id, in_cohort=True)
    if asked.view == "unplanned":
        found = found.filter(~Exists(_open()))
    if asked.reason:
        ids = [
            pk for pk, parts in found.values_list("pk", "parts").iterator(500)
            if any(part["cohort"] and part["title"] == asked.reason for part in parts)
        ]  # fmt: skip
        found = found.filter(pk__in=ids)
    return found
