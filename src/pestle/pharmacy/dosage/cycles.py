"""On which days of every so many, and on which not?

Read: “3 weeks on, 1 week off”, “for 21 days then 7 days off”, “on days 1 to 21 of a 28 day cycle”. Each
function reads the words that begin at `index`, fills the draft and returns where to go on.
"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.dosage.amounts import TwoWays, whole
from pestle.pharmacy.dosage.dose import Cycle, PeriodUnit
from pestle.pharmacy.dosage.draft import Draft
from pestle.pharmacy.dosage.lexicon import Kind

_DAYS = {(1, PeriodUnit.DAY): 1, (1, PeriodUnit.WEEK): 7}


def on_and_off(draft: Draft, many: Decimal, index: int) -> int | None:
    """“3 weeks on”, “7 days off”; None where neither stands. `index` is at the unit of time."""
    each, kind = _DAYS.get(draft.period_at(index)), draft.kind(index + 1)
    if kind is Kind.ON and draft.period_at(index) == (1, PeriodUnit.HOUR):
        return _hours_on_and_off(draft, many, index)
    if each is None or kind not in (Kind.ON, Kind.OFF):
        return None
    days = (whole(many) or 0) * each
    if kind is Kind.ON:
        if draft.days_on is not None or draft.bounds is not None:
            raise TwoWays("dosage.two-readings", "two lengths of treatment are said")
        draft.days_on = days
        short = index + 2 + (draft.kind(index + 2) in (Kind.AND, Kind.COMMA, Kind.SLASH))
        if draft.kind(short) is Kind.NUMBER and draft.kind(short + 1) is Kind.OFF:  # “3 weeks on, 1 off”
            off = draft.at(short).value
            assert isinstance(off, Decimal)
            draft.cycle = Cycle(days, days + (whole(off) or 0) * each)
            return short + 2
        return index + 2
    on = _days_on(draft)
    if on is None:
        return None
    draft.cycle = Cycle(on, on + days)
    return index + 2


def _hours_on_and_off(draft: Draft, many: Decimal, index: int) -> int | None:
    """“12 hours on, 12 hours off”: how long a patch stays on each day, as a note."""
    at = index + 2
    while draft.kind(at) in (Kind.AND, Kind.COMMA, Kind.SLASH):
        at += 1
    off = draft.at(at).value
    after = at + 1 + (draft.kind(at + 1) is Kind.PERIOD)
    if draft.kind(at) is not Kind.NUMBER or draft.kind(after) is not Kind.OFF:
        return None
    assert isinstance(off, Decimal)
    if many + off != 24:
        return None
    draft.notes.append(" ".join([word.text for word in draft.words[index - 1 : after + 1]]))
    return after + 1


def off(draft: Draft, index: int) -> int:
    """“for 21 days, off for 7 days”: the pause behind the days on."""
    at = index + 1 + (draft.kind(index + 1) is Kind.FOR)
    found = draft.amount(at)
    if found is not None and found[0].unit is None and draft.kind(found[1]) is Kind.PERIOD:
        each, many = _DAYS.get(draft.period_at(found[1])), found[0].low
        days = _days_on(draft) if each and many is not None and many == found[0].high else None
        if days is not None and each is not None:
            draft.cycle = Cycle(days, days + (whole(many) or 0) * each)
            return found[1] + 1
    return draft.leave(index, index + 1)


def of_a_cycle(draft: Draft, index: int) -> int | None:
    """“of a 28 day cycle”, “of each 28 day cycle”; None where these words do not stand."""
    at = index + 1 + (draft.kind(index + 1) in (Kind.PER, Kind.EVERY))
    found = draft.amount(at)
    if found is None or found[0].unit is not None or found[0].low != found[0].high:
        return None
    unit = found[1] + (draft.kind(found[1]) is Kind.DASH)
    each = _DAYS.get(draft.period_at(unit)) if draft.kind(unit) is Kind.PERIOD else None
    if each is None or draft.kind(unit + 1) is not Kind.CYCLE:
        return None
    on, days = _days_on(draft), (whole(found[0].low) or 0) * each
    if on is None or on >= days:
        raise TwoWays("dosage.two-readings", "the days on and the days of the cycle do not match")
    draft.cycle = Cycle(on, days)
    return unit + 2


def _days_on(draft: Draft) -> int | None:
    """The days on that are said: as such, as the first days of a course, or as its length."""
    if draft.cycle is not None:
        return None
    if draft.days_on is not None:
        return draft.days_on
    if draft.day_numbers is not None and draft.day_numbers[0] == 1:
        last = draft.day_numbers[1]
        draft.day_numbers = None
        return last
    length = draft.bounds.duration if draft.bounds else None
    each = {"day": 1, "week": 7}.get(length.unit.text) if length else None
    if length is None or each is None:
        return None
    draft.bounds = None
    return (whole(length.value) or 0) * each


def is_pause(kinds: list[Kind], index: int) -> bool:
    """Whether “7 days off”, “a 7 day break” or “1 week off” stands there."""
    index += kinds[index] is Kind.PER
    unit = index + 1 + (kinds[index + 1] is Kind.DASH)
    return kinds[index] is Kind.NUMBER and kinds[unit] is Kind.PERIOD and kinds[unit + 1] is Kind.OFF
