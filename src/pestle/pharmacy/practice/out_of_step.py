"""Which repeats are out of step with use, what was not collected, and what is asked about each?

Over-ordered, under-ordered, not ordered for long, not collected, not known to be collected. Each can be sent
to the patient-task list, once while it is open there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from pestle.pharmacy.practice.repeats import Surplus
from pestle.pharmacy.quantity import counted, plain
from pestle.pharmacy.worklist.patient_task import Kind, Wanted

_DUE = timedelta(days=7)


class OutOfStep(Enum):
    """In which way. The value stands in addresses and in what brought a task; the title is shown."""

    OVER = "over"
    UNDER = "under"
    NOT_ORDERED = "not-ordered"
    NOT_COLLECTED = "not-collected"
    NOT_KNOWN = "not-known"

    @property
    def title(self) -> str:
        """As a heading."""
        return _TITLES[self]

    @property
    def to_do(self) -> str:
        """What is suggested of each."""
        return _TO_DO[self].format(name="it")


_TITLES = {
    OutOfStep.OVER: "Over-ordered",
    OutOfStep.UNDER: "Under-ordered",
    OutOfStep.NOT_ORDERED: "Not ordered",
    OutOfStep.NOT_COLLECTED: "Not collected",
    OutOfStep.NOT_KNOWN: "Not known to be collected",
}
_TO_DO = {
    OutOfStep.OVER: "Ask how much is in hand of {name}",
    OutOfStep.UNDER: "Ask how {name} is taken",
    OutOfStep.NOT_ORDERED: "Ask whether {name} is still taken; if not, end the line",
    OutOfStep.NOT_COLLECTED: "Ask why {name} was not collected",
    OutOfStep.NOT_KNOWN: "Find out whether {name} was collected",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One line of a patient's list, or one signed item (`id` is its own), and why it stands here."""

    way: OutOfStep
    id: int
    patient_id: int
    name: str
    why: str

    @property
    def origin(self) -> str:
        """What brings its task."""
        return f"{self.way.value}:{self.id}"

    @property
    def to_do(self) -> str:
        """What is suggested."""
        return _TO_DO[self.way].format(name=self.name)


def wanted(found: Found, *, on: date) -> Wanted:
    """The task, due in a week, for whoever works with medicines."""
    title = found.to_do if len(found.to_do) <= 200 else f"{found.to_do[:199]}…"
    return Wanted(found.patient_id, Kind.REPEATS, found.origin, title, found.why, due_on=on + _DUE)


def why_over(surplus: Surplus, unit: str) -> str:
    """“56 tablets (2 items) beyond one issue”."""
    much = f"{plain(surplus.units)} {counted(unit, surplus.units)}"
    items = "less than an item" if not surplus.items else f"{surplus.items} item{'s' * (surplus.items > 1)}"
    return f"{much} ({items}) beyond one issue"


def why_under(per_100_days: int) -> str:
    """“Issued for 70 of 100 days”."""
    return f"Issued for {per_100_days} of 100 days"


def why_not_ordered(last: date, *, on: date) -> str:
    """“Last issued 02-Mar-2026, 273 days ago”."""
    return f"Last issued {last:%d-%b-%Y}, {(on - last).days} days ago"


def why_collected(signed_on: date, told: str, why: str, told_on: date | None) -> str:
    """“Signed 02-Mar-2026; the service said on 30-Mar-2026: not dispensed (Not collected)”."""
    if not told or told_on is None:
        return f"Signed {signed_on:%d-%b-%Y}; nothing was heard since"
    more = f" ({why})" if why else ""
    return f"Signed {signed_on:%d-%b-%Y}; the service said on {told_on:%d-%b-%Y}: {told}{more}"
