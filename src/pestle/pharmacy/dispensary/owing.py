"""How much of a line has the patient had, how much is owed, and what may be promised?

A line that cannot be supplied in full is supplied in part, or not yet at all, and the rest is owed: with a
reason for every unit that is missing and the day on which it is promised. The rest may leave no later than
the line itself may be supplied (`validity.py`: 28 days from the appropriate date for Schedules 2, 3 and 4;
NHSBSA KA-01561, read 2026-11-22). The service has no code for these reasons, so they are in our own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.medicines.concept import BaseUnit
from pestle.pharmacy.refusal import Refusal


class OwingReason(Enum):
    """Why a unit is missing; the value is stored, `words` are said."""

    WHOLESALER = "wholesaler"
    MANUFACTURER = "manufacturer"
    SHELF = "shelf"
    PATIENT = "patient"
    SPECIAL = "special"
    QUARANTINE = "quarantine"
    INSTALMENT = "instalment"
    QUERY = "query"

    @property
    def words(self) -> str:
        """What the screen and the slip say."""
        return _WORDS[self]


_WORDS = {
    OwingReason.WHOLESALER: "The wholesaler has none",
    OwingReason.MANUFACTURER: "The manufacturer has a shortage",
    OwingReason.SHELF: "Not enough on the shelf",
    OwingReason.PATIENT: "The patient took a part",
    OwingReason.SPECIAL: "Ordered as a special",
    OwingReason.QUARANTINE: "What we have is recalled or in quarantine",
    OwingReason.INSTALMENT: "Collected in instalments",
    OwingReason.QUERY: "It waits for the answer to a query",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one line stands, in base units of its product: of what is `wanted`, what has left (`supplied`),
    what is picked and still here (`bagged`), and what does not leave with it (`owed`).

    Raises `ValueError` at birth when that is more than what is wanted.
    """

    wanted: int
    supplied: int = 0
    bagged: int = 0
    owed: int = 0

    def __post_init__(self) -> None:
        parts = (self.supplied, self.bagged, self.owed)
        if min(parts) < 0 or sum(parts) > self.wanted:
            raise ValueError(f"{parts} of {self.wanted}")

    @property
    def rest(self) -> int:
        """What the patient has not had yet."""
        return self.wanted - self.supplied

    @property
    def this_time(self) -> int:
        """What is to leave with the next hand-out, picked already or not."""
        return self.rest - self.owed

    @property
    def missing(self) -> int:
        """What is still to be picked for it."""
        return self.this_time - self.bagged


@dataclass(frozen=True, slots=True)
class Missing:
    """So many base units, and why."""

    amount: int
    reason: OwingReason


def owing_refusals(
    standing: Standing,
    missing: Sequence[Missing],
    *,
    promised_on: date | None,
    on: date,
    last_day: date | None,
    base: BaseUnit,
) -> Iterator[Refusal]:
    """Why this may not be owed: ``owing.not-positive``, ``owing.too-much``, ``owing.no-promise``,
    ``owing.promise-past``, ``owing.after-last-day``.

    `last_day` is the last on which the line may be supplied, None when that is not known. Nothing missing
    ends what was owed, and needs no promise.
    """
    if any(one.amount <= 0 for one in missing):
        yield Refusal("owing.not-positive", "The amount that is owed is not above zero", "owed")
    owed = sum(one.amount for one in missing)
    most = standing.rest - standing.bagged
    if owed > most:
        yield Refusal(
            "owing.too-much",
            f"{amount_words(owed, base)} cannot be owed: {amount_words(most, base)} are not picked",
            "owed",
            "Put a pack back, or owe less.",
        )
    if owed:
        yield from promise_refusals(promised_on, on=on, last_day=last_day)


def promise_refusals(promised_on: date | None, *, on: date, last_day: date | None) -> Iterator[Refusal]:
    """Why that day may not be promised; see `owing_refusals`."""
    if promised_on is None:
        yield Refusal("owing.no-promise", "Say on which day the rest is promised", "promised day")
    elif promised_on < on:
        yield Refusal("owing.promise-past", f"{promised_on:%d-%b-%Y} is past", "promised day")
    elif last_day is not None and promised_on > last_day:
        yield Refusal(
            "owing.after-last-day",
            f"It may not be supplied after {last_day:%d-%b-%Y}, and was promised for {promised_on:%d-%b-%Y}",
            "promised day",
            "Promise an earlier day, or ask the prescriber for a new prescription.",
        )


# A pharmacy's own rule, so that the prescriber can still be asked in time.
WARN_DAYS = timedelta(days=7)


def ends_soon(last_day: date | None, *, on: date) -> bool:
    """Whether the last day on which it may be supplied is past, or so near that somebody must be warned."""
    return last_day is not None and last_day - on <= WARN_DAYS


@dataclass(frozen=True, slots=True)
class Owed:
    """So much owed of one line, promised for a day and noted as the `n`-th; any of `products` will do."""

    line: int
    amount: int
    promised_on: date
    n: int
    products: frozenset[str]


@dataclass(frozen=True, slots=True)
class OnShelf:
    """So much of a product that may be picked, usable to its last day."""

    product: str
    amount: int
    last_day: date


@dataclass(frozen=True, slots=True)
class Allotted:
    """How much of the stock is kept for a line, in the order of promise."""

    owed: Owed
    amount: int

    @property
    def whole(self) -> bool:
        """Whether all that is owed is there."""
        return self.amount == self.owed.amount


def allot(owed: Iterable[Owed], shelf: Iterable[OnShelf]) -> tuple[Allotted, ...]:
    """Which stock is kept for whom: the day that was promised first comes first, of one day what was noted
    first. What expires first is used first. Nothing is kept for two; and what does not suffice for the first
    in the queue is kept for them all the same, so that nobody is overtaken.
    """
    lots = sorted(shelf, key=lambda one: (one.last_day, one.product))
    left = [one.amount for one in lots]
    found = []
    for want in sorted(owed, key=lambda one: (one.promised_on, one.n)):
        missing = want.amount
        for n, lot in enumerate(lots):
            if lot.product in want.products:
                taken = min(missing, left[n])
                left[n] -= taken
                missing -= taken
        found.append(Allotted(want, want.amount - missing))
    return tuple(found)
