"""What does a supplier have to be told?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class OrderedPack:
    """So many packs with this GTIN; `name` is for people."""

    gtin: str
    name: str
    packs: int


@dataclass(frozen=True, slots=True)
class OrderOut:
    """An order by its number; `site` is the code of the pharmacy, for the NHS its ODS code."""

    number: str
    site: str
    ordered_on: date
    lines: tuple[OrderedPack, ...]
