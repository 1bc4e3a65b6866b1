"""Monitoring at a practice: requested, invited, escalated, decided; nothing twice, nothing unsaid."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.web.actions.bench import JOHN, NOW, a_key
from tests.web.actions.surgery import FUROSEMIDE, Surgery, open_surgery

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.monitoring import State
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import facts, monitoring, monitoring_batches, short_issues
from pestle.web.jobs import monitoring as job
from pestle.web.store import models, review_needs
from pestle.web.store import monitoring as stored

METHOTREXATE = replace(
    FUROSEMIDE, medication=Coded("Methotrexate 2.5mg tablets"), days_supply=Decimal(28), starts=None
)
LITHIUM = replace(FUROSEMIDE, medication=Coded("Lithium carbonate 400mg modified-release tablets"))
LATER = NOW + timedelta(days=60)


def on_methotrexate(surgery: Surgery, wanted: Any = METHOTREXATE) -> models.Patient:
    """Mary takes it from now on, and no test of it was done; results of hers are on record."""
    surgery.on_list(wanted)
    patient = surgery.patient()
    facts.record_result(
        by=surgery.priya, now=NOW, key=a_key(), patient_id=patient.pk, kind="body_weight", value="70",
        unit="kg", taken="2026-10-01", told_by="the nurse",
    )  # fmt: skip
    return patient


def act(action: Any, by: Person, patient: models.Patient, **more: Any) -> Any:
    return action(**{"by": by, "now": LATER, "key": a_key(), "patient_id": patient.pk, **more})


def row(patient: models.Patient) -> models.MonitoredPatient:
    return models.MonitoredPatient.objects.get(patient=patient)


def refused(do: Any) -> str:
    with pytest.raises(Refused) as caught:
        do()
    return caught.value.rule


def test_the_list_follows_the_record(db: None) -> None:
    surgery = open_surgery()
    patient = on_methotrexate(surgery)
    # On the day on which it was ordered nothing is late yet.
    assert (row(patient).listed, row(patient).late) == (True, 0)
    facts.record_result(
        by=surgery.priya, now=LATER, key=a_key(), patient_id=patient.pk, kind="alt", value="20", unit="U/L",
        taken="2026-12-20", told_by="laboratory",
    )  # fmt: skip
    kept = row(patient)
    states = {each["name"]: each["state"] for each in kept.rows["tests"]}
    assert states == {"fbc": "never", "renal_function": "never", "transaminases": "in_time"}
    assert (kept.late, kept.never, kept.next_verb) == (2, 2, "arrange")
    assert list(stored.differences(surgery.site, now=LATER)) == []


def test_a_round_goes_its_way_and_nothing_is_sent_twice(db: None) -> None:
    surgery = open_surgery()
    patient = on_methotrexate(surgery)
    key = a_key()
    first = act(monitoring.arrange, surgery.priya, patient, key=key)
    assert act(monitoring.arrange, surgery.priya, patient, key=key).repeated
    assert refused(lambda: act(monitoring.arrange, surgery.priya, patient)) == "monitoring.nothing-due"
    act(monitoring.invite, surgery.priya, patient, again=False, way="letter")
    again: dict[str, Any] = {"again": True, "way": "text"}
    assert refused(lambda: act(monitoring.invite, surgery.priya, patient, **again)) == "monitoring.too-early"
    assert refused(
        lambda: act(monitoring.invite, surgery.priya, patient, again=False, way="text")
    ) == "worklist.already-done"  # fmt: skip
    act(monitoring.invite, surgery.priya, patient, now=LATER + timedelta(days=30), **again)
    act(monitoring.escalate, surgery.priya, patient, now=LATER + timedelta(days=50), words="no answer")
    task = models.PatientTaskStanding.objects.get(patient=patient, state="open")
    assert (task.role, task.origin) == ("pharmacist", f"monitoring-round:{first.result['round']}")
    decided: dict[str, Any] = {"words": "I called her", "look_again": date(2027, 3, 20)}

    def decide(by: Person, **more: Any) -> Any:
        day = LATER + timedelta(days=51)
        return act(monitoring.decide, by, patient, now=day, **{**decided, **more})

    assert refused(lambda: decide(surgery.priya)) == "worklist.role"
    assert refused(lambda: decide(surgery.gareth, look_again=None)) == "monitoring.no-day"
    decide(surgery.gareth)
    task.refresh_from_db()
    assert task.state == "done"
    assert row(patient).next_verb == "escalate"


def test_who_sits_at_reception_arranges_no_tests(db: None) -> None:
    surgery = open_surgery()
    patient = on_methotrexate(surgery)
    assert refused(lambda: act(monitoring.arrange, surgery.nina, patient)) == "monitoring.role"


def test_done_elsewhere_counts_for_the_list_and_ends_the_round(db: None) -> None:
    surgery = open_surgery()
    patient = on_methotrexate(surgery)
    act(monitoring.arrange, surgery.priya, patient)
    for kind in ("fbc", "transaminases", "renal_function"):
        act(
            monitoring.done_elsewhere, surgery.priya, patient, kind=kind, taken="2026-12-28",
            where="Ashcombe General", reason="on their letter",
        )  # fmt: skip
    tests = {each["name"]: each for each in row(patient).rows["tests"]}
    assert {each["state"] for each in tests.values()} == {"in_time"}
    assert all(each["elsewhere"] for each in tests.values())
    assert row(patient).next_verb == "end"


def test_an_own_interval_is_settled_by_who_may_and_told_by_whom(db: None) -> None:
    surgery = open_surgery()
    patient = on_methotrexate(surgery)
    settle: dict[str, Any] = {
        "kind": "fbc", "number": 6, "unit": "months", "until": date(2027, 12, 1), "reason": "stable",
    }  # fmt: skip
    assert (
        refused(lambda: act(monitoring.settle_interval, surgery.priya, patient, **settle))
        == "monitoring.role"
    )
    far = settle | {"until": date(2029, 1, 1)}
    assert refused(
        lambda: act(monitoring.settle_interval, surgery.gareth, patient, **far)
    ) == "monitoring.until-too-far"  # fmt: skip
    act(monitoring.settle_interval, surgery.gareth, patient, **settle)
    test = next(each for each in row(patient).rows["tests"] if each["name"] == "fbc")
    assert test["whose"] == "settled by Gareth Rivers"
    act(monitoring.end_interval, surgery.gareth, patient, kind="fbc", reason="flare")
    test = next(each for each in row(patient).rows["tests"] if each["name"] == "fbc")
    assert test["whose"] == "methotrexate"


def test_nothing_leaves_the_list_without_a_reason(db: None) -> None:
    surgery = open_surgery()
    patient = on_methotrexate(surgery)
    leave: dict[str, Any] = {"group": "methotrexate", "left": "stopped", "words": "says the patient"}
    assert refused(lambda: act(monitoring.leave, surgery.priya, patient, **leave)) == "monitoring.still-taken"
    decided = leave | {"left": "decided"}
    assert refused(lambda: act(monitoring.leave, surgery.priya, patient, **decided)) == "monitoring.role"
    act(monitoring.leave, surgery.gareth, patient, **decided)
    assert not row(patient).listed
    kept = models.MonitoredMedicine.objects.get(patient=patient)
    assert (kept.membership, kept.left, kept.left_words) == ("off", "decided", "says the patient")
    act(monitoring.put_back, surgery.priya, patient, group="methotrexate", words="it is needed")
    assert row(patient).listed


def test_a_short_issue_is_proposed_and_decided_and_becomes_a_task(db: None) -> None:
    surgery = open_surgery()
    patient = on_methotrexate(surgery, LITHIUM)
    begun: dict[str, Any] = {"group": "lithium", "started": "2026-11-02", "reason": "the clinic's letter"}
    act(monitoring.settle_start, surgery.priya, patient, now=NOW, **begun)
    (line,) = surgery.lines()
    proposed: dict[str, Any] = {"order": line.order.id, "days": 14, "reason": "invited twice"}
    with pytest.raises(Refused) as none_late:
        act(short_issues.propose, surgery.priya, patient, now=NOW, **proposed)
    assert none_late.value.rule == "short-issue.nothing-late"
    made = act(short_issues.propose, surgery.priya, patient, **proposed).result["short_issue"]
    assert refused(
        lambda: act(short_issues.propose, surgery.priya, patient, **proposed)
    ) == "short-issue.open-already"  # fmt: skip

    def decide(by: Person, **more: Any) -> Any:
        said = {"decision": "short", "days": 7, "reason": "", **more}
        return short_issues.decide(by=by, now=LATER, key=a_key(), issue_id=made, **said)

    assert refused(lambda: decide(surgery.priya)) == "short-issue.role"
    never = {"decision": "not_now", "reason": "no level"}
    assert refused(lambda: decide(surgery.dana, **never)) == "short-issue.never-interrupted"
    decide(surgery.gareth)
    (task,) = models.PatientTask.objects.filter(patient=patient, standing__state="open")
    assert task.title == "Issue Lithium carbonate 400mg modified-release tablets for 7 days"
    assert refused(lambda: decide(surgery.gareth)) == "worklist.already-done"


def test_a_run_over_many_does_each_patient_once(db: None) -> None:
    surgery = open_surgery()
    mary = on_methotrexate(surgery)
    john = surgery.patient(JOHN)
    surgery.on_list(LITHIUM, patient=john)
    queued: list[int] = []

    def begin(verb: str, way: str = "", patients: Any = (mary.pk, john.pk)) -> int:
        return int(
            monitoring_batches.begin(
                by=surgery.priya, now=LATER, key=a_key(), verb=verb, way=way, patients=patients,
                start=queued.append,
            ).result["batch"]
        )  # fmt: skip

    assert refused(lambda: begin("invite")) == "monitoring.no-way"
    first = begin("arrange")
    assert queued == [first]
    job.run_batch.call(first)
    done = models.MonitoringBatch.objects.get(pk=first)
    assert (done.state, done.looked_at, done.skipped) == ("done", 2, [])
    # Begun again, as after a worker that was lost: nobody is done twice.
    models.MonitoringBatch.objects.filter(pk=first).update(state="waiting", looked_at=0, done=0)
    job.run_batch.call(first)
    assert models.MonitoringEvent.objects.filter(verb="arrange").count() == 2
    second = begin("arrange")
    job.run_batch.call(second)
    skipped = models.MonitoringBatch.objects.get(pk=second).skipped
    assert [each["why"] for each in skipped] == ["No other test is to be asked for now"] * 2


def test_the_list_is_worked_out_anew_and_proved(db: None) -> None:
    surgery = open_surgery()
    patient = on_methotrexate(surgery)
    models.MonitoredPatient.objects.filter(patient=patient).update(late=7)
    assert [pk for pk, _ in stored.differences(surgery.site, now=NOW)] == [patient.pk]
    started: list[int] = []
    monitoring_batches.refresh(by=surgery.priya, now=NOW, key=a_key(), start=started.append)
    job.run_batch.call(started[0])
    assert not any("late" in what for _, what in stored.differences(surgery.site, now=job._now()))
    assert models.ReviewNeed.objects.get(patient=patient).medicines == 1
    assert list(review_needs.differences(surgery.site, now=job._now())) == []
    models.ReviewNeed.objects.update(medicines=2)
    ((pk, what),) = review_needs.differences(surgery.site, now=job._now())
    assert (pk, "differs in medicines of a review" in what) == (patient.pk, True)
    models.ReviewNeed.objects.all().delete()
    ((pk, what),) = review_needs.differences(surgery.site, now=job._now())
    assert (pk, what) == (patient.pk, "is not on the list of reviews")
    assert State.OVERDUE.late
