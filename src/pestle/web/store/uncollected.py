"""Bags that wait for their patients: since when, and how often they were reminded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pestle.pharmacy.dispensary.uncollected import Bag, Times
from pestle.pharmacy.dispensary.workflow import HAND_OUT
from pestle.web.store import models


def times(site: models.Site) -> Times:
    """The days of a site."""
    return Times(site.remind_days, site.return_days)


def bag(row: models.Prescription, *, last_day: date | None) -> Bag:
    """The bag of a prescription that is ready; reminders before it was packed are of another bag."""
    zone = ZoneInfo(row.site.time_zone)
    reminded = sorted(one.at for one in row.reminders.all() if one.at >= row.step_since)
    return Bag(
        row.step_since.astimezone(zone).date(), tuple(at.astimezone(zone).date() for at in reminded), last_day
    )


def waiting(site_id: int) -> Sequence[models.Prescription]:
    """Every bag that is ready, the oldest first, with its patient, lines, packs and reminders."""
    rows = models.Prescription.objects.filter(site=site_id, step=HAND_OUT)
    return list(
        rows.select_related("site", "patient", "order")
        .prefetch_related("reminders__by", "lines")
        .order_by("step_since", "pk")
    )


def old(site: models.Site, *, now: datetime) -> int:
    """How many bags have waited for so long that a reminder or more is due."""
    since = now - timedelta(days=site.remind_days)
    return models.Prescription.objects.filter(site=site, step=HAND_OUT, step_since__lte=since).count()
