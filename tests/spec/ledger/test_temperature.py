"""What is an excursion, when is it over, and of which hours is nothing known."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pestle import definitions
from pestle.pharmacy.ledger.storage import Condition
from pestle.pharmacy.ledger.temperature import (
    Excursion,
    Limits,
    Reading,
    excursions,
    gaps,
    kinetic,
    may_leave_quarantine,
    read_limits,
    readable,
    reading,
)
from pestle.pharmacy.refusal import Refused

FRIDGE = read_limits(definitions.folder("storage"))[Condition.FRIDGE]
BEGIN = datetime(2026, 11, 2, tzinfo=UTC)


def at(hour: int) -> datetime:
    return BEGIN + timedelta(hours=hour)


def told(*celsius: str) -> list[Reading]:
    """A reading an hour."""
    return [Reading(at(hour), Decimal(value)) for hour, value in enumerate(celsius)]


# a reading an hour -> (began, ended, coldest, warmest)
HOURS: list[tuple[tuple[str, ...], list[tuple[int, int | None, str, str]]]] = [
    ((), []),
    (("5", "2", "8", "2.0"), []),  # the limits themselves are right
    (("5", "8.1", "5"), [(1, 2, "8.1", "8.1")]),
    (("5", "9", "12.5", "8.2", "7.9"), [(1, 4, "8.2", "12.5")]),
    (("5", "1.9", "5", "8.1", "5"), [(1, 2, "1.9", "1.9"), (3, 4, "8.1", "8.1")]),
    (("1", "9", "5"), [(0, 2, "1", "9")]),  # from too cold to too warm is one
    (("5", "9"), [(1, None, "9", "9")]),  # not over
    (("9",), [(0, None, "9", "9")]),
]


@pytest.mark.parametrize(("celsius", "wanted"), HOURS)
def test_excursions(celsius: tuple[str, ...], wanted: list[tuple[int, int | None, str, str]]) -> None:
    found = excursions(reversed(told(*celsius)), FRIDGE)
    assert [(one.began, one.ended, one.coldest, one.warmest) for one in found] == [
        (at(began), None if ended is None else at(ended), Decimal(low), Decimal(high))
        for began, ended, low, high in wanted
    ]


def test_what_a_thermometer_kept_counts_from_the_reading_before() -> None:
    now = reading(at(9), now=Decimal(5), lowest=Decimal(3), highest=Decimal(11))
    found = excursions([Reading(at(0), Decimal(5)), now], FRIDGE)
    assert found == (Excursion(at(0), at(9), Decimal(3), Decimal(11), 0),)


@given(st.lists(st.integers(0, 10), max_size=30))
def test_every_reading_outside_is_in_one_excursion_and_none_inside_is(values: list[int]) -> None:
    readings = told(*map(str, values))
    found = excursions(readings, FRIDGE)
    for one in readings:
        within = [
            each for each in found if each.began <= one.at and (each.ended is None or one.at < each.ended)
        ]
        assert len(within) == (0 if 2 <= one.celsius <= 8 else 1)
    assert sum(one.readings for one in found) == sum(1 for value in values if not 2 <= value <= 8)


def test_hours_that_nobody_read() -> None:
    readings = [Reading(at(0), Decimal(5)), Reading(at(26), Decimal(5)), Reading(at(53), Decimal(5))]
    assert gaps(readings, FRIDGE, now=at(60)) == ((at(26), at(53)),)
    assert gaps(readings, FRIDGE, now=at(80)) == ((at(26), at(53)), (at(53), at(80)))
    assert gaps([], FRIDGE, now=at(80)) == ()


def test_the_mean_is_the_calculator_s() -> None:
    found = kinetic(told(*["5"] * 23, "15"))
    assert found is not None
    assert found.answer.startswith("5.76")
    assert kinetic([]) is None


@pytest.mark.parametrize(("celsius", "can"), [("-50", True), ("70", True), ("-50.1", False), ("70.1", False)])
def test_what_can_be_read(celsius: str, can: bool) -> None:
    assert (readable(Decimal(celsius), place="now") is None) is can


def test_what_an_excursion_set_aside_goes_back_on_the_makers_advice_only() -> None:
    refusal = may_leave_quarantine(waits_for_advice=True)
    assert refusal is not None
    assert refusal.rule == "temperature.advice-first"
    assert may_leave_quarantine(waits_for_advice=False) is None


@pytest.mark.parametrize(("now", "lowest", "highest"), [(5, 6, 8), (5, 2, 4), (5, 8, 2)])
def test_a_reading_whose_parts_do_not_fit(now: int, lowest: int, highest: int) -> None:
    with pytest.raises(Refused) as refused:
        reading(at(0), now=Decimal(now), lowest=Decimal(lowest), highest=Decimal(highest))
    assert refused.value.rule == "temperature.order"


def test_the_definitions_say_what_a_fridge_and_a_freezer_are() -> None:
    known = read_limits(definitions.folder("storage"))
    assert {one: (limits.lowest, limits.highest) for one, limits in known.items()} == {
        Condition.FRIDGE: (Decimal(2), Decimal(8)),
        Condition.FREEZER: (Decimal(-25), Decimal(-10)),
    }
    assert isinstance(FRIDGE, Limits)
    assert not FRIDGE.source.verified
