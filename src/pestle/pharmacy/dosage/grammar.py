"""In which order may words stand, and what do they say together?

A state machine over lexemes: each kind of word has one handler, which fills the draft and says where to
go on. A word that no handler can use where it stands is kept as unused. Where a text can be read in two
ways, `TwoWays` stops the reading with a named rule; no handler ever picks one.

Source: ours; the refused forms follow NHS England dosage_instructions 506c0d40 (MIT, 2026), rules
CC1-CC13.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from pestle.pharmacy.dosage import often
from pestle.pharmacy.dosage.amounts import Amount, TwoWays
from pestle.pharmacy.dosage.dose import PeriodUnit, Repeat
from pestle.pharmacy.dosage.draft import BREAKS, Draft, kinds_of
from pestle.pharmacy.dosage.lexicon import COUNTED, MASS, Kind
from pestle.pharmacy.dosage.phrases import MEALTIMES
from pestle.pharmacy.dosage.rate import Span, times_per_day
from pestle.pharmacy.dosage.remarks import harmless_end
from pestle.pharmacy.dosage.tokens import Lexeme
from pestle.pharmacy.quantity import Quantity, Ratio, Unit

_AMOUNTS = frozenset({Kind.NUMBER, Kind.FRACTION})
_A_DAY = Quantity(Decimal(1), Unit("day"))


def run(words: list[Lexeme]) -> Draft:
    """Reads all the words. Raises `TwoWays`."""
    draft = Draft(words, kinds_of(words))
    index = 0
    kinds, clause, sentence, handlers = draft.kinds, draft.clause, draft.sentence, _HANDLERS
    count = len(words)
    while index < count:
        kind = kinds[index]
        handler = handlers.get(kind)
        if handler is None:
            index = draft.leave(index, index + 1)
            continue
        index = handler(draft, index)
        if kind is Kind.COMMA or kind is Kind.STOP or kind is Kind.DASH:
            clause.clear()
            if kind is Kind.STOP:
                sentence.clear()
                draft.sentences += 1
        else:
            clause.append(kind)
            sentence.append(kind)
    return draft


def _skip(draft: Draft, index: int) -> int:
    return index + 1


def _dash(draft: Draft, index: int) -> int:
    if draft.kind(index + 1) is Kind.NUMBER and draft.at(index + 1).glued and not draft.words[index].glued:
        raise TwoWays("dosage.two-readings", "a dash before a number may be a minus")
    return index + 1


def _stop(draft: Draft, index: int) -> int:
    if (
        draft.kind(index - 1) is Kind.NUMBER
        and draft.words[index].glued
        and draft.kind(index + 1) is Kind.NUMBER
    ):
        raise TwoWays("dosage.two-readings", "a full stop between two numbers may be a decimal point")
    return index + 1


def _amount(draft: Draft, index: int) -> int:
    found = draft.amount(index)
    if found is None:
        return draft.leave(index, index + 1)
    amount, after = found
    if amount.unit is None:
        following = draft.kind(after)
        if following is Kind.TIMES:
            return _times(draft, amount, after)
        if following is Kind.SLASH and draft.dose is not None and draft.kind(after + 1) is Kind.PERIOD:
            return _times(draft, amount, after - 1)
        if following is Kind.BY and draft.dose is not None and _per(draft, after + 1):
            return _times(draft, amount, after)
        if amount.low is not None and amount.low == amount.high and often.is_offset(draft, after):
            return often.offset(draft, amount.low, after)
    return _dose(draft, amount, index, after)


def _per(draft: Draft, index: int) -> bool:
    kind = draft.kind(index)
    if kind is Kind.ADVERB:
        return True
    return kind in (Kind.SLASH, Kind.PER, Kind.EVERY) and draft.kind(index + 1) is Kind.PERIOD


def _by(draft: Draft, index: int) -> int:
    """“x 5 days”: for so long."""
    return often.length(draft, index)


def _stray_times(draft: Draft, index: int) -> int:
    """“qd times for 2 weeks” says nothing by it; “bid times 2 weeks” says how long."""
    if draft.clause and draft.clause[-1] in (Kind.LATIN, Kind.ALTERNATE):
        if draft.kind(index + 1) in _AMOUNTS:
            return often.length(draft, index)
        if draft.kind(index + 1) in (Kind.FOR, Kind.STOP):
            return index + 1
    return draft.leave(index, index + 1)


def _of(draft: Draft, index: int) -> int:
    """“2 tablets of amoxicillin 500mg”: the medicine's name."""
    dosed = draft.dose is not None and draft.dose.unit in COUNTED and draft.kind(index - 1) is Kind.UNIT
    end = harmless_end(draft.words, index + 1)
    if not dosed or end == index + 1:
        return draft.leave(index, index + 1)
    if (
        draft.kind(end) is Kind.NUMBER
        and draft.kind(end + 1) is Kind.UNIT
        and draft.at(end + 1).value in MASS
    ):
        end += 2
    draft.named = (index + 1, end)
    return end


def _bracket(draft: Draft, index: int) -> int:
    """A bracket may hold a remark, “(prn)”, or the timing once more; anything else is left."""
    close = index + 1
    while close < len(draft.words) and draft.kind(close) is not Kind.CLOSE:
        close += 1
    inside = draft.words[index + 1 : close]
    if not inside or close == len(draft.words):
        return draft.leave(index, index + 1)
    named = inside[-1].kind is Kind.NUMBER and index == 0 and len(inside) > 1
    end = len(inside) - named
    if all(word.kind is Kind.UNKNOWN for word in inside[:end]):
        if named and harmless_end(inside, 0) == end:  # “(amber 2) 1 per day”
            draft.named = (index + 1, close)
            return close + 1
        return index + 1
    if all(word.kind in _BENIGN for word in inside):
        return index + 1
    again = run(inside)
    timing = (again.period, again.period_max, again.period_unit)
    if again == Draft(inside, again.kinds, period=timing[0], period_max=timing[1], period_unit=timing[2],
                      frequency=again.frequency, frequency_max=again.frequency_max, clause=again.clause,
                      sentence=again.sentence):  # fmt: skip
        have, there = times_per_day(_pattern(draft)), times_per_day(_pattern(again))
        if isinstance(have, Span) and have == there:
            return close + 1
    return draft.leave(index, close + 1)


_BENIGN = frozenset({Kind.NOTE, Kind.AS_NEEDED, Kind.ROUTE, Kind.REASON})


def _pattern(draft: Draft) -> Repeat:
    return Repeat(
        frequency=draft.frequency, frequency_max=draft.frequency_max, period=draft.period,
        period_max=draft.period_max, period_unit=draft.period_unit,
    )  # fmt: skip


def _close(draft: Draft, index: int) -> int:
    return index + 1 if Kind.OPEN in draft.sentence else draft.leave(index, index + 1)


def _reason(draft: Draft, index: int) -> int:
    """“prn pain”: the reason right behind “as needed”."""
    if draft.kind(index - 1) is not Kind.AS_NEEDED and not (
        draft.kind(index - 1) in (Kind.DASH, Kind.COMMA, Kind.OPEN)
        and draft.kind(index - 2) is Kind.AS_NEEDED
    ):
        return draft.leave(index, index + 1)
    return often.reasons(draft, index)


def _now(draft: Draft, index: int) -> int:
    """“stat”, “immediately”: once, unless it is said how often."""
    draft.notes.append(str(draft.words[index].value))
    draft.now = True
    return index + 1


def _times(draft: Draft, amount: Amount, index: int) -> int:
    """“3 times”, “2 to 3 times”: a frequency, or after “take” how often in all."""
    if amount.spaced:
        raise TwoWays("dosage.two-readings", "“1 - 2 times” may be 1 at a time, or 1 to 2 times")
    if draft.words[index].glued:
        raise TwoWays("dosage.two-readings", "a number stands in one word with “times”")
    low, high = often.whole(amount.low), often.whole(amount.high)
    return often.set_frequency(draft, low, high, index + 1)


def _up_to(draft: Draft, index: int) -> int:
    """“up to 4 times”, “up to twice”, “up to 2 puffs”: only the upper end is said."""
    after = index + 1
    if draft.kind(after) is Kind.MULTIPLE:
        high = draft.at(after).value
        assert isinstance(high, int)
        return often.set_frequency(draft, None, high, after + 1)
    found = draft.amount(after)
    if found is None or found[0].low != found[0].high:
        return draft.leave(index, after)
    amount, after = found
    if draft.kind(after) is Kind.TIMES and amount.unit is None:
        return often.set_frequency(draft, None, often.whole(amount.high), after + 1)
    dose = draft.dose
    if dose is not None and dose.low == dose.high == 1 and _in_period(draft, after):
        return _maximum(draft, index)
    return _dose(draft, amount.only_up_to(), index, after)


def _dose(draft: Draft, amount: Amount, index: int, after: int) -> int:
    if draft.dose is not None:
        _second_amount(draft, amount)
    clause = draft.clause
    if clause and clause[-1] not in _BEFORE_A_DOSE and clause != [Kind.OPEN]:
        raise TwoWays("dosage.two-readings", "the amount stands where it may belong to two things")
    if amount.unit is None:
        if amount.fraction and draft.kind(after) is Kind.AT and draft.kind(after + 1) is Kind.CLOCK:
            raise TwoWays(
                "dosage.two-readings", "half or a quarter before a time of day may belong to the time"
            )
        draft.bare_number_ends = after
    draft.dose = amount
    return after


_BEFORE_A_DOSE = frozenset({Kind.VERB, Kind.ROUTE, Kind.SITE})


def _second_amount(draft: Draft, amount: Amount) -> None:
    """An amount to supply may stand before the instruction; any other is a second instruction."""
    first = draft.dose
    assert first is not None
    alone = draft.sentences == 1 and draft.verb is None and not draft.left and _nothing_else(draft)
    if alone and first.unit in COUNTED and first.low == first.high and amount.unit in (None, first.unit):
        whole = first.low is not None and first.low == first.low.to_integral_value()
        if whole and first.low is not None and amount.high is not None and first.low >= amount.high:
            draft.supply, draft.dose = first, None
            return
    if draft.sentences or Kind.AND in draft.clause:
        raise TwoWays("dosage.more-than-one-instruction", "two amounts are said, one after the other")
    raise TwoWays("dosage.two-readings", "two amounts are said, and which is the dose is not clear")


def _nothing_else(draft: Draft) -> bool:
    stated = (
        draft.frequency,
        draft.frequency_max,
        draft.count,
        draft.period,
        draft.bounds,
        draft.route,
        draft.site,
    )
    return not (any(stated) or draft.when or draft.times or draft.days or draft.as_needed or draft.notes)


def _verb(draft: Draft, index: int) -> int:
    verb = draft.words[index].text.capitalize()
    if draft.verb is not None:
        if draft.kind(index + 1) in (Kind.MULTIPLE, Kind.NUMBER) and verb == draft.verb == "Take":
            found = draft.amount(index + 1)
            after = index + 2 if draft.kind(index + 1) is Kind.MULTIPLE else found[1] if found else index + 1
            if draft.kind(after) in BREAKS or draft.kind(after) is Kind.TIMES:
                return index + 1
        raise TwoWays("dosage.more-than-one-instruction", "a second thing to do is said")
    if (
        draft.dose is not None
        and (draft.clause or draft.kind(index + 1) not in BREAKS)
        and not _counts(draft, index)
    ):
        raise TwoWays("dosage.two-readings", "the verb stands behind the amount")
    draft.verb = str(draft.words[index].value)
    return index + 1


def _counts(draft: Draft, index: int) -> bool:
    """Whether this is “take once” or “take 3 times”, as the dose-to-text rules print a count."""
    return not draft.clause and draft.kind(index + 1) in (Kind.MULTIPLE, Kind.NUMBER)


def _passive(draft: Draft, index: int) -> int:
    verb = str(draft.words[index].value)
    if draft.verb is not None and draft.verb != verb:
        raise TwoWays("dosage.more-than-one-instruction", "a second thing to do is said")
    draft.verb = verb
    return index + 1


def _and(draft: Draft, index: int) -> int:
    """“and” may join two moments, two days or two notes; anything else would be a second instruction."""
    after = draft.kind(index + 1)
    before = draft.kind(index - 1)
    moments = frozenset({Kind.WHEN, Kind.AT, Kind.CLOCK})
    days = frozenset({Kind.DAY, Kind.DAYS, Kind.ON})
    if after is Kind.MAXIMUM:
        return index + 1
    if (before in moments and after in moments) or (before in days and after in days):
        return index + 1
    if before is Kind.NOTE and after is Kind.NOTE:
        return index + 1
    if after in _AMOUNTS or after in (Kind.VERB, Kind.AS_NEEDED, Kind.THEN, Kind.UP_TO, Kind.WHEN):
        raise TwoWays("dosage.more-than-one-instruction", "“and” joins two instructions")
    return draft.leave(index, index + 1)


def _then(draft: Draft, index: int) -> int:
    raise TwoWays("dosage.more-than-one-instruction", "“then” begins a second instruction")


def _as_needed(draft: Draft, index: int) -> int:
    draft.as_needed = True
    return index + 1


def _in_period(draft: Draft, after: int) -> bool:
    kind = draft.kind(after)
    if kind is Kind.ADVERB:
        return draft.at(after).value == (1, PeriodUnit.DAY)
    return kind in (Kind.IN, Kind.PER, Kind.SLASH)


def _maximum(draft: Draft, index: int) -> int:
    """“Max 8 in 24 hours”, “no more than 8 tablets in a day”, “maximum of 4 puffs per dose”."""
    found = draft.amount(index + 1)
    if found is None or found[0].low is None or found[0].low != found[0].high:
        return draft.leave(index, index + 1)
    amount, after = found
    value = amount.low
    assert value is not None
    word = amount.unit if amount.unit is not None else draft.dose.unit if draft.dose else None
    top = Quantity(value, Unit(word or ""))
    if draft.kind(after) is Kind.PER_DOSE and draft.maximum_dose is None:
        draft.maximum_dose = top
        return after + 1
    if draft.maximum is not None:
        raise TwoWays("dosage.two-readings", "two maximum amounts are said")
    daily = draft.words[index].value == "daily"
    if draft.kind(after) is Kind.ADVERB and draft.at(after).value == (1, PeriodUnit.DAY):
        draft.maximum = Ratio(top, _A_DAY)
        return after + 1
    if daily and draft.kind(after) not in (Kind.IN, Kind.PER, Kind.EVERY, Kind.SLASH):
        draft.maximum = Ratio(top, _A_DAY)
        return after
    if draft.kind(after) not in (Kind.IN, Kind.PER, Kind.EVERY, Kind.SLASH):
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
    draft.maximum = Ratio(top, Quantity(length * several, Unit(unit.name.lower())))
    return after + 1


def _route(draft: Draft, index: int) -> int:
    if draft.route is not None:
        if draft.route.casefold() == draft.words[index].text.casefold():
            return index + 1
        raise TwoWays("dosage.two-readings", "two routes are said")
    draft.route = draft.words[index].text
    return index + 1


def _site(draft: Draft, index: int) -> int:
    if draft.site is not None:
        raise TwoWays("dosage.two-readings", "two places on the body are said")
    draft.site = (
        draft.words[index].text if len(draft.words[index].text) > 2 else str(draft.words[index].value)
    )
    return index + 1


def _note(draft: Draft, index: int) -> int:
    """“with food” also says when."""
    note = str(draft.words[index].value)
    draft.with_food = draft.with_food or note in MEALTIMES
    draft.notes.append(note)
    return index + 1


def _directed(draft: Draft, index: int) -> int:
    draft.directed = True
    draft.notes.append(draft.words[index].text)
    return index + 1


_HANDLERS: dict[Kind, Callable[[Draft, int], int]] = {
    Kind.NUMBER: _amount, Kind.FRACTION: _amount, Kind.VERB: _verb, Kind.PASSIVE: _passive,
    Kind.MULTIPLE: often.multiple, Kind.UP_TO: _up_to, Kind.PER: often.every, Kind.EVERY: often.every,
    Kind.SLASH: often.every,
    Kind.ADVERB: often.adverb, Kind.LATIN: often.latin, Kind.ALTERNATE: often.alternate,
    Kind.SAME_DAY: often.same_day,
    Kind.WHEN: often.when, Kind.AT: often.clock, Kind.CLOCK: often.clock, Kind.ON: often.days,
    Kind.DAY: often.days, Kind.DAYS: often.days,
    Kind.AND: _and, Kind.THEN: _then, Kind.AS_NEEDED: _as_needed, Kind.FOR: often.length,
    Kind.FROM: often.dates,
    Kind.UNTIL: often.dates, Kind.OVER: often.over, Kind.MAXIMUM: _maximum, Kind.ROUTE: _route,
    Kind.SITE: _site,
    Kind.NOTE: _note, Kind.DIRECTED: _directed, Kind.COMMA: _skip, Kind.DASH: _dash, Kind.SILENT: _skip,
    Kind.STOP: _stop, Kind.TIMES: _stray_times, Kind.BY: _by, Kind.OF: _of, Kind.OPEN: _bracket,
    Kind.CLOSE: _close, Kind.REASON: _reason, Kind.NOW: _now,
}  # fmt: skip
