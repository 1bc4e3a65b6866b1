"""What is the least that an account held, from a moment on?

An entry about the past takes its place among the entries of its time, after those of the same instant. It
may take out no more than what the account held at its lowest from then on; else the book would say that
some later supply was made from nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.medicines.concept import BaseUnit
from pestle.pharmacy.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Change:
    """What one entry did to one account of one batch: base units, below zero for what went out. `place`
    orders entries of one instant."""

    at: datetime
    place: int
    amount: int


@dataclass(frozen=True, slots=True)
class Lowest:
    """The least that was held, and since when: None for the moment that was asked about."""

    held: int
    since: datetime | None


def lowest_since(moment: datetime, *, held: int, changes: Iterable[Change]) -> Lowest:
    """The least that the account held at `moment` and ever after, where it holds `held` now.

    `changes` may hold earlier ones, which do not count, and have any order.
    """
    later = sorted(
        (change for change in changes if change.at > moment), key=lambda change: (change.at, change.place)
    )
    level = held - sum(change.amount for change in later)
    lowest = Lowest(level, None)
    for change in later:
        level += change.amount
        if level < lowest.held:
            lowest = Lowest(level, change.at)
    return lowest


def enough_since(lowest: Lowest, wanted: int, base: BaseUnit, *, where: str) -> Refusal | None:
    """Why `wanted` base units cannot be taken out in the past; None when they can."""
    if wanted <= lowest.held:
        return None
    when = f"on {lowest.since:%d-%b-%Y at %H:%M} UTC" if lowest.since else "then"
    return Refusal(
        "stock.not-in-stock-then",
        f"{amount_words(wanted, base)} wanted, and {when} {where} held {amount_words(lowest.held, base)} "
        "of this batch",
        place="happened at",
        way_out="Check the day and the batch; enter what is missing before it, or record the difference.",
    )
