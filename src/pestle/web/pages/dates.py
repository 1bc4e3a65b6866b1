"""Which day did somebody type?"""

from __future__ import annotations

from datetime import date

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
