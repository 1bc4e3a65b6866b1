"""What becomes of a prescriber's wish to cancel a line?

Before anything is labelled the line is cancelled. After that the medicine may be in a bag or in the patient's
hands, so nothing is undone by a message: the line is marked, and both sides are told to telephone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy.dispensary import workflow


class Outcome(Enum):
    """What becomes of the wish; the value is stored, `words` are said."""

    CANCELLED = "cancelled"
    WITH_DISPENSER = "with_dispenser"
    WITH_DISPENSER_ACTIVE = "with_dispenser_active"
    ALREADY_DISPENSED = "already_dispensed"
    ALREADY_CANCELLED = "already_cancelled"
    NOT_FOUND = "not_found"
    NOT_DISPENSED = "not_dispensed"

    @property
    def telephone(self) -> bool:
        """Whether the prescriber and the pharmacy must speak."""
        return self in (Outcome.WITH_DISPENSER, Outcome.WITH_DISPENSER_ACTIVE, Outcome.ALREADY_DISPENSED)

    @property
    def words(self) -> str:
        """What the bench is told."""
        return _WORDS[self]


_WORDS = {
    Outcome.CANCELLED: "The line is cancelled",
    Outcome.WITH_DISPENSER: "Not cancelled: it is being dispensed here. Telephone the prescriber.",
    Outcome.WITH_DISPENSER_ACTIVE: "Not cancelled: part of it is supplied. Telephone the prescriber.",
    Outcome.ALREADY_DISPENSED: "Not cancelled: it has been handed out. Telephone the prescriber.",
    Outcome.ALREADY_CANCELLED: "The line had been cancelled before",
    Outcome.NOT_FOUND: "No such prescription line is held here",
    Outcome.NOT_DISPENSED: "Not cancelled: the line was not dispensed",
}


@dataclass(frozen=True, slots=True)
class LineHeld:
    """The line as we hold it: its state, the step of its prescription, and whether something of the
    prescription, this line or another, was handed out."""

    state: str
    step: str
    some_supplied: bool = False


def outcome(line: LineHeld | None) -> Outcome:
    """What happens to the line (None: we hold no such line)."""
    if line is None:
        return Outcome.NOT_FOUND
    if line.state == "cancelled":
        return Outcome.ALREADY_CANCELLED
    if line.state == "supplied":
        return Outcome.ALREADY_DISPENSED
    if line.state in ("refused", "withheld"):
        return Outcome.NOT_DISPENSED
    if line.step in (workflow.ENTRY, workflow.CLINICAL):
        return Outcome.CANCELLED
    return Outcome.WITH_DISPENSER_ACTIVE if line.some_supplied else Outcome.WITH_DISPENSER
