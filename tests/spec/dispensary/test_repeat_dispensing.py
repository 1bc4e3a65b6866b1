"""What is asked before an issue of repeat dispensing; is it early or late, and when is the next one due?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pestle.definitions import folder
from pestle.pharmacy.dispensary.repeat_dispensing import (
    Issue,
    Line,
    concerns,
    issue,
    read_questions,
    timing,
)
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.record.medication import (
    CourseOfTherapy,
    LineStatus,
    MedicationRequest,
    RepeatIssue,
)
from pestle.pharmacy.refusal import Refused

QUESTIONS = read_questions(folder("repeat_dispensing"))
ALL_WELL = {one.code: one.expected for one in QUESTIONS.asked}
THIRD = Issue(3, 6, Decimal(28), date(2027, 10, 31), date(2026, 11, 2))
LINES = (Line(1, "ramipril"), Line(2, "furosemide"))

# the day           days   remarked  words
ON_A_DAY = [
    ("2026-11-21", -9, True, "early by 9 days"),
    ("2026-11-23", -7, False, "early by 7 days"),
    ("2026-11-29", -1, False, "early by 1 day"),
    ("2026-11-30", 0, False, "due today"),
    ("2026-12-14", 14, False, "late by 14 days"),
    ("2026-12-20", 20, True, "late by 20 days: ask whether it is still taken"),
]


@pytest.mark.parametrize(("day", "days", "remarked", "words"), ON_A_DAY)
def test_early_and_late(day: str, days: int, remarked: bool, words: str) -> None:
    found = timing(THIRD, QUESTIONS, on=date.fromisoformat(day))
    assert found
    assert (found.days, found.remarked, found.words) == (days, remarked, words)


def test_neither_early_nor_late_is_said_of_what_is_not_known() -> None:
    for unknown in (replace(THIRD, last_on=None), replace(THIRD, days=None)):
        assert timing(unknown, QUESTIONS, on=date(2026, 12, 20)) is None


# issue, handed out on, the next one
NEXT = [
    (THIRD, "2026-11-30", date(2026, 12, 28)),
    (replace(THIRD, number=6), "2026-11-30", None),
    (replace(THIRD, of=None), "2026-11-30", None),
    (replace(THIRD, days=None), "2026-11-30", None),
    (replace(THIRD, days=Decimal("10.5")), "2026-11-30", date(2026, 12, 10)),
    # Later than it is authorised for.
    (replace(THIRD, expires=date(2026, 12, 27)), "2026-11-30", None),
    (replace(THIRD, expires=date(2026, 12, 28)), "2026-11-30", date(2026, 12, 28)),
]


@pytest.mark.parametrize(("found", "day", "due"), NEXT)
def test_when_the_next_one_is_due(found: Issue, day: str, due: date | None) -> None:
    assert found.next_due(date.fromisoformat(day)) == due
    assert THIRD.left == 3


def _line(repeat: RepeatIssue | None, days: str | None, course: str = "continuous-repeat-dispensing") -> (
    MedicationRequest
):  # fmt: skip
    return MedicationRequest(
        "1", Coded("Ramipril"), None, None, LineStatus.ACTIVE, "order", CourseOfTherapy(course),
        repeat=repeat, days_supply=Decimal(days) if days else None,
    )  # fmt: skip


def test_the_issue_that_lines_are() -> None:
    told = RepeatIssue(2, 6, date(2027, 4, 30))
    assert issue([_line(told, "28", "continuous")]) is None
    assert issue([_line(told, "28"), _line(told, "56")]) == Issue(2, 6, Decimal(28), date(2027, 4, 30))
    assert issue([_line(told, "28"), _line(told, None)]) == Issue(2, 6, None, date(2027, 4, 30))
    assert issue([_line(None, "28")]) == Issue(1, None, Decimal(28))


def test_every_question_is_asked() -> None:
    with pytest.raises(Refused) as refused:
        concerns({"taking": True}, not_needed=frozenset({7}), lines=LINES, questions=QUESTIONS)
    assert [one.rule for one in refused.value.refusals] == ["repeat.not-asked"] * 4 + ["repeat.unknown-line"]


def test_what_wants_a_pharmacist() -> None:
    assert concerns(ALL_WELL, not_needed=frozenset(), lines=LINES, questions=QUESTIONS) == ()
    told = ALL_WELL | {"side_effects": True}
    with pytest.raises(Refused, match="Say what they told"):
        concerns(told, not_needed=frozenset(), lines=LINES, questions=QUESTIONS)
    found = concerns(told, not_needed=frozenset({2}), lines=LINES, questions=QUESTIONS, words=" a dry cough ")
    assert [(one.line, one.words) for one in found] == [
        (None, "Before this issue, told of side effects: a dry cough"),
        (2, "Not needed this time: withhold the line, or say why it goes"),
    ]
    for one in QUESTIONS.asked:
        other = ALL_WELL | {one.code: not one.expected}
        (only,) = concerns(other, not_needed=frozenset(), lines=LINES, questions=QUESTIONS, words="told so")
        assert one.concern in only.words
