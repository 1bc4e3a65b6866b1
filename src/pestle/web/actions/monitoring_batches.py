"""One run over many patients: request tests, invite, invite again or escalate; and a run that works the list
out anew. Each patient is done once, whoever begins the run again."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import refuse
from pestle.web.actions import monitoring
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, monitoring_batches

VERBS = ("arrange", "invite", "invite_again", "escalate")
MOST = 2000


def begin(
    *,
    by: Person,
    now: datetime,
    key: str,
    verb: str,
    way: str,
    patients: Sequence[int],
    start: Callable[[int], None],
) -> Outcome:
    """Queues a run of a verb over these patients; `start` puts it into the queue, see `jobs.monitoring`.

    Raises `Refused`: ``monitoring.role``, ``monitoring.no-verb``, ``monitoring.no-way``,
    ``monitoring.nobody``, ``monitoring.too-many``.
    """

    def do() -> Deed:
        monitoring.may(by)
        ids = sorted(set(patients))
        known = models.Patient.objects.filter(site=by.site_id, pk__in=ids).count()
        if verb not in VERBS:
            raise refuse("monitoring.no-verb", "Choose what is to be done", place="what")
        if verb.startswith("invite") and way not in monitoring.WAYS:
            raise refuse("monitoring.no-way", "Choose letter or text message", place="way")
        if not ids or known != len(ids):
            raise refuse("monitoring.nobody", "Choose the patients it is for", place="patients")
        if len(ids) > MOST:
            raise refuse("monitoring.too-many", f"One run is for {MOST} patients at most", place="patients")
        row = models.MonitoringBatch.objects.create(
            site_id=by.site_id, verb=verb, way=way if verb.startswith("invite") else "", patients=ids,
            by_id=by.id, at=now,
        )  # fmt: skip
        start(row.pk)
        return Deed(f"monitoring-batch:{row.pk}", {"verb": verb, "patients": len(ids)}, {"batch": row.pk})

    request = {"verb": verb, "way": way, "patients": sorted(set(patients))}
    return once("monitoring.batch", by=by, now=now, key=key, request=request, do=do)


def refresh(*, by: Person, now: datetime, key: str, start: Callable[[int], None]) -> Outcome:
    """Queues a run that works the lists of the whole site out anew. Raises `Refused`: ``monitoring.role``."""

    def do() -> Deed:
        if not by.has(Role.MANAGER, Role.SYSTEM):
            monitoring.may(by)
        row = models.MonitoringBatch.objects.create(
            site_id=by.site_id, verb=monitoring_batches.REFRESH, patients=[], by_id=by.id, at=now
        )
        start(row.pk)
        return Deed(f"monitoring-batch:{row.pk}", {"verb": row.verb}, {"batch": row.pk})

    return once("monitoring.refresh", by=by, now=now, key=key, request={}, do=do)


def again(*, by: Person, now: datetime, key: str, batch_id: int, start: Callable[[int], None]) -> Outcome:
    """Begins a run again that failed or whose worker was lost; who was done before is not done again.
    Raises `Refused`: ``monitoring.role``, ``monitoring.no-batch``, ``monitoring.under-way``."""

    def do() -> Deed:
        monitoring.may(by)
        found = models.MonitoringBatch.objects.select_for_update().filter(pk=batch_id, site=by.site_id)
        row = found.first()
        if row is None:
            raise refuse("monitoring.no-batch", "There is no such run at this site")
        if row.state != "failed" and not monitoring_batches.silent(row, now=now):
            raise refuse("monitoring.under-way", "This run goes on, or was done")
        row.state, row.looked_at, row.skipped, row.done, row.ended_at = "waiting", 0, [], 0, None
        row.save()
        start(row.pk)
        return Deed(f"monitoring-batch:{row.pk}", {}, {"batch": row.pk})

    return once("monitoring.batch_again", by=by, now=now, key=key, request={"batch": batch_id}, do=do)


def do_one(row: models.MonitoringBatch, patient_id: int, *, by: Person, now: datetime) -> Outcome:
    """What a run does for one patient, once. Raises `Refused` where it is not due for them."""
    key = str(uuid.uuid5(uuid.NAMESPACE_URL, f"monitoring-batch:{row.pk}:{patient_id}"))
    if row.verb == "arrange":
        return monitoring.arrange(by=by, now=now, key=key, patient_id=patient_id, batch=row)
    if row.verb == "escalate":
        return monitoring.escalate(by=by, now=now, key=key, patient_id=patient_id, batch=row)
    return monitoring.invite(
        by=by,
        now=now,
        key=key,
        patient_id=patient_id,
        again=row.verb == "invite_again",
        way=row.way,
        batch=row,
    )
