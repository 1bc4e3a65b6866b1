"""What waits at a practice: counted for its home page, and listed a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from pestle.pharmacy.practice.elsewhere import EntryState
from pestle.pharmacy.practice.medicines_list import ListStatus, Standing
from pestle.web.store import models

PAGE = 50
_CURRENT = (ListStatus.ACTIVE.value, ListStatus.WITHHELD.value)
OPEN_ENTRIES = (EntryState.TO_ENTER.value, EntryState.ENTERED.value, EntryState.NEVER_ARRIVED.value)


@dataclass(frozen=True, slots=True)
class Lists:
    """How many lines of the lists wait for what: to be authorised, after they were sent back, to be resumed
    or ended (withheld until a day that has come), for a review that is overdue."""

    to_authorise: int
    sent_back: int
    withheld_over: int
    review_overdue: int


@dataclass(frozen=True, slots=True)
class Entries:
    """How much has to be entered elsewhere, waits to be confirmed, and never arrived."""

    to_enter: int
    entered: int
    never_arrived: int


def lists(site_id: int, *, today: date) -> Lists:
    """The counts over all lists of the site, in one query."""
    rows = models.ListedMedicine.objects.filter(site=site_id, status__in=_CURRENT)
    found = rows.aggregate(
        to_authorise=Count("pk", filter=Q(standing=Standing.PREPARED.value)),
        sent_back=Count("pk", filter=Q(standing=Standing.SENT_BACK.value)),
        withheld_over=Count("pk", filter=Q(status=ListStatus.WITHHELD.value, withheld_until__lte=today)),
        review_overdue=Count("pk", filter=Q(status=ListStatus.ACTIVE.value, review_by__lt=today)),
    )
    return Lists(**found)


def entries(site_id: int) -> Entries:
    """The counts of what has to be entered elsewhere, in one query."""
    rows = models.EntryElsewhere.objects.filter(site=site_id, state__in=OPEN_ENTRIES)
    found = dict(rows.values_list("state").annotate(number=Count("pk")))
    return Entries(*(found.get(state, 0) for state in OPEN_ENTRIES))


def to_authorise(site_id: int, *, standing: Standing = Standing.PREPARED) -> QuerySet[models.ListedMedicine]:
    """The lines that wait for a prescriber, or were sent back; those that wait longest first."""
    return (
        models.ListedMedicine.objects.filter(site=site_id, standing=standing.value, status__in=_CURRENT)
        .select_related("patient", "order", "order__follows", "authorised")
        .order_by("changed_at", "patient", "pk")
    )


def to_enter(site_id: int, states: Sequence[str] = OPEN_ENTRIES) -> QuerySet[models.EntryElsewhere]:
    """What has to be entered elsewhere, oldest first."""
    rows = models.EntryElsewhere.objects.filter(site=site_id, state__in=states)
    return rows.select_related("patient", "entered_by", "judged_by").order_by("asked_at", "pk")
