"""For how long, from when to when, and over how long is it given?

Each function reads the words that begin at `index`, fills the draft and returns where to go on.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pestle.pharmacy.dosage.amounts import Amount, TwoWays, whole
from pestle.pharmacy.dosage.cycles import on_and_off
from pestle.pharmacy.dosage.dose import Bounds, PeriodUnit
from pestle.pharmacy.dosage.draft import BREAKS, Draft
from pestle.pharmacy.dosage.how_given import reasons
from pestle.pharmacy.dosage.lexicon import Kind
from pestle.pharmacy.dosage.remarks import harmless_end
from pestle.pharmacy.quantity import Quantity, Range, Unit

_ONE = Decimal(1)
# What may stand behind a length that has no “for” before it: “1 bd 5 days”.
ENDS_A_LENGTH = BREAKS | {Kind.CLOSE, Kind.NOTE, Kind.AS_NEEDED, Kind.FOR, Kind.THEN, Kind.ADVICE}


def length(draft: Draft, index: int) -> int:
    """“for 10 days”, “for up to 2 weeks”, “x 5 days”, “for 5/7”, “for pain”."""
    after = index + 1
    while draft.kind(after) is Kind.FOR:
        after += 1
    kind = draft.kind(after)
    if draft.kind(index) is Kind.FOR:
        if kind is Kind.EARLIEST:
            return after
        if kind is Kind.REASON:
            return reasons(draft, after)
        if kind is Kind.UNKNOWN:
            end = harmless_end(draft.words, after)
            end += draft.kind(end) is Kind.REASON  # “for your heart”
            if end > after:
                draft.reasons.append(" ".join(word.text for word in draft.words[after:end]))
                return end
    if kind is Kind.COURSE:
        stated = draft.at(after).value
        assert isinstance(stated, tuple)
        many, several, unit = stated
        return _set_length(draft, many * several, None, unit, after + 1)
    limit = kind if kind is Kind.UP_TO or kind is Kind.AT_LEAST else None
    if kind is Kind.MAXIMUM and draft.kind(index) is Kind.FOR:
        limit = Kind.UP_TO
    start = after + 1 if limit else after
    if draft.kind(start) is Kind.PER and draft.kind(start + 1) is Kind.PERIOD:
        low: Decimal | None = _ONE
        high, spaced, end = low, False, start + 1
    else:
        found = draft.amount(start)
        if found is not None and found[0].unit == "dose" and found[0].low == found[0].high and not limit:
            return _set_count(draft, found[0].low, found[1])
        if found is None or found[0].unit is not None or draft.kind(found[1]) is not Kind.PERIOD:
            return _so_many(draft, index, found) or draft.leave(index, after)
        amount, end = found
        low, high, spaced = amount.low, amount.high, amount.spaced
    if draft.kind(end + 1) is Kind.ON and limit is None and low is not None and low == high:
        cycled = on_and_off(draft, low, end)
        if cycled is not None:
            return cycled
    several, unit = draft.period_at(end)
    if spaced or low is None or high is None:
        raise TwoWays("dosage.two-readings", "the length may be of one use or of the treatment")
    if limit:
        return _set_length(draft, low * several, limit, unit, end + 1)
    return _set_length(draft, low * several, None, unit, end + 1, high * several)


def _so_many(draft: Draft, index: int, found: tuple[Amount, int] | None) -> int | None:
    """“2 tablets x1”, “every 5 minutes x 3”: how many doses in all; None where it is not that."""
    if draft.kind(index) is not Kind.BY or found is None or draft.dose is None:
        return None
    (low, high, unit, *_), after = found
    if unit is not None or low != high or draft.kind(after) not in _ENDS_A_COUNT:
        return None
    minutes = draft.period_unit is PeriodUnit.MINUTE
    return _set_count(draft, low, after) if minutes or (low == 1 and not draft.is_timed()) else None


_ENDS_A_COUNT = ENDS_A_LENGTH | {Kind.NOW, Kind.AS_NEEDED}


def _set_length(
    draft: Draft, low: Decimal, limit: Kind | None, unit: PeriodUnit, after: int, high: Decimal | None = None
) -> int:
    if draft.bounds is not None:
        raise TwoWays("dosage.two-readings", "two lengths of treatment are said")
    word = LENGTHS.get(unit)
    if unit is PeriodUnit.HOUR and _outlasts_a_dose(draft, low):
        word = Unit("hour")
    if word is None:
        raise TwoWays("dosage.two-readings", "the length may be of one use or of the treatment")
    least = Quantity(low, word)
    if limit is not None:
        draft.bounds = Bounds(
            range=Range(None if limit is Kind.UP_TO else least, None if limit is Kind.AT_LEAST else least)
        )
    elif high is None or high == low:
        draft.bounds = Bounds(duration=least)
    else:
        draft.bounds = Bounds(range=Range(least, Quantity(high, word)))
    return after


def _outlasts_a_dose(draft: Draft, hours: Decimal) -> bool:
    """“every 2 hours for 48 hours”: longer than from one dose to the next, so no length of one use."""
    often = draft.frequency_max or draft.frequency or 1
    each = {PeriodUnit.HOUR: 1, PeriodUnit.DAY: 24}.get(draft.period_unit or PeriodUnit.WEEK)
    longest = draft.period_max or draft.period
    return each is not None and longest is not None and hours >= 24 and hours * often > longest * each


LENGTHS = {
    PeriodUnit.DAY: Unit("day"), PeriodUnit.WEEK: Unit("week"), PeriodUnit.MONTH: Unit("month"),
    PeriodUnit.YEAR: Unit("year"),
}  # fmt: skip


def _set_count(draft: Draft, many: Decimal | None, after: int) -> int:
    """“for 1 dose”: how many in all."""
    if draft.period is not None and draft.count is None:
        draft.count = whole(many)
        return after
    once = draft.frequency in (None, many) and many == 1
    if draft.count is not None or not (once or draft.frequency is None):
        raise TwoWays("dosage.two-readings", "how often is said twice")
    draft.frequency, draft.count = None, whole(many)
    return after


def bare_length(draft: Draft, amount: Amount, index: int) -> int:
    """“1 bd 5 days”: a length without “for”, behind how often; `index` is at its unit of time."""
    if amount.spaced or amount.low is None or amount.high is None:
        raise TwoWays("dosage.two-readings", "the length may be of one use or of the treatment")
    several, unit = draft.period_at(index)
    return _set_length(draft, amount.low * several, None, unit, index + 1, amount.high * several)


def course(draft: Draft, index: int) -> int:
    """“1 tds 5/7”: five days, behind how often."""
    if not draft.is_timed():
        return draft.leave(index, index + 1)
    value = draft.words[index].value
    assert isinstance(value, tuple)
    many, several, unit = value
    return _set_length(draft, many * several, None, unit, index + 1)


def dates(draft: Draft, index: int) -> int:
    """“from 24/06/2021 to 24/07/2021”, “until 24/07/2021”: day before month, as in the UK."""
    if draft.kind(index + 1) is not Kind.DATE or draft.bounds is not None:
        return draft.leave(index, index + 1)
    first, after = _date(draft, index + 1), index + 2
    if draft.kind(index) is Kind.UNTIL:
        draft.bounds = Bounds(end=first)
        return after
    last = None
    if draft.kind(after) in (Kind.TO, Kind.UNTIL) and draft.kind(after + 1) is Kind.DATE:
        last, after = _date(draft, after + 1), after + 2
        if last < first:
            raise TwoWays("dosage.range-reversed", "the last date is before the first")
    draft.bounds = Bounds(start=first, end=last)
    return after


def _date(draft: Draft, index: int) -> str:
    written = str(draft.words[index].value)
    try:
        date.fromisoformat(written)
    except ValueError:
        raise TwoWays("dosage.two-readings", f"“{draft.words[index].text}” is no date") from None
    return written


def over(draft: Draft, index: int) -> int:
    """“over 30 minutes”: how long one dose takes."""
    found = draft.amount(index + 1)
    if found is None or found[0].unit is not None or found[0].low != found[0].high:
        return draft.leave(index, index + 1)
    amount, after = found
    if draft.kind(after) is not Kind.PERIOD or draft.over is not None:
        return draft.leave(index, after)
    _, unit = draft.period_at(after)
    if unit not in (PeriodUnit.MINUTE, PeriodUnit.HOUR):
        return draft.leave(index, after + 1)
    draft.over, draft.over_unit = amount, unit
    return after + 1
