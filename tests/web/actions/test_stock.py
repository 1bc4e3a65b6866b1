"""Stock is moved and never set: what comes in, what is picked, and what is refused by name."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from tests.web.actions.bench import (
    DIAZEPAM_28,
    FUROSEMIDE,
    FUROSEMIDE_28,
    FUROSEMIDE_28_B,
    NOW,
    PARACETAMOL,
    PARACETAMOL_32,
    Bench,
    a_key,
    ordered,
    together,
)

from pestle.demo.messages import a_cancellation
from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.movement import Movement
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import assembly
from pestle.web.actions.once import Outcome
from pestle.web.store import ledger, models, prescriptions, verify
from pestle.wire.eps.codes import CancellationReason


def _balances() -> dict[tuple[str, str], int]:
    """What the accounts hold of each batch number, as the projection has it."""
    held: Counter[tuple[str, str]] = Counter()
    for row in models.Balance.objects.select_related("account", "batch"):
        held[row.batch.number, row.account.kind] += row.amount
    return {place: amount for place, amount in held.items() if amount}


def _added_up() -> dict[tuple[str, str], int]:
    """The same, added up from every movement: slow, and obvious."""
    sums: Counter[tuple[str, str]] = Counter()
    for row in models.Movement.objects.select_related("batch", "source", "target"):
        sums[row.batch.number, row.source.kind] -= row.amount
        sums[row.batch.number, row.target.kind] += row.amount
    return {place: amount for place, amount in sums.items() if amount}


def _labelled(bench: Bench, *items: Any, **how: Any) -> int:
    prescription = bench.at("assemble", *items, **how)
    bench.labels(prescription)
    return prescription


def _line(bench: Bench, prescription: int) -> int:
    return bench.lines(prescription)[0].pk


def test_a_delivery_a_pick_and_a_pack_put_back(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 3)
    assert _balances() == {("B1", "supplier"): -84, ("B1", "shelf"): 84}
    line = _line(bench, _labelled(bench))
    picked = bench.pick(line, FUROSEMIDE_28).result
    assert picked["left"] == 0
    assert _balances() == {("B1", "supplier"): -84, ("B1", "shelf"): 56, ("B1", "prepared"): 28}
    assembly.undo_pick(by=bench.tess, now=NOW, key=a_key(), pick_id=picked["pick"])
    assert _balances() == {("B1", "supplier"): -84, ("B1", "shelf"): 84}
    assert _balances() == _added_up()
    with pytest.raises(Refused) as refused:
        assembly.undo_pick(by=bench.tess, now=NOW, key=a_key(), pick_id=picked["pick"])
    assert refused.value.rule == "pick.undone"
    first, second = models.Movement.objects.filter(about=f"line:{line}").order_by("pk")
    assert (second.reverses_id, second.amount, second.reason) == (first.pk, 28, "undo_pick")
    assert prescriptions.picked(models.Line.objects.get(pk=line)) == 0


def test_what_is_handed_out_is_the_patients(bench: Bench) -> None:
    bench.at("closed", FUROSEMIDE, PARACETAMOL)
    assert _balances() == {("B1", "supplier"): -(28 + 64), ("B1", "patient"): 28 + 64}
    assert _balances() == _added_up()
    assert [verify.of_batch(batch) for batch in models.Batch.objects.all()] == [None, None]


@pytest.mark.parametrize("seed", range(4))
def test_balances_are_what_moved_whatever_happens(bench: Bench, seed: int) -> None:
    chance = random.Random(seed)
    line = _line(bench, _labelled(bench, PARACETAMOL))
    shelf, bag, picks = Counter[str](), Counter[str](), list[tuple[int, str, int]]()
    for _ in range(40):
        number = chance.choice("XYZ")
        match chance.choice(["receive", "pick", "pick", "undo"]):
            case "receive":
                packs = chance.randint(1, 2)
                bench.stock(PARACETAMOL_32, packs, number=number)
                shelf[number] += 32 * packs
            case "pick":
                amount = min(32, 64 - sum(bag.values()))
                try:
                    found = bench.pick(line, PARACETAMOL_32, number=number).result
                except Refused:
                    assert amount <= 0 or shelf[number] < amount
                else:
                    assert found["left"] == 64 - sum(bag.values()) - amount
                    shelf[number] -= amount
                    bag[number] += amount
                    picks.append((found["pick"], number, amount))
            case "undo" if picks:
                pick, number, amount = picks.pop(chance.randrange(len(picks)))
                assembly.undo_pick(by=bench.leon, now=NOW, key=a_key(), pick_id=pick)
                shelf[number] += amount
                bag[number] -= amount
    found_now = {place: amount for place, amount in _balances().items() if place[1] != "supplier"}
    expected = {(n, "shelf"): a for n, a in shelf.items() if a} | {
        (n, "prepared"): a for n, a in bag.items() if a
    }
    assert found_now == expected
    assert _balances() == _added_up()
    assert not [broken for batch in models.Batch.objects.all() if (broken := verify.of_batch(batch))]


def test_part_of_a_pack_is_taken_when_less_is_wanted(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 1, number="OLD")
    bench.stock(FUROSEMIDE_28_B, 1, number="NEW")
    prescription = _labelled(bench, replace(FUROSEMIDE, quantity="35"))
    line = _line(bench, prescription)
    assert bench.pick(line, FUROSEMIDE_28, number="OLD").result["left"] == 7
    with pytest.raises(Refused) as refused:
        bench.assembled(prescription)
    assert refused.value.rule == "assembly.incomplete"
    assert "7 tablets missing" in str(refused.value)
    assert bench.pick(line, FUROSEMIDE_28_B, number="NEW").result["left"] == 0
    assert [(pick.amount, pick.split) for pick in models.Pick.objects.order_by("pk")] == [
        (28, False),
        (7, True),
    ]
    bench.assembled(prescription)


# what is received -> the refusal
DELIVERIES: list[tuple[dict[str, Any], str]] = [
    ({"packs": 0}, "stock.packs"),
    ({"packs": -5}, "stock.packs"),
    ({"packs": 10_001}, "stock.packs"),
    ({"packs": 10**9}, "stock.packs"),
    ({"number": ""}, "stock.no-batch"),
    ({"number": "   "}, "stock.no-batch"),
    ({"number": "x" * 21}, "stock.no-batch"),
    ({"expiry": "2026-10"}, "stock.expired"),
    ({"expiry": "2026-11-01"}, "stock.expired"),
    ({"expiry": "soon"}, "expiry.not-a-date"),
    ({"expiry": "2028-13"}, "expiry.not-a-date"),
    ({"gtin": "9521999999997"}, "stock.unknown-pack"),
    ({"gtin": "9521000000774"}, "barcode.check-digit"),
    ({"gtin": "tablets"}, "barcode.not-a-gtin"),
]


@pytest.mark.parametrize(("changed", "rule"), DELIVERIES)
def test_deliveries_that_are_refused(bench: Bench, changed: dict[str, Any], rule: str) -> None:
    with pytest.raises(Refused) as refused:
        bench.stock(**{"gtin": FUROSEMIDE_28, "packs": 1, **changed})
    assert refused.value.rule == rule
    assert not models.Movement.objects.exists()


def test_a_pack_of_today_may_come_in_and_one_of_this_month(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 1, expiry="2026-11-02")
    bench.stock(FUROSEMIDE_28, 1, expiry="2026-11")
    assert models.Batch.objects.count() == 2


def test_stock_is_for_those_who_dispense(bench: Bench) -> None:
    acts: list[Callable[[], Outcome]] = [
        lambda: bench.stock(FUROSEMIDE_28, 1, by=bench.mo),
        lambda: bench.recall(FUROSEMIDE_28, "", by=bench.mo),
    ]
    for act in acts:
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.rule == "stock.role"


# recalled number, number on the pack -> recalled?
RECALLS = [
    ("", "B1", True),
    ("B1", "B1", True),
    ("b1", "B1", True),
    (" B1 ", " B1", True),
    ("B2", "B1", False),
]


@pytest.mark.parametrize(("recalled", "number", "stops"), RECALLS)
def test_a_recall_stops_receipt_and_pick(bench: Bench, recalled: str, number: str, stops: bool) -> None:
    bench.stock(FUROSEMIDE_28, 1, number="B1")
    line = _line(bench, _labelled(bench))
    bench.recall(FUROSEMIDE_28, recalled)
    acts: list[tuple[Callable[[], Outcome], str]] = [
        (lambda: bench.stock(FUROSEMIDE_28, 1, number=number), "stock.recalled"),
        (lambda: bench.pick(line, FUROSEMIDE_28, number=number), "pick.recalled"),
    ]
    for act, rule in acts:
        if stops:
            with pytest.raises(Refused) as refused:
                act()
            assert refused.value.rule == rule
            assert "EL(26)A/40" in str(refused.value)
        else:
            act()


def test_the_database_itself_keeps_a_held_balance_above_zero(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 1)
    held = models.Balance.objects.get(held=True)
    held.amount = -1
    with pytest.raises(IntegrityError), transaction.atomic():
        held.save()


def test_posting_refuses_more_than_there_is_and_writes_nothing(bench: Bench) -> None:
    batch = bench.stock(FUROSEMIDE_28, 1).result["batch"]
    shelf = ledger.account(bench.site.pk, AccountKind.SHELF)
    waste = ledger.account(bench.site.pk, AccountKind.WASTE)

    def out(amount: int) -> Movement:
        return Movement(batch, shelf, waste, amount, NOW, NOW, bench.tess.id, "k", Reason.WASTE)

    with pytest.raises(Refused) as refused, transaction.atomic():
        ledger.post([out(20), out(9)])
    assert refused.value.rule == "stock.not-in-stock"
    assert _balances() == _added_up() == {("B1", "supplier"): -28, ("B1", "shelf"): 28}
    ledger.post([out(20), out(8)])
    assert _balances() == _added_up() == {("B1", "supplier"): -28, ("B1", "waste"): 28}
    assert verify.of_batch(models.Batch.objects.get()) is None


# A hazard that another system accepted, and what is said of it here.
def _hazards(bench: Bench) -> dict[str, tuple[Callable[[], Outcome], str]]:
    line = _line(bench, _labelled(bench))
    bench.stock(FUROSEMIDE_28, 1)
    bench.stock(DIAZEPAM_28, 1)
    soon = NOW + timedelta(days=800)
    entering = bench.at("entry", key="b")
    cancelled = bench.at("entry", key="c")
    bench.receive(a_cancellation(ordered(key="c"), place=0, reason=CancellationReason.PRESCRIBING_ERROR))
    supplied = bench.at("closed", key="d")

    def entered(**changed: str) -> Callable[[], Outcome]:
        answers = [replace(answer, **changed) for answer in bench.answers(entering)]  # type: ignore[arg-type]
        return lambda: bench.enter(entering, answers=answers)

    return {
        "minus five tablets": (entered(quantity="-5"), "entry.other-quantity"),
        "no tablets": (entered(quantity="0"), "entry.other-quantity"),
        "10^9 tablets": (entered(quantity="1000000000"), "entry.other-quantity"),
        "10^9 tablets, written as a power": (entered(quantity="1e9"), "quantity.not-a-number"),
        "9999 for an order of 28": (entered(quantity="9999"), "entry.other-quantity"),
        "half of a comma": (entered(quantity="2,8"), "quantity.not-a-number"),
        "no directions": (entered(directions=" "), "entry.no-directions"),
        "another product": (lambda: bench.pick(line, DIAZEPAM_28), "equivalence.other-medicine"),
        "a batch long expired": (lambda: bench.pick(line, FUROSEMIDE_28, now=soon), "pick.expired"),
        "a batch that never came": (
            lambda: bench.pick(line, FUROSEMIDE_28, number="B9"), "stock.not-in-stock",
        ),
        "another expiry than received": (
            lambda: bench.pick(line, FUROSEMIDE_28, expiry="2029-01"), "stock.not-in-stock",
        ),
        "a code of no pack": (lambda: bench.pick(line, "9521999999997"), "pick.unknown-pack"),
        "a cancelled order": (
            lambda: bench.pick(bench.lines(cancelled)[0].pk, FUROSEMIDE_28), "worklist.not-at-step",
        ),
        "handing out twice": (lambda: bench.handed_out(supplied), "worklist.already-done"),
        "handing out what nobody checked": (lambda: bench.handed_out(entering), "worklist.not-at-step"),
        "packs before labels": (
            lambda: bench.pick(_line(bench, bench.at("assemble", key="e")), FUROSEMIDE_28), "pick.no-labels",
        ),
        "a line of nobody": (lambda: bench.pick(10**9, FUROSEMIDE_28), "line.unknown"),
    }  # fmt: skip


def test_hazards_that_are_refused_by_name(bench: Bench) -> None:
    hazards = _hazards(bench)
    for hazard, (act, rule) in hazards.items():
        before = _added_up()
        with pytest.raises(Refused) as refused:
            act()
        found = [each.rule for each in refused.value.refusals]
        assert rule in found, (hazard, found)
        assert _balances() == _added_up() == before, hazard


def test_more_than_the_stock_is_not_picked(bench: Bench) -> None:
    line = _line(bench, _labelled(bench, PARACETAMOL))
    bench.stock(PARACETAMOL_32, 1)
    assert bench.pick(line, PARACETAMOL_32).result["left"] == 32
    with pytest.raises(Refused) as refused:
        bench.pick(line, PARACETAMOL_32)
    assert refused.value.rule == "stock.not-in-stock"
    assert refused.value.refusals[0].reason == (
        "32 tablets wanted, and the shelf holds 0 tablets of this batch"
    )


def test_a_batch_is_never_oversold(own_bench: Bench) -> None:
    found = [_labelled(own_bench, key=str(number)) for number in range(8)]
    batch = own_bench.stock(FUROSEMIDE_28, 5).result["batch"]
    own = [_line(own_bench, prescription) for prescription in found]
    done, refused = together(*(lambda line=line: own_bench.pick(line, FUROSEMIDE_28) for line in own))
    assert len(done) == 5
    assert [each.rule for each in refused] == ["stock.not-in-stock"] * 3
    assert _balances() == _added_up() == {("B1", "supplier"): -140, ("B1", "prepared"): 140}
    assert verify.of_batch(models.Batch.objects.get(pk=batch)) is None
    assert models.Pick.objects.count() == 5


def test_two_deliveries_of_a_new_batch_in_one_moment_are_one_batch(own_bench: Bench) -> None:
    done, refused = together(*(lambda: own_bench.stock(FUROSEMIDE_28, 2) for _ in range(4)))
    assert (len(done), refused) == (4, [])
    assert models.Batch.objects.count() == 1
    assert _balances() == {("B1", "supplier"): -224, ("B1", "shelf"): 224}
    assert verify.of_batch(models.Batch.objects.get()) is None
