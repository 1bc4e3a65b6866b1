"""A prescription is due by its most urgent line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pestle.pharmacy.dispensary.due import due_at
from pestle.pharmacy.dispensary.not_dispensed import CHOICES, NotDispensed
from pestle.pharmacy.record.medication import CourseOfTherapy

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ACUTE, REPEAT = CourseOfTherapy.ACUTE, CourseOfTherapy.REPEAT
BATCH = CourseOfTherapy.REPEAT_DISPENSING


@pytest.mark.parametrize(
    ("courses", "after"),
    [
        ((ACUTE,), timedelta(hours=2)),
        ((REPEAT,), timedelta(days=2)),
        ((BATCH,), timedelta(days=2)),
        ((REPEAT, ACUTE, BATCH), timedelta(hours=2)),
    ],
)
def test_when_it_is_due(courses: tuple[CourseOfTherapy, ...], after: timedelta) -> None:
    assert due_at(received_at=NOW, courses=courses) == NOW + after


def test_reasons_for_not_dispensing_have_words_and_a_cancellation_is_not_chosen() -> None:
    assert all(reason.words for reason in NotDispensed)
    assert {*NotDispensed} - {*CHOICES} == {NotDispensed.CANCELLATION, NotDispensed.CANCELLATION_BY_DEATH}
