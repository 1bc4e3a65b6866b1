"""Is a promise kept, at risk, or broken, and by how much was it late?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pestle.pharmacy.dispensary.promise import Promise, late, promise
from pestle.pharmacy.worklist.workflow import Done

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def _at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("due", "stands"),
    [(-1, Promise.OVERDUE), (0, Promise.SOON), (60, Promise.SOON), (61, Promise.LATER)],
)
def test_what_is_not_ready(due: int, stands: Promise) -> None:
    assert promise(_at(due), now=NOON) is stands


@pytest.mark.parametrize(
    ("done", "by"),
    [
        # what was done, minutes from when it was due; by how much it was late
        ([], None),
        ([("pick", 5)], None),
        ([("pass_accuracy", -5)], None),
        ([("pass_accuracy", 0)], None),
        ([("pass_accuracy", 5), ("hand_out", 90)], 5),
        ([("pass_accuracy", -5), ("fail_accuracy", 10), ("pass_accuracy", 20)], 20),
    ],
)
def test_what_was_ready(done: list[tuple[str, int]], by: int | None) -> None:
    found = late(NOON, [Done(verb, 1, "Tess", _at(minutes)) for verb, minutes in done])
    assert (found.by if found else None) == (timedelta(minutes=by) if by is not None else None)
