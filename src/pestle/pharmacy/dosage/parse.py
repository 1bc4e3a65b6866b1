"""What does this written instruction say?

`read` answers with a `Reading`: everything in the text was read in the one way it can be read, or the
text is *not understood* and the reading says by which rule. It never raises and never guesses. Weekly is
never read as daily; two instructions are never folded into one.

Rules: ``dosage.no-words``, ``dosage.two-readings``, ``dosage.more-than-one-instruction``,
``dosage.unknown-words``, ``dosage.maximum-without-period``, ``dosage.as-directed``, ``dosage.no-timing``,
``dosage.no-dose-or-timing``, and those of what is not believable (`limits`).

Source: refused forms from NHS England dosage_instructions 506c0d40 (MIT, 2026).
"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.dosage.amounts import Amount, TwoWays
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
from pestle.pharmacy.dosage.lexicon import Kind
from pestle.pharmacy.dosage.limits import believable
from pestle.pharmacy.dosage.reading import Reading, not_understood
from pestle.pharmacy.dosage.tokens import lexemes
from pestle.pharmacy.quantity import Quantity, Range, Unit


def read(text: str) -> Reading:
    """What the text says, for any text at all. The words are kept as they were written."""
    words = lexemes(text)
    if not any(word.kind is Kind.NUMBER or any(map(str.isalpha, word.text)) for word in words):
        return not_understood(text, "dosage.no-words", "There are no words to read.",
                              unused=tuple(word.text for word in words))  # fmt: skip
    try:
        draft = run(words)
        if draft.unused:
            return _unknown(text, draft)
        step = _step(text, draft)
        _check(draft, step)
    except TwoWays as stop:
        return not_understood(text, stop.rule, f"{stop.reason[0].upper()}{stop.reason[1:]}.")
    supply = draft.supply
    quantity = Quantity(supply.low, Unit(supply.unit or "")) if supply and supply.low is not None else None
    return Reading(text, Dosage((step,)), quantity=quantity)


def _unknown(text: str, draft: Draft) -> Reading:
    words = " ".join(draft.unused)
    return not_understood(text, "dosage.unknown-words", f"These words were not understood: “{words}”.",
                          unused=tuple(draft.unused))  # fmt: skip


def _step(text: str, draft: Draft) -> DosageStep:
    reasons = tuple(Coded(reason) for reason in draft.reasons)
    notes = [Coded(note) for note in draft.notes]
    if not draft.as_needed:
        notes += [Coded(f"for {reason.text}") for reason in reasons]
    repeat = _repeat(draft)
    return DosageStep(
        text=text,
        additional_instructions=tuple(notes),
        timing=Timing(repeat=repeat) if repeat != Repeat() else None,
        as_needed=AsNeeded(reasons) if draft.as_needed else None,
        site=Coded(draft.site) if draft.site else None,
        route=Coded(draft.route) if draft.route else None,
        method=Coded(draft.verb) if draft.verb else None,
        doses=(DoseAndRate(dose=_dose(draft.dose)),) if draft.dose else (),
        max_dose_per_period=draft.maximum,
        max_dose_per_administration=draft.maximum_dose,
    )


def _dose(amount: Amount) -> Quantity | Range:
    unit = Unit(amount.unit or "")
    high = Quantity(amount.high, unit) if amount.high is not None else None
    low = (
        Quantity(amount.low, Unit(amount.low_unit) if amount.low_unit else unit)
        if amount.low is not None
        else None
    )
    return high if high is not None and low == high else Range(low, high)


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
    )


def _check(draft: Draft, step: DosageStep) -> None:
    _check_said_enough(draft)
    _check_days(draft)
    believable(step)


def _check_said_enough(draft: Draft) -> None:
    timed = draft.period is not None or draft.when or draft.times or draft.days
    dosed = draft.dose is not None
    if timed or (dosed and (draft.as_needed or draft.frequency or draft.frequency_max or draft.count)):
        return
    if draft.directed:
        raise TwoWays("dosage.as-directed", "it says to follow directions, which are not in it")
    if dosed:
        raise TwoWays("dosage.no-timing", "it says how much and not how often")
    raise TwoWays("dosage.no-dose-or-timing", "it says neither how much nor how often")


def _check_days(draft: Draft) -> None:
    """A single day may be this week's only: it needs “every”, a plural, or a weekly period beside it."""
    if not draft.days:
        return
    weekly = (draft.period, draft.period_unit) == (Decimal(1), PeriodUnit.WEEK)
    if draft.period is not None and not weekly:
        raise TwoWays("dosage.two-readings", "days of the week are said, and a period that is not a week")
    if not weekly and not draft.every_week:
        raise TwoWays("dosage.two-readings", "a day of the week may be once, or every week")
