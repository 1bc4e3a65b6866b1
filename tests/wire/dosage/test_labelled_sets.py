"""How much of each labelled set do we read right, and is anything read wrong?

Today's figures are bounds: right may not fall, wrong may not rise. The definition of right is the report's.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.scale.dosage_report import SETS, outcome

from pestle.pharmacy.dosage.parse import read

# set -> texts, right at least
FIGURES = {
    "NHS England, published parse": (109, 106),
    "NHS England, must be refused": (46, 46),
    "NHS England, two readings": (46, 46),
    "parsigs": (29, 27),
    "dose_instruction_parser": (6, 3),
    "dose_instruction_parser, number of steps": (3, 3),
}


@pytest.mark.parametrize("name", SETS)
def test_right_does_not_fall_and_nothing_is_wrong(name: str, samples: Path) -> None:
    cases = SETS[name](samples)
    told = {case.text: outcome(case) for case in cases}
    texts, right = FIGURES[name]
    assert len(told) == texts
    assert [text for text, answer in told.items() if answer == "wrong"] == []
    assert sum(answer == "right" for answer in told.values()) >= right


def test_no_text_of_several_steps_is_folded(samples: Path) -> None:
    several = [case for cases in SETS.values() for case in cases(samples) if case.steps > 1]
    assert len(several) == 7
    for case in several:
        reading = read(case.text)
        assert reading.dosage is None or len(reading.dosage.steps) == case.steps, case.text
