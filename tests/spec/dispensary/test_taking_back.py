"""Who may give a prescription back, or withdraw what was told of a supply, and when."""

from __future__ import annotations

import pytest

from pestle.pharmacy.dispensary.payment_claim import Answer
from pestle.pharmacy.dispensary.taking_back import (
    Held,
    ReturnReason,
    WithdrawReason,
    return_refusals,
    withdraw_refusals,
)
from pestle.pharmacy.people import Person, Role

PHARMACIST, TECHNICIAN, MANAGER = (
    Person(number, role.value, frozenset({role}), 1)
    for number, role in enumerate((Role.PHARMACIST, Role.TECHNICIAN, Role.MANAGER))
)
WAITS = Held("entry", handed_out=False, packs_picked=False)
ASKED, UNABLE = ReturnReason.PATIENT_ASKED, ReturnReason.UNABLE_TO_DISPENSE

RETURNS = [
    (WAITS, ASKED, "going away", TECHNICIAN, []),
    (WAITS, ASKED, "going away", MANAGER, ["return.role"]),
    (WAITS, ASKED, " ", TECHNICIAN, ["return.no-words"]),
    (WAITS, UNABLE, "none to be had", TECHNICIAN, ["return.pharmacist"]),
    (WAITS, UNABLE, "none to be had", PHARMACIST, []),
    (Held("assemble", handed_out=False, packs_picked=True), ASKED, "going", TECHNICIAN, ["return.packs"]),
    (Held("closed", handed_out=False, packs_picked=False), ASKED, "going", TECHNICIAN, ["return.closed"]),
    (
        Held("entry", handed_out=False, packs_picked=False, from_service=False),
        ASKED,
        "going",
        TECHNICIAN,
        ["return.not-from-service"],
    ),
    (Held("closed", handed_out=True, packs_picked=False), ASKED, "going", TECHNICIAN, ["return.supplied"]),
    (Held("assemble", handed_out=True, packs_picked=False), ASKED, "going", TECHNICIAN, ["return.supplied"]),
]


@pytest.mark.parametrize(("held", "reason", "words", "by", "rules"), RETURNS)
def test_a_return(held: Held, reason: ReturnReason, words: str, by: Person, rules: list[str]) -> None:
    assert [each.rule for each in return_refusals(held, reason, words, by=by)] == rules


DETAILS, QUANTITY = WithdrawReason.PATIENT_DETAILS, WithdrawReason.QUANTITY

WITHDRAWALS = [
    (DETAILS, "maiden name", TECHNICIAN, False, None, []),
    (QUANTITY, "28, not 30", TECHNICIAN, False, None, ["withdraw.pharmacist"]),
    (QUANTITY, "28, not 30", PHARMACIST, False, None, []),
    (QUANTITY, "", PHARMACIST, False, None, ["withdraw.no-words"]),
    (QUANTITY, "28, not 30", PHARMACIST, True, None, ["withdraw.already"]),
    (QUANTITY, "28, not 30", PHARMACIST, False, Answer.NONE, ["withdraw.claimed"]),
    (QUANTITY, "28, not 30", PHARMACIST, False, Answer.ACCEPTED, ["withdraw.claimed"]),
    (QUANTITY, "28, not 30", PHARMACIST, False, Answer.REFUSED, []),
]


@pytest.mark.parametrize(("reason", "words", "by", "withdrawn", "claimed", "rules"), WITHDRAWALS)
def test_a_withdrawal(
    reason: WithdrawReason, words: str, by: Person, withdrawn: bool, claimed: Answer | None, rules: list[str]
) -> None:
    found = withdraw_refusals(reason, words, by=by, withdrawn=withdrawn, claimed=claimed)
    assert [each.rule for each in found] == rules
