"""Runs over many patients: taken by a worker, how far they are, what came of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max

from pestle.pharmacy.people import Person
from pestle.web.store import models, people

REFRESH = "refresh"
# A worker that has not been heard of for so long is taken to be gone.
SILENT = timedelta(minutes=3)


def claimed(batch_id: int, *, now: datetime) -> models.MonitoringBatch | None:
    """The run, taken by this worker; None unless it waits."""
    waits = models.MonitoringBatch.objects.filter(pk=batch_id, state="waiting")
    if not waits.update(state="running", heard_at=now, failed_because=""):
        return None
    return models.MonitoringBatch.objects.select_related("site", "by").get(pk=batch_id)


def who(row: models.MonitoringBatch) -> Person | None:
    """Who began it, as a person at the site; None when they are none any more."""
    return people.person(row.by, row.site_id)


def heard(row: models.MonitoringBatch, *, now: datetime) -> None:
    """Says how far it is."""
    row.heard_at = now
    row.save(update_fields=("heard_at", "looked_at", "done", "skipped"))


def ended(row: models.MonitoringBatch, state: str, *, now: datetime, because: str = "") -> None:
    """How it ended: done or failed."""
    row.state, row.ended_at, row.failed_because = state, now, because[:200]
    row.save(update_fields=("state", "ended_at", "failed_because"))


def silent(row: models.MonitoringBatch, *, now: datetime) -> bool:
    """Whether a run that should be going on has lost its worker."""
    return row.state == "running" and row.heard_at is not None and now - row.heard_at > SILENT


def refreshing(site_id: int) -> bool:
    """Whether the lists of a site wait to be worked out anew."""
    return models.MonitoringBatch.objects.filter(site=site_id, verb=REFRESH, state="waiting").exists()


def stale(site_id: int) -> bool:
    """Whether an import came in after the lists of a site were last begun to be worked out."""
    done = models.MonitoringBatch.objects.filter(site=site_id, verb=REFRESH, state="done")
    last = done.aggregate(at=Max("at"))["at"]
    came = models.BulkImport.objects.filter(site=site_id, state="done")
    return (came if last is None else came.filter(ended_at__gt=last)).exists()


def letters(row: models.MonitoringBatch) -> list[models.MonitoringEvent]:
    """What went out with a run, in the order of the patients' names."""
    found = row.events.filter(verb__in=("arrange", "invite", "invite_again"))
    return list(found.select_related("round__patient").order_by("round__patient__search", "pk"))
