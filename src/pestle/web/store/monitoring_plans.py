"""What was settled for a patient's monitoring, as the record holds it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, cast

from pestle.pharmacy.record.moment import partial_date
from pestle.pharmacy.record.monitoring_plan import KnownStart, MonitoringPlan, OwnInterval
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.web.store import models


def standing(
    patient_ids: Iterable[int], *, known_at: datetime | None = None
) -> dict[int, tuple[MonitoringPlan, ...]]:
    """The plans that hold for each of these patients, in one query: of each kind and name the latest, unless
    it says that it ended."""
    ids = list(patient_ids)
    found = models.MonitoringPlan.objects.filter(patient__in=ids).select_related("by").order_by("pk")
    if known_at is not None:
        found = found.filter(at__lte=known_at)
    latest: dict[int, dict[tuple[str, str], models.MonitoringPlan]] = {pk: {} for pk in ids}
    for each in found:
        latest[each.patient_id][(each.kind, each.name)] = each
    return {pk: tuple(_value(each) for each in of.values() if not each.ended) for pk, of in latest.items()}


def _value(row: models.MonitoringPlan) -> MonitoringPlan:
    told = Provenance(SourceKind.PERSON, row.by.full_name, row.at, reference=f"plan:{row.pk}")
    if row.kind == "start":
        return KnownStart(row.name, partial_date(row.started, place="started"), row.reason, told)
    assert row.number is not None
    assert row.until is not None
    unit = cast(Literal["days", "months"], row.unit)
    return OwnInterval(row.name, row.number, unit, row.until, row.reason, told)
