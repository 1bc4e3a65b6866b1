"""Can the instruction be believed? Asked of every medicine; each alert has a twin that can be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.spec.checks import bench

from pestle.pharmacy.checks import instruction as check
from pestle.pharmacy.checks.check import Proposed
from pestle.pharmacy.checks.finding import Assessment
from pestle.pharmacy.dosage.dose import Dosage
from pestle.pharmacy.dosage.parse import read

# directions                                             rule of the finding
ALERTS = [
    ("Take 1000000000 capsules daily", "too-much-at-once"),
    ("Take 9999 capsules daily", "too-much-at-once"),
    ("Take -5 capsules daily", "minus"),
    ("Take 0 capsules daily", "nothing-at-once"),
    ("Take ONE capsule 0 times a day", "nothing-at-once"),
    ("Take ONE capsule 100 times a day", "too-often"),
    ("Take 4 to 2 capsules daily", "range-reversed"),
    ("Take ONE capsule daily for 10 years", "too-long"),
    ("Take TWO capsules FOUR times a day, maximum 4 in 24 hours", "max-below-regular"),
]
SILENT = [
    "Take TEN capsules daily",
    "Take FIVE capsules daily",
    "Take ONE capsule THREE times a day",
    "Take 2 to 4 capsules daily",
    "Take ONE capsule daily for 10 days",
    "Take ONE capsule FOUR times a day, maximum 4 in 24 hours",
    # Not understood, and said so by the checks that need it.
    "Take as directed",
    "Take 1 or 2 3 times a day",
]


def _assess(dosage: Dosage | None) -> Assessment:
    lines = (bench.line("Amoxicillin 500mg capsules", dosage=dosage),)
    return check.assess(Proposed(lines), bench.record(), knowledge=bench.KNOWLEDGE, on=bench.TODAY)


@pytest.mark.parametrize(("said", "rule"), ALERTS)
def test_somebody_has_to_answer(said: str, rule: str) -> None:
    (found,) = _assess(bench.written(said)).findings
    assert (found.severity.value, found.rule, found.line) == ("interrupt", rule, "1")
    assert said in found.why[0].text


@pytest.mark.parametrize("said", SILENT)
def test_silent_twin(said: str) -> None:
    assert bench.shapes(_assess(bench.written(said))) == ""


def test_structure_and_words_that_disagree() -> None:
    said = read("Take ONE capsule TWICE a day").dosage
    assert said is not None
    (step,) = said.steps
    once = replace(step, text="Take ONE capsule ONCE a day")
    assert [one.rule for one in _assess(Dosage((once,))).findings] == ["text-and-structure-disagree"]
    assert bench.shapes(_assess(Dosage((step,)))) == ""


def test_a_line_without_an_instruction_is_for_the_checks_that_need_it() -> None:
    assert bench.shapes(_assess(None)) == ""
