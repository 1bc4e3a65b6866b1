"""Calls: who rang, about whom, and what they were told or are rung back about."""

from __future__ import annotations

from django.db.models import QuerySet

from pestle.web.store import models

MOST = 100


def latest(site_id: int) -> list[models.Call]:
    """The newest calls, at most `MOST`; one query."""
    return list(everything(site_id)[:MOST])


def everything(site_id: int) -> QuerySet[models.Call]:
    """Every call, the newest first."""
    found = models.Call.objects.filter(site=site_id).select_related("by", "patient", "call_back__standing")
    return found.order_by("-at", "-pk")


def of_patient(row: models.Patient) -> list[models.Call]:
    """Every call about a patient, the oldest first."""
    return list(row.calls.select_related("by").order_by("pk"))
