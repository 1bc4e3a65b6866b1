"""What will be left over when it expires, what moves slowly, and how many lots expire in which month."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.ledger.outlook import Ahead, at_risk, months_ahead, slow

TODAY = date(2026, 11, 2)


def ahead(lot: int, days: int, amount: int) -> Ahead:
    return Ahead(lot, TODAY + timedelta(days=days), amount)


# lots as (days, amount), used, in days -> left over of each
LEFT = [
    ([(9, 28)], 28, 28, [18]),  # ten days are left, today with them
    ([(27, 28)], 28, 28, [0]),
    ([(9, 28), (99, 28)], 28, 28, [18, 0]),
    (
        [(9, 5), (19, 20)],
        28,
        28,
        [0, 5],
    ),  # the first is used first, and the rest of its days go to the second
    ([(-1, 28), (9, 5)], 28, 28, [28, 0]),  # what has expired is not used
    ([(9, 28)], 0, 90, [28]),
    ([(0, 2)], 1, 2, [2]),  # half a tablet goes, and the other half is lost
]


@pytest.mark.parametrize(("lots", "used", "days", "left"), LEFT)
def test_left_over(lots: list[tuple[int, int]], used: int, days: int, left: list[int]) -> None:
    found = at_risk([ahead(n, *lot) for n, lot in enumerate(lots)], used=used, days=days, on=TODAY)
    assert [found[n] for n in range(len(lots))] == left


@given(
    st.lists(st.tuples(st.integers(-3, 30), st.integers(0, 40)), max_size=4),
    st.integers(0, 60),
    st.integers(1, 30),
)
def test_as_one_who_takes_day_after_day(lots: list[tuple[int, int]], used: int, days: int) -> None:
    rows = [ahead(n, *lot) for n, lot in enumerate(lots)]
    left = {one.lot: Fraction(one.amount) for one in rows}
    order = sorted(rows, key=lambda one: (one.last_day, one.lot))
    for day in range(40):
        wanted = Fraction(used, days)
        for one in order:
            if one.last_day >= TODAY + timedelta(days=day):
                goes = min(wanted, left[one.lot])
                left[one.lot] -= goes
                wanted -= goes
    found = at_risk(rows, used=used, days=days, on=TODAY)
    assert found == {lot: -(-rest.numerator // rest.denominator) for lot, rest in left.items()}


@pytest.mark.parametrize(
    ("usable", "used", "is_slow"), [(0, 0, False), (1, 0, True), (180, 90, False), (181, 90, True)]
)
def test_slow(usable: int, used: int, is_slow: bool) -> None:
    assert slow(usable, used, days=90) is is_slow


def test_months_ahead() -> None:
    lots = [ahead(n, days, 1) for n, days in enumerate((-1, 0, 28, 29, 364, 800))]
    found = months_ahead(lots, on=TODAY)
    assert len(found) == 12
    assert found[:2] == [(2026, 11, 2), (2026, 12, 1)]
    assert sum(count for *_, count in found) == 3
