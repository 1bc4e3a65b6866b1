"""What is written on paper when a list of medicines was reconciled: to the patient, and back to who sent it?

To the patient in plain words, what to do with each medicine first; to the sender what each of their lines
ended as, and what the practice asks or found. Both are sections with lines; a section without lines is left
out."""

from __future__ import annotations

from dataclasses import dataclass

from pestle.pharmacy.record.patient import Patient
from pestle.pharmacy.refusal import refuse


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under one heading; of each line the medicine, and what is said of it."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class MedicinesLetter:
    """One letter. `about` says which list it answers; `closing` what to do with a question.

    Raises `Refused` (``letter.nothing-settled``) where no section has a line.
    """

    title: str
    to: tuple[str, ...]
    patient: Patient
    about: str
    sections: tuple[Section, ...]
    closing: str
    written: str
    by: str
    practice: str
    address: tuple[str, ...] = ()
    telephone: str = ""

    def __post_init__(self) -> None:
        if not any(section.lines for section in self.sections):
            raise refuse("letter.nothing-settled", "Nothing of this letter is settled yet",
                         way_out="Settle a medicine first.")  # fmt: skip
