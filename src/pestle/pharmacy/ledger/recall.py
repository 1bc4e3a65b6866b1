"""What does an alert ask of a pharmacy, is it late, and may it be called done?

Medicine recalls have a class, 1 to 4, of the Medicines and Healthcare products Regulatory Agency; a National
Patient Safety Alert has none and may be about no pack at all, and a maker or wholesaler may call back packs
without a class. The deadline is what the notice says: none is
worked out from the class. An alert is done when somebody says what was done, and nothing that it is about can
still be picked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import Enum

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refusal


class AlertKind(Enum):
    """What was sent out; the value is stored."""

    CLASS_1 = "class_1"
    CLASS_2 = "class_2"
    CLASS_3 = "class_3"
    CLASS_4 = "class_4"
    NATPSA = "natpsa"
    UNCLASSIFIED = "unclassified"

    @property
    def title(self) -> str:
        """As it stands on the notice."""
        return _KINDS.get(self) or f"Class {self.value[-1]}"

    @property
    def needs_deadline(self) -> bool:
        """Whether the notice always says by when; class 4 only asks for care, and a maker's or a
        wholesaler's own notice may say nothing."""
        return self not in (AlertKind.CLASS_4, AlertKind.UNCLASSIFIED)


_KINDS = {
    AlertKind.NATPSA: "National Patient Safety Alert",
    AlertKind.UNCLASSIFIED: "Recall without a class",
}


class RecallLevel(Enum):
    """How far down stock is called back; the value is stored."""

    PATIENT = "patient"
    PHARMACY = "pharmacy"
    WHOLESALER = "wholesaler"

    @property
    def title(self) -> str:
        """As a person says it."""
        return _LEVELS[self]


_LEVELS = {
    RecallLevel.PATIENT: "from patients",
    RecallLevel.PHARMACY: "from pharmacies and wards",
    RecallLevel.WHOLESALER: "from wholesalers",
}


class Standing(Enum):
    """Where an alert stands; the value is the word on the screen."""

    DONE = "done"
    OPEN = "open"
    OVERDUE = "overdue"


def standing(*, deadline: datetime | None, done: bool, now: datetime) -> Standing:
    """Done, open, or open past its deadline. The moment of the deadline itself is still in time."""
    if done:
        return Standing.DONE
    return Standing.OVERDUE if deadline is not None and now > deadline else Standing.OPEN


def may_act(*, words: str, done: bool, completes: bool, pickable: int, by: Person) -> Iterable[Refusal]:
    """What stands in the way of writing down an act, or (`completes`) that all is done, while `pickable`
    base units are still where packs are picked from: ``stock.role``, ``recall.no-words``, ``recall.done``,
    ``recall.still-held``."""
    if not by.has(Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST):
        yield Refusal(
            "stock.role", f"Stock is for technicians and pharmacists; you are signed in as {by.title}"
        )
    if len(words.strip()) < 3:
        yield Refusal("recall.no-words", "Say what was done", place="words")
    if done:
        yield Refusal("recall.done", "This alert is done already", way_out="Look at what was written down.")
    if completes and pickable:
        yield Refusal(
            "recall.still-held",
            "Recalled packs still stand where packs are picked from",
            place="done",
            way_out="Set them aside first: one button moves them all to quarantine.",
        )
