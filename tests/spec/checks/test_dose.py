"""Is the dose within its limits, for this patient? Each alert has a twin that differs in one number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.spec.checks import bench

from pestle.pharmacy.checks import dose as check
from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.checks.finding import Assessment
from pestle.pharmacy.record.condition import Condition
from pestle.pharmacy.record.record import Record

PARACETAMOL, CO_CODAMOL = "Paracetamol 500mg tablets", "Co-codamol 8mg/500mg tablets"
SUSPENSION, IBUPROFEN = "Paracetamol 120mg/5ml oral suspension", "Ibuprofen 400mg tablets"
METHOTREXATE, ALENDRONIC = "Methotrexate 2.5mg tablets", "Alendronic acid 70mg tablets"
SIMVASTATIN, CITALOPRAM = "Simvastatin 20mg tablets", "Citalopram 20mg tablets"
VINCRISTINE = "Vincristine 1mg/1ml solution for injection vials"

# An adult of 66 years whose weight nobody knows.
ADULT_ALERTS = [
    (PARACETAMOL, "Take THREE tablets FOUR times a day", "interrupt, interrupt"),
    (PARACETAMOL, "Take TWO tablets every 3 hours", "interrupt"),
    (PARACETAMOL, "Take 1 or 2 tablets every 4 to 6 hours when required", "interrupt"),
    (PARACETAMOL, "Take 1.5 g FOUR times a day", "interrupt, interrupt"),
    (PARACETAMOL, "Take FOUR tablets FIVE times a day", "hard_stop, interrupt"),
    (PARACETAMOL, "Take as directed", "not_assessed"),
    (PARACETAMOL, "Take TWO tablets when required", "not_assessed"),
    (CO_CODAMOL, "Take THREE tablets FOUR times a day", "interrupt, interrupt"),
    (IBUPROFEN, "Take TWO tablets FOUR times a day", "interrupt"),
    (METHOTREXATE, "Take FOUR tablets ONCE a day", "hard_stop, hard_stop"),
    (METHOTREXATE, "Take FOUR tablets TWICE a week", "hard_stop"),
    (METHOTREXATE, "Take 30 mg once a week", "interrupt, interrupt"),
    (METHOTREXATE, "Take as directed", "not_assessed, not_assessed"),
    (ALENDRONIC, "Take ONE tablet ONCE a day", "hard_stop"),
    (SIMVASTATIN, "Take FIVE tablets at night", "interrupt"),
    (CITALOPRAM, "Take TWO tablets in the morning", "interrupt"),
    (VINCRISTINE, "2.5 mg intravenously once a week", "hard_stop"),
]
ADULT_SILENT = [
    (PARACETAMOL, "Take TWO tablets FOUR times a day"),
    (PARACETAMOL, "Take ONE tablet every 3 hours"),
    (PARACETAMOL, "Take 1 or 2 tablets every 4 to 6 hours when required, maximum 8 tablets in 24 hours"),
    (PARACETAMOL, "Take 1 g FOUR times a day"),
    (PARACETAMOL, "Take 500 micrograms FOUR times a day"),
    ("Amoxicillin 500mg capsules", "Take as directed"),
    (PARACETAMOL, "Take TWO tablets up to FOUR times a day when required"),
    (CO_CODAMOL, "Take TWO tablets FOUR times a day"),
    (IBUPROFEN, "Take ONE tablet THREE times a day"),
    (METHOTREXATE, "Take FOUR tablets once a week"),
    (METHOTREXATE, "Take FOUR tablets ONCE a week on Monday"),
    (METHOTREXATE, "Take TEN tablets once a week"),
    ("Alendronic acid 10mg tablets", "Take ONE tablet ONCE a day"),
    (ALENDRONIC, "Take ONE tablet once a week"),
    (SIMVASTATIN, "Take FOUR tablets at night"),
    (CITALOPRAM, "Take ONE tablet in the morning"),
    ("Ibuprofen 5% gel", "Apply SIX times a day"),
]


def _line(name: str, said: str | None, *, id: str = "1") -> ProposedLine:
    return bench.line(name, id=id, dosage=bench.written(said) if said else None)


def _assess(record: Record, *lines: ProposedLine) -> Assessment:
    return check.assess(Proposed(lines), record, knowledge=bench.KNOWLEDGE, on=bench.TODAY)


@pytest.mark.parametrize(("name", "said", "expected"), ADULT_ALERTS)
def test_an_adult(name: str, said: str, expected: str) -> None:
    assessment = _assess(bench.record(), _line(name, said))
    assert bench.shapes(assessment) == expected
    assert all(found.line == "1" for found in assessment.findings)


@pytest.mark.parametrize(("name", "said"), ADULT_SILENT)
def test_silent_twin(name: str, said: str) -> None:
    assert bench.shapes(_assess(bench.record(), _line(name, said))) == ""


def test_there_are_as_many_silent_twins_as_alerts() -> None:
    assert len(ADULT_SILENT) >= len(ADULT_ALERTS)


# Born on; weight, and how many days ago; instruction; finding. Today is 22 November 2026.
BABY, CHILD, ADULT = date(2026, 2, 22), date(2022, 11, 22), date(1990, 1, 1)
PEOPLE = [
    (CHILD, "16 kg", 10, SUSPENSION, "Give 10ml FOUR times a day", ""),
    (CHILD, "16 kg", 10, SUSPENSION, "Give 20ml FOUR times a day", "interrupt, interrupt"),
    (CHILD, "24 kg", 10, SUSPENSION, "Give 20ml FOUR times a day", "interrupt"),
    (CHILD, "26 kg", 10, SUSPENSION, "Give 20ml FOUR times a day", ""),
    (CHILD, "16 kg", 91, SUSPENSION, "Give 10ml FOUR times a day", "not_assessed"),
    (CHILD, "16 kg", 90, SUSPENSION, "Give 10ml FOUR times a day", ""),
    (CHILD, None, 0, SUSPENSION, "Give 10ml FOUR times a day", "not_assessed"),
    (CHILD, None, 0, SUSPENSION, "Give 50ml FOUR times a day", "interrupt, interrupt"),
    (BABY, "8 kg", 31, SUSPENSION, "Give 5ml FOUR times a day", "not_assessed"),
    (BABY, "8 kg", 30, SUSPENSION, "Give 5ml FOUR times a day", ""),
    (None, "70 kg", 10, PARACETAMOL, "Take TWO tablets FOUR times a day", ""),
    (None, "16 kg", 10, PARACETAMOL, "Take TWO tablets FOUR times a day", "not_assessed"),
    (ADULT, "40 kg", 10, PARACETAMOL, "Take TWO tablets FOUR times a day", "interrupt, interrupt"),
    (ADULT, "50 kg", 10, PARACETAMOL, "Take TWO tablets FOUR times a day", ""),
    (ADULT, "40000 g", 10, PARACETAMOL, "Take TWO tablets FOUR times a day", "interrupt, interrupt"),
    (ADULT, "40 kg", 366, PARACETAMOL, "Take TWO tablets FOUR times a day", ""),
    (ADULT, None, 0, CITALOPRAM, "Take TWO tablets in the morning", ""),
    (date(1961, 11, 22), None, 0, CITALOPRAM, "Take TWO tablets in the morning", "interrupt"),
    (date(1961, 11, 23), None, 0, CITALOPRAM, "Take TWO tablets in the morning", ""),
]


@pytest.mark.parametrize(("born", "weight", "ago", "name", "said", "expected"), PEOPLE)
def test_by_age_and_weight(
    born: date | None, weight: str | None, ago: int, name: str, said: str, expected: str
) -> None:
    weights = (bench.measured("Body weight", weight, days_ago=ago),) if weight else ()
    record = bench.record(patient=bench.patient(born=born), observations=weights)
    assert bench.shapes(_assess(record, _line(name, said))) == expected


def test_by_body_surface() -> None:
    # The square root of 160 × 40 ÷ 3600 is 1.33 m², and 1.5 mg of it are 2.0 mg.
    results = (bench.measured("Body weight", "40 kg"), bench.measured("Body height", "160 cm"))
    record = bench.record(observations=results)
    assert bench.shapes(_assess(record, _line(VINCRISTINE, "1.9 mg intravenously once a week"))) == ""
    small = bench.record(observations=(bench.measured("Body weight", "30 kg"), results[1]))
    (found,) = _assess(small, _line(VINCRISTINE, "1.9 mg intravenously once a week")).findings
    assert found.severity.value == "hard_stop"
    assert any("Mosteller" in fact.text for fact in found.why)


FOUR = "Take TWO tablets FOUR times a day"
# Beside co-codamol 8/500, two tablets four times a day: what the patient has, and the finding.
TOGETHER = [
    ((bench.order(PARACETAMOL, dosage=FOUR),), (), (), "interrupt"),
    ((), (bench.statement(PARACETAMOL, dosage="Take ONE tablet at night"),), (), "interrupt"),
    ((), (), (replace(bench.supply(PARACETAMOL, on=date(2026, 11, 20), days=7),
                      quantity=bench.quantity("56", "tablet")),), "interrupt"),
    ((bench.order(PARACETAMOL, dosage="Take as directed"),), (), (), "not_assessed"),
    ((bench.order(PARACETAMOL),), (), (), "not_assessed"),
    ((bench.order(CO_CODAMOL, dosage=FOUR),), (), (), ""),
    ((bench.order(IBUPROFEN, dosage=FOUR),), (), (), ""),
    ((), (), (bench.supply(PARACETAMOL, on=date(2026, 9, 20), days=7),), ""),
]  # fmt: skip


@pytest.mark.parametrize(("orders", "statements", "supplies", "expected"), TOGETHER)
def test_across_everything_that_the_patient_has(
    orders: tuple[object, ...], statements: tuple[object, ...], supplies: tuple[object, ...], expected: str
) -> None:
    record = bench.record(orders=orders, statements=statements, supplies=supplies)  # type: ignore[arg-type]
    assert bench.shapes(_assess(record, _line(CO_CODAMOL, FOUR))) == expected


def test_a_medicine_that_three_facts_tell_of_is_added_once() -> None:
    once = "Take ONE tablet THREE times a day"
    supply = replace(
        bench.supply(CO_CODAMOL, on=date(2026, 11, 20), days=28), quantity=bench.quantity("84", "tablet")
    )
    record = bench.record(
        orders=(bench.order(CO_CODAMOL, dosage=once),),
        statements=(bench.statement(CO_CODAMOL, dosage=once),),
        supplies=(supply,),
    )
    assert bench.shapes(_assess(record, _line(PARACETAMOL, "Take ONE tablet FIVE times a day"))) == ""


def test_two_lines_are_added_up() -> None:
    lines = (_line(PARACETAMOL, FOUR, id="1"), _line(CO_CODAMOL, FOUR, id="2"))
    (found,) = _assess(bench.record(), *lines).findings
    assert found.line is None
    assert "8,000 mg of paracetamol a day; the most is 4,000 mg" in found.what


def test_a_limit_that_holds_beside_another_medicine() -> None:
    two = _line(SIMVASTATIN, "Take TWO tablets at night")
    assert bench.shapes(_assess(bench.record(), two)) == ""
    with_amlodipine = bench.record(orders=(bench.order("Amlodipine 5mg tablets"),))
    assert bench.shapes(_assess(with_amlodipine, two)) == "interrupt"
    one = _line(SIMVASTATIN, "Take ONE tablet at night")
    assert bench.shapes(_assess(with_amlodipine, one)) == ""


def test_without_a_strength_it_is_not_assessed() -> None:
    assert bench.shapes(_assess(bench.record(), _line("Amlodipine 5mg tablets", FOUR))) == "not_assessed"
    mass = _line("Amlodipine 5mg tablets", "Take 5 mg ONCE a day")
    assert bench.shapes(_assess(bench.record(), mass)) == ""
    assert bench.shapes(_assess(bench.record(), _line(PARACETAMOL, None))) == "not_assessed"


ASPIRIN, OMEPRAZOLE = "Aspirin 75mg tablets", "Omeprazole 20mg capsules"
ULCER, BLED = bench.condition("Peptic ulcer"), bench.condition("GI bleed")
# What is taken, since how many days, with which conditions, and what is found
IN_A_CONDITION = [
    (ASPIRIN, "Take TWO tablets ONCE a day", 60, (), "note"),
    (ASPIRIN, "Take ONE tablet ONCE a day", 60, (), ""),
    (ASPIRIN, "Take TWO tablets ONCE a day", 20, (), ""),
    (ASPIRIN, "Take as directed", 60, (), "not_assessed"),
    (OMEPRAZOLE, "Take ONE capsule ONCE a day", 60, (ULCER,), "note"),
    (OMEPRAZOLE, "Take ONE capsule ONCE a day", 50, (ULCER,), ""),
    (OMEPRAZOLE, "Take ONE capsule ONCE a day", 60, (), ""),
    (OMEPRAZOLE, "Take ONE capsule ONCE a day", 60, (ULCER, BLED), ""),
    (OMEPRAZOLE, "Take ONE capsule ONCE a day", 60, None, "not_assessed"),
]


@pytest.mark.parametrize(("name", "said", "days_ago", "conditions", "expected"), IN_A_CONDITION)
def test_a_limit_that_holds_in_a_condition(
    name: str, said: str, days_ago: int, conditions: tuple[Condition, ...] | None, expected: str
) -> None:
    earlier = (bench.supply(name, on=bench.TODAY - timedelta(days=days_ago), days=28),)
    record = bench.record(supplies=earlier, conditions=conditions)
    line = bench.line(name, dosage=bench.written(said))
    found = check.assess(Proposed((line,)), record, knowledge=bench.KNOWLEDGE, on=bench.TODAY)
    assert bench.shapes(found) == expected
    if expected == "note":
        assert any("Supplied" in fact.text for fact in found.findings[0].why), "why the limit holds"
