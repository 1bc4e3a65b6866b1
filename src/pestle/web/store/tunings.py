"""What a site made of its checks: tunings and definitions on trial, loaded as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from pestle.pharmacy.checks.finding import RuleId, Severity
from pestle.pharmacy.checks.tuning import Signature, Tuning
from pestle.web.store import models


@dataclass(frozen=True, slots=True)
class Kept:
    """A tuning with its row's id, and how it ended: by whom, when and why; None while it stands."""

    id: int
    tuning: Tuning
    ended: tuple[str, datetime, str] | None


def standing(site_id: int) -> list[Tuning]:
    """The tunings of a site that were not withdrawn; whether one holds is `Tuning.holds`."""
    return [each.tuning for each in history(site_id) if each.ended is None]


def history(site_id: int, *, definition: str | None = None) -> list[Kept]:
    """Every tuning of a site, or of one definition there, the newest first."""
    rows = _rows(site_id)
    return [kept(row) for row in (rows if definition is None else rows.filter(definition=definition))]


def one(tuning_id: int, *, site_id: int) -> Kept | None:
    """The tuning with this id, if it is one of the site."""
    row = _rows(site_id).filter(pk=tuning_id).first()
    return kept(row) if row else None


def kept(row: models.Tuning) -> Kept:
    """A row as values; its `steps` are loaded with whoever took them."""
    steps = {step.kind: step for step in row.steps.all()}
    signed = [Signature(row.by_id, row.by.full_name, row.at)]
    if second := steps.get("signed"):
        signed.append(Signature(second.by_id, second.by.full_name, second.at))
    tuning = Tuning(
        rule=RuleId(row.check_name, row.rule, row.definition),
        was=Severity(row.was),
        to=Severity(row.to) if row.to else None,
        reason=row.reason,
        signed=tuple(signed),
        review=row.review,
    )
    end = steps.get("withdrawn")
    return Kept(row.pk, tuning, (end.by.full_name, end.at, end.reason) if end else None)


def on_trial(site_id: int) -> frozenset[str]:
    """The definitions that are on trial at a site."""
    rows = models.DefinitionState.objects.filter(site_id=site_id, state="trial", followed_by=None)
    return frozenset(rows.values_list("definition", flat=True))


def states(site_id: int, definition: str) -> Iterable[models.DefinitionState]:
    """When a definition was put on trial or switched on, the newest first."""
    rows = models.DefinitionState.objects.filter(site_id=site_id, definition=definition)
    return rows.select_related("by").order_by("-pk")


def _rows(site_id: int) -> QuerySet[models.Tuning]:
    rows = models.Tuning.objects.filter(site_id=site_id).select_related("by")
    return rows.prefetch_related("steps__by").order_by("-pk")
