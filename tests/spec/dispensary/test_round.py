"""When may a round leave, what proves a delivery, and what may become of a stop?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pestle.pharmacy.dispensary.bag import Part
from pestle.pharmacy.dispensary.round import (
    BECOMES,
    CLOSED,
    LOADING,
    OUT,
    ROUNDS,
    Proof,
    Recipient,
    Stop,
    StopState,
    close_refusals,
    leave_refusals,
    load_refusal,
    proof_refusals,
    stop_refusal,
    when_refusal,
)
from pestle.pharmacy.refusal import Refusal

PATIENT, HOUSEHOLD, NEIGHBOUR, PLACE = Recipient
COLD = (Part.BAG, Part.FRIDGE)

# who, their name, signed, why otherwise | parts of the bag, schedules in it | what is missing
PROOFS = [
    (PATIENT, "", False, "", (Part.BAG,), (), []),
    (HOUSEHOLD, "", True, "", (Part.BAG,), (), ["delivery.no-name"]),
    (HOUSEHOLD, "Ada Lane", False, "", (Part.BAG,), (), []),
    (NEIGHBOUR, "Ada Lane", False, "", COLD, (), []),
    (PLACE, "", False, "", (Part.BAG,), (), ["delivery.no-name"]),
    (PLACE, "the porch", False, "", COLD, (), ["delivery.cold"]),
    (PLACE, "the porch", False, "they asked for it", COLD, (), []),
    # Schedules 2 and 3 are signed for by somebody at home, by name.
    (PATIENT, "Mary O'Brien", True, "", (Part.CUPBOARD,), (2,), []),
    (PATIENT, "", True, "", (Part.CUPBOARD,), (2,), ["delivery.controlled"]),
    (PATIENT, "Mary O'Brien", False, "", (Part.BAG,), (3,), ["delivery.controlled"]),
    (NEIGHBOUR, "Ada Lane", True, "", (Part.BAG,), (3,), ["delivery.controlled"]),
    (NEIGHBOUR, "Ada Lane", True, "she has the key", (Part.BAG,), (3,), []),
    (NEIGHBOUR, "Ada Lane", False, "", (Part.BAG,), (4, 5), []),
]


@pytest.mark.parametrize(("who", "name", "signed", "why", "parts", "schedules", "missing"), PROOFS)
def test_what_proves_a_delivery(
    who: Recipient,
    name: str,
    signed: bool,
    why: str,
    parts: tuple[Part, ...],
    schedules: tuple[int, ...],
    missing: list[str],
) -> None:
    found = proof_refusals(Proof(who, name, signed, why), parts=parts, schedules=schedules)
    assert [each.rule for each in found] == missing


def test_what_keeps_a_round_here_is_said_with_the_name() -> None:
    kept = Refusal("validity.expired", "No longer valid", way_out="Ask the prescriber.")
    stops = [
        Stop("ABBOTT, Rose", 1, (), ()),
        Stop("BELL, Chloe", 2, (Part.FRIDGE, Part.CUPBOARD), (kept,)),
        Stop("CARTER, Leroy", 0, (Part.BAG,)),
    ]
    found = [(each.rule, each.reason) for each in leave_refusals(stops)]
    assert found == [
        ("round.part-missing", "BELL, Chloe: the fridge part is not on the round"),
        ("round.part-missing", "BELL, Chloe: the CD part is not on the round"),
        ("validity.expired", "BELL, Chloe: No longer valid"),
        ("round.empty-bag", "CARTER, Leroy: nothing that is ready is in the bag any more"),
    ]
    assert [each.rule for each in leave_refusals([])] == ["round.nothing-on"]
    assert [each.reason for each in close_refusals(["BELL, Chloe"])] == ["BELL, Chloe: still out"]


# address, the round that it is on | what is refused
LOADS = [
    (("4 Mill Lane", ""), "", None),
    (("4 Mill Lane",), "the round of Jo", "round.on-another"),
    (("", " "), "", "round.no-address"),
]


@pytest.mark.parametrize(("address", "other", "rule"), LOADS)
def test_what_goes_on_a_round(address: tuple[str, ...], other: str, rule: str | None) -> None:
    found = load_refusal(address=address, on_round=other)
    assert (found.rule if found else None) == rule


def test_a_stop_ends_once_and_only_as_the_round_allows() -> None:
    assert {state for state in StopState if stop_refusal(state) is None} == {StopState.ON}
    assert set(BECOMES.values()) == set(StopState) - {StopState.ON}
    verbs = {(row.at, row.verb) for row in ROUNDS.transitions}
    assert set(BECOMES) <= verbs
    assert {verb for at, verb in BECOMES if at == OUT} == {"deliver", "bring_back"}
    assert not [row for row in ROUNDS.transitions if row.at == CLOSED]
    assert {row.to for row in ROUNDS.transitions if row.at == LOADING} == {LOADING, OUT}


LEFT = datetime(2026, 11, 2, 10, 30, 40, tzinfo=UTC)
NOW = LEFT + timedelta(hours=3)


# minutes after it left | may it have happened then
@pytest.mark.parametrize(("minutes", "may"), [(-1, False), (0, True), (90, True), (180, True), (181, False)])
def test_when_it_can_have_happened(minutes: int, may: bool) -> None:
    happened = LEFT.replace(second=0) + timedelta(minutes=minutes)
    assert (when_refusal(happened, left_at=LEFT, now=NOW) is None) == may
