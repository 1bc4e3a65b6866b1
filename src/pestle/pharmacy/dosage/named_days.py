"""Which days do the words name: of the week, or of the course?

Each function reads the words that begin at `index`, fills the draft and returns where to go on.
"""

from __future__ import annotations

from pestle.pharmacy.dosage.amounts import TwoWays, whole
from pestle.pharmacy.dosage.dose import Day, PeriodUnit
from pestle.pharmacy.dosage.draft import Draft
from pestle.pharmacy.dosage.lexicon import Kind


def day_numbers(draft: Draft, index: int) -> int | None:
    """“day 1”, “days 2-5”, “days 2 to 5”: which days of the course; None where no such number stands."""
    if draft.kind(index) is not Kind.PERIOD or draft.at(index).value != (1, PeriodUnit.DAY):
        return None
    found = draft.amount(index + 1)
    if found is None or found[0].unit is not None:
        return None
    (low, high, *_), after = found
    return _set_day_numbers(draft, whole(low) or 0, whole(high) or 0, after)


def earliest(draft: Draft, index: int) -> int:
    """“on the first day”, “today”, “tomorrow”."""
    stated = draft.words[index].value
    assert isinstance(stated, tuple)
    first, last = stated
    return _set_day_numbers(draft, first, last, index + 1)


def _set_day_numbers(draft: Draft, first: int, last: int, after: int) -> int:
    if draft.day_numbers is not None or draft.bounds is not None:
        raise TwoWays("dosage.two-readings", "two lengths of treatment are said")
    draft.day_numbers = first, last
    return after


def days(draft: Draft, index: int) -> int:
    """“on Mondays”, “every Monday”, “Mon, Wed and Fri”, “Monday to Friday”, “on weekdays”, “on day 1”."""
    at = index + 1 if draft.kind(index) is Kind.ON else index
    numbered = day_numbers(draft, at)
    if numbered is not None:
        return numbered
    if draft.kind(at) not in _DAYS:
        return draft.leave(index, index + 1)
    every_week = draft.kind(index - 1) is Kind.EVERY or draft.kind(at) is Kind.DAYS
    _add_days(draft, at)
    after = at + 1
    while True:
        link = draft.kind(after)
        if link in (Kind.TO, Kind.DASH) and draft.kind(after + 1) in _DAYS:
            _add_days(draft, after + 1, through=True)
            after += 2
            continue
        following = after
        while draft.kind(following) in _BETWEEN_DAYS:
            following += 1
        if draft.kind(following) not in _DAYS:
            break
        every_week = every_week or draft.kind(following) is Kind.DAYS
        _add_days(draft, following)
        after = following + 1
    draft.every_week = draft.every_week or every_week or len(draft.days) > 1
    return after


_DAYS = frozenset({Kind.DAY, Kind.DAYS})
_BETWEEN_DAYS = frozenset({Kind.COMMA, Kind.AND, Kind.SLASH, Kind.ON, Kind.EVERY})
_WEEK = tuple(Day)


def _add_days(draft: Draft, index: int, *, through: bool = False) -> None:
    value = draft.at(index).value
    new = [day for day in (value if isinstance(value, tuple) else (value,)) if isinstance(day, Day)]
    if through:
        first, last = _WEEK.index(draft.days[-1]), _WEEK.index(new[0])
        if last <= first:
            raise TwoWays("dosage.range-reversed", "the days of the week run from the later to the earlier")
        new = list(_WEEK[first + 1 : last + 1])
    if not set(new).isdisjoint(draft.days):
        raise TwoWays("dosage.two-readings", "the same day of the week is said twice")
    draft.days.extend(new)
