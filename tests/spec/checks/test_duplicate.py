"""Would the patient have it twice? Pairs on one prescription, and with what was supplied before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.spec.checks import bench

from pestle.pharmacy.checks import duplicate as check
from pestle.pharmacy.checks.check import Proposed
from pestle.pharmacy.checks.finding import Assessment
from pestle.pharmacy.record.medication import MedicationSupply

PAIRS = [
    ("Warfarin 1mg tablets", "Warfarin 3mg tablets", "note"),
    ("Morphine 10mg modified-release tablets", "Morphine 10mg/5ml oral solution", "interrupt"),
    ("Morphine 10mg modified-release tablets", "Tramadol 50mg capsules", "interrupt"),
    ("Co-codamol 30mg/500mg tablets", "Morphine 10mg modified-release tablets", "interrupt"),
    ("Citalopram 20mg tablets", "Sertraline 50mg tablets", "interrupt"),
    ("Omeprazole 20mg capsules", "Lansoprazole 30mg capsules", "interrupt"),
    ("Bisoprolol 2.5mg tablets", "Timolol 0.25% eye drops", "note"),
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
    ("Insulin glargine 100units/ml injection", "Insulin aspart 100units/ml injection"),
    ("Salbutamol 100micrograms/dose inhaler", "Salmeterol 25micrograms/dose inhaler"),
    ("Furosemide 40mg tablets", "Bendroflumethiazide 2.5mg tablets"),
    ("Aspirin 75mg tablets", "Clopidogrel 75mg tablets"),
    ("Citalopram 20mg tablets", "Amlodipine 5mg tablets"),
    ("Verapamil 80mg tablets", "Timolol 0.25% eye drops"),
    ("Paracetamol 500mg tablets", "Morphine 10mg modified-release tablets"),
    ("Paracetamol 500mg tablets", "Ibuprofen 400mg tablets"),
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
# The same product again is no duplicate: how early it is asked for is another question.
SUPPLIES = [
    # ordered                   supplied                  on                  days  expected
    ("Omeprazole 20mg capsules", "Omeprazole 20mg capsules", date(2026, 11, 21), 28, ""),
    ("Warfarin 1mg tablets", "Warfarin 3mg tablets", date(2026, 10, 26), 28, "interrupt"),
    ("Warfarin 1mg tablets", "Warfarin 3mg tablets", date(2026, 10, 25), 28, ""),
    ("Warfarin 1mg tablets", "Warfarin 3mg tablets", date(2026, 11, 10), None, "interrupt"),
    ("Warfarin 1mg tablets", "Warfarin 3mg tablets", date(2026, 10, 25), None, ""),
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


def test_a_medicine_that_several_facts_tell_of_is_said_once() -> None:
    record = bench.record(
        orders=(bench.order("Lansoprazole 30mg capsules"),),
        statements=(bench.statement("Lansoprazole 30mg capsules"),),
        supplies=(bench.supply("Lansoprazole 30mg capsules", on=date(2026, 11, 1)),),
    )
    proposed = bench.prescription("Omeprazole 20mg capsules")
    (found,) = check.assess(proposed, record, knowledge=bench.KNOWLEDGE, on=bench.TODAY).findings
    assert {fact.text.split(":")[0] for fact in found.why} == {
        "On this prescription",
        "Ordered",
        "Said to be taken",
        "Supplied",
    }


def test_two_strengths_that_the_patient_has_and_both_are_ordered_are_said_once() -> None:
    both = ("Warfarin 1mg tablets", "Warfarin 3mg tablets")
    record = bench.record(orders=tuple(bench.order(name) for name in both))
    proposed = bench.prescription(*both)
    answer = check.assess(proposed, record, knowledge=bench.KNOWLEDGE, on=bench.TODAY)
    assert bench.shapes(answer) == "note"


REGULAR, WHEN_REQUIRED = "Take ONE tablet TWICE a day", "Take 5 ml every 4 hours when required"
BREAKTHROUGH = [
    ("Morphine 10mg/5ml oral solution", REGULAR, WHEN_REQUIRED, ""),
    ("Morphine 10mg/5ml oral solution", REGULAR, REGULAR, "interrupt"),
    ("Morphine 10mg/5ml oral solution", WHEN_REQUIRED, WHEN_REQUIRED, "interrupt"),
    ("Morphine 10mg/5ml oral solution", REGULAR, "as before", "interrupt"),
    ("Tramadol 50mg capsules", REGULAR, WHEN_REQUIRED, ""),
    ("Tramadol 50mg capsules", REGULAR, REGULAR, "interrupt"),
]


@pytest.mark.parametrize(("other", "regular", "beside", "expected"), BREAKTHROUGH)
def test_a_regular_opioid_and_one_when_required_are_meant(
    other: str, regular: str, beside: str, expected: str
) -> None:
    morphine = bench.line("Morphine 10mg modified-release tablets", id="1", dosage=bench.written(regular))
    lines = (morphine, bench.line(other, id="2", dosage=bench.written(beside)))
    together = check.assess(Proposed(lines), bench.record(), knowledge=bench.KNOWLEDGE, on=bench.TODAY)
    assert bench.shapes(together) == expected
    record = bench.record(orders=(bench.order(other, dosage=beside),))
    beside_it = check.assess(Proposed((morphine,)), record, knowledge=bench.KNOWLEDGE, on=bench.TODAY)
    assert bench.shapes(beside_it) == expected


def test_no_history_is_not_an_empty_history() -> None:
    proposed = bench.prescription("Omeprazole 20mg capsules")
    unknown = bench.record(supplies=None, orders=None, statements=None)
    without = check.assess(proposed, unknown, knowledge=bench.KNOWLEDGE, on=bench.TODAY)
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
    assert "Warfarin 1mg tablets" in found.because
    ended = replace(unmatched, on=date(2026, 9, 1))
    assert _assess(("Paracetamol 500mg tablets",), ended).findings == ()


def test_the_key_lasts_whichever_supply_says_it() -> None:
    keys = [
        found.key
        for on in (date(2026, 11, 1), date(2026, 11, 20))
        for found in _assess(("Apixaban 5mg tablets",), bench.supply("Warfarin 3mg tablets", on=on)).findings
    ]
    assert len(keys) == 2
    assert keys[0] == keys[1]
