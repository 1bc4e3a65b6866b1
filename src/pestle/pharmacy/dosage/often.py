"""How often and at which moments: the words of frequency, period and time of day in an instruction.

Each function reads the words that begin at `index`, fills the draft and returns where to go on.
"""

from __future__ import annotations

from datetime import time
from decimal import Decimal

from pestle.pharmacy.dosage import named_days
from pestle.pharmacy.dosage.amounts import TwoWays, whole
from pestle.pharmacy.dosage.dose import PeriodUnit, When
from pestle.pharmacy.dosage.draft import BREAKS, Draft
from pestle.pharmacy.dosage.lexicon import Kind
from pestle.pharmacy.dosage.phrases import says_when

_ONE = Decimal(1)
SHORT = frozenset({PeriodUnit.MINUTE, PeriodUnit.HOUR})
_LONG = frozenset({PeriodUnit.WEEK, PeriodUnit.MONTH, PeriodUnit.YEAR})
_AROUND = frozenset({
    When.BEFORE_MEAL, When.BEFORE_BREAKFAST, When.BEFORE_LUNCH, When.BEFORE_DINNER, When.AFTER_MEAL,
    When.AFTER_BREAKFAST, When.AFTER_LUNCH, When.AFTER_DINNER, When.BEFORE_SLEEP,
})  # fmt: skip
# Moments that say more exactly when the first one is: “in the morning before breakfast” is one moment.
_REFINES = {
    When.MORNING: frozenset({When.EARLY_MORNING, When.UPON_WAKING, When.BREAKFAST, When.BEFORE_BREAKFAST,
                             When.AFTER_BREAKFAST}),
    When.NOON: frozenset({When.LUNCH, When.BEFORE_LUNCH, When.AFTER_LUNCH}),
    When.EVENING: frozenset({When.DINNER, When.BEFORE_DINNER, When.AFTER_DINNER, When.BEFORE_SLEEP}),
    When.NIGHT: frozenset({When.BEFORE_SLEEP}),
}  # fmt: skip
_OFTEN = frozenset({
    Kind.LATIN, Kind.ADVERB, Kind.MULTIPLE, Kind.TIMES, Kind.EVERY, Kind.WHEN, Kind.ALTERNATE,
})  # fmt: skip
_BEFORE_BED = frozenset({"before sleep", "before bed", "before bedtime", "before going to bed"})


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
        again = (low, high if high != low else None) == (draft.frequency, draft.frequency_max)
        if again and draft.period is not None and _period_there(draft, after) == _period_of(draft):
            return after  # “bid twice a day”; the period behind it is said again too
        raise TwoWays("dosage.two-readings", "how often is said twice")
    if draft.period is not None:
        raise TwoWays("dosage.two-readings", "a number of times follows a period that stands for itself")
    draft.frequency = low
    draft.frequency_max = high if high != low else None
    return after


def _period_of(draft: Draft) -> tuple[object, ...]:
    return draft.period, draft.period_max, draft.period_unit


def _period_there(draft: Draft, index: int) -> tuple[object, ...] | None:
    """The plain period at that place, “a day” or “daily”; None for any other words."""
    at = index + (draft.kind(index) in (Kind.PER, Kind.EVERY, Kind.SLASH))
    if draft.kind(at) is not (Kind.ADVERB if at == index else Kind.PERIOD):
        return None
    length, unit = draft.period_at(at)
    return Decimal(length), None, unit


def days_a_week(draft: Draft, days: Decimal, index: int) -> int:
    """“5 days a week”: once on each of them. `index` is at the word for days."""
    at = index + 2
    each_week = draft.kind(at) is Kind.PERIOD and draft.at(at).value == (1, PeriodUnit.WEEK)
    daily = draft.frequency in (None, 1) and draft.frequency_max is None and not draft.when
    once = _period_of(draft) in ((None, None, None), (_ONE, None, PeriodUnit.DAY))
    if draft.at(index).value != (1, PeriodUnit.DAY) or not (each_week and daily and once and 1 <= days < 7):
        raise TwoWays(
            "dosage.two-readings", "on so many days of each week or month, and how often is not clear"
        )
    draft.frequency, draft.period, draft.period_unit = whole(days), _ONE, PeriodUnit.WEEK
    return at + 1


def period(draft: Draft, index: int) -> int:
    """“3 times day” without the “a”, and “day 1”, “days 2-5”; any other bare unit of time is left."""
    if draft.kind(index - 1) in (Kind.TIMES, Kind.MULTIPLE, Kind.BY) and draft.clause:
        length, unit = draft.period_at(index)
        return set_period(draft, Decimal(length), None, unit, index + 1)
    return named_days.day_numbers(draft, index) or draft.leave(index, index + 1)


def every(draft: Draft, index: int) -> int:
    """“every day”, “a day”, “/ day”, “every 4 to 6 hours”, “every other day”, “every Monday”."""
    after = index + 1
    each = draft.kind(index) is Kind.EVERY
    if draft.kind(after) is Kind.ORDINAL or _is_ordinal(draft, after):
        return _every_nth(draft, after)
    if draft.kind(after) is Kind.OTHER:
        if draft.kind(after + 1) is Kind.WHEN:
            set_period(draft, Decimal(2), None, PeriodUnit.DAY, after)
            return when(draft, after + 1)
        if draft.kind(after + 1) is not Kind.PERIOD or draft.period_at(after + 1)[0] != 1:
            raise TwoWays("dosage.two-readings", "“every other” is not followed by day or week")
        return set_period(draft, Decimal(2), None, draft.period_at(after + 1)[1], after + 2)
    if draft.kind(after) is Kind.PERIOD:
        length, unit = draft.period_at(after)
        if is_offset(draft, after):
            return offset(draft, _ONE, after)
        if draft.clause and draft.clause[-1] in (Kind.FOR, Kind.BY) and unit in _LONG:
            raise TwoWays(
                "dosage.two-readings", "so many days of each week or month are no length of treatment"
            )
        return set_period(draft, Decimal(length), None, unit, after + 1)
    if each and draft.kind(after) in (Kind.DAY, Kind.DAYS):
        return named_days.days(draft, after)
    if each and draft.kind(after) is Kind.COURSE:  # “every 3/12”
        stated = draft.at(after).value
        assert isinstance(stated, tuple)
        return set_period(draft, stated[0] * stated[1], None, stated[2], after + 1)
    amount = draft.amount(after) if draft.words[index].text.casefold() not in ("a", "an", "/") else None
    if amount and amount[0].unit is None and draft.kind(amount[1]) in (Kind.PERIOD, Kind.ADVERB):
        (stated, after), word = amount, draft.at(amount[1])
        length, unit = draft.period_at(after)
        hourly = word.kind is Kind.ADVERB and unit is PeriodUnit.HOUR
        if length != 1 or stated.spaced or (word.kind is Kind.ADVERB and not hourly):
            raise TwoWays("dosage.two-readings", "the period can be read in two ways")
        if stated.low is None or stated.high is None:
            return draft.leave(index, after + 1)
        return set_period(
            draft, stated.low, None if stated.high == stated.low else stated.high, unit, after + 1
        )
    return draft.leave(index, index + 1)


def _is_ordinal(draft: Draft, index: int) -> bool:
    """“3rd”: a number with its ending in one word."""
    ending = draft.at(index + 1)
    return (
        draft.kind(index) is Kind.NUMBER
        and ending.glued
        and ending.text.casefold() in ("st", "nd", "rd", "th")
    )


def _every_nth(draft: Draft, index: int) -> int:
    """“every third day”, “every 3rd day”."""
    value, after = draft.at(index).value, index + 1 + (draft.kind(index) is Kind.NUMBER)
    if draft.kind(after) is Kind.WHEN:
        set_period(draft, Decimal(str(value)), None, PeriodUnit.DAY, after)
        return when(draft, after)
    if draft.kind(after) is not Kind.PERIOD or draft.period_at(after)[0] != 1:
        return draft.leave(index, after)
    return set_period(draft, Decimal(str(value)), None, draft.period_at(after)[1], after + 1)


def adverb(draft: Draft, index: int) -> int:
    """“daily”, “weekly”; behind a bare number it may be the number's period."""
    length, unit = draft.period_at(index)
    before = index - 1 if draft.kind(index - 1) is Kind.DASH else index
    if draft.bare_number_ends == before and draft.dose is not None:
        dose = draft.dose.high
        part = dose is not None and dose != dose.to_integral_value() and draft.dose.low == dose
        one = draft.dose.low == draft.dose.high == 1 and before == index
        if not (one or part) or unit in (PeriodUnit.HOUR, PeriodUnit.MINUTE):
            word = draft.words[index].text
            raise TwoWays("dosage.two-readings", f"a number before “{word}” may be how many or how often")
    return set_period(draft, Decimal(length), None, unit, index + 1)


def latin(draft: Draft, index: int) -> int:
    """“bd”, “tds”: so many times a day. “od” is the right eye where another word says how often."""
    times, unit = draft.period_at(index)
    if draft.words[index].text.casefold() == "od" and draft.dose and draft.dose.unit == "drop":
        if draft.site is None and any(kind in _OFTEN for kind in draft.kinds[index + 1 : len(draft.words)]):
            draft.site = "right eye"
            return index + 1
        raise TwoWays("dosage.two-readings", "“od” after drops may be once a day, or the right eye")
    if (draft.frequency, draft.frequency_max, *_period_of(draft)) == (times, None, _ONE, None, unit):
        return index + 1  # “twice a day bd”
    set_frequency(draft, times, times, index + 1)
    return set_period(draft, _ONE, None, unit, index + 1)


def alternate(draft: Draft, index: int) -> int:
    """“on alternate days”, “q4-6h”."""
    value = draft.words[index].value
    if isinstance(value, When):
        draft.when.append(value)
        value = 2, None, PeriodUnit.DAY
    assert isinstance(value, tuple)
    low, high, unit = value
    if high is not None and high < low:
        raise TwoWays("dosage.range-reversed", "the period runs from the longer to the shorter")
    once_daily = (*_period_of(draft), draft.frequency_max) == (_ONE, None, PeriodUnit.DAY, None)
    if once_daily and draft.frequency in (None, 1) and (low, unit) == (2, PeriodUnit.DAY):
        draft.frequency, draft.period = 1, None  # “once daily on alternate days”
    return set_period(draft, Decimal(low), high, unit, index + 1)


_A_WEEK = ((Decimal(1), None, PeriodUnit.WEEK), (Decimal(7), None, PeriodUnit.DAY))


def same_day(draft: Draft, index: int) -> int:
    """“on the same day each week”: weekly, and nothing else."""
    if draft.period is None:
        if draft.words[index].value == "bare":
            return draft.leave(index, index + 1)
        set_period(draft, _ONE, None, PeriodUnit.WEEK, index)
    elif _period_of(draft) not in _A_WEEK or draft.every_week:
        raise TwoWays("dosage.two-readings", "a day of each week is said, and another period")
    draft.every_week = True
    draft.notes.append(draft.words[index].text)
    return index + 1


def set_period(draft: Draft, low: Decimal, high: Decimal | None, unit: PeriodUnit, after: int) -> int:
    if draft.period is not None:
        if (low, high, unit) == _period_of(draft):
            return after  # “once daily every day”
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
    if draft.kind(index) is not Kind.PERIOD or draft.period_at(index)[1] not in SHORT:
        return False
    following = draft.at(index + 1)
    if following.kind is Kind.NOTE:
        return str(following.value).startswith(("before ", "after ", "prior to "))
    if following.kind is not Kind.WHEN:
        return False
    return following.value in _AROUND and (
        following.value is not When.BEFORE_SLEEP or following.text.casefold() in _BEFORE_BED
    )


def offset(draft: Draft, many: Decimal, index: int) -> int:
    """So many minutes or hours before or after the moment that follows."""
    if draft.kind(index + 1) is Kind.NOTE:
        return _offset_note(draft, many, index)
    minutes = many * (60 if draft.period_at(index)[1] is PeriodUnit.HOUR else 1)
    return _set_offset(draft, minutes, index + 1)


def half_hour(draft: Draft, index: int) -> int:
    """“half an hour before breakfast”, “half an hour before food”."""
    following = draft.at(index + 1)
    if following.kind is Kind.WHEN and following.value in _AROUND:
        return _set_offset(draft, Decimal(30), index + 1)
    if following.kind is Kind.NOTE:
        return _add_note(draft, f"half an hour {following.value}", index + 1)
    return draft.leave(index, index + 1)


def _offset_note(draft: Draft, many: Decimal, index: int) -> int:
    unit = draft.period_at(index)[1].name.lower()
    words = f"{many.normalize():f} {unit}{'' if many == 1 else 's'} {draft.at(index + 1).value}"
    return _add_note(draft, words, index + 1)


def _add_note(draft: Draft, words: str, index: int) -> int:
    draft.with_food = draft.with_food or says_when(str(draft.at(index).value))
    draft.notes.append(words)
    return index + 1


def _set_offset(draft: Draft, minutes: Decimal, index: int) -> int:
    refined = len(draft.when) == 1 and draft.at(index).value in _REFINES.get(draft.when[0], ())
    if draft.offset is not None or (draft.when and not refined) or minutes != minutes.to_integral_value():
        raise TwoWays("dosage.two-readings", "how long before or after which moment is not clear")
    draft.offset = int(minutes)
    if refined:
        draft.when.clear()
    return when(draft, index)


def when(draft: Draft, index: int) -> int:
    """A moment of the day."""
    when = draft.words[index].value
    assert isinstance(when, When)
    beside = draft.kind(index - 1) is Kind.WHEN and bool(draft.when)
    if beside and (when == draft.when[-1] or draft.when[-1] in _REFINES.get(when, ())):
        return index + 1
    if beside and when in _REFINES.get(draft.when[-1], ()):
        draft.when[-1] = when
        return index + 1
    if when in draft.when:
        raise TwoWays("dosage.two-readings", "the same moment of the day is said twice")
    draft.when.append(when)
    return index + 1


def clock(draft: Draft, index: int) -> int:
    """A time of day behind “at”, and those that follow it: “at 08:00, 12:00 and 20:00”."""
    at = index if draft.kind(index) is Kind.CLOCK else index + 1
    if draft.kind(at) is not Kind.CLOCK:
        return _four_digits(draft, at) or draft.leave(index, at)
    if at == index and not draft.times and draft.kind(index - 1) is not Kind.OPEN:
        return draft.leave(index, index + 1)
    moment = draft.at(at).value
    assert isinstance(moment, time)
    if moment in draft.times:
        raise TwoWays("dosage.two-readings", "the same time of day is said twice")
    draft.times.append(moment)
    return at + 1


def _four_digits(draft: Draft, index: int) -> int | None:
    """“at 0800 and 2000”; None where no four figures of a time stand."""
    word = draft.at(index)
    if draft.kind(index) is not Kind.NUMBER or len(word.text) != 4 or not word.text.isdigit():
        return None
    hour, minute = int(word.text[:2]), int(word.text[2:])
    if hour > 23 or minute > 59 or time(hour, minute) in draft.times:
        return None
    draft.times.append(time(hour, minute))
    after = index + 1
    joined = after + (draft.kind(after) in (Kind.AND, Kind.COMMA))
    return (_four_digits(draft, joined) if joined > after else None) or after
