"""Any commands of the ledger, in any order, right or wrong, early or late, once or twice: the book is
always what a slow twin in memory says, and `verify` finds nothing to say.

The twin keeps a plain list of everything that moved and adds it up from the start whenever it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.spec.ledger.test_routes import ALLOWED
from tests.web.actions.bench import NOW, PARACETAMOL, PARACETAMOL_32, Bench, a_key, open_bench

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.discrepancy import Closing
from pestle.pharmacy.ledger.routes import Reason
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import assembly, differences, moving, transfers
from pestle.web.actions.once import Outcome
from pestle.web.store import models, verify

End = tuple[AccountKind, str]

HELD = {"shelf", "fridge", "robot", "ward", "trolley", "in_transit", "prepared", "quarantine", "returned"}
ENDS: list[End] = [(kind, "") for kind in AccountKind if kind is not AccountKind.WARD]
ENDS += [(AccountKind.WARD, "Ash"), (AccountKind.WARD, "Birch")]
PLACES = [end for end in ENDS if end[0].value in ("shelf", "fridge", "ward", "trolley")]
MOVED_BY_HAND = [
    Reason.SUPPLIER_RETURN, Reason.PUT_AWAY, Reason.SUPPLY, Reason.QUARANTINE, Reason.RELEASE, Reason.WASTE,
    Reason.PATIENT_RETURN,
]  # fmt: skip
MAY_GO = {
    (source, target, reason)
    for line in ALLOWED.strip().splitlines()
    for way, _, reason in [line.partition(": ")]
    for sources, _, targets in [way.partition(" -> ")]
    for source in sources.split()
    for target in targets.split()
}
SHELF, PREPARED = (AccountKind.SHELF, ""), (AccountKind.PREPARED, "")
TRANSIT, DIFFERENCES = (AccountKind.IN_TRANSIT, ""), (AccountKind.COUNT_DIFFERENCE, "")
# Mostly from where there is something.
SOURCES = st.sampled_from([SHELF] * 6 + PLACES)
AMOUNTS = st.one_of(st.integers(1, 5), st.integers(20, 40))


def _name(end: End) -> str:
    return f"{end[0].value}/{end[1] or end[0].title}"


@dataclass
class Moved:
    """One movement as the twin keeps it."""

    at: datetime
    batch: int
    source: End
    target: End
    amount: int
    reason: str
    undone: bool = False


class Twin:
    """Everything that moved, in the order it was written."""

    def __init__(self) -> None:
        self.moved: list[Moved] = []

    def held(self, batch: int, end: End) -> int:
        came = sum(one.amount for one in self.moved if one.batch == batch and one.target == end)
        return came - sum(one.amount for one in self.moved if one.batch == batch and one.source == end)

    def balances(self) -> dict[tuple[int, str], int]:
        found = {
            (batch, _name(end)): self.held(batch, end)
            for batch in {one.batch for one in self.moved}
            for end in {end for one in self.moved for end in (one.source, one.target)}
        }
        return {at: amount for at, amount in found.items() if amount}

    def possible(self, more: Moved) -> bool:
        """Whether, with one more, no level is below zero after any movement in the order of happening."""
        levels: dict[End, int] = {}
        ours = sorted((one for one in [*self.moved, more] if one.batch == more.batch), key=lambda one: one.at)
        for one in ours:
            levels[one.source] = levels.get(one.source, 0) - one.amount
            levels[one.target] = levels.get(one.target, 0) + one.amount
            if one.source[0].value in HELD and levels[one.source] < 0:
                return False
        return True

    def returnable(self, batch: int) -> int:
        """What came from the supplier and has not gone back; a receipt entered wrongly did not come."""
        ours, supplier = [one for one in self.moved if one.batch == batch], AccountKind.SUPPLIER
        came = sum(one.amount for one in ours if one.source[0] is supplier)
        return came - sum(one.amount for one in ours if one.target[0] is supplier)

    def lacking(self, more: Moved) -> int:
        """How much would have to be there first: found by trying."""
        for short in range(more.amount + 1):
            found = Moved(more.at, more.batch, DIFFERENCES, more.source, short, "count")
            kept = self.moved
            self.moved = [*self.moved, found]
            possible = self.possible(more)
            self.moved = kept
            if possible:
                return short
        raise AssertionError("never possible")


class Ledger(RuleBasedStateMachine):
    """The real actions on a real database, beside the twin."""

    batches = Bundle("batches")
    sent = Bundle("sent")
    differ = Bundle("differ")
    picks = Bundle("picks")

    def __init__(self) -> None:
        super().__init__()
        self.open = transaction.atomic()
        self.open.__enter__()
        self.bench: Bench = open_bench()
        self.twin = Twin()
        self.now = NOW
        self.ids: dict[int, int] = {}
        self.last: tuple[Callable[..., Outcome], Mapping[str, Any], Outcome] | None = None
        self.line: int | None = None
        self.wanted = 0
        self.number = 0
        self.transfers: dict[int, dict[int, int]] = {}
        self.goals: dict[int, End] = {}
        self.opened: dict[int, dict[str, Any]] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.open.__exit__(None, None, None)

    # What every rule does.

    def did(self, act: Callable[..., Outcome], **given: Any) -> Outcome:
        """Does it as a person with a form does, a minute later, and keeps it for a second time."""
        self.now += timedelta(minutes=1)
        given = {"by": self.bench.ruth, "key": a_key(), "now": self.now, **given}
        outcome = act(**given)
        self.last = (act, given, outcome)
        return outcome

    def refused(self, rules: set[str], act: Callable[..., Outcome], **given: Any) -> None:
        """It is refused, by one of these names."""
        kept = self.last
        with pytest.raises(Refused) as why:
            self.did(act, **given)
        self.last = kept
        assert {refusal.rule for refusal in why.value.refusals} & rules, why.value.refusals

    def moved(self, *moved: Moved) -> None:
        """The twin keeps what was written, and by which ids."""
        rows = list(models.Movement.objects.order_by("-pk")[: len(moved)])[::-1]
        for row, one in zip(rows, moved, strict=True):
            self.ids[row.pk] = len(self.twin.moved)
            self.twin.moved.append(one)

    # The commands.

    @initialize(target=batches, packs=st.integers(1, 3))
    def first_delivery(self, packs: int) -> int:
        return self._received("X", packs)

    @rule(target=batches, number=st.sampled_from("XYZ"), packs=st.integers(1, 2))
    def deliver(self, number: str, packs: int) -> int:
        return self._received(number, packs)

    def _received(self, number: str, packs: int) -> int:
        batch = int(
            self.did(self.bench.stock, gtin=PARACETAMOL_32, number=number, packs=packs).result["batch"]
        )
        suppliers = (AccountKind.SUPPLIER, "")
        self.moved(Moved(self.now, batch, suppliers, SHELF, 32 * packs, "receipt"))
        return batch

    @rule(
        batch=batches, reason=st.sampled_from(MOVED_BY_HAND), source=st.sampled_from(ENDS),
        goal=st.sampled_from(ENDS), amount=AMOUNTS,
    )  # fmt: skip
    def move_anywhere(self, batch: int, reason: Reason, source: End, goal: End, amount: int) -> None:
        self._move(batch, reason, source, goal, amount)

    @rule(batch=batches, way=st.sampled_from(sorted(MAY_GO)), amount=AMOUNTS, ago=st.integers(0, 12))
    def move_as_allowed(self, batch: int, way: tuple[str, str, str], amount: int, ago: int) -> None:
        source, target, reason = way
        if Reason(reason) in MOVED_BY_HAND:
            ends = {end[0].value: end for end in ENDS}
            self._move(batch, Reason(reason), ends[source], ends[target], amount, ago=ago)

    @rule(
        batch=batches, goal=st.sampled_from(["waste", "patient", "quarantine"]), amount=AMOUNTS,
        source=SOURCES, ago=st.integers(0, 9),
    )  # fmt: skip
    def take_away(self, batch: int, goal: str, amount: int, source: End, ago: int) -> None:
        reason = Reason.SUPPLY if goal == "patient" else Reason(goal)
        self._move(batch, reason, source, (AccountKind(goal), ""), amount, ago=ago)

    def _move(
        self, batch: int, reason: Reason, source: End, target: End, amount: int, *, ago: int = 0
    ) -> None:
        happened = self.now + timedelta(minutes=1 - ago)
        given: dict[str, Any] = {
            "reason": reason, "batch_id": batch, "amount": amount, "source": source, "target": target,
            "why": "as the test says", "happened_at": happened if ago else None,
        }  # fmt: skip
        more = Moved(happened, batch, source, target, amount, reason.value)
        if (source[0].value, target[0].value, reason.value) not in MAY_GO:
            gone = {"ledger.left-with-patient", "ledger.left-on-requisition", "ledger.returned-by-patient"}
            self.refused(gone | {"ledger.wasted", "ledger.no-such-route"}, moving.move, **given)
        elif source == target:
            self.refused({"ledger.same-account"}, moving.move, **given)
        elif reason is Reason.SUPPLIER_RETURN and amount > self.twin.returnable(batch):
            self.refused({"stock.more-than-received"}, moving.move, **given)
        elif self.twin.possible(more):
            self.did(moving.move, **given)
            self.moved(more)
        else:
            self.refused({"stock.not-in-stock", "stock.not-in-stock-then"}, moving.move, **given)

    @rule(target=differ, batch=batches, source=SOURCES, amount=AMOUNTS, ago=st.integers(0, 9))
    def supply_what_is_in_the_hand(self, batch: int, source: End, amount: int, ago: int) -> Any:
        happened = self.now + timedelta(minutes=1 - ago)
        more = Moved(happened, batch, source, (AccountKind.PATIENT, ""), amount, "supply")
        short = self.twin.lacking(more)
        outcome = self.did(
            moving.move, reason=Reason.SUPPLY, batch_id=batch, amount=amount, source=source,
            target=more.target, happened_at=happened if ago else None, in_hand=True,
        )  # fmt: skip
        first = [Moved(happened, batch, DIFFERENCES, source, short, "count")] if short else []
        self.moved(*first, more)
        return self._opened(outcome.result["discrepancies"], self.bench.ruth)

    @rule(target=differ, batch=batches, end=st.sampled_from(PLACES), found=st.integers(0, 70))
    def count(self, batch: int, end: End, found: int) -> Any:
        held = self.twin.held(batch, end)
        outcome = self.did(
            differences.count, batch_id=batch, kind=end[0], name=end[1], found=found, why="the count"
        )
        if found == held:
            assert outcome.result["discrepancy"] is None
            return multiple()
        ends = (DIFFERENCES, end) if found > held else (end, DIFFERENCES)
        self.moved(Moved(self.now, batch, *ends, abs(found - held), "count"))
        return self._opened([outcome.result["discrepancy"]], self.bench.ruth)

    def _opened(self, ids: list[int], by: Any) -> Any:
        for pk in ids:
            self.opened[pk] = {"by": by.id, "looked": False, "closed": False}
        return multiple(*ids)

    @rule(pk=differ, who=st.sampled_from(["tess", "ruth", "mo"]))
    def look_into(self, pk: int, who: str) -> None:
        given = {"by": self.bench.people[who], "discrepancy_id": pk, "words": "counted again"}
        if who == "mo" or self.opened[pk]["closed"]:
            self.refused({"stock.role", "discrepancy.closed"}, differences.look_into, **given)
        else:
            self.did(differences.look_into, **given)
            self.opened[pk]["looked"] = True

    @rule(pk=differ, who=st.sampled_from(["tess", "samuel", "ruth"]))
    def close(self, pk: int, who: str) -> None:
        by, standing = self.bench.people[who], self.opened[pk]
        given = {"by": by, "discrepancy_id": pk, "outcome": Closing.MISCOUNTED, "words": "found"}
        if standing["closed"] or not standing["looked"] or standing["by"] == by.id:
            rules = {"discrepancy.closed", "discrepancy.not-looked-into", "discrepancy.own"}
            self.refused(rules, differences.close, **given)
        else:
            self.did(differences.close, **given)
            standing["closed"] = True

    @rule(data=st.data())
    def correct(self, data: st.DataObject) -> None:
        pk = data.draw(st.sampled_from(sorted(self.ids)))
        one = self.twin.moved[self.ids[pk]]
        given = {"movement_id": pk, "why": "entered wrongly"}
        back = Moved(
            self.now + timedelta(minutes=1), one.batch, one.target, one.source, one.amount, "correction"
        )
        if one.undone or one.reason in ("supply", "pick", "undo_pick", "correction"):
            self.refused({"ledger.corrected", "ledger.not-correctable"}, moving.correct, **given)
        elif not self.twin.possible(back):
            self.refused({"stock.not-in-stock"}, moving.correct, **given)
        else:
            self.did(moving.correct, **given)
            one.undone = True
            self.moved(back)

    @rule(target=sent, batch=batches, amount=AMOUNTS, source=SOURCES, goal=st.sampled_from(PLACES))
    def send(self, batch: int, amount: int, source: End, goal: End) -> Any:
        given = {"source": source, "target": goal, "amounts": {batch: amount}, "carrier": "Pat the porter"}
        more = Moved(self.now + timedelta(minutes=1), batch, source, TRANSIT, amount, "send")
        if source == goal or not self.twin.possible(more):
            self.refused({"ledger.same-account", "stock.not-in-stock"}, transfers.send, **given)
            return multiple()
        pk = int(self.did(transfers.send, **given).result["transfer"])
        self.moved(more)
        self.transfers[pk], self.goals[pk] = {batch: amount}, goal
        return pk

    @rule(pk=sent, amount=AMOUNTS, reason=st.sampled_from(["arrive", "arrive", "waste", "quarantine"]))
    def settle(self, pk: int, amount: int, reason: str) -> None:
        (batch, _), end = next(iter(self.transfers[pk].items())), self.goals[pk]
        goal = end if reason == "arrive" else (AccountKind(reason), "")
        given = {"transfer_id": pk, "amounts": {batch: amount}, "reason": Reason(reason), "why": "wet"}
        more = Moved(self.now + timedelta(minutes=1), batch, TRANSIT, goal, amount, reason)
        left = self._on_the_way(pk, batch)
        if amount > left:
            self.refused({"transfer.more-than-sent"}, transfers.settle, **given)
        elif not self.twin.possible(more):
            self.refused({"stock.not-in-stock"}, transfers.settle, **given)
        else:
            self.did(transfers.settle, **given)
            self.moved(more)

    def _on_the_way(self, pk: int, batch: int) -> int:
        about = models.Movement.objects.filter(about=f"transfer:{pk}", batch=batch)
        mine = [self.twin.moved[self.ids[row.pk]] for row in about]
        came = sum(one.amount for one in mine if one.target == TRANSIT)
        return came - sum(one.amount for one in mine if one.source == TRANSIT)

    @rule(batch=batches, days=st.integers(-1, 60), end=st.sampled_from(PLACES))
    def open_a_container(self, batch: int, days: int, end: End) -> None:
        given = {
            "batch_id": batch,
            "kind": end[0],
            "name": end[1],
            "opened_on": date(2026, 11, 1),
            "days": days,
        }
        if days < 0 or self.twin.held(batch, end) <= 0:
            self.refused({"expiry.in-use", "stock.not-held"}, moving.open_container, **given)
        else:
            self.did(moving.open_container, **given)

    # A prescription takes packs by its own actions.

    @precondition(lambda self: self.line is None)
    @rule()
    def a_prescription_comes(self) -> None:
        self.now += timedelta(minutes=1)
        prescription = self.bench.take_in(PARACETAMOL, now=self.now, key=f"machine {self.number}")
        self.number += 1
        for step in (self.bench.enter, self.bench.decide, self.bench.labels):
            step(prescription, now=self.now)
        self.line, self.wanted = self.bench.lines(prescription)[0].pk, 64

    @precondition(lambda self: self.line is not None)
    @rule(target=picks, number=st.sampled_from("XYZ"), in_hand=st.booleans())
    def pick(self, number: str, in_hand: bool) -> Any:
        batch = models.Batch.objects.filter(number=number).values_list("pk", flat=True).first()
        amount = min(self.wanted, 32)
        given = {"line": self.line, "gtin": PARACETAMOL_32, "number": number, "in_hand": in_hand}
        fridge = (AccountKind.FRIDGE, "")
        held = {end: self.twin.held(batch, end) for end in (SHELF, fridge)} if batch else {}
        source = max(held, key=lambda end: (held[end], end == SHELF), default=SHELF)
        if amount <= 0:
            self.refused({"pick.line-complete"}, self.bench.pick, **given)
            return multiple()
        if held.get(source, 0) < amount and not in_hand:
            self.refused({"stock.not-in-stock"}, self.bench.pick, **given)
            return multiple()
        outcome = self.did(self.bench.pick, **given)
        batch = models.Pick.objects.get(pk=outcome.result["pick"]).batch_id
        lacking = amount - held.get(source, 0)
        about = models.Movement.objects.filter(about=f"line:{self.line}").order_by("-pk")[0]
        source = (AccountKind(about.source.kind), "")
        first = [Moved(self.now, batch, DIFFERENCES, source, lacking, "count")] if lacking > 0 else []
        self.moved(*first, Moved(self.now, batch, source, PREPARED, amount, "pick"))
        self.wanted -= amount
        for row in models.Discrepancy.objects.exclude(pk__in=self.opened):
            self.opened[row.pk] = {"by": row.opened_by_id, "looked": False, "closed": False}
        return (outcome.result["pick"], self.line)

    @rule(pick=consumes(picks))
    def put_back(self, pick: tuple[int, int]) -> None:
        pk, line = pick
        row = models.Pick.objects.select_related("movement").get(pk=pk)
        one = self.twin.moved[self.ids[row.movement_id]]
        more = Moved(
            self.now + timedelta(minutes=1), one.batch, PREPARED, one.source, one.amount, "undo_pick"
        )
        if one.undone or not self.twin.possible(more):
            self.refused({"pick.undone", "stock.not-in-stock"}, assembly.undo_pick, pick_id=pk)
            return
        self.did(assembly.undo_pick, pick_id=pk)
        one.undone = True
        self.moved(more)
        self.wanted += one.amount if line == self.line else 0

    # Sent twice, and sent again with other answers.

    @precondition(lambda self: self.last is not None)
    @rule()
    def the_same_again(self) -> None:
        assert self.last is not None
        act, given, outcome = self.last
        again = act(**given)
        assert again.repeated
        assert again.result == outcome.result

    @precondition(lambda self: self.last is not None)
    @rule()
    def the_same_key_by_somebody_else(self) -> None:
        assert self.last is not None
        act, given, _ = self.last
        with pytest.raises(Refused) as why:
            act(**{**given, "by": self.bench.adam})
        assert why.value.rule == "command.key-reused"

    # What is always so.

    @invariant()
    def balances_are_what_moved(self) -> None:
        rows = models.Balance.objects.select_related("account").exclude(amount=0)
        stored = {(row.batch_id, f"{row.account.kind}/{row.account.name}"): row.amount for row in rows}
        assert stored == self.twin.balances()
        assert models.Movement.objects.count() == len(self.twin.moved)

    @invariant()
    def it_is_proved(self) -> None:
        found = verify.verify(self.bench.site)
        assert [str(fault) for fault in found.faults] == []
        assert found.movements == len(self.twin.moved)


def test_any_commands_in_any_order(db: None) -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
