"""Prescriptions in instalments: what is collected when, what was missed, and when it stops.

Law: Misuse of Drugs Regulations 2001, regulations 15 and 16, and the Home Office's approved wording, from
memory; see `instalments.LAWS`. November 2026: the 2nd is a Monday.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.dispensary.instalments import (
    LAWS,
    DayState,
    Due,
    Given,
    History,
    Plan,
    Wording,
    calendar,
    collected_on,
    due,
    missed_in_a_row,
    next_collection,
    plan,
    plan_refusals,
)
from pestle.pharmacy.ledger.base_unit import base_unit
from pestle.pharmacy.quantity import Unit
from pestle.pharmacy.refusal import Refusal, Refused

ML = base_unit(Unit("ml"))
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BEFORE, REST, SUPERVISED, SEPARATE = Wording


def _nov(*days: int) -> tuple[date, ...]:
    return tuple(date(2026, 11, day) for day in days)


def _days(text: str) -> frozenset[int]:
    return frozenset(WEEKDAYS.index(one) for one in text.split())


def _week(collected: str, *wordings: Wording, amount: int = 30, days: int = 7, stop: int | None = 3) -> Plan:
    """So much a day from Monday the 2nd."""
    return plan(
        begins=date(2026, 11, 2), amounts=[amount] * days, weekdays=_days(collected), wordings=wordings,
        stop_after=stop,
    )  # fmt: skip


def _given(text: str) -> tuple[Given, ...]:
    """``2: 2 3; 4: 4`` is: on the 2nd for the 2nd and 3rd, on the 4th for the 4th."""
    found = []
    for part in filter(None, (one.strip() for one in text.split(";"))):
        on, _, days = part.partition(":")
        found.append(Given(date(2026, 11, int(on)), _nov(*map(int, days.split()))))
    return tuple(found)


EVERY_DAY = "mon tue wed thu fri sat sun"
SIX_DAYS = "mon tue wed thu fri sat"
THREE = "mon wed fri"

# collected on   -> on which days for which days
PLANS = [
    (EVERY_DAY, "2:2  3:3  4:4  5:5  6:6  7:7  8:8"),
    (SIX_DAYS, "2:2  3:3  4:4  5:5  6:6  7:7,8"),
    (THREE, "2:2,3  4:4,5  6:6,7,8"),
    ("mon", "2:2,3,4,5,6,7,8"),
]


@pytest.mark.parametrize(("collected", "expected"), PLANS)
def test_a_collection_takes_the_days_up_to_the_next(collected: str, expected: str) -> None:
    found = [
        f"{one.collect_on.day}:{','.join(str(day.on.day) for day in one.days)}"
        for one in _week(collected).instalments
    ]
    assert "  ".join(found) == expected


def test_a_day_without_an_amount_is_left_out_and_doses_may_change() -> None:
    found = plan(begins=date(2026, 11, 2), amounts=[30, 0, 35, 35], weekdays=_days(EVERY_DAY))
    assert [(day.on.day, day.amount) for day in found.days] == [(2, 30), (4, 35), (5, 35)]
    assert found.amount == 100


@pytest.mark.parametrize(
    ("begins", "amounts", "collected", "stop", "rules"),
    [
        (3, [30], THREE, None, ["instalments.first-day"]),
        (2, [], THREE, None, ["instalments.none"]),
        (2, [0, 0], THREE, None, ["instalments.none"]),
        (2, [-1], THREE, None, ["instalments.amount"]),
        (2, [30], THREE, 0, ["instalments.stop-after"]),
        (2, [30], THREE, 15, ["instalments.stop-after"]),
    ],
)
def test_a_plan_that_cannot_be(
    begins: int, amounts: list[int], collected: str, stop: int | None, rules: list[str]
) -> None:
    with pytest.raises(Refused) as refused:
        plan(begins=date(2026, 11, begins), amounts=amounts, weekdays=_days(collected), stop_after=stop)
    assert [one.rule for one in refused.value.refusals] == rules


@pytest.mark.parametrize(
    ("quantity", "last_day", "rules"),
    [
        (210, date(2026, 11, 29), []),
        (210, None, []),
        (209, date(2026, 11, 29), ["instalments.total"]),
        (211, date(2026, 11, 29), ["instalments.total"]),
        (210, date(2026, 11, 1), ["instalments.first-too-late"]),
    ],
)
def test_the_days_add_up_to_what_is_prescribed_and_the_first_is_in_time(
    quantity: int, last_day: date | None, rules: list[str]
) -> None:
    found = plan_refusals(_week(THREE), quantity=quantity, last_day=last_day, base=ML)
    assert [one.rule for one in found] == rules


# collected, wordings, closed days, handed out before, today -> the days that are given, or why none
TODAY: list[tuple[str, tuple[Wording, ...], tuple[int, ...], str, int, str]] = [
    # Day by day.
    (EVERY_DAY, (), (), "", 2, "2"),
    (EVERY_DAY, (), (), "2: 2", 2, "instalments.collected"),
    (EVERY_DAY, (), (), "2: 2", 3, "3"),
    (EVERY_DAY, (), (), "", 1, "instalments.not-today"),
    # A missed day is lost: never twice the amount.
    (EVERY_DAY, (), (), "2: 2", 4, "4"),
    # Sunday's with Saturday's, since Sunday is no collection day.
    (SIX_DAYS, (), (), "2: 2; 3: 3; 4: 4; 5: 5; 6: 6", 7, "7 8"),
    (SIX_DAYS, (), (), "7: 7 8", 8, "instalments.over"),
    # Closed on Wednesday: on Tuesday where the prescription says so.
    (EVERY_DAY, (BEFORE,), (4,), "2: 2", 3, "3 4"),
    (EVERY_DAY, (), (4,), "2: 2", 3, "3"),
    (EVERY_DAY, (), (4,), "2: 2; 3: 3", 3, "instalments.collected"),
    (EVERY_DAY, (), (4,), "2: 2; 3: 3", 4, "instalments.closed-not-said"),
    # Closed for two days: both before.
    (EVERY_DAY, (BEFORE,), (4, 5), "2: 2", 3, "3 4 5"),
    # A missed collection of several days: the rest only where the prescription says so.
    (THREE, (), (), "", 3, "instalments.missed"),
    (THREE, (REST,), (), "", 3, "3"),
    (THREE, (REST,), (), "2: 2 3; 4: 4 5", 7, "7 8"),
    (THREE, (), (), "2: 2 3; 4: 4 5", 7, "instalments.missed"),
    (THREE, (REST,), (), "2: 2 3", 3, "instalments.collected"),
    # Three days in a row were missed: nothing more until the prescriber was spoken to.
    (EVERY_DAY, (), (), "2: 2", 5, "5"),
    (EVERY_DAY, (), (), "2: 2", 6, "instalments.stopped"),
    (EVERY_DAY, (REST,), (), "2: 2", 7, "instalments.stopped"),
    (THREE, (REST,), (), "", 4, "4 5"),
    (THREE, (), (), "", 5, "instalments.stopped"),
    # It is over.
    (EVERY_DAY, (), (), "2: 2; 3: 3; 4: 4; 5: 5; 6: 6; 7: 7; 8: 8", 8, "instalments.over"),
    (EVERY_DAY, (), (), "2: 2; 3: 3; 4: 4; 5: 5; 6: 6; 7: 7; 8: 8", 9, "instalments.over"),
]


@pytest.mark.parametrize(("collected", "wordings", "closed", "before", "today", "expected"), TODAY)
def test_what_is_handed_out_today(
    collected: str, wordings: tuple[Wording, ...], closed: tuple[int, ...], before: str, today: int,
    expected: str,
) -> None:  # fmt: skip
    history = History(_given(before), frozenset(_nov(*closed)))
    found = due(_week(collected, *wordings), history, on=date(2026, 11, today))
    said = found.rule if isinstance(found, Refusal) else " ".join(str(day.on.day) for day in found.days)
    assert said == expected


# handed out before, resumed on, today -> days missed in a row before today
MISSED = [
    ("", None, 2, 0),
    ("", None, 3, 1),
    ("2: 2", None, 3, 0),
    ("2: 2", None, 5, 2),
    ("2: 2; 4: 4", None, 6, 1),
    ("", 5, 5, 0),
    ("", 5, 7, 2),
    ("2: 2", None, 20, 6),
]


@pytest.mark.parametrize(("before", "resumed", "today", "expected"), MISSED)
def test_how_many_days_in_a_row_were_missed(
    before: str, resumed: int | None, today: int, expected: int
) -> None:
    resumed_on = date(2026, 11, resumed) if resumed else None
    history = History(_given(before), resumed_on=resumed_on)
    assert missed_in_a_row(_week(EVERY_DAY), history, on=date(2026, 11, today)) == expected


@pytest.mark.parametrize(
    ("stop", "today", "stops"), [(2, 4, True), (None, 4, False), (None, 5, True), (5, 5, False)]
)
def test_after_how_many_days_it_stops_is_said_by_the_prescription_else_local(
    stop: int | None, today: int, stops: bool
) -> None:
    found = due(_week(EVERY_DAY, stop=stop), History(), on=date(2026, 11, today))
    assert (isinstance(found, Refusal) and found.rule == "instalments.stopped") is stops


def test_after_the_prescriber_was_spoken_to_it_goes_on_with_that_day_and_gives_nothing_back() -> None:
    history = History(resumed_on=date(2026, 11, 6))
    found = due(_week(EVERY_DAY), history, on=date(2026, 11, 6))
    assert isinstance(found, Due)
    assert [day.on.day for day in found.days] == [6]


@pytest.mark.parametrize(
    ("wordings", "supervised", "containers"),
    [
        ((), 0, (90,)),
        ((SUPERVISED,), 30, (60,)),
        ((SEPARATE,), 0, (30, 30, 30)),
        ((SUPERVISED, SEPARATE), 30, (30, 30)),
    ],
)
def test_what_is_consumed_here_and_what_is_taken_home(
    wordings: tuple[Wording, ...], supervised: int, containers: tuple[int, ...]
) -> None:
    history = History(_given("2: 2 3; 4: 4 5"))
    found = due(_week(THREE, *wordings), history, on=date(2026, 11, 6))
    assert isinstance(found, Due)
    assert (found.amount, found.supervised, found.containers) == (90, supervised, containers)


def test_what_is_collected_before_a_closed_day_is_taken_home() -> None:
    history = History(_given("2: 2; 3: 3"), frozenset(_nov(5)))
    found = due(_week(EVERY_DAY, BEFORE, SUPERVISED), history, on=date(2026, 11, 4))
    assert isinstance(found, Due)
    assert (found.supervised, found.containers) == (30, (30,))


def test_the_next_collection_knows_of_closed_days() -> None:
    found = _week(THREE, BEFORE)
    assert next_collection(found, History(), after=date(2026, 11, 2)) == date(2026, 11, 4)
    closed = History(closed=frozenset(_nov(4)))
    assert next_collection(found, closed, after=date(2026, 11, 2)) == date(2026, 11, 3)
    assert next_collection(found, History(), after=date(2026, 11, 6)) is None


def test_the_picture_of_the_days() -> None:
    history = History(_given("2: 2"), frozenset(_nov(7)))
    cells = calendar(_week(EVERY_DAY), history, on=date(2026, 11, 4))
    assert [cell.state for cell in cells] == [
        DayState.GIVEN, DayState.MISSED, DayState.DUE, DayState.TO_COME, DayState.TO_COME, DayState.CLOSED,
        DayState.TO_COME,
    ]  # fmt: skip
    stopped = calendar(_week(EVERY_DAY), History(_given("2: 2")), on=date(2026, 11, 6))
    assert [cell.state for cell in stopped[4:]] == [DayState.STOPPED] * 3
    lost = calendar(_week(THREE), History(), on=date(2026, 11, 3))
    assert [cell.state for cell in lost[:2]] == [DayState.MISSED, DayState.LOST]


@given(
    collected=st.sets(st.integers(0, 6)),
    amounts=st.lists(st.integers(0, 60), min_size=1, max_size=21),
    wordings=st.sets(st.sampled_from(Wording)),
    closed=st.sets(st.integers(0, 24)),
    comes=st.sets(st.integers(-2, 24)),
    resumes=st.sets(st.integers(0, 24), max_size=3),
)
def test_whenever_somebody_comes_no_day_is_given_twice_late_or_in_excess(
    collected: set[int], amounts: list[int], wordings: set[Wording], closed: set[int], comes: set[int],
    resumes: set[int],
) -> None:  # fmt: skip
    begins = date(2026, 11, 2)
    collected |= {begins.weekday()}
    if not amounts[0]:
        amounts[0] = 1
    found = plan(begins=begins, amounts=amounts, weekdays=collected, wordings=wordings)
    shut = frozenset(begins + timedelta(days=n) for n in closed)
    taken: dict[date, int] = {}
    given_: tuple[Given, ...] = ()
    resumed: date | None = None
    for n in range(-2, 25):
        today = begins + timedelta(days=n)
        resumed = today if n in resumes else resumed
        if n not in comes or today in shut:
            continue
        history = History(given_, shut, resumed)
        now = due(found, history, on=today)
        if isinstance(now, Refusal):
            continue
        assert missed_in_a_row(found, history, on=today) < found.stops_after
        assert now.amount == now.supervised + sum(now.containers)
        for day in now.days:
            assert day.on >= today, "a missed day is not given later"
            assert day.on not in taken, "no day is given twice"
            taken[day.on] = day.amount
        given_ = (*given_, Given(today, tuple(day.on for day in now.days)))
        again = due(found, History(given_, shut, resumed), on=today)
        assert isinstance(again, Refusal), "nothing more on the same day"
    for on, amount in taken.items():
        assert amount == amounts[(on - begins).days], "never more than is prescribed for a day"


@given(closed=st.sets(st.integers(0, 10), max_size=6), collected=st.sets(st.integers(0, 6)))
def test_a_closed_day_s_instalment_is_collected_on_an_open_day_before(
    closed: set[int], collected: set[int]
) -> None:
    begins = date(2026, 11, 2)
    shut = frozenset(begins + timedelta(days=n) for n in closed)
    found = plan(
        begins=begins, amounts=[10] * 10, weekdays=collected | {0}, wordings=(Wording.CLOSED_BEFORE,)
    )
    for one in found.instalments:
        day = collected_on(one, found, closed=shut)
        assert day is not None, "no week is closed on every day here"
        assert day not in shut
        assert day <= one.collect_on
        assert (day == one.collect_on) == (one.collect_on not in shut)


def test_no_rule_passes_for_verified_that_nobody_compared_with_the_text() -> None:
    assert not any(law.verified for law in LAWS)
