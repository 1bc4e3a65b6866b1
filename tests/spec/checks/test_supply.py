"""Is it the right quantity, at the right time? Each alert has a silent twin."""

from __future__ import annotations

from datetime import date

import pytest
from tests.spec.checks import bench

from pestle.pharmacy.checks import supply as check
from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.checks.finding import Assessment
from pestle.pharmacy.record.medication import CourseOfTherapy
from pestle.pharmacy.record.record import Record

ACUTE, REPEAT = CourseOfTherapy.ACUTE, CourseOfTherapy.REPEAT
OMEPRAZOLE, AMOXICILLIN = "Omeprazole 20mg capsules", "Amoxicillin 500mg capsules"
ONCE, THREE_TIMES = "Take ONE capsule ONCE a day", "Take ONE capsule THREE times a day"

# ordered    how much        instruction                     course    finding
ALERTS = [
    (AMOXICILLIN, "1 capsule", THREE_TIMES, ACUTE, "interrupt"),
    (AMOXICILLIN, "2 capsule", THREE_TIMES, ACUTE, "interrupt"),
    (AMOXICILLIN, "15 capsule", f"{THREE_TIMES} for 7 days", ACUTE, "interrupt"),
    (AMOXICILLIN, "84 capsule", f"{THREE_TIMES} for 7 days", ACUTE, "interrupt"),
    (OMEPRAZOLE, "56 capsule", ONCE, ACUTE, "note"),
    (OMEPRAZOLE, "364 capsule", ONCE, REPEAT, "note"),
    (OMEPRAZOLE, "28 capsule", "as directed by the hospital", REPEAT, "not_assessed"),
    (OMEPRAZOLE, None, ONCE, REPEAT, "not_assessed"),
    (OMEPRAZOLE, "28 capsule", None, REPEAT, "not_assessed"),
]
SILENT = [
    (AMOXICILLIN, "3 capsule", THREE_TIMES, ACUTE),
    (AMOXICILLIN, "15 capsule", THREE_TIMES, ACUTE),
    (AMOXICILLIN, "21 capsule", f"{THREE_TIMES} for 7 days", ACUTE),
    (AMOXICILLIN, "42 capsule", f"{THREE_TIMES} for 7 days", ACUTE),
    (OMEPRAZOLE, "35 capsule", ONCE, ACUTE),
    (OMEPRAZOLE, "84 capsule", ONCE, REPEAT),
    (OMEPRAZOLE, "7 capsule", f"{ONCE} for 7 days", ACUTE),
    (OMEPRAZOLE, "28 capsule", ONCE, REPEAT),
    (OMEPRAZOLE, "56 capsule", "Take ONE capsule up to TWICE a day when required", REPEAT),
]


def _line(name: str, much: str | None, said: str | None, course: CourseOfTherapy | None) -> ProposedLine:
    return bench.line(
        name,
        quantity=bench.amount(much) if much else None,
        dosage=bench.written(said) if said else None,
        course=course,
    )


def _assess(line: ProposedLine, record: Record | None = None) -> Assessment:
    return check.assess(
        Proposed((line,)), record or bench.record(), knowledge=bench.KNOWLEDGE, on=bench.TODAY
    )


@pytest.mark.parametrize(("name", "much", "said", "course", "expected"), ALERTS)
def test_an_odd_quantity(
    name: str, much: str | None, said: str | None, course: CourseOfTherapy, expected: str
) -> None:
    (found,) = _assess(_line(name, much, said, course)).findings
    assert (found.severity.value, found.line) == (expected, "1")


@pytest.mark.parametrize(("name", "much", "said", "course"), SILENT)
def test_silent_twin(name: str, much: str, said: str, course: CourseOfTherapy) -> None:
    assert bench.shapes(_assess(_line(name, much, said, course))) == ""


def test_there_are_as_many_silent_twins_as_alerts() -> None:
    assert len(SILENT) >= len(ALERTS)


# Today is 22 November 2026: the 28th and last day of a supply made on 26 October for 28 days.
EARLY = [
    (OMEPRAZOLE, date(2026, 11, 21), 28, "interrupt"),
    (OMEPRAZOLE, date(2026, 11, 3), 28, "interrupt"),
    (OMEPRAZOLE, date(2026, 11, 1), 28, ""),
    (OMEPRAZOLE, date(2026, 10, 26), 28, ""),
    (OMEPRAZOLE, date(2026, 10, 25), 28, ""),
    (OMEPRAZOLE, date(2026, 10, 25), 56, "interrupt"),
    (OMEPRAZOLE, date(2026, 11, 10), 7, ""),
    (OMEPRAZOLE, date(2026, 11, 10), None, "interrupt"),
    (OMEPRAZOLE, date(2026, 10, 25), None, ""),
    ("Lansoprazole 30mg capsules", date(2026, 11, 21), 28, ""),
]


@pytest.mark.parametrize(("supplied", "on", "days", "expected"), EARLY)
def test_early(supplied: str, on: date, days: int | None, expected: str) -> None:
    line = _line(OMEPRAZOLE, "28 capsule", ONCE, REPEAT)
    record = bench.record(supplies=(bench.supply(supplied, on=on, days=days),))
    assert bench.shapes(_assess(line, record)) == expected


def test_by_how_much_it_is_early_is_said_and_is_not_part_of_the_key() -> None:
    line = _line(OMEPRAZOLE, "28 capsule", ONCE, REPEAT)
    record = bench.record(supplies=(bench.supply(OMEPRAZOLE, on=date(2026, 11, 10)),))
    (today,) = _assess(line, record).findings
    (earlier,) = check.assess(
        Proposed((line,)), record, knowledge=bench.KNOWLEDGE, on=date(2026, 11, 20)
    ).findings
    assert "16 more days" in today.what
    assert "18 more days" in earlier.what
    assert today.key == earlier.key


def test_without_a_history_it_is_not_assessed() -> None:
    line = _line(OMEPRAZOLE, "28 capsule", ONCE, REPEAT)
    assert bench.shapes(_assess(line, bench.record(supplies=None))) == "not_assessed"
