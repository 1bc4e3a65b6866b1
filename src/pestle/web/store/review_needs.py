"""Who needs a structured medication review: worked out from the record, and kept as a list that a page can
ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import Max

from pestle.pharmacy.practice.adherence import CoveredPolicy
from pestle.pharmacy.practice.review_need import Need, Part, need
from pestle.pharmacy.practice.review_pack import Reviewed, reviewed
from pestle.web.store import models
from pestle.web.store.knowledge import knowledge, review_library, review_measures
from pestle.web.store.monitoring import Seen, follows, patients_of, seen

_REVIEWS = "medication_review"


def looked_at(row: models.Patient, found: Seen) -> tuple[Reviewed, Need]:
    """The patient's medicines with what the checks say of them, and the need."""
    covered: CoveredPolicy = review_library().need.days_covered
    made = reviewed(found.day, found.monitored, knowledge=knowledge(), covered=covered)
    observed = replace(made.observed, last_review=_last_review(row, found))
    return made, need(found.day, review_library().need, review_measures(), observed)


def _last_review(row: models.Patient, found: Seen) -> date | None:
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


def differences(site: models.Site, *, now: datetime) -> Iterator[tuple[int, str]]:
    """The same as `monitoring.differences`, of who needs a review."""
    held = {row.patient_id: row for row in models.ReviewNeed.objects.filter(site=site)}
    for row in patients_of(site):
        kept, values = held.get(row.pk), _values(row, seen(row, now=now))
        if values is None or kept is None:
            if (values is None) != (kept is None):
                yield row.pk, f"is {'not ' if kept is None else ''}on the list of reviews"
            continue
        wrong = sorted(name for name, value in values.items() if getattr(kept, name) != value)
        if wrong:
            yield row.pk, f"differs in {', '.join(wrong)} of a review (worked out on {kept.on:%d-%b-%Y})"


def _values(row: models.Patient, found: Seen) -> dict[str, Any] | None:
    made, wanted = looked_at(row, found)
    if not made.medicines:
        return None
    gone = row.died is not None and row.died <= found.on
    return {
        "in_cohort": wanted.in_cohort and not gone,
        "points": wanted.points,
        "last_review": wanted.last_review,
        "medicines": made.counts.medicines,
        "parts": [_part(part) for part in wanted.parts],
        "missing": list(dict.fromkeys(gap.what for gap in wanted.missing)),
    }  # fmt: skip


def _part(part: Part) -> dict[str, Any]:
    facts = [{"text": fact.text, "on": fact.on.isoformat() if fact.on else ""} for fact in part.facts]
    return {"title": part.title, "points": part.points, "cohort": part.cohort, "facts": facts}
