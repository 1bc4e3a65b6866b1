"""Which rule of law is followed here, and has anybody compared it with the law's own text?

A rule that is known from a summary or from memory may be wrong or out of date, so a page that follows it says
so. Only what was compared with the text itself counts as verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class KnownFrom(Enum):
    """How the rule is known; the value is shown."""

    TEXT = "compared with the text"
    SUMMARY = "known from a summary"
    MEMORY = "known from memory"


@dataclass(frozen=True, slots=True)
class Law:
    """One rule: what it `says` in our words, and by which `regulation`."""

    says: str
    regulation: str
    known_from: KnownFrom

    @property
    def verified(self) -> bool:
        """Whether somebody compared it with the law's own text."""
        return self.known_from is KnownFrom.TEXT
