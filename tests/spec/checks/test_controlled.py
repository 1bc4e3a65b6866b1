"""Does it meet the law for controlled drugs? One row for each way to miss it, and a twin that meets it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from tests.spec.checks import bench

from pestle.pharmacy.checks import controlled as check
from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.checks.finding import Assessment
from pestle.pharmacy.medicines.concept import ControlledDrugCategory
from pestle.pharmacy.record.medication import CourseOfTherapy

MORPHINE = bench.line(
    "Morphine 10mg modified-release tablets",
    quantity=bench.quantity("28", "tablet"),
    controlled=bench.stated("CD2", "twenty eight"),
    days_supply=Decimal(14),
)
GABAPENTIN = bench.line(
    "Gabapentin 300mg capsules",
    quantity=bench.quantity("84", "capsule"),
    controlled=bench.stated("Schedule 3", "eighty-four capsules"),
    days_supply=Decimal(28),
)
DIAZEPAM = bench.line(
    "Diazepam 5mg tablets", quantity=bench.quantity("28", "tablet"), days_supply=Decimal(28)
)
CO_CODAMOL = bench.line("Co-codamol 30mg/500mg tablets", quantity=bench.quantity("100", "tablet"))
PARACETAMOL = bench.line("Paracetamol 500mg tablets", quantity=bench.quantity("100", "tablet"))

SILENT = [MORPHINE, GABAPENTIN, DIAZEPAM, CO_CODAMOL, PARACETAMOL]


def _assess(
    line: ProposedLine, *, signed: date | None = bench.TODAY, starts: date | None = None
) -> Assessment:
    proposed = Proposed((line,), signed_on=signed, starts_on=starts)
    return check.assess(proposed, bench.record(), knowledge=bench.KNOWLEDGE, on=bench.TODAY)


@pytest.mark.parametrize("line", SILENT, ids=lambda line: line.medication.written.text)
def test_what_meets_the_law_is_silent(line: ProposedLine) -> None:
    assert _assess(line).findings == ()


WORDS = [
    ("28", "tablet", "twenty eight", ""),
    ("28", "tablet", "Twenty-Eight tablets", ""),
    ("112", "tablet", "one hundred and twelve", ""),
    ("2.5", "ml", "two point five ml", ""),
    ("28", "tablet", "twenty seven", "hard_stop"),
    ("28", "tablet", "eighty two tablets", "hard_stop"),
    ("28", "tablet", "", "interrupt"),
    ("28", "tablet", "28", "not_assessed"),
    ("28", "tablet", "two eight", "not_assessed"),
    ("28", "tablet", "a month's supply", "not_assessed"),
    ("28", "tablet", "twenty eight capsules", "not_assessed"),
    (None, "tablet", "twenty eight", "interrupt"),
    (None, "tablet", "", "hard_stop"),
]


@pytest.mark.parametrize(("figures", "unit", "words", "expected"), WORDS)
def test_quantity_in_words_and_figures(figures: str | None, unit: str, words: str, expected: str) -> None:
    line = replace(
        MORPHINE,
        quantity=bench.quantity(figures, unit) if figures else None,
        controlled=bench.stated("CD2", words),
    )
    assert bench.shapes(_assess(line)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [(MORPHINE, "interrupt"), (GABAPENTIN, "interrupt"), (DIAZEPAM, ""), (CO_CODAMOL, ""), (PARACETAMOL, "")],
)
def test_only_schedules_2_and_3_need_words(line: ProposedLine, expected: str) -> None:
    assert bench.shapes(_assess(replace(line, controlled=None))) == expected


# Today is 22 November 2026.
VALIDITY = [
    (MORPHINE, date(2026, 10, 25), None, ""),
    (MORPHINE, date(2026, 10, 24), None, "hard_stop"),
    (MORPHINE, date(2026, 10, 24), date(2026, 10, 25), ""),
    (MORPHINE, date(2026, 10, 24), date(2026, 10, 20), "hard_stop"),
    (MORPHINE, None, None, "not_assessed"),
    (GABAPENTIN, date(2026, 10, 24), None, "hard_stop"),
    (GABAPENTIN, date(2026, 10, 25), None, ""),
    (DIAZEPAM, date(2026, 10, 24), None, "hard_stop"),
    (DIAZEPAM, date(2026, 10, 25), None, ""),
    (CO_CODAMOL, date(2026, 10, 24), None, ""),
    (PARACETAMOL, None, None, ""),
]


@pytest.mark.parametrize(("line", "signed", "starts", "expected"), VALIDITY)
def test_twenty_eight_days(
    line: ProposedLine, signed: date | None, starts: date | None, expected: str
) -> None:
    assert bench.shapes(_assess(line, signed=signed, starts=starts)) == expected


COURSES = [
    (MORPHINE, CourseOfTherapy.REPEAT_DISPENSING, "hard_stop"),
    (MORPHINE, CourseOfTherapy.REPEAT, ""),
    (MORPHINE, None, "not_assessed"),
    (GABAPENTIN, CourseOfTherapy.REPEAT_DISPENSING, "hard_stop"),
    (GABAPENTIN, CourseOfTherapy.ACUTE, ""),
    (DIAZEPAM, CourseOfTherapy.REPEAT_DISPENSING, ""),
    (CO_CODAMOL, CourseOfTherapy.REPEAT_DISPENSING, ""),
]


@pytest.mark.parametrize(("line", "course", "expected"), COURSES)
def test_repeat_dispensing(line: ProposedLine, course: CourseOfTherapy | None, expected: str) -> None:
    assert bench.shapes(_assess(replace(line, course=course))) == expected


def test_the_28_days_bind_the_first_issue_of_schedule_4() -> None:
    repeated = replace(DIAZEPAM, course=CourseOfTherapy.REPEAT_DISPENSING)
    signed = date(2026, 9, 1)
    assert bench.shapes(_assess(replace(repeated, issue_number=1), signed=signed)) == "hard_stop"
    assert bench.shapes(_assess(replace(repeated, issue_number=3), signed=signed)) == ""
    said_otherwise = replace(repeated, issue_number=3, controlled=bench.stated("CD2", "twenty eight"))
    rules = [found.what for found in _assess(said_otherwise, signed=signed).findings]
    assert any("more than 28 days" in what for what in rules), "the stricter of two schedules counts"


DAYS = [
    (MORPHINE, "30", ""),
    (MORPHINE, "31", "note"),
    (GABAPENTIN, "56", "note"),
    (GABAPENTIN, "28", ""),
    (DIAZEPAM, "30.5", "note"),
    (DIAZEPAM, None, "not_assessed"),
    (CO_CODAMOL, "90", ""),
    (PARACETAMOL, None, ""),
]


@pytest.mark.parametrize(("line", "days", "expected"), DAYS)
def test_thirty_days_are_good_practice(line: ProposedLine, days: str | None, expected: str) -> None:
    lasting = replace(line, days_supply=Decimal(days) if days else None)
    assert bench.shapes(_assess(lasting)) == expected


SCHEDULES = [
    ("Morphine 10mg modified-release tablets", "CD2", ""),
    ("Morphine 10mg modified-release tablets", "Schedule 2", ""),
    ("Morphine 10mg modified-release tablets", "CD3", "interrupt"),
    ("Morphine 10mg modified-release tablets", "controlled", "not_assessed"),
    ("Paracetamol 500mg tablets", "CD2", "interrupt"),
    ("Diazepam 5mg tablets", "CD4", ""),
    ("Diazepam 5mg tablets", "Schedule 4 (Part 1)", ""),
    ("Diazepam 5mg tablets", "CD2", "interrupt"),
    ("Unlisted elixir", "", "not_assessed"),
    ("Unlisted elixir", "CD2", "not_assessed"),
]


@pytest.mark.parametrize(("product", "schedule", "expected"), SCHEDULES)
def test_the_schedule_is_told_twice(product: str, schedule: str, expected: str) -> None:
    line = replace(
        MORPHINE,
        medication=bench.medicine(product),
        controlled=bench.stated(schedule, "twenty eight"),
    )
    assert bench.shapes(_assess(line)) == expected


def test_the_rules_of_the_stated_schedule_apply_where_the_dictionary_is_silent() -> None:
    line = replace(bench.line("Unlisted elixir"), controlled=bench.stated("CD2", ""), days_supply=Decimal(7))
    line = replace(line, quantity=bench.quantity("100", "ml"))
    assert bench.shapes(_assess(line)) == "interrupt, not_assessed"


def test_a_line_without_a_product_is_not_assessed() -> None:
    assert (
        bench.shapes(
            _assess(
                replace(
                    bench.line("Diazepam 5mg tablets"), medication=bench.unmatched("Diazepam 5mg tablets")
                )
            )
        )
        == "not_assessed"
    )


def test_schedule_1_needs_a_licence() -> None:
    line = replace(
        MORPHINE, medication=bench.medicine("Raw opium"), controlled=bench.stated("CD1", "twenty eight")
    )
    (found,) = _assess(line).findings
    assert (found.severity.value, "licence" in found.what) == ("hard_stop", True)


def test_the_category_of_the_generic_counts_for_a_brand() -> None:
    generic = bench.PRODUCTS["Morphine 10mg modified-release tablets"]
    brand = replace(generic, id="brand", name="Brand 10mg tablets", controlled=None, generic_id=generic.id)
    line = replace(MORPHINE, medication=replace(MORPHINE.medication, product=brand, generic=generic))
    line = replace(line, controlled=None)
    assert check.category(line) is ControlledDrugCategory.SCHEDULE_2
    assert bench.shapes(_assess(line)) == "interrupt"


def test_law_is_verified_and_good_practice_says_that_it_is_no_law() -> None:
    (expired,) = _assess(MORPHINE, signed=date(2026, 1, 1)).findings
    assert expired.source.verified
    assert "regulation 16" in expired.source.title
    (long,) = _assess(replace(MORPHINE, days_supply=Decimal(60))).findings
    assert "may be supplied" in long.do
