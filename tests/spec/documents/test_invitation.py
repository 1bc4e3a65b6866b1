"""What does an invitation for tests say, and what does it never say?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from pestle.pharmacy.documents.invitation import MESSAGE_LENGTH, Invitation

ONE = Invitation(
    patient="O'BRIEN, Mary (Mrs)",
    salutation="Mrs O'Brien",
    address=("1 Weir Lane",),
    born=date(1965, 3, 10),
    number="943 476 5919",
    medicines=("Methotrexate 2.5mg tablets",),
    tests=("full blood count", "ALT or AST"),
    by=date(2026, 12, 14),
    again=False,
    practice="Riverside Surgery",
    practice_address=("2 Riverside",),
    telephone="01632 960456",
    written=date(2026, 11, 30),
)


def test_the_letter_says_what_for_by_when_and_whom_to_call() -> None:
    words = " ".join(ONE.letter)
    for said in (
        "Methotrexate 2.5mg tablets",
        "full blood count and ALT or AST",
        "14-Dec-2026",
        "01632 960456",
    ):
        assert said in words
    assert "keep taking your medicines" in words
    assert "We wrote to you before" in " ".join(replace(ONE, again=True).letter)
    assert "at reception" in " ".join(replace(ONE, telephone="").letter)


def test_a_text_message_is_one_message_and_names_no_medicine() -> None:
    for one in (ONE, replace(ONE, again=True)):
        assert "ethotrexate" not in one.message
        assert len(one.message) <= MESSAGE_LENGTH
