"""A table of what the screen says."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from pestle.pharmacy.record.patient import Gender, NhsNumber
from pestle.web.pages import words

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 7, 9, 11, 0, tzinfo=UTC)  # noon in London, in summer


@pytest.mark.parametrize(
    ("day", "short", "long"),
    [
        (date(2026, 7, 9), "09-Jul-2026", "9 July 2026"),
        (date(1965, 3, 2), "02-Mar-1965", "2 March 1965"),
        (date(2000, 5, 31), "31-May-2000", "31 May 2000"),
        (None, "not recorded", "not recorded"),
    ],
)
def test_a_date(day: date | None, short: str, long: str) -> None:
    assert words.short_date(day) == short
    assert words.long_date(day) == long


def test_a_moment_is_no_date_and_a_moment_without_a_zone_is_no_moment() -> None:
    with pytest.raises(TypeError):
        words.short_date(NOON)
    with pytest.raises(ValueError, match="time zone"):
        words.clock(NOON.replace(tzinfo=None), zone=LONDON)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (NOON, "09-Jul-2026 12:00"),
        (datetime(2026, 7, 8, 23, 0, tzinfo=UTC), "09-Jul-2026 00:00"),  # the day is the site's, not UTC's
        (datetime(2026, 1, 9, 9, 5, tzinfo=UTC), "09-Jan-2026 09:05"),
        (None, "not recorded"),
    ],
)
def test_a_date_and_time(moment: datetime | None, said: str) -> None:
    assert words.date_and_time(moment, zone=LONDON) == said


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (NOON, "today 12:00"),
        (datetime(2026, 7, 9, 22, 59, tzinfo=UTC), "today 23:59"),
        (datetime(2026, 7, 9, 23, 0, tzinfo=UTC), "tomorrow 00:00"),
        (datetime(2026, 7, 8, 8, 30, tzinfo=UTC), "yesterday 09:30"),
        (datetime(2026, 7, 16, 8, 30, tzinfo=UTC), "Thu 16-Jul-2026 09:30"),
    ],
)
def test_a_time_that_is_near(moment: datetime, said: str) -> None:
    assert words.near_time(moment, now=NOON, zone=LONDON) == said


@pytest.mark.parametrize(
    ("elapsed", "said"),
    [
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=25, seconds=59), "25 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=3, minutes=10), "3 h 10 min"),
        (timedelta(hours=47), "1 day"),
        (timedelta(days=2), "2 days"),
        (timedelta(minutes=-5), "0 min"),
    ],
)
def test_a_wait(elapsed: timedelta, said: str) -> None:
    assert words.waiting(NOON - elapsed, now=NOON) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (NhsNumber("9434765919"), "943 476 5919"),
        ("9434765919", "943 476 5919"),
        ("943476591", "943476591"),
        (None, "not known"),
        ("", "not known"),
    ],
)
def test_an_nhs_number(number: NhsNumber | str | None, said: str) -> None:
    assert words.nhs_number_words(number) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (Decimal("0.50"), "0.5"),
        (Decimal("1E+2"), "100"),
        (Decimal("1500"), "1,500"),
        (Decimal("-1234.50"), "-1,234.5"),
        (Decimal("-0.5"), "-0.5"),
        (1000000, "1,000,000"),
        (0, "0"),
    ],
)
def test_an_amount(value: Decimal | int, said: str) -> None:
    assert words.amount(value) == said


def test_a_float_is_no_amount() -> None:
    with pytest.raises(TypeError):
        words.amount(0.1)  # type: ignore[arg-type]


def test_counts_and_genders() -> None:
    assert [words.count(n, "line") for n in (0, 1, 1200)] == ["0 lines", "1 line", "1,200 lines"]
    assert words.count(2, "query", "queries") == "2 queries"
    assert [words.gender_words(gender) for gender in Gender] == ["Male", "Female", "Other", "Not known"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Amoxicillin 500mg capsules", "amoxicillin 500 mg capsules"),
        ("Amoxicillin 250mg/5ml oral suspension", "amoxicillin 250 mg in 5 mL oral suspension"),
        ("Morphine 10mg/ml solution for injection", "morphine 10 mg per mL solution for injection"),
        ("Insulin glargine 100units/ml", "insulin glargine 100 units per mL"),
        ("Co-amoxiclav 250mg/125mg tablets", "co-amoxiclav 250 mg/125 mg tablets"),
        ("Levothyroxine sodium 25microgram tablets", "levothyroxine sodium 25 microgram tablets"),
        ("Beclometasone 100micrograms/dose inhaler", "beclometasone 100 micrograms/dose inhaler"),
        ("Fentanyl 12micrograms/hour transdermal patches", "fentanyl 12 micrograms/hour transdermal patches"),
        ("Amphotericin B 50mg powder", "amphotericin B 50 mg powder"),
        ("Factor VIII 500unit injection", "factor VIII 500 unit injection"),
        ("Carbomer 974P 0.2% eye gel", "carbomer 974P 0.2% eye gel"),
        ("Sodium chloride 0.9% infusion 500ml bags", "sodium chloride 0.9% infusion 500 mL bags"),
        ("Estradiol 1.5mg / Norethisterone 1mg", "estradiol 1.5 mg / norethisterone 1 mg"),
    ],
)
def test_a_medicine(written: str, said: str) -> None:
    assert words.medicine_name(written).replace("\u00a0", " ") == said


def test_no_number_is_parted_from_its_unit() -> None:
    assert words.medicine_name("Amoxicillin 250mg/5ml") == "amoxicillin 250\u00a0mg in 5\u00a0mL"
