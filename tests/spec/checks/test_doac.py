"""Is the anticoagulant dosed as atrial fibrillation asks? Each alert has a twin that differs in one fact."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.spec.checks import bench

from pestle.pharmacy.checks import doac as check
from pestle.pharmacy.checks.check import Proposed
from pestle.pharmacy.checks.finding import Assessment
from pestle.pharmacy.record.condition import ClinicalStatus
from pestle.pharmacy.record.record import Record

FIVE, SMALL = "Apixaban 5mg tablets", "Apixaban 2.5mg tablets"
EDOXABAN, DABIGATRAN = "Edoxaban 60mg tablets", "Dabigatran etexilate 110mg capsules"
ONCE, TWICE = "Take ONE ONCE a day", "Take ONE TWICE a day"
AGED_66, AGED_76, AGED_80 = date(1960, 5, 1), date(1950, 5, 1), date(1946, 5, 1)

# born     kg    creatinine  ordered      instruction                        finding
TABLE = [
    (AGED_66, "70", "80", FIVE, TWICE, ""),
    (AGED_66, "70", "80", SMALL, TWICE, "interrupt"),
    (AGED_66, "70", "80", FIVE, ONCE, "interrupt"),
    (AGED_66, "70", "80", FIVE, "Take TWO tablets TWICE a day", "interrupt"),
    (AGED_66, "70", "80", FIVE, "as directed", "not_assessed"),
    (AGED_80, "60", "80", SMALL, TWICE, ""),
    (AGED_80, "60", "80", FIVE, TWICE, "interrupt"),
    (AGED_80, "61", "80", FIVE, TWICE, ""),
    (AGED_80, "61", "80", SMALL, TWICE, "interrupt"),
    (AGED_80, "70", "133", SMALL, TWICE, ""),
    (AGED_80, "70", "132", SMALL, TWICE, "interrupt"),
    (AGED_66, "60", "80", EDOXABAN, ONCE, "interrupt"),
    (AGED_66, "61", "80", EDOXABAN, ONCE, ""),
    (AGED_66, "70", "80", DABIGATRAN, TWICE, "interrupt"),
    (AGED_80, "70", "80", DABIGATRAN, TWICE, ""),
    (AGED_80, None, "80", DABIGATRAN, TWICE, "not_assessed"),
    (AGED_80, "70", None, DABIGATRAN, TWICE, "not_assessed"),
    (AGED_66, "70", "80", "Warfarin 3mg tablets", ONCE, ""),
]


def _record(born: date, kg: str | None, creatinine: str | None) -> Record:
    results = [bench.measured("Body weight", f"{kg} kg")] if kg else []
    results += [bench.measured("Creatinine", f"{creatinine} micromol/L")] if creatinine else []
    return bench.record(
        patient=bench.patient(born=born),
        observations=tuple(results),
        conditions=(bench.condition("Atrial fibrillation"),),
    )


def _assess(record: Record, name: str, said: str) -> Assessment:
    line = bench.line(name, dosage=bench.written(said))
    return check.assess(Proposed((line,)), record, knowledge=bench.KNOWLEDGE, on=bench.TODAY)


@pytest.mark.parametrize(("born", "kg", "creatinine", "name", "said", "expected"), TABLE)
def test_neither_too_little_nor_too_much(
    born: date, kg: str | None, creatinine: str | None, name: str, said: str, expected: str
) -> None:
    assessment = _assess(_record(born, kg, creatinine), name, said)
    assert bench.shapes(assessment) == expected
    assert all(found.line == "1" for found in assessment.findings)


def test_which_of_the_two_it_is() -> None:
    (less,) = _assess(_record(AGED_66, "70", "80"), SMALL, TWICE).findings
    assert (less.rule, "5 mg a day is less than 5 mg twice a day" in less.what) == ("too-little", True)
    (more,) = _assess(_record(AGED_80, "60", "80"), FIVE, TWICE).findings
    assert (more.rule, "10 mg a day is more than 2.5 mg twice a day" in more.what) == ("too-much", True)


def test_another_medicine_may_reduce_the_dose() -> None:
    record = _record(AGED_66, "70", "80")
    assert bench.shapes(_assess(record, DABIGATRAN, TWICE)) == "interrupt"
    with_verapamil = replace(record, orders=(bench.order("Verapamil 80mg tablets"),))
    assert bench.shapes(_assess(with_verapamil, DABIGATRAN, TWICE)) == ""


def test_where_the_rule_leaves_it_to_judgement_that_is_said() -> None:
    (found,) = _assess(_record(AGED_76, "70", "80"), DABIGATRAN, TWICE).findings
    assert "75 to 79 years" in found.do


@pytest.mark.parametrize(
    "conditions",
    [None, (), (bench.condition("Deep vein thrombosis"),),
     (bench.condition("Atrial fibrillation", status=ClinicalStatus.RESOLVED),)],
)  # fmt: skip
def test_without_atrial_fibrillation_on_record_it_is_not_assessed(conditions: object) -> None:
    record = replace(_record(AGED_66, "70", "80"), conditions=conditions)  # type: ignore[arg-type]
    assert bench.shapes(_assess(record, SMALL, TWICE)) == "not_assessed"


def test_kidneys_that_are_too_weak_are_said_by_the_renal_check() -> None:
    assert bench.shapes(_assess(_record(AGED_80, "60", "600"), FIVE, TWICE)) == ""
