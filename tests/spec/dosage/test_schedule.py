"""When is each dose due? Times are those of the wall clock in London.

The site gives once a day at 08:00, twice at 08:00 and 20:00, three times at 08:00, 14:00 and 20:00, four
times at 08:00, 12:00, 18:00 and 22:00; morning is 08:00, noon 12:00, bedtime 22:00, meals 07:30, 12:30
and 18:30. In 2026 the clock goes forward at 01:00 on Sunday 29 March and back at 02:00 on Sunday 25 October.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from pestle.pharmacy.dosage.dose import (
    AsNeeded,
    Bounds,
    Dosage,
    DosageStep,
    DoseAndRate,
    PeriodUnit,
    Repeat,
    Timing,
)
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.round_times import round_times
from pestle.pharmacy.dosage.schedule import SiteClock, schedule
from pestle.pharmacy.quantity import Quantity, Ratio, Unit
from pestle.pharmacy.refusal import Refused

LONDON = ZoneInfo("Europe/London")
SITE = SiteClock(
    LONDON,
    round_times({
        "times_a_day": {
            "1": ["08:00"], "2": ["08:00", "20:00"], "3": ["08:00", "14:00", "20:00"],
            "4": ["08:00", "12:00", "18:00", "22:00"],
        },
        "moments": {
            "MORN": "08:00", "NOON": "12:00", "HS": "22:00", "CM": "07:30", "CD": "12:30", "CV": "18:30",
        },
    }),
)  # fmt: skip

# instruction | begins | from | to | last dose given | due, or the rule that refuses it
PLACED = """
1 tablet daily                        |                  | 2026-05-01       | 2026-05-03       |                  | 01/05 08:00, 02/05 08:00
1 tablet three times a day            |                  | 2026-05-01 10:00 | 2026-05-02 10:00 |                  | 01/05 14:00, 01/05 20:00, 02/05 08:00
1 tablet three times a day            | 2026-05-01 13:00 | 2026-05-01       | 2026-05-02       |                  | 01/05 14:00, 01/05 20:00
1 tablet three times a day            |                  | 2026-05-01       | 2026-05-02       | 2026-05-01 08:10 | 01/05 14:00, 01/05 20:00
1 tablet three times a day            |                  | 2026-05-01       | 2026-05-02       | 2026-05-01 07:40 | schedule.last-dose
1 tablet at 06:00 and 18:30           |                  | 2026-05-01       | 2026-05-02       |                  | 01/05 06:00, 01/05 18:30
1 tablet in the morning               |                  | 2026-05-01       | 2026-05-02       |                  | 01/05 08:00
1 tablet at night                     |                  | 2026-05-01       | 2026-05-02       |                  | schedule.no-round-times
1 tablet three times a day with meals |                  | 2026-05-01       | 2026-05-02       |                  | 01/05 07:30, 01/05 12:30, 01/05 18:30
1 tablet twice a day with meals       |                  | 2026-05-01       | 2026-05-02       |                  | schedule.which-meals
1 tablet five times a day             |                  | 2026-05-01       | 2026-05-02       |                  | schedule.no-round-times
1 tablet once or twice a day          |                  | 2026-05-01       | 2026-05-02       |                  | schedule.range
1 tablet every 8 hours                | 2026-05-01 06:30 | 2026-05-01       | 2026-05-02       |                  | 01/05 06:30, 01/05 14:30, 01/05 22:30
1 tablet every 8 hours                |                  | 2026-05-01       | 2026-05-02       | 2026-05-01 09:10 | 01/05 17:10
1 tablet every 8 hours                | 2026-05-01       | 2026-05-01       | 2026-05-02       |                  | schedule.no-anchor
1 tablet every 8 hours                |                  | 2026-05-01       | 2026-05-02       |                  | schedule.no-anchor
1 tablet every 4 to 6 hours           | 2026-05-01 06:00 | 2026-05-01       | 2026-05-02       |                  | schedule.range
1 tablet every other day              | 2026-05-01       | 2026-05-01       | 2026-05-06       |                  | 01/05 08:00, 03/05 08:00, 05/05 08:00
1 tablet every other day              |                  | 2026-05-01       | 2026-05-06       | 2026-05-01 08:20 | 03/05 08:00, 05/05 08:00
1 tablet every other day              |                  | 2026-05-01       | 2026-05-06       |                  | schedule.no-anchor
1 tablet every other day              | 2026-05-01 12:00 | 2026-05-01       | 2026-05-06       |                  | schedule.first-dose
1 tablet every Monday and Thursday    |                  | 2026-05-01       | 2026-05-08       |                  | 04/05 08:00, 07/05 08:00
1 tablet once a week on Monday        |                  | 2026-05-01       | 2026-05-12       |                  | 04/05 08:00, 11/05 08:00
1 tablet once a week                  | 2026-05-05       | 2026-05-01       | 2026-05-20       |                  | 05/05 08:00, 12/05 08:00, 19/05 08:00
1 tablet three times a week           | 2026-05-05       | 2026-05-01       | 2026-05-20       |                  | schedule.which-days
1 tablet every 2 weeks                | 2026-05-05       | 2026-05-01       | 2026-05-20       |                  | 05/05 08:00, 19/05 08:00
1 tablet once a month                 | 2026-05-05       | 2026-05-01       | 2026-07-01       |                  | 05/05 08:00, 05/06 08:00
1 tablet once a month                 | 2026-05-31       | 2026-05-01       | 2026-07-01       |                  | schedule.month-end
1 patch every 72 hours                | 2026-03-27 09:00 | 2026-03-27       | 2026-04-01       |                  | 27/03 09:00, 30/03 10:00
1 tablet daily for 3 days             | 2026-05-01       | 2026-04-01       | 2026-06-01       |                  | 01/05 08:00, 02/05 08:00, 03/05 08:00
1 tablet daily for 3 days             | 2026-05-01 12:00 | 2026-04-01       | 2026-06-01       |                  | 02/05 08:00, 03/05 08:00, 04/05 08:00
1 tablet daily for 3 days             |                  | 2026-04-01       | 2026-06-01       |                  | schedule.no-anchor
1 tablet daily for 1 to 2 days        | 2026-05-01       | 2026-05-01       | 2026-05-02       |                  | 01/05 08:00
1 tablet daily for 1 to 2 days        | 2026-05-01       | 2026-05-01       | 2026-05-03       |                  | schedule.until-when
1 tablet daily, 2 days on, 1 day off  | 2026-05-01       | 2026-04-28       | 2026-05-06       |                  | 01/05 08:00, 02/05 08:00, 04/05 08:00, 05/05 08:00
1 tablet daily for 3 weeks then 1 week off | 2026-05-01  | 2026-05-20       | 2026-05-31       |                  | 20/05 08:00, 21/05 08:00, 29/05 08:00, 30/05 08:00
1 patch once a week for 3 weeks then 1 week off | 2026-05-01 | 2026-05-01   | 2026-06-06       |                  | 01/05 08:00, 08/05 08:00, 15/05 08:00, 29/05 08:00, 05/06 08:00
1 tablet daily for 3 weeks then 1 week off |             | 2026-05-20       | 2026-05-31       |                  | schedule.no-anchor
1 tablet daily for 3 weeks then 1 week off |             | 2026-05-20       | 2026-05-31       | 2026-05-20 08:00 | schedule.no-anchor
1 tablet every 8 hours for 3 weeks then 1 week off | 2026-05-01 06:00 | 2026-05-01 | 2026-05-02 |                 | schedule.cycle
2 drops every 4 hours while awake     | 2026-05-01 06:00 | 2026-05-01       | 2026-05-02       |                  | schedule.waking-hours
1 tablet twice a day                  |                  | 2026-03-28       | 2026-03-30       |                  | 28/03 08:00, 28/03 20:00, 29/03 08:00, 29/03 20:00
1 tablet at 01:30                     |                  | 2026-03-28       | 2026-03-31       |                  | 28/03 01:30, 29/03 02:30, 30/03 01:30
1 tablet at 01:30 and 02:30           |                  | 2026-03-28       | 2026-03-31       |                  | schedule.clock-change
1 tablet at 01:30                     |                  | 2026-10-24       | 2026-10-27       |                  | 24/10 01:30, 25/10 01:30, 26/10 01:30
1 tablet every 8 hours                | 2026-03-28 22:00 | 2026-03-28       | 2026-03-30       |                  | 28/03 22:00, 29/03 07:00, 29/03 15:00, 29/03 23:00
1 tablet every 8 hours                | 2026-10-24 22:00 | 2026-10-24       | 2026-10-26       |                  | 24/10 22:00, 25/10 05:00, 25/10 13:00, 25/10 21:00
"""  # noqa: E501


def _moment(text: str) -> datetime | date:
    if len(text) > len("2026-05-01"):
        return datetime.fromisoformat(text).replace(tzinfo=LONDON)
    return date.fromisoformat(text)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def _due(dosage: Dosage, begins: str, start: str, end: str, last: str = "") -> str:
    try:
        found = schedule(
            dosage,
            start=_instant(start),
            end=_instant(end),
            clock=SITE,
            begins=_moment(begins) if begins else None,
            last_dose=_instant(last) if last else None,
        )
    except Refused as refused:
        return refused.rule
    assert all(dose.at.tzinfo is UTC for dose in found.due)
    return ", ".join(f"{dose.at.astimezone(LONDON):%d/%m %H:%M}" for dose in found.due)


@pytest.mark.parametrize("row", PLACED.strip().splitlines())
def test_when_each_dose_is_due(row: str) -> None:
    text, begins, start, end, last, expected = (cell.strip() for cell in row.split("|"))
    dosage = read(text).dosage
    assert dosage is not None
    assert _due(dosage, begins, start, end, last) == expected


def _step(tablets: int, repeat: Repeat, *, sequence: int = 1) -> DosageStep:
    dose = DoseAndRate(dose=Quantity(Decimal(tablets), Unit("tablet")))
    return DosageStep(sequence=sequence, timing=Timing(repeat=repeat), doses=(dose,))


def _days(days: int) -> Bounds:
    return Bounds(duration=Quantity(Decimal(days), Unit("day")))


DAILY = Repeat(frequency=1, period=Decimal(1), period_unit=PeriodUnit.DAY)
TWICE = replace(DAILY, frequency=2)
EVERY_12_HOURS = Repeat(frequency=1, period=Decimal(12), period_unit=PeriodUnit.HOUR)
NOW_ONCE = Repeat(count=1)


def _by_step(steps: tuple[DosageStep, ...], begins: str, start: str, end: str) -> str:
    try:
        found = schedule(
            Dosage(steps), start=_instant(start), end=_instant(end), clock=SITE, begins=_moment(begins)
        )
    except Refused as refused:
        return refused.rule
    return ", ".join(f"{dose.at.astimezone(LONDON):%d/%m %H:%M} step {dose.step + 1}" for dose in found.due)


TAPER = (_step(3, replace(DAILY, bounds=_days(2))), _step(2, replace(DAILY, bounds=_days(2)), sequence=2),
         _step(1, DAILY, sequence=3))  # fmt: skip


def test_a_taper_goes_from_step_to_step_without_a_gap() -> None:
    expected = (
        "01/05 08:00 step 1, 02/05 08:00 step 1, 03/05 08:00 step 2, 04/05 08:00 step 2, 05/05 08:00 step 3"
    )
    assert _by_step(TAPER, "2026-05-01", "2026-05-01", "2026-05-06") == expected


def test_a_taper_before_its_open_step_and_without_an_end() -> None:
    assert _by_step(TAPER, "2026-05-01", "2026-05-04", "2026-05-05") == "04/05 08:00 step 2"
    no_end = (_step(2, DAILY), _step(1, DAILY, sequence=2))
    assert _by_step(no_end, "2026-05-01", "2026-05-04", "2026-05-05") == "schedule.next-step"


def test_steps_at_the_same_time() -> None:
    both = (_step(2, DAILY), _step(1, replace(TWICE)))
    expected = "01/05 08:00 step 1, 01/05 08:00 step 2, 01/05 20:00 step 2"
    assert _by_step(both, "2026-05-01", "2026-05-01", "2026-05-02") == expected


@pytest.mark.parametrize(
    ("maintenance", "expected"),
    [
        (EVERY_12_HOURS, "01/05 10:15 step 1, 01/05 22:15 step 2, 02/05 10:15 step 2, 02/05 22:15 step 2"),
        (DAILY, "01/05 10:15 step 1, 02/05 08:00 step 2"),
        (TWICE, "schedule.next-step"),
    ],
)
def test_a_loading_dose_and_then_maintenance(maintenance: Repeat, expected: str) -> None:
    steps = (_step(2, NOW_ONCE), _step(1, maintenance, sequence=2))
    assert _by_step(steps, "2026-05-01 10:15", "2026-05-01", "2026-05-03") == expected


@pytest.mark.parametrize(
    ("repeat", "begins", "expected"),
    [
        (NOW_ONCE, "2026-05-01 10:15", "01/05 10:15"),
        (NOW_ONCE, "2026-05-01", "schedule.no-anchor"),
        (replace(TWICE, count=3), "2026-05-01", "01/05 08:00, 01/05 20:00, 02/05 08:00"),
        (replace(TWICE, count=3), "", "schedule.no-anchor"),
        (replace(EVERY_12_HOURS, count=2), "2026-05-01 09:00", "01/05 09:00, 01/05 21:00"),
        (replace(DAILY, duration=Decimal(3), duration_unit=PeriodUnit.WEEK), "2026-05-01", "schedule.cycle"),
        (replace(DAILY, bounds=Bounds(start="2026-05-02", end="2026-05-03")), "", "02/05 08:00, 03/05 08:00"),
        (replace(DAILY, bounds=Bounds(start="2026-05")), "", "schedule.written-date"),
    ],
)
def test_counts_and_dates(repeat: Repeat, begins: str, expected: str) -> None:
    assert _due(Dosage((_step(1, repeat),)), begins, "2026-05-01", "2026-05-10") == expected


def test_stated_moments() -> None:
    step = replace(
        _step(1, Repeat()), timing=Timing(events=("2026-05-01T09:30:00+01:00", "2026-05-04", "2026-06-01"))
    )
    assert _due(Dosage((step,)), "", "2026-05-01", "2026-05-10") == "01/05 09:30, 04/05 08:00"


def test_an_offset_is_counted_from_the_meal() -> None:
    dosage = read("1 tablet before breakfast").dosage
    assert dosage is not None
    assert dosage.steps[0].repeat is not None
    early = replace(dosage.steps[0].repeat, offset_minutes=30)
    step = replace(dosage.steps[0], text=None, timing=Timing(repeat=early))
    assert _due(Dosage((step,)), "", "2026-05-01", "2026-05-02") == "01/05 07:00"


# instruction | hours between doses, at least | so many times | in so many hours | the most in 24 hours
LIMITS = """
1 or 2 tablets every 4 to 6 hours when required. Max 8 in 24 hours | 4    | 1    | 4    | 8 tablets
1 or 2 tablets every 4 to 6 hours when required                    | 4    | 1    | 4    | 12 tablets
1 tablet three times a day when required                           | None | 3    | 24   | 3 tablets
1 tablet up to 4 times a day when required                         | None | 4    | 24   | 4 tablets
1 tablet when required                                             | None | None | None | None
"""


@pytest.mark.parametrize("row", LIMITS.strip().splitlines())
def test_when_required_has_limits_and_no_instants(row: str) -> None:
    text, hours, times, period, most = (cell.strip() for cell in row.split("|"))
    dosage = read(text).dosage
    assert dosage is not None
    found = schedule(dosage, start=_instant("2026-05-01"), end=_instant("2026-05-02"), clock=SITE)
    assert found.due == ()
    (limits,) = found.when_required
    hour = 3600
    assert str(limits.minimum_interval and limits.minimum_interval.seconds // hour) == hours
    assert str(limits.most_times) == times
    assert str(limits.most_times_in and int(limits.most_times_in.total_seconds()) // hour) == period
    assert str(limits.most_in_24_hours) == most


def test_a_maximum_in_a_week_also_bounds_a_day() -> None:
    top = Ratio(Quantity(Decimal(3), Unit("tablet")), Quantity(Decimal(1), Unit("week")))
    step = replace(_step(1, replace(DAILY, frequency=6)), as_needed=AsNeeded(), max_dose_per_period=top)
    found = schedule(Dosage((step,)), start=_instant("2026-05-01"), end=_instant("2026-05-02"), clock=SITE)
    assert str(found.when_required[0].most_in_24_hours) == "3 tablets"


def test_words_and_structure_that_disagree_are_not_scheduled() -> None:
    step = replace(_step(1, DAILY), text="1 tablet once a week")
    rule = "dosage.text-and-structure-disagree"
    assert _due(Dosage((step,)), "2026-05-01", "2026-05-01", "2026-05-02") == rule
