"""How far back does a condition look?

A `Window` lies behind the day on which the question is asked, or begins on a day that is fixed; both ends
are included. Months are those of the
calendar: three months before 31 May is 28 or 29 February, the last day there is.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from pestle.pharmacy.record.moment import PartialDate


class SpanUnit(Enum):
    """What a span is counted in. A week is seven days, a year twelve months."""

    DAYS = "days"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time, zero or more."""

    number: int
    unit: SpanUnit

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError("a span is not negative")

    def before(self, on: date) -> date:
        """The day that lies so long before; the first day there is, where it would lie before that."""
        if self.unit is SpanUnit.DAYS:
            return date.min if on.toordinal() <= self.number else on - timedelta(days=self.number)
        months = on.year * 12 + on.month - 1 - self.number
        if months < 12:
            return date.min
        year, month = divmod(months, 12)
        return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))

    def after(self, on: date) -> date:
        """The last day of which `before` is not later than `on`: what is done every so long is late from the
        next day on. One month after 30 April is 31 May, because 30 April lies a month before each."""
        if self.unit is SpanUnit.DAYS:
            return date.fromordinal(min(on.toordinal() + self.number, date.max.toordinal()))
        year, month = divmod(on.year * 12 + on.month - 1 + self.number, 12)
        if year > date.max.year:
            return date.max
        last = calendar.monthrange(year, month + 1)[1]
        ends = on.day == calendar.monthrange(on.year, on.month)[1]
        return date(year, month + 1, last if ends else min(on.day, last))

    def __str__(self) -> str:
        if self.unit is SpanUnit.MONTHS and self.number % 12 == 0 and self.number:
            return _counted(self.number // 12, "year")
        if self.unit is SpanUnit.DAYS and self.number % 7 == 0 and self.number >= 14:
            return _counted(self.number // 7, "week")
        return _counted(self.number, self.unit.value[:-1])


NONE = Span(0, SpanUnit.DAYS)


@dataclass(frozen=True, slots=True)
class Between:
    """From `first` to `last`, both included. `ever`: what has no date lies in them too."""

    first: date
    last: date
    ever: bool

    def hold(self, when: PartialDate | None) -> bool | None:
        """Whether something so dated lies in them; None when that cannot be told."""
        if when is None:
            return True if self.ever else None
        if when.first > self.last or when.last < self.first:
            return False
        return True if when.first >= self.first and when.last <= self.last else None


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` before the day, or since a fixed day (None: since ever), to `until` before it."""

    since: Span | date | None = None
    until: Span = NONE

    def begins(self, on: date) -> date | None:
        """Its first day, seen from a day; None: ever."""
        return self.since.before(on) if isinstance(self.since, Span) else self.since

    def seen_from(self, on: date) -> Between:
        """The days of the window, seen from a day."""
        return Between(self.begins(on) or date.min, self.until.before(on), ever=self == EVER)

    def holds(self, when: PartialDate | None, *, on: date) -> bool | None:
        """Whether something so dated lies in the window; None when that cannot be told."""
        return self.seen_from(on).hold(when)

    def __str__(self) -> str:
        if isinstance(self.since, date):
            since = f"since {self.since:%d-%b-%Y}"
        else:
            since = f"in the last {self.since}" if self.since else "ever"
        if self.until == NONE:
            return since
        return f"{since}, up to {self.until} ago" if self.since else f"before the last {self.until}"


EVER = Window()


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
