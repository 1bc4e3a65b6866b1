"""Short issues: proposed, decided, and what the next issue of a medicine is to be."""

from __future__ import annotations

from pestle.pharmacy.practice.monitoring_workflows import PROPOSED, SETTLED, WITHDRAWN
from pestle.pharmacy.practice.shortened_issue import Proposal
from pestle.pharmacy.worklist.workflow import Done, Task
from pestle.web.store import models


def state(row: models.ShortIssue) -> str:
    """Where a proposal is."""
    end = getattr(row, "end", None)
    if end is None:
        return PROPOSED
    return SETTLED if end.verb == "decide" else WITHDRAWN


def task(row: models.ShortIssue) -> Task:
    """A proposal as the workflow sees it."""
    end = getattr(row, "end", None)
    done = () if end is None else (Done(end.verb, end.by_id, end.by.full_name, end.at),)
    return Task(state(row), 1 + len(done), done)


def value(row: models.ShortIssue) -> Proposal:
    """A proposal as its rules see it."""
    return Proposal(
        row.medicine, row.days, row.usual_days, row.reason, tuple(row.late), row.never_interrupted
    )


def of_patient(row: models.Patient) -> list[models.ShortIssue]:
    """Every proposal for a patient, the newest first, in one query."""
    return list(row.short_issues.select_related("by", "end__by").order_by("-pk"))


def waiting(site_id: int) -> list[models.ShortIssue]:
    """The proposals that nobody has decided, the oldest first."""
    found = models.ShortIssue.objects.filter(site=site_id, end=None)
    return list(found.select_related("by", "patient").order_by("pk"))


def locked(issue_id: int, *, site_id: int) -> models.ShortIssue | None:
    """A proposal of the site, locked."""
    found = models.ShortIssue.objects.select_for_update(of=("self",)).filter(pk=issue_id, site=site_id)
    return found.select_related("patient__site", "end__by").first()
