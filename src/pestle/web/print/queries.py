"""How does a question to somebody outside look on paper? One sheet of A4, with room for the answer."""

from __future__ import annotations

from pestle.pharmacy.documents.query_letter import QueryLetter
from pestle.web.print.labels import day_words
from pestle.web.print.typeset import pdf


def query_pdf(letter: QueryLetter) -> bytes:
    """The letter as PDF/UA-1; the same letter gives the same bytes.

    Raises `Refused`: ``print.unprintable-character``.
    """
    patient = letter.patient
    number = patient.nhs_number.digits if patient and patient.nhs_number else ""
    about = []
    if patient is not None:
        about = [
            ["Patient", str(patient.name)],
            ["Born", day_words(patient.born) if patient.born else "not known"],
            ["NHS number", f"{number[:3]} {number[3:6]} {number[6:]}" if number else "not known"],
        ]
    if letter.prescription:
        about.append(["Prescription", letter.prescription])
    return pdf(
        "query.typ",
        {
            "reference": letter.reference,
            "to": letter.to,
            "about": about,
            "question": letter.question,
            "wanted_by": letter.wanted_by,
            "written": letter.written,
            "asked_by": letter.asked_by,
            "pharmacy": letter.pharmacy,
            "address": list(letter.address),
            "telephone": letter.telephone or "not recorded",
        },
    )
