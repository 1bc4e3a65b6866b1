"""Do the route, the handling and the measure suit the product? Each alert has a silent twin."""

from __future__ import annotations

import pytest
from tests.spec.checks import bench

from pestle.pharmacy.checks import form as check
from pestle.pharmacy.checks.check import Proposed
from pestle.pharmacy.checks.finding import Assessment

VINCRISTINE, INSULIN = (
    "Vincristine 1mg/1ml solution for injection vials",
    "Insulin glargine 100units/ml injection",
)
MORPHINE, EYE_DROPS = "Morphine 10mg modified-release tablets", "Chloramphenicol 0.5% eye drops"
GTN = "Glyceryl trinitrate 500microgram sublingual tablets"

# product                                    directions                                        finding
ALERTS = [
    (VINCRISTINE, "2 mg intrathecally on day 1", "hard_stop"),
    (VINCRISTINE, "Give by spinal injection", "hard_stop"),
    (INSULIN, "10 units intravenously", "hard_stop"),
    ("Paracetamol 500mg tablets", "Inject TWO tablets intravenously", "hard_stop"),
    ("Paracetamol 500mg tablets", "Insert ONE tablet rectally TWICE a day", "interrupt"),
    (EYE_DROPS, "2 drops in left ear FOUR times a day", "interrupt"),
    (MORPHINE, "Crush ONE tablet and give TWICE a day", "hard_stop"),
    (MORPHINE, "One twice a day via PEG", "hard_stop"),
    (MORPHINE, "Chew ONE tablet TWICE a day", "hard_stop"),
    ("Omeprazole 20mg gastro-resistant tablets", "One daily, crushed, via NG tube", "interrupt"),
    ("Methotrexate 2.5mg tablets", "Crush FOUR tablets once a week", "interrupt"),
    ("Alendronic acid 70mg tablets", "One weekly via NG tube", "interrupt"),
    ("Doxycycline 100mg capsules", "Open the capsule and take with yoghurt", "interrupt"),
    (GTN, "Swallow ONE tablet when required for chest pain", "interrupt"),
    ("Fentanyl 25micrograms/hour patches", "Apply half a patch every 72 hours", "interrupt"),
    ("Paracetamol 500mg tablets", "Take 10ml FOUR times a day", "interrupt"),
    ("Morphine 10mg/5ml oral solution", "Take ONE tablet TWICE a day", "interrupt"),
    ("Doxycycline 100mg capsules", "Take ONE tablet ONCE a day", "note"),
]
SILENT = [
    (VINCRISTINE, "2 mg intravenously on day 1"),
    (VINCRISTINE, "Give by slow infusion into a vein"),
    (INSULIN, "Inject 10 units under the skin at night"),
    ("Paracetamol 500mg tablets", "Take TWO tablets FOUR times a day"),
    ("Diclofenac 100mg suppositories", "Insert ONE suppository rectally TWICE a day"),
    (EYE_DROPS, "2 drops in left eye FOUR times a day"),
    (MORPHINE, "Take ONE tablet TWICE a day. Do not crush or chew"),
    ("Morphine 10mg/5ml oral solution", "5ml twice a day via PEG"),
    (MORPHINE, "Swallow ONE tablet TWICE a day, not chewed"),
    ("Paracetamol 500mg tablets", "One daily, crushed, via NG tube"),
    ("Methotrexate 10mg/5ml oral solution", "5ml once a week via NG tube"),
    ("Alendronic acid 70mg tablets", "Swallow whole, ONE a week"),
    ("Amoxicillin 500mg capsules", "Open the capsule and take with yoghurt"),
    (GTN, "Dissolve ONE tablet under the tongue when required"),
    ("Fentanyl 25micrograms/hour patches", "Apply ONE patch every 72 hours"),
    ("Paracetamol 500mg tablets", "Take 1 g FOUR times a day"),
    ("Morphine 10mg/5ml oral solution", "Take ONE 5ml spoonful TWICE a day"),
    ("Doxycycline 100mg capsules", "Take ONE capsule ONCE a day"),
    ("Omeprazole 20mg capsules", "Take ONE capsule daily for the eyes"),
]


def _assess(name: str, said: str | None) -> Assessment:
    line = bench.line(name, dosage=bench.written(said) if said else None)
    return check.assess(Proposed((line,)), bench.record(), knowledge=bench.KNOWLEDGE, on=bench.TODAY)


@pytest.mark.parametrize(("name", "said", "expected"), ALERTS)
def test_alert(name: str, said: str, expected: str) -> None:
    assessment = _assess(name, said)
    assert bench.shapes(assessment) == expected
    assert all(found.line == "1" for found in assessment.findings)


@pytest.mark.parametrize(("name", "said"), SILENT)
def test_silent_twin(name: str, said: str) -> None:
    assert bench.shapes(_assess(name, said)) == ""


def test_there_are_as_many_silent_twins_as_alerts() -> None:
    assert len(SILENT) >= len(ALERTS)


def test_without_an_instruction_there_is_nothing_to_compare() -> None:
    assert _assess(MORPHINE, None).findings == ()
