"""Where does this fact come from, when was it true, and when did we learn it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class SourceKind(Enum):
    """How a fact reached us."""

    MESSAGE = "message"
    PERSON = "person"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Provenance:
    """`happened_at` is when the fact was true in the world (None: not said); `recorded_at` when it was
    written here (UTC). `who` is a name a person can read; `reference` points at the message or entry."""

    kind: SourceKind
    who: str
    recorded_at: datetime
    happened_at: datetime | None = None
    reference: str | None = None
