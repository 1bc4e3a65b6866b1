"""How repeats are ordered, what is worth what, and what the service told of the items that were signed."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import NOW, a_key
from tests.web.actions.surgery import FUROSEMIDE, Surgery, open_surgery
from tests.web.actions.test_batches import answer_of, cancelled
from tests.web.actions.test_requests import AMLODIPINE, ask, sign, step
from tests.web.desk import Desk, stand_still

from pestle.pharmacy.dosage.dose import Dosage, DosageStep
from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.change import revise
from pestle.pharmacy.practice.out_of_step import OutOfStep
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.record.medication import Organisation, Practitioner
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import batches, messages, tariffs
from pestle.web.jobs.monitoring import work_out
from pestle.web.store import models, ordering, requests
from pestle.wire.eps.codes import CancellationOutcome, ItemStatus, NonDispensingReason, WithdrawReason
from pestle.wire.eps.dispense_notification import write_notification
from pestle.wire.eps.notification import SuppliedLine, SupplyNotification, notification_for
from pestle.wire.eps.order import read_order
from pestle.wire.eps.task import Withdrawn, write_task
from pestle.wire.fhir.tree import dump, parse

PHARMACY = Organisation("FZZ01", "High Street Pharmacy")
ADAM = Practitioner("Adam Patel")
LATER = NOW + timedelta(days=3)


def issued(listed_id: int, *days_ago: int, quantity: str = "28") -> None:
    listed = models.ListedMedicine.objects.get(pk=listed_id)
    for ago in days_ago:
        on = NOW.date() - timedelta(days=ago)
        models.Issue.objects.create(
            listed=listed, order=listed.order, patient=listed.patient, on=on, days=28, quantity=quantity,
            unit="tablet", recorded_at=NOW,
        )  # fmt: skip
        listed.last_issued = max(on, listed.last_issued or on)
    listed.save()


def signed(surgery: Surgery) -> list[models.IssuedItem]:
    lines = ask(surgery, surgery.on_list().id, surgery.on_list(AMLODIPINE).id)
    step(surgery, "prepare", *lines)
    sign(surgery, *lines)
    return list(models.IssuedItem.objects.order_by("pk"))


def supplied(
    item: models.IssuedItem, *statuses: ItemStatus, at: datetime = LATER, replaces: str | None = None
) -> SupplyNotification:
    order = read_order(parse(bytes(item.prescription.message.body)), now=at).prescription
    lines = tuple(
        SuppliedLine(
            line, str(uuid.uuid4()), status, line.medication,
            line.quantity or Quantity(Decimal(0), AMLODIPINE.quantity.unit),  # type: ignore[union-attr]
            line.dosage or Dosage((DosageStep(text="as directed"),)),
            NonDispensingReason.NOT_COLLECTED if status is ItemStatus.NOT_DISPENSED else None,
        )
        for line, status in zip(order.lines, statuses, strict=True)
    )  # fmt: skip
    return notification_for(
        order, lines=lines, pharmacy=PHARMACY, performer=ADAM, at=at, message_id=str(uuid.uuid4()),
        in_response_to=str(uuid.uuid4()), replaces=replaces,
    )  # fmt: skip


def told(surgery: Surgery, body: bytes) -> str:
    done = messages.receive(
        by=surgery.priya, now=LATER, key=a_key(), data=body, name="told.json", way="upload"
    )
    return str(done.result["outcome"])


def standing() -> list[tuple[str, str]]:
    return list(models.ItemStanding.objects.order_by("pk").values_list("told", "why"))


def test_a_practice_hears_what_became_of_each_item(db: None) -> None:
    surgery = open_surgery()
    item, _ = signed(surgery)
    assert standing() == [("", ""), ("", "")]
    first = supplied(item, ItemStatus.FULLY_DISPENSED, ItemStatus.NOT_DISPENSED)
    assert told(surgery, dump(write_notification(first))) == "accepted"
    assert standing() == [("dispensed", ""), ("not dispensed", "Patient did not collect medication")]
    # One that happened before and comes later changes nothing; what it replaces counts no longer.
    late = supplied(item, ItemStatus.OWING, ItemStatus.OWING, at=LATER - timedelta(days=1))
    told(surgery, dump(write_notification(late)))
    assert standing()[1] == ("not dispensed", "Patient did not collect medication")
    again = supplied(
        item, ItemStatus.FULLY_DISPENSED, ItemStatus.FULLY_DISPENSED, replaces=first.message_id,
        at=LATER - timedelta(hours=1),
    )  # fmt: skip
    told(surgery, dump(write_notification(again)))
    assert standing() == [("dispensed", ""), ("dispensed", "")]
    number = surgery.patient().nhs_number
    assert number is not None
    back = Withdrawn(
        str(uuid.uuid4()), LATER, item.prescription.number, again.message_id, again.nhs_number,
        WithdrawReason.MEDICATION, PHARMACY, again.performer,
    )  # fmt: skip
    assert told(surgery, dump(write_task(back))) == "accepted"
    assert standing() == [("owing", ""), ("owing", "")]


def test_a_cancelled_item_stays_so_when_what_was_told_of_it_is_taken_back(db: None) -> None:
    surgery = open_surgery()
    item, _ = signed(surgery)
    first = supplied(item, *[ItemStatus.NOT_DISPENSED] * 2)
    told(surgery, dump(write_notification(first)))
    answer = answer_of(cancelled(surgery, item), CancellationOutcome.CANCELLED)
    batches.take_answer(by=surgery.priya, now=LATER, key=a_key(), item_id=item.pk, data=answer, name="a.json")
    assert standing() == [("cancelled", ""), ("not dispensed", "Patient did not collect medication")]
    back = Withdrawn(
        str(uuid.uuid4()), LATER, item.prescription.number, first.message_id, first.nhs_number,
        WithdrawReason.MEDICATION, PHARMACY, first.performer,
    )  # fmt: skip
    told(surgery, dump(write_task(back)))
    assert standing() == [("cancelled", ""), ("", "")]


def test_what_another_practice_signed_is_kept_and_tells_nothing(db: None) -> None:
    surgery = open_surgery()
    item, _ = signed(surgery)
    body = dump(write_notification(supplied(item, *[ItemStatus.FULLY_DISPENSED] * 2)))
    models.Patient.objects.update(nhs_number=None)
    assert told(surgery, body) == "not_for_us"
    assert standing() == [("", ""), ("", "")]
    assert not models.DispensingSaid.objects.exists()


def _tariff(*lines: str) -> bytes:
    heading = "Medicine,Pack size,,VMP Snomed Code,VMPP Snomed Code,Drug Tariff Category,Basic Price"
    return "\n".join(("Drug Tariff Part VIIIA", heading, *lines)).encode()


def test_what_is_in_hand_is_worth_what_the_tariff_of_the_month_says(db: None) -> None:
    surgery = open_surgery()
    line = surgery.on_list()
    issued(line.id, 80, 60, 40, 20, 0, quantity="56")
    ordering.project(surgery.patient(), on=NOW.date())
    product = models.ListedMedicine.objects.get(pk=line.id).product_id

    def take_in(month: date, pence: str, by: Person = surgery.priya) -> None:
        data = _tariff(
            f"Furosemide 40mg tablets,28,tablet,{product},1234567890,Part VIIIA Category M,{pence}"
        )
        tariffs.take_in(by=by, now=NOW, key=a_key(), month=month, data=data, name="nov\x00.csv")

    def worth() -> tuple[int, date | None] | None:
        (found,) = ordering.over(surgery.site.pk, on=NOW.date())
        return (found.worth.pence, found.worth.price.month) if found.worth else None

    assert worth() is None
    take_in(date(2026, 10, 15), "100")
    take_in(date(2026, 11, 2), "77")
    assert worth() == (176, date(2026, 11, 1))
    # What comes next month counts next month; the latest file of a month counts.
    take_in(date(2026, 12, 1), "500")
    take_in(date(2026, 11, 2), "84")
    assert worth() == (192, date(2026, 11, 1))
    for month, pence, by, rule in (
        (date(2027, 1, 1), "84", surgery.priya, "tariff.month-ahead"),
        (date(2026, 11, 1), "x", surgery.priya, "tariff.price"),
        (date(2026, 11, 1), "84", surgery.nina, "tariff.role"),
    ):
        with pytest.raises(Refused) as refused:
            take_in(month, pence, by)
        assert refused.value.rule == rule
    assert models.TariffPrice.objects.count() == 4
    assert models.Tariff.objects.latest("pk").name == "nov?.csv"


def test_what_was_issued_before_a_change_of_dose_is_no_surplus(db: None) -> None:
    surgery = open_surgery()
    line, today = surgery.on_list(), NOW.date()
    issued(line.id, 80, 60, 40, 20, 0, quantity="56")
    ordering.project(surgery.patient(), on=today)
    assert [one.listed_id for one in ordering.over(surgery.site.pk, on=today)] == [line.id]
    # Another number of issues is no change of what is taken.
    surgery.change(revise(line, replace(FUROSEMIDE, issues_allowed=12), "a year"))
    assert len(ordering.over(surgery.site.pk, on=today)) == 1
    (line,) = surgery.lines()
    with CaptureQueriesContext(connection) as queries:
        several = requests.supplies([line.id], on=today)[line.id]
    assert (len(queries), [one.otherwise for one in several]) == (2, [False] * 5)
    two = Dosage((DosageStep(text="Take two tablets in the morning"),))
    surgery.change(revise(line, replace(FUROSEMIDE, dosage=two), "fluid overload"))
    assert ordering.over(surgery.site.pk, on=today) == []
    assert list(ordering.differences(surgery.site, on=today)) == []
    several = requests.supplies([line.id], on=today)[line.id]
    # The last issue is still the last: a request the day after is early.
    assert ([one.otherwise for one in several], several[-1].on) == ([True] * 5, today)


def test_what_is_out_of_step_is_listed_priced_and_sent_once(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_still(monkeypatch, NOW + timedelta(hours=1))
    surgery = open_surgery()
    over, old = surgery.on_list(), surgery.on_list(AMLODIPINE)
    issued(over.id, 80, 60, 40, 20, 0, quantity="56")
    issued(old.id, 400, 230)
    patient = surgery.patient()
    work_out(patient, now=NOW)
    (found,) = ordering.over(surgery.site.pk, on=NOW.date())
    assert (found.listed_id, found.surplus.units, found.surplus.items) == (over.id, Decimal(64), 1)
    assert list(ordering.differences(surgery.site, on=NOW.date())) == []
    desk = Desk(surgery.priya)
    with CaptureQueriesContext(connection) as few:
        status, page = desk.get("/practice/ordering/?show=over")
    assert status == 200
    assert "64 tablets (1 item) beyond one issue" in page
    assert "price not known" in page
    status, page = desk.get("/practice/ordering/?show=not-ordered")
    assert "230 days ago" in page
    for _ in range(2):
        desk.post("/practice/ordering/?show=not-ordered", {"row": str(old.id)})
    (task,) = models.PatientTask.objects.all()
    assert (task.kind, task.origin) == ("repeats", f"not-ordered:{old.id}")
    file = desk.client.get("/practice/ordering.csv?show=not-ordered").content.decode()
    assert file.count("\n") == 2
    # A signed item is not known to be collected after four weeks; whatever their number, the queries are.
    signed(surgery)
    stand_still(monkeypatch, NOW + timedelta(days=29))
    assert ordering.items(surgery.site.pk, OutOfStep.NOT_KNOWN, on=NOW.date()).count() == 0
    for number in range(3):
        issued(surgery.on_list(patient=surgery.patient()).id, 80, 60, 40, 20, number)
    work_out(patient, now=NOW)
    with CaptureQueriesContext(connection) as many:
        status, page = desk.get("/practice/ordering/?show=over")
    assert status == 200
    assert len(many) <= len(few)
    assert "nothing was heard since" in Desk(surgery.priya).get("/practice/ordering/?show=not-known")[1]
    assert "not known to be collected" in Desk(surgery.priya).get("/practice/signed/")[1]
