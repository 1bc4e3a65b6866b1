"""May this person look into a difference between book and count, and may they close it?

Whoever opened it never closes it, and nobody closes what nobody has looked into. For a controlled drug of
Schedule 2 a pharmacist closes it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy.ledger.routes import KEEPS_STOCK
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refusal


class Closing(Enum):
    """What a difference turned out to be; the value is stored."""

    ENTRY_MISSING = "entry_missing"
    ENTRY_WRONG = "entry_wrong"
    MISCOUNTED = "miscounted"
    OVERAGE = "overage"
    LOST = "lost"
    UNEXPLAINED = "unexplained"

    @property
    def words(self) -> str:
        """As a person says it."""
        return _WORDS[self]


_WORDS = {
    Closing.ENTRY_MISSING: "something that moved had not been entered",
    Closing.ENTRY_WRONG: "an entry was wrong",
    Closing.MISCOUNTED: "it had been counted wrongly",
    Closing.OVERAGE: "the maker's overage",
    Closing.LOST: "it was lost or stolen",
    Closing.UNEXPLAINED: "it could not be explained",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A discrepancy as it stands: who opened it, whether anybody has looked into it, whether it is closed."""

    opened_by: int
    looked_into: bool
    closed: bool
    needs_pharmacist: bool = False


def may_look_into(standing: Standing, *, by: Person, words: str) -> Iterable[Refusal]:
    """What stands in the way: ``discrepancy.closed``, ``stock.role``, ``discrepancy.no-words``."""
    yield from _open(standing, by=by)
    if len(words.strip()) < 3:
        yield Refusal("discrepancy.no-words", "Say what was found", place="words")


def may_close(standing: Standing, *, by: Person, words: str) -> Iterable[Refusal]:
    """What stands in the way: those above, ``discrepancy.own``, ``discrepancy.not-looked-into``,
    ``discrepancy.pharmacist``."""
    yield from may_look_into(standing, by=by, words=words)
    if by.id == standing.opened_by:
        yield Refusal(
            "discrepancy.own",
            "Somebody else closes what you opened",
            way_out="Ask a colleague who did not open it.",
        )
    if not standing.looked_into:
        yield Refusal("discrepancy.not-looked-into", "Nobody has looked into this yet",
                      way_out="Write down first what was checked.")  # fmt: skip
    if standing.needs_pharmacist and not by.has(Role.PHARMACIST):
        yield Refusal("discrepancy.pharmacist", "A pharmacist closes this, since the drug is controlled")


def _open(standing: Standing, *, by: Person) -> Iterable[Refusal]:
    if not by.has(*KEEPS_STOCK):
        yield Refusal(
            "stock.role", f"Stock is for technicians and pharmacists; you are signed in as {by.title}"
        )
    if standing.closed:
        yield Refusal("discrepancy.closed", "This is closed already")
