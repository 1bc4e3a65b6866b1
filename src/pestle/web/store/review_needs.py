"""Who needs a structured medication review: worked out from the record, and kept as a list that a page can
ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import Max

from pestle.pharmacy.practice.adherence import CoveredPolicy
from pestle.pharmacy.practice.review_need import Need, Observed, Part, need
from pestle.pharmacy.practice.review_pack import Reviewed, reviewed
from pestle.web.store import models
from pestle.web.store.knowledge import knowledge, review_library, review_measures
from pestle.web.store.monitoring import Seen, follows

_REVIEWS = "medication_review"


def looked_at(row: models.Patient, found: Seen) -> tuple[Reviewed, Need]:
    """The patient's medicines with what the checks say of them, and the need."""
    covered: CoveredPolicy = review_library().need.days_covered
    seen = reviewed(found.day, found.monitored, knowledge=knowledge(), covered=covered)
    seen_last = _with_last(seen.observed, last_review(row, found))
    return seen, need(found.day, review_library().need, review_measures(), seen_last)


def last_review(row: models.Patient, found: Seen) -> date | None:
    """The day of the last medication review: one that was done here, or one on record."""
    here = models.ReviewStanding.objects.filter(patient=row, kind="structured", step="done").aggregate(
        last=Max("done_on")
    )["last"]
    kind = knowledge().terms.observables[_REVIEWS]
    newest = found.day.results.newest(kind, on=found.on)
    recorded = newest.taken.last if newest is not None and newest.taken is not None else None
    return max((each for each in (here, recorded) if each is not None), default=None)


def project(row: models.Patient, found: Seen, *, now: datetime) -> None:
    """Writes what the list shows of a patient; who has no medicine is not on it."""
    if not follows(row.site):
        return
    values = _values(row, found)
    if values is None:
        models.ReviewNeed.objects.filter(patient=row).delete()
        return
    models.ReviewNeed.objects.update_or_create(
        patient=row, defaults={"site": row.site, "on": found.on, "computed_at": now, **values}
    )


def differs(row: models.Patient, found: Seen, kept: models.ReviewNeed | None) -> bool:
    """Whether the list says something else of a patient than the record does."""
    values = _values(row, found)
    if values is None or kept is None:
        return (values is None) != (kept is None)
    return any(getattr(kept, name) != value for name, value in values.items())


def _values(row: models.Patient, found: Seen) -> dict[str, Any] | None:
    seen, wanted = looked_at(row, found)
    if not seen.medicines:
        return None
    gone = row.died is not None and row.died <= found.on
    return {
        "in_cohort": wanted.in_cohort and not gone,
        "points": wanted.points,
        "last_review": last_review(row, found),
        "medicines": seen.counts.medicines,
        "parts": [_part(part) for part in wanted.parts],
        "missing": list(dict.fromkeys(gap.what for gap in wanted.missing)),
    }  # fmt: skip


def _part(part: Part) -> dict[str, Any]:
    facts = [{"text": fact.text, "on": fact.on.isoformat() if fact.on else ""} for fact in part.facts]
    return {"title": part.title, "points": part.points, "cohort": part.cohort, "facts": facts}


def _with_last(observed: Observed, last: date | None) -> Observed:
    return replace(observed, last_review=last)
