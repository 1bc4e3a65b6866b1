"""Issues of repeat dispensing: which one a prescription is, what was asked before it, and what is due
next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max, Prefetch, QuerySet

from pestle.pharmacy.dispensary.repeat_dispensing import Issue, issue
from pestle.pharmacy.record.medication import Prescription
from pestle.web.store import models
from pestle.web.store.patients import folded

# How far ahead the list looks: time enough to order, to ask and to assemble.
AHEAD = timedelta(days=14)


def of(row: models.Prescription, signed: Prescription) -> Issue | None:
    """Which issue it is, and when the one before it was handed out here; None of what is not repeat
    dispensed."""
    found = issue(signed.lines)
    return found if found is None or row.issue == 1 else issue(signed.lines, last_on=_before(row))


def answered(row: models.Prescription) -> models.IssueAnswers | None:
    """What was answered last before this issue; None when nobody asked."""
    return row.issue_answers.select_related("by").order_by("-pk").first()


def due(site_id: int, *, on: date, search: str = "") -> Sequence[models.Prescription]:
    """The last issues handed out whose next one is due within `AHEAD`, the longest due first, with patient
    and supplied lines. `search` matches names, NHS number, medicine and prescription number, every word of
    it."""
    found = _due(site_id, on=on)
    for word in folded([search]).split():
        found = found.filter(search__contains=word)
    supplied = models.Line.objects.filter(state="supplied")
    return list(
        found.select_related("patient", "order", "site")
        .prefetch_related(Prefetch("lines", supplied, to_attr="given"))
        .annotate(last_at=Max("hand_outs__at"))
        .order_by("next_issue_on", "pk")
    )


def of_patient(row: models.Patient) -> Sequence[models.Prescription]:
    """The patient's prescriptions of which another issue is to come, the first due first, with what was
    supplied of each as `given`."""
    supplied = models.Line.objects.filter(state="supplied")
    found = row.prescriptions.filter(next_issue_on__isnull=False).order_by("next_issue_on", "pk")
    return list(found.prefetch_related(Prefetch("lines", supplied, to_attr="given")))


def count_due(site_id: int, *, on: date) -> int:
    """How many are due by that day, not counting those ahead."""
    return models.Prescription.objects.filter(site=site_id, next_issue_on__lte=on).count()


def _due(site_id: int, *, on: date) -> QuerySet[models.Prescription]:
    return models.Prescription.objects.filter(site=site_id, next_issue_on__lte=on + AHEAD)


def _before(row: models.Prescription) -> date | None:
    """When the issue before this one was handed out here; None where it was not."""
    earlier = models.HandOut.objects.filter(
        prescription__site=row.site_id, prescription__number=row.number, prescription__issue=row.issue - 1
    )
    last = earlier.aggregate(at=Max("at"))["at"]
    return last.astimezone(ZoneInfo(row.site.time_zone)).date() if last else None
