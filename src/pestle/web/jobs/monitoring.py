"""A run over many patients: tests requested or patients invited one after the other, or the lists of a site
worked out anew; it says how far it is, and may be begun again without doing anything twice."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction
from django_tasks import task

from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import monitoring_batches as actions
from pestle.web.store import models, monitoring, monitoring_batches, ordering, review_needs

# Often enough to be seen moving; seldom enough to cost little.
AT_A_TIME = 20


def start(batch_id: int) -> None:
    """Puts a run into the queue; it begins once the transaction that made it is committed."""
    run_batch.enqueue(batch_id)


@task()
def run_batch(batch_id: int) -> None:
    """Runs a batch that waits; what runs already or has ended is left alone."""
    row = monitoring_batches.claimed(batch_id, now=_now())
    if row is None:
        return
    try:
        if row.verb == monitoring_batches.REFRESH:
            _refresh(row)
        else:
            _each(row)
    except Exception as error:
        # The type only: an exception's words may hold what is known of a patient.
        monitoring_batches.ended(row, "failed", now=_now(), because=type(error).__name__)
        raise


def _each(row: models.MonitoringBatch) -> None:
    by = monitoring_batches.who(row)
    if by is None:
        monitoring_batches.ended(row, "failed", now=_now(), because="Who began it works here no more")
        return
    for patient_id in row.patients:
        _one(row, patient_id, by)
        if row.looked_at % AT_A_TIME == 0:
            monitoring_batches.heard(row, now=_now())
    monitoring_batches.heard(row, now=_now())
    monitoring_batches.ended(row, "done", now=_now())


def _one(row: models.MonitoringBatch, patient_id: int, by: Person) -> None:
    row.looked_at += 1
    try:
        actions.do_one(row, patient_id, by=by, now=_now())
        row.done += 1
    except Refused as refused:
        row.skipped.append({"patient": patient_id, "why": refused.refusals[0].reason})


def _refresh(row: models.MonitoringBatch) -> None:
    after = 0
    while some := list(monitoring.patients_of(row.site, after=after, most=AT_A_TIME)):
        for patient in some:
            work_out(patient, now=_now())
            after = patient.pk
            row.looked_at += 1
            row.done += 1
        monitoring_batches.heard(row, now=_now())
    monitoring_batches.ended(row, "done", now=_now())


def work_out(patient: models.Patient, *, now: datetime) -> None:
    """Works out anew what the lists of monitoring and reviews say of a patient, and how their repeats are
    ordered; the patient is locked meanwhile."""
    with transaction.atomic():
        models.Patient.objects.select_for_update().filter(pk=patient.pk).first()
        seen = monitoring.project(patient, now=now)
        review_needs.project(patient, seen, now=now)
        if monitoring.follows(patient.site):
            ordering.project(patient, on=seen.on)


def _now() -> datetime:
    return datetime.now(UTC)
