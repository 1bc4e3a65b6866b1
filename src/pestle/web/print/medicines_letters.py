"""How does a letter about reconciled medicines look on paper? A4, what to do first."""

from __future__ import annotations

from pestle.pharmacy.documents.medicines_letter import MedicinesLetter
from pestle.web.print.labels import day_words
from pestle.web.print.typeset import pdf


def medicines_letter_pdf(letter: MedicinesLetter) -> bytes:
    """The letter as PDF/UA-1; the same letter gives the same bytes.

    Raises `Refused`: ``print.unprintable-character``.
    """
    patient = letter.patient
    return pdf(
        "medicines_letter.typ",
        {
            "title": letter.title,
            "to": list(letter.to),
            "patient": [
                str(patient.name),
                f"Born {day_words(patient.born) if patient.born else 'not known'}",
                f"NHS number {patient.nhs_number or 'not known'}",
            ],
            "about": letter.about,
            "sections": [
                {"title": section.title, "lines": [list(line) for line in section.lines]}
                for section in letter.sections
            ],
            "closing": letter.closing,
            "written": letter.written,
            "by": letter.by,
            "practice": letter.practice,
            "address": list(letter.address),
            "telephone": letter.telephone or "not recorded",
        },
    )
