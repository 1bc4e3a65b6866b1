"""A run of labels, worked through: one prescription after the other, until all are done or somebody else has
gone on with it."""

from __future__ import annotations

from datetime import UTC, datetime

from django_tasks import task

from pestle.pharmacy.refusal import Refused
from pestle.web.actions import label_runs as actions
from pestle.web.store import label_runs, models, people


def start(part_id: int) -> None:
    """Puts a part of a run into the queue; it runs once the transaction that made it is committed."""
    run_labels.enqueue(part_id)


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


@task()
def run_labels(part_id: int) -> None:
    """Labels what the run has left, in the name of who began this part."""
    part = models.LabelRunPart.objects.select_related("run", "by").get(pk=part_id)
    by = people.person(part.by, part.run.site_id)
    run = label_runs.one(part.run.site_id, part.run_id)
    if by is None or run is None:
        return
    for prescription_id in label_runs.left(run):
        try:
            actions.label_one(by=by, now=now(), part=part, prescription_id=prescription_id)
        except Refused as refused:
            if refused.refusals[0].rule == "label-run.taken-over":
                return
            raise
