"""What does this written instruction say?

`read` answers with a `Reading`: everything in the text was read in the one way it can be read, or the
text is *not understood* and the reading says by which rule. It never raises and never guesses. Weekly is
never read as daily; two instructions are never folded into one: they become several steps, or are refused.

Rules: ``dosage.no-words``, ``dosage.two-readings``, ``dosage.more-than-one-instruction``,
``dosage.unknown-words``, ``dosage.maximum-without-period``, ``dosage.as-directed``, ``dosage.no-timing``,
``dosage.no-dose-or-timing``, and those of a dose that changes (`changing`) and of what is not believable
(`limits`).

Source: refused forms from NHS England dosage_instructions 506c0d40 (MIT, 2026).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TypeVar

from pestle.pharmacy.dosage.amounts import Amount, TwoWays
from pestle.pharmacy.dosage.changing import changed, is_change
from pestle.pharmacy.dosage.dose import (
    AsNeeded,
    Coded,
    Dosage,
    DosageStep,
    DoseAndRate,
    PeriodUnit,
    Repeat,
    Timing,
)
from pestle.pharmacy.dosage.draft import Draft
from pestle.pharmacy.dosage.grammar import run
from pestle.pharmacy.dosage.lexicon import SPREAD, VERBS, Kind
from pestle.pharmacy.dosage.limits import believable
from pestle.pharmacy.dosage.rate import MEALS
from pestle.pharmacy.dosage.reading import Reading, not_understood
from pestle.pharmacy.dosage.remarks import set_apart
from pestle.pharmacy.dosage.steps import (
    carried_unit,
    carry,
    check_ends,
    check_reasons,
    is_at_once,
    move_length,
    share,
    split,
)
from pestle.pharmacy.dosage.tokens import Lexeme, lexemes
from pestle.pharmacy.dosage.units import COUNTED, MASS, VOLUME
from pestle.pharmacy.quantity import Quantity, Range, Unit

_Of = TypeVar("_Of")
_Answer = TypeVar("_Answer")


def read(text: str) -> Reading:
    """What the text says, for any text at all. The words are kept as they were written."""
    words = lexemes(text)
    if not (words and words[0].text[0].isalnum()) and not any(
        word.kind is Kind.NUMBER or any(map(str.isalpha, word.text)) for word in words
    ):
        return not_understood(text, "dosage.no-words", "There are no words to read.",
                              unused=tuple(word.text for word in words))  # fmt: skip
    try:
        parts = split(words)
        if parts is not None:
            return _several(text, parts)
        draft = run(words)
        remarks = _remarks(draft)
        if remarks is None:
            return _unknown(text, [draft.words[index].text for index in draft.left])
        if draft.day_numbers is not None:
            raise TwoWays("dosage.days-of-a-course", "some days of a course are said, and not the others")
        step = _step(text, draft)
        _check(draft, step)
    except TwoWays as stop:
        return not_understood(text, stop.rule, f"{stop.reason[0].upper()}{stop.reason[1:]}.")
    supply = draft.supply
    quantity = Quantity(supply.low, Unit(supply.unit or "")) if supply and supply.low is not None else None
    return Reading(text, Dosage((step,)), unused=remarks, quantity=quantity)


def _several(text: str, parts: list[list[list[Lexeme]]]) -> Reading:
    """Steps after one another (the outer list) and at the same time (the inner lists)."""
    sequences: list[list[Draft]] = []
    unused: list[str] = []
    slices = not move_length(parts)
    for number, together in enumerate(parts, start=1):
        before = sequences[-1] if sequences else []
        if is_change(together[0]):
            if len(together) > 1:
                raise TwoWays("dosage.more-than-one-instruction", "“and” joins two instructions")
            slices = False
            sequences += [[draft] for draft in changed(together[0], before)]
            continue
        drafts: list[Draft] = []
        for words in together:
            unit = carried_unit(before, drafts)
            draft = _one_of_several(partial(run, carried_unit=unit, follows=is_at_once(before)), words)
            remarks = _remarks(draft)
            if remarks is None:
                return _unknown(text, [draft.words[index].text for index in draft.left])
            if draft.supply is not None:
                raise TwoWays("dosage.more-than-one-instruction", "two amounts are said in one step")
            unused += remarks
            drafts.append(draft)
        carry(before, drafts, last=number == len(parts))
        share(drafts)
        sequences.append(drafts)
    steps: list[DosageStep] = []
    for sequence, drafts in enumerate(sequences, start=1):
        for draft in drafts:
            written = text[draft.words[0].start : draft.words[-1].end] if slices else None
            step = _step(written, draft)
            _one_of_several(partial(_check, draft), step)
            steps.append(replace(step, sequence=sequence))
        if sequence < len(sequences):
            check_ends(drafts)
    check_reasons(steps)
    if len(steps) == 1 or not slices:  # the words of a step that changes are those of the whole
        steps[0] = replace(steps[0], text=text)
    if len(steps) == 1:
        steps = [replace(steps[0], sequence=None)]
    return Reading(text, Dosage(tuple(steps)), unused=tuple(unused))


def _one_of_several(reading: Callable[[_Of], _Answer], of: _Of) -> _Answer:
    try:
        return reading(of)
    except TwoWays as stop:
        reason = f"several instructions are said, and in one of them {stop.reason}"
        raise TwoWays("dosage.more-than-one-instruction", reason) from stop


def _remarks(draft: Draft) -> tuple[str, ...] | None:
    """The words that say nothing of the dose, kept as notes; None where words are left that might."""
    remarks = set_apart(draft.words, draft.left) if draft.left else []
    if remarks is None:
        return None
    remarks = [*draft.named, *remarks]
    for start, end in remarks:
        draft.notes.append(" ".join([word.text for word in draft.words[start:end]]))
    return tuple([word.text for start, end in remarks for word in draft.words[start:end]])


def _unknown(text: str, left: list[str]) -> Reading:
    words = " ".join(left)
    return not_understood(text, "dosage.unknown-words", f"These words were not understood: “{words}”.",
                          unused=tuple(left))  # fmt: skip


_NO_PATTERN = Repeat()
_METHODS = {verb: Coded(verb) for _, _, verb in VERBS}


def _step(text: str | None, draft: Draft) -> DosageStep:
    reasons = tuple([Coded(reason) for reason in draft.reasons]) if draft.reasons else ()
    notes = [Coded(note) for note in draft.notes]
    if not draft.as_needed:
        notes += [Coded(f"for {reason.text}") for reason in reasons]
    _complete(draft)
    repeat = _repeat(draft)
    return DosageStep(
        text=text,
        additional_instructions=tuple(notes),
        timing=Timing(repeat=repeat) if repeat != _NO_PATTERN else None,
        as_needed=AsNeeded(reasons) if draft.as_needed else None,
        site=Coded(draft.site) if draft.site else None,
        route=Coded(draft.route) if draft.route else None,
        method=_METHODS[draft.verb] if draft.verb else None,
        doses=(DoseAndRate(dose=_dose(draft.dose)),) if draft.dose else (),
        max_dose_per_period=draft.maximum,
        max_dose_per_administration=draft.maximum_dose,
    )


def _complete(draft: Draft) -> None:
    """“stat” alone is once; “once at night” is once a day."""
    often = draft.frequency
    if draft.now and not draft.when and not draft.times and draft.period is None and draft.count is None:
        if often in (None, 1) and draft.frequency_max is None:
            draft.frequency, draft.count = None, 1
    elif often is not None and draft.period is None and draft.frequency_max is None and not draft.days:
        moments = len(draft.times) or (len(draft.when) if MEALS.isdisjoint(draft.when) else 0)
        if moments and moments != often:
            raise TwoWays(
                "dosage.two-readings", "the number of times and the moments of the day do not match"
            )
        if moments:
            draft.period, draft.period_unit = Decimal(1), PeriodUnit.DAY


def _dose(amount: Amount) -> Quantity | Range:
    unit = _unit(amount.unit)
    high = Quantity(amount.high, unit) if amount.high is not None else None
    if high is not None and amount.low is amount.high and amount.low_unit is None:
        return high
    low = (
        Quantity(amount.low, Unit(amount.low_unit) if amount.low_unit else unit)
        if amount.low is not None
        else None
    )
    return high if high is not None and low == high else Range(low, high)


def _unit(word: str | None) -> Unit:
    return _UNITS.get(word or "") or Unit(word or "")


_UNITS = {word: Unit(word) for word in ("", *COUNTED, *MASS, *VOLUME, "unit")}


def _repeat(draft: Draft) -> Repeat:
    return Repeat(
        bounds=draft.bounds,
        count=draft.count,
        count_max=draft.count_max,
        duration=draft.over.low if draft.over else None,
        duration_unit=draft.over_unit,
        frequency=draft.frequency,
        frequency_max=draft.frequency_max,
        period=draft.period,
        period_max=draft.period_max,
        period_unit=draft.period_unit,
        days_of_week=tuple(draft.days),
        times_of_day=tuple(draft.times),
        when=tuple(draft.when),
        offset_minutes=draft.offset,
        cycle=draft.cycle,
    )


def _check(draft: Draft, step: DosageStep) -> None:
    if draft.days_on is not None and draft.cycle is None:
        raise TwoWays("dosage.two-readings", "days on are said, and no days off")
    _check_said_enough(draft)
    if draft.notes and any(note.casefold().startswith("not ") for note in draft.notes) and _is_daily(draft):
        raise TwoWays("dosage.two-readings", "a day is left out, and how many are meant is not clear")
    _check_days(draft)
    _check_place(draft)
    believable(step)


def _is_daily(draft: Draft) -> bool:
    return draft.period_unit is not PeriodUnit.WEEK and draft.period_unit is not PeriodUnit.MONTH


def _check_said_enough(draft: Draft) -> None:
    timed = draft.period is not None or draft.when or draft.times or draft.days
    dosed = draft.dose is not None
    if draft.with_food and (dosed or draft.frequency):
        return
    if draft.as_needed and draft.verb in SPREAD:
        return
    if timed or (dosed and (draft.as_needed or draft.frequency or draft.frequency_max or draft.count)):
        return
    if draft.directed:
        raise TwoWays("dosage.as-directed", "it says to follow directions, which are not in it")
    if dosed:
        raise TwoWays("dosage.no-timing", "it says how much and not how often")
    raise TwoWays("dosage.no-dose-or-timing", "it says neither how much nor how often")


_SOLID = frozenset({"tablet", "capsule", "caplet", "sachet", "suppository", "pessary", "lozenge", "pill"})
_ORGANS = ("eye", "ear", "nostril")


def _check_place(draft: Draft) -> None:
    """A tablet in the eye is a slip in one of the two."""
    if draft.site is None or draft.dose is None or draft.dose.unit not in _SOLID:
        return
    words = draft.site.casefold().replace("(s)", "").split()
    if any(word.removesuffix("s") in _ORGANS for word in words):
        raise TwoWays("dosage.two-readings", f"a {draft.dose.unit} is not given there")


def _check_days(draft: Draft) -> None:
    """A single day may be this week's only: it needs “every”, a plural, or a weekly period beside it."""
    if draft.other_days and not draft.days:
        raise TwoWays("dosage.two-readings", "the other days are said, and not which the first ones are")
    if not draft.days:
        return
    weekly = (draft.period, draft.period_unit) == (Decimal(1), PeriodUnit.WEEK)
    daily = (draft.period, draft.period_unit) == (Decimal(1), PeriodUnit.DAY) and len(draft.days) > 1
    if draft.period is not None and not (weekly or daily):
        raise TwoWays("dosage.two-readings", "days of the week are said, and a period that is not a week")
    if not weekly and not draft.every_week:
        raise TwoWays("dosage.two-readings", "a day of the week may be once, or every week")
