"""What the checks found at a site and what became of it, counted; and every override of a period."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count as Number
from django.db.models import Q, QuerySet

from pestle.pharmacy.checks.burden import Count
from pestle.pharmacy.checks.finding import RuleId, Severity
from pestle.web.store import models

_ASKED = Q(severity__in=("hard_stop", "interrupt"), on_trial=False)
_OVERRIDDEN = _ASKED & Q(approved=True) & ~Q(answer="")
_BEFORE = _ASKED & Q(approved=True, answer="", before__isnull=False)
_ACTED_ON = _ASKED & Q(approved=False)


@dataclass(frozen=True, slots=True)
class Override:
    """One finding that went on with an answer. `prescription` is its id; nothing here names a patient."""

    at: datetime
    prescription: int
    rule: RuleId
    was: Severity
    severity: Severity
    by: str
    words: str


@dataclass(frozen=True, slots=True)
class Week:
    """What was asked anew in a week that begins on a Monday."""

    monday: date
    overridden: int
    acted_on: int


def counts(site_id: int, *, since: datetime, definition: str | None = None) -> list[Count]:
    """What each rule found at each severity since a moment, in one query."""
    rows = models.Found.objects.filter(site_id=site_id, at__gte=since)
    if definition is not None:
        rows = rows.filter(definition=definition)
    grouped = rows.values("check_name", "rule", "definition", "was", "severity").annotate(
        found=Number("pk"),
        n_quiet=Number("pk", filter=Q(quiet=True)),
        n_trial=Number("pk", filter=Q(on_trial=True)),
        n_overridden=Number("pk", filter=_OVERRIDDEN),
        n_before=Number("pk", filter=_BEFORE),
        n_acted=Number("pk", filter=_ACTED_ON),
    )
    return [
        Count(
            RuleId(row["check_name"], row["rule"], row["definition"]),
            Severity(row["was"]),
            Severity(row["severity"]),
            row["found"],
            row["n_quiet"],
            row["n_trial"],
            row["n_overridden"],
            row["n_before"],
            row["n_acted"],
        )
        for row in grouped.order_by("check_name", "rule", "definition", "was", "severity")
    ]


def overrides(site_id: int, *, since: datetime) -> list[Override]:
    """Every override since a moment, the newest first."""
    rows = _rows(site_id, since).filter(_OVERRIDDEN).select_related("clinical_check__by").order_by("-pk")
    return [
        Override(
            row.at,
            row.clinical_check.prescription_id,
            RuleId(row.check_name, row.rule, row.definition),
            Severity(row.was),
            Severity(row.severity),
            row.clinical_check.by.full_name,
            row.answer,
        )
        for row in rows
    ]


def weeks(site_id: int, *, first: date, last: date, zone: ZoneInfo) -> list[Week]:
    """Each week from that of `first` to that of `last`, also where nothing was asked."""
    monday = first - timedelta(days=first.weekday())
    since = datetime.combine(monday, time.min, zone)
    overridden, acted = (
        Counter(_monday(at, zone) for at in _rows(site_id, since).filter(which).values_list("at", flat=True))
        for which in (_OVERRIDDEN, _ACTED_ON)
    )
    found = []
    while monday <= last:
        found.append(Week(monday, overridden[monday], acted[monday]))
        monday += timedelta(days=7)
    return found


def _monday(at: datetime, zone: ZoneInfo) -> date:
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def _rows(site_id: int, since: datetime) -> QuerySet[models.Found]:
    return models.Found.objects.filter(site_id=site_id, at__gte=since)
