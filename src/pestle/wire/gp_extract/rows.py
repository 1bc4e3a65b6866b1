"""What does each row of an export say?

A file is read a row at a time, so that its length costs no memory. A row that cannot be read is given back as
refused, whole, with its line, and the others go on. Where the system gives a row no id, one is made of what
does not change in it, so that the same row has the same id in the next export.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import BinaryIO

from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.quantity import SNOMED, Quantity, Unit, decimal
from pestle.pharmacy.record.condition import ClinicalStatus, Condition, VerificationStatus
from pestle.pharmacy.record.medication import (
    CourseOfTherapy,
    LineStatus,
    Medication,
    MedicationOrder,
    MedicationRequest,
    RepeatIssue,
)
from pestle.pharmacy.record.moment import PartialDate, partial_date, whole
from pestle.pharmacy.record.observation import Comparator, Observation, Value
from pestle.pharmacy.record.patient import Address, Gender, Name, NhsNumber, Patient, nhs_number
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.wire.gp_extract.mapping import Columns, Part

# A title or a filter may stand above the heading.
_HEADING_WITHIN = 20
_DAY_FIRST = re.compile(r"(\d{1,2})[/-](\d{1,2}|[A-Za-z]{3})[/-](\d{4})(?:[ T].*)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_GENDERS = {
    "m": Gender.MALE, "male": Gender.MALE, "f": Gender.FEMALE, "female": Gender.FEMALE,
    "u": Gender.UNKNOWN, "unknown": Gender.UNKNOWN, "": Gender.UNKNOWN, "i": Gender.OTHER,
    "indeterminate": Gender.OTHER, "other": Gender.OTHER,
}  # fmt: skip
_COURSES = {
    "acute": CourseOfTherapy.ACUTE, "repeat": CourseOfTherapy.REPEAT, "rpt": CourseOfTherapy.REPEAT,
    "repeat dispensing": CourseOfTherapy.REPEAT_DISPENSING, "erd": CourseOfTherapy.REPEAT_DISPENSING,
    "repeat dispensed": CourseOfTherapy.REPEAT_DISPENSING, "hospital": CourseOfTherapy.UNKNOWN,
    "automatic": CourseOfTherapy.ACUTE, "otc": CourseOfTherapy.UNKNOWN,
}  # fmt: skip
_ELSEWHERE = frozenset({"hospital", "otc"})
_RESULT = re.compile(r"(<=|>=|<|>)?\s*([+-]?[0-9][0-9,]*(?:\.[0-9]+)?)")


@dataclass(frozen=True, slots=True)
class MedicineSaid:
    """A line of a list: the order, how many issues were made of it and when the last one was; None: not
    said."""

    order: MedicationOrder
    issues: int | None
    last_issued: date | None


@dataclass(frozen=True, slots=True)
class IssueSaid:
    """An issue: of which line (its id in the system, or empty) and medicine, when, how much for how long."""

    id: str
    line: str
    medicine: str
    on: date
    quantity: Quantity | None
    days: int | None


Said = Patient | MedicineSaid | IssueSaid | Condition | Observation


@dataclass(frozen=True, slots=True)
class Row:
    """What a row says, of whom, at which line of the file; or why it says nothing (`refused`), with its
    `cells`."""

    line: int
    number: NhsNumber | None
    said: Said | None
    refused: Refusal | None = None
    cells: tuple[str, ...] = ()


def read(file: BinaryIO, columns: Columns, part: Part, *, told: Provenance) -> Iterator[Row]:
    """Every row of the file, in its order; `told` says who made the file and when it is taken in.

    Raises `Refused` for the file as a whole: ``extract.unreadable``, ``extract.columns``,
    ``extract.empty``.
    """
    try:
        table = csv.reader(io.TextIOWrapper(file, encoding="utf-8-sig", newline=""), strict=True)
        places = _places(table, columns, part)
        reader = _READERS[part]
        for cells in table:
            if any(cell.strip() for cell in cells):
                yield _row(cells, table.line_num, places, reader, told, columns.name)
    except (UnicodeDecodeError, csv.Error) as error:
        reason = f"The file is no CSV in UTF-8: {error}"
        raise refuse("extract.unreadable", reason, place="file") from None


def _places(table: Iterator[list[str]], columns: Columns, part: Part) -> dict[str, int]:
    refused = refuse("extract.empty", "The file is empty", place="file")
    for number, cells in enumerate(table):
        try:
            return columns.places(part, cells)
        except Refused as missing:
            refused = missing if number == 0 or len(cells) > 2 else refused
        if number >= _HEADING_WITHIN:
            break
    raise refused


def _row(
    cells: list[str],
    line: int,
    places: Mapping[str, int],
    reader: Callable[[_Cells, Provenance, str], Said],
    told: Provenance,
    system: str,
) -> Row:
    number = None
    try:
        if max(places.values()) >= len(cells):
            raise refuse("extract.short-row", "The row has fewer cells than the heading")
        said = _Cells(cells, places)
        number = nhs_number(said["nhs_number"], place="NHS number")
        return Row(line, number, reader(said, told, f"{system}:{number.digits}"))
    except Refused as refused:
        return Row(line, number, None, refused.refusals[0], tuple(cells))


class _Cells:
    """The cells of a row by our names; what the file has no column for is empty."""

    def __init__(self, cells: list[str], places: Mapping[str, int]) -> None:
        self._cells, self._places = cells, places

    def __getitem__(self, field: str) -> str:
        at = self._places.get(field)
        return "" if at is None else " ".join(self._cells[at].split())

    def need(self, field: str) -> str:
        if not self[field]:
            raise refuse("extract.missing", f"There is no {field.replace('_', ' ')}", place=field)
        return self[field]


def _patient(said: _Cells, _: Provenance, __: str) -> Patient:
    gender = _GENDERS.get(said["gender"].casefold())
    if gender is None:
        raise refuse("extract.gender", f"“{said['gender']}” is no gender that we know", place="gender")
    lines = tuple(part.strip() for part in said["address"].split(",") if part.strip())
    return Patient(
        name=Name(said.need("family"), tuple(said["given"].split()), said["prefix"]),
        born=_day(said.need("born"), "born"),
        gender=gender,
        nhs_number=nhs_number(said["nhs_number"]),
        address=Address(lines, said["postcode"]) if lines or said["postcode"] else None,
        died=_day(said["died"], "died"),
    )


def _medicine(said: _Cells, told: Provenance, whose: str) -> MedicineSaid:
    course = _COURSES.get(said["course"].casefold())
    if course is None:
        raise refuse("extract.course", f"“{said['course']}” is no course of therapy", place="course")
    name, started = said.need("medicine"), _partial(said["started"], "started")
    id_ = said["id"] or _made(whose, name.casefold(), said["course"].casefold(), str(started))
    elsewhere = said["course"].casefold() in _ELSEWHERE
    repeat = RepeatIssue(
        None,
        _whole(said["issues_allowed"], "issues allowed"),
        _day(said["authorised_until"], "authorised until"),
        _day(said["review_by"], "review by"),
    )
    ended = _partial(said["ended"], "ended")
    written = Coded(name, SNOMED, said["code"]) if said["code"] else Coded(name)
    request = MedicationRequest(
        id=id_,
        medication=written,
        dosage=Dosage((DosageStep(text=said["directions"]),)) if said["directions"] else None,
        quantity=_quantity(said),
        status=LineStatus.STOPPED if ended else LineStatus.ACTIVE,
        intent="order",
        course_of_therapy=course,
        repeat=None if repeat == RepeatIssue(None, None) else repeat,
        reason=Coded(said["indication"]) if said["indication"] else None,
    )
    order = MedicationOrder(request, Medication(written), told, starts=started, ends=ended,
                            prescribed_elsewhere=elsewhere)  # fmt: skip
    return MedicineSaid(order, _whole(said["issues"], "issues"), _day(said["last_issued"], "last issued"))


def _issue(said: _Cells, _: Provenance, __: str) -> IssueSaid:
    on = _day(said.need("issued"), "issued")
    assert on is not None
    return IssueSaid(
        id=said["id"],
        line=said["line"],
        medicine=said.need("medicine"),
        on=on,
        quantity=_quantity(said),
        days=_whole(said["days"], "days"),
    )


def _problem(said: _Cells, told: Provenance, whose: str) -> Condition:
    words, began = said.need("problem"), _partial(said["began"], "began")
    ended = _partial(said["ended"], "ended")
    over = ended is not None or said["status"].casefold() in ("past", "inactive", "resolved")
    return Condition(
        id=said["id"] or _made(whose, words.casefold(), str(began)),
        what=Coded(words, SNOMED, said["code"]) if said["code"] else Coded(words),
        provenance=told,
        status=ClinicalStatus.INACTIVE if over else ClinicalStatus.ACTIVE,
        verification=VerificationStatus.CONFIRMED,
        onset=began,
        abated=ended,
    )


def _result(said: _Cells, told: Provenance, whose: str) -> Observation:
    words, taken = said.need("what"), _partial(said.need("taken"), "taken")
    text, unit = said.need("value"), said["unit"]
    value: Value = text
    comparator = None
    if matched := _RESULT.fullmatch(text):
        number = decimal(matched[2], place="value")
        comparator = Comparator(matched[1]) if matched[1] else None
        value = Quantity(number, Unit(unit) if unit else Unit("1"))
    return Observation(
        id=said["id"] or _made(whose, words.casefold(), str(taken), text, unit),
        what=Coded(words, SNOMED, said["code"]) if said["code"] else Coded(words),
        provenance=told,
        taken=taken,
        value=value,
        comparator=comparator,
    )


_READERS: Mapping[Part, Callable[[_Cells, Provenance, str], Said]] = {
    Part.PATIENTS: _patient,
    Part.MEDICINES: _medicine,
    Part.ISSUES: _issue,
    Part.PROBLEMS: _problem,
    Part.RESULTS: _result,
}


def told_by(system: str, *, at: datetime, reference: str) -> Provenance:
    """Who told what a file says: the practice's own system."""
    return Provenance(SourceKind.IMPORT, f"the practice's record in {system}", at, reference=reference)


def at_line(row: Row, told: Provenance) -> Provenance:
    """The same, with the line of the file."""
    return replace(told, reference=f"{told.reference} line {row.line}")


def _made(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:20]


def _quantity(said: _Cells) -> Quantity | None:
    """A number and its unit, from one cell (“28 tablets”) or two; a unit that nobody wrote is no unit."""
    text = said["quantity"]
    if not text:
        return None
    number, _, rest = text.partition(" ")
    unit = said["unit"] or rest.strip()
    value = decimal(number, place="quantity")
    if value <= Decimal(0):
        raise refuse("extract.quantity", f"“{text}” is no quantity", place="quantity")
    return Quantity(value, Unit(unit))


def _whole(text: str, field: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise refuse("extract.number", f"“{text}” is no whole number", place=field)
    return int(text)


def _day(text: str, field: str) -> date | None:
    found = _partial(text, field)
    if found is None:
        return None
    if found.day is None:
        raise refuse("extract.day", f"“{text}” is no whole date", place=field)
    return found.first


def _partial(text: str, field: str) -> PartialDate | None:
    """A date as these systems write it: 30/11/2026, 30-Nov-2026, 2026-11-30, 2026, with or without a time."""
    if not text:
        return None
    if matched := _DAY_FIRST.fullmatch(text):
        day, month, year = matched.groups()
        named = month.casefold() in _MONTHS
        number = _MONTHS.index(month.casefold()) + 1 if named else int(month) if month.isdigit() else 0
        try:
            return whole(date(int(year), number, int(day)))
        except ValueError:
            raise refuse("extract.day", f"“{text}” is not a date", place=field) from None
    return partial_date(text, place=field)
