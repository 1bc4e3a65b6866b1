"""What has become of a patient since a measure was asked before?

Only who is known not to be found any more is resolved: of whom nobody can tell now, nobody can tell that.
"""

from __future__ import annotations

from enum import Enum

from pestle.pharmacy.measures.measure import Standing


class Change(Enum):
    """The sentence that a list says. The value stands in addresses."""

    NEW = "new"
    STILL = "still"
    RESOLVED = "resolved"
    UNSURE = "unsure"

    @property
    def words(self) -> str:
        """As the page says it."""
        return _WORDS[self]


_WORDS = {
    Change.NEW: "New",
    Change.STILL: "Still",
    Change.RESOLVED: "Resolved",
    Change.UNSURE: "Cannot tell any more",
}


def change(before: Standing, now: Standing) -> Change | None:
    """The change of a patient who is or was found; None of anybody else. Who was not asked before, or of whom
    nobody could tell then, and is found now is new."""
    if now is Standing.FOUND:
        return Change.STILL if before is Standing.FOUND else Change.NEW
    if before is not Standing.FOUND:
        return None
    return Change.UNSURE if now is Standing.CANNOT_TELL else Change.RESOLVED
