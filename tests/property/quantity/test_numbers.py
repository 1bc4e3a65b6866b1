"""A number that is said is read back as the same number, and nothing else is read as one."""

from __future__ import annotations

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.quantity import Unit, counted, decimal, plain, singular
from pestle.pharmacy.refusal import Refused

FINITE = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)
VALUES = FINITE | st.integers().map(Decimal)
WORDS = st.from_regex(re.compile(r"[a-z]{3,10}", re.ASCII), fullmatch=True)


def _read(text: str) -> Decimal | None:
    """The number; None where it is refused by the one name that such a refusal has."""
    try:
        return decimal(text, place="quantity")
    except Refused as refused:
        if refused.rule != "quantity.not-a-number":
            raise
        return None


@given(VALUES)
def test_said_and_read_it_is_the_same_number(value: Decimal) -> None:
    said = plain(value)
    assert decimal(said, place="quantity") == value
    assert "e" not in said.lower()
    assert not (said.endswith("0") and "." in said)
    assert not said.startswith((".", "-."))
    assert said != "-0"


@given(st.text(alphabet="0123456789,.+-eE_ \u0663x", max_size=12))
def test_what_is_read_as_a_number_has_one_meaning(text: str) -> None:
    value = _read(text)
    if value is None:
        return
    assert value == Decimal(text.strip().replace(",", ""))
    whole, _, _ = text.strip().lstrip("+-").partition(".")
    first, *groups = whole.split(",")
    assert all(len(group) == 3 for group in groups)
    assert not groups or 1 <= len(first) <= 3


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_refused_by_name(text: str) -> None:
    value = _read(text)
    assert value is None or value.is_finite()


@given(WORDS, VALUES)
def test_one_and_many_of_a_thing_are_the_same_thing(word: str, value: Decimal) -> None:
    one = singular(word)
    assert counted(one, value) == counted(counted(one, Decimal(1)), value)
    assert Unit(counted(one, Decimal(1))) == Unit(one)
