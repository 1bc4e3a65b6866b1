"""What does the patient's record hold for what a calculator asks?

Age, sex, and the latest result of each kind that keeps for a while. What is measured at the bedside now, such
as the vital signs of NEWS2, is never taken from a record. A result that lies beyond what is written (“< 5”),
or that cannot be used, is said and not entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pestle.pharmacy.calculators.entry import Number
from pestle.pharmacy.calculators.table import AnyCalculator
from pestle.pharmacy.record.observable import Observable
from pestle.pharmacy.record.patient import Gender
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.record.result import Found, NoResult, number, said
from pestle.pharmacy.record.results import Results

# The input's name, and the observable that answers it.
OBSERVED = {
    "weight": "body_weight",
    "height": "body_height",
    "creatinine": "creatinine",
    "egfr": "egfr",
    "calcium": "calcium",
    "albumin": "albumin",
    "hba1c": "hba1c",
}


@dataclass(frozen=True, slots=True)
class OnRecord:
    """`text` is what would be entered, empty where nothing can be; `says` where it comes from, or why there
    is nothing; `taken` the day of it (the last that it can be), None for what has no day."""

    text: str
    says: str
    taken: date | None = None


def on_record(
    calculator: AnyCalculator, record: Record, observables: Mapping[str, Observable], *, on: date
) -> dict[str, OnRecord]:
    """What is known on a day, or why it is not, by input name."""
    results = Results(record)
    found = {}
    for one in calculator.inputs:
        if one.name == "age":
            found["age"] = _age(record.patient.age(on=on))
        elif one.name == "sex":
            found["sex"] = _sex(record.patient.gender)
        elif isinstance(one, Number) and one.name in OBSERVED:
            found[one.name] = _result(one, results.latest(observables[OBSERVED[one.name]], on=on))
    return found


def _age(age: int | None) -> OnRecord:
    if age is None:
        return OnRecord("", "No date of birth is on record")
    return OnRecord(f"{age} years", "From the date of birth on record")


def _sex(gender: Gender) -> OnRecord:
    if gender not in (Gender.FEMALE, Gender.MALE):
        return OnRecord("", "Neither female nor male is on record")
    return OnRecord(gender.value, "The gender on record; the formula means sex at birth")


def _result(one: Number, found: Found) -> OnRecord:
    if isinstance(found, NoResult) or found.value is None:
        return OnRecord("", said(found))
    scale = one.scale(found.observable.unit or "")
    if scale is None:
        return OnRecord("", f"{said(found)}: a unit that is not entered here")
    if found.comparator is not None:
        return OnRecord("", f"{said(found)} of {found.taken.words}: the true value is not known")
    who = found.observation.provenance.who
    says = f"{said(found)}, {found.taken.words}{f', {who}' if who else ''}"
    return OnRecord(f"{number(found.value)} {scale.unit}", says, found.taken.last)
