"""Numbers as they are read and said, and units in one and in many."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pestle.pharmacy.quantity import Quantity, Unit, counted, decimal, plain, singular
from pestle.pharmacy.refusal import Refused

# typed -> the number, or None where it is refused
TYPED = [
    ("28", "28"),
    (" 28 ", "28"),
    ("2.50", "2.50"),
    (".5", "0.5"),
    ("-5", "-5"),
    ("+5", "5"),
    ("1,000", "1000"),
    ("1,234,567.8", "1234567.8"),
    # 2.5 to some and 25 to others.
    ("2,5", None),
    ("1,00", None),
    ("10,0000", None),
    (",5", None),
    ("1_000", None),
    ("1e3", None),
    ("1 000", None),
    ("5.", None),
    (".", None),
    ("", None),
    ("-", None),
    ("NaN", None),
    ("Infinity", None),
    ("٢٨", None),
    ("28 tablets", None),
]

# value -> said
SAID = [
    ("28", "28"),
    ("2.50", "2.5"),
    ("0.5", "0.5"),
    ("1000", "1,000"),
    ("1E+5", "100,000"),
    ("1E-7", "0.0000001"),
    ("100", "100"),
    ("0", "0"),
    ("-0.00", "0"),
    ("0E+3", "0"),
    ("-1234.50", "-1,234.5"),
]

# one, many
UNITS = [
    ("tablet", "tablets"),
    ("patch", "patches"),
    ("suppository", "suppositories"),
    ("pessary", "pessaries"),
    ("box", "boxes"),
    ("unit dose", "unit doses"),
    ("pre-filled disposable injection", "pre-filled disposable injections"),
    ("ml", "ml"),
    ("gram", "gram"),
    ("mg/ml", "mg/ml"),
    ("%", "%"),
]


@pytest.mark.parametrize(("typed", "number"), TYPED)
def test_a_number_as_typed(typed: str, number: str | None) -> None:
    if number is not None:
        assert decimal(typed, place="quantity") == Decimal(number)
        return
    with pytest.raises(Refused) as refused:
        decimal(typed, place="quantity")
    assert refused.value.rule == "quantity.not-a-number"
    assert refused.value.refusals[0].place == "quantity"


@pytest.mark.parametrize(("value", "said"), SAID)
def test_a_number_as_said(value: str, said: str) -> None:
    assert plain(Decimal(value)) == said


@pytest.mark.parametrize(("one", "many"), UNITS)
def test_units_in_one_and_in_many(one: str, many: str) -> None:
    for value, word in (("1", one), ("0.5", one), ("-1", one), ("0", many), ("2", many), ("1.5", many)):
        assert counted(one, Decimal(value)) == counted(many, Decimal(value)) == word
    assert singular(many) == one
    assert Unit(one) == Unit(many)


def test_quantities_are_equal_in_value_and_unit() -> None:
    assert Quantity(Decimal(2), Unit("tablet")) == Quantity(Decimal("2.0"), Unit("Tablets"))
    assert Quantity(Decimal(2), Unit("tablet")) != Quantity(Decimal(2), Unit("capsule"))
    assert len({Unit("ml", "a", "1"), Unit("ml"), Unit("millilitre", "a", "1")}) == 1
    assert str(Quantity(Decimal("1500"), Unit("tablet"))) == "1,500 tablets"
    assert Unit("tablet").__eq__("tablet") is NotImplemented


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_not_finite_is_no_amount(value: str) -> None:
    with pytest.raises(Refused) as refused:
        Quantity(Decimal(value), Unit("ml"))
    assert refused.value.rule == "quantity.not-finite"


def test_a_float_is_no_amount() -> None:
    with pytest.raises(TypeError, match="never a float"):
        Quantity(2.5, Unit("ml"))  # type: ignore[arg-type]
