"""Who may be in charge of a pharmacy, leave it and return, and who may hand out meanwhile?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pestle.pharmacy.dispensary.responsible import (
    NOBODY,
    Arrangement,
    Entry,
    InCharge,
    Standing,
    Step,
    absent_on,
    applies,
    check_absence,
    check_on,
    check_own,
    check_return,
    check_time,
    in_charge,
    supply_refusal,
)
from pestle.pharmacy.people import Country, Person, Registration, Role, Site, SiteKind
from pestle.pharmacy.refusal import Refused

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")
ON, OFF, ABSENT, RETURNED = Step


def _person(id: int, name: str, role: Role = Role.PHARMACIST, *, registered: bool = True) -> Person:
    registration = Registration("GPhC", f"209999{id}") if registered else None
    return Person(id, name, frozenset({role}), site_id=1, registration=registration)


RUTH, SAMUEL = _person(1, "Ruth Evans"), _person(2, "Samuel Adeyemi")
TESS = _person(3, "Tess Okafor", Role.TECHNICIAN)
LOCUM = _person(4, "Lou Carr", registered=False)


def _entry(step: Step, by: Person = RUTH, at: datetime = NOW) -> Entry:
    return Entry(step, by.id, by.name, "GPhC 2099991", at)


HERE = in_charge([_entry(ON)])
AWAY = in_charge([_entry(ON), _entry(ABSENT)])


# what happened, by whom -> who is in charge; None: one cannot follow the other
STATES: list[tuple[list[tuple[Step, Person]], Standing | None, Person | None]] = [
    ([], Standing.NOBODY, None),
    ([(ON, RUTH)], Standing.PRESENT, RUTH),
    ([(ON, RUTH), (ABSENT, RUTH)], Standing.ABSENT, RUTH),
    ([(ON, RUTH), (ABSENT, RUTH), (RETURNED, RUTH)], Standing.PRESENT, RUTH),
    ([(ON, RUTH), (OFF, RUTH)], Standing.NOBODY, None),
    ([(ON, RUTH), (ABSENT, RUTH), (OFF, RUTH), (ON, SAMUEL)], Standing.PRESENT, SAMUEL),
    ([(ON, RUTH), (ON, SAMUEL)], None, None),
    ([(OFF, RUTH)], None, None),
    ([(ABSENT, RUTH)], None, None),
    ([(ON, RUTH), (RETURNED, RUTH)], None, None),
    ([(ON, RUTH), (ABSENT, RUTH), (ABSENT, RUTH)], None, None),
]


@pytest.mark.parametrize(("happened", "standing", "who"), STATES)
def test_who_is_in_charge(
    happened: list[tuple[Step, Person]], standing: Standing | None, who: Person | None
) -> None:
    entries = [_entry(step, by) for step, by in happened]
    if standing is None:
        with pytest.raises(ValueError, match="cannot follow"):
            in_charge(entries)
        return
    found = in_charge(entries)
    assert (found.standing, found.pharmacist_id) == (standing, who and who.id)
    assert (found.since is not None) == (standing is not Standing.NOBODY)
    assert (found.absent_since is not None) == (standing is Standing.ABSENT)


# who, before, signed on elsewhere, takes over -> why not
SIGNING_ON = [
    (RUTH, NOBODY, "", False, None),
    (TESS, NOBODY, "", False, "responsible.not-a-pharmacist"),
    (LOCUM, NOBODY, "", False, "responsible.no-registration"),
    (RUTH, NOBODY, "Mill Lane Pharmacy", False, "responsible.elsewhere"),
    (RUTH, HERE, "", True, "responsible.already"),
    (SAMUEL, HERE, "", False, "responsible.taken"),
    (SAMUEL, HERE, "", True, None),
    (SAMUEL, AWAY, "", False, "responsible.taken"),
    (SAMUEL, AWAY, "", True, None),
]


@pytest.mark.parametrize(("by", "before", "elsewhere", "take_over", "rule"), SIGNING_ON)
def test_who_may_sign_on(
    by: Person, before: InCharge, elsewhere: str, take_over: bool, rule: str | None
) -> None:
    assert _rule(lambda: check_on(by, before=before, elsewhere=elsewhere, take_over=take_over)) == rule


# who, step, before -> why not
OWN = [
    (RUTH, OFF, HERE, None),
    (RUTH, OFF, AWAY, None),
    (RUTH, ABSENT, HERE, None),
    (RUTH, ABSENT, AWAY, "responsible.is-absent"),
    (RUTH, RETURNED, AWAY, None),
    (RUTH, RETURNED, HERE, "responsible.is-present"),
    (SAMUEL, OFF, HERE, "responsible.not-you"),
    (RUTH, OFF, NOBODY, "responsible.none"),
]


@pytest.mark.parametrize(("by", "step", "before", "rule"), OWN)
def test_only_who_is_in_charge_leaves_returns_or_ceases(
    by: Person, step: Step, before: InCharge, rule: str | None
) -> None:
    assert _rule(lambda: check_own(by, step, before=before)) == rule


# can be reached, who else, minutes already -> why not
LEAVING = [
    (True, "", 0, None),
    (True, "", 119, None),
    (False, "Samuel Adeyemi", 0, None),
    (False, "", 0, "responsible.no-arrangement"),
    (False, "  x", 0, "responsible.no-arrangement"),
    (True, "", 120, "responsible.no-absence-left"),
]


@pytest.mark.parametrize(("contactable", "other", "minutes", "rule"), LEAVING)
def test_who_may_leave(contactable: bool, other: str, minutes: int, rule: str | None) -> None:
    absent = timedelta(minutes=minutes)
    assert _rule(lambda: check_absence(Arrangement(contactable, other), absent_today=absent)) == rule


def test_a_return_beyond_the_limit_is_written_down_with_its_reason() -> None:
    assert _rule(lambda: check_return(absent_today=timedelta(hours=2), why="")) is None
    assert _rule(lambda: check_return(absent_today=timedelta(hours=2, minutes=1), why="")) == (
        "responsible.over-limit"
    )
    assert _rule(lambda: check_return(absent_today=timedelta(hours=3), why="the road was closed")) is None


# in charge -> who may hand out, else why not
SUPPLY = [
    (HERE, TESS, None),
    (HERE, RUTH, None),
    (NOBODY, TESS, "responsible.none"),
    (NOBODY, RUTH, "responsible.none"),
    (AWAY, TESS, "responsible.absent"),
    (AWAY, RUTH, "responsible.absent"),
    (AWAY, SAMUEL, None),
]


@pytest.mark.parametrize(("state", "by", "rule"), SUPPLY)
def test_who_may_hand_out(state: InCharge, by: Person, rule: str | None) -> None:
    found = supply_refusal(by, now=state)
    assert (found and found.rule) == rule


def _at(hour: int, minute: int = 0, day: int = 2) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=LONDON)


# what happened, asked at -> minutes absent on 2 November
ABSENCES: list[tuple[list[tuple[Step, Person, datetime]], datetime, int]] = [
    ([], _at(12), 0),
    ([(ON, RUTH, _at(9))], _at(12), 0),
    ([(ON, RUTH, _at(9)), (ABSENT, RUTH, _at(12))], _at(12, 40), 40),
    ([(ON, RUTH, _at(9)), (ABSENT, RUTH, _at(12)), (RETURNED, RUTH, _at(12, 30))], _at(15), 30),
    # Two pharmacists in one day count together; whoever takes over ends an absence.
    ([(ON, RUTH, _at(9)), (ABSENT, RUTH, _at(12)), (OFF, RUTH, _at(12, 45)), (ON, SAMUEL, _at(12, 45)),
      (ABSENT, SAMUEL, _at(16)), (RETURNED, SAMUEL, _at(16, 30))], _at(18), 75),
    # Midnight begins another day.
    ([(ON, RUTH, _at(20, day=1)), (ABSENT, RUTH, _at(23, day=1)), (RETURNED, RUTH, _at(0, 30))], _at(9), 30),
    ([(ON, RUTH, _at(20)), (ABSENT, RUTH, _at(23))], _at(1, day=3), 60),
]  # fmt: skip


@pytest.mark.parametrize(("happened", "asked", "minutes"), ABSENCES)
def test_the_absences_of_a_day(
    happened: list[tuple[Step, Person, datetime]], asked: datetime, minutes: int
) -> None:
    entries = [_entry(step, by, at) for step, by, at in happened]
    total = absent_on(entries, day=date(2026, 11, 2), zone=LONDON, now=asked)
    assert total == timedelta(minutes=minutes)


# minutes ago, after what was minutes ago, why -> why not
TIMES = [
    (0, None, "", None),
    (5, None, "", None),
    (6, None, "", "responsible.late"),
    (6, None, "forgot on the way out", None),
    (-1, None, "", "responsible.ahead"),
    (60, 30, "forgot", "responsible.out-of-order"),
    (30, 30, "forgot", None),
]


@pytest.mark.parametrize(("ago", "after", "why", "rule"), TIMES)
def test_when_it_was(ago: int, after: int | None, why: str, rule: str | None) -> None:
    def minutes(number: int) -> datetime:
        return NOW - timedelta(minutes=number)

    last = None if after is None else minutes(after)
    assert _rule(lambda: check_time(minutes(ago), after=last, now=NOW, why=why)) == rule


@pytest.mark.parametrize(
    ("kind", "country", "needs"),
    [
        (SiteKind.COMMUNITY_PHARMACY, Country.ENGLAND, True),
        (SiteKind.COMMUNITY_PHARMACY, Country.NORTHERN_IRELAND, True),
        (SiteKind.COMMUNITY_PHARMACY, Country.UNITED_STATES, False),
        (SiteKind.GP_PRACTICE, Country.ENGLAND, False),
        (SiteKind.DISPENSING_PRACTICE, Country.ENGLAND, False),
    ],
)
def test_which_premises_need_one(kind: SiteKind, country: Country, needs: bool) -> None:
    assert applies(Site(1, "Here", "FZZ01", kind, country, "Europe/London")) is needs


def _rule(do: Callable[[], None]) -> str | None:
    try:
        do()
    except Refused as refused:
        return refused.rule
    return None
