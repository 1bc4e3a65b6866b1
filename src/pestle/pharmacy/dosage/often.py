"""How often, when and for how long: the words of time in an instruction.

Each function reads the words that begin at `index`, fills the draft and returns where to go on.
"""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

from pestle.pharmacy.dosage.amounts import TwoWays
from pestle.pharmacy.dosage.dose import Bounds, Day, PeriodUnit, When
from pestle.pharmacy.dosage.draft import BREAKS, Draft
from pestle.pharmacy.dosage.lexicon import Kind
from pestle.pharmacy.dosage.remarks import harmless_end
from pestle.pharmacy.quantity import Quantity, Range, Unit

_ONE = Decimal(1)
_SHORT = frozenset({PeriodUnit.MINUTE, PeriodUnit.HOUR})
_LONG = frozenset({PeriodUnit.WEEK, PeriodUnit.MONTH, PeriodUnit.YEAR})
_AROUND = frozenset({
    When.BEFORE_MEAL, When.BEFORE_BREAKFAST, When.BEFORE_LUNCH, When.BEFORE_DINNER, When.AFTER_MEAL,
    When.AFTER_BREAKFAST, When.AFTER_LUNCH, When.AFTER_DINNER, When.BEFORE_SLEEP,
})  # fmt: skip
_BEFORE_BED = frozenset({"before sleep", "before bed", "before bedtime", "before going to bed"})


def whole(value: Decimal | None) -> int | None:
    """A number of times; raises for what is none."""
    if value is None:
        return None
    if value != value.to_integral_value() or value < 1 or value > 1000:
        raise TwoWays("dosage.two-readings", f"“{value} times” is no number of times")
    return int(value)


def multiple(draft: Draft, index: int) -> int:
    """“once”, “twice”, “once or twice”."""
    low = draft.words[index].value
    assert isinstance(low, int)
    high, after = low, index + 1
    if draft.kind(after) in (Kind.OR, Kind.TO) and draft.kind(after + 1) is Kind.MULTIPLE:
        top = draft.at(after + 1).value
        assert isinstance(top, int)
        high, after = top, after + 2
        if high < low:
            raise TwoWays("dosage.range-reversed", "the number of times runs from the higher to the lower")
    return set_frequency(draft, low, high, after)


def set_frequency(draft: Draft, low: int | None, high: int | None, after: int) -> int:
    """Says how often, once."""
    periodless = draft.kind(after) in BREAKS
    if draft.clause == [Kind.VERB] and draft.verb == "Take" and periodless and draft.sentence != draft.clause:
        draft.count, draft.count_max = low, high if high != low else None
        return after
    if draft.frequency is not None or draft.frequency_max is not None or draft.count is not None:
        raise TwoWays("dosage.two-readings", "how often is said twice")
    if draft.period is not None:
        raise TwoWays("dosage.two-readings", "a number of times follows a period that stands for itself")
    draft.frequency = low
    draft.frequency_max = high if high != low else None
    return after


def every(draft: Draft, index: int) -> int:
    """“every day”, “a day”, “/ day”, “every 4 to 6 hours”, “every other day”, “every Monday”."""
    after = index + 1
    each = draft.kind(index) is Kind.EVERY
    if draft.kind(after) is Kind.OTHER:
        if draft.kind(after + 1) is not Kind.PERIOD or draft.period_at(after + 1)[0] != 1:
            raise TwoWays("dosage.two-readings", "“every other” is not followed by day or week")
        return _set_period(draft, Decimal(2), None, draft.period_at(after + 1)[1], after + 2)
    if draft.kind(after) is Kind.PERIOD:
        length, unit = draft.period_at(after)
        if is_offset(draft, after):
            return offset(draft, _ONE, after)
        if draft.clause and draft.clause[-1] in (Kind.FOR, Kind.BY) and unit in _LONG:
            raise TwoWays(
                "dosage.two-readings", "so many days of each week or month are no length of treatment"
            )
        return _set_period(draft, Decimal(length), None, unit, after + 1)
    if each and draft.kind(after) in (Kind.DAY, Kind.DAYS):
        return days(draft, after)
    amount = draft.amount(after) if draft.words[index].text.casefold() not in ("a", "an", "/") else None
    if amount and amount[0].unit is None and draft.kind(amount[1]) in (Kind.PERIOD, Kind.ADVERB):
        (stated, after), word = amount, draft.at(amount[1])
        length, unit = draft.period_at(after)
        hourly = word.kind is Kind.ADVERB and unit is PeriodUnit.HOUR
        if length != 1 or stated.spaced or (word.kind is Kind.ADVERB and not hourly):
            raise TwoWays("dosage.two-readings", "the period can be read in two ways")
        if stated.low is None or stated.high is None:
            return draft.leave(index, after + 1)
        return _set_period(
            draft, stated.low, None if stated.high == stated.low else stated.high, unit, after + 1
        )
    return draft.leave(index, index + 1)


def adverb(draft: Draft, index: int) -> int:
    """“daily”, “weekly”; behind a bare number it may be the number's period."""
    length, unit = draft.period_at(index)
    before = index - 1 if draft.kind(index - 1) is Kind.DASH else index
    if draft.bare_number_ends == before and draft.dose is not None:
        one = draft.dose.low == draft.dose.high == 1 and before == index
        if not one or unit in (PeriodUnit.HOUR, PeriodUnit.MINUTE):
            word = draft.words[index].text
            raise TwoWays("dosage.two-readings", f"a number before “{word}” may be how many or how often")
    return _set_period(draft, Decimal(length), None, unit, index + 1)


def latin(draft: Draft, index: int) -> int:
    """“bd”, “tds”: so many times a day. “od” is also the right eye."""
    times, unit = draft.period_at(index)
    if draft.words[index].text.casefold() == "od" and draft.dose and draft.dose.unit == "drop":
        raise TwoWays("dosage.two-readings", "“od” after drops may be once a day, or the right eye")
    set_frequency(draft, times, times, index + 1)
    return _set_period(draft, _ONE, None, unit, index + 1)


def alternate(draft: Draft, index: int) -> int:
    """“on alternate days”, “q4-6h”."""
    value = draft.words[index].value
    assert isinstance(value, tuple)
    low, high, unit = value
    if high is not None and high < low:
        raise TwoWays("dosage.range-reversed", "the period runs from the longer to the shorter")
    return _set_period(draft, Decimal(low), high, unit, index + 1)


def same_day(draft: Draft, index: int) -> int:
    """“on the same day each week”: weekly, and nothing else."""
    if draft.period is None:
        if draft.words[index].value == "bare":
            return draft.leave(index, index + 1)
        _set_period(draft, _ONE, None, PeriodUnit.WEEK, index)
    elif (draft.period, draft.period_unit) != (Decimal(1), PeriodUnit.WEEK) or draft.every_week:
        raise TwoWays("dosage.two-readings", "a day of each week is said, and another period")
    draft.every_week = True
    draft.notes.append(draft.words[index].text)
    return index + 1


def _set_period(draft: Draft, low: Decimal, high: Decimal | None, unit: PeriodUnit, after: int) -> int:
    if draft.period is not None:
        raise TwoWays("dosage.two-readings", "two periods are said")
    if low <= 0:
        raise TwoWays("dosage.two-readings", "the period is not more than nothing")
    draft.period, draft.period_max, draft.period_unit = low, high, unit
    once = draft.frequency is None and draft.frequency_max is None
    if once and (low != 1 or high is not None):
        draft.frequency = 1
    return after


def is_offset(draft: Draft, index: int) -> bool:
    """Whether the period at that place is how long before or after a meal: “30 minutes before breakfast”."""
    if draft.kind(index) is not Kind.PERIOD or draft.period_at(index)[1] not in _SHORT:
        return False
    following = draft.at(index + 1)
    if following.kind is not Kind.WHEN:
        return False
    return following.value in _AROUND and (
        following.value is not When.BEFORE_SLEEP or following.text.casefold() in _BEFORE_BED
    )


def offset(draft: Draft, many: Decimal, index: int) -> int:
    """So many minutes or hours before or after the moment that follows."""
    minutes = many * (60 if draft.period_at(index)[1] is PeriodUnit.HOUR else 1)
    if draft.offset is not None or draft.when or minutes != minutes.to_integral_value():
        raise TwoWays("dosage.two-readings", "how long before or after which moment is not clear")
    draft.offset = int(minutes)
    return when(draft, index + 1)


def when(draft: Draft, index: int) -> int:
    """A moment of the day."""
    when = draft.words[index].value
    assert isinstance(when, When)
    if when in draft.when:
        raise TwoWays("dosage.two-readings", "the same moment of the day is said twice")
    draft.when.append(when)
    return index + 1


def clock(draft: Draft, index: int) -> int:
    """A time of day behind “at”, and those that follow it: “at 08:00, 12:00 and 20:00”."""
    at = index if draft.kind(index) is Kind.CLOCK else index + 1
    if draft.kind(at) is not Kind.CLOCK:
        return draft.leave(index, at)
    if at == index and not draft.times:
        return draft.leave(index, index + 1)
    moment = draft.at(at).value
    assert isinstance(moment, time)
    if moment in draft.times:
        raise TwoWays("dosage.two-readings", "the same time of day is said twice")
    draft.times.append(moment)
    return at + 1


def days(draft: Draft, index: int) -> int:
    """“on Mondays”, “every Monday”, and the days that follow in a list."""
    at = index + 1 if draft.kind(index) is Kind.ON else index
    day = draft.at(at)
    if not isinstance(day.value, Day) or (
        at == index and not draft.days and draft.kind(index - 1) is not Kind.EVERY
    ):
        return draft.leave(index, index + 1)
    if day.value in draft.days:
        raise TwoWays("dosage.two-readings", "the same day of the week is said twice")
    if day.kind is Kind.DAYS or draft.kind(at - 1) is Kind.EVERY:
        draft.every_week = True
    draft.days.append(day.value)
    return at + 1


def length(draft: Draft, index: int) -> int:
    """“for 10 days”, “for up to 2 weeks”, “x 5 days”, “for 5/7”, “for pain”."""
    after = index + 1
    while draft.kind(after) is Kind.FOR:
        after += 1
    kind = draft.kind(after)
    if draft.kind(index) is Kind.FOR:
        if kind is Kind.REASON:
            return reasons(draft, after)
        if kind is Kind.UNKNOWN:
            end = harmless_end(draft.words, after)
            if end > after:
                draft.reasons.append(" ".join(word.text for word in draft.words[after:end]))
                return end
    if kind is Kind.COURSE:
        stated = draft.at(after).value
        assert isinstance(stated, tuple)
        many, several, unit = stated
        return _set_length(draft, many * several, None, unit, after + 1)
    limit = kind if kind is Kind.UP_TO or kind is Kind.AT_LEAST else None
    start = after + 1 if limit else after
    if draft.kind(start) is Kind.PER and draft.kind(start + 1) is Kind.PERIOD:
        low: Decimal | None = _ONE
        high, spaced, end = low, False, start + 1
    else:
        found = draft.amount(start)
        if found is None or found[0].unit is not None or draft.kind(found[1]) is not Kind.PERIOD:
            return draft.leave(index, after)
        amount, end = found
        low, high, spaced = amount.low, amount.high, amount.spaced
    several, unit = draft.period_at(end)
    if spaced or low is None or high is None:
        raise TwoWays("dosage.two-readings", "the length may be of one use or of the treatment")
    if limit:
        return _set_length(draft, low * several, limit, unit, end + 1)
    return _set_length(draft, low * several, None, unit, end + 1, high * several)


def _set_length(
    draft: Draft, low: Decimal, limit: Kind | None, unit: PeriodUnit, after: int, high: Decimal | None = None
) -> int:
    if draft.bounds is not None:
        raise TwoWays("dosage.two-readings", "two lengths of treatment are said")
    word = _LENGTHS.get(unit)
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


_LENGTHS = {
    PeriodUnit.DAY: Unit("day"), PeriodUnit.WEEK: Unit("week"), PeriodUnit.MONTH: Unit("month"),
    PeriodUnit.YEAR: Unit("year"),
}  # fmt: skip


def reasons(draft: Draft, after: int) -> int:
    """“pain”, “pain and fever”, “nausea/vomiting”."""
    draft.reasons.append(draft.at(after).text)
    while draft.kind(after + 1) in _LISTED and draft.kind(after + 2) is Kind.REASON:
        draft.reasons.append(draft.at(after + 2).text)
        after += 2
    return after + 1


_LISTED = frozenset({Kind.AND, Kind.COMMA, Kind.OR, Kind.SLASH})


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
