"""In which order may words stand, and what do they say together?

A state machine over lexemes: each kind of word has one handler, which fills the draft and says where to
go on. A word that no handler can use where it stands is kept as unused. Where a text can be read in two
ways, `TwoWays` stops the reading with a named rule; no handler ever picks one. The handlers stand by their
question: `how_much`, `at_most`, `often`, `how_long`, `how_given`; here are those of marks and joining words.

Source: ours; the refused forms follow NHS England dosage_instructions 506c0d40 (MIT, 2026), rules
CC1-CC13.
"""

from __future__ import annotations

from collections.abc import Callable

from pestle.pharmacy.dosage import at_most, cycles, how_given, how_long, how_much, named_days, often
from pestle.pharmacy.dosage.amounts import TwoWays
from pestle.pharmacy.dosage.cycles import is_pause
from pestle.pharmacy.dosage.dose import Day, PeriodUnit, Repeat, When
from pestle.pharmacy.dosage.draft import BREAKS, Draft, kinds_of
from pestle.pharmacy.dosage.how_much import AMOUNTS
from pestle.pharmacy.dosage.lexicon import SPREAD, Kind
from pestle.pharmacy.dosage.phrases import LATIN_NOTES
from pestle.pharmacy.dosage.rate import Span, times_per_day
from pestle.pharmacy.dosage.remarks import advice_end, harmless_end
from pestle.pharmacy.dosage.tokens import Lexeme


def run(words: list[Lexeme], *, carried_unit: str | None = None, follows: bool = False) -> Draft:
    """Reads all the words. A bare number counts `carried_unit`, that of the step before; the step `follows`
    one dose given at once. Raises `TwoWays`.
    """
    draft = Draft(words, kinds_of(words), carried_unit=carried_unit, follows=follows)
    kinds, clause, sentence, handlers = draft.kinds, draft.clause, draft.sentence, _HANDLERS
    count = len(words)
    index = how_much.name_in_front(draft) if kinds[0] is Kind.UNKNOWN or kinds[2] is Kind.SLASH else 0
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
        raise TwoWays("dosage.minus", "a dash before a number may be a minus")
    return index + 1


def _stop(draft: Draft, index: int) -> int:
    if (
        draft.kind(index - 1) is Kind.NUMBER
        and draft.words[index].glued
        and draft.kind(index + 1) is Kind.NUMBER
    ):
        raise TwoWays("dosage.two-readings", "a full stop between two numbers may be a decimal point")
    return index + 1


def _per(draft: Draft, index: int) -> int:
    """“a tablet” is one of them; any other “a” or “per” begins a period."""
    after = how_much.article(draft, index)
    return often.every(draft, index) if after is None else after


def _stray_times(draft: Draft, index: int) -> int:
    """“qd times for 2 weeks” says nothing by it; “bid times 2 weeks” says how long."""
    if draft.clause and draft.clause[-1] in (Kind.LATIN, Kind.ALTERNATE):
        if draft.kind(index + 1) in AMOUNTS:
            return how_long.length(draft, index)
        if draft.kind(index + 1) in (Kind.FOR, Kind.STOP):
            return index + 1
    return draft.leave(index, index + 1)


def _bracket(draft: Draft, index: int) -> int:
    """A bracket may hold a remark, “(prn)”, the dose or the timing once more; anything else is left."""
    close = index + 1
    while close < len(draft.words) and draft.kind(close) is not Kind.CLOSE:
        close += 1
    inside = draft.words[index + 1 : close]
    if not inside or close == len(draft.words):
        return draft.leave(index, index + 1)
    if _says_nothing(draft, index, inside) or how_much.said_again_in_bracket(draft, index, close):
        return close + 1
    named = inside[-1].kind is Kind.NUMBER and index == 0 and len(inside) > 1
    end = len(inside) - named
    if all(word.kind is Kind.UNKNOWN for word in inside[:end]):
        if named and harmless_end(inside, 0) == end:  # “(amber 2) 1 per day”
            draft.named.append((index, close))
            return close + 1
        return index + 1
    if inside[0].kind in _OPENS or all(word.kind in _BENIGN for word in inside):
        return index + 1
    if all(word.kind in _MOMENTS for word in inside):
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


_OPENS = frozenset({Kind.MAXIMUM, Kind.FOR, Kind.ADVICE, Kind.DIRECTED, Kind.AS_NEEDED, Kind.UP_TO})
_BENIGN = frozenset({Kind.NOTE, Kind.AS_NEEDED, Kind.ROUTE, Kind.REASON, Kind.DIRECTED})
_MOMENTS = frozenset({
    Kind.WHEN, Kind.CLOCK, Kind.AT, Kind.DAY, Kind.DAYS, Kind.SAME_DAY, Kind.ON, Kind.AND, Kind.COMMA,
    Kind.SLASH,
})  # fmt: skip
_SCALE = frozenset({"scale", "score", "level"})


def _says_nothing(draft: Draft, index: int, inside: list[Lexeme]) -> bool:
    """“tablet (s)”, and the pain scale behind a reason: “for mild pain (1-3)”, “(pain scale 4-6)”."""
    before = draft.kind(index - 1) if index else Kind.STOP
    if before in (Kind.UNIT, Kind.PERIOD):
        return len(inside) == 1 and inside[0].text.casefold() in ("s", "es")
    if before is not Kind.REASON:
        return False
    return all(
        word.kind in (Kind.NUMBER, Kind.DASH, Kind.TO, Kind.REASON) or word.text.casefold() in _SCALE
        for word in inside
    )


def _pattern(draft: Draft) -> Repeat:
    return Repeat(
        frequency=draft.frequency, frequency_max=draft.frequency_max, period=draft.period,
        period_max=draft.period_max, period_unit=draft.period_unit,
    )  # fmt: skip


def _close(draft: Draft, index: int) -> int:
    return index + 1 if Kind.OPEN in draft.sentence else draft.leave(index, index + 1)


def _and(draft: Draft, index: int) -> int:
    """“and” may join two moments, two days or two notes; anything else would be a second instruction."""
    after = draft.kind(index + 1)
    before = draft.kind(index - 1)
    moments = frozenset({Kind.WHEN, Kind.AT, Kind.CLOCK})
    if (before is Kind.ADVICE and after is Kind.VERB) or is_pause(draft.kinds, index + 1):
        return index + 1
    if after is Kind.MAXIMUM or after is Kind.ADVICE or how_given.goes_on(draft, index + 1):
        return index + 1
    if how_given.renews(draft, index + 1):
        return index + 2
    if before in moments and after in moments:
        return index + 1
    if before is Kind.NOTE and _goes_on_from_note(draft, index):
        return index + 1
    if after is Kind.NOTE and before in _BEFORE_A_NOTE:
        return index + 1
    if after in AMOUNTS or after in (Kind.VERB, Kind.AS_NEEDED, Kind.THEN, Kind.UP_TO, Kind.WHEN):
        raise TwoWays("dosage.more-than-one-instruction", "“and” joins two instructions")
    return draft.leave(index, index + 1)


def _goes_on_from_note(draft: Draft, index: int) -> bool:
    """“qds ac & hs” is before meals and at bedtime; “apply liberally and as often as required”."""
    after, word = draft.kind(index + 1), draft.words[index - 1].text.casefold()
    if after is Kind.WHEN and word in LATIN_NOTES and draft.frequency == 4:
        draft.notes.pop()
        draft.when.append(When.BEFORE_MEAL if word == "ac" else When.AFTER_MEAL)
        return True
    return after is Kind.AS_NEEDED and draft.verb in SPREAD and not draft.is_timed() and draft.dose is None


_BEFORE_A_NOTE = frozenset({Kind.NOTE, Kind.VERB, Kind.PASSIVE})


def _except(draft: Draft, index: int) -> int:
    """“daily except Sunday”: on all the other days; “daily, except 2 on Sundays” is two steps."""
    if index == 0 and (draft.kind(1) in AMOUNTS or draft.kind(1) is Kind.VERB):
        draft.excepted = True
        draft.clause.clear()
        return 1
    if draft.period != 1 or draft.period_unit is not PeriodUnit.DAY or draft.days:
        return draft.leave(index, index + 1)
    after = named_days.days(draft, index + 1)
    if not draft.days:
        return draft.leave(index, after)
    draft.days[:] = [day for day in Day if day not in draft.days]
    draft.every_week = True
    return after


def _other_days(draft: Draft, index: int) -> int:
    """“all other days”: those that the steps beside it do not name."""
    if draft.days or draft.other_days:
        return draft.leave(index, index + 1)
    draft.other_days = True
    return index + 1


def _change(draft: Draft, index: int) -> int:
    """“reduce by 5 mg” without a step before it; “titrate”, which says neither by how much nor how far."""
    if draft.words[index].value:
        raise TwoWays("dosage.change-without-start", "how much it changes is said, and not from what")
    raise TwoWays("dosage.change-without-end", "it says that it changes, and not by how much or how far")


def _after(draft: Draft, index: int) -> int:
    """“then 1 after 4 hours”: one dose, so long after the one that is given at once."""
    found = draft.amount(index + 1)
    timed = found is not None and found[0].unit is None and draft.kind(found[1]) is Kind.PERIOD
    end = found[1] + 1 if found is not None and timed else index + 1
    return how_given.later(draft, index) or draft.leave(index, end)


def _then(draft: Draft, index: int) -> int:
    if is_pause(draft.kinds, index + 1):
        return index + 1
    raise TwoWays("dosage.more-than-one-instruction", "“then” begins a second instruction")


def _again(draft: Draft, index: int) -> int:
    """“then repeat”, which a cycle does anyway; “once, and repeat after 2 weeks”: two doses in all."""
    if draft.cycle is not None:
        return index + 1
    after = index + 1 + (draft.kind(index + 1) in (Kind.IN, Kind.AFTER))
    found = draft.amount(after) if after > index + 1 else None
    if found is None or found[0].unit is not None or draft.kind(found[1]) is not Kind.PERIOD:
        return draft.leave(index, index + 1)
    low, high, end = found[0].low, found[0].high, found[1] + 1
    if draft.dose is None or (draft.clause in ([], [Kind.AND]) and draft.kind(end) is Kind.AS_NEEDED):
        draft.notes.append(" ".join([word.text for word in draft.words[index : end + 1]]))
        return end + 1
    several, unit = draft.period_at(found[1])
    if not draft.now or draft.is_timed() or low is None or low != high or unit in often.SHORT:
        return draft.leave(index, end)
    draft.count = 2
    return often.set_period(draft, low * several, None, unit, end)


_BEFORE_ONLY = frozenset({Kind.PERIOD, Kind.DAY, Kind.DAYS, Kind.WHEN, Kind.LATIN, Kind.COURSE, Kind.ADVERB})


def _only(draft: Draft, index: int) -> int:
    """“for 7 days only”, “on Sundays only”."""
    last = draft.kind(index + 1) in BREAKS or draft.kind(index + 1) is Kind.CLOSE
    said = last and draft.kind(index - 1) in _BEFORE_ONLY and bool(draft.clause)
    return index + 1 if said else draft.leave(index, index + 1)


def _thereafter(draft: Draft, index: int) -> int:
    draft.thereafter = True
    return index + 1


def _at_least(draft: Draft, index: int) -> int:
    """“at least 30 minutes before food”, “at least 4 hours apart”: the note that follows; nothing else."""
    before = len(draft.notes)
    found = draft.amount(index + 1)
    if found is not None and found[0].unit is None:
        after = how_much.of_time(draft, found[0], found[1])
        if after is not None and len(draft.notes) == before + 1:
            draft.notes[-1] = f"at least {draft.notes[-1]}"
            return after
    return draft.leave(index, index + 1)


def _advice(draft: Draft, index: int) -> int:
    """Advice to the end of its sentence; one that could be half of the instruction stands set apart."""
    end = advice_end(draft, index)
    if end is None:
        return draft.leave(index, index + 1)
    draft.notes.append(" ".join([word.text for word in draft.words[index:end]]))
    return end


_HANDLERS: dict[Kind, Callable[[Draft, int], int]] = {
    Kind.NUMBER: how_much.amount, Kind.FRACTION: how_much.amount, Kind.UNIT: how_much.unit,
    Kind.UP_TO: at_most.up_to, Kind.MAXIMUM: at_most.maximum, Kind.OF: how_much.of,
    Kind.VERB: how_given.verb, Kind.PASSIVE: how_given.passive, Kind.OR: how_given.either,
    Kind.ROUTE: how_given.route, Kind.SITE: how_given.site, Kind.IN: how_given.inside,
    Kind.WITH: how_given.inside, Kind.NOTE: how_given.note, Kind.NOW: how_given.now,
    Kind.DIRECTED: how_given.directed, Kind.REASON: how_given.reason, Kind.AS_NEEDED: how_given.as_needed,
    Kind.MULTIPLE: often.multiple, Kind.PER: _per, Kind.EVERY: often.every, Kind.SLASH: often.every,
    Kind.ADVERB: often.adverb, Kind.LATIN: often.latin, Kind.ALTERNATE: often.alternate,
    Kind.SAME_DAY: often.same_day, Kind.WHEN: often.when, Kind.AT: often.clock, Kind.CLOCK: often.clock,
    Kind.ON: named_days.days, Kind.DAY: named_days.days, Kind.DAYS: named_days.days,
    Kind.PERIOD: often.period, Kind.EARLIEST: named_days.earliest, Kind.HALF_HOUR: often.half_hour,
    Kind.FOR: how_long.length, Kind.BY: how_long.length, Kind.COURSE: how_long.course,
    Kind.FROM: how_long.dates, Kind.UNTIL: how_long.dates, Kind.OVER: how_long.over,
    Kind.AND: _and, Kind.THEN: _then, Kind.THEREAFTER: _thereafter, Kind.ADVICE: _advice,
    Kind.AT_LEAST: _at_least, Kind.EXCEPT: _except, Kind.AGAIN: _again,
    Kind.OTHER_DAYS: _other_days, Kind.CHANGE: _change, Kind.AFTER: _after,
    Kind.OFF: cycles.off, Kind.ONLY: _only,
    Kind.COMMA: _skip, Kind.DASH: _dash, Kind.SILENT: _skip, Kind.STOP: _stop, Kind.TIMES: _stray_times,
    Kind.OPEN: _bracket, Kind.CLOSE: _close,
}  # fmt: skip
