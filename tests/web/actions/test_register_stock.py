"""Stock of the register that moves by its own steps: back to the supplier, into quarantine, to a ward;
counted in a stock-take; received late. And the order in which all of it stands in the book."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections, transaction
from tests.web.actions.bench import FUROSEMIDE_28, MORPHINE, MORPHINE_60, NOW, WHOLESALER, Bench, a_key

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.controlled import EntryKind, Source
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import assembly, differences, moving, register_stock, stock_takes, transfers
from pestle.web.actions.once import Outcome
from pestle.web.store import ledger, models, register, verify

ZONE = ZoneInfo("Europe/London")
SHELF, WARD = (AccountKind.SHELF, ""), (AccountKind.WARD, "Ash")
NOTE = Source(WHOLESALER.name, WHOLESALER.address, "RN-7")


def _rules(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [each.rule for each in refused.value.refusals]


def _page(bench: Bench) -> register.Page:
    (page,) = register.pages(bench.site.pk)
    return page


def _last(bench: Bench) -> register.Entry:
    return register.everything(bench.site.pk, _page(bench), zone=ZONE)[-1]


def _returned(bench: Bench, batch: int, **other: Any) -> Outcome:
    given = {
        "by": bench.tess, "now": NOW, "key": a_key(), "page_id": _page(bench).id, "batch_id": batch,
        "source": SHELF, "amount": 60, "why": "not ordered", "supplier": NOTE, "authority": "Licence 1234",
    }  # fmt: skip
    return register_stock.return_to_supplier(**{**given, **other})


def set_aside(bench: Bench, batch: int, **other: Any) -> Outcome:
    given = {
        "by": bench.tess, "now": NOW, "key": a_key(), "page_id": _page(bench).id, "batch_id": batch,
        "source": SHELF, "amount": 10, "why": "box is crushed", "second": bench.leon,
    }  # fmt: skip
    return register_stock.set_aside(**{**given, **other})


def _sent(bench: Bench, batch: int, **other: Any) -> Outcome:
    given = {
        "by": bench.tess, "now": NOW, "key": a_key(), "source": SHELF, "target": WARD, "amounts": {batch: 20},
        "carrier": "Pat the porter", "ordered_by": "Nurse Joy Adu",
    }  # fmt: skip
    return transfers.send(**{**given, **other})


def test_a_return_to_the_supplier_is_entered_with_their_authority(bench: Bench) -> None:
    batch = bench.stock(MORPHINE_60, 2).result["batch"]
    _returned(bench, batch)
    last = _last(bench)
    assert (last.kind, last.supplied, last.balance) == (EntryKind.SUPPLIED, "60 tablets", "60 tablets")
    beside = last.particulars
    assert beside is not None
    assert (beside.party_name, beside.party_address, beside.authority, beside.document) == (
        WHOLESALER.name, WHOLESALER.address, "Licence 1234", "RN-7")  # fmt: skip
    assert register.suppliers_of(bench.site.pk, _page(bench)) == [(WHOLESALER.name, WHOLESALER.address)]
    assert verify.verify(bench.site).faults == []


@pytest.mark.parametrize(
    ("other", "rules"),
    [
        ({"supplier": Source(), "authority": ""},
         ["controlled.no-supplier", "controlled.no-supplier-address", "controlled.no-return-note",
          "controlled.no-authority"]),
        ({"why": ""}, ["stock.no-reason"]),
        ({"amount": 0}, ["ledger.not-positive"]),
        ({"amount": 121}, ["stock.more-than-received"]),
        ({"batch_id": 999}, ["stock.unknown-batch"]),
    ],
)  # fmt: skip
def test_a_return_that_is_refused_leaves_nothing(
    bench: Bench, other: dict[str, Any], rules: list[str]
) -> None:
    batch = bench.stock(MORPHINE_60, 2).result["batch"]
    before = models.AuditEvent.objects.count()
    with pytest.raises(Refused) as refused:
        _returned(bench, batch, **other)
    assert _rules(refused) == rules
    assert models.AuditEvent.objects.count() == before


def test_two_set_it_aside_and_a_pharmacist_releases_it_before_a_second(bench: Bench) -> None:
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    other = bench.stock(FUROSEMIDE_28, 1).result["batch"]
    for wrong, rules in (
        ({"second": bench.tess}, ["witness.own"]),
        ({"second": bench.mo}, ["witness.role"]),
        ({"why": ""}, ["stock.no-reason"]),
        ({"batch_id": other}, ["register.other-page"]),
    ):
        with pytest.raises(Refused) as refused:
            set_aside(bench, batch, **wrong)
        assert _rules(refused) == rules
    set_aside(bench, batch)
    released = {"source": (AccountKind.QUARANTINE, ""), "release_to": SHELF, "why": "maker says it is good"}
    with pytest.raises(Refused) as refused:
        set_aside(bench, batch, **released)
    assert _rules(refused) == ["stock.role"]
    set_aside(bench, batch, **released, by=bench.ruth)
    assert [one.balance for one in register.everything(bench.site.pk, _page(bench), zone=ZONE)] == [
        "60 tablets"
    ], "it is no entry"
    rows = register.set_aside(bench.site.pk, _page(bench))
    assert [(one.movement.reason, one.amount, one.second) for one in rows] == [
        ("release", "10 tablets", "Leon Brandt"), ("quarantine", "10 tablets", "Leon Brandt")]  # fmt: skip
    assert verify.verify(bench.site).faults == []


@pytest.mark.parametrize("reason", [Reason.QUARANTINE, Reason.RELEASE])
def test_no_plain_move_sets_it_aside(bench: Bench, reason: Reason) -> None:
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    ends = (SHELF, (AccountKind.QUARANTINE, ""))
    with pytest.raises(Refused) as refused:
        moving.move(
            by=bench.ruth, now=NOW, key=a_key(), reason=reason, batch_id=batch, amount=1, why="because",
            source=ends[reason is Reason.RELEASE], target=ends[reason is Reason.QUARANTINE],
        )  # fmt: skip
    assert _rules(refused) == ["controlled.own-action"]


def test_a_difference_in_a_stock_take_is_signed_in_the_margin_and_opened(bench: Bench) -> None:
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    shelf = models.Account.objects.get(kind="shelf").pk
    take = stock_takes.begin(by=bench.tess, now=NOW, key=a_key(), account_id=shelf).result["take"]
    for person in (bench.tess, bench.leon):
        stock_takes.count(by=person, now=NOW, key=a_key(), take_id=take, batch_id=batch, found=58)
    last = _last(bench)
    assert (last.kind, last.balance) == (EntryKind.DIFFERENCE, "58 tablets")
    (note,) = last.notes
    assert note.words == "Book 60 tablets, found 58 tablets; counted by Tess Okafor and Leon Brandt"
    assert note.by_id == bench.leon.id
    assert models.Discrepancy.objects.get().movement_id == last.movement.pk
    with pytest.raises(Refused) as refused:
        differences.count(
            by=bench.tess, now=NOW, key=a_key(), batch_id=batch, kind=AccountKind.SHELF, found=57, why="alone"
        )
    assert _rules(refused) == ["controlled.own-action"]
    assert verify.verify(bench.site).faults == []


def test_a_pack_in_the_hand_that_the_book_lacks_is_signed_too(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1, number="B0")
    prescription = bench.take_in(MORPHINE)
    bench.enter(prescription)
    bench.decide(prescription)
    bench.labels(prescription)
    (line,) = bench.lines(prescription)
    assembly.pick(
        by=bench.tess, now=NOW, key=a_key(), line_id=line.pk, gtin=MORPHINE_60, number="B9",
        expiry_text="2028-01", scanned="", in_hand=True,
    )  # fmt: skip
    last = _last(bench)
    assert (last.kind, last.received) == (EntryKind.DIFFERENCE, "60 tablets")
    assert len(last.notes) == 1
    assert verify.verify(bench.site).faults == []


def test_what_goes_to_a_ward_says_who_ordered_carried_and_received_it(bench: Bench) -> None:
    batch = bench.stock(MORPHINE_60, 1).result["batch"]
    with pytest.raises(Refused) as refused:
        _sent(bench, batch, ordered_by="")
    assert _rules(refused) == ["controlled.no-orderer"]
    transfer = _sent(bench, batch).result["transfer"]
    last = _last(bench)
    assert (last.supplied, last.balance) == ("20 tablets", "40 tablets")
    beside = last.particulars
    assert beside is not None
    assert (beside.party_name, beside.authority, beside.collector_name) == (
        "Ash", "Ordered by Nurse Joy Adu", "carried by Pat the porter")  # fmt: skip
    given: dict[str, Any] = {"by": bench.leon, "now": NOW, "transfer_id": transfer, "amounts": {batch: 20}}
    for wrong, rule in (
        ({}, "controlled.no-receiver"),
        ({"reason": Reason.WASTE, "why": "dropped"}, "controlled.own-action"),
        ({"reason": Reason.QUARANTINE, "why": "wet"}, "controlled.own-action"),
    ):
        with pytest.raises(Refused) as refused:
            transfers.settle(**{"key": a_key(), **given, **wrong})
        assert _rules(refused) == [rule]
    transfers.settle(key=a_key(), received_by="Sister Ann Lee", **given)
    arrived = models.RegisterParticulars.objects.latest("pk")
    assert (arrived.movement.reason, arrived.collector_name) == ("arrive", "received by Sister Ann Lee")
    assert len(register.everything(bench.site.pk, _page(bench), zone=ZONE)) == 2, "the ward's book is its own"
    back = _sent(bench, batch, source=WARD, target=SHELF, amounts={batch: 5}).result["transfer"]
    transfers.settle(key=a_key(), received_by="Leon Brandt", **{**given, "transfer_id": back,
                     "amounts": {batch: 5}})  # fmt: skip
    last = _last(bench)
    assert (last.received, last.balance) == ("5 tablets", "45 tablets")
    assert last.particulars is not None
    assert last.particulars.party_name == "Ash"
    assert verify.verify(bench.site).faults == []


@pytest.mark.parametrize(
    ("received_on", "belated"),
    [(None, False), (date(2026, 11, 2), False), (date(2026, 11, 1), False), (date(2026, 10, 31), True)],
)
def test_a_receipt_may_be_entered_later_and_then_says_so(
    bench: Bench, received_on: date | None, belated: bool
) -> None:
    result = bench.stock(MORPHINE_60, 1, received_on=received_on).result
    last = _last(bench)
    assert (result["belated"], last.belated) == (belated, belated)
    assert last.on == (received_on or NOW.date())
    assert verify.verify(bench.site).faults == []


def test_nothing_is_received_on_a_day_to_come(bench: Bench) -> None:
    with pytest.raises(Refused) as refused:
        bench.stock(MORPHINE_60, 1, received_on=date(2026, 11, 3))
    assert _rules(refused) == ["stock.received-later"]
    assert not bench.stock(FUROSEMIDE_28, 1, received_on=date(2026, 10, 1)).result["belated"], "no entry"


def test_entries_stand_as_they_were_written_whenever_they_happened(bench: Bench) -> None:
    first = bench.stock(MORPHINE_60, 1, number="N2").result["batch"]
    bench.stock(MORPHINE_60, 2, number="N1", received_on=date(2026, 10, 20), now=NOW + timedelta(hours=1))
    _returned(bench, first, amount=10, now=NOW + timedelta(hours=2))
    bench.stock(MORPHINE_60, 1, number="N2", received_on=date(2026, 10, 21), now=NOW + timedelta(hours=3))
    found = register.everything(bench.site.pk, _page(bench), zone=ZONE)
    assert [one.balance for one in found] == ["60 tablets", "180 tablets", "170 tablets", "230 tablets"]
    ids = [one.movement.pk for one in found]
    assert ids == sorted(ids)


def test_an_entry_waits_for_the_one_before_it_also_where_the_batch_is_another(own_bench: Bench) -> None:
    """Else one could be written down between two that somebody has read already."""
    batch = own_bench.stock(MORPHINE_60, 1, number="N1").result["batch"]
    begun, done = threading.Event(), threading.Event()

    def other() -> Outcome:
        try:
            begun.wait(10)
            return own_bench.stock(MORPHINE_60, 2, number="N2")
        finally:
            done.set()
            connections.close_all()

    supplier, shelf = ledger.accounts(own_bench.site.pk, (AccountKind.SUPPLIER, ""), SHELF)
    entry = Movement(batch, supplier, shelf, 5, NOW, NOW, own_bench.tess.id, a_key(), Reason.RECEIPT)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(other)
        with transaction.atomic():
            (first,) = ledger.post([entry])
            begun.set()
            assert not done.wait(1), "it did not wait"
        waiting.result(20)
    found = register.everything(own_bench.site.pk, _page(own_bench), zone=ZONE)
    assert [one.balance for one in found] == ["60 tablets", "65 tablets", "185 tablets"]
    assert found[1].movement.pk == first.pk < found[2].movement.pk
