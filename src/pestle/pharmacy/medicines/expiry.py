"""May this pack still be used today? The one rule for expiry, everywhere.

A date with a day is usable up to and including that day. A date with a month only ("use before end",
"EXP 03 2027") is usable to the last day of that month. GS1 AI 17 writes the second kind with day 00
(GS1 General Specifications, section 3.4.7). Once opened, a container is usable for its in-use life, counted
from the day of opening, but never past its expiry.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from pestle.pharmacy.refusal import refuse


@dataclass(frozen=True, slots=True, order=True)
class Expiry:
    """An expiry date as printed; `day` is 0 when only the month was printed."""

    year: int
    month: int
    day: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.month <= 12 or self.year < 1:
            raise refuse("expiry.not-a-date", f"{self.year}-{self.month} is not a month", place="expiry")
        if not 0 <= self.day <= calendar.monthrange(self.year, self.month)[1]:
            raise refuse("expiry.not-a-date", f"{self} is not a date", place="expiry")

    @property
    def last_usable_day(self) -> date:
        """The last day on which the pack may be supplied or used."""
        return date(self.year, self.month, self.day or calendar.monthrange(self.year, self.month)[1])

    def expired(self, *, on: date) -> bool:
        """Whether the pack is past its last usable day."""
        return on > self.last_usable_day

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}" + (f"-{self.day:02d}" if self.day else "")


@dataclass(frozen=True, slots=True)
class InUse:
    """A container that was opened, and for how many days after that day its maker lets it be used."""

    opened_on: date
    days: int

    def __post_init__(self) -> None:
        if not 0 <= self.days <= 3650:
            raise refuse("expiry.in-use", "The life after opening is 0 to 3650 days", place="days")


def last_usable_day(printed: Expiry, in_use: InUse | None = None) -> date:
    """The last day on which a container may be used: its expiry, or the end of its life after opening."""
    if in_use is None:
        return printed.last_usable_day
    return min(printed.last_usable_day, in_use.opened_on + timedelta(days=in_use.days))


def expiry(text: str, *, place: str = "expiry") -> Expiry:
    """Reads ``2027-03`` and ``2027-03-31``. Raises `Refused` (``expiry.not-a-date``)."""
    parts = text.strip().split("-")
    if not text.strip():
        raise refuse("expiry.not-a-date", "The expiry date is missing", place=place)
    if len(parts) not in (2, 3) or not all(part.isascii() and part.isdigit() for part in parts):
        raise refuse("expiry.not-a-date", f"“{text}” is not an expiry date", place=place,
                     way_out="Write year-month, or year-month-day if a day is printed.")  # fmt: skip
    return Expiry(int(parts[0]), int(parts[1]), int(parts[2]) if len(parts) == 3 else 0)
