"""Which day, or which moment, did somebody type?"""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from pestle.pharmacy.refusal import refuse


def day_of(text: str, *, place: str) -> date:
    """A day as a date field posts it (2026-11-30). Raises `Refused` (``day.unreadable``) naming `place`."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise refuse("day.unreadable", f"“{text}” is no day such as 2026-11-30", place=place) from None


def day_or_none(text: str, *, place: str) -> date | None:
    """The same; None where nothing was typed."""
    return day_of(text, place=place) if text.strip() else None


def moment_of(text: str, place: str, *, zone: tzinfo) -> datetime | None:
    """A moment in that zone as a field of date and time posts it; None where it is empty. Raises `Refused`
    (``day.unreadable``) naming `place`."""
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=zone)
    except ValueError:
        raise refuse("day.unreadable", f"“{text}” is no moment such as 2026-11-30T17:00",
                     place=place) from None  # fmt: skip


def in_field(moment: datetime, *, zone: tzinfo) -> str:
    """A moment as the value of such a field."""
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"
