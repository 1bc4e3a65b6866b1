"""How much, and how often, at most?

Each function reads the words that begin at `index`, fills the draft and returns where to go on.

Source: ours; the refused forms follow NHS England dosage_instructions 506c0d40 (MIT, 2026), rules CC1-CC13.
"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.dosage import often
from pestle.pharmacy.dosage.amounts import TwoWays, whole
from pestle.pharmacy.dosage.dose import PeriodUnit
from pestle.pharmacy.dosage.draft import Draft
from pestle.pharmacy.dosage.how_much import dose
from pestle.pharmacy.dosage.lexicon import Kind
from pestle.pharmacy.quantity import Quantity, Ratio, Unit

_A_DAY = Quantity(Decimal(1), Unit("day"))
_DAILY = (1, PeriodUnit.DAY)


def up_to(draft: Draft, index: int) -> int:
    """“up to 4 times”, “up to twice”, “up to tds”, “up to 2 puffs”: only the upper end is said."""
    after = index + 1
    most = _most_times(draft, after)
    if most is not None:
        return most
    found = draft.amount(after)
    if found is None or found[0].low != found[0].high:
        return draft.leave(index, after)
    amount, after = found
    stated = draft.dose
    if amount.unit == "dose" and stated is not None and draft.period_unit is PeriodUnit.MINUTE:
        draft.count, draft.count_max = 1, whole(amount.high)  # “every 5 minutes up to 3 doses”
        return after
    single = stated is not None and stated.low == stated.high == 1
    if stated is not None and _in_period(draft, after) and (draft.as_needed or single):
        return maximum(draft, index)
    return dose(draft, amount.only_up_to(), index, after)


def _most_times(draft: Draft, index: int) -> int | None:
    """“4 times a day”, “twice daily”, “tds” as the most: of a pattern in hours it is a maximum of doses."""
    kind = draft.kind(index)
    if kind is Kind.MULTIPLE or kind is Kind.LATIN:
        value = draft.at(index).value
        times, after = (value[0] if isinstance(value, tuple) else value), index + 1
    else:
        found = draft.amount(index)
        if found is None or found[0].low != found[0].high or found[0].unit is not None:
            return None
        if draft.kind(found[1]) is not Kind.TIMES:
            return None
        times, after = whole(found[0].high), found[1] + 1
    assert isinstance(times, int)
    if draft.period is not None and draft.period_unit in often.SHORT and draft.maximum is None:
        end = after if kind is Kind.LATIN else after + 1 if _is_daily(draft, after) else after + 2
        if kind is not Kind.LATIN and not (_is_daily(draft, after) or _is_a_day(draft, after)):
            return None
        draft.maximum = Ratio(Quantity(Decimal(times), Unit("dose")), _A_DAY)
        return end
    after = often.set_frequency(draft, None, times, after)
    return often.set_period(draft, Decimal(1), None, PeriodUnit.DAY, after) if kind is Kind.LATIN else after


def _in_period(draft: Draft, after: int) -> bool:
    if draft.kind(after) is Kind.ADVERB:
        return draft.at(after).value == _DAILY
    return draft.kind(after) in (Kind.IN, Kind.PER, Kind.SLASH)


def maximum(draft: Draft, index: int) -> int:
    """“Max 8 in 24 hours”, “no more than 8 tablets in a day”, “max tds”, “maximum of 4 puffs per dose”."""
    top = _over_hours(draft, index + 1)
    if top is not None:
        _set_maximum(draft, *top)
        return index + 5
    most = _most_times(draft, index + 1)
    if most is not None:
        return most
    found = draft.amount(index + 1)
    if found is None or found[0].low is None or found[0].low != found[0].high:
        return draft.leave(index, index + 1)
    amount, after = found
    value = amount.low
    assert value is not None
    word = amount.unit if amount.unit is not None else draft.dose.unit if draft.dose else None
    amount_at_most = Quantity(value, Unit(word or ""))
    if draft.kind(after) is Kind.PER_DOSE and draft.maximum_dose is None:
        draft.maximum_dose = amount_at_most
        return after + 1
    length, after = _in_which_time(draft, after, daily=draft.words[index].value == "daily")
    _set_maximum(draft, amount_at_most, length)
    return after


def _over_hours(draft: Draft, index: int) -> tuple[Quantity, Quantity] | None:
    """“8/24h”: eight in 24 hours."""
    pattern = [Kind.NUMBER, Kind.SLASH, Kind.NUMBER, Kind.PERIOD]
    if draft.kinds[index : index + 4] != pattern or draft.period_at(index + 3) != (1, PeriodUnit.HOUR):
        return None
    many, hours = draft.at(index).value, draft.at(index + 2).value
    assert isinstance(many, Decimal)
    assert isinstance(hours, Decimal)
    word = draft.dose.unit if draft.dose else None
    return Quantity(many, Unit(word or "")), Quantity(hours, Unit("hour"))


def _set_maximum(draft: Draft, top: Quantity, length: Quantity) -> None:
    stated = Ratio(top, length)
    if draft.maximum is not None and draft.maximum != stated:
        raise TwoWays("dosage.two-readings", "two maximum amounts are said")
    draft.maximum = stated


def _in_which_time(draft: Draft, after: int, *, daily: bool) -> tuple[Quantity, int]:
    if _is_daily(draft, after):
        return _A_DAY, after + 1
    if draft.kind(after) not in (Kind.IN, Kind.PER, Kind.EVERY, Kind.SLASH):
        if daily:
            return _A_DAY, after
        raise TwoWays("dosage.maximum-without-period", "a maximum is said, but not in which time")
    after += 1
    length = Decimal(1)
    if draft.kind(after) is Kind.PER:
        after += 1
    elif (number := draft.amount(after)) and number[0].low is not None and number[0].low == number[0].high:
        length, after = number[0].low, number[1]
    if draft.kind(after) is not Kind.PERIOD or length <= 0:
        raise TwoWays("dosage.maximum-without-period", "a maximum is said, but not in which time")
    several, unit = draft.period_at(after)
    after += 1
    after += draft.at(after).text.casefold() == "period"  # “in any 24 hour period”
    return Quantity(length * several, Unit(unit.name.lower())), after


def _is_daily(draft: Draft, index: int) -> bool:
    return draft.kind(index) is Kind.ADVERB and draft.at(index).value == _DAILY


def _is_a_day(draft: Draft, index: int) -> bool:
    per = draft.kind(index) in (Kind.PER, Kind.EVERY, Kind.SLASH)
    return per and draft.kind(index + 1) is Kind.PERIOD and draft.at(index + 1).value == _DAILY
