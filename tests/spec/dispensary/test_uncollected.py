"""What is due for a bag that nobody collects? Ready on 1 November; days of November and, after 30, December.

Reminded of after 14 days, returned after 28, with three days between a reminder and the shelf.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from pestle.pharmacy.dispensary.uncollected import Bag, Stage, Times, due, return_refusal, undo_refusal
from pestle.pharmacy.worklist.workflow import Done, Task

WAITS, REMIND, AGAIN, RETURN = Stage

# today, reminded on, last day it may be supplied | what is due, from which day on
TABLE = [
    (1, [], None, WAITS, 15),
    (14, [], None, WAITS, 15),
    (15, [], None, REMIND, 15),
    (40, [], None, REMIND, 15),
    (16, [15], None, WAITS, 22),
    (22, [15], None, AGAIN, 22),
    # Reminded late: three days are left to answer.
    (22, [21], None, WAITS, 24),
    (24, [21], None, AGAIN, 24),
    (25, [15, 22], None, WAITS, 29),
    (29, [15, 22], None, RETURN, 29),
    (29, [15, 28], None, WAITS, 31),
    (31, [15, 28], None, RETURN, 31),
    # No reminder helps once it may not be supplied any more.
    (10, [], 10, WAITS, 15),
    (11, [], 10, RETURN, 11),
    (29, [15], 29, AGAIN, 22),
    (30, [15], 29, RETURN, 30),
]


def _day(n: int) -> date:
    return date(2026, 10, 31) + timedelta(days=n)


@pytest.mark.parametrize(("today", "reminded", "last", "stage", "since"), TABLE)
def test_what_is_due(today: int, reminded: list[int], last: int | None, stage: Stage, since: int) -> None:
    bag = Bag(_day(1), tuple(map(_day, reminded)), _day(last) if last else None)
    found = due(bag, Times(), on=_day(today))
    assert (found.stage, found.on) == (stage, _day(since))
    refused = return_refusal(bag, Times(), on=_day(today))
    assert (refused is None) == (stage is RETURN)
    if refused is not None:
        assert refused.rule.removeprefix("return-to-stock.") == (
            "not-due" if stage is WAITS else "not-reminded"
        )


@pytest.mark.parametrize(
    ("last_done", "undone"), [("return_to_stock", True), ("hand_out", False), ("withhold", False)]
)
def test_only_a_return_to_stock_is_undone(last_done: str, undone: bool) -> None:
    done = Done(last_done, 1, "Tess Okafor", datetime(2026, 11, 29, tzinfo=UTC))
    assert (undo_refusal(Task("closed", 9, (done,))) is None) is undone
