"""By when is a letter reconciled?

Within a week of the day on which the practice received it, and before any prescription or new supply of what
it is about, whichever comes first.

Source: NICE guideline NG5 (2015) and quality standard QS120 (2016), statement 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day, and why that one. `supply` names the medicine whose next supply comes first, else
    empty."""

    on: date
    supply: str = ""

    def days_left(self, today: date) -> int:
        """How many days are left; below zero when it has passed."""
        return (self.on - today).days

    def why(self) -> str:
        """The sentence beside the date."""
        if self.supply:
            return f"the next supply of {self.supply} is due"
        return "a week from receipt"


def deadline(received: date, next_supplies: Mapping[str, date]) -> Deadline:
    """The last day for a letter. `next_supplies`: for each medicine that is still to be settled, the day on
    which what was supplied last runs out; what cannot be told is left out. A day that lies before receipt
    sets the day of receipt."""
    latest = Deadline(received + WEEK)
    for name, on in sorted(next_supplies.items()):
        if on < latest.on:
            latest = Deadline(max(on, received), name)
    return latest
