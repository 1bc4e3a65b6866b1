"""How many whole base units is that, and how does a person say it?

Stock is counted in whole base units: tablets one by one, millilitres and grams in thousandths. What cannot be
divided is never counted in parts."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from pestle.pharmacy.medicines.concept import BaseUnit, Pack
from pestle.pharmacy.quantity import Quantity, Unit, counted, plain
from pestle.pharmacy.refusal import refuse

# A thousand litres, or a thousand million tablets, of one thing at one time is a slip of the finger.
MOST = 10**9

_CONTINUOUS = frozenset({"ml", "millilitre", "g", "gram", "litre", "l", "kg"})


def base_unit(unit: Unit) -> BaseUnit:
    """What stock of that unit is counted in: tablets one by one, millilitres and grams in thousandths."""
    return BaseUnit(unit, 1000 if unit.text.strip().casefold() in _CONTINUOUS else 1)


def base_units(quantity: Quantity, base: BaseUnit) -> int:
    """The whole number of base units in a quantity.

    Raises `Refused`: ``ledger.other-unit`` when the units differ, ``ledger.not-whole`` when the quantity
    would divide what cannot be divided, ``ledger.not-positive`` for zero or less, ``ledger.too-much`` for
    more than any shelf holds.
    """
    if quantity.unit != base.unit:
        raise refuse(
            "ledger.other-unit",
            f"The quantity is in {quantity.unit}, and this product is counted in {base.unit}",
            place="quantity",
            way_out="Confirm the quantity in the product's own unit.",
        )
    # As a fraction, because decimal arithmetic rounds long numbers.
    amount = Fraction(quantity.value) * base.per_unit
    if amount.denominator != 1:
        raise refuse("ledger.not-whole", f"{quantity} cannot be counted out", place="quantity")
    if amount <= 0:
        raise refuse("ledger.not-positive", "The quantity is not above zero", place="quantity")
    if amount >= MOST:
        raise refuse("ledger.too-much", f"{quantity} is more than any shelf holds", place="quantity",
                     way_out="Check the quantity against its source.")  # fmt: skip
    return int(amount)


def pack_amount(pack: Pack) -> int:
    """The base units in one whole pack. Raises `Refused` as `base_units` does."""
    return base_units(Quantity(pack.quantity, pack.unit), base_unit(pack.unit))


def amount_words(amount: int, base: BaseUnit) -> str:
    """An amount of base units as a person says it: 28 tablets, 2.5 ml."""
    value = Decimal(amount) / base.per_unit
    return f"{plain(value)} {counted(base.unit.text, value)}"
