"""What of a day's work was promised and is late, was late, or soon will be?

A prescription is ready when it has passed the accuracy check: from then on its bag waits for the patient, and
the pharmacy has kept its promise. A site's own measure, not law.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from pestle.pharmacy.worklist.workflow import Done

SOON = timedelta(hours=1)
READY = "pass_accuracy"


class Promise(Enum):
    """How the promise of what is not ready stands."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"

    @property
    def words(self) -> str:
        """As the page says it."""
        return _WORDS[self]


_WORDS = {Promise.OVERDUE: "Overdue", Promise.SOON: "Due within the hour", Promise.LATER: "Later today"}


class LateReason(Enum):
    """Why something was ready after its time, as whoever runs the day says it. The value is stored."""

    STOCK = "stock"
    QUERY = "query"
    WORK = "work"
    ERROR = "error"
    MACHINE = "machine"
    TIME = "time"

    @property
    def words(self) -> str:
        """As the page says it."""
        return _LATE_WORDS[self]


_LATE_WORDS = {
    LateReason.STOCK: "Stock was missing",
    LateReason.QUERY: "An answer was awaited",
    LateReason.WORK: "More work than people",
    LateReason.ERROR: "Done again after an error",
    LateReason.MACHINE: "A machine or system stood still",
    LateReason.TIME: "Promised too early",
}


@dataclass(frozen=True, slots=True)
class Late:
    """A promise that was not kept: how long after it was due it was ready."""

    due_at: datetime
    ready_at: datetime

    @property
    def by(self) -> timedelta:
        """How late."""
        return self.ready_at - self.due_at


def promise(due_at: datetime, *, now: datetime) -> Promise:
    """How a promise stands that is not kept yet."""
    if due_at < now:
        return Promise.OVERDUE
    return Promise.SOON if due_at <= now + SOON else Promise.LATER


def late(due_at: datetime, done: Sequence[Done]) -> Late | None:
    """By how much it was late when it was last ready; None where it was in time, or is not ready."""
    ready = [one.at for one in done if one.verb == READY]
    return Late(due_at, ready[-1]) if ready and ready[-1] > due_at else None
