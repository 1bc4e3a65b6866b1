"""Who may look into a difference, and who may close it?"""

from __future__ import annotations

import pytest

from pestle.pharmacy.ledger.base_unit import base_unit
from pestle.pharmacy.ledger.discrepancy import Closing, Standing, may_close, may_look_into
from pestle.pharmacy.ledger.transfer import may_arrive
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.quantity import Unit

# opened by 1; who (id, role), looked into, closed, controlled, words -> refusals to look into, to close
CASES = [
    (2, Role.TECHNICIAN, True, False, False, "counted again", [], []),
    (1, Role.TECHNICIAN, True, False, False, "counted again", [], ["discrepancy.own"]),
    (2, Role.TECHNICIAN, False, False, False, "counted again", [], ["discrepancy.not-looked-into"]),
    (2, Role.TECHNICIAN, True, False, True, "counted again", [], ["discrepancy.pharmacist"]),
    (2, Role.PHARMACIST, True, False, True, "counted again", [], []),
    (1, Role.PHARMACIST, True, False, True, "counted again", [], ["discrepancy.own"]),
    (2, Role.PHARMACIST, True, True, False, "again", ["discrepancy.closed"], ["discrepancy.closed"]),
    (2, Role.MANAGER, True, False, False, "again", ["stock.role"], ["stock.role"]),
    (2, Role.PHARMACIST, True, False, False, " ", ["discrepancy.no-words"], ["discrepancy.no-words"]),
]


@pytest.mark.parametrize(("who", "role", "looked", "closed", "controlled", "words", "look", "close"), CASES)
def test_who_may(
    who: int, role: Role, looked: bool, closed: bool, controlled: bool, words: str, look: list[str],
    close: list[str],
) -> None:  # fmt: skip
    by = Person(who, "Somebody", frozenset({role}), 1)
    standing = Standing(1, looked, closed, controlled)
    assert [refusal.rule for refusal in may_look_into(standing, by=by, words=words)] == look
    assert [refusal.rule for refusal in may_close(standing, by=by, words=words)] == close


def test_every_outcome_can_be_said() -> None:
    assert len({outcome.words for outcome in Closing}) == len(Closing)


# sent, left transit already, arriving -> may it
ARRIVING = [(28, 0, 28, True), (28, 20, 8, True), (28, 20, 9, False), (28, 28, 1, False), (0, 0, 1, False)]


@pytest.mark.parametrize(("sent", "settled", "arriving", "may"), ARRIVING)
def test_never_more_arrives_than_was_sent(sent: int, settled: int, arriving: int, may: bool) -> None:
    found = may_arrive(sent=sent, settled=settled, arriving=arriving, base=base_unit(Unit("tablet")))
    assert (found is None) == may
    assert found is None or found.rule == "transfer.more-than-sent"
