"""What stands on the slip that the patient takes home when something is owed?

Whose it is, what is still to come, how much of how much, on which day it is promised, until when it may be
supplied, and whom to ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pestle.pharmacy.documents.label import invisible_characters
from pestle.pharmacy.record.patient import Name
from pestle.pharmacy.refusal import Refusal, Refused


@dataclass(frozen=True, slots=True)
class SlipLine:
    """One medicine that is owed: `owed` of `prescribed`, in words, and why. `last_day` is the last on which
    it may be supplied, None where that is not known."""

    medicine: str
    owed: str
    prescribed: str
    reasons: tuple[str, ...]
    promised_on: date
    last_day: date | None


@dataclass(frozen=True, slots=True)
class OwingSlip:
    """One slip. Raises `Refused`, naming everything at once: ``slip.no-patient-name``,
    ``slip.nothing-owed``, ``slip.invisible-character``."""

    patient: Name
    pharmacy_name: str
    pharmacy_address: tuple[str, ...]
    pharmacy_telephone: str
    reference: str
    on: date
    lines: tuple[SlipLine, ...]

    def __post_init__(self) -> None:
        refusals: list[Refusal] = []
        if not self.patient.family.strip():
            refusals.append(Refusal("slip.no-patient-name", "A slip needs the patient's name", "patient"))
        if not self.lines:
            refusals.append(Refusal("slip.nothing-owed", "Nothing is owed", "lines"))
        said = [
            str(self.patient),
            *(words for line in self.lines for words in (line.medicine, *line.reasons)),
        ]
        if invisible_characters("".join(said)):
            refusals.append(
                Refusal(
                    "slip.invisible-character",
                    "The slip holds characters that cannot be seen in print",
                    way_out="Type these words again.",
                )
            )
        if refusals:
            raise Refused(*refusals)
