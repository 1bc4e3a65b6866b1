"""What does a driver need to know of a round? Whom, where, what to bring, what needs care. No medicine."""

from __future__ import annotations

from dataclasses import dataclass

from pestle.pharmacy.record.patient import Name


@dataclass(frozen=True, slots=True)
class SheetStop:
    """One stop: `parts` are what is brought, `marks` what needs care (``CD``, ``FRIDGE``), `note` how often
    it came back before."""

    patient: Name
    address: tuple[str, ...]
    parts: tuple[str, ...]
    marks: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class RoundSheet:
    """A round: its number, who drives, and the stops in their order."""

    number: str
    driver: str
    stops: tuple[SheetStop, ...]
