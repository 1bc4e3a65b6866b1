"""One key for a run of full packs: the labels of every prescription at Assemble that needs no thought at
them.

A run is begun by a person and worked through by a job, prescription by prescription, each in its own
transaction; what was labelled is never labelled again by the same run, whoever goes on with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from pestle.pharmacy.dispensary.label_run import new_finding
from pestle.pharmacy.dispensary.workflow import DISPENSING
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.assembly import make_labels
from pestle.web.actions.may_leave import since_clinical_check
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import label_runs, models, prescriptions

MAY_LABEL = (Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST)


def begin(*, by: Person, now: datetime, key: str, ordered: str, start: Callable[[int], None]) -> Outcome:
    """Begins a run over everything that qualifies now, in the order of the worklist or of the shelf. `start`
    puts it into the queue, see `jobs.label_run`.

    Raises `Refused`: ``label-run.role``, ``label-run.order``, ``label-run.none``.
    """

    def do() -> Deed:
        _may(by)
        if ordered not in (label_runs.WORKLIST, label_runs.SHELF):
            raise refuse("label-run.order", "Labels come in the order of the worklist or the shelf",
                         place="ordered")  # fmt: skip
        rows = [one.row for one in label_runs.at_assemble(by.site_id, by=by.id, now=now) if not one.why_not]
        if not rows:
            raise refuse("label-run.none", "No prescription at Assemble can be labelled in a run",
                         way_out="Each says why below.")  # fmt: skip
        if ordered == label_runs.SHELF:
            rows = label_runs.by_shelf(by.site_id, rows)
        run = models.LabelRun.objects.create(
            site_id=by.site_id, ordered=ordered, prescriptions=[row.pk for row in rows], by_id=by.id, at=now
        )
        part = models.LabelRunPart.objects.create(run=run, n=1, by_id=by.id, at=now)
        start(part.pk)
        detail = {"prescriptions": len(rows), "ordered": ordered}
        return Deed(f"label run:{run.pk}", detail, {"run": run.pk, "part": part.pk}, sealed=[run, part])

    return once("dispensary.begin_label_run", by=by, now=now, key=key, request={"ordered": ordered}, do=do)


def go_on(*, by: Person, now: datetime, key: str, run_id: int, start: Callable[[int], None]) -> Outcome:
    """Goes on with a run that was interrupted, with what nothing has become of yet.

    Raises `Refused`: ``label-run.role``, ``label-run.unknown``, ``label-run.done``, ``label-run.under-way``.
    """

    def do() -> Deed:
        _may(by)
        # Two who go on at the same moment would both find it interrupted.
        models.Site.objects.select_for_update(no_key=True).get(pk=by.site_id)
        run = label_runs.one(by.site_id, run_id)
        if run is None:
            raise refuse("label-run.unknown", "There is no such run at this site")
        if not label_runs.left(run):
            raise refuse("label-run.done", "Something has become of every prescription of this run")
        if not label_runs.silent(run, now=now):
            raise refuse("label-run.under-way", "This run is under way", way_out="Wait a minute.")
        n = max(part.n for part in run.parts.all()) + 1
        part = models.LabelRunPart.objects.create(run=run, n=n, by_id=by.id, at=now)
        start(part.pk)
        return Deed(f"label run:{run.pk}", {"part": n}, {"run": run.pk, "part": part.pk}, sealed=[part])

    return once("dispensary.go_on_label_run", by=by, now=now, key=key, request={"run": run_id}, do=do)


def label_one(*, by: Person, now: datetime, part: models.LabelRunPart, prescription_id: int) -> Outcome:
    """Labels one prescription of a run, or says why it is left out; never twice.

    Raises `Refused`: ``label-run.taken-over`` where somebody has gone on with the run since.
    """

    def do() -> Deed:
        newest = models.LabelRunPart.objects.filter(run=part.run_id).latest("n")
        if newest.pk != part.pk:
            raise refuse("label-run.taken-over", "Somebody has gone on with this run")
        row = prescriptions.locked(prescription_id, site_id=by.site_id)
        try:
            with transaction.atomic():
                codes, reasons = _labelled(row, by=by, now=now), []
        except Refused as refused:
            codes, reasons = [], [asdict(one) for one in refused.refusals]
        item = models.LabelRunItem.objects.create(
            part=part, run_id=part.run_id, prescription=row, labels=codes, reasons=reasons, at=now
        )
        detail = {"run": part.run_id, "labels": codes, "reasons": [one["reason"] for one in reasons]}
        return Deed(f"prescription:{row.pk}", detail, {"labels": codes}, sealed=[item])

    key = f"label-run-{part.run_id}-{prescription_id}"
    request = {"run": part.run_id, "prescription": prescription_id}
    return once("dispensary.label_in_run", by=by, now=now, key=key, request=request, do=do)


def _labelled(row: models.Prescription, *, by: Person, now: datetime) -> list[str]:
    """Makes the labels of a prescription that still qualifies, now that it is locked. Raises `Refused`."""
    found = label_runs.at_assemble(by.site_id, by=by.id, now=now, only=row.pk)
    refusals: list[Refusal] = [each for one in found for each in one.why_not]
    if not refusals:
        lines = prescriptions.open_lines(row.lines.all())
        since = since_clinical_check(row, lines, stopped={}, now=now)
        refusals = [new_finding(entry.finding.what) for entry in since.stopping]
    if refusals:
        raise Refused(*refusals)
    transition = check(DISPENSING, prescriptions.task(row), "print_labels", by=by, now=now)
    codes = [stored.code for stored in make_labels(row, by=by, now=now)]
    prescriptions.move(row, transition, by=by, now=now)
    return codes


def _may(by: Person) -> None:
    if not by.has(*MAY_LABEL):
        raise refuse("label-run.role", f"Labels are for the dispensary; you are signed in as {by.title}")
