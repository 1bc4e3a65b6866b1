"""Do the kidneys work well enough for it? Each alert has a twin that differs in one number and is silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.spec.checks import bench

from pestle.pharmacy.calculators.creatinine_clearance import WeightUsed
from pestle.pharmacy.checks import renal as check
from pestle.pharmacy.checks.check import Proposed
from pestle.pharmacy.checks.finding import Assessment
from pestle.pharmacy.checks.knowledge import Knowledge
from pestle.pharmacy.record.observation import Comparator
from pestle.pharmacy.record.patient import Gender
from pestle.pharmacy.record.record import Record

METFORMIN, NITROFURANTOIN = "Metformin 500mg tablets", "Nitrofurantoin 100mg modified-release capsules"
PREGABALIN, NAPROXEN, GEL = "Pregabalin 150mg capsules", "Naproxen 250mg tablets", "Ibuprofen 5% gel"
EDOXABAN, DABIGATRAN = "Edoxaban 60mg tablets", "Dabigatran etexilate 110mg capsules"
ONCE, TWICE, THREE = "Take ONE ONCE a day", "Take ONE TWICE a day", "Take ONE THREE times a day"

# ordered        instruction  eGFR  finding
EGFR = [
    (METFORMIN, TWICE, "29", "hard_stop"),
    (METFORMIN, TWICE, "30", ""),
    (METFORMIN, THREE, "44", "interrupt"),
    (METFORMIN, THREE, "45", ""),
    (METFORMIN, "as directed", "44", "not_assessed"),
    (METFORMIN, "as directed", "45", ""),
    (NITROFURANTOIN, TWICE, "29", "hard_stop"),
    (NITROFURANTOIN, TWICE, "44", "interrupt"),
    (NITROFURANTOIN, TWICE, "45", ""),
    (NAPROXEN, TWICE, "44", "interrupt"),
    (NAPROXEN, TWICE, "45", ""),
    (GEL, TWICE, "20", ""),
    ("Paracetamol 500mg tablets", TWICE, "10", ""),
    ("Colchicine 500microgram tablets", TWICE, "9", "interrupt"),
    ("Colchicine 500microgram tablets", TWICE, "10", ""),
    ("Methotrexate 2.5mg tablets", "Take FOUR tablets once a week", "59", "interrupt"),
    ("Methotrexate 2.5mg tablets", "Take FOUR tablets once a week", "60", ""),
]


def _assess(
    record: Record, name: str, said: str | None, knowledge: Knowledge = bench.KNOWLEDGE
) -> Assessment:
    line = bench.line(name, dosage=bench.written(said) if said else None)
    return check.assess(Proposed((line,)), record, knowledge=knowledge, on=bench.TODAY)


def _egfr(value: str, *, days_ago: int = 10, comparator: Comparator | None = None) -> Record:
    result = bench.measured("eGFR", f"{value} mL/min/1.73m2", days_ago=days_ago, comparator=comparator)
    return bench.record(observations=(result,))


@pytest.mark.parametrize(("name", "said", "egfr", "expected"), EGFR)
def test_by_reported_egfr(name: str, said: str, egfr: str, expected: str) -> None:
    assessment = _assess(_egfr(egfr), name, said)
    assert bench.shapes(assessment) == expected
    for found in assessment.findings:
        assert found.line == "1"
        if expected != "not_assessed":
            assert f"eGFR {egfr} mL/min/1.73m2" in found.what


# Creatinine of a woman of 66 years and 60 kg: 74 × 60 × 1.04 ÷ creatinine.
CLEARANCE = [
    (PREGABALIN, TWICE, "77 micromol/L", "60 kg", ""),  # 59.97 mL/min, 300 mg a day
    (PREGABALIN, THREE, "77 micromol/L", "60 kg", "interrupt"),
    (PREGABALIN, THREE, "76 micromol/L", "60 kg", ""),  # 60.8 mL/min
    (PREGABALIN, TWICE, "155 micromol/L", "60 kg", "interrupt"),  # 29.8 mL/min
    (PREGABALIN, ONCE, "155 micromol/L", "60 kg", ""),
    (PREGABALIN, TWICE, "155 micromol/L", "61 kg", ""),  # 30.3 mL/min
    (PREGABALIN, TWICE, "1.7534 mg/dL", "60 kg", "interrupt"),  # the same in other units
    (PREGABALIN, TWICE, "155 micromol/L", "60000 g", "interrupt"),
    (EDOXABAN, ONCE, "330 micromol/L", "60 kg", "hard_stop"),  # 14 mL/min
    (EDOXABAN, ONCE, "200 micromol/L", "60 kg", "interrupt"),  # 23.1 mL/min
    (EDOXABAN, ONCE, "80 micromol/L", "60 kg", ""),
    (DABIGATRAN, TWICE, "155 micromol/L", "60 kg", "hard_stop"),
    (DABIGATRAN, TWICE, "150 micromol/L", "60 kg", ""),
    (PREGABALIN, TWICE, None, "60 kg", "not_assessed"),
    (PREGABALIN, TWICE, "155 micromol/L", None, "not_assessed"),
    (PREGABALIN, TWICE, "155", "60 kg", "not_assessed"),
]


@pytest.mark.parametrize(("name", "said", "creatinine", "weight", "expected"), CLEARANCE)
def test_by_creatinine_clearance(
    name: str, said: str, creatinine: str | None, weight: str | None, expected: str
) -> None:
    results = [bench.measured("Creatinine", creatinine if " " in creatinine else f"{creatinine} ")
               for creatinine in (creatinine,) if creatinine]  # fmt: skip
    results += [bench.measured("Body weight", weight)] if weight else []
    record = bench.record(patient=bench.patient(), observations=tuple(results))
    assessment = _assess(record, name, said)
    assert bench.shapes(assessment) == expected
    for found in assessment.findings:
        if expected != "not_assessed":
            assert "Cockcroft-Gault, actual weight, UK constants" in found.what
            assert any("(140 − 66)" in fact.text for fact in found.why), "with the numbers put in"


# The same woman at 160 cm: ideal weight 52.38 kg. 300 mg of pregabalin a day are too much below 30 mL/min.
WEIGHTS = [
    # names     creatinine  weight   height    finding          the weight that it says
    ("actual", "155", "90 kg", "160 cm", "", ""),  # 44.7 mL/min
    ("actual", "155", "60 kg", None, "interrupt", "actual weight, UK"),
    ("ideal", "155", "90 kg", "160 cm", "interrupt", "ideal weight, UK"),  # 26.0 mL/min
    ("ideal", "130", "90 kg", "160 cm", "", ""),  # 31.0 mL/min
    ("ideal", "155", "90 kg", "63 in", "interrupt", "ideal weight, UK"),
    ("adjusted", "155", "90 kg", "160 cm", "", ""),  # 67.4 kg: 33.5 mL/min
    ("adjusted", "175", "90 kg", "160 cm", "interrupt", "adjusted weight, UK"),  # 29.7 mL/min
    ("ideal", "155", "50 kg", "160 cm", "interrupt", "actual weight, which is below the ideal one, UK"),
    ("ideal", "120", "50 kg", "160 cm", "", ""),  # 32.1 mL/min
    ("ideal", "155", "90 kg", None, "not_assessed", "which the ideal weight needs"),
    ("adjusted", "155", "90 kg", None, "not_assessed", "which the adjusted weight needs"),
    ("ideal", "155", "90 kg", "150 cm", "not_assessed", "152.4"),
    ("ideal", "155", None, "160 cm", "not_assessed", "eight"),
]


@pytest.mark.parametrize(("names", "creatinine", "weight", "height", "expected", "says"), WEIGHTS)
def test_the_weight_that_a_rule_names(
    names: WeightUsed, creatinine: str, weight: str | None, height: str | None, expected: str, says: str
) -> None:
    asked = (("Creatinine", f"{creatinine} micromol/L"), ("Body weight", weight), ("Body height", height))
    results = tuple(bench.measured(what, value) for what, value in asked if value)
    record = bench.record(patient=bench.patient(), observations=results)
    assessment = _assess(record, PREGABALIN, TWICE, _naming(names))
    assert bench.shapes(assessment) == expected
    for found in assessment.findings:
        assert says in found.what + (found.because or "")
        if expected == "interrupt" and names != "actual":
            assert any("ody height" in fact.text for fact in found.why)


def test_a_reported_clearance_stands_in_for_the_actual_weight_only() -> None:
    reported = bench.measured("Creatinine clearance", "25 mL/min")
    record = bench.record(patient=bench.patient(), observations=(reported,))
    assert bench.shapes(_assess(record, PREGABALIN, TWICE)) == "interrupt"
    assert bench.shapes(_assess(record, PREGABALIN, TWICE, _naming("ideal"))) == "not_assessed"


def _naming(weight: WeightUsed) -> Knowledge:
    rules = tuple(replace(each, weight=weight) for each in bench.KNOWLEDGE.renal["pregabalin"])
    return replace(bench.KNOWLEDGE, renal={**bench.KNOWLEDGE.renal, "pregabalin": rules})


WOMAN = (bench.measured("Creatinine", "60 micromol/L"), bench.measured("Body weight", "90 kg"))


def test_a_medicine_for_which_kidneys_can_be_too_strong() -> None:
    record = bench.record(patient=bench.patient(), observations=WOMAN)  # 115 mL/min
    american = replace(bench.KNOWLEDGE, country="us")
    assert bench.shapes(_assess(record, EDOXABAN, ONCE)) == ""
    assert bench.shapes(_assess(record, EDOXABAN, ONCE, american)) == "interrupt"
    weaker = (bench.measured("Creatinine", "90 micromol/L"), WOMAN[1])
    assert bench.shapes(_assess(replace(record, observations=weaker), EDOXABAN, ONCE, american)) == ""


MORE, LESS = Comparator.MORE, Comparator.LESS
COMPARED = [
    ("60", MORE, METFORMIN, ""),
    ("90", MORE, NITROFURANTOIN, ""),
    ("40", MORE, NITROFURANTOIN, "interrupt"),
    ("15", LESS, METFORMIN, "hard_stop"),
]


@pytest.mark.parametrize(("value", "sign", "name", "expected"), COMPARED)
def test_a_result_with_a_sign_counts_where_it_can_lie(
    value: str, sign: Comparator, name: str, expected: str
) -> None:
    assert bench.shapes(_assess(_egfr(value, comparator=sign), name, TWICE)) == expected


def test_an_old_result_a_child_and_an_unknown_sex_are_not_assessed() -> None:
    assert bench.shapes(_assess(_egfr("20", days_ago=365), METFORMIN, TWICE)) == "hard_stop"
    assert bench.shapes(_assess(_egfr("20", days_ago=366), METFORMIN, TWICE)) == "not_assessed"
    assert bench.shapes(_assess(bench.record(), METFORMIN, TWICE)) == "not_assessed"
    child = replace(_egfr("20"), patient=bench.patient(born=date(2015, 1, 1)))
    assert bench.shapes(_assess(child, METFORMIN, TWICE)) == "not_assessed"
    unknown = bench.record(patient=bench.patient(gender=Gender.UNKNOWN), observations=WOMAN)
    assert bench.shapes(_assess(unknown, PREGABALIN, TWICE)) == "not_assessed"
    reported = (*WOMAN, bench.measured("Creatinine clearance", "25 mL/min"))
    assert bench.shapes(_assess(replace(unknown, observations=reported), PREGABALIN, TWICE)) == "interrupt"


def test_what_the_patient_has_beside_the_line_is_added() -> None:
    record = replace(_egfr("40"), orders=(bench.order("Metformin 500mg tablets", dosage=THREE),))
    assert bench.shapes(_assess(record, METFORMIN, TWICE)) == "", "the line renews it"
    lines = tuple(bench.line(METFORMIN, id=each, dosage=bench.written(TWICE)) for each in "12")
    both = check.assess(Proposed(lines), _egfr("40"), knowledge=bench.KNOWLEDGE, on=bench.TODAY)
    assert bench.shapes(both) == "interrupt, interrupt"


# eGFR, clearance from creatinine, finding of each: one rule goes by the one, one by the other
DIGOXIN = [
    ("Digoxin 125microgram tablets", "29", "100 micromol/L", "interrupt"),  # from 125 micrograms on
    ("Digoxin 125microgram tablets", "30", "100 micromol/L", ""),
    ("Digoxin 62.5microgram tablets", "29", "100 micromol/L", ""),
    ("Digoxin 125microgram tablets", "35", "160 micromol/L", ""),  # 28.9 mL/min: not more than 125
]


@pytest.mark.parametrize(("name", "egfr", "creatinine", "expected"), DIGOXIN)
def test_two_rules_of_one_medicine(name: str, egfr: str, creatinine: str, expected: str) -> None:
    results = (
        bench.measured("eGFR", f"{egfr} mL/min/1.73m2"),
        bench.measured("Creatinine", creatinine),
        bench.measured("Body weight", "60 kg"),
    )
    record = bench.record(patient=bench.patient(), observations=results)
    assert bench.shapes(_assess(record, name, ONCE)) == expected
