"""What will expire before it is used, if use goes on as it did?

The first to expire is used first, the same amount every day. What a lot still has after its last usable day
is at risk: to be used elsewhere, sent back, or counted as waste to come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

# A product that lasts longer than this many days is said to be slow-moving. A house rule.
SLOW_DAYS = 180


@dataclass(frozen=True, slots=True)
class Ahead:
    """So many base units that can be used up to and including `last_day`."""

    lot: int
    last_day: date
    amount: int


def at_risk(lots: Sequence[Ahead], *, used: int, days: int, on: date) -> dict[int, int]:
    """How many base units of each lot, by its number, will be left over when it expires.

    `used` in so many `days` is the use that goes on. A part of a base unit that is left counts as a whole.
    """
    rate = Fraction(used, max(days, 1))
    taken = Fraction(0)
    left: dict[int, int] = {}
    for one in sorted(lots, key=lambda one: (one.last_day, one.lot)):
        until = max((one.last_day - on).days + 1, 0)
        could = max(rate * until - taken, Fraction(0))
        goes = min(Fraction(one.amount), could)
        taken += goes
        rest = one.amount - goes
        left[one.lot] = -(-rest.numerator // rest.denominator)
    return left


def slow(usable: int, used: int, *, days: int) -> bool:
    """Whether a product lasts longer than `SLOW_DAYS`, or is not used at all."""
    return usable > 0 and usable * days > used * SLOW_DAYS


def months_ahead(lots: Sequence[Ahead], *, on: date, months: int = 12) -> list[tuple[int, int, int]]:
    """Year, month and how many lots expire in it, from this month on; what has expired counts in none, and
    what expires later is left out."""
    first = on.year * 12 + on.month - 1
    counts = dict.fromkeys(range(first, first + months), 0)
    for one in lots:
        month = one.last_day.year * 12 + one.last_day.month - 1
        if one.last_day >= on and month in counts:
            counts[month] += 1
    return [(month // 12, month % 12 + 1, count) for month, count in counts.items()]
