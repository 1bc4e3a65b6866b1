"""Repeat dispensing is set up, signed as a batch, and taken back item by item, as the service answers."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from tests.web.actions.bench import NOW, a_key
from tests.web.actions.surgery import Surgery, open_surgery
from tests.web.actions.test_requests import AMLODIPINE, ask, sign, step

from pestle.pharmacy.practice.medicines_list import Standing
from pestle.pharmacy.record.lasts import days_of
from pestle.pharmacy.record.medication import CourseOfTherapy, Organisation
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import batches
from pestle.web.store import models, requests
from pestle.web.store import record as records
from pestle.wire.eps.cancellation import cancellation_response, read_cancellation
from pestle.wire.eps.codes import CancellationOutcome, CancellationReason
from pestle.wire.eps.order import read_order
from pestle.wire.fhir.tree import dump, parse


def _batch(surgery: Surgery, issues: int = 6) -> list[models.IssuedItem]:
    lines = [surgery.on_list(), surgery.on_list(AMLODIPINE)]
    batches.set_up(
        by=surgery.priya, now=NOW, key=a_key(), patient_id=surgery.patient().pk, issues=issues,
        listed=[line.id for line in lines], consent="by telephone",
    )  # fmt: skip
    changed = surgery.lines()
    assert {line.standing for line in changed} == {Standing.PREPARED}
    surgery.authorise(*changed)
    asked = ask(surgery, *(line.id for line in changed))
    step(surgery, "prepare", *asked)
    sign(surgery, *asked)
    return list(models.IssuedItem.objects.order_by("pk"))


def cancelled(surgery: Surgery, item: models.IssuedItem, who: str = "priya") -> models.ItemCancellation:
    done = batches.cancel_item(
        by=surgery.people[who], now=NOW, key=a_key(), item_id=item.pk,
        reason=CancellationReason.CLINICAL_GROUNDS, words="kidneys",
    )  # fmt: skip
    return models.ItemCancellation.objects.get(pk=done.result["cancellation"])


def answer_of(made: models.ItemCancellation, outcome: CancellationOutcome) -> bytes:
    cancellation = read_cancellation(parse(bytes(made.message.body)), now=NOW)
    return dump(
        cancellation_response(
            cancellation, outcome=outcome, message_id=str(uuid.uuid4()), at=NOW,
            sender=Organisation("X26", "The service"),
        )
    )  # fmt: skip


def _told(surgery: Surgery, item: models.IssuedItem, data: bytes, *, now: datetime = NOW) -> str:
    done = batches.take_answer(
        by=surgery.priya, now=now, key=a_key(), item_id=item.pk, data=data, name="answer.json"
    )
    return str(done.result["outcome"])


def test_a_batch_is_set_up_signed_and_taken_back_item_by_item(db: None) -> None:
    surgery = open_surgery()
    batches.nominate(
        by=surgery.priya, now=NOW, key=a_key(), patient_id=surgery.patient().pk, pharmacy="fzz01"
    )
    one, other = _batch(surgery)
    issued = one.prescription
    assert (issued.issues, issued.interval, issued.course) == (6, 28, "continuous-repeat-dispensing")
    # What is counted as issued is all of it: so much for so many days.
    assert set(models.Issue.objects.values_list("quantity", "days")) == {("168", 168)}
    known = records.load(surgery.patient(), now=NOW, zone=ZoneInfo("Europe/London")).orders or ()
    assert {days_of(each) for each in known if each.id.startswith("issue:")} == {Decimal(168)}
    sent = read_order(parse(bytes(issued.message.body)), now=NOW).prescription
    assert sent.nominated_pharmacy == "FZZ01"
    assert {line.course_of_therapy for line in sent.lines} == {CourseOfTherapy.REPEAT_DISPENSING}
    made = cancelled(surgery, one)
    asked = read_cancellation(parse(bytes(made.message.body)), now=NOW)
    assert (asked.line_id, asked.prescription_number) == (one.item_id, issued.number)
    assert asked.requested_by.name == surgery.priya.name
    with pytest.raises(Refused) as refused:
        cancelled(surgery, one)
    assert refused.value.rule == "cancel.waits"
    with pytest.raises(Refused) as refused:
        _told(surgery, one, answer_of(cancelled(surgery, other), CancellationOutcome.CANCELLED))
    assert refused.value.rule == "cancel.another-item"
    # With the pharmacy: it is not cancelled, and may be asked again.
    assert _told(surgery, one, answer_of(made, CancellationOutcome.WITH_DISPENSER)) == "R-0002"
    assert {line.issues for line in surgery.lines()} == {6}
    again = cancelled(surgery, one)
    assert _told(surgery, one, answer_of(again, CancellationOutcome.CANCELLED)) == "R-0001"
    assert sorted(line.issues for line in surgery.lines()) == [0, 6]
    with pytest.raises(Refused) as refused:
        cancelled(surgery, one)
    assert refused.value.rule == "cancel.done"
    not_found = (
        b'{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found","details":'
    )
    not_found += b'{"coding":[{"code":"R-0008","display":"Prescription/item not found"}]}}]}'
    assert _told(surgery, other, not_found) == "R-0008"


def test_what_cannot_be_a_batch_is_refused_by_name(db: None) -> None:
    surgery = open_surgery()
    patient, line = surgery.patient().pk, surgery.on_list()
    longer = surgery.on_list(replace(AMLODIPINE, days_supply=Decimal(56)))

    def rule(listed: list[int], issues: int = 6, consent: str = "by letter", who: str = "priya") -> str:
        with pytest.raises(Refused) as refused:
            batches.set_up(
                by=surgery.people[who], now=NOW, key=a_key(), patient_id=patient, listed=listed,
                issues=issues, consent=consent,
            )  # fmt: skip
        return refused.value.rule

    assert rule([line.id], consent="") == "batch.consent"
    assert rule([line.id], issues=14) == "batch.issues"
    assert rule([line.id], issues=1) == "batch.issues"
    assert rule([line.id, longer.id]) == "batch.days-differ"
    assert rule([]) == "list.no-such-line"
    assert rule([line.id], who="nina") == "list.role"
    with pytest.raises(Refused) as refused:
        batches.nominate(by=surgery.priya, now=NOW, key=a_key(), patient_id=patient, pharmacy="?")
    assert refused.value.rule == "nomination.code"
    (item,) = _one_item(surgery, line.id)
    for who, given, wanted in (("nina", item.pk, "list.role"), ("priya", 0, "item.unknown")):
        with pytest.raises(Refused) as refused:
            batches.cancel_item(
                by=surgery.people[who], now=NOW, key=a_key(), item_id=given, reason=None, words=""
            )
        assert refused.value.rule == wanted


def _one_item(surgery: Surgery, listed: int) -> list[models.IssuedItem]:
    asked = ask(surgery, listed)
    step(surgery, "prepare", *asked)
    sign(surgery, *asked)
    return list(models.IssuedItem.objects.all())


def test_an_issue_that_was_cancelled_was_not_made(db: None) -> None:
    surgery = open_surgery()
    patient, line = surgery.patient(), surgery.on_list()
    before, after = NOW - timedelta(days=25), NOW + timedelta(hours=1)
    models.Issue.objects.create(
        listed_id=line.id, order=models.ListedMedicine.objects.get().order, patient=patient,
        on=before.date(), days=28, recorded_at=before,
    )  # fmt: skip

    def on_record(at: datetime) -> list[date]:
        known = records.load(patient, now=at, zone=ZoneInfo("Europe/London"), as_known=True).orders or ()
        return [one.starts.first for one in known if one.id.startswith("issue:") and one.starts]

    def seen() -> tuple[list[date], list[date], date | None]:
        (now,) = surgery.lines()
        supplies = requests.supplies([now.id], on=NOW.date())[now.id]
        return [one.on for one in supplies], on_record(after), now.last_issued

    (item,) = _one_item(surgery, line.id)
    both = [before.date(), NOW.date()]
    assert seen() == (both, both, NOW.date())
    made = cancelled(surgery, item)
    assert seen() == (both, both, NOW.date())
    assert _told(surgery, item, answer_of(made, CancellationOutcome.CANCELLED), now=after) == "R-0001"
    assert on_record(NOW) == both
    assert seen() == ([before.date()], [before.date()], before.date())
    # Three days are left of the one before: what is asked for in place of the cancelled one is not early.
    (again,) = ask(surgery, line.id)
    step(surgery, "prepare", again)
