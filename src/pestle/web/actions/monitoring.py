"""Monitoring at a practice: tests are requested, patients invited, rounds escalated and decided; what is
settled for one patient; who comes off the list, and why."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.monitoring import TestLine
from pestle.pharmacy.practice.monitoring_plan_rules import (
    check_decision,
    check_interval,
    check_leaving,
    check_start,
)
from pestle.pharmacy.practice.monitoring_round import not_requested
from pestle.pharmacy.practice.monitoring_workflows import ROUNDS, TEAM
from pestle.pharmacy.practice.on_medicine import Left, Membership, OnMedicine
from pestle.pharmacy.record import by_hand
from pestle.pharmacy.record.moment import partial_date
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.refusal import refuse
from pestle.pharmacy.worklist.patient_task import Evidence, Kind, Wanted
from pestle.pharmacy.worklist.workflow import check
from pestle.web.actions.medication_list import locked_patient
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.record import locked_patient as locked_for_record
from pestle.web.actions.record import said_by
from pestle.web.store import models, monitoring, monitoring_rounds, patient_tasks
from pestle.web.store import record as records
from pestle.web.store.knowledge import knowledge, monitoring_policy
from pestle.web.store.monitoring import Seen

WAYS = ("letter", "text")


def arrange(
    *, by: Person, now: datetime, key: str, patient_id: int, batch: models.MonitoringBatch | None = None
) -> Outcome:
    """Requests the tests that are to be asked for and are in no round yet. A round whose tests were done
    ends, and another begins. Raises `Refused`: ``monitoring.nothing-due``, those of the worklist."""

    def do(row: models.Patient, found: Seen, on: date) -> Deed:
        standing = monitoring_rounds.locked(row)
        sealed: list[Any] = []
        if standing is not None and found.next.verb == "end":
            sealed.append(_moved(standing, "end", by=by, now=now, on=on, words="The tests were done"))
            standing = None
        tests = not_requested(monitoring.round_of(standing), found.monitored.tests)
        if not tests:
            raise refuse("monitoring.nothing-due", "No other test is to be asked for now")
        if standing is None:
            check(ROUNDS, monitoring_rounds.task(None), "arrange", by=by, now=now)
            standing = monitoring_rounds.begin(row, by=by, at=now, on=on)
            sealed.append(standing.round)
        event = _moved(
            standing, "arrange", by=by, now=now, on=on, tests=_names(tests), batch=batch,
            said={"tests": [_request(each) for each in tests]},
        )  # fmt: skip
        return Deed(
            f"patient:{row.pk}", {"tests": event.tests}, _result(standing, event), sealed=[*sealed, event]
        )

    return _on(
        "monitoring.arrange", patient_id, do, by=by, now=now, key=key, request={"batch": batch and batch.pk}
    )


def invite(
    *,
    by: Person,
    now: datetime,
    key: str,
    patient_id: int,
    again: bool,
    way: str,
    batch: models.MonitoringBatch | None = None,
) -> Outcome:
    """Invites the patient for the tests of the round, by letter or text message; the file or PDF of it comes
    from the event. Raises `Refused`: ``monitoring.no-way``, ``monitoring.no-round``,
    ``monitoring.nothing-due``, ``monitoring.too-early`` (to invite again), those of the worklist."""

    def do(row: models.Patient, found: Seen, on: date) -> Deed:
        if way not in WAYS:
            raise refuse("monitoring.no-way", "Choose letter or text message", place="way")
        verb = "invite_again" if again else "invite"
        standing = _open(row)
        tests = [
            each for each in found.monitored.tests if each.ask and each.observable.name in standing.tests
        ]
        if not tests:
            raise refuse("monitoring.nothing-due", "The tests of this round were done")
        if found.next.verb == verb and found.next.on and found.next.on > on:
            raise refuse("monitoring.too-early", f"The next invitation is due on {found.next.on:%d-%b-%Y}")
        names = [
            each.medication.name
            for each in found.monitored.medicines
            if each.membership is not Membership.OFF
        ]
        letter = monitoring_rounds.invitation(row, tests, names, again=again, on=on)
        event = _moved(
            standing, verb, by=by, now=now, on=on, way=way, batch=batch, said=monitoring_rounds.said(letter)
        )
        return Deed(f"patient:{row.pk}", {"verb": verb, "way": way}, _result(standing, event), sealed=[event])

    request = {"again": again, "way": way, "batch": batch and batch.pk}
    return _on("monitoring.invite", patient_id, do, by=by, now=now, key=key, request=request)


def escalate(
    *,
    by: Person,
    now: datetime,
    key: str,
    patient_id: int,
    words: str = "",
    batch: models.MonitoringBatch | None = None,
) -> Outcome:
    """Passes the round on to a pharmacist or prescriber, as a task that says why. Raises `Refused`:
    ``monitoring.no-round``, those of the worklist."""

    def do(row: models.Patient, found: Seen, on: date) -> Deed:
        standing = _open(row)
        event = _moved(standing, "escalate", by=by, now=now, on=on, words=words.strip(), batch=batch)
        late = [each for each in found.monitored.tests if each.state.late]
        told = ", ".join(each.observable.title for each in late) or "tests of the round"
        wanted = Wanted(
            patient_id=row.pk,
            kind=Kind.MONITORING,
            origin=f"monitoring-round:{standing.round_id}",
            title="Decide: tests are late and the patient has not come",
            reason=f"{told}. {words.strip()}".strip().rstrip(".") + ".",
            due_on=on,
            evidence=Evidence(tuple(fact for each in found.monitored.out for fact in each.facts)),
            role=Role.PHARMACIST,
        )
        opened = patient_tasks.open_tasks([wanted], by=by, now=now)
        return Deed(
            f"patient:{row.pk}", {"tests": standing.tests}, _result(standing, event),
            sealed=[event], together=opened.made,
        )  # fmt: skip

    request = {"words": words, "batch": batch and batch.pk}
    return _on("monitoring.escalate", patient_id, do, by=by, now=now, key=key, request=request)


def decide(
    *, by: Person, now: datetime, key: str, patient_id: int, words: str, look_again: date | None
) -> Outcome:
    """A pharmacist or prescriber decides what becomes of a round that was escalated; its task is done.
    Raises `Refused`: those of `check_decision` and of the worklist, ``monitoring.no-round``."""

    def do(row: models.Patient, _: Seen, on: date) -> Deed:
        standing = _open(row)
        transition = check(ROUNDS, monitoring_rounds.task(standing), "decide", by=by, now=now)
        check_decision(look_again=look_again, words=words, on=on)
        event = monitoring_rounds.move(
            standing, transition, by=by, at=now, on=on, words=words.strip(), look_again=look_again
        )
        origin = f"monitoring-round:{standing.round_id}"
        done = patient_tasks.finished(origin, row.pk, by=by, now=now, words=words.strip())
        return Deed(f"patient:{row.pk}", {}, _result(standing, event), sealed=[event, *done])

    request = {"words": words, "look_again": look_again.isoformat() if look_again else None}
    return _on("monitoring.decide", patient_id, do, by=by, now=now, key=key, request=request)


def done_elsewhere(
    *, by: Person, now: datetime, key: str, patient_id: int, kind: str, taken: str, where: str, reason: str
) -> Outcome:
    """Puts on record that a test was done elsewhere; its value was not seen. Raises `Refused`: those of
    `by_hand.elsewhere`, ``record.role``."""

    def do() -> Deed:
        row = locked_for_record(patient_id, by=by)
        told = Provenance(SourceKind.PERSON, said_by(by, where), now)
        fact = by_hand.elsewhere(
            knowledge().terms.observables, kind=kind, taken=taken, where=where, reason=reason,
            on=_today(row, now), told=told, id=str(uuid.uuid4()),
        )  # fmt: skip
        kept = records.new_row(row, fact)
        kept.save()
        monitoring.follow(row, now=now)
        return Deed(
            f"patient:{row.pk}", {"kind": kind, "fact": kept.pk}, {"patient": row.pk, "fact": kept.pk}
        )

    request = {"patient": patient_id, "kind": kind, "taken": taken, "where": where, "reason": reason}
    return once("monitoring.done_elsewhere", by=by, now=now, key=key, request=request, do=do)


def settle_interval(
    *,
    by: Person,
    now: datetime,
    key: str,
    patient_id: int,
    kind: str,
    number: int | None,
    unit: str,
    until: date | None,
    reason: str,
) -> Outcome:
    """Settles another interval of a test for one patient. Raises `Refused`: ``record.kind``, those of
    `check_interval`."""

    def do(row: models.Patient, _: Seen, on: date) -> Deed:
        if kind not in knowledge().terms.observables:
            raise refuse("record.kind", "This is not a kind of result that is known", place="kind")
        check_interval(
            monitoring_policy(), number=number, unit=unit, until=until, reason=reason, by=by, on=on
        )
        assert number is not None
        weeks = unit == "weeks"
        plan = models.MonitoringPlan.objects.create(
            site=row.site, patient=row, kind="interval", name=kind, number=number * 7 if weeks else number,
            unit="days" if weeks else unit, until=until, reason=reason.strip(), by_id=by.id, at=now,
        )  # fmt: skip
        return Deed(f"patient:{row.pk}", {"kind": kind, "plan": plan.pk}, {"plan": plan.pk}, sealed=[plan])

    request = {
        "kind": kind,
        "number": number,
        "unit": unit,
        "until": until and until.isoformat(),
        "reason": reason,
    }
    return _on("monitoring.settle_interval", patient_id, do, by=by, now=now, key=key, request=request)


def settle_start(
    *, by: Person, now: datetime, key: str, patient_id: int, group: str, started: str, reason: str
) -> Outcome:
    """Settles when treatment began. Raises `Refused`: ``monitoring.no-medicine``, those of a date and of
    `check_start`."""

    def do(row: models.Patient, found: Seen, on: date) -> Deed:
        _medicine(found, group)
        day = partial_date(started, place="started")
        check_start(started=day, reason=reason, by=by, on=on)
        plan = models.MonitoringPlan.objects.create(
            site=row.site, patient=row, kind="start", name=group, started=str(day), reason=reason.strip(),
            by_id=by.id, at=now,
        )  # fmt: skip
        return Deed(f"patient:{row.pk}", {"group": group, "plan": plan.pk}, {"plan": plan.pk}, sealed=[plan])

    request = {"group": group, "started": started, "reason": reason}
    return _on("monitoring.settle_start", patient_id, do, by=by, now=now, key=key, request=request)


def end_interval(*, by: Person, now: datetime, key: str, patient_id: int, kind: str, reason: str) -> Outcome:
    """The patient's own interval of a test holds no longer; the rules do again. Raises `Refused`:
    ``monitoring.role``, ``monitoring.no-own-interval``, ``monitoring.no-reason``."""

    def do(row: models.Patient, _: Seen, __: date) -> Deed:
        if not by.has(Role.PHARMACIST, Role.PRESCRIBER):
            raise refuse(
                "monitoring.role", f"This is for a pharmacist or prescriber; you are signed in as {by.title}"
            )
        if len(reason.strip()) < 3:
            raise refuse("monitoring.no-reason", "Say why", place="reason")
        latest = row.monitoring_plans.filter(kind="interval", name=kind).order_by("-pk").first()
        if latest is None or latest.ended:
            raise refuse(
                "monitoring.no-own-interval", "The patient has no interval of their own for this test"
            )
        plan = models.MonitoringPlan.objects.create(
            site=row.site, patient=row, kind="interval", name=kind, ended=True, reason=reason.strip(),
            by_id=by.id, at=now,
        )  # fmt: skip
        return Deed(f"patient:{row.pk}", {"kind": kind, "plan": plan.pk}, {"plan": plan.pk}, sealed=[plan])

    request = {"kind": kind, "reason": reason}
    return _on("monitoring.end_interval", patient_id, do, by=by, now=now, key=key, request=request)


def leave(
    *, by: Person, now: datetime, key: str, patient_id: int, group: str, left: str, words: str
) -> Outcome:
    """Takes a medicine of the patient off the list, with the reason. Raises `Refused`:
    ``monitoring.no-medicine``, those of `check_leaving`."""

    def do(row: models.Patient, found: Seen, _: date) -> Deed:
        why = next((each for each in Left if each.value == left), None)
        check_leaving(_medicine(found, group), why, words=words, by=by)
        gone = models.MonitoringLeaving.objects.create(
            site=row.site, patient=row, group=group, reason=left, words=words.strip(), by_id=by.id, at=now
        )
        return Deed(
            f"patient:{row.pk}", {"group": group, "reason": left}, {"leaving": gone.pk}, sealed=[gone]
        )

    request = {"group": group, "left": left, "words": words}
    return _on("monitoring.leave", patient_id, do, by=by, now=now, key=key, request=request)


def put_back(*, by: Person, now: datetime, key: str, patient_id: int, group: str, words: str) -> Outcome:
    """Puts a medicine that somebody took off the list on it again. Raises `Refused`:
    ``monitoring.not-off``, ``monitoring.no-reason``."""

    def do(row: models.Patient, _: Seen, __: date) -> Deed:
        last = row.monitoring_leavings.filter(group=group).order_by("-pk").first()
        if last is None or last.back:
            raise refuse("monitoring.not-off", "Nobody took it off the list")
        if len(words.strip()) < 3:
            raise refuse("monitoring.no-reason", "Say why", place="reason")
        back = models.MonitoringLeaving.objects.create(
            site=row.site, patient=row, group=group, reason=last.reason, words=words.strip(), back=True,
            by_id=by.id, at=now,
        )  # fmt: skip
        return Deed(f"patient:{row.pk}", {"group": group}, {"leaving": back.pk}, sealed=[back])

    request = {"group": group, "words": words}
    return _on("monitoring.put_back", patient_id, do, by=by, now=now, key=key, request=request)


def _on(
    action: str,
    patient_id: int,
    do: Callable[[models.Patient, Seen, date], Deed],
    *,
    by: Person,
    now: datetime,
    key: str,
    request: dict[str, Any],
) -> Outcome:
    """Acts on the patient's monitoring as it is, and brings the list up to date, in one transaction."""

    def deed() -> Deed:
        row = locked(patient_id, by=by)
        found = monitoring.seen(row, now=now)
        done = do(row, found, found.on)
        monitoring.project(row, now=now)
        return done

    return once(action, by=by, now=now, key=key, request={"patient": patient_id, **request}, do=deed)


def locked(patient_id: int, *, by: Person) -> models.Patient:
    """The patient's row, locked, so that one round goes on once. Raises `Refused`: ``monitoring.role``,
    ``patient.unknown``."""
    may(by)
    return locked_patient(patient_id, by=by)


def may(by: Person) -> None:
    """Raises `Refused` (``monitoring.role``) for who has no part in monitoring."""
    if not by.has(*TEAM):
        raise refuse(
            "monitoring.role", f"Monitoring is for the clinical team; you are signed in as {by.title}"
        )


def _open(row: models.Patient) -> models.MonitoringRoundStanding:
    standing = monitoring_rounds.locked(row)
    if standing is None:
        raise refuse("monitoring.no-round", "The tests were not requested yet",
                     way_out="Request the tests first.")  # fmt: skip
    return standing


def _moved(
    standing: models.MonitoringRoundStanding, verb: str, *, by: Person, now: datetime, on: date, **said: Any
) -> models.MonitoringEvent:
    transition = check(ROUNDS, monitoring_rounds.task(standing), verb, by=by, now=now)
    return monitoring_rounds.move(standing, transition, by=by, at=now, on=on, **said)


def _medicine(found: Seen, group: str) -> OnMedicine:
    each = next((one for one in found.monitored.medicines if one.group.name == group), None)
    if each is None:
        raise refuse("monitoring.no-medicine", "This medicine is not on the patient's list", place="medicine")
    return each


def _names(tests: tuple[TestLine, ...]) -> list[str]:
    return [each.observable.name for each in tests]


def _request(test: TestLine) -> dict[str, str]:
    return {
        "test": test.observable.title,
        "state": test.state.words,
        "why": f"{test.rule.whose}: {test.rule.says}" if test.rule else "",
    }


def _result(standing: models.MonitoringRoundStanding, event: models.MonitoringEvent) -> dict[str, Any]:
    return {
        "patient": standing.patient_id,
        "round": standing.round_id,
        "event": event.pk,
        "step": standing.step,
    }


def _today(row: models.Patient, now: datetime) -> date:
    return now.astimezone(ZoneInfo(row.site.time_zone)).date()
