"""Was what was signed collected, by what the service has told the practice of it?

A message tells of each item that it was dispensed, or not. Where none came the practice does not know, and
silence is never taken for *not collected*.
"""

from __future__ import annotations

from datetime import date
from enum import Enum

from pestle.pharmacy.criteria.span import Span


class Told(Enum):
    """What the last message said of an item. The value is stored and shown."""

    NOTHING = ""
    DISPENSED = "dispensed"
    PARTLY = "partly dispensed"
    OWING = "owing"
    WAITS = "with the pharmacy"
    NOT_DISPENSED = "not dispensed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class Collected(Enum):
    """What is known of an item. The value is shown."""

    YES = "dispensed"
    NO = "not collected"
    NOT_KNOWN = "not known to be collected"
    TOO_SOON = "too soon to say"
    CANCELLED = "cancelled"


NOT_COLLECTED = frozenset({Told.NOT_DISPENSED, Told.EXPIRED})
_KNOWN = {
    Told.DISPENSED: Collected.YES,
    Told.CANCELLED: Collected.CANCELLED,
    **dict.fromkeys(NOT_COLLECTED, Collected.NO),
}
# Of these something more is to come, or nothing came at all.
NOT_FINAL = frozenset(Told) - frozenset(_KNOWN)


def collected(told: Told, *, signed_on: date, on: date, not_heard_after: Span) -> Collected:
    """What is known on a day of an item that was signed on another. Of one that is still owing or with the
    pharmacy it is not known either, once the time has gone by."""
    if told in _KNOWN:
        return _KNOWN[told]
    return Collected.NOT_KNOWN if signed_on < not_heard_after.before(on) else Collected.TOO_SOON
