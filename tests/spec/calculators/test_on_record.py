"""What the record answers, what it does not, and the day that goes with it."""

from __future__ import annotations

import pytest
from tests.spec.calculators.table import CALCULATORS
from tests.spec.criteria.bench import TERMS, TODAY, record, result

from pestle.pharmacy.calculators.entry import Number
from pestle.pharmacy.calculators.on_record import OBSERVED, on_record

CLEARANCE = CALCULATORS["creatinine-clearance"]

# input | kind, as sent, taken -> what would be entered, or nothing and why
RESULTS = [
    ("creatinine", ("creatinine", "98 umol/L", "2026-11-01"), "98 µmol/L", "creatinine 98 micromol/L"),
    ("creatinine", ("creatinine", "1.1 mg/dL", "2026-11-01"), "97.24 µmol/L", "written 1.1 mg/dL"),
    ("weight", ("body weight", "72 kg", "2019-03-12"), "72 kg", "12-Mar-2019"),
    ("weight", ("body weight", "154 lb", "2026-11-01"), "69.85322498 kg", "written 154 lb"),
    ("height", ("body height", "1.62 m", "2026-11-01"), "162 cm", "written 1.62 m"),
    ("creatinine", ("creatinine", "< 20 umol/L", "2026-11-01"), "", "the true value is not known"),
    ("creatinine", ("creatinine", "98", "2026-11-01"), "", "its unit was not said"),
    ("creatinine", ("body weight", "72 kg", "2026-11-01"), "", "No creatinine is on file"),
]


@pytest.mark.parametrize(("asked", "sent", "text", "says"), RESULTS)
def test_the_latest_result_would_be_entered(
    asked: str, sent: tuple[str, str, str], text: str, says: str
) -> None:
    held = on_record(CLEARANCE, record(results=(result(*sent),)), TERMS.observables, on=TODAY)[asked]
    assert held.text == text
    assert says in held.says
    assert (held.taken is not None) == bool(text)


def test_a_record_without_results_says_so() -> None:
    held = on_record(CLEARANCE, record(results=None), TERMS.observables, on=TODAY)
    assert held["creatinine"].text == ""
    assert "No results are on record" in held["creatinine"].says


def test_what_is_entered_from_the_record_carries_its_day_into_the_result() -> None:
    facts = (
        result("creatinine", "98 umol/L", "2026-11-01"),
        result("body weight", "72 kg", "2019-03-12"),
    )
    held = on_record(CLEARANCE, record(results=facts), TERMS.observables, on=TODAY)
    entries = {name: one.text for name, one in held.items() if one.text} | {"age": "61", "sex": "female"}
    found = CLEARANCE.calculate(
        entries, taken={name: one.taken for name, one in held.items() if one.taken}, on=TODAY
    )
    assert found.answer == "60.4 mL/min"
    assert found.warnings == ("Weight is from 12-Mar-2019, more than a year ago.",)


def test_every_kind_is_defined_and_its_unit_can_be_entered() -> None:
    for calculator in CALCULATORS.values():
        for one in calculator.inputs:
            if isinstance(one, Number) and one.name in OBSERVED:
                assert one.scale(TERMS.observables[OBSERVED[one.name]].unit or "") is not None


def test_vital_signs_are_measured_now_and_never_taken_from_a_record() -> None:
    facts = (result("pulse", "75 /min", "2026-11-21"), result("oxygen saturation", "97 %", "2026-11-21"))
    assert on_record(CALCULATORS["news2"], record(results=facts), TERMS.observables, on=TODAY) == {}
