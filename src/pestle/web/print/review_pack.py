"""How does the pack of a structured medication review look on paper? One sheet of A4 across, as small as it
must be to hold every medicine; what does not fit goes on to a second sheet, and nothing is cut."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pestle.pharmacy.practice.review_pack import Pack, PackFinding
from pestle.pharmacy.record.patient import Patient
from pestle.web.print.labels import day_words
from pestle.web.print.typeset import pdf


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the pack: of whom, by whom prepared, and for whom."""

    patient: Patient
    allergies: str
    practice: str
    prepared_by: str
    prepared_at: str
    on: date


def pack_pdf(pack: Pack, heading: Heading) -> bytes:
    """The pack as PDF/UA-1; the same pack gives the same bytes. Raises `Refused`:
    ``print.unprintable-character``."""
    patient = heading.patient
    age = patient.age(on=heading.on)
    born = f"{day_words(patient.born)} ({age} years)" if patient.born and age is not None else "not known"
    return pdf(
        "review_pack.typ",
        {
            "name": str(patient.name),
            "born": born,
            "number": str(patient.nhs_number) if patient.nhs_number else "not known",
            "allergies": heading.allergies,
            "practice": heading.practice,
            "prepared": f"{heading.prepared_by}, {heading.prepared_at}",
            "points": str(sum(each.points for each in pack.reasons)),
            "reasons": [f"{each.title} ({each.points})" for each in pack.reasons],
            "conditions": list(pack.conditions),
            "says": [[each.ask, each.words or "no answer", each.raised] for each in pack.says],
            "results": [[each.value, each.on, each.change, each.outside] for each in pack.results],
            "monitoring": list(pack.monitoring),
            "scores": list(pack.scores),
            "general": [_finding(each) for each in pack.general],
            "open": list(pack.open),
            "lines": [
                {
                    "name": each.name,
                    "directions": each.directions or "no directions",
                    "indication": each.indication or "not recorded",
                    "since": each.since or "not known",
                    "covered": each.covered,
                    "low": each.low,
                    "monitoring": [*([f"Local list: {each.light}"] if each.light else []), *each.monitoring],
                    "findings": [_finding(one) for one in each.findings],
                }
                for each in pack.lines
            ],
        },
    )


def _finding(each: PackFinding) -> str:
    return f"{each.word}: {each.what}"
