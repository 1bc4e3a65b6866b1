"""How many packs to order, when they come, and how long the stock lasts."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.ledger.reorder import Levels, Stand, cover_days, expected_on, levels_from_use, reorder
from pestle.pharmacy.refusal import Refused

# usable, on order, wanted, minimum, maximum, pack -> packs
ORDERS = [
    (100, 0, 0, 100, 200, 28, 0),  # at the minimum there is enough
    (99, 0, 0, 100, 200, 28, 4),  # up to the maximum, in whole packs
    (50, 84, 0, 100, 200, 28, 0),  # what is on order counts
    (50, 28, 0, 100, 200, 28, 5),
    (120, 0, 56, 100, 200, 28, 5),  # what a prescription wants does not
    (0, 0, 0, 0, 0, 28, 0),  # nothing used, nothing wanted
    (0, 0, 30, 0, 0, 28, 2),  # an owing is ordered although there is no level
    (0, 56, 30, 0, 0, 28, 0),  # and not twice
    (0, 0, 0, 28, 28, 28, 1),
]


@pytest.mark.parametrize(("usable", "coming", "wanted", "low", "high", "pack", "packs"), ORDERS)
def test_packs(usable: int, coming: int, wanted: int, low: int, high: int, pack: int, packs: int) -> None:
    assert reorder(Stand(usable, coming, wanted), Levels(low, high), pack=pack) == packs


AMOUNTS = st.integers(0, 400)


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, st.integers(1, 60))
def test_as_one_who_adds_pack_after_pack(
    usable: int, coming: int, wanted: int, one: int, other: int, pack: int
) -> None:
    low, high = sorted((one, other))
    packs, there = 0, usable + coming - wanted
    if there < low:
        while there < high:
            there += pack
            packs += 1
    assert reorder(Stand(usable, coming, wanted), Levels(low, high), pack=pack) == packs


# used, days, lead days -> minimum, maximum
USE = [(90, 90, 1, 4, 18), (28, 28, 0, 3, 17), (1, 90, 1, 1, 1), (0, 90, 1, 0, 0), (100, 30, 2, 17, 64)]


@pytest.mark.parametrize(("used", "days", "lead", "low", "high"), USE)
def test_levels_from_use(used: int, days: int, lead: int, low: int, high: int) -> None:
    assert levels_from_use(used, days=days, lead_days=lead) == Levels(low, high)


@pytest.mark.parametrize(("low", "high"), [(-1, 5), (6, 5)])
def test_levels_that_cannot_be(low: int, high: int) -> None:
    with pytest.raises(Refused) as refused:
        Levels(low, high)
    assert refused.value.rule == "level.wrong"


# ordered at (UTC), lead days -> comes on; London is an hour ahead in July
COMES = [
    (datetime(2026, 11, 2, 17, 30, tzinfo=UTC), 1, date(2026, 11, 3)),
    (datetime(2026, 11, 2, 17, 31, tzinfo=UTC), 1, date(2026, 11, 4)),
    (datetime(2026, 7, 2, 16, 30, tzinfo=UTC), 1, date(2026, 7, 3)),
    (datetime(2026, 7, 2, 16, 45, tzinfo=UTC), 1, date(2026, 7, 4)),
    (datetime(2026, 11, 2, 9, 0, tzinfo=UTC), 0, date(2026, 11, 2)),
]


@pytest.mark.parametrize(("at", "lead", "day"), COMES)
def test_after_the_cut_off_an_order_is_of_the_next_day(at: datetime, lead: int, day: date) -> None:
    assert expected_on(at, zone=ZoneInfo("Europe/London"), cut_off=time(17, 30), lead_days=lead) == day


def test_cover() -> None:
    assert [cover_days(28, used, days=28) for used in (28, 56, 1, 0)] == [28, 14, 784, None]
