"""What is known of the temperature of a place, and what became of the lots of its excursions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import cache

from pestle import definitions
from pestle.pharmacy.ledger.storage import Condition
from pestle.pharmacy.ledger.temperature import Limits, Reading, read_limits
from pestle.web.store import ledger, models


@cache
def limits() -> dict[Condition, Limits]:
    """The limits of each storage condition, as the definitions say."""
    return read_limits(definitions.folder("storage"))


def readings(account_id: int, *, since: datetime) -> list[Reading]:
    """The readings of a place since then, in order of time; one query."""
    rows = models.Temperature.objects.filter(account=account_id, at__gte=since).order_by("at")
    return [
        Reading(at, celsius(centi), _celsius(lowest), _celsius(highest))
        for at, centi, lowest, highest in rows.values_list("at", "centi", "lowest", "highest")
    ]


def excursions(account_id: int) -> list[models.Excursion]:
    """The excursions of a place that were acted on, newest first, with their releases; two queries."""
    rows = models.Excursion.objects.filter(account=account_id).select_related("by", "quarantine")
    return list(rows.prefetch_related("releases__movement__batch", "releases__by").order_by("-began"))


def set_aside(row: models.Excursion) -> list[models.Movement]:
    """What the excursion set aside; one query."""
    rows = ledger.about(about(row)).filter(target=row.quarantine_id)
    return list(rows.select_related("batch").order_by("pk"))


def waits_for_advice(batch_id: int, quarantine_id: int) -> bool:
    """Whether an excursion set this batch aside in that quarantine, and nobody has released it since; two
    queries."""
    released = models.ExcursionRelease.objects.filter(movement__batch=batch_id, movement__reversals=None)
    waiting = models.Excursion.objects.filter(quarantine=quarantine_id).exclude(releases__in=released)
    set_aside_for = [about(row) for row in waiting]
    rows = ledger.about(*set_aside_for)
    return rows.filter(batch=batch_id, target=quarantine_id, reversals=None).exists()


def about(row: models.Excursion) -> str:
    """How movements name the excursion that they were made for."""
    return f"excursion:{row.pk}"


def celsius(centi: int) -> Decimal:
    """Hundredths of a degree as degrees."""
    return Decimal(centi) / 100


def centi(value: Decimal) -> int:
    """Degrees as whole hundredths: a logger tells no more."""
    return int((value * 100).to_integral_value())


def _celsius(stored: int | None) -> Decimal | None:
    return None if stored is None else celsius(stored)
