"""A prescriber wishes to cancel a line: what becomes of it, and must somebody telephone?"""

from __future__ import annotations

import pytest

from pestle.pharmacy.dispensary.cancellation import LineHeld, Outcome, outcome

# state of the line, step of the prescription, something of it supplied -> outcome, telephone
TABLE = [
    ("open", "entry", False, Outcome.CANCELLED, False),
    ("open", "clinical", False, Outcome.CANCELLED, False),
    ("open", "assemble", False, Outcome.WITH_DISPENSER, True),
    ("open", "accuracy", False, Outcome.WITH_DISPENSER, True),
    ("open", "hand_out", False, Outcome.WITH_DISPENSER, True),
    ("open", "assemble", True, Outcome.WITH_DISPENSER_ACTIVE, True),
    ("open", "hand_out", True, Outcome.WITH_DISPENSER_ACTIVE, True),
    ("supplied", "closed", False, Outcome.ALREADY_DISPENSED, True),
    ("supplied", "closed", True, Outcome.ALREADY_DISPENSED, True),
    ("cancelled", "entry", False, Outcome.ALREADY_CANCELLED, False),
    ("cancelled", "closed", True, Outcome.ALREADY_CANCELLED, False),
    ("refused", "closed", False, Outcome.NOT_DISPENSED, False),
    ("refused", "assemble", False, Outcome.NOT_DISPENSED, False),
    ("withheld", "hand_out", False, Outcome.NOT_DISPENSED, False),
]


@pytest.mark.parametrize(("state", "step", "others", "expected", "telephone"), TABLE)
def test_what_becomes_of_a_line(
    state: str, step: str, others: bool, expected: Outcome, telephone: bool
) -> None:
    assert outcome(LineHeld(state, step, others)) is expected
    assert expected.telephone is telephone
    assert ("elephone" in expected.words) is telephone


def test_a_line_that_is_not_held_here() -> None:
    assert outcome(None) is Outcome.NOT_FOUND
    assert not Outcome.NOT_FOUND.telephone
