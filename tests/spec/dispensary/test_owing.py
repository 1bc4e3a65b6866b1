"""What may be owed of a line, and what may be promised? Amounts in tablets; promised on day so of November.

The line wants 56. The last day on which it may be supplied is 29 November, and today is the 2nd.
"""

from __future__ import annotations

from datetime import date

import pytest

from pestle.pharmacy.dispensary.owing import (
    Missing,
    OnShelf,
    Owed,
    OwingReason,
    Standing,
    allot,
    ends_soon,
    owing_refusals,
)
from pestle.pharmacy.ledger.base_unit import base_unit
from pestle.pharmacy.quantity import Unit

# owed as (who, amount, promised on, any of these products) | on the shelf as (product, amount, last day)
# | kept for whom
QUEUES = [
    # The day that was promised first comes first, whoever was noted first.
    ([("Ann", 28, 5, "F"), ("Ben", 28, 3, "F")], [("F", 28, 25)], {"Ben": 28, "Ann": 0}),
    ([("Ann", 28, 3, "F"), ("Ben", 28, 3, "F")], [("F", 28, 25)], {"Ann": 28, "Ben": 0}),
    # Nothing is kept for two.
    ([("Ann", 28, 3, "F"), ("Ben", 14, 4, "F")], [("F", 42, 25)], {"Ann": 28, "Ben": 14}),
    ([("Ann", 28, 3, "F"), ("Ben", 14, 4, "F")], [("F", 35, 25)], {"Ann": 28, "Ben": 7}),
    # What does not suffice for the first is kept for them: nobody is overtaken.
    ([("Ann", 28, 3, "F"), ("Ben", 14, 4, "F")], [("F", 14, 25)], {"Ann": 14, "Ben": 0}),
    # Over several batches, and only of what may be supplied: Ann has a brand, Ben any of two.
    ([("Ann", 28, 3, "F")], [("F", 14, 25), ("F", 14, 20)], {"Ann": 28}),
    ([("Ann", 28, 3, "G")], [("F", 28, 25)], {"Ann": 0}),
    ([("Ben", 28, 3, "FG"), ("Ann", 28, 4, "G")], [("F", 28, 20), ("G", 28, 25)], {"Ben": 28, "Ann": 28}),
    # What expires first is used first, also where it is then missing for somebody who came later.
    ([("Ben", 28, 3, "FG"), ("Ann", 28, 4, "G")], [("F", 28, 25), ("G", 28, 20)], {"Ben": 28, "Ann": 0}),
]  # fmt: skip


@pytest.mark.parametrize(("owed", "shelf", "kept"), QUEUES)
def test_for_whom_stock_is_kept(
    owed: list[tuple[str, int, int, str]], shelf: list[tuple[str, int, int]], kept: dict[str, int]
) -> None:
    names = [who for who, *_ in owed]
    found = allot(
        [
            Owed(n, amount, date(2026, 11, day), n, frozenset(products))
            for n, (_, amount, day, products) in enumerate(owed)
        ],
        [OnShelf(product, amount, date(2027, 1, day)) for product, amount, day in shelf],
    )
    assert {names[one.owed.line]: one.amount for one in found} == kept
    assert [one.whole for one in found] == [one.amount == one.owed.amount for one in found]


TABLETS = base_unit(Unit("tablet"))
TODAY, LAST_DAY = date(2026, 11, 2), date(2026, 11, 29)

# has left, in the bag | owed, promised | refused because
TABLE = [
    # Nothing picked yet: a part, or all of it.
    (0, 0, [28], 3, None),
    (0, 0, [56], 3, None),
    (0, 0, [57], 3, "owing.too-much"),
    # A reason for every missing unit: two reasons are two amounts.
    (0, 0, [28, 14], 3, None),
    (0, 0, [28, 29], 3, "owing.too-much"),
    # What is in the bag, or has left already, is not owed.
    (0, 28, [28], 3, None),
    (0, 28, [29], 3, "owing.too-much"),
    (28, 14, [14], 3, None),
    (28, 14, [15], 3, "owing.too-much"),
    (0, 0, [0], 3, "owing.not-positive"),
    # A day is promised: today at the earliest, and no later than it may be supplied.
    (0, 0, [28], None, "owing.no-promise"),
    (0, 0, [28], 1, "owing.promise-past"),
    (0, 0, [28], 2, None),
    (0, 0, [28], 29, None),
    (0, 0, [28], 30, "owing.after-last-day"),
    # Nothing is missing after all.
    (0, 28, [], None, None),
]  # fmt: skip


@pytest.mark.parametrize(("supplied", "bagged", "owed", "promised", "refused"), TABLE)
def test_what_may_be_owed(
    supplied: int, bagged: int, owed: list[int], promised: int | None, refused: str | None
) -> None:
    found = owing_refusals(
        Standing(56, supplied=supplied, bagged=bagged),
        [Missing(amount, OwingReason.WHOLESALER) for amount in owed],
        promised_on=date(2026, 11, promised) if promised else None,
        on=TODAY,
        last_day=LAST_DAY,
        base=TABLETS,
    )
    assert [refusal.rule for refusal in found] == ([refused] if refused else [])


# wanted, has left, in the bag, owed | not had yet, leaves this time, still to pick
STANDS = [
    (56, 0, 0, 0, 56, 56, 56),
    (56, 0, 28, 0, 56, 56, 28),
    (56, 0, 28, 28, 56, 28, 0),
    (56, 28, 0, 28, 28, 0, 0),
    (56, 28, 0, 0, 28, 28, 28),
    (56, 56, 0, 0, 0, 0, 0),
]


@pytest.mark.parametrize(("wanted", "supplied", "bagged", "owed", "rest", "this_time", "missing"), STANDS)
def test_where_a_line_stands(
    wanted: int, supplied: int, bagged: int, owed: int, rest: int, this_time: int, missing: int
) -> None:
    stands = Standing(wanted, supplied, bagged, owed)
    assert (stands.rest, stands.this_time, stands.missing) == (rest, this_time, missing)


@pytest.mark.parametrize("parts", [(57, 0, 0), (28, 28, 1), (-1, 0, 0), (0, 0, -1)])
def test_a_line_never_stands_at_more_than_it_wants(parts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="of 56"):
        Standing(56, *parts)


@pytest.mark.parametrize(
    ("last_day", "warned"),
    [(date(2026, 11, 10), False), (date(2026, 11, 9), True), (date(2026, 11, 1), True), (None, False)],
)
def test_a_warning_comes_a_week_before_the_last_day(last_day: date | None, warned: bool) -> None:
    assert ends_soon(last_day, on=TODAY) is warned
