"""How does the screen say a date, a time, a wait, a number, a medicine's name?

Pure functions; `web/pages/jinja.py` offers each to templates as a filter under its own name. What is not
known is said in words, never left blank.

Source: NHS Common User Interface guidance (Crown copyright 2013, Open Government Licence): dates
D+Ta-0006 to 0022, times D+Tb-0001 to 0012, NHS number NUM-0001 and 0002, medication line MEDi-002, 014 to
017, 024, 045, 046.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

from pestle.pharmacy.quantity import plain
from pestle.pharmacy.record.patient import Gender, NhsNumber

# English whatever the server's locale: D+Ta-0010 says that the user's regional settings are ignored.
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

NOT_KNOWN = "not known"
NOT_RECORDED = "not recorded"


def short_date(day: date | None) -> str:
    """09-Jul-2026. A moment is refused (TypeError): in which zone would its day be?"""
    if day is None:
        return NOT_RECORDED
    _not_a_moment(day)
    return f"{day.day:02d}-{_MONTHS[day.month - 1][:3]}-{day.year:04d}"


def weekday(day: date | None) -> str:
    """Thu 09-Jul-2026."""
    return NOT_RECORDED if day is None else f"{_DAYS[day.weekday()]} {short_date(day)}"


def long_date(day: date | None) -> str:
    """9 July 2026: for patients, letters and screen readers (D+Ta-0011, 0015)."""
    if day is None:
        return NOT_RECORDED
    _not_a_moment(day)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year:04d}"


def clock(moment: datetime | None, *, zone: tzinfo) -> str:
    """14:05, in `zone`. A moment without a zone of its own raises ValueError."""
    if moment is None:
        return NOT_RECORDED
    local = _local(moment, zone)
    return f"{local.hour:02d}:{local.minute:02d}"


def date_and_time(moment: datetime | None, *, zone: tzinfo) -> str:
    """09-Jul-2026 14:05, in `zone`."""
    if moment is None:
        return NOT_RECORDED
    return f"{short_date(_local(moment, zone).date())} {clock(moment, zone=zone)}"


def near_time(moment: datetime | None, *, now: datetime, zone: tzinfo) -> str:
    """today 12:00, tomorrow 09:30, yesterday 17:05; any other day Thu 09-Jul-2026 12:00."""
    if moment is None:
        return NOT_RECORDED
    day, today = _local(moment, zone).date(), _local(now, zone).date()
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((day - today).days)
    return f"{near or f'{_DAYS[day.weekday()]} {short_date(day)}'} {clock(moment, zone=zone)}"


def waiting(since: datetime | None, *, now: datetime) -> str:
    """25 min, 3 h 10 min, 2 days: elapsed time, rounded down, so that nobody seems to have waited longer.

    A start that lies ahead (a clock that differs) counts as 0 min.
    """
    if since is None:
        return NOT_KNOWN
    minutes = max(now - since, timedelta(0)) // timedelta(minutes=1)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    return count(minutes // (24 * 60), "day")


def nhs_number_words(number: NhsNumber | str | None) -> str:
    """943 476 5919. Text that has not ten digits is shown as it is: it is evidence, not ours to tidy."""
    if number is None or number == "":
        return NOT_KNOWN
    digits = str(number).replace(" ", "")
    if len(digits) != 10 or not digits.isdecimal():
        return str(number)
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}"


def gender_words(gender: Gender) -> str:
    """Female, Male, Other, Not known."""
    return "Not known" if gender is Gender.UNKNOWN else gender.value.capitalize()


def amount(value: Decimal | int) -> str:
    """0.5, 12, 1,500: a leading zero, no trailing one, commas from a thousand up (MEDi-015 to 017)."""
    if isinstance(value, float):
        raise TypeError("an amount is a Decimal or a whole number, never a float")
    return plain(Decimal(value))


def count(number: int, one: str, many: str | None = None) -> str:
    """1 line, 2 lines, 1,200 lines; `many` where adding an s would be wrong."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


_UNIT = r"(?:kg|g|mg|micrograms?|nanograms?|mmol|units?|ml|mL|litres?|hours?|dose|cm|mm)"
_VOLUME = re.compile(r"(?<=[a-z])\s?/\s?(\d[\d.,]*)\s?m[lL]\b")
_PER_VOLUME = re.compile(r"(?<=[a-z])\s?/\s?m[lL]\b")
_GLUED = re.compile(rf"(\d)\s?({_UNIT})\b")


def medicine_name(name: str) -> str:
    """A dictionary name as the medication line says it: amoxicillin 250 mg in 5 mL oral solution.

    Words lose their capital (MEDi-002), but not acronyms, single letters or mixed case: amphotericin B,
    factor VIII. A number is tied to its unit by a space that does not break; "/5ml" becomes "in 5 mL" and
    "/ml" becomes "per mL" (MEDi-045, 046). Nothing is shortened. Two strengths keep their stroke.
    """
    text = " ".join(_lower_word(word) for word in name.split())
    text = _VOLUME.sub(" in \\1\u00a0mL", text)
    text = _PER_VOLUME.sub(" per mL", text)
    text = _GLUED.sub("\\1\u00a0\\2", text)
    return re.sub(r"(?<=\d\u00a0)ml\b", "mL", text)


def _lower_word(word: str) -> str:
    parts = re.split(r"([-/+(])", word)
    return "".join(part.lower() if len(part) > 1 and part[:1].isupper() and part[1:].islower() else part
                   for part in parts)  # fmt: skip


def _not_a_moment(day: date) -> None:
    if isinstance(day, datetime):
        raise TypeError("a date is wanted here; for a moment use clock or date_and_time")


def _local(moment: datetime, zone: tzinfo) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be shown")
    return moment.astimezone(zone)
