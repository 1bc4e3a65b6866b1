"""Was its name taken for another? Each alert has a twin that differs in one fact and is silent."""

from __future__ import annotations

import pytest
from tests.spec.checks import bench

from pestle.pharmacy.checks import lookalike as check
from pestle.pharmacy.checks.finding import Assessment
from pestle.pharmacy.record.record import Record

PREDNISOLONE, PROPRANOLOL = "Prednisolone 5mg tablets", "Propranolol 40mg tablets"
CITALOPRAM, ESCITALOPRAM = "Citalopram 20mg tablets", "Escitalopram 10mg tablets"
AMLODIPINE = "Amlodipine 5mg tablets"

# ordered            what the patient has                finding
TABLE = [
    ((PREDNISOLONE,), (PROPRANOLOL,), "note"),
    ((PREDNISOLONE,), (PROPRANOLOL, PREDNISOLONE), ""),
    ((PREDNISOLONE, PROPRANOLOL), (PROPRANOLOL,), ""),
    ((PREDNISOLONE,), (), ""),
    ((PREDNISOLONE,), (AMLODIPINE,), ""),
    ((ESCITALOPRAM,), (CITALOPRAM,), "note"),
    ((ESCITALOPRAM,), (ESCITALOPRAM,), ""),
    (("Paracetamol 500mg tablets",), (CITALOPRAM,), ""),
]


def _assess(names: tuple[str, ...], record: Record) -> Assessment:
    return check.assess(bench.prescription(*names), record, knowledge=bench.KNOWLEDGE, on=bench.TODAY)


@pytest.mark.parametrize(("ordered", "has", "expected"), TABLE)
def test_the_patient_has_the_look_alike_and_not_this_one(
    ordered: tuple[str, ...], has: tuple[str, ...], expected: str
) -> None:
    assessment = _assess(ordered, bench.record(orders=tuple(map(bench.order, has))))
    assert bench.shapes(assessment) == expected
    assert all(found.line == "1" for found in assessment.findings)


def test_which_list_says_so() -> None:
    (listed,) = _assess((PREDNISOLONE,), bench.record(orders=(bench.order(PROPRANOLOL),))).findings
    assert "Medicines and Healthcare products Regulatory Agency" in listed.source.title
    (spelt,) = _assess((ESCITALOPRAM,), bench.record(orders=(bench.order(CITALOPRAM),))).findings
    assert "typing errors" in spelt.source.title


def test_without_a_history_it_is_not_assessed() -> None:
    unknown = bench.record(supplies=None, orders=None, statements=None)
    assert bench.shapes(_assess((PREDNISOLONE,), unknown)) == "not_assessed"
