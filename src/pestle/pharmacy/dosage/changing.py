"""Which steps does a dose run through that goes up or down by so much, every so often?

“30 mg daily for 5 days then reduce by 5 mg every 3 days until stopped” is six steps: 30 mg for five days,
then 25, 20, 15, 10 and 5 mg for three days each. The start, the change, how often and where it ends must all
be said, and the changes must come out exactly at the end; anything else is refused by a named rule, as the
plan is then a person's to write.

Rules: ``dosage.change-without-start``, ``dosage.change-without-end``, ``dosage.change-does-not-end``,
``dosage.two-readings``, ``dosage.more-than-one-instruction``. Source: ours.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from pestle.pharmacy.dosage.amounts import Amount, TwoWays, amount_at
from pestle.pharmacy.dosage.dose import Bounds, PeriodUnit
from pestle.pharmacy.dosage.draft import Draft, kinds_of
from pestle.pharmacy.dosage.grammar import run
from pestle.pharmacy.dosage.how_long import LENGTHS
from pestle.pharmacy.dosage.lexicon import Kind
from pestle.pharmacy.dosage.rate import MEALS
from pestle.pharmacy.dosage.tokens import Lexeme
from pestle.pharmacy.quantity import Quantity

# Ten weeks by a milligram from 70 mg; more is no plan that a label can carry.
_MOST_STEPS = 40
_USED_UP = ("until finished", "until gone", "until complete", "until all gone", "till finished", "till gone",
            "until completed", "until all finished")  # fmt: skip
_UNTIL = frozenset({Kind.TO, Kind.UNTIL})
_REACHED = ("taking", "reaching", "on", "you", "reach", "are")
_BEFORE_THE_END = frozenset({Kind.VERB, Kind.PASSIVE, Kind.PER, Kind.SILENT})


class Change(NamedTuple):
    """By `by` (less than nothing: down) after every `lasts`, to `end`: the last dose, or none."""

    by: Decimal
    lasts: Bounds
    end: Decimal
    later: bool
    rest: list[Lexeme]
    stops: bool


def is_change(words: list[Lexeme]) -> bool:
    """Whether a step says by how much the one before changes: “reduce by”, “then reduce by”."""
    return words[0].kind is Kind.CHANGE or (
        words[0].kind is Kind.THEN and len(words) > 1 and words[1].kind is Kind.CHANGE
    )


def changed(words: list[Lexeme], before: list[Draft]) -> list[Draft]:
    """The steps behind `before`, each as a draft. Without a length of its own, `before` lasts as long as each
    of them. Raises `TwoWays`.
    """
    if len(before) != 1 or before[0].dose is None:
        raise TwoWays("dosage.change-without-start", "how much it changes is said, and not from what")
    (start,) = before
    change = _read(words, start)
    dose = start.dose
    assert dose is not None
    if dose.low is None or dose.low != dose.high or dose.low_unit or start.as_needed or start.maximum:
        raise TwoWays("dosage.change-without-start", "the dose from which it changes is not one amount")
    if not _is_once(start):
        raise TwoWays(
            "dosage.change-without-start", "whether each dose changes or those of a day together is not said"
        )
    if start.bounds is None and change.later:
        raise TwoWays("dosage.change-without-start", "when the dose changes for the first time is not said")
    if start.bounds is None:
        start.bounds = change.lasts
    _check_the_rest(start, change.rest)
    return [_step(start, words, amount, change) for amount in _amounts(dose.low, change)]


def _read(words: list[Lexeme], start: Draft) -> Change:
    """The change that the words say, and nothing besides."""
    kinds = kinds_of(words)
    later = kinds[0] is Kind.THEN
    at = 1 + later
    ways = words[at - 1].value
    assert isinstance(ways, int)
    dose = start.dose
    by, at = _amount(words, kinds, at, dose.unit if dose else None)
    lasts, at = _how_often(words, kinds, at)
    at += kinds[at] is Kind.COMMA
    end, at = _end(words, kinds, at, by)
    assert by.low is not None
    stops = at < len(words) and words[-1].kind is Kind.CEASE
    return Change(by.low * ways, lasts, end, later, words[at : len(words) - stops], stops)


def _amount(words: list[Lexeme], kinds: list[Kind], at: int, unit: str | None) -> tuple[Amount, int]:
    """One amount in the unit of the dose."""
    found = amount_at(words, kinds, at)
    if found is None or found[0].low != found[0].high or not found[0].low:
        raise TwoWays("dosage.two-readings", "by how much the dose changes is not one amount")
    amount, after = found
    if amount.unit not in (unit, None) or (
        amount.unit is None and unit is not None and kinds[after] is Kind.UNIT
    ):
        raise TwoWays("dosage.more-than-one-instruction", "the amounts are of different things")
    return amount._replace(unit=unit), after


def _how_often(words: list[Lexeme], kinds: list[Kind], at: int) -> tuple[Bounds, int]:
    """“every 3 days”, “each week”, “a day”, “weekly”: how long each of the steps lasts."""
    many = Decimal(1)
    if kinds[at] is Kind.ADVERB:
        period = words[at].value
    else:
        if kinds[at] not in (Kind.EVERY, Kind.PER, Kind.SLASH):
            raise TwoWays("dosage.change-without-end", "how often the dose changes is not said")
        at += 1
        if kinds[at] is Kind.NUMBER:
            value = words[at].value
            assert isinstance(value, Decimal)
            many, at = value, at + 1
        if kinds[at] is not Kind.PERIOD:
            raise TwoWays("dosage.change-without-end", "how often the dose changes is not clear")
        period = words[at].value
    assert isinstance(period, tuple)
    several, unit = period
    word = LENGTHS.get(unit if isinstance(unit, PeriodUnit) else PeriodUnit.SECOND)
    if word is None or many <= 0:
        raise TwoWays("dosage.two-readings", "a dose that changes within the day is not read")
    return Bounds(duration=Quantity(many * several, word)), at + 1


def _end(words: list[Lexeme], kinds: list[Kind], at: int, by: Amount) -> tuple[Decimal, int]:
    """“until stopped”, “then stop”: at nothing; “to 10 mg”, “until taking 4 tabs”: there."""
    at += kinds[at] is Kind.THEN
    if at < len(words) and kinds[at] is Kind.CEASE:
        return Decimal(0), at + 1
    if kinds[at] is Kind.NOTE and str(words[at].value) in _USED_UP:
        return Decimal(0), at + 1
    if kinds[at] in _UNTIL:
        at += 1
        while kinds[at] in _BEFORE_THE_END or (at < len(words) and words[at].text.casefold() in _REACHED):
            at += 1
        amount, after = _amount(words, kinds, at, by.unit)
        assert amount.low is not None
        return amount.low, after
    raise TwoWays("dosage.change-without-end", "by how much the dose changes is said, and not where it ends")


def _is_once(start: Draft) -> bool:
    """Whether it is one dose at a time of the day or week that is stated."""
    moments = len(start.when) + len(start.times)
    once = start.frequency in (None, 1) and start.frequency_max is None and moments < 2
    long = start.period is None or start.period_unit not in (PeriodUnit.HOUR, PeriodUnit.MINUTE)
    plain = MEALS.isdisjoint(start.when) and not start.days and start.count is None
    return once and long and plain and start.is_timed()


def _check_the_rest(start: Draft, words: list[Lexeme]) -> None:
    """Behind the end may stand how often, as before, and notes, which go to the first step."""
    rest = run(words)
    if rest.left or rest.dose or rest.bounds or rest.as_needed or rest.maximum or rest.count or rest.site:
        raise TwoWays("dosage.more-than-one-instruction", "more is said behind the dose at which it ends")
    if rest.is_timed() and _pattern(rest) != _pattern(start):
        raise TwoWays("dosage.more-than-one-instruction", "how often changes with the dose")
    start.notes += rest.notes


def _pattern(draft: Draft) -> tuple[object, ...]:
    return (
        draft.frequency or 1, draft.frequency_max, draft.period or 1, draft.period_max,
        draft.period_unit or PeriodUnit.DAY, *draft.when, *draft.times, *draft.days,
    )  # fmt: skip


def _amounts(start: Decimal, change: Change) -> list[Decimal]:
    """The amounts behind the first one; the last is the end, unless that is nothing."""
    steps = (change.end - start) / change.by
    if steps <= 0 or steps != steps.to_integral_value() or steps > _MOST_STEPS:
        raise TwoWays("dosage.change-does-not-end", "the changes do not lead from the first dose to the last")
    amounts = [start + change.by * number for number in range(1, int(steps) + 1)]
    return amounts if change.end else amounts[:-1]


def _step(start: Draft, words: list[Lexeme], amount: Decimal, change: Change) -> Draft:
    """As the start, but of another amount; each lasts as long as the change says, and the last goes on."""
    assert start.dose is not None
    last = amount == change.end and not change.stops
    return replace(
        start, words=words, dose=start.dose._replace(low=amount, high=amount),
        bounds=None if last else change.lasts, notes=[], reasons=[], left=[], named=[], directed=False,
        now=False, day_numbers=None, last_day=None,
    )  # fmt: skip
