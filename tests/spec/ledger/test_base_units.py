"""How many base units is that? What stock is counted in, and what cannot be counted out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.base_unit import amount_words, base_unit, base_units
from pestle.pharmacy.ledger.movement import enough
from pestle.pharmacy.quantity import SNOMED, UCUM, Quantity, Unit
from pestle.pharmacy.refusal import Refused

# unit of measure -> base units in one
PER_UNIT = [
    ("tablet", 1),
    ("capsule", 1),
    ("patch", 1),
    ("unit dose", 1),
    ("ml", 1000),
    ("ML", 1000),
    ("millilitre", 1000),
    ("gram", 1000),
    ("g", 1000),
    ("litre", 1000),
    ("mg", 1),
]

# amount, its unit, counted in -> base units, or the refusal
AMOUNTS = [
    ("28", "tablet", "tablet", 28),
    ("28", "tablets", "tablet", 28),
    ("28.000", "tablet", "tablet", 28),
    ("0.5", "tablet", "tablet", "ledger.not-whole"),
    ("2.5", "ml", "ml", 2500),
    ("0.001", "ml", "ml", 1),
    ("0.0004", "ml", "ml", "ledger.not-whole"),
    ("30", "gram", "gram", 30_000),
    ("0", "tablet", "tablet", "ledger.not-positive"),
    ("-5", "tablet", "tablet", "ledger.not-positive"),
    ("-0.5", "tablet", "tablet", "ledger.not-whole"),
    ("28", "tablet", "capsule", "ledger.other-unit"),
    ("28", "ml", "gram", "ledger.other-unit"),
    ("999999999", "tablet", "tablet", 999_999_999),
    ("1000000000", "tablet", "tablet", "ledger.too-much"),
    ("1000000", "ml", "ml", "ledger.too-much"),
    ("1E+30", "tablet", "tablet", "ledger.too-much"),
    # Longer than decimal arithmetic keeps: not rounded into a whole number.
    ("1.00000000000000000000000000000000001", "tablet", "tablet", "ledger.not-whole"),
]


@pytest.mark.parametrize(("unit", "per_unit"), PER_UNIT)
def test_what_a_unit_is_counted_in(unit: str, per_unit: int) -> None:
    assert base_unit(Unit(unit)).per_unit == per_unit


@pytest.mark.parametrize(("amount", "unit", "counted", "expected"), AMOUNTS)
def test_amounts(amount: str, unit: str, counted: str, expected: int | str) -> None:
    assert _counted(amount, unit, counted) == expected


def _counted(amount: str, unit: str, counted: str) -> int | str:
    try:
        return base_units(Quantity(Decimal(amount), Unit(unit)), base_unit(Unit(counted)))
    except Refused as refused:
        return refused.rule


def test_units_are_the_same_by_code_or_by_word() -> None:
    tablet = Unit("tablet", SNOMED, "428673006")
    assert base_units(Quantity(Decimal(7), Unit("tab", SNOMED, "428673006")), base_unit(tablet)) == 7
    assert base_units(Quantity(Decimal(7), Unit("Tablets")), base_unit(tablet)) == 7
    assert Unit("tab", SNOMED, "1") != tablet
    assert Unit("tablet", UCUM, "{tablet}") == tablet


# held, wanted, unit -> why not
ENOUGH = [
    (28, 28, "tablet", None),
    (28, 0, "tablet", None),
    (27, 28, "tablet", "28 tablets wanted, and the shelf holds 27 tablets of this batch"),
    (0, 1, "tablet", "1 tablet wanted, and the shelf holds 0 tablets of this batch"),
    (2500, 100_000, "ml", "100 ml wanted, and the shelf holds 2.5 ml of this batch"),
]


@pytest.mark.parametrize(("held", "wanted", "unit", "why"), ENOUGH)
def test_more_than_the_shelf_holds(held: int, wanted: int, unit: str, why: str | None) -> None:
    found = enough(held, wanted, base_unit(Unit(unit)))
    assert (found.reason if found else None) == why
    assert found is None or found.rule == "stock.not-in-stock"


@pytest.mark.parametrize(
    ("amount", "unit", "words"),
    [
        (1, "tablet", "1 tablet"),
        (0, "patch", "0 patches"),
        (1500, "tablet", "1,500 tablets"),
        (2500, "ml", "2.5 ml"),
        (1, "gram", "0.001 gram"),
    ],
)
def test_amounts_in_words(amount: int, unit: str, words: str) -> None:
    assert amount_words(amount, base_unit(Unit(unit))) == words


def test_which_accounts_are_ours_to_count() -> None:
    boundary = {kind for kind in AccountKind if not kind.held}
    assert boundary == {
        AccountKind.SUPPLIER,
        AccountKind.PATIENT,
        AccountKind.RECIPIENT,
        AccountKind.WASTE,
        AccountKind.COUNT_DIFFERENCE,
    }
    assert {kind.value for kind in AccountKind if kind.dispensable} == {"shelf", "fridge", "robot"}
