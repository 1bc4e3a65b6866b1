"""What waste cost, why it was wasted, and how much may go back to the supplier."""

import pytest

from pestle.pharmacy.ledger.transfer import may_return
from pestle.pharmacy.ledger.waste import WasteReason, cost, pounds, reason_of, why_words
from pestle.pharmacy.medicines.concept import BaseUnit, Coded, Price
from pestle.pharmacy.quantity import Unit
from pestle.pharmacy.refusal import Refused

TABLETS = BaseUnit(Unit("tablet"))

# base units, of a pack of, that costs pence -> pence
COSTS = [
    (28, 28, 93, 93),
    (14, 28, 93, 47),
    (1, 28, 93, 3),
    (56, 28, 93, 186),
    (1, 28, 1, 0),
    (28, 28, None, None),
]


@pytest.mark.parametrize(("amount", "pack", "pence", "wanted"), COSTS)
def test_cost(amount: int, pack: int, pence: int | None, wanted: int | None) -> None:
    price = Price(pence, Coded("0001", "NHS indicative price")) if pence is not None else None
    assert cost(amount, pack, price) == wanted


def test_pounds() -> None:
    assert [pounds(pence) for pence in (0, 5, 1205, 123456)] == ["£0.00", "£0.05", "£12.05", "£1,234.56"]


@pytest.mark.parametrize("reason", WasteReason)
def test_a_reason_is_read_back_from_the_book(reason: WasteReason) -> None:
    assert reason_of(why_words(reason, "a: b  c")) is reason
    if reason is not WasteReason.OTHER:
        assert reason_of(why_words(reason, "")) is reason


def test_words_alone_are_no_reason_of_the_list() -> None:
    assert reason_of("dropped on the floor") is None
    with pytest.raises(Refused) as refused:
        why_words(WasteReason.OTHER, " ")
    assert refused.value.rule == "stock.no-reason"


# received, returned so far, returning -> may it?
RETURNS = [
    (280, 0, 280, True),
    (280, 0, 281, False),
    (280, 252, 28, True),
    (280, 252, 29, False),
    (0, 0, 1, False),
]


@pytest.mark.parametrize(("received", "returned", "returning", "may"), RETURNS)
def test_never_more_goes_back_than_came(received: int, returned: int, returning: int, may: bool) -> None:
    refusal = may_return(received=received, returned=returned, returning=returning, base=TABLETS)
    assert (refusal is None) is may
    if refusal is not None:
        assert refusal.rule == "stock.more-than-received"
