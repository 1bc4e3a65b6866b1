"""May this line still be supplied today? A table of last days, and the day after each.

28 days are counted after the appropriate date, six months from and with it.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pestle.definitions import folder
from pestle.pharmacy.checks.knowledge import FOLDERS, read
from pestle.pharmacy.dispensary.validity import (
    CONTROLLED_DAYS,
    handout_refusals,
    last_day,
    validity,
)
from pestle.pharmacy.medicines.concept import ControlledDrugCategory as Category
from pestle.pharmacy.record.medication import CourseOfTherapy

NO, SCHEDULE_5 = Category.NONE, Category.SCHEDULE_5
SCHEDULE_2, SCHEDULE_3 = Category.SCHEDULE_2, Category.SCHEDULE_3_TEMAZEPAM
SCHEDULE_4 = Category.SCHEDULE_4_BENZODIAZEPINE
ACUTE, REPEAT, BATCH = CourseOfTherapy.ACUTE, CourseOfTherapy.REPEAT, CourseOfTherapy.REPEAT_DISPENSING

# signed            start               schedule    last day
LAST_DAYS = [
    ("2026-11-01", None, SCHEDULE_2, "2026-11-29"),
    ("2026-11-01", None, SCHEDULE_3, "2026-11-29"),
    ("2026-11-01", None, SCHEDULE_4, "2026-11-29"),
    ("2026-11-01", None, Category.SCHEDULE_4_ANABOLIC, "2026-11-29"),
    ("2026-11-01", None, Category.SCHEDULE_1, "2026-11-29"),
    ("2026-11-01", None, None, "2026-11-29"),
    ("2026-11-01", None, SCHEDULE_5, "2027-04-30"),
    ("2026-11-01", None, NO, "2027-04-30"),
    # The later of signature and start date.
    ("2026-11-01", "2026-11-10", SCHEDULE_2, "2026-12-08"),
    ("2026-11-10", "2026-11-01", SCHEDULE_2, "2026-12-08"),
    ("2026-11-01", "2026-12-01", NO, "2027-05-31"),
    ("2026-12-01", "2026-11-01", NO, "2027-05-31"),
    # Leap years.
    ("2028-02-01", None, SCHEDULE_2, "2028-02-29"),
    ("2027-02-01", None, SCHEDULE_2, "2027-03-01"),
    ("2028-02-29", None, SCHEDULE_2, "2028-03-28"),
    ("2028-02-29", None, NO, "2028-08-28"),
    ("2027-08-29", None, NO, "2028-02-28"),
    # Ends of months: a day that the sixth month lacks ends with that month.
    ("2027-08-30", None, NO, "2028-02-29"),
    ("2027-08-31", None, NO, "2028-02-29"),
    ("2026-08-29", None, NO, "2027-02-28"),
    ("2026-08-31", None, NO, "2027-02-28"),
    ("2026-09-01", None, NO, "2027-02-28"),
    ("2026-03-31", None, NO, "2026-09-30"),
    ("2026-12-31", None, NO, "2027-06-30"),
    ("2026-01-01", None, NO, "2026-06-30"),
    ("2026-07-01", None, NO, "2026-12-31"),
]


@pytest.mark.parametrize(("signed", "starts", "controlled", "last"), LAST_DAYS)
def test_the_last_day_and_the_day_after(
    signed: str, starts: str | None, controlled: Category | None, last: str
) -> None:
    signed_on, starts_on = date.fromisoformat(signed), date.fromisoformat(starts) if starts else None
    end = date.fromisoformat(last)
    assert last_day(signed_on=signed_on, starts_on=starts_on, controlled=controlled, course=ACUTE) == end
    on_it = validity(signed_on=signed_on, starts_on=starts_on, controlled=controlled, course=ACUTE, on=end)
    after = validity(
        signed_on=signed_on,
        starts_on=starts_on,
        controlled=controlled,
        course=ACUTE,
        on=end + timedelta(days=1),
    )
    assert on_it is None
    assert after is not None
    assert after.rule == ("validity.expired" if controlled else "validity.expired-schedule-unknown")
    assert f"{end:%d-%b-%Y}" in after.reason


# signed 15 January 2026; schedule, issue, authorised until, last day
BATCHES = [
    (NO, 1, None, "2026-07-14"),
    (NO, None, None, "2026-07-14"),
    (NO, 2, None, "2027-01-14"),
    (NO, 2, "2026-10-01", "2026-10-01"),
    (NO, 2, "2028-01-01", "2027-01-14"),
    (NO, 1, "2026-10-01", "2026-07-14"),
    (SCHEDULE_5, 1, None, "2026-07-14"),
    (SCHEDULE_5, 6, None, "2027-01-14"),
    (SCHEDULE_4, 1, None, "2026-02-12"),
    (SCHEDULE_4, None, None, "2026-02-12"),
    (SCHEDULE_4, 2, None, "2026-07-14"),
    (SCHEDULE_4, 2, "2026-05-01", "2026-05-01"),
    (None, 2, None, "2026-02-12"),
]


@pytest.mark.parametrize(("controlled", "issue", "until", "last"), BATCHES)
def test_repeat_dispensing(
    controlled: Category | None, issue: int | None, until: str | None, last: str
) -> None:
    found = last_day(
        signed_on=date(2026, 1, 15),
        starts_on=None,
        controlled=controlled,
        course=BATCH,
        issue_number=issue,
        authorisation_expires=date.fromisoformat(until) if until else None,
    )
    assert found == date.fromisoformat(last)


def _rule(controlled: Category | None, course: CourseOfTherapy, on: date) -> str | None:
    found = validity(
        signed_on=date(2026, 1, 15), starts_on=date(2026, 1, 20), controlled=controlled, course=course, on=on
    )
    return found.rule if found else None


@pytest.mark.parametrize("controlled", [NO, SCHEDULE_2, SCHEDULE_4, None])
def test_not_before_the_start_date(controlled: Category | None) -> None:
    assert _rule(controlled, ACUTE, date(2026, 1, 19)) == "validity.not-yet-due"
    assert _rule(controlled, ACUTE, date(2026, 1, 20)) is None


@pytest.mark.parametrize(
    ("controlled", "refused"),
    [(SCHEDULE_2, True), (SCHEDULE_3, True), (SCHEDULE_4, False), (SCHEDULE_5, False), (NO, False)],
)
def test_schedules_2_and_3_are_never_repeat_dispensed(controlled: Category, refused: bool) -> None:
    assert (_rule(controlled, BATCH, date(2026, 1, 20)) == "validity.repeat-dispensing") is refused
    assert _rule(controlled, REPEAT, date(2026, 1, 20)) is None


def test_without_a_date_of_signature_nothing_is_supplied() -> None:
    found = validity(
        signed_on=None, starts_on=date(2026, 1, 1), controlled=NO, course=ACUTE, on=date(2026, 1, 2)
    )
    assert found is not None
    assert found.rule == "validity.not-signed"


def test_on_a_mixed_prescription_each_line_keeps_its_own_period() -> None:
    lines = {"morphine": SCHEDULE_2, "diazepam": SCHEDULE_4, "co-codamol": SCHEDULE_5, "omeprazole": NO}
    day_29 = date(2026, 1, 20) + timedelta(days=29)
    assert [name for name, controlled in lines.items() if _rule(controlled, ACUTE, day_29) is None] == [
        "co-codamol",
        "omeprazole",
    ]


HANDOUT = [
    (SCHEDULE_2, []),
    (Category.SCHEDULE_2_EXEMPT_SAFE_CUSTODY, []),
    (Category.SCHEDULE_1, ["controlled.licence"]),
    (None, ["controlled.schedule-unknown"]),
    (SCHEDULE_3, []),
    (SCHEDULE_4, []),
    (SCHEDULE_5, []),
    (NO, []),
]


@pytest.mark.parametrize(("controlled", "rules"), HANDOUT)
def test_no_schedule_1_and_nothing_unknown(controlled: Category | None, rules: list[str]) -> None:
    assert [each.rule for each in handout_refusals(controlled=controlled)] == rules


def test_the_check_and_the_supply_count_the_same_days() -> None:
    rule = read(*map(folder, FOLDERS)).controlled["validity"]
    assert rule.days == CONTROLLED_DAYS
    strict = {each.schedule for each in Category if _is_strict(each)}
    assert rule.schedules == strict


def _is_strict(category: Category) -> bool:
    signed = date(2026, 1, 1)
    end = last_day(signed_on=signed, starts_on=None, controlled=category, course=ACUTE)
    return (end - signed).days == CONTROLLED_DAYS


def test_the_end_of_the_calendar_is_no_crash() -> None:
    for controlled in (NO, SCHEDULE_2):
        last = last_day(signed_on=date.max, starts_on=None, controlled=controlled, course=ACUTE)
        assert last == date.max
