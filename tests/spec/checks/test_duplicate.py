"""Would the patient have it twice? Pairs on one prescription, and with what was supplied before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.spec.checks import bench

from pestle.pharmacy.checks import duplicate as check
from pestle.pharmacy.checks.finding import Assessment
from pestle.pharmacy.record.medication import MedicationSupply

PAIRS = [
    ("Warfarin 1mg tablets", "Warfarin 3mg tablets", "interrupt"),
    ("Paracetamol 500mg tablets", "Paracetamol 500mg tablets", "interrupt"),
    ("Paracetamol 500mg tablets", "Co-codamol 30mg/500mg tablets", "interrupt"),
    ("Ibuprofen 400mg tablets", "Ibuprofen 5% gel", "note"),
    ("Ibuprofen 400mg tablets", "Naproxen 250mg tablets", "interrupt"),
    ("Ibuprofen 400mg tablets", "Celecoxib 100mg capsules", "interrupt"),
    ("Ibuprofen 400mg tablets", "Diclofenac 100mg suppositories", "interrupt"),
    ("Ibuprofen 400mg tablets", "Diclofenac 1.16% gel", "note"),
    ("Warfarin 3mg tablets", "Apixaban 5mg tablets", "interrupt"),
    ("Ramipril 5mg capsules", "Losartan 50mg tablets", "interrupt"),
    ("Furosemide 40mg tablets", "Bumetanide 1mg tablets", "interrupt"),
    ("Diazepam 5mg tablets", "Zopiclone 7.5mg tablets", "interrupt"),
]
SILENT_PAIRS = [
    ("Warfarin 1mg tablets", "Paracetamol 500mg tablets"),
    ("Paracetamol 500mg tablets", "Ibuprofen 400mg tablets"),
    ("Co-codamol 30mg/500mg tablets", "Morphine 10mg modified-release tablets"),
    ("Ibuprofen 5% gel", "Paracetamol 500mg tablets"),
    ("Ibuprofen 400mg tablets", "Omeprazole 20mg capsules"),
    ("Simvastatin 20mg tablets", "Ezetimibe 10mg tablets"),
    ("Warfarin 3mg tablets", "Simvastatin 20mg tablets"),
    ("Ramipril 5mg capsules", "Bumetanide 1mg tablets"),
    ("Furosemide 40mg tablets", "Losartan 50mg tablets"),
    ("Diazepam 5mg tablets", "Gabapentin 300mg capsules"),
    ("Amoxicillin 500mg capsules", "Clarithromycin 500mg tablets"),
    ("Sodium chloride 5mmol/5ml oral solution", "Diclofenac 100mg suppositories"),
]


def _assess(names: tuple[str, ...], *supplies: MedicationSupply) -> Assessment:
    record = bench.record(supplies=supplies)
    return check.assess(bench.prescription(*names), record, knowledge=bench.KNOWLEDGE, on=bench.TODAY)


@pytest.mark.parametrize(("one", "other", "expected"), PAIRS)
def test_two_lines(one: str, other: str, expected: str) -> None:
    (found,) = _assess((one, other)).findings
    assert found.severity.value == expected
    assert found.line is None
    assert one in found.what
    assert other in found.what


@pytest.mark.parametrize(("one", "other"), SILENT_PAIRS)
def test_two_lines_that_go_together(one: str, other: str) -> None:
    assert _assess((one, other)).findings == ()


def test_there_are_as_many_silent_pairs() -> None:
    assert len(SILENT_PAIRS) >= len(PAIRS)


# Today is 22 November 2026: the 28th and last day of a supply made on 26 October for 28 days.
SUPPLIES = [
    # ordered                   supplied                  on                  days  expected
    ("Omeprazole 20mg capsules", "Omeprazole 20mg capsules", date(2026, 11, 21), 28, "interrupt"),
    ("Omeprazole 20mg capsules", "Omeprazole 20mg capsules", date(2026, 11, 2), 28, "interrupt"),
    ("Omeprazole 20mg capsules", "Omeprazole 20mg capsules", date(2026, 11, 1), 28, "note"),
    ("Omeprazole 20mg capsules", "Omeprazole 20mg capsules", date(2026, 10, 26), 28, "note"),
    ("Omeprazole 20mg capsules", "Omeprazole 20mg capsules", date(2026, 10, 25), 28, ""),
    ("Omeprazole 20mg capsules", "Omeprazole 20mg capsules", date(2026, 10, 25), 56, "interrupt"),
    ("Omeprazole 20mg capsules", "Omeprazole 20mg capsules", date(2026, 11, 10), 7, ""),
    ("Omeprazole 20mg capsules", "Omeprazole 20mg capsules", date(2026, 11, 10), None, "interrupt"),
    ("Omeprazole 20mg capsules", "Omeprazole 20mg capsules", date(2026, 10, 25), None, ""),
    ("Warfarin 1mg tablets", "Warfarin 3mg tablets", date(2026, 10, 26), 28, "interrupt"),
    ("Warfarin 1mg tablets", "Warfarin 3mg tablets", date(2026, 10, 25), 28, ""),
    ("Apixaban 5mg tablets", "Warfarin 3mg tablets", date(2026, 11, 10), 28, "interrupt"),
    ("Apixaban 5mg tablets", "Warfarin 3mg tablets", date(2026, 9, 10), 28, ""),
    ("Apixaban 5mg tablets", "Omeprazole 20mg capsules", date(2026, 11, 10), 28, ""),
    ("Ibuprofen 5% gel", "Ibuprofen 400mg tablets", date(2026, 11, 10), 28, "note"),
    ("Paracetamol 500mg tablets", "Ibuprofen 400mg tablets", date(2026, 11, 10), 28, ""),
]


@pytest.mark.parametrize(("ordered", "supplied", "on", "days", "expected"), SUPPLIES)
def test_earlier_supply(ordered: str, supplied: str, on: date, days: int | None, expected: str) -> None:
    assessment = _assess((ordered,), bench.supply(supplied, on=on, days=days))
    assert bench.shapes(assessment) == expected
    assert all(found.line == "1" for found in assessment.findings)


def test_no_history_is_not_an_empty_history() -> None:
    proposed = bench.prescription("Omeprazole 20mg capsules")
    without = check.assess(proposed, bench.record(supplies=None), knowledge=bench.KNOWLEDGE, on=bench.TODAY)
    assert bench.shapes(without) == "not_assessed"
    assert _assess(("Omeprazole 20mg capsules",)).findings == ()


def test_what_is_not_matched_is_not_assessed() -> None:
    assert bench.shapes(_assess(("Unlisted elixir",))) == "not_assessed"
    unmatched = replace(
        bench.supply("Warfarin 1mg tablets", on=date(2026, 11, 20)),
        medication=bench.unmatched("Warfarin 1mg tablets"),
    )
    (found,) = _assess(("Paracetamol 500mg tablets",), unmatched).findings
    assert found.severity.value == "not_assessed"
    assert "Warfarin 1mg tablets (supplied 20-Nov-2026)" in found.because
    ended = replace(unmatched, on=date(2026, 9, 1))
    assert _assess(("Paracetamol 500mg tablets",), ended).findings == ()


def test_the_key_lasts_as_long_as_the_facts_and_the_severity() -> None:
    earlier = bench.supply("Omeprazole 20mg capsules", on=date(2026, 11, 1))
    days = [date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 24)]
    keys = [
        found.key
        for on in days
        for found in check.assess(
            bench.prescription("Omeprazole 20mg capsules"),
            bench.record(supplies=(earlier,)),
            knowledge=bench.KNOWLEDGE,
            on=on,
        ).findings
    ]
    assert keys[0] == keys[1], "the same facts tomorrow are the same finding"
    assert keys[2] != keys[0], "another severity is another finding"
