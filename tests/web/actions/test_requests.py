"""Repeats are asked for, prepared, signed by the prescriber who saw each, and leave as messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.web.actions.bench import JOHN, NOW, a_key, together
from tests.web.actions.surgery import FUROSEMIDE, Surgery, open_surgery

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.people import Role
from pestle.pharmacy.practice.change import Wanted, revise
from pestle.pharmacy.practice.request import From
from pestle.pharmacy.quantity import SNOMED, Quantity, Unit
from pestle.pharmacy.record.medication import ControlledDrugStatement, CourseOfTherapy
from pestle.pharmacy.refusal import Refused
from pestle.pharmacy.worklist.query import Asked
from pestle.web.actions import requests, signing
from pestle.web.actions.requests import Answer, Seen
from pestle.web.store import models
from pestle.wire.eps.order import read_order
from pestle.wire.fhir.tree import parse

AMLODIPINE = replace(FUROSEMIDE, medication=Coded("Amlodipine 5mg tablets", SNOMED, "39732011000001102"))


def ask(surgery: Surgery, *listed: int, **more: Any) -> list[models.RequestLine]:
    patient = more.pop("patient", None) or surgery.patient()
    how: dict[str, Any] = {"by": surgery.nina, "came_from": From.PATIENT, "name": "Mary O'Brien", "now": NOW}
    made = requests.ask(key=a_key(), patient_id=patient.pk, listed=listed, **{**how, **more})
    return list(models.RequestLine.objects.filter(request=made.result["request"]).order_by("pk"))


def step(surgery: Surgery, verb: str, *lines: models.RequestLine, who: str = "priya", **more: Any) -> None:
    for line in lines:
        line.refresh_from_db()
    seen = [Seen(line.pk, line.version) for line in lines]
    requests.step(by=surgery.people[who], key=a_key(), lines=seen, verb=verb, **{"now": NOW, **more})


def sign(surgery: Surgery, *lines: models.RequestLine, who: str = "dana", **more: Any) -> list[int]:
    for line in lines:
        line.refresh_from_db()
    seen = [Seen(line.pk, line.version) for line in lines]
    done = signing.sign(by=surgery.people[who], key=a_key(), lines=seen, **{"now": NOW, **more})
    return list(done.result["prescriptions"])


def _issued(line_id: int, *, days_ago: int, days: int | None = 28) -> None:
    listed = models.ListedMedicine.objects.get(pk=line_id)
    on = NOW.date() - timedelta(days=days_ago)
    models.Issue.objects.create(
        listed=listed, order=listed.order, patient=listed.patient, on=on, days=days, recorded_at=NOW
    )


def test_from_the_telephone_to_a_message_that_a_pharmacy_reads(db: None) -> None:
    surgery = open_surgery()
    furosemide, amlodipine = surgery.on_list(), surgery.on_list(AMLODIPINE)
    lines = ask(surgery, furosemide.id, amlodipine.id)
    step(surgery, "prepare", *lines)
    (made,) = sign(surgery, *lines)
    row = models.IssuedPrescription.objects.get(pk=made)
    sent = read_order(parse(bytes(row.message.body)), now=NOW).prescription
    assert sent.number == row.number
    assert sent.signed_at == NOW
    assert {line.medication.text for line in sent.lines} == {
        "Amlodipine 5mg tablets", "Furosemide 40mg tablets",
    }  # fmt: skip
    first = sent.lines[0]
    assert (first.course_of_therapy, first.intent) == (CourseOfTherapy.REPEAT, "instance-order")
    assert first.repeat is not None
    assert (first.repeat.issue_number, first.repeat.issues_allowed) == (1, 6)
    assert first.days_supply == Decimal(28)
    assert {line.issues for line in surgery.lines()} == {1}
    assert {str(line.last_issued) for line in surgery.lines()} == {"2026-11-02"}
    assert {line.state for line in models.RequestLine.objects.all()} == {"signed"}
    # The next one is early, and says by how much.
    (again,) = ask(surgery, furosemide.id)
    with pytest.raises(Refused, match="21 days early"):
        step(surgery, "prepare", again)
    step(surgery, "prepare", again, words="going abroad", amounts={again.pk: ("14", 14)})
    (other,) = sign(surgery, again)
    message = models.IssuedPrescription.objects.get(pk=other).message
    (line,) = read_order(parse(bytes(message.body)), now=NOW).prescription.lines
    assert line.quantity == Quantity(Decimal(14), Unit("tablet"))
    assert line.days_supply == Decimal(14)


def test_five_items_are_two_prescriptions_and_patients_are_never_mixed(db: None) -> None:
    surgery = open_surgery()
    names = [f"Invented {number} tablets" for number in range(5)]
    lines = [surgery.on_list(replace(FUROSEMIDE, medication=Coded(name))) for name in names]
    john = surgery.patient(JOHN)
    his = surgery.on_list(patient=john)
    asked = [*ask(surgery, *(line.id for line in lines)), *ask(surgery, his.id, patient=john)]
    step(surgery, "prepare", *asked)
    sign(surgery, *asked)
    found = models.IssuedPrescription.objects.order_by("pk")
    assert sorted(one.items.count() for one in found) == [1, 1, 4]
    assert {one.patient_id for one in found} == {john.pk, surgery.patient().pk}


def test_repeat_dispensing_leaves_whole_and_apart(db: None) -> None:
    surgery = open_surgery()
    batch = surgery.on_list(replace(FUROSEMIDE, course=CourseOfTherapy.REPEAT_DISPENSING))
    repeat = surgery.on_list(AMLODIPINE)
    lines = ask(surgery, batch.id, repeat.id)
    step(surgery, "prepare", *lines)
    sign(surgery, *lines)
    row = models.IssuedPrescription.objects.get(issues=6)
    (line,) = read_order(parse(bytes(row.message.body)), now=NOW).prescription.lines
    assert line.intent == "original-order"
    assert line.repeat is not None
    assert line.repeat.issues_allowed == 6
    assert row.interval == 28
    (listed,) = [one for one in surgery.lines() if one.id == batch.id]
    assert listed.issues_left == 0
    assert models.Issue.objects.get(listed=batch.id).days == 168


def test_what_is_asked_for_twice_is_written_once_and_what_is_not_listed_cannot_be_prepared(db: None) -> None:
    surgery = open_surgery()
    line = surgery.on_list()
    ask(surgery, line.id)
    with pytest.raises(Refused) as refused:
        ask(surgery, line.id)
    assert refused.value.rule == "request.already"
    (cream,) = ask(surgery, others=["the cream for my elbow"])
    with pytest.raises(Refused) as refused:
        step(surgery, "prepare", cream)
    assert refused.value.rule == "request.not-on-list"
    due = NOW + timedelta(days=1)
    step(surgery, "ask", cream, words="Which cream is it?", answer=Answer(Asked.PATIENT, "Mary O'Brien", due))
    cream.refresh_from_db()
    assert cream.query is not None
    assert (cream.state, cream.query.patient_id) == ("asked", surgery.patient().pk)
    step(surgery, "refuse", cream, words="it was bought")
    cream.refresh_from_db()
    assert [event.verb for event in cream.events.order_by("pk")] == ["ask", "refuse"]


# who, verb, at which step -> why not
def test_who_may_do_what(db: None) -> None:
    surgery = open_surgery()
    (line,) = ask(surgery, surgery.on_list().id)
    for who, verb in (("nina", "prepare"), ("moira", "prepare"), ("nina", "refuse")):
        with pytest.raises(Refused) as refused:
            step(surgery, verb, line, who=who, words="because")
        assert refused.value.rule == "worklist.role"
    with pytest.raises(Refused) as refused:
        ask(surgery, line.listed_id or 0, by=replace(surgery.moira, roles=frozenset({Role.MANAGER})))
    assert refused.value.rule == "request.role"
    step(surgery, "pass_on", line, words="is it still needed?")
    with pytest.raises(Refused) as refused:
        step(surgery, "prepare", line)
    assert refused.value.rule == "worklist.role"
    step(surgery, "prepare", line, who="gareth")
    for who in ("priya", "gareth", "nina"):
        with pytest.raises(Refused) as refused:
            sign(surgery, line, who=who)
        assert refused.value.rule == "worklist.role"


def test_what_changed_after_it_was_prepared_is_not_signed(db: None) -> None:
    surgery = open_surgery()
    listed = surgery.on_list()
    (line,) = ask(surgery, listed.id)
    step(surgery, "prepare", line)
    surgery.change(revise(listed, replace(FUROSEMIDE, withheld=True), "kidneys"))
    with pytest.raises(Refused) as refused:
        sign(surgery, line)
    assert refused.value.rule == "issue.withheld"
    surgery.change(revise(surgery.lines()[0], replace(FUROSEMIDE, indication=Coded("Oedema")), "recovered"))
    with pytest.raises(Refused) as refused:
        sign(surgery, line)
    assert refused.value.rule == "request.list-changed"
    assert not models.IssuedPrescription.objects.exists()


def test_nothing_is_issued_past_its_limits(db: None) -> None:
    surgery = open_surgery()
    listed = surgery.on_list()
    (line,) = ask(surgery, listed.id)
    models.ListedMedicine.objects.update(issues=6)
    with pytest.raises(Refused) as refused:
        step(surgery, "prepare", line)
    assert refused.value.rule == "issue.none-left"
    models.ListedMedicine.objects.update(issues=0)
    after = NOW.replace(year=2027, month=5, day=3)
    with pytest.raises(Refused) as refused:
        step(surgery, "prepare", line, now=after)
    assert refused.value.rule == "issue.expired"
    _issued(listed.id, days_ago=40)
    step(surgery, "prepare", line)
    assert date(2026, 11, 2) == NOW.date()


def test_of_two_prescribers_one_signs(database: str) -> None:
    surgery = open_surgery()
    (line,) = ask(surgery, surgery.on_list().id)
    step(surgery, "prepare", line)
    line.refresh_from_db()
    seen = [Seen(line.pk, line.version)]
    done, refused = together(
        *(lambda: signing.sign(by=surgery.dana, now=NOW, key=a_key(), lines=seen) for _ in range(2))
    )
    assert (len(done), len(refused)) == (1, 1)
    assert models.IssuedPrescription.objects.count() == 1


def test_a_schedule_2_drug_leaves_as_the_public_message_has_it(db: None, samples: Path) -> None:
    (path,) = (samples / "eps").glob("033-*.json")
    sent = parse(path.read_bytes())
    (theirs,) = read_order(sent, now=NOW).prescription.lines
    surgery = open_surgery()
    line = surgery.on_list(
        Wanted(theirs.medication, CourseOfTherapy.ACUTE, theirs.dosage, theirs.quantity, Decimal(31))
    )
    (asked,) = ask(surgery, line.id)
    step(surgery, "prepare", asked)
    with pytest.raises(Refused) as refused:
        sign(surgery, asked)
    assert refused.value.rule == "controlled.no-reason"
    (made,) = sign(surgery, asked, reasons={asked.pk: "as in the public example"})
    message = models.IssuedPrescription.objects.get(pk=made).message
    (ours,) = read_order(parse(bytes(message.body)), now=NOW).prescription.lines
    assert ours.controlled_drug == theirs.controlled_drug == ControlledDrugStatement("CD2", "twenty eight")
    assert (ours.medication.code, ours.dosage, ours.quantity, ours.course_of_therapy) == (
        theirs.medication.code, theirs.dosage, theirs.quantity, theirs.course_of_therapy,
    )  # fmt: skip
    event = asked.events.order_by("pk").last()
    assert event is not None
    assert (event.verb, event.words) == ("sign", "as in the public example")
