"""Short issues: proposed, decided, and what the next issue of a medicine is to be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from pestle.pharmacy.practice.medicines_list import Listed
from pestle.pharmacy.practice.monitoring import State
from pestle.pharmacy.practice.monitoring_workflows import PROPOSED, SETTLED, WITHDRAWN
from pestle.pharmacy.practice.next_issue import Amount, Decided, Line, Made, holds, unspent
from pestle.pharmacy.practice.shortened_issue import Decision, Proposal
from pestle.pharmacy.record.lasts import days_of
from pestle.pharmacy.record.medication import CourseOfTherapy
from pestle.pharmacy.worklist.workflow import Done, Task
from pestle.web.store import issued, medicines_list, models, monitoring


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


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of the next issue of a line: the decision that holds, and the proposal that waits."""

    decided: Decided | None
    waits: models.ShortIssue | None


NOTHING = Said(None, None)


def of_lines(lines: Iterable[models.RequestLine], *, now: datetime, lock: bool = False) -> dict[int, Said]:
    """By the line of the list, what was said of the next issue of each line that is asked for; nothing said:
    not in it. With `lock` nobody decides until this transaction ends.

    One query where nobody ever proposed anything for these patients. A proposal is about a line through all
    the orders that followed one another on it.
    """
    listed = {row.listed_id: row for row in lines if row.listed_id is not None}
    every = models.ShortIssue.objects.filter(patient__in={row.patient_id for row in listed.values()})
    if lock:
        # Locked before it is read: who waits for the lock then reads what was decided meanwhile.
        list(every.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    proposals = list(every.select_related("by", "end__by").order_by("-pk"))
    late: dict[int, frozenset[str]] = {}
    found = {}
    for pk, row in listed.items():
        said = _of_line(row, [one for one in proposals if one.patient_id == row.patient_id], late, now)
        if said != NOTHING:
            found[pk] = said
    return found


def next_line(line: Listed) -> Line:
    """A line of the list as the rules of its next issue see it."""
    request = line.order.request
    return Line(
        line.name,
        Amount(request.quantity.value if request.quantity else None, days_of(line.order)),
        batch=request.course_of_therapy is CourseOfTherapy.REPEAT_DISPENSING,
    )


def prepared(row: models.RequestLine, line: Line) -> Amount:
    """What was prepared of a line: the list's amount where no other was."""
    quantity = Decimal(row.quantity) if row.quantity else line.usual.quantity
    return Amount(quantity, line.usual.days if row.days is None else Decimal(row.days))


def _of_line(
    row: models.RequestLine,
    proposals: list[models.ShortIssue],
    late: dict[int, frozenset[str]],
    now: datetime,
) -> Said:
    if not proposals or row.listed is None:
        return NOTHING
    orders = {step.order.id for step in medicines_list.history(row.listed)}
    own = [one for one in proposals if one.order in orders]
    waits = next((one for one in own if state(one) == PROPOSED), None)
    zone = ZoneInfo(row.patient.site.time_zone)
    decided = unspent((_decided(one, zone) for one in own if state(one) == SETTLED), _made(row.listed))
    if decided is not None:
        if row.patient_id not in late:
            late[row.patient_id] = _late(row.patient, now)
        decided = decided if holds(decided, late[row.patient_id]) else None
    return Said(decided, waits)


def _decided(row: models.ShortIssue, zone: ZoneInfo) -> Decided:
    end = row.end
    return Decided(
        Decision(end.decision), end.days, end.reason or row.reason, tuple(row.late), end.by.full_name, end.at,
        end.at.astimezone(zone).date(),
    )  # fmt: skip


def _made(listed: models.ListedMedicine) -> list[Made]:
    rows = issued.counted().filter(listed=listed)
    return [Made(on, recorded_at) for on, recorded_at in rows.values_list("on", "recorded_at")]


def _late(patient: models.Patient, now: datetime) -> frozenset[str]:
    """The tests of a patient that are late, or may be."""
    tests = monitoring.seen(patient, now=now).monitored.tests
    return frozenset(
        each.observable.title for each in tests if each.state.late or each.state is State.CANNOT_TELL
    )
