"""The medicines list of a patient at a practice: loaded as values, and written together with its orders."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pestle.pharmacy.practice.medicines_list import Listed, ListStatus, Standing, status
from pestle.pharmacy.record.medication import MedicationOrder, RepeatIssue, dictionary_id
from pestle.web.store import models
from pestle.web.store import record as records

ENDED = ListStatus.ENDED.value


def lines(patient: models.Patient, *, ended: bool = False) -> list[Listed]:
    """The lines of a patient's list in one query, by name; with `ended` also those that are no more."""
    found = models.ListedMedicine.objects.filter(patient=patient).select_related("order")
    if not ended:
        found = found.exclude(status=ENDED)
    return sorted((value(row) for row in found), key=lambda line: (line.name.casefold(), line.id))


def value(row: models.ListedMedicine) -> Listed:
    """A line as its rules see it; `row` with its order."""
    return Listed(
        id=row.pk,
        order=records.value(row.order),
        standing=Standing(row.standing),
        issues=row.issues,
        last_issued=row.last_issued,
        reason=row.reason,
    )


def locked(patient: models.Patient, ids: Iterable[int]) -> dict[int, models.ListedMedicine]:
    """The lines of the patient's list with these ids, locked for this transaction in their order."""
    found = models.ListedMedicine.objects.select_for_update(of=("self",)).filter(
        patient=patient, pk__in=list(ids)
    )
    return {row.pk: row for row in found.select_related("order", "authorised").order_by("pk")}


def settle(row: models.ListedMedicine, order: MedicationOrder, standing: Standing, *, at: datetime) -> None:
    """Makes the line say what its newest order does; `row.order` is that order already. Not saved yet."""
    repeat = order.request.repeat or RepeatIssue(None, None)
    row.status, row.standing = status(order).value, standing.value
    row.course = order.request.course_of_therapy.value
    row.product_id = (dictionary_id(order.medication.written) or "")[:40]
    row.text = order.medication.written.text
    row.issues_allowed, row.authorised_until = repeat.issues_allowed, repeat.authorisation_expires
    row.review_by = repeat.review_by
    row.withheld_until = order.withheld_until.first if order.withheld_until else None
    row.changed_at = at


@dataclass(frozen=True, slots=True)
class Step:
    """One order of a line's history: the row, the order as a value, and what a prescriber made of it."""

    row: models.OrderFact
    order: MedicationOrder
    authorisation: models.Authorisation | None


def history(listed: models.ListedMedicine) -> list[Step]:
    """Every order of a line, the newest first, in one query."""
    rows = models.OrderFact.objects.filter(patient=listed.patient_id).select_related("authorisation__by")
    by_id = {row.pk: row for row in rows}
    found, at = [], by_id.get(listed.order_id)
    while at is not None:
        found.append(Step(at, records.value(at), getattr(at, "authorisation", None)))
        at = by_id.get(at.follows_id) if at.follows_id else None
    return found
