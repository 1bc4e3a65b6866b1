"""Supplied in part, owed, brought back and handed out: what is on record and what the service is told.

28 + 64 wanted → furosemide 28 and paracetamol 32 leave, 32 owed → 32 leave
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.web.actions.bench import (
    DIAZEPAM,
    FUROSEMIDE,
    FUROSEMIDE_28,
    FUROSEMIDE_28_B,
    NOW,
    PARACETAMOL,
    Bench,
    a_key,
)

from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.owing import Missing, OwingReason, Standing
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import assembly, owings
from pestle.web.store import models, orders, prescriptions, record, supplies, verify
from pestle.wire.eps.codes import ItemStatus, PrescriptionStatus
from pestle.wire.eps.dispense_notification import read_notification
from pestle.wire.eps.notification import SupplyNotification
from pestle.wire.fhir.tree import parse

LATER = NOW + timedelta(days=1)


def _rules(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [each.rule for each in refused.value.refusals]


def _told(hand_out: models.HandOut) -> SupplyNotification:
    assert hand_out.notification is not None
    return read_notification(parse(bytes(hand_out.notification.body)))


def _handed_out_in_part(bench: Bench) -> int:
    """Furosemide whole and half of the paracetamol; the other 32 are owed."""
    prescription = bench.at("assemble", FUROSEMIDE, PARACETAMOL)
    paracetamol = bench.lines(prescription)[1]
    bench.labels(prescription)
    bench.owe(paracetamol.pk, 32)
    bench.labels(prescription)
    bench.pick_all(prescription)
    bench.assembled(prescription)
    bench.passed(prescription)
    bench.handed_out(prescription)
    return prescription


def test_a_part_leaves_and_the_rest_later(bench: Bench) -> None:
    prescription = _handed_out_in_part(bench)
    row = bench.row(prescription)
    assert (row.step, row.closed_because) == ("owings", "")
    # Late from the evening of the promised day on.
    assert row.due_at == datetime(NOW.year, NOW.month, NOW.day + 1, 18, tzinfo=UTC)
    furosemide, paracetamol = bench.lines(prescription)
    assert (furosemide.state, paracetamol.state) == ("supplied", "open")
    assert prescriptions.standing(paracetamol) == Standing(64, supplied=32, owed=32)
    assert orders._wanted(bench.site.pk) == {orders.generic_of(paracetamol.product_id): 32}

    bench.rest(prescription, now=LATER)
    bench.labels(prescription, now=LATER)
    assert [label.amount for label in paracetamol.labels.filter(withdrawn=False)] == [32]
    bench.pick_all(prescription, now=LATER)
    bench.assembled(prescription, now=LATER)
    bench.passed(prescription, now=LATER)
    bench.handed_out(prescription, now=LATER)
    row = bench.row(prescription)
    assert (row.step, row.closed_because) == ("closed", "supplied")
    assert {line.state for line in bench.lines(prescription)} == {"supplied"}

    first, second = models.HandOut.objects.order_by("pk")
    assert [supply.pick.line.place for supply in first.supplies.order_by("pk")] == [1, 2]
    assert [supply.pick.line.place for supply in second.supplies.order_by("pk")] == [2]
    given, coming = supplies.of_patient(row.patient, zone=ZoneInfo("Europe/London"))
    assert [(one.line.place, one.amount, one.at) for one in given] == [
        (2, 32, LATER), (1, 28, NOW), (2, 32, NOW),
    ]  # fmt: skip
    assert not coming
    assert not verify.verify(bench.site).faults


def test_the_service_is_told_each_time_what_left_and_where_each_line_stands(bench: Bench) -> None:
    prescription = _handed_out_in_part(bench)
    bench.rest(prescription)
    bench.assemble(prescription)
    bench.passed(prescription)
    bench.handed_out(prescription)
    first, second = (_told(one) for one in models.HandOut.objects.order_by("pk"))
    assert first.status is PrescriptionStatus.WITH_DISPENSER_ACTIVE
    assert [(line.status, int(line.quantity.value)) for line in first.lines] == [
        (ItemStatus.FULLY_DISPENSED, 28), (ItemStatus.PARTLY_DISPENSED, 32),
    ]  # fmt: skip
    assert second.status is PrescriptionStatus.DISPENSED
    assert [(line.status, int(line.quantity.value)) for line in second.lines] == [
        (ItemStatus.FULLY_DISPENSED, 0), (ItemStatus.FULLY_DISPENSED, 32),
    ]  # fmt: skip


def test_a_line_of_which_nothing_left_is_told_as_owing(bench: Bench) -> None:
    prescription = bench.at("assemble", FUROSEMIDE, PARACETAMOL)
    bench.owe(bench.lines(prescription)[1].pk, 64)
    bench.assemble(prescription)
    bench.passed(prescription)
    bench.handed_out(prescription)
    told = _told(models.HandOut.objects.get())
    assert [(line.status, int(line.quantity.value)) for line in told.lines] == [
        (ItemStatus.FULLY_DISPENSED, 28), (ItemStatus.OWING, 0),
    ]  # fmt: skip


def test_nothing_that_left_comes_back(bench: Bench) -> None:
    prescription = _handed_out_in_part(bench)
    bench.rest(prescription)
    gone = models.Pick.objects.order_by("pk").first()
    assert gone is not None
    with pytest.raises(Refused) as refused:
        assembly.undo_pick(by=bench.tess, now=NOW, key=a_key(), pick_id=gone.pk)
    assert _rules(refused) == ["pick.gone"]
    assert not verify.verify(bench.site).faults


def test_all_of_it_owed_waits_without_a_bag(bench: Bench) -> None:
    prescription = bench.at("assemble")
    (line,) = bench.lines(prescription)
    bench.owe(line.pk, 28)
    with pytest.raises(Refused) as refused:
        bench.assembled(prescription)
    assert _rules(refused) == ["assembly.all-owed"]
    outcome = owings.owe_all(by=bench.tess, now=NOW, key=a_key(), prescription_id=prescription, seen=None)
    assert outcome.result["step"] == "owings"
    assert not models.HandOut.objects.exists()
    bench.rest(prescription)
    assert bench.row(prescription).step == "assemble"
    assert not bench.lines(prescription)[0].owed


def test_what_is_not_owed_is_still_to_be_picked(bench: Bench) -> None:
    prescription = bench.at("assemble")
    with pytest.raises(Refused) as refused:
        owings.owe_all(by=bench.tess, now=NOW, key=a_key(), prescription_id=prescription, seen=None)
    assert _rules(refused) == ["owing.not-all"]
    bench.labels(prescription)
    bench.owe(bench.lines(prescription)[0].pk, 14)
    with pytest.raises(Refused) as refused:
        bench.assembled(prescription)
    assert _rules(refused) == ["assembly.incomplete"]


def test_no_more_is_picked_than_leaves_this_time(bench: Bench) -> None:
    prescription = bench.at("assemble")
    (line,) = bench.lines(prescription)
    bench.owe(line.pk, 14)
    bench.labels(prescription)
    bench.stock(FUROSEMIDE_28, 1)
    bench.pick(line.pk, FUROSEMIDE_28)
    assert prescriptions.standing(line) == Standing(28, bagged=14)
    line.refresh_from_db()
    assert prescriptions.standing(line).missing == 0
    with pytest.raises(Refused) as refused:
        bench.owe(line.pk, 15)
    assert _rules(refused) == ["owing.too-much"]


def test_nothing_is_promised_after_the_last_day(bench: Bench) -> None:
    prescription = bench.at("assemble", DIAZEPAM)
    (line,) = bench.lines(prescription)
    with pytest.raises(Refused) as refused:
        bench.owe(line.pk, 28, promised_on=NOW.date() + timedelta(days=40))
    assert _rules(refused) == ["owing.after-last-day"]


def test_the_rest_is_withheld(bench: Bench) -> None:
    prescription = _handed_out_in_part(bench)
    bench.withhold(bench.lines(prescription)[1].pk, reason=NotDispensed.NOT_REQUIRED, words="has enough")
    row, line = bench.row(prescription), bench.lines(prescription)[1]
    assert (row.step, row.closed_because) == ("closed", "supplied")
    assert (line.state, line.state_code, line.owed) == ("supplied", "not_required", 0)


def test_a_bag_that_is_empty_after_all_leaves_only_what_is_owed(bench: Bench) -> None:
    prescription = bench.at("assemble", FUROSEMIDE, PARACETAMOL)
    furosemide, paracetamol = bench.lines(prescription)
    bench.owe(paracetamol.pk, 64)
    bench.assemble(prescription)
    bench.withhold(furosemide.pk)
    assert bench.row(prescription).step == "owings"


def test_the_record_knows_what_was_supplied_and_what_is_still_to_come(bench: Bench) -> None:
    prescription = _handed_out_in_part(bench)
    patient = bench.row(prescription).patient
    known = record.load(patient, now=LATER, zone=ZoneInfo("Europe/London"))
    assert [(str(one.quantity), one.on) for one in known.supplies or ()] == [
        ("28 tablets", NOW.date()), ("32 tablets", NOW.date()),
    ]  # fmt: skip
    assert [order.medication.written.text for order in known.orders or ()] == [PARACETAMOL.medicine]


def test_the_reason_of_each_missing_unit_is_kept(bench: Bench) -> None:
    prescription = bench.at("assemble", PARACETAMOL)
    (line,) = bench.lines(prescription)
    missing = [Missing(40, OwingReason.MANUFACTURER), Missing(24, OwingReason.SHELF)]
    bench.owe(line.pk, 0, missing=missing, promised_on=date(2026, 11, 5))
    kept = models.Owing.objects.get()
    assert (kept.amount, kept.promised_on) == (64, date(2026, 11, 5))
    assert kept.reasons == [{"reason": "manufacturer", "amount": 40}, {"reason": "shelf", "amount": 24}]


def _owed(bench: Bench, key: str, *, promised_on: date, amount: int = 28) -> int:
    """A prescription for 28 furosemide of which so many are owed, and nothing has left."""
    prescription = bench.at("assemble", key=key)
    bench.owe(bench.lines(prescription)[0].pk, amount, promised_on=promised_on)
    owings.owe_all(by=bench.tess, now=NOW, key=a_key(), prescription_id=prescription, seen=None)
    return prescription


def test_what_is_owed_comes_back_with_its_stock_in_the_order_of_promise(bench: Bench) -> None:
    later = _owed(bench, "a", promised_on=date(2026, 11, 6))
    sooner = _owed(bench, "b", promised_on=date(2026, 11, 5))
    assert owings.bring_back(by=bench.leon, now=NOW, key=a_key()) == []
    bench.stock(FUROSEMIDE_28, 1)
    assert owings.bring_back(by=bench.leon, now=NOW, key=a_key()) == [sooner]
    # It is on the shelf until it is picked, and is not promised to the next.
    assert owings.bring_back(by=bench.leon, now=NOW, key=a_key()) == []
    assert [bench.row(one).step for one in (later, sooner)] == ["owings", "assemble"]
    # Of another maker: it may be supplied all the same.
    bench.stock(FUROSEMIDE_28_B, 1)
    assert owings.bring_back(by=bench.leon, now=NOW, key=a_key()) == [later]
    events = models.AuditEvent.objects.filter(action="dispensary.assemble_rest").order_by("pk")
    assert [event.subject for event in events] == [f"prescription:{sooner}", f"prescription:{later}"]


def test_what_the_patient_left_for_later_waits_for_its_day(bench: Bench) -> None:
    prescription = bench.at("assemble")
    (line,) = bench.lines(prescription)
    bench.owe(line.pk, 28, reason=OwingReason.PATIENT, promised_on=date(2026, 11, 5))
    owings.owe_all(by=bench.tess, now=NOW, key=a_key(), prescription_id=prescription, seen=None)
    bench.stock(FUROSEMIDE_28, 1)
    assert owings.bring_back(by=bench.leon, now=NOW, key=a_key()) == []
    its_day = datetime(2026, 11, 5, 9, tzinfo=UTC)
    assert owings.bring_back(by=bench.leon, now=its_day, key=a_key()) == [prescription]


def test_what_may_not_be_used_brings_nothing_back(bench: Bench) -> None:
    _owed(bench, "a", promised_on=date(2026, 11, 5))
    bench.stock(FUROSEMIDE_28, 1, expiry="2026-11-03")
    assert owings.bring_back(by=bench.leon, now=datetime(2026, 11, 4, 9, tzinfo=UTC), key=a_key()) == []


def test_another_day_is_promised_with_its_reason(bench: Bench) -> None:
    prescription = _owed(bench, "a", promised_on=date(2026, 11, 5))
    (line,) = bench.lines(prescription)
    given: dict[str, Any] = {"by": bench.tess, "now": NOW, "line_id": line.pk, "seen": None}
    with pytest.raises(Refused) as refused:
        owings.promise(key=a_key(), promised_on=date(2026, 11, 1), words="", **given)
    assert _rules(refused) == ["owing.promise-past", "owing.no-words"]
    owings.promise(key=a_key(), promised_on=date(2026, 11, 9), words="not before Monday", **given)
    assert bench.row(prescription).due_at == datetime(2026, 11, 9, 18, tzinfo=UTC)
    last = models.Owing.objects.latest("pk")
    assert (last.amount, last.words, last.reasons) == (
        28, "not before Monday", [{"reason": "wholesaler", "amount": 28}],
    )  # fmt: skip
