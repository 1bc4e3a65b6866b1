"""What is the medicine worth that a patient has in hand beyond need?

The worth is the share of a pack at the Drug Tariff's price of that month, where there is one, else at the
maker's list price, rounded half up to whole pence. Of several packs the one counts that costs least for each
unit, so that a sum is never too high. What has no price has a worth that is *not known*, never nought, and a
sum says of how many lines it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from pestle.pharmacy.ledger.waste import cost, pounds
from pestle.pharmacy.medicines.concept import BaseUnit, Pack, Price
from pestle.pharmacy.quantity import singular


@dataclass(frozen=True, slots=True)
class PackPrice:
    """A price of a pack of `size` units; `unit` is the word for one of them."""

    size: Decimal
    unit: str
    price: Price

    @property
    def month(self) -> date | None:
        """Since when the price holds; None where the source does not say."""
        return self.price.since


@dataclass(frozen=True, slots=True)
class Worth:
    """What so much is worth: its base units, and the pence at `price`."""

    base_units: int
    pence: int
    price: PackPrice


def of_packs(packs: Iterable[Pack]) -> list[PackPrice]:
    """The prices that a dictionary has of packs: those of the tariff; where there is none, the makers'."""
    several = [pack for pack in packs if pack.valid]
    found = [_priced(pack, pack.tariff) for pack in several if pack.tariff]
    return found or [_priced(pack, pack.price) for pack in several if pack.price]


def _priced(pack: Pack, price: Price) -> PackPrice:
    return PackPrice(pack.quantity, singular(pack.unit.text).casefold(), price)


def worth(units: Decimal, unit: str, base: BaseUnit | None, prices: Iterable[PackPrice]) -> Worth | None:
    """What so many units are worth at the price that is lowest for each; None where no price is known, or the
    price counts another unit or parts of what cannot be divided."""
    if base is None or singular(base.unit.text).casefold() != singular(unit).casefold():
        return None
    amount = units * base.per_unit
    fitting = [
        one for one in prices
        if one.unit == singular(unit).casefold() and one.size > 0 and _whole(one.size * base.per_unit)
    ]  # fmt: skip
    if not fitting or not _whole(amount):
        return None
    least = min(fitting, key=lambda one: Fraction(one.price.pence) / Fraction(one.size))
    pence = cost(int(amount), int(least.size * base.per_unit), least.price)
    return None if pence is None else Worth(int(amount), pence, least)


def _whole(value: Decimal) -> bool:
    return value == value.to_integral_value()


@dataclass(frozen=True, slots=True)
class Sum:
    """The worth of several lines: the pence that are known, and of how many lines they are not."""

    pence: int
    lines: int
    unknown: int

    def __str__(self) -> str:
        """“£12.05”, “at least £12.05”, “price not known”."""
        if self.unknown == self.lines:
            return "price not known" if self.lines else pounds(0)
        return f"at least {pounds(self.pence)}" if self.unknown else pounds(self.pence)


def total(several: Iterable[Worth | None]) -> Sum:
    """The sum of the worths."""
    found = list(several)
    known = [one.pence for one in found if one is not None]
    return Sum(sum(known), len(found), len(found) - len(known))
