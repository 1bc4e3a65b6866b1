"""A bag that nobody collects goes back to the shelf once, and what ended without a hand-out is told.

ready on 2 November → reminded on the 16th and the 23rd → back on the 30th
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.web.actions.bench import FUROSEMIDE, NOW, PARACETAMOL, SIGNED, Bench, a_key, ordered

from pestle.pharmacy.dispensary.clinical import Decision
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.uncollected import Way
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import assembly, uncollected
from pestle.web.store import models, prescriptions, verify
from pestle.wire.eps.codes import ItemStatus, NonDispensingReason, PrescriptionStatus
from pestle.wire.eps.dispense_notification import read_notification
from pestle.wire.eps.notification import SupplyNotification
from pestle.wire.fhir.tree import parse

RETURNED = NOW + timedelta(days=28)


def _rules(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [each.rule for each in refused.value.refusals]


def _told(message: models.Message) -> SupplyNotification:
    return read_notification(parse(bytes(message.body)))


def _remind(bench: Bench, prescription: int, *, days: int) -> None:
    uncollected.remind(
        by=bench.tess, now=NOW + timedelta(days=days), key=a_key(), prescription_id=prescription, seen=None,
        way=Way.TELEPHONE, words="comes on Monday",
    )  # fmt: skip


def _return(bench: Bench, prescription: int, *, now: datetime = RETURNED) -> None:
    uncollected.return_to_stock(by=bench.leon, now=now, key=a_key(), prescription_id=prescription, seen=None)


def _not_collected(bench: Bench) -> int:
    prescription = bench.at("hand_out", FUROSEMIDE, PARACETAMOL)
    _remind(bench, prescription, days=14)
    _remind(bench, prescription, days=21)
    _return(bench, prescription)
    return prescription


def test_nothing_goes_back_before_two_reminders_and_its_day(bench: Bench) -> None:
    prescription = bench.at("hand_out")
    for now, reminded, rule in (
        (NOW, 0, "not-due"),
        (RETURNED, 0, "not-reminded"),
        (RETURNED, 1, "not-reminded"),
        (RETURNED - timedelta(days=1), 2, "not-due"),
    ):
        while models.Reminder.objects.count() < reminded:
            _remind(bench, prescription, days=14 + 7 * models.Reminder.objects.count())
        with pytest.raises(Refused) as refused:
            _return(bench, prescription, now=now)
        assert _rules(refused) == [f"return-to-stock.{rule}"]
    _return(bench, prescription)
    assert bench.row(prescription).step == "closed"


def test_every_pack_goes_back_once_and_the_service_is_told(bench: Bench) -> None:
    prescription = _not_collected(bench)
    row = bench.row(prescription)
    assert (row.step, row.closed_because) == ("closed", "not_collected")
    assert {(line.state, line.state_code) for line in bench.lines(prescription)} == {
        ("withheld", "not_collected")
    }
    held = models.Balance.objects.filter(amount__gt=0, account__kind__in=("shelf", "prepared"))
    assert sorted(held.values_list("account__kind", "amount")) == [("shelf", 28), ("shelf", 64)]
    assert not models.Label.objects.filter(withdrawn=False).exists()
    assert not verify.verify(bench.site).faults
    with pytest.raises(Refused) as refused:
        _return(bench, prescription)
    assert _rules(refused) == ["worklist.already-done"]

    told = _told(models.Notified.objects.get().message)
    assert (told.status, told.reason) == (
        PrescriptionStatus.NOT_DISPENSED, NonDispensingReason.NOT_COLLECTED,
    )  # fmt: skip
    assert {(line.status, line.reason, int(line.quantity.value)) for line in told.lines} == {
        (ItemStatus.NOT_DISPENSED, NonDispensingReason.NOT_COLLECTED, 0)
    }


def test_it_is_opened_again_while_it_may_be_supplied_and_the_next_notification_replaces_that(
    bench: Bench,
) -> None:
    prescription = _not_collected(bench)
    uncollected.undo_return(by=bench.tess, now=RETURNED, key=a_key(), prescription_id=prescription, seen=None)
    row = bench.row(prescription)
    assert (row.step, row.closed_because) == ("assemble", "")
    assert not prescriptions.standing_picks(row)
    bench.assemble(prescription, now=RETURNED)
    bench.passed(prescription, now=RETURNED)
    bench.handed_out(prescription, now=RETURNED)
    first, second = models.Notified.objects.get().message, models.HandOut.objects.get().notification
    assert second is not None
    assert _told(second).replaces == _told(first).message_id
    assert _told(second).status is PrescriptionStatus.DISPENSED
    assert not verify.verify(bench.site).faults


def test_it_stays_closed_once_it_may_not_be_supplied(bench: Bench) -> None:
    prescription = _not_collected(bench)
    with pytest.raises(Refused) as refused:
        uncollected.undo_return(
            by=bench.tess, now=datetime(2027, 6, 1, tzinfo=UTC), key=a_key(), prescription_id=prescription,
            seen=None,
        )  # fmt: skip
    assert set(_rules(refused)) == {"validity.expired"}


def test_only_what_is_still_here_goes_back(bench: Bench) -> None:
    prescription = bench.at("assemble", FUROSEMIDE, PARACETAMOL)
    bench.owe(bench.lines(prescription)[1].pk, 32)
    for way in (bench.assemble, bench.passed, bench.handed_out, bench.rest, bench.assemble, bench.passed):
        way(prescription)
    _remind(bench, prescription, days=14)
    _remind(bench, prescription, days=21)
    _return(bench, prescription)
    held = models.Balance.objects.filter(amount__gt=0, account__kind__in=("shelf", "prepared", "patient"))
    assert sorted(held.values_list("account__kind", "amount")) == [
        ("patient", 28), ("patient", 32), ("shelf", 32),
    ]  # fmt: skip
    furosemide, paracetamol = bench.lines(prescription)
    assert (furosemide.state, furosemide.state_code) == ("supplied", "")
    assert (paracetamol.state, paracetamol.state_code) == ("supplied", "not_collected")
    told = _told(models.Notified.objects.get().message)
    assert told.status is PrescriptionStatus.DISPENSED
    assert [int(line.quantity.value) for line in told.lines] == [0, 0]
    gone = models.Pick.objects.exclude(supply=None)
    for pick in gone:
        with pytest.raises(Refused):
            assembly.undo_pick(by=bench.tess, now=RETURNED, key=a_key(), pick_id=pick.pk)


def test_what_ends_refused_or_withheld_is_told_with_its_reasons(bench: Bench) -> None:
    sent = ordered(FUROSEMIDE, PARACETAMOL, signed_at=SIGNED)
    refused = bench.at("clinical", FUROSEMIDE, PARACETAMOL)
    bench.decide(
        refused,
        decisions=[
            Decision(sent.lines[0].id, False, NotDispensed.ILLEGAL, "not signed"),
            Decision(sent.lines[1].id, False, NotDispensed.NOT_REQUIRED, "has enough"),
        ],
    )
    withheld = bench.at("assemble", key="b")
    bench.withhold(bench.lines(withheld)[0].pk, reason=NotDispensed.BOUGHT_OVER_THE_COUNTER, words="bought")
    first, second = (_told(one.message) for one in models.Notified.objects.order_by("pk"))
    assert [line.reason for line in first.lines] == [
        NonDispensingReason.ILLEGAL, NonDispensingReason.NOT_REQUIRED,
    ]  # fmt: skip
    assert first.reason is None
    assert second.reason is NonDispensingReason.BOUGHT_OVER_THE_COUNTER
    assert {one.status for one in (first, second)} == {PrescriptionStatus.NOT_DISPENSED}
