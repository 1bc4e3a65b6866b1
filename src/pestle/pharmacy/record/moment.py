"""When was something so, if only the year or the month was written down?

A `PartialDate` is a FHIR date or dateTime cut to its day: a year, a month or a day. It lies somewhere between
its `first` and its `last` day, so a comparison has three answers. Source: FHIR R4 date and dateTime
(hl7.org/fhir/R4/datatypes.html, 2019); NHS Common User Interface, approximate dates (2013).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import date

from pestle.pharmacy.refusal import refuse


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day, a month (no `day`) or a year (no `month` either): some day from `first` to `last`.

    Raises `Refused`: ``date.impossible``.
    """

    year: int
    month: int | None = None
    day: int | None = None
    first: date = field(init=False, repr=False, compare=False)
    last: date = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.day is not None and self.month is None:
            raise ValueError("a day belongs to a month")
        try:
            first = last = date(self.year, self.month or 1, self.day or 1)
        except ValueError:
            raise refuse("date.impossible", f"{self} is not a date", place="date") from None
        if self.day is None:
            month = self.month or 12
            last = date(self.year, month, calendar.monthrange(self.year, month)[1])
        # Worked out at birth: they are what every comparison asks for.
        object.__setattr__(self, "first", first)
        object.__setattr__(self, "last", last)

    def before(self, on: date) -> bool | None:
        """Whether it lies before a day; None when that cannot be told."""
        if self.last < on:
            return True
        return False if self.first >= on else None

    def after(self, on: date) -> bool | None:
        """Whether it lies after a day; None when that cannot be told."""
        if self.first > on:
            return True
        return False if self.last <= on else None

    @property
    def words(self) -> str:
        """As people read it, as much as is known: 09-Jul-2026, Jul-2026, 2026."""
        if self.month is None:
            return f"{self.year:04d}"
        return f"{self.first:%b-%Y}" if self.day is None else f"{self.first:%d-%b-%Y}"

    def __str__(self) -> str:
        """As ISO 8601 writes it: ``2026``, ``2026-07``, ``2026-07-09``."""
        parts = [f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part is not None)]
        return "-".join(parts)


def whole(on: date) -> PartialDate:
    """A day that is known."""
    return PartialDate(on.year, on.month, on.day)


def partial_date(text: str, *, place: str) -> PartialDate:
    """The date that ISO 8601 text writes, cut to the day.

    Raises `Refused`: ``date.unreadable``, ``date.impossible``, naming `place`.
    """
    parts = text.strip()[:10].split("-")
    digits = [part for part in parts if part.isascii() and part.isdigit()]
    if len(digits) != len(parts) or [len(part) for part in parts] != [4, 2, 2][: len(parts)]:
        raise refuse("date.unreadable", f"“{text}” is not a date such as 2026-07-09", place=place)
    try:
        return PartialDate(*map(int, parts))
    except ValueError:
        raise refuse("date.impossible", f"“{text}” is not a date", place=place) from None
