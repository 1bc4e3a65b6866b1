"""How long does an issue last, is a request early, are orders in step with use, and how are lines aligned?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from pestle.pharmacy.practice.repeats import (
    Supply,
    Use,
    common_day,
    days_left,
    early_by,
    makeup,
    ordering,
)

FIRST = date(2026, 1, 1)


def _issues(*days: int, lasting: int | None = 28, quantity: int = 28) -> list[Supply]:
    lasts = None if lasting is None else Decimal(lasting)
    return [Supply(FIRST + timedelta(days=day), lasts, Decimal(quantity)) for day in days]


# the last issue lasts so many days, and so many have gone by -> days left, and how early a request is
LEFT = [
    (28, 0, 28, 21),
    (28, 21, 7, 0),
    (28, 20, 8, 1),
    (28, 30, -2, -9),
    (None, 3, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("lasting", "gone", "left", "early"), LEFT)
def test_days_left_and_early(lasting: int | None, gone: int, left: int | None, early: int | None) -> None:
    (last,) = _issues(0, lasting=lasting)
    on = FIRST + timedelta(days=gone)
    assert (days_left(last, on=on), early_by(last, on=on)) == (left, early)


def test_what_was_never_issued_cannot_be_early() -> None:
    assert (days_left(None, on=FIRST), early_by(None, on=FIRST)) == (None, None)


# on which days a 28-day issue was made -> what that says, and the rate
ORDERED = [
    ((0, 28, 56, 84), Use.IN_STEP, Fraction(1)),
    ((0, 22, 44, 66), Use.OVER, Fraction(28, 22)),
    ((0, 40, 80), Use.UNDER, Fraction(28, 40)),
    ((0, 35, 70), Use.IN_STEP, Fraction(4, 5)),
    ((0, 28), Use.CANNOT_TELL, None),
    ((0, 0, 0), Use.CANNOT_TELL, None),
]  # fmt: skip


@pytest.mark.parametrize(("days", "use", "rate"), ORDERED)
def test_ordering(days: tuple[int, ...], use: Use, rate: Fraction | None) -> None:
    found = ordering(_issues(*days), on=FIRST + timedelta(days=days[-1]))
    assert (found.use, found.rate) == (use, rate)


# on which days, before the product or the dose changed and since, a 28-day issue was made -> what that says
CHANGED = [
    ((0, 20, 40, 60), (80,), Use.CANNOT_TELL, "fewer than 3 issues since it was changed"),
    ((0, 20, 40, 60, 80), (), Use.CANNOT_TELL, "fewer than 3 issues since it was changed"),
    ((0, 20, 40, 60), (80, 108, 136), Use.IN_STEP, ""),
    ((0, 28, 56), (84, 104, 124, 144), Use.OVER, ""),
]  # fmt: skip


@pytest.mark.parametrize(("before", "since", "use", "because"), CHANGED)
def test_what_was_issued_before_a_change_does_not_count(
    before: tuple[int, ...], since: tuple[int, ...], use: Use, because: str
) -> None:
    issues = [replace(one, otherwise=True) for one in _issues(*before)] + _issues(*since)
    on = FIRST + timedelta(days=(before + since)[-1])
    found, alone = ordering(issues, on=on), ordering(_issues(*since), on=on)
    assert (found.use, found.because) == (use, because)
    assert (found.rate, found.in_hand, found.units_over) == (alone.rate, alone.in_hand, alone.units_over)


def test_what_was_taken_the_same_way_once_before_counts_from_the_last_change() -> None:
    first, second, *rest = _issues(0, 28, 56, 84, 112)
    issues = [first, replace(second, otherwise=True), *rest]
    assert ordering(issues, on=FIRST + timedelta(days=112)) == ordering(rest, on=FIRST + timedelta(days=112))


def test_what_is_over_is_counted_in_days_and_units() -> None:
    # Five issues of 28 days in 80 days: 140 less 80 are in hand, 32 of them beyond the last issue.
    found = ordering(_issues(0, 20, 40, 60, 80, quantity=56), on=FIRST + timedelta(days=80))
    assert (found.use, found.in_hand, found.units_over) == (Use.OVER, 60, Decimal(64))


def test_what_is_not_daily_is_not_judged_and_what_nobody_orders_is_named() -> None:
    assert ordering(_issues(0, 28, 56, lasting=None), on=FIRST + timedelta(days=60)).use is Use.CANNOT_TELL
    assert ordering(_issues(0, 28, 56), on=FIRST + timedelta(days=300)).use is Use.UNUSED


def test_what_lasts_longer_is_ordered_though_it_was_long_ago() -> None:
    batch = Supply(FIRST, Decimal(364), Decimal(364))
    for days, use in ((300, Use.CANNOT_TELL), (363, Use.CANNOT_TELL), (364, Use.UNUSED)):
        assert ordering([batch], on=FIRST + timedelta(days=days)).use is use


def test_lines_are_aligned_to_the_last_that_runs_out() -> None:
    runs_out = [date(2026, 2, 3), date(2026, 2, 10), date(2026, 1, 1)]
    assert common_day(runs_out, on=date(2026, 1, 20)) == date(2026, 2, 10)
    assert common_day([date(2026, 1, 2), date(2026, 1, 3)], on=date(2026, 1, 20)) is None


# a day, how much in one day, until, a pack of -> quantity, days, whole packs
MAKEUPS = [
    (date(2026, 2, 3), Fraction(1), date(2026, 2, 10), 28, (7, 7, False)),
    (date(2026, 2, 3), Fraction(2), date(2026, 3, 3), 56, (56, 28, True)),
    (date(2026, 2, 3), Fraction(6, 7), date(2026, 2, 10), None, (6, 7, None)),
    (date(2026, 2, 3), Fraction(1, 7), date(2026, 2, 13), None, (2, 10, None)),
    (date(2026, 2, 3), Fraction(1), date(2026, 2, 3), 28, None),
]  # fmt: skip


@pytest.mark.parametrize(("runs_out", "daily", "until", "pack", "wanted"), MAKEUPS)
def test_makeup(
    runs_out: date,
    daily: Fraction,
    until: date,
    pack: int | None,
    wanted: tuple[int, int, bool | None] | None,
) -> None:
    found = makeup(daily, runs_out=runs_out, until=until, pack=pack)
    given = None if found is None else (int(found.quantity), found.days, found.whole_packs)
    assert given == wanted
