"""The site's day in figures: what is promised and still open, what came and went by the hour, what was late.

A fixed number of queries, whatever the day held. Days and hours are the site's own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractHour, TruncDate

from pestle.pharmacy.dispensary.promise import Late, LateReason, late
from pestle.pharmacy.dispensary.workflow import CLOSED, HAND_OUT
from pestle.web.store import models, prescriptions

MOST = 200
_SAID_WHY = "dispensary.say_why_late"
# What somebody says when a prescription is held up, and which word of the event's detail says why.
_HELD_UP = {
    "dispensary.return_to_entry": ("Returned to entry", "reason"),
    "dispensary.fail_accuracy": ("Sent back at the accuracy check", "reason"),
    "dispensary.refer": ("Referred", "words"),
}


@dataclass(frozen=True, slots=True)
class WasLate:
    """A prescription that was ready after its time; `why` is what somebody said that held it up, empty where
    nobody said anything; `reason` is what whoever runs the day said afterwards."""

    row: models.Prescription
    late: Late
    why: tuple[str, ...]
    reason: LateReason | None


def promised(site_id: int, *, until: datetime) -> tuple[list[models.Prescription], int]:
    """What was promised by then and is not ready, the most urgent first (the first `MOST`), and how many
    there are; two queries."""
    found = models.Prescription.objects.filter(site=site_id, due_at__lt=until).exclude(
        step__in=(HAND_OUT, CLOSED)
    )
    rows = found.select_related("patient", "claimed_by").defer("search", "done").order_by("due_at", "pk")
    return list(rows[:MOST]), found.count()


def by_hour(site_id: int, *, since: datetime, until: datetime, zone: ZoneInfo) -> dict[int, tuple[int, int]]:
    """How many were received and how many bags were handed out in each hour of the site's clock in which
    there were any; two queries."""
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for place, (rows, moment) in enumerate(_came_and_went(site_id)):
        within = rows.filter(**{f"{moment}__gte": since, f"{moment}__lt": until})
        hours = within.annotate(hour=ExtractHour(moment, tzinfo=zone)).order_by().values_list("hour")
        for hour, number in hours.annotate(n=Count("pk")):
            counts[hour][place] = number
    return {hour: (came, went) for hour, (came, went) in sorted(counts.items())}


def by_day(site_id: int, *, first: date, last: date, zone: ZoneInfo) -> dict[date, tuple[int, int]]:
    """How many were received and how many bags were handed out on each day from `first` to `last`; two
    queries."""
    counts = {first + timedelta(days=n): [0, 0] for n in range((last - first).days + 1)}
    for place, (rows, moment) in enumerate(_came_and_went(site_id)):
        within = rows.filter(
            **{f"{moment}__gte": midnight(first, zone),
               f"{moment}__lt": midnight(last + timedelta(days=1), zone)}
        )  # fmt: skip
        days = within.annotate(day=TruncDate(moment, tzinfo=zone)).order_by().values_list("day")
        for day, number in days.annotate(n=Count("pk")):
            counts[day][place] = number
    return {day: (came, went) for day, (came, went) in counts.items()}


def was_late(site_id: int, *, since: datetime) -> list[WasLate]:
    """What was ready after its time since then, the latest by most first; three queries."""
    ready = Q(step=HAND_OUT, step_since__gte=since) | Q(hand_outs__at__gte=since)
    rows = models.Prescription.objects.filter(ready, site=site_id).select_related("patient").distinct()
    found = {}
    for row in rows.defer("search"):
        kept = late(row.due_at, prescriptions.done(row))
        if kept is not None and kept.ready_at >= since:
            found[row] = kept
    why, said = _held_up(site_id, list(found)), _said(site_id, list(found))
    told = [WasLate(row, kept, tuple(why[row.pk]), said.get(row.pk)) for row, kept in found.items()]
    return sorted(told, key=lambda one: (-one.late.by, one.row.pk))


def late_reasons(site_id: int, *, since: datetime) -> dict[LateReason, int]:
    """Of how many prescriptions was each reason given since then, the most frequent first; one query."""
    events = models.AuditEvent.objects.filter(site_id=site_id, action=_SAID_WHY, at__gte=since)
    last = dict(events.order_by("place").values_list("subject", "detail__reason"))
    return {LateReason(reason): number for reason, number in Counter(last.values()).most_common()}


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins at the site."""
    return datetime.combine(day, time.min, tzinfo=zone)


def _held_up(site_id: int, rows: list[models.Prescription]) -> dict[int, list[str]]:
    """What people said at each of these prescriptions that held it up, in the order in which they said it."""
    told: dict[int, list[str]] = defaultdict(list)
    subjects = {f"prescription:{row.pk}": row.pk for row in rows}
    events = models.AuditEvent.objects.filter(site_id=site_id, subject__in=subjects, action__in=_HELD_UP)
    for event in events.order_by("place"):
        what, word = _HELD_UP[event.action]
        told[subjects[event.subject]].append(f"{what}: {event.detail[word]}")
    return told


def _said(site_id: int, rows: list[models.Prescription]) -> dict[int, LateReason]:
    """The reason that was given last for each of these prescriptions."""
    subjects = {f"prescription:{row.pk}": row.pk for row in rows}
    events = models.AuditEvent.objects.filter(site_id=site_id, subject__in=subjects, action=_SAID_WHY)
    return {
        subjects[subject]: LateReason(reason)
        for subject, reason in events.order_by("place").values_list("subject", "detail__reason")
    }


def _came_and_went(site_id: int) -> tuple[tuple[QuerySet[models.Prescription], str], ...]:
    return (
        (models.Prescription.objects.filter(site=site_id), "received_at"),
        (models.HandOut.objects.filter(prescription__site=site_id), "at"),
    )  # type: ignore[return-value]
