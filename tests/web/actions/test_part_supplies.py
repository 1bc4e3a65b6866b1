"""Any sequence of picking, owing, handing out, delivery, bringing back and returning: nothing is lost, and
nothing is supplied that was not ordered.

    supplied + in the bag + owed + still to pick + not dispensed = wanted; the ledger's movements sum to it
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import chain

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.web.actions.bench import NOW, PARACETAMOL, PARACETAMOL_32, Bench, a_key, open_bench

from pestle.pharmacy.dispensary.uncollected import Way
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import owings, uncollected
from pestle.web.store import models, prescriptions, verify

WANTED = 64
# One act, or the acts that take it from the shelf into a bag with so much of it owed.
_BAG = ("labels", "deliver", "pick", "deliver", "pick", "assembled", "passed")
ONE = st.sampled_from(
    ["deliver", "pick", "hand out", "hand out", "rest", "rest", "all owed", "return", "undo", "withhold"]
).map(lambda verb: ((verb, 0),))
BAG = st.sampled_from([0, 8, 32, 40, 64, 65]).map(lambda owed: (("owe", owed), *((verb, 0) for verb in _BAG)))
ACTS = st.lists(st.one_of(BAG, ONE, ONE), min_size=5, max_size=9)


class _Dispensary:
    """One prescription of one line, and whoever tries whatever at it."""

    def __init__(self) -> None:
        self.bench: Bench = open_bench()
        self.now = NOW
        self.prescription = self.bench.at("assemble", PARACETAMOL)
        self.line = self.bench.lines(self.prescription)[0].pk

    def act(self, verb: str, amount: int) -> None:
        """Does it, or is refused; either is fine."""
        bench, prescription = self.bench, self.prescription
        acts: dict[str, Callable[[], object]] = {
            "owe": lambda: bench.owe(self.line, amount, now=self.now),
            "deliver": lambda: bench.stock(PARACETAMOL_32, 1, now=self.now),
            "pick": lambda: bench.pick(self.line, PARACETAMOL_32, now=self.now),
            "labels": lambda: bench.labels(prescription, now=self.now),
            "assembled": lambda: bench.assembled(prescription, now=self.now),
            "passed": lambda: bench.passed(prescription, now=self.now),
            "hand out": lambda: bench.handed_out(prescription, now=self.now),
            "rest": lambda: owings.bring_back(by=bench.tess, now=self.now, key=a_key()),
            "all owed": lambda: owings.owe_all(
                by=bench.tess, now=self.now, key=a_key(), prescription_id=prescription, seen=None
            ),
            "return": lambda: self._return(),
            "undo": lambda: uncollected.undo_return(
                by=bench.leon, now=self.now, key=a_key(), prescription_id=prescription, seen=None
            ),
            "withhold": lambda: bench.withhold(self.line, now=self.now),
        }
        try:
            with transaction.atomic():
                acts[verb]()
        except Refused:
            pass

    def _return(self) -> None:
        """Two reminders, and back to the shelf four weeks later."""
        for days in (14, 22):
            uncollected.remind(
                by=self.bench.tess, now=self.now + timedelta(days=days), key=a_key(),
                prescription_id=self.prescription, seen=None, way=Way.TEXT, words="",
            )  # fmt: skip
        self.now += timedelta(days=30)
        uncollected.return_to_stock(
            by=self.bench.tess, now=self.now, key=a_key(), prescription_id=self.prescription, seen=None
        )

    def hold(self) -> None:
        """What is always so."""
        line = models.Line.objects.get(pk=self.line)
        stands = prescriptions.standing(line)
        not_dispensed = 0 if line.state == "open" else stands.wanted - stands.supplied
        still_open = stands.bagged + stands.owed + stands.missing if line.state == "open" else 0
        assert stands.supplied + still_open + not_dispensed == WANTED
        assert min(stands.supplied, stands.bagged, stands.owed, stands.missing) >= 0
        moved = models.Movement.objects.filter(about=f"line:{self.line}").select_related("source", "target")
        to_patient = sum(one.amount for one in moved if one.target.kind == "patient")
        held = sum(one.amount for one in moved if one.target.kind == "prepared") - sum(
            one.amount for one in moved if one.source.kind == "prepared"
        )
        assert to_patient == stands.supplied <= WANTED
        assert held == stands.bagged
        told = models.HandOut.objects.filter(prescription=self.prescription)
        assert sum(supply.pick.amount for one in told for supply in one.supplies.all()) == stands.supplied


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(ACTS)
def test_nothing_is_lost_and_nothing_is_supplied_that_was_not_ordered(
    db: None, acts: list[tuple[tuple[str, int], ...]]
) -> None:
    with transaction.atomic():
        dispensary = _Dispensary()
        for verb, amount in chain.from_iterable(acts):
            dispensary.act(verb, amount)
            dispensary.hold()
        assert not verify.verify(dispensary.bench.site).faults
        transaction.set_rollback(True)


def test_the_sequences_arrive(db: None) -> None:
    """One of them by hand, so that the property is not true of nothing."""
    dispensary = _Dispensary()
    bag = [(verb, 0) for verb in _BAG]
    first = [("owe", 32), *bag, ("hand out", 0), ("deliver", 0), ("rest", 0)]
    for verb, amount in [*first, *bag, ("return", 0), ("undo", 0), *bag, ("hand out", 0)]:
        dispensary.act(verb, amount)
        dispensary.hold()
    row = models.Prescription.objects.get(pk=dispensary.prescription)
    assert (row.step, row.closed_because, models.HandOut.objects.count()) == ("closed", "supplied", 2)
