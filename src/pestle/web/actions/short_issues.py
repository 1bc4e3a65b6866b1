"""A short issue: proposed because a test is late, decided by a pharmacist or prescriber, or withdrawn. What
was decided becomes a task for whoever makes the issue."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from zoneinfo import ZoneInfo

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.monitoring import State, TestLine
from pestle.pharmacy.practice.monitoring_workflows import SHORTENED_ISSUES
from pestle.pharmacy.practice.review_pack import current
from pestle.pharmacy.practice.shortened_issue import Decision, Proposal, check_decision, check_proposal
from pestle.pharmacy.record.medication import MedicationOrder
from pestle.pharmacy.refusal import refuse
from pestle.pharmacy.worklist.patient_task import Kind, Wanted
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.monitoring import locked
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, monitoring, patient_tasks, short_issues
from pestle.web.store.knowledge import knowledge, monitoring_policy
from pestle.web.store.monitoring import Seen


def propose(
    *, by: Person, now: datetime, key: str, patient_id: int, order: str, days: int | None, reason: str
) -> Outcome:
    """Proposes that the next issue of an order is a short one. Raises `Refused`: ``short-issue.no-order``,
    ``short-issue.open-already``, ``short-issue.no-days``, those of `check_proposal`."""

    def do() -> Deed:
        row = locked(patient_id, by=by)
        found = monitoring.seen(row, now=now)
        which = next((each for each in current(found.day.record, on=found.on) if each.id == order), None)
        if not isinstance(which, MedicationOrder):
            raise refuse(
                "short-issue.no-order", "This medicine is not ordered for the patient", place="medicine"
            )
        if row.short_issues.filter(order=order, end=None).exists():
            raise refuse("short-issue.open-already", "A short issue of it is proposed already")
        if days is None:
            raise refuse("short-issue.no-days", "Say for how many days", place="days")
        proposal = _proposal(which, found, days, reason)
        check_proposal(proposal, monitoring_policy(), by=by)
        made = models.ShortIssue.objects.create(
            site=row.site, patient=row, order=order, medicine=proposal.medicine, days=days,
            usual_days=proposal.usual_days, reason=reason.strip(), late=list(proposal.late),
            never_interrupted=proposal.never_interrupted, by_id=by.id, at=now,
        )  # fmt: skip
        wanted = Wanted(
            patient_id=row.pk,
            kind=Kind.MONITORING,
            origin=f"short-issue:{made.pk}",
            title=f"Decide: {days} days of {proposal.medicine}, because a test is late",
            reason=f"{', '.join(proposal.late)}. {reason.strip()}",
            due_on=found.on,
            role=Role.PHARMACIST,
        )
        opened = patient_tasks.open_tasks([wanted], by=by, now=now)
        result = {"patient": row.pk, "short_issue": made.pk}
        return Deed(f"patient:{row.pk}", {"short_issue": made.pk, "days": days}, result, sealed=[made],
                    together=opened.made)  # fmt: skip

    request = {"patient": patient_id, "order": order, "days": days, "reason": reason}
    return once("monitoring.propose_short_issue", by=by, now=now, key=key, request=request, do=do)


def decide(
    *, by: Person, now: datetime, key: str, issue_id: int, decision: str, days: int | None, reason: str
) -> Outcome:
    """Decides a proposal; a task asks for the issue that was decided. Raises `Refused`:
    ``short-issue.unknown``, those of `check_decision` and of the worklist."""

    def do() -> Deed:
        row = _row(issue_id, by)
        what = next((each for each in Decision if each.value == decision), None)
        check_decision(short_issues.value(row), what, monitoring_policy(), days=days, reason=reason, by=by)
        check(SHORTENED_ISSUES, short_issues.task(row), "decide", by=by, now=now)
        wanted = (days if days is not None else row.days) if what is Decision.SHORT else None
        end = models.ShortIssueEnd.objects.create(
            issue=row,
            verb="decide",
            decision=decision,
            days=wanted,
            reason=reason.strip(),
            by_id=by.id,
            at=now,
        )
        done = patient_tasks.finished(
            f"short-issue:{row.pk}", row.patient_id, by=by, now=now, words=reason.strip() or "Decided"
        )
        task = Wanted(
            patient_id=row.patient_id,
            kind=Kind.MONITORING,
            origin=f"short-issue-made:{row.pk}",
            title=_to_do(row, what, wanted),
            reason=reason.strip() or row.reason,
            due_on=now.astimezone(ZoneInfo(row.patient.site.time_zone)).date(),
            role=Role.TECHNICIAN,
        )
        opened = patient_tasks.open_tasks([task], by=by, now=now)
        result = {"patient": row.patient_id, "short_issue": row.pk, "decision": decision}
        return Deed(f"patient:{row.patient_id}", {"short_issue": row.pk, "decision": decision}, result,
                    sealed=[end, *done], together=opened.made)  # fmt: skip

    request = {"issue": issue_id, "decision": decision, "days": days, "reason": reason}
    return once("monitoring.decide_short_issue", by=by, now=now, key=key, request=request, do=do)


def withdraw(*, by: Person, now: datetime, key: str, issue_id: int, reason: str) -> Outcome:
    """Takes a proposal back. Raises `Refused`: ``short-issue.unknown``, ``short-issue.no-reason``, those of
    the worklist."""

    def do() -> Deed:
        row = _row(issue_id, by)
        check(SHORTENED_ISSUES, short_issues.task(row), "withdraw", by=by, now=now)
        if len(reason.strip()) < 3:
            raise refuse("short-issue.no-reason", "Say why", place="reason")
        end = models.ShortIssueEnd.objects.create(
            issue=row, verb="withdraw", reason=reason.strip(), by_id=by.id, at=now
        )
        origin = f"short-issue:{row.pk}"
        done = patient_tasks.finished(origin, row.patient_id, by=by, now=now, words=f"Withdrawn: {reason}")
        result = {"patient": row.patient_id, "short_issue": row.pk}
        return Deed(f"patient:{row.patient_id}", {"short_issue": row.pk}, result, sealed=[end, *done])

    request = {"issue": issue_id, "reason": reason}
    return once("monitoring.withdraw_short_issue", by=by, now=now, key=key, request=request, do=do)


def _row(issue_id: int, by: Person) -> models.ShortIssue:
    row = short_issues.locked(issue_id, site_id=by.site_id)
    if row is None:
        raise refuse("short-issue.unknown", "There is no such proposal at this site")
    return row


def _proposal(order: MedicationOrder, found: Seen, days: int, reason: str) -> Proposal:
    usual = order.request.days_supply
    listed = monitoring_policy().never_interrupted
    return Proposal(
        medicine=order.medication.name,
        days=days,
        usual_days=int(usual.to_integral_value(ROUND_CEILING)) if isinstance(usual, Decimal) else None,
        reason=reason,
        late=tuple(each.observable.title for each in late_for(order, found)),
        # Where nobody can tell whether it may be interrupted, it may not.
        never_interrupted=found.day.is_on(listed, order.medication) is not False,
    )


def late_for(order: MedicationOrder, found: Seen) -> list[TestLine]:
    """The tests that a medicine asks for and that are late, by whatever medicine's rule, or may be."""
    groups = [
        group for group in knowledge().monitoring.groups.all
        if found.day.is_on(group.medicines, order.medication)
    ]  # fmt: skip
    kinds = {test.observable.name for group in groups for test in group.tests}
    late = [each for each in found.monitored.tests if each.ask and each.state is not State.DUE]
    return [each for each in late if each.observable.name in kinds]


def _to_do(row: models.ShortIssue, decision: Decision | None, days: int | None) -> str:
    if decision is Decision.SHORT:
        return f"Issue {row.medicine} for {days} days"
    if decision is Decision.AS_USUAL:
        return f"Issue {row.medicine} as usual"
    return f"Make no issue of {row.medicine}, and tell the patient"
