"""What does a letter say that tells a patient that something is ready? No medicine, only a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pestle.pharmacy.record.patient import Address, Name


@dataclass(frozen=True, slots=True)
class ReadyLetter:
    """One letter: to whom, where, of which day, in which words."""

    patient: Name
    address: Address | None
    on: date
    words: str

    @property
    def addressee(self) -> str:
        """Mrs Mary O'Brien: as an envelope says it, and not as a list does."""
        given = self.patient.given[:1]
        return " ".join(part for part in (self.patient.prefix, *given, self.patient.family) if part.strip())

    @property
    def address_lines(self) -> tuple[str, ...]:
        """The address, the postcode last; says so where none is known."""
        if self.address is None:
            return ("Address not known: hand it over",)
        lines = (*self.address.lines, self.address.postcode)
        return tuple(line for line in lines if line.strip()) or ("Address not known: hand it over",)
