"""How does the NHS say a structured instruction in words?

The order of the parts, their separators and each part's words follow the NHS rules exactly, so that a
text from elsewhere can be compared with the one its structure makes. What the rules cannot say safely is
refused.

Source: NHS Implementation Guide for Digital Medicines, dose to text (LogicalDisplayOrder,
ComponentPartSeparator, TranslationLogicDosage; read 2025-05-31); where it leaves a choice, the 130 cases
of the NHS Electronic Prescription Service (electronic-prescription-service-api 77e80e11, MIT, 2026).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal

from pestle.pharmacy.dosage.contradictions import contradictions
from pestle.pharmacy.dosage.dose import Bounds, Coded, Dosage, DosageStep, PeriodUnit, Repeat, When
from pestle.pharmacy.quantity import Quantity, Range, Ratio
from pestle.pharmacy.refusal import Refused, refuse

_NAMES = {unit: unit.name.lower() for unit in PeriodUnit}
_ADVERBS = {
    PeriodUnit.HOUR: "hourly", PeriodUnit.DAY: "daily", PeriodUnit.WEEK: "weekly",
    PeriodUnit.MONTH: "monthly", PeriodUnit.YEAR: "annually",
}  # fmt: skip
# “10 U” is read as 100, and “µg” as “mg”.
_MISREAD = frozenset({"U", "u", "IU", "iu", "µg", "μg"})
_PLURAL = frozenset({"second", "minute", "hour", "day", "week", "month", "year"})
WHEN_WORDS = {
    When.MORNING: "in the morning", When.EARLY_MORNING: "early in the morning",
    When.LATE_MORNING: "late in the morning", When.NOON: "at noon", When.AFTERNOON: "in the afternoon",
    When.EARLY_AFTERNOON: "early in the afternoon", When.LATE_AFTERNOON: "late in the afternoon",
    When.EVENING: "in the evening", When.EARLY_EVENING: "early in the evening",
    When.LATE_EVENING: "late in the evening", When.NIGHT: "at night", When.AFTER_SLEEP: "once asleep",
    When.BEFORE_SLEEP: "before sleep", When.UPON_WAKING: "upon waking", When.MEAL: "at a meal",
    When.BREAKFAST: "at breakfast", When.LUNCH: "at lunch", When.DINNER: "at dinner",
    When.BEFORE_MEAL: "before a meal", When.BEFORE_BREAKFAST: "before breakfast",
    When.BEFORE_LUNCH: "before lunch", When.BEFORE_DINNER: "before dinner",
    When.AFTER_MEAL: "after a meal",
    When.AFTER_BREAKFAST: "after breakfast", When.AFTER_LUNCH: "after lunch",
    When.AFTER_DINNER: "after dinner",
}  # fmt: skip


def dose_to_text(dosage: Dosage, *, strict: bool = True) -> str:
    """The instruction in the NHS's words; steps joined by “, then ” or, with the same sequence, “, and ”.

    Units stay as they were sent (“2 tablet”). Raises `Refused` (``dosage.not-sayable``) with all that the
    rules cannot say, and all that contradicts itself, each with its FHIR element as place. With
    ``strict=False`` such a part stands in the text as “[not sayable: …]”, for a screen that shows why; it is
    never left out.
    """
    if len(dosage.steps) > 1 and any(step.sequence is None for step in dosage.steps):
        raise _unsayable("sequence", "several steps need a sequence each")
    text = ""
    before: int | None = None
    for step in sorted(dosage.steps, key=lambda step: step.sequence or 0):
        if text:
            text += ", and " if step.sequence == before else ", then "
        text += step_to_text(step, strict=strict)
        before = step.sequence
    return text


def step_to_text(step: DosageStep, *, strict: bool = True) -> str:
    """One step in the NHS's words; raises as `dose_to_text` does."""
    said: list[str] = []
    wrong: list[Refused] = []
    for part in _PARTS:
        try:
            words = part(step)
        except Refused as refused:
            wrong.append(refused)
            words = f"[not sayable: {refused}]"
        if words:
            said.append(words)
    if wrong and strict:
        raise Refused(*(refusal for refused in wrong for refusal in refused.refusals))
    if step.method is not None and len(said) > 1:
        return f"{said[0]} {' - '.join(said[1:])}"
    return " - ".join(said)


def _unsayable(place: str, reason: str) -> Refused:
    return refuse("dosage.not-sayable", f"The {place} cannot be said: {reason}.", place=place)


def _method(step: DosageStep) -> str | None:
    return _word(step.method, "method")


def _word(coded: Coded | None, place: str) -> str | None:
    if coded is None:
        return None
    # Where a message has no words for a code, the code stands in their place.
    if not coded.text.strip() or coded.text == coded.code:
        raise _unsayable(place, "it has a code and no words")
    return coded.text


def _amount(amount: Quantity, place: str) -> str:
    if not amount.unit.text.strip():
        raise _unsayable(place, "the unit is missing")
    if amount.unit.text.strip() in _MISREAD:
        raise _unsayable(place, f"“{amount.unit.text}” behind a number is misread")
    return f"{bare(amount.value)} {amount.unit.text}"


def bare(value: Decimal) -> str:
    """A number without exponent, commas or trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _range(span: Range, place: str) -> str:
    low, high = span.low, span.high
    if high is None:
        raise _unsayable(place, "a range without an upper end is not safe")
    if low is None:
        return f"up to {_amount(high, place)}"
    if low.unit.text == high.unit.text:
        return f"{bare(low.value)} to {_amount(high, place)}"
    return f"{_amount(low, place)} to {_amount(high, place)}"


def _dose(step: DosageStep) -> str | None:
    """One dose, or one with the other in brackets, as for “2 tablet (5 milligram)”."""
    doses = [entry.dose for entry in step.doses if entry.dose is not None]
    words = [
        _range(dose, "doseRange") if isinstance(dose, Range) else _amount(dose, "doseQuantity")
        for dose in doses
    ]
    if len(words) > 2:
        raise _unsayable("doseAndRate", "more than two amounts are given")
    return f"{words[0]} ({words[1]})" if len(words) == 2 else words[0] if words else None


def _rate(step: DosageStep) -> str | None:
    rates = [entry.rate for entry in step.doses if entry.rate is not None]
    if len(rates) > 1:
        raise _unsayable("doseAndRate", "more than one rate is given")
    return f"at a rate of {rate_words(rates[0])}" if rates else None


def rate_words(rate: Quantity | Range | Ratio) -> str:
    """A rate: ``100 millilitre per hour``, ``100 millilitre every 2 hours``, ``1 to 2 litre per minute``."""
    if isinstance(rate, Quantity):
        return _amount(rate, "rateQuantity")
    if isinstance(rate, Range):
        return _range(rate, "rateRange")
    every = rate.denominator
    _amount(every, "rateRatio")
    amount = _amount(rate.numerator, "rateRatio")
    return (
        f"{amount} per {every.unit.text}"
        if every.value == 1
        else f"{amount} every {_length(every, 'rateRatio')}"
    )


def _length(length: Quantity, place: str) -> str:
    """A length of time; a unit outside the known names stays as it was sent."""
    _amount(length, place)
    unit = length.unit.text
    return (
        f"{bare(length.value)} {unit}s" if length.value != 1 and unit in _PLURAL else _amount(length, place)
    )


def _time(value: Decimal, unit: PeriodUnit) -> str:
    return f"{bare(value)} {_NAMES[unit]}{'' if value == 1 else 's'}"


def _duration(step: DosageStep) -> str | None:
    repeat = step.repeat or Repeat()
    if repeat.duration is None and repeat.duration_max is None:
        return None
    if repeat.duration is None or repeat.duration_unit is None:
        raise _unsayable("duration", "it needs a value and a unit")
    words = f"over {_time(repeat.duration, repeat.duration_unit)}"
    if repeat.duration_max is not None:
        words += f" (maximum {_time(repeat.duration_max, repeat.duration_unit)})"
    return words


def _often(step: DosageStep) -> str | None:
    repeat = step.repeat or Repeat()
    if repeat.period_max is not None and repeat.period is None:
        raise _unsayable("period", "its upper end is given without the lower")
    if repeat.period is not None and repeat.period_unit is None:
        raise _unsayable("period", "its unit is missing")
    if repeat.period is None and repeat.period_unit is not None and not _counted(repeat):
        raise _unsayable("period", "its value is missing")
    if not _counted(repeat):
        return _period_alone(repeat)
    if repeat.frequency_max is None and repeat.frequency == 1:
        return _once(repeat)
    if repeat.frequency_max is None and repeat.frequency == 2:
        return f"twice{_per(repeat)}"
    return f"{_times(repeat.frequency, repeat.frequency_max)}{_per(repeat)}"


def _counted(repeat: Repeat) -> bool:
    return repeat.frequency is not None or repeat.frequency_max is not None


def _period_alone(repeat: Repeat) -> str | None:
    if repeat.period is None or repeat.period_unit is None:
        return None
    if repeat.period != 1 or repeat.period_max is not None or repeat.period_unit not in _ADVERBS:
        raise _unsayable("period", "a period other than one needs a frequency")
    return _ADVERBS[repeat.period_unit]


def _once(repeat: Repeat) -> str:
    if repeat.period is None:
        return "once"
    if repeat.period == 1 and repeat.period_max is None:
        return f"once{_per(repeat)}"
    return _per(repeat).strip()


def _times(least: int | None, most: int | None) -> str:
    if least is None:
        return f"up to {most} times"
    return f"{least} times" if most is None else f"{least} to {most} times"


def _per(repeat: Repeat) -> str:
    if repeat.period is None or repeat.period_unit is None:
        return ""
    name = _NAMES[repeat.period_unit]
    if repeat.period_max is not None:
        return f" every {bare(repeat.period)} to {_time(repeat.period_max, repeat.period_unit)}"
    if repeat.period == 1:
        return f" an {name}" if name == "hour" else f" a {name}"
    return f" every {_time(repeat.period, repeat.period_unit)}"


def _when(step: DosageStep) -> str | None:
    repeat = step.repeat or Repeat()
    if repeat.offset_minutes is not None and not repeat.when:
        raise _unsayable("offset", "it needs the moment that it is counted from")
    if not repeat.when:
        return None
    words = joined([WHEN_WORDS[when] for when in repeat.when])
    return f"{_offset(repeat.offset_minutes)} {words}" if repeat.offset_minutes else words


def _offset(minutes: int) -> str:
    for size, unit in ((1440, PeriodUnit.DAY), (60, PeriodUnit.HOUR)):
        if minutes % size == 0:
            return _time(Decimal(minutes // size), unit)
    return _time(Decimal(minutes), PeriodUnit.MINUTE)


def joined(words: list[str]) -> str:
    """“a”, “a and b”, “a, b and c”."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _days_and_times(step: DosageStep) -> str | None:
    repeat = step.repeat or Repeat()
    parts = []
    if repeat.days_of_week:
        parts.append(f"on {joined([day.name.capitalize() for day in repeat.days_of_week])}")
    if repeat.times_of_day:
        parts.append(f"at {joined([clock(at) for at in repeat.times_of_day])}")
    return " ".join(parts) or None


def clock(at: time) -> str:
    """``08:00``; with seconds only where they are not zero."""
    return at.strftime("%H:%M:%S" if at.second else "%H:%M")


def _as_needed(step: DosageStep) -> str | None:
    if step.as_needed is None:
        return None
    reasons = [_word(reason, "asNeeded") or "" for reason in step.as_needed.reasons]
    return f"as required for {joined(reasons)}" if reasons else "as required"


def _bounds(step: DosageStep) -> str | None:
    bounds = step.repeat.bounds if step.repeat else None
    if bounds is None:
        return None
    words = [_bounds_length(bounds)] if bounds.duration or bounds.range else []
    if bounds.start is not None:
        words.append(f"from {day(bounds.start, 'boundsPeriod')}")
    if bounds.end is not None:
        words.append(f"{'to' if bounds.start is not None else 'until'} {day(bounds.end, 'boundsPeriod')}")
    if not words:
        raise _unsayable("bounds", "they are empty")
    return " ".join(words)


def _bounds_length(bounds: Bounds) -> str:
    if bounds.duration is not None:
        return f"for {_length(bounds.duration, 'boundsDuration')}"
    low, high = (bounds.range.low, bounds.range.high) if bounds.range else (None, None)
    if low is None and high is None:
        raise _unsayable("boundsRange", "it is empty")
    if low is None or high is None:
        only = high or low
        assert only is not None
        return f"for {'up to' if low is None else 'at least'} {_length(only, 'boundsRange')}"
    if low.unit.text == high.unit.text:
        return f"for {bare(low.value)} to {_length(high, 'boundsRange')}"
    return f"for {_length(low, 'boundsRange')} to {_length(high, 'boundsRange')}"


def day(written: str, place: str) -> str:
    """A FHIR date or dateTime as day/month/year. Raises `Refused` for what is no whole date."""
    try:
        return date.fromisoformat(written[:10]).strftime("%d/%m/%Y")
    except ValueError:
        raise _unsayable(place, f"“{written}” is not a date with a day") from None


def _count(step: DosageStep) -> str | None:
    repeat = step.repeat or Repeat()
    if repeat.count is None:
        if repeat.count_max is not None:
            raise _unsayable("count", "its upper end is given without the lower")
        return None
    if repeat.count_max is None and repeat.count in (1, 2):
        return "take once" if repeat.count == 1 else "take twice"
    return f"take {_times(repeat.count, repeat.count_max)}"


def _events(step: DosageStep) -> str | None:
    events = step.timing.events if step.timing else ()
    return f"on {joined([day(event, 'event') for event in events])}" if events else None


def _timing_code(step: DosageStep) -> str | None:
    """A timing code without a pattern says when by itself; the rules have no words for it."""
    if step.timing and step.timing.code and step.timing.repeat is None and not step.timing.events:
        raise _unsayable("timing.code", f"“{step.timing.code.text}” has no agreed words")
    return None


def _maximum(step: DosageStep) -> str | None:
    top = step.max_dose_per_period
    if top is None:
        return None
    amount, per = _amount(top.numerator, "maxDosePerPeriod"), _length(top.denominator, "maxDosePerPeriod")
    return f"up to a maximum of {amount} in {per}"


def _maximum_at_once(step: DosageStep) -> str | None:
    top = step.max_dose_per_administration
    return f"up to a maximum of {_amount(top, 'maxDosePerAdministration')} per dose" if top else None


def _maximum_ever(step: DosageStep) -> str | None:
    top = step.max_dose_per_lifetime
    if top is None:
        return None
    return f"up to a maximum of {_amount(top, 'maxDosePerLifetime')} for the lifetime of the patient"


def _additional(step: DosageStep) -> str | None:
    return (
        joined([_word(note, "additionalInstruction") or "" for note in step.additional_instructions]) or None
    )


def _cycle(step: DosageStep) -> str | None:
    if step.repeat and step.repeat.cycle:
        raise _unsayable("cycle", "there are no words for days on and days off")
    return None


def _sound(step: DosageStep) -> str | None:
    """Nothing, for a step whose parts do not contradict each other."""
    found = [refusal for place, reason in contradictions(step)
             for refusal in _unsayable(place, reason).refusals]  # fmt: skip
    if found:
        raise Refused(*found)
    return None


_PARTS: tuple[Callable[[DosageStep], str | None], ...] = (
    _method, _dose, _rate, _duration, _often, _when, _days_and_times, lambda step: _word(step.route, "route"),
    lambda step: _word(step.site, "site"), _as_needed, _bounds, _cycle, _count, _events, _timing_code,
    _maximum, _maximum_at_once, _maximum_ever, _additional, lambda step: step.patient_instruction,
    _sound,
)  # fmt: skip
