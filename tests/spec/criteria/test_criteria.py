"""Does the condition hold: one line, one record, one answer; and twins that differ in one fact."""

from __future__ import annotations

import pytest
from tests.spec.criteria.bench import ask, has, record, result, supplied

from pestle.pharmacy.criteria.answer import Verdict
from pestle.pharmacy.record.condition import ClinicalStatus, VerificationStatus
from pestle.pharmacy.record.observation import Observation
from pestle.pharmacy.record.patient import Gender
from pestle.pharmacy.record.record import Record

UNSURE = "cannot tell"

PERSON = [
    ("{age: {at_least: 65}}", record(born="1961-11-22"), "in"),
    ("{age: {at_least: 65}}", record(born="1961-11-23"), "out"),
    ("{age: {at_least: 65}}", record(born=None), UNSURE),
    ("{age: {below: 16}}", record(born="2010-11-23"), "in"),
    ("{age: {below: 16}}", record(born="2010-11-22"), "out"),
    ("{age: {below: 1, in: months}}", record(born="2026-10-23"), "in"),
    ("{age: {below: 1, in: months}}", record(born="2026-10-22"), "out"),
    ("{sex: female}", record(), "in"),
    ("{sex: female}", record(gender=Gender.MALE), "out"),
    ("{sex: female}", record(gender=Gender.UNKNOWN), UNSURE),
    ("{alive: {}}", record(), "in"),
    ("{registered: {}}", record(), UNSURE),
]

DOAC_LAST = """{latest_medicine:
    {medicines: direct_oral_anticoagulants, among: oral_anticoagulants, within: 6 months}}"""
WARFARIN = "{taking: {medicines: {ingredients: [warfarin]}}}"
NSAID_3_MONTHS = "{issued: {medicines: nsaids_systemic, within: 3 months}}"
MEDICINES = [
    # Both ends of a window count.
    (NSAID_3_MONTHS, record(supplies=(supplied("Ibuprofen 400mg", "2026-08-22"),)), "in"),
    (NSAID_3_MONTHS, record(supplies=(supplied("Ibuprofen 400mg", "2026-08-21"),)), "out"),
    (NSAID_3_MONTHS, record(supplies=(supplied("Ibuprofen 400mg", "2026-11-23"),)), "out"),
    (NSAID_3_MONTHS, record(supplies=(supplied("Paracetamol 500mg", "2026-11-01"),)), "out"),
    (
        NSAID_3_MONTHS,
        record(supplies=(supplied("Ibuprofen 5% gel", "2026-11-01", route="Cutaneous"),)),
        "out",
    ),
    (
        NSAID_3_MONTHS,
        record(supplies=(supplied("Ibuprofen 9", "2026-11-01", route=None),)),
        UNSURE,
    ),
    (NSAID_3_MONTHS, record(supplies=(supplied("? Naproxen 250mg", "2026-11-01"),)), UNSURE),
    (NSAID_3_MONTHS, record(supplies=(supplied("? Paracetamol 500mg", "2026-11-01"),)), "out"),
    (NSAID_3_MONTHS, record(supplies=(supplied("? Nurofen", "2026-11-01"),)), UNSURE),
    (NSAID_3_MONTHS, record(supplies=()), "out"),
    (NSAID_3_MONTHS, record(supplies=None), UNSURE),
    # What lasts to the day is taken on the day; what ran out is not.
    (
        WARFARIN,
        record(supplies=(supplied("Warfarin 3mg", "2026-10-26"),)),
        "in",
    ),
    (
        WARFARIN,
        record(supplies=(supplied("Warfarin 3mg", "2026-10-25"),)),
        "out",
    ),
    (
        "{taking: {medicines: {ingredients: [warfarin]}, or_issued: 3 months}}",
        record(supplies=(supplied("Warfarin 3mg", "2026-10-25"),)),
        "in",
    ),
    (
        WARFARIN,
        record(supplies=(supplied("Warfarin 3mg", "2026-10-25", days=None),)),
        UNSURE,
    ),
    # A repeat user has an issue in each of two blocks; one acute course is not that.
    (
        "{repeated: {medicines: {ingredients: [lithium]}, within: 3 months}}",
        record(supplies=(supplied("Lithium", "2026-07-01"), supplied("Lithium", "2026-10-01"))),
        "in",
    ),
    (
        "{repeated: {medicines: {ingredients: [lithium]}, within: 3 months}}",
        record(supplies=(supplied("Lithium", "2026-09-01"), supplied("Lithium", "2026-10-01"))),
        "out",
    ),
    (
        "{co_prescribed: {medicines: oral_anticoagulants, with: antiplatelets, days: 28, within: 3 months}}",
        record(supplies=(supplied("Warfarin 3mg", "2026-10-01"), supplied("Clopidogrel 75mg", "2026-10-28"))),
        "in",
    ),
    (
        "{co_prescribed: {medicines: oral_anticoagulants, with: antiplatelets, days: 28, within: 3 months}}",
        record(supplies=(supplied("Warfarin 3mg", "2026-10-01"), supplied("Clopidogrel 75mg", "2026-10-29"))),
        "out",
    ),
    (
        DOAC_LAST,
        record(supplies=(supplied("Warfarin 3mg", "2026-08-01"), supplied("Apixaban 5mg", "2026-10-01"))),
        "in",
    ),
    (
        DOAC_LAST,
        record(supplies=(supplied("Warfarin 3mg", "2026-10-02"), supplied("Apixaban 5mg", "2026-10-01"))),
        "out",
    ),
    (
        "{stopped: {medicines: {ingredients: [amiodarone]}, within: 12 months}}",
        record(supplies=(supplied("Amiodarone 200mg", "2026-03-01"),)),
        "in",
    ),
    (
        "{stopped: {medicines: {ingredients: [amiodarone]}, within: 12 months}}",
        record(supplies=(supplied("Amiodarone 200mg", "2026-03-01"), supplied("Amiodarone", "2026-11-10"))),
        "out",
    ),
    (
        "{medicine_count: {medicines: any, at_least: 2, within: 3 months}}",
        record(supplies=(supplied("Ramipril 5mg", "2026-10-01"), supplied("Furosemide 40mg", "2026-10-01"))),
        "in",
    ),
    (
        "{medicine_count: {medicines: any, at_least: 2, within: 3 months}}",
        record(supplies=(supplied("Ramipril 5mg", "2026-10-01"), supplied("Ramipril 10mg", "2026-11-01"))),
        "out",
    ),
    (
        "{medicine_count: {medicines: any, at_least: 2, within: 3 months}}",
        record(supplies=(supplied("Ramipril 5mg", "2026-10-01"), supplied("? Nurofen", "2026-11-01"))),
        UNSURE,
    ),
]

UNRESOLVED = "{condition: {is: asthma, state: unresolved, resolved_by: asthma_resolved}}"
BEFORE = "{condition: {is: asthma, state: unresolved, resolved_by: asthma_resolved, until: 3 months}}"
SINCE = "{condition: {is: gout, state: unresolved, since: 2006-04-01}}"
PARKINSONISM = "{condition: {is: parkinsonism, state: active}}"
CONDITIONS = [
    # A list that has some of the codes: another code is judged by its words.
    (PARKINSONISM, record(conditions=(has("Diffuse disease", "2001", code="80098002"),)), "in"),
    (PARKINSONISM, record(conditions=(has("Parkinson’s disease", "2001", code="38341003"),)), "in"),
    (PARKINSONISM, record(conditions=(has("Drug-induced parkinsonism", "2001", code="38341003"),)), UNSURE),
    (PARKINSONISM, record(conditions=(has("Hypertension", "2001", code="38341003"),)), "out"),
    (UNRESOLVED, record(conditions=(has("Asthma", "2001"),)), "in"),
    (UNRESOLVED, record(conditions=(has("Bronchial disease", "2001", code="195967001"),)), "in"),
    (UNRESOLVED, record(conditions=(has("Asthma", "2001", code="38341003"),)), "out"),
    (UNRESOLVED, record(conditions=(has("No asthma", "2001"),)), UNSURE),
    (UNRESOLVED, record(conditions=(has("Asthma", "2001", status=ClinicalStatus.RESOLVED),)), "out"),
    (UNRESOLVED, record(conditions=(has("Asthma", "2001", verification=VerificationStatus.REFUTED),)), "out"),
    (
        UNRESOLVED,
        record(conditions=(has("Asthma", "2001", verification=VerificationStatus.PROVISIONAL),)),
        UNSURE,
    ),
    (UNRESOLVED, record(conditions=(has("Asthma", "2001"), has("Asthma resolved", "2015"))), "out"),
    (
        UNRESOLVED,
        record(conditions=(has("Asthma", "2001"), has("Asthma resolved", "2015"), has("Asthma", "2018"))),
        "in",
    ),
    (
        UNRESOLVED,
        record(conditions=(has("Asthma", "2015-06-03"), has("Asthma resolved", "2015"))),
        UNSURE,
    ),
    (UNRESOLVED, record(conditions=()), "out"),
    (UNRESOLVED, record(conditions=None), UNSURE),
    (BEFORE, record(conditions=(has("Asthma", "2026-08-22"),)), "in"),
    (BEFORE, record(conditions=(has("Asthma", "2026-08-23"),)), "out"),
    (BEFORE, record(conditions=(has("Asthma", "2026"),)), UNSURE),
    ("{condition: {is: gout, state: active}}", record(conditions=(has("Gout", "2026-01-01"),)), "in"),
    (
        "{condition: {is: gout, state: active}}",
        record(conditions=(has("Gout", "2026-01-01", abated="2026-02-01"),)),
        "out",
    ),
    (SINCE, record(conditions=(has("Gout", "2006-04-01"),)), "in"),
    (SINCE, record(conditions=(has("Gout", "2006-03-31"),)), "out"),
    (SINCE, record(conditions=(has("Gout", "2006"),)), UNSURE),
    (SINCE, record(conditions=(has("Gout", "2005", abated="2005-06-01"), has("Gout", "2019"))), "in"),
    (
        "{condition: {is: gout, state: ever}}",
        record(conditions=(has("Gout", "2026-01-01", abated="2026-02-01"),)),
        "in",
    ),
    (
        "{latest_condition: {is: asthma_resolved, among: asthma_resolved}}",
        record(conditions=(has("Asthma resolved", "2015"),)),
        "in",
    ),
]

CREATININE_70 = (result("creatinine", "70 umol/L", "2026-02-01"),)
EGFR_45 = "{result: {of: egfr, below: 45, within: 15 months}}"
APART = "{tested: {of: [inr], within: 3 months, times: 2, apart: 7 days}}"


def inr(taken: str) -> Observation:
    return result("INR", "2.5", taken)


RESULTS = [
    (EGFR_45, record(results=(result("eGFR", "44 mL/min", "2026-10-01"),)), "in"),
    (EGFR_45, record(results=(result("eGFR", "45 mL/min", "2026-10-01"),)), "out"),
    (EGFR_45, record(results=(result("eGFR", "> 60 mL/min", "2026-10-01"),)), "out"),
    (EGFR_45, record(results=(result("eGFR", "< 15 mL/min", "2026-10-01"),)), "in"),
    (EGFR_45, record(results=(result("eGFR", "< 60 mL/min", "2026-10-01"),)), UNSURE),
    (EGFR_45, record(results=(result("eGFR", "44", "2026-10-01"),)), UNSURE),
    (EGFR_45, record(results=(result("eGFR", "44 mL/min", "2025-08-21"),)), UNSURE),
    (EGFR_45, record(results=()), UNSURE),
    (EGFR_45, record(results=None), UNSURE),
    # The latest counts, not the worst.
    (
        EGFR_45,
        record(
            results=(result("eGFR", "40 mL/min", "2026-09-01"), result("eGFR", "50 mL/min", "2026-10-01"))
        ),
        "out",
    ),
    ("{tested: {of: [lithium_level], within: 3 months}}", record(results=()), "out"),
    ("{tested: {of: [lithium_level], within: 3 months}}", record(results=None), UNSURE),
    (
        "{tested: {of: [lithium_level], within: 3 months}}",
        record(results=(result("Lithium level", "0.6 mmol/L", "2026-08-22"),)),
        "in",
    ),
    (
        "{tested: {of: [lithium_level], within: 3 months}}",
        record(results=(result("Lithium level", "0.6 mmol/L", "2026-08-21"),)),
        "out",
    ),
    (
        "{tested: {of: [lithium_level], within: 3 months}}",
        record(results=(result("Lithium level", "0.6 mmol/L", "2026"),)),
        UNSURE,
    ),
    (APART, record(results=(inr("2026-11-01"), inr("2026-11-08"))), "in"),
    (APART, record(results=(inr("2026-11-01"), inr("2026-11-07"))), "out"),
    (APART, record(results=(inr("2026-11-01"), inr("2026-11-05"), inr("2026-11-08"))), "in"),
    (APART, record(results=(inr("2026-11-01"), inr("2026-10"))), UNSURE),
    (APART, record(results=(inr("2026-11-08"),)), "out"),
    # A value that cannot be used was measured all the same.
    (
        "{tested: {of: [fbc], within: 3 months}}",
        record(results=(result("Haemoglobin", "13.5", "2026-11-01"),)),
        "in",
    ),
    (
        "{result_changed: {of: creatinine, by: rise, per_cent: 30, within: 12 months}}",
        record(
            results=(
                result("creatinine", "70 umol/L", "2026-02-01"),
                result("creatinine", "92 umol/L", "2026-11-01"),
            )
        ),
        "in",
    ),
    (
        "{result_changed: {of: creatinine, by: rise, per_cent: 30, within: 12 months}}",
        record(
            results=(
                result("creatinine", "70 umol/L", "2026-02-01"),
                result("creatinine", "91 umol/L", "2026-11-01"),
            )
        ),
        "out",
    ),
    (
        "{result_changed: {of: creatinine, by: rise, per_cent: 30, within: 12 months}}",
        record(results=(result("creatinine", "91 umol/L", "2026-11-01"),)),
        UNSURE,
    ),
]

YES, NO, OPEN = "{age: {at_least: 65}}", "{age: {below: 65}}", "{tested: {of: [inr], within: 1 month}}"
KLEENE = [
    (f"{{all_of: [{YES}, {OPEN}]}}", UNSURE),
    (f"{{all_of: [{NO}, {OPEN}]}}", "out"),
    (f"{{any_of: [{YES}, {OPEN}]}}", "in"),
    (f"{{any_of: [{NO}, {OPEN}]}}", UNSURE),
    (f"{{not: {OPEN}}}", UNSURE),
    (f"{{not: {YES}}}", "out"),
    (f"{{at_least: {{number: 2, of: [{YES}, {YES}, {OPEN}]}}}}", "in"),
    (f"{{at_least: {{number: 2, of: [{YES}, {NO}, {OPEN}]}}}}", UNSURE),
    (f"{{at_least: {{number: 2, of: [{NO}, {NO}, {OPEN}]}}}}", "out"),
    (f"{{surely: {OPEN}}}", "out"),
]

WITHOUT = record(born="1980-01-01", conditions=())
PREGNANT = [
    (record(born="1990-01-01", conditions=(has("Pregnant", "2026-08-01"),)), "in"),
    (record(born="1990-01-01", conditions=(has("Pregnant", "2025-08-01"),)), UNSURE),
    (record(born="1990-01-01", results=(result("Pregnancy status", "pregnant", "2026-11-01"),)), "in"),
    (record(born="1990-01-01", results=(result("Pregnancy status", "not pregnant", "2026-11-01"),)), "out"),
    (
        record(born="1990-01-01", results=(result("Pregnancy status", "not pregnant", "2026-05-01"),)),
        UNSURE,
    ),
    (record(born="1990-01-01"), UNSURE),
    (record(born="1990-01-01", gender=Gender.UNKNOWN), UNSURE),
    (record(born="1990-01-01", gender=Gender.MALE), "out"),
    (record(born="1971-11-22"), "out"),
    (record(born="2014-11-23"), "out"),
]


@pytest.mark.parametrize(("text", "one", "answer"), PERSON + MEDICINES + CONDITIONS + RESULTS)
def test_a_condition_on_a_record(text: str, one: Record, answer: str) -> None:
    assert ask(text, one).verdict.value == answer


@pytest.mark.parametrize(("text", "answer"), KLEENE)
def test_an_answer_that_does_not_depend_on_what_is_missing_is_given(text: str, answer: str) -> None:
    assert ask(text, record(results=None)).verdict.value == answer


@pytest.mark.parametrize(("one", "answer"), PREGNANT)
def test_of_somebody_who_could_be_pregnant_nobody_can_tell_until_asked(one: Record, answer: str) -> None:
    assert ask("{criterion: pregnant}", one).verdict.value == answer


def test_the_reason_names_the_facts_with_their_days_and_sources() -> None:
    one = record(supplies=(supplied("Ibuprofen 400mg", "2026-11-01"),))
    answer = ask("{all_of: [{age: {at_least: 65}}, {taking: {medicines: nsaids_systemic}}]}", one)
    assert [(fact.text, str(fact.on), fact.source) for fact in answer.facts] == [
        ("Born", "1950-05-01", ""),
        ("Supplied: Ibuprofen 400mg", "2026-11-01", "GP record"),
    ]


def test_what_is_missing_says_what_would_help() -> None:
    answer = ask("{result: {of: egfr, below: 45}}", record())
    assert [(gap.what, gap.would_help) for gap in answer.missing] == [
        ("No eGFR is on file", "Measure eGFR, or find a result.")
    ]
    late = ask(
        "{tested: {of: [inr], within: 12 weeks}}", record(results=(result("INR", "2.5", "2026-05-01"),))
    )
    assert [fact.text for fact in late.facts] == ["Not on file in the last 12 weeks: INR", "INR 2.5"]


def test_what_is_proposed_counts_as_issued_today() -> None:
    assert ask(NSAID_3_MONTHS, record(supplies=None), "Naproxen 250mg").verdict is Verdict.IN
    assert ask(WARFARIN, record(), "Warfarin 1mg").verdict is Verdict.IN
    assert ask(WARFARIN, record(supplies=None), "Naproxen").verdict is Verdict.CANNOT_TELL
