"""Which issues of a practice count? All but those whose item the service has cancelled."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Exists, Max, OuterRef, QuerySet

from pestle.web.store import models
from pestle.wire.eps.codes import CancellationOutcome


def counted(*, known_at: datetime | None = None) -> QuerySet[models.Issue]:
    """The issues that count; with `known_at`, as it was known then."""
    cancelled = models.CancellationSaid.objects.filter(
        outcome=CancellationOutcome.CANCELLED.value, cancellation__item__item_id=OuterRef("source_id")
    )
    if known_at is None:
        return models.Issue.objects.exclude(Exists(cancelled))
    return models.Issue.objects.filter(recorded_at__lte=known_at).exclude(
        Exists(cancelled.filter(at__lte=known_at))
    )


def last(listed_id: int) -> date | None:
    """The day of the last issue of a line; None where none counts."""
    found: date | None = counted().filter(listed=listed_id).aggregate(on=Max("on"))["on"]
    return found
