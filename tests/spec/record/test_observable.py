"""Which result is the latest, in the unit it is compared in, and why is there none?"""

from __future__ import annotations

from fractions import Fraction

import pytest
from tests.spec.criteria.bench import TERMS, TODAY, record, result

from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.record.result import NoResult, Result, Why, said
from pestle.pharmacy.record.results import find, latest

# kind, as sent, in the unit compared (exactly), as said
CONVERTED = [
    ("creatinine", "1.0 mg/dL", "88.4", "creatinine 88.4 micromol/L (written 1.0 mg/dL)"),
    ("creatinine", "88 µmol/L", "88", "creatinine 88 micromol/L"),
    ("creatinine", "0.088 mmol/L", "88", "creatinine 88 micromol/L (written 0.088 mmol/L)"),
    ("haemoglobin", "13.5 g/dL", "135", "haemoglobin 135 g/L (written 13.5 g/dL)"),
    ("body_weight", "11 stone", "69.85322498", "body weight 69.85322498 kg (written 11 stone)"),
    ("body_weight", "154 lb", "69.85322498", "body weight 69.85322498 kg (written 154 lb)"),
    ("body_height", "1.62 m", "162", "body height 162 cm (written 1.62 m)"),
    ("neutrophils", "1500 /uL", "1.5", "neutrophils 1.5 x10^9/L (written 1500 /uL)"),
    ("neutrophils", "1.5 10*9/L", "1.5", "neutrophils 1.5 x10^9/L (written 1.5 10*9/L)"),
    ("potassium", "5.6 mEq/L", "5.6", "potassium 5.6 mmol/L (written 5.6 mEq/L)"),
    ("inr", "2.5", "2.5", "INR 2.5"),
    ("egfr", ">90 mL/min/1.73m2", "90", "eGFR > 90 mL/min/1.73m2"),
    ("digoxin_level", "1.2 ng/mL", "1.2", "digoxin level 1.2 microgram/L (written 1.2 ng/mL)"),
]


@pytest.mark.parametrize(("kind", "written", "value", "words"), CONVERTED)
def test_a_result_is_read_in_one_unit(kind: str, written: str, value: str, words: str) -> None:
    observable = TERMS.observables[kind]
    found = latest(record(results=(result(observable.title, written, "2026-11-01"),)), observable, on=TODAY)
    assert isinstance(found, Result), found
    assert found.value == Fraction(value)
    assert said(found) == words


def test_hba1c_per_cent_is_turned_into_mmol_by_the_master_equation() -> None:
    """48 mmol/mol is 6.5 per cent, 53 is 7.0 (rounded)."""
    hba1c = TERMS.observables["hba1c"]
    for per_cent, mmol in (("6.5", 48), ("7.0", 53)):
        found = latest(record(results=(result("HbA1c", f"{per_cent} %", "2026-11-01"),)), hba1c, on=TODAY)
        assert isinstance(found, Result)
        assert round(found.value or 0) == mmol


# results on file, why there is none to use
UNUSABLE = [
    ([], Why.NONE, "No potassium is on file"),
    ([("4.5", "2026-11-01")], Why.UNIT, "its unit was not said"),
    ([("4.5 mg", "2026-11-01")], Why.UNIT, "its unit “mg” is not known"),
    ([("45 mmol/L", "2026-11-01")], Why.IMPLAUSIBLE, "it is not plausible"),
    ([("haemolysed", "2026-11-01")], Why.NOT_UNDERSTOOD, "is not a measured value"),
    ([("4.5 mmol/L", None)], Why.NO_DATE, "has no date"),
    ([("4.5 mmol/L", "2026-11-23")], Why.NONE, "No potassium is on file"),
    (
        [("4.5 mmol/L", "2026-10-01"), ("45 mmol/L", "2026-11-01")],
        Why.IMPLAUSIBLE,
        "45 mmol/L of 01-Nov-2026",
    ),
    ([("4.5 mmol/L", "2026-11-01"), ("5.5 mmol/L", "2026-11-01")], Why.SEVERAL, "4.5 mmol/L and 5.5 mmol/L"),
    ([("4.5 mmol/L", "2026-11-01"), ("5.5 mmol/L", "2026-11")], Why.SEVERAL, "which was the last"),
    ([("4.5 mmol/L", "2026-08-01")], Why.OLD, "113 days ago"),
]


@pytest.mark.parametrize(("on_file", "why", "words"), UNUSABLE)
def test_why_there_is_none(on_file: list[tuple[str, str | None]], why: Why, words: str) -> None:
    results = tuple(result("Potassium", written, taken) for written, taken in on_file)
    found = latest(record(results=results), TERMS.observables["potassium"], on=TODAY, days=90)
    assert isinstance(found, NoResult), found
    assert found.why is why
    assert words in found.words


def test_no_results_to_be_read_is_not_none_on_file() -> None:
    potassium = TERMS.observables["potassium"]
    found = latest(record(results=None), potassium, on=TODAY)
    assert isinstance(found, NoResult)
    assert found.why is Why.NOT_ON_RECORD
    assert find(record(results=None), potassium, on=TODAY) is None
    assert find(record(), potassium, on=TODAY) == ()


# kind, results with their times, the one that stands
OF_A_DAY = [
    ("potassium", [("4.5 mmol/L", "08:00"), ("5.5 mmol/L", "16:00")], "5.5"),
    ("potassium", [("5.5 mmol/L", "16:00"), ("4.5 mmol/L", "08:00")], "5.5"),
    ("potassium", [("4.5 mmol/L", None), ("4.5 mEq/L", None)], "4.5"),
    ("systolic_bp", [("150 mmHg", None), ("138 mmHg", None)], "138"),
    ("peak_flow", [("380 L/min", None), ("420 L/min", None)], "420"),
]


@pytest.mark.parametrize(("kind", "on_file", "value"), OF_A_DAY)
def test_one_value_stands_for_a_day(kind: str, on_file: list[tuple[str, str | None]], value: str) -> None:
    observable = TERMS.observables[kind]
    results = tuple(result(observable.title, written, "2026-11-01", at=at) for written, at in on_file)
    found = latest(record(results=results), observable, on=TODAY)
    assert isinstance(found, Result)
    assert found.value == Fraction(value)


def test_a_code_is_enough_and_words_in_another_case_are() -> None:
    creatinine = TERMS.observables["creatinine"]
    system, code = min(creatinine.codes)
    assert system == SNOMED
    for name, coded in (("Kreatinin", code), ("SERUM CREATININE", None)):
        one = record(results=(result(name, "88 umol/L", "2026-11-01", code=coded),))
        assert isinstance(latest(one, creatinine, on=TODAY), Result)


def test_a_panel_is_done_when_one_of_it_is() -> None:
    fbc = TERMS.observables["fbc"]
    found = latest(record(results=(result("Platelets", "200 x10^9/L", "2026-11-01"),)), fbc, on=TODAY)
    assert isinstance(found, Result)
    assert said(found) == "full blood count: platelets 200 x10^9/L"
    assert isinstance(latest(record(results=(result("INR", "2", "2026-11-01"),)), fbc, on=TODAY), NoResult)


ANSWERED = [
    ("pregnancy_status", "Pregnant", "pregnant"),
    ("pregnancy_status", "not pregnant", "not_pregnant"),
    ("smoking_status", "Ex-smoker", "ex_smoker"),
]


@pytest.mark.parametrize(("kind", "written", "answer"), ANSWERED)
def test_what_was_asked_has_an_answer(kind: str, written: str, answer: str) -> None:
    observable = TERMS.observables[kind]
    found = latest(record(results=(result(observable.title, written, "2026-11-01"),)), observable, on=TODAY)
    assert isinstance(found, Result)
    assert found.answer == answer
