"""What may be entered about the past? Never more than was held at the lowest since then."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pestle.pharmacy.ledger.base_unit import base_unit
from pestle.pharmacy.ledger.replay import Change, enough_since, lowest_since
from pestle.pharmacy.quantity import Unit

# what moved, as day:amount, held now; asked about a day -> the least held since, and since which day
PAST = [
    ("1:+28", 28, 1, 28, None),
    ("1:+28 5:-28", 0, 3, 0, 5),
    ("1:+28 5:-28", 0, 5, 0, None),
    ("1:+28 5:-20 9:+28", 36, 3, 8, 5),
    ("1:+28 5:-20 9:+28", 36, 9, 36, None),
    ("5:+28", 28, 3, 0, None),
    ("1:+28 5:-28 5:+28", 28, 3, 0, 5),
    ("1:+56 4:-28 6:-28 8:+56 9:-56", 0, 5, 0, 6),
]


def _day(day: int) -> datetime:
    return datetime(2026, 11, day, 12, tzinfo=UTC)


@pytest.mark.parametrize(("moved", "held", "day", "lowest", "since"), PAST)
def test_the_least_that_was_held(moved: str, held: int, day: int, lowest: int, since: int | None) -> None:
    changes = [
        Change(_day(int(on)), place, int(amount))
        for place, (on, _, amount) in enumerate((one.partition(":") for one in moved.split()), start=1)
    ]
    found = lowest_since(_day(day), held=held, changes=changes)
    assert (found.held, found.since) == (lowest, _day(since) if since else None)
    assert enough_since(found, lowest, base_unit(Unit("tablet")), where="the shelf") is None
    short = enough_since(found, lowest + 1, base_unit(Unit("tablet")), where="the shelf")
    assert short is not None
    assert short.rule == "stock.not-in-stock-then"


def test_the_refusal_names_the_day() -> None:
    changes = [Change(_day(1), 1, 28), Change(_day(5), 2, -20)]
    found = lowest_since(_day(3), held=8, changes=changes)
    short = enough_since(found, 10, base_unit(Unit("tablet")), where="the shelf")
    assert short is not None
    assert short.reason == (
        "10 tablets wanted, and on 05-Nov-2026 at 12:00 UTC the shelf held 8 tablets of this batch"
    )
