"""Calls: who rang, about whom, and what they were told or are rung back about."""

from __future__ import annotations

from pestle.web.store import models

MOST = 100


def latest(site_id: int) -> list[models.Call]:
    """The newest calls, at most `MOST`; one query."""
    found = models.Call.objects.filter(site=site_id).select_related("by", "patient", "call_back__standing")
    return list(found.order_by("-at", "-pk")[:MOST])


def of_patient(row: models.Patient) -> list[models.Call]:
    """Every call about a patient, the oldest first."""
    return list(row.calls.select_related("by").order_by("pk"))
