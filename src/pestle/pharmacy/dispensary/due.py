"""By when has this prescription been promised?

A site's own promise, not law: short courses are wanted soon, repeats are ordered ahead.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from pestle.pharmacy.record.medication import CourseOfTherapy

ACUTE = timedelta(hours=2)
REPEAT = timedelta(days=2)
EVENING = time(18)


def due_at(*, received_at: datetime, courses: Iterable[CourseOfTherapy]) -> datetime:
    """When the prescription is due (UTC): by its most urgent line."""
    acute = any(course is CourseOfTherapy.ACUTE for course in courses)
    return received_at + (ACUTE if acute else REPEAT)


def promised_by(day: date, *, zone: tzinfo) -> datetime:
    """Until when what is promised for a day is not late (UTC): the evening of that day at the site."""
    return datetime.combine(day, EVENING, zone).astimezone(UTC)
