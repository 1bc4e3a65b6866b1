"""How exactly is a formula worked out, and how is its figure rounded to be shown?

Everything between entry and figure is worked out with 34 significant digits, half to even (IEEE 754-2008
decimal128); powers, roots, exponentials and logarithms are `Decimal`'s own, correct to the last of them. A
figure keeps 28 of these digits, so that what was lost in converting a unit cannot tip a half; a threshold is
compared with it, and not with what is shown. What is shown is rounded half up, to as many decimals as the
calculator says.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from pestle.pharmacy.quantity import plain

EXACT = Context(prec=34, rounding=ROUND_HALF_EVEN)
_SETTLED = Context(prec=28, rounding=ROUND_HALF_EVEN)


def decimal_of(value: Fraction) -> Decimal:
    """The nearest `Decimal` of 34 digits."""
    return EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))


def settled(value: Decimal) -> Decimal:
    """To 28 digits."""
    return _SETTLED.plus(value)


def rounded(value: Decimal, places: int) -> Decimal:
    """Half up, to so many decimals."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, EXACT) + 0


def shown(value: Decimal, places: int = 4) -> str:
    """The rounded number in plain digits: no exponent, no trailing zero."""
    return plain(rounded(value, places))
