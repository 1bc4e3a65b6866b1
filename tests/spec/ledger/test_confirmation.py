"""What a supplier's answer changes in an order, and what is refused of it by its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pestle.pharmacy.ledger.confirmation import Answer, Confirmation, Said, settle
from pestle.pharmacy.ledger.delivery import Ordered
from pestle.pharmacy.medicines.concept import Pack
from pestle.pharmacy.quantity import Unit
from pestle.pharmacy.refusal import Refused

TODAY = date(2026, 11, 30)
A = Pack("a", "x", "Furosemide 40mg tablets, 28", Decimal(28), Unit("tablet"))
OTHER_MAKER, OTHER_SIZE = replace(A, id="b"), replace(A, id="c", quantity=Decimal(56))
BUMETANIDE = replace(A, id="d", name="Bumetanide 1mg tablets, 28")
KNOWN = {
    "A": (A, "furosemide"),
    "B": (OTHER_MAKER, "furosemide"),
    "C": (OTHER_SIZE, "furosemide"),
    "D": (BUMETANIDE, "bumetanide"),
}
# Ten packs of A were ordered, and three of them have come.
LINES = [Ordered(1, A, "furosemide", 10, 3)]

# What is said of how many packs of what, which pack comes instead, on which day -> the faults.
ANSWERS = [
    ([("accepted", 7, "A", "", TODAY)], []),
    ([("accepted", 3, "A", "", None), ("short", 4, "A", "", None)], []),
    ([("accepted", 2, "A", "", None)], []),
    ([("substituted", 7, "A", "B", TODAY)], []),
    ([("accepted", 7, "B", "", None)], []),
    ([("short", 7, "A", "", date(2026, 1, 1))], []),
    ([("accepted", 8, "A", "", None)], ["confirmation.more-than-outstanding"]),
    ([("accepted", 4, "A", "", None), ("short", 4, "A", "", None)], ["confirmation.more-than-outstanding"]),
    ([("accepted", 0, "A", "", None)], ["confirmation.nothing"]),
    ([("accepted", 1, "Z", "", None)], ["confirmation.unknown-pack"]),
    ([("accepted", 1, "C", "", None)], ["confirmation.not-ordered"]),
    ([("accepted", 1, "D", "", None)], ["confirmation.not-ordered"]),
    ([("substituted", 1, "A", "", None)], ["confirmation.no-substitute"]),
    ([("substituted", 1, "A", "C", None)], ["confirmation.other-substitute"]),
    ([("substituted", 1, "A", "D", None)], ["confirmation.other-substitute"]),
    ([("accepted", 1, "A", "", date(2026, 11, 29))], ["confirmation.day-past"]),
    ([("accepted", 1, "Z", "", None), ("accepted", 1, "D", "", None), ("accepted", 1, "A", "", None)],
     ["confirmation.unknown-pack", "confirmation.not-ordered"]),
]  # fmt: skip


@pytest.mark.parametrize(("said", "faults"), ANSWERS)
def test_an_answer_is_applied_whole_or_not_at_all(
    said: list[tuple[str, int, str, str, date | None]], faults: list[str]
) -> None:
    answers = tuple(
        Answer(f"line {n}", gtin, Said(word), packs, instead, None, day)
        for n, (word, packs, gtin, instead, day) in enumerate(said, start=2)
    )
    confirmation = Confirmation("PO-1", answers)
    if faults:
        with pytest.raises(Refused) as refused:
            settle(confirmation, order="PO-1", lines=LINES, known=KNOWN, on=TODAY)
        assert [one.rule for one in refused.value.refusals] == faults
        assert all((one.place or "").startswith("line ") for one in refused.value.refusals)
        return
    found = settle(confirmation, order="PO-1", lines=LINES, known=KNOWN, on=TODAY)
    assert [one.answer for one in found] == list(answers)
    assert {one.line for one in found} == {1}
    assert [one.instead for one in found] == [
        OTHER_MAKER if answer.said is Said.SUBSTITUTED else None for answer in answers
    ]


def test_the_answer_to_another_order_is_refused() -> None:
    answer = Answer("line 2", "A", Said.ACCEPTED, 1)
    with pytest.raises(Refused) as refused:
        settle(Confirmation("PO-2", (answer,)), order="PO-1", lines=LINES, known=KNOWN, on=TODAY)
    assert refused.value.rule == "confirmation.other-order"
