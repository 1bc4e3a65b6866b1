"""Base units are exact: what is counted out is what was asked for, to the last thousandth."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.ledger.base_unit import MOST, amount_words, base_unit, base_units
from pestle.pharmacy.ledger.movement import enough
from pestle.pharmacy.quantity import Quantity, Unit, decimal
from pestle.pharmacy.refusal import Refused

UNITS = st.sampled_from(["tablet", "capsule", "patch", "ml", "gram", "unit dose"]).map(Unit)
AMOUNTS = st.integers(1, MOST - 1)
VALUES = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12)


@given(AMOUNTS, UNITS)
def test_there_and_back(amount: int, unit: Unit) -> None:
    base = base_unit(unit)
    value = Decimal(amount) / base.per_unit
    assert base_units(Quantity(value, unit), base) == amount
    number, _, _ = amount_words(amount, base).partition(" ")
    assert decimal(number, place="amount") == value


@given(VALUES, UNITS)
def test_exactly_the_amounts_that_can_be_counted_out_are(value: Decimal, unit: Unit) -> None:
    base = base_unit(unit)
    exact = Fraction(value) * base.per_unit
    try:
        assert base_units(Quantity(value, unit), base) == exact
    except Refused as refused:
        rule = refused.rule
        assert (rule == "ledger.not-whole") == (exact.denominator != 1)
        assert (rule == "ledger.not-positive") == (exact.denominator == 1 and exact <= 0)
        assert (rule == "ledger.too-much") == (exact.denominator == 1 and exact >= MOST)


@given(st.integers(0, MOST), st.integers(0, MOST), UNITS)
def test_enough_is_enough(held: int, wanted: int, unit: Unit) -> None:
    assert (enough(held, wanted, base_unit(unit)) is None) == (wanted <= held)
