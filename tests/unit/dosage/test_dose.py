"""A whole instruction as it was written."""

from __future__ import annotations

import pytest

from pestle.pharmacy.dosage.dose import Dosage, DosageStep

ONE, TWO = "2 tablets at 08:00", "1 tablet at 17:00"


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (1, 1, f"{ONE}, and {TWO}"),
        (1, 2, f"{ONE}, then {TWO}"),
        (None, None, f"{ONE}; {TWO}"),
        (1, None, f"{ONE}; {TWO}"),
    ],
)
def test_steps_at_once_are_never_told_as_one_after_the_other(
    first: int | None, second: int | None, said: str
) -> None:
    assert Dosage((DosageStep(sequence=first, text=ONE), DosageStep(sequence=second, text=TWO))).text == said


def test_a_step_without_words_is_left_out() -> None:
    assert Dosage((DosageStep(), DosageStep(text=TWO))).text == TWO
    assert Dosage((DosageStep(),)).text == ""
