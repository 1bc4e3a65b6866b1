"""Which product may be kept in which place, and what is asked before it goes to another."""

import pytest

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.storage import Condition, may_be, misplaced, suits

ROOM, FRIDGE, FREEZER, CUPBOARD = (
    Condition.ROOM, Condition.FRIDGE, Condition.FREEZER, Condition.CONTROLLED,
)  # fmt: skip

# the product is kept, the place is -> suits?, is it asked about?
STORAGE = [
    (ROOM, ROOM, True, False),
    (ROOM, CUPBOARD, True, False),
    (ROOM, FRIDGE, False, True),
    (ROOM, None, None, False),
    (FRIDGE, FRIDGE, True, False),
    (FRIDGE, ROOM, False, True),
    (FRIDGE, FREEZER, False, True),
    (FRIDGE, None, None, True),
    (FREEZER, FRIDGE, False, True),
    (CUPBOARD, ROOM, False, True),
    (CUPBOARD, CUPBOARD, True, False),
    (None, ROOM, None, False),
    (None, None, None, False),
]


@pytest.mark.parametrize(("product", "place", "answer", "asked"), STORAGE)
def test_storage(
    product: Condition | None, place: Condition | None, answer: bool | None, asked: bool
) -> None:
    assert suits(product, place) is answer
    refusal = misplaced("Insulin", product, "Shelf B", place)
    assert (refusal is not None) is asked
    if refusal is not None:
        assert refusal.rule == "stock.storage"


def test_the_question_says_both_conditions() -> None:
    wrong = misplaced("Insulin", FRIDGE, "Shelf B", ROOM)
    assert wrong is not None
    assert wrong.reason == "Insulin is kept in a fridge, 2 to 8 °C, and Shelf B is at room temperature"
    unknown = misplaced("Insulin", FRIDGE, "Shelf B", None)
    assert unknown is not None
    assert unknown.reason.endswith("Shelf B has no storage condition on record")


# kind, condition -> can it be?
PLACES = [
    (AccountKind.FRIDGE, FRIDGE, True),
    (AccountKind.FRIDGE, FREEZER, True),
    (AccountKind.FRIDGE, ROOM, False),
    (AccountKind.SHELF, ROOM, True),
    (AccountKind.SHELF, CUPBOARD, True),
    (AccountKind.SHELF, FRIDGE, False),
    (AccountKind.QUARANTINE, FRIDGE, True),
    (AccountKind.WARD, ROOM, True),
]


@pytest.mark.parametrize(("kind", "condition", "can"), PLACES)
def test_what_a_place_can_be(kind: AccountKind, condition: Condition, can: bool) -> None:
    assert (may_be(kind, condition) is None) is can
