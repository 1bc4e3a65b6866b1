"""By when has this prescription been promised?

A site's own promise, not law: short courses are wanted soon, repeats are ordered ahead.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from pestle.pharmacy.record.medication import CourseOfTherapy

ACUTE = timedelta(hours=2)
REPEAT = timedelta(days=2)


def due_at(*, received_at: datetime, courses: Iterable[CourseOfTherapy]) -> datetime:
    """When the prescription is due (UTC): by its most urgent line."""
    acute = any(course is CourseOfTherapy.ACUTE for course in courses)
    return received_at + (ACUTE if acute else REPEAT)
