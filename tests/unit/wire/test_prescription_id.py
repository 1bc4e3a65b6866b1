"""The check character of prescription numbers."""

from __future__ import annotations

import pytest

from pestle.pharmacy.refusal import Refused
from pestle.wire.eps.prescription_id import check_character, make_number, prescription_number

# From the service's own examples.
RIGHT = ("58EFB9-A83008-27693K", "24F5DA-A83008-7EFE6Z", "4243A0-A99968-4E149+", "B61BA2-0RRERP-F2ACDV")


@pytest.mark.parametrize("number", RIGHT)
def test_right_numbers(number: str) -> None:
    assert prescription_number(number, place="number") == number
    assert check_character(number[:-1]) == number[-1]


@pytest.mark.parametrize("number", RIGHT)
def test_every_single_wrong_character_is_noticed(number: str) -> None:
    for index, character in enumerate(number):
        for other in "0123456789ABCDEF":
            if character in "-+" or other == character:
                continue
            with pytest.raises(Refused) as refused:
                prescription_number(number[:index] + other + number[index + 1 :], place="number")
            assert refused.value.rule == "eps.check-character"


@pytest.mark.parametrize(
    "text", ["", "24F5DA-A83008-7EFE6", "24f5da-a83008-7efe6z", "24F5DAA830087EFE6Z", "24F5DA-A83008-7EFE6*"]
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        prescription_number(text, place="number")
    assert refused.value.rule == "eps.prescription-number"


def test_a_made_number_is_right() -> None:
    assert make_number(first="24F5DA", ods="A83008", second="7EFE6") == "24F5DA-A83008-7EFE6Z"
    assert make_number(first="B61BA2", ods="RRERP", second="F2ACD") == "B61BA2-0RRERP-F2ACDV"
    for parts in (("24F5D", "A83008", "7EFE6"), ("24F5DG", "A83008", "7EFE6"), ("24F5DA", "a8", "7EFE6")):
        with pytest.raises(Refused) as refused:
            make_number(first=parts[0], ods=parts[1], second=parts[2])
        assert refused.value.rule == "eps.prescription-number"
