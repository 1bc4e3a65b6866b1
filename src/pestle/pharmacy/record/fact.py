"""Which fact was used, as a person reads it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that was used: what it says, when it was so, and where it stands."""

    text: str
    on: date | None = None
    source: str = ""

    @property
    def dated(self) -> str:
        """Ibuprofen 400mg tablets (03-Oct-2026)."""
        return f"{self.text} ({self.on:%d-%b-%Y})" if self.on else self.text
