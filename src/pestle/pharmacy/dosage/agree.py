"""What does a message mean that says its instruction twice, in structure and in words?

Where the structure is complete it is the truth, and the words must agree with it. Where it lacks what the
words say (a dose in the text, the timing in the structure), the words fill the gap. Where the two
disagree, or the words cannot be read and so cannot be compared, the instruction is not understood: the
label then carries the prescriber's own words, and a person decides.

Rules: ``dosage.text-and-structure-disagree``, ``dosage.sequence-missing``, ``dosage.timing-code``, and
those of `parse` and `limits`. Source: FHIR R4 Dosage; the rule is ours, met by messages of the NHS
Electronic Prescription Service examples 77e80e11 whose text says once a week and whose structure says 5
times a day.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NoReturn, TypeVar

from pestle.pharmacy.dosage.amounts import TwoWays
from pestle.pharmacy.dosage.dose import (
    AsNeeded,
    Bounds,
    Coded,
    Dosage,
    DosageStep,
    DoseAndRate,
    Repeat,
    Timing,
)
from pestle.pharmacy.dosage.dose_to_text import step_to_text
from pestle.pharmacy.dosage.lexicon import GENERAL_VERBS, SPREAD, Kind
from pestle.pharmacy.dosage.limits import believable
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.phrases import says_when
from pestle.pharmacy.dosage.places import plain_place
from pestle.pharmacy.dosage.rate import Span, amount_in, course_days, times_per_day
from pestle.pharmacy.dosage.reading import Reading, not_understood
from pestle.pharmacy.dosage.tokens import lexemes
from pestle.pharmacy.dosage.units import COUNTED, unit_word
from pestle.pharmacy.quantity import Quantity, Range, Ratio
from pestle.pharmacy.refusal import Refused

_T = TypeVar("_T")

# Words that add to a complete instruction and change nothing of it.
_HARMLESS = frozenset({
    Kind.NOTE, Kind.DIRECTED, Kind.FOR, Kind.REASON, Kind.AND, Kind.COMMA, Kind.STOP, Kind.DASH, Kind.SILENT,
})  # fmt: skip


def read_dosage(dosage: Dosage) -> Reading:
    """What structure and words mean together; never raises. Every step has to be understood.

    Understood with a timing and no dose is possible: then `supply` cannot tell and `label` uses the words
    as written.
    """
    if len(dosage.steps) > 1 and any(step.sequence is None for step in dosage.steps):
        return not_understood(
            dosage.text, "dosage.sequence-missing", "Several steps, and not in which order."
        )
    if len(dosage.steps) > 1 and said_by_all(dosage):
        return Reading(dosage.text, dosage)
    steps: list[DosageStep] = []
    supply: Quantity | None = None
    for number, step in enumerate(dosage.steps, start=1):
        reading = _read_step(step, alone=len(dosage.steps) == 1)
        if reading.dosage is None or reading.refusal is not None:
            assert reading.refusal is not None
            place = f"step {number}" if len(dosage.steps) > 1 else None
            return replace(reading, text=dosage.text, refusal=replace(reading.refusal, place=place))
        steps += reading.dosage.steps
        supply = supply or reading.quantity
    return Reading(dosage.text, Dosage(tuple(steps)), quantity=supply)


def said_by_all(dosage: Dosage) -> bool:
    """Whether the words of all the steps together say them: one may leave its dose to the one before, or the
    first may hold the words of all.
    """
    said = read(dosage.text).dosage
    if said is None or len(said.steps) != len(dosage.steps):
        return False
    pairs = zip(said.steps, dosage.steps, strict=True)
    return all(replace(one, text=None) == replace(other, text=None) for one, other in pairs)


def _read_step(step: DosageStep, *, alone: bool) -> Reading:
    text = step.text or ""
    merged = replace(step, text=None, patient_instruction=None)
    supply: Quantity | None = None
    if step.timing and step.timing.code and not step.repeat and not step.timing.events:
        return not_understood(
            text, "dosage.timing-code", f"The timing is only a code: “{step.timing.code.text}”."
        )
    try:
        for words in _sources(step):
            reading = read(words)
            if reading.dosage is not None and len(reading.dosage.steps) > 1:
                if alone and merged == DosageStep():
                    return replace(reading, text=text)
                raise TwoWays(
                    "dosage.more-than-one-instruction", "the words say several steps, and the structure one"
                )
            if reading.dosage is not None:
                merged = _combined(merged, reading.dosage.steps[0])
                supply = supply or reading.quantity
            elif not _harmless(words):
                return replace(reading, text=text)
        _check_enough(step, merged)
        believable(merged)
    except TwoWays as stop:
        return not_understood(text, stop.rule, f"{stop.reason[0].upper()}{stop.reason[1:]}.")
    whole = replace(merged, text=step.text, patient_instruction=step.patient_instruction)
    return Reading(text, Dosage((whole,)), quantity=supply)


def _sources(step: DosageStep) -> list[str]:
    """The sentences to compare: not the part of the text that only prints the structure."""
    text, patient = (step.text or "").strip(), (step.patient_instruction or "").strip()
    body = text
    if patient and text.endswith(patient):
        body = text[: -len(patient)].rstrip().removesuffix("-").rstrip()
    structure = replace(step, text=None, patient_instruction=None)
    try:
        printed = step_to_text(structure) if structure != DosageStep() else ""
    except Refused:
        printed = ""
    same = " ".join(body.casefold().split()) == " ".join(printed.casefold().split())
    return [words for words in ("" if same else body, patient) if words]


def _harmless(words: str) -> bool:
    return all(lexeme.kind in _HARMLESS for lexeme in lexemes(words))


def _check_enough(step: DosageStep, merged: DosageStep) -> None:
    repeat = merged.repeat
    timed = bool(merged.timing and merged.timing.events) or not isinstance(times_per_day(repeat), str)
    timed = timed or bool(
        repeat and (repeat.when or repeat.frequency or repeat.frequency_max or repeat.count)
    )
    dosed = any(entry.dose is not None for entry in merged.doses)
    with_food = any(says_when(note.text) for note in merged.additional_instructions)
    spread = merged.method is not None and merged.method.text in SPREAD
    if timed or (dosed and (merged.as_needed or with_food)) or (spread and merged.as_needed):
        return
    if dosed:
        raise TwoWays("dosage.no-timing", "it says how much and not how often")
    words = [*(_sources(step)), *(note.text for note in step.additional_instructions)]
    if any(lexeme.kind is Kind.DIRECTED for text in words for lexeme in lexemes(text)):
        raise TwoWays("dosage.as-directed", "it says to follow directions, which are not in it")
    raise TwoWays("dosage.no-dose-or-timing", "it says neither how much nor how often")


def _disagree(what: str, structure: str, text: str) -> NoReturn:
    reason = f"the {what} is “{structure}” in the structure and “{text}” in the text"
    raise TwoWays("dosage.text-and-structure-disagree", reason)


def _combined(structure: DosageStep, said: DosageStep) -> DosageStep:
    repeat = _repeat(structure, said)
    timing = structure.timing or Timing()
    return replace(
        structure,
        doses=_doses(structure, said),
        timing=replace(timing, repeat=repeat) if repeat != Repeat() or timing.events else None,
        as_needed=_as_needed(structure, said),
        method=_place("method", structure.method, said.method),
        route=_place("route", structure.route, said.route),
        site=_place("site", structure.site, said.site),
        additional_instructions=_notes(structure, said),
        max_dose_per_period=_maximum(structure.max_dose_per_period, said.max_dose_per_period),
        max_dose_per_administration=_either(
            "maximum at one time", structure.max_dose_per_administration, said.max_dose_per_administration
        ),
    )


def _doses(structure: DosageStep, said: DosageStep) -> tuple[DoseAndRate, ...]:
    stated = [entry for entry in structure.doses if entry.dose is not None]
    if not said.doses:
        return structure.doses
    if not stated:
        return (replace(structure.doses[0], dose=said.doses[0].dose),) if structure.doses else said.doses
    there = said.doses[0].dose
    for entry in stated:
        if same_dose(entry.dose, there):
            return structure.doses if _unit(entry.dose) else said.doses
    _disagree("dose", " or ".join(_words(entry.dose) for entry in stated), _words(there))


def same_dose(one: Quantity | Range | None, other: Quantity | Range | None) -> bool:
    """Whether both are as much: 1 gram and 1000 milligram are; a bare 1 is one of what is counted."""
    return all(_same_amount(a, b) for a, b in zip(_ends(one), _ends(other), strict=True))


def _same_amount(one: Quantity | None, other: Quantity | None) -> bool:
    if one is None or other is None:
        return one is other
    words = {one.unit.text, other.unit.text}
    if "" in words and words != {""}:
        return one.value == other.value and unit_word("".join(words)) in COUNTED
    return amount_in(one.value, one.unit.text, other.unit.text) == other.value


def _ends(dose: Quantity | Range | None) -> tuple[Quantity | None, Quantity | None]:
    return (dose.low, dose.high) if isinstance(dose, Range) else (dose, dose)


def _unit(dose: Quantity | Range | None) -> str:
    low, high = _ends(dose)
    end = high or low
    return end.unit.text if end else ""


def _words(dose: Quantity | Range | None) -> str:
    low, high = _ends(dose)
    return " to ".join(dict.fromkeys(str(end).strip() for end in (low, high) if end is not None))


def _repeat(structure: DosageStep, said: DosageStep) -> Repeat:
    here, there = structure.repeat or Repeat(), said.repeat or Repeat()
    if structure.timing and structure.timing.events and there != Repeat(bounds=there.bounds):
        _disagree("timing", "on stated dates", _timing_words(there))
    one, other = times_per_day(here), times_per_day(there)
    if isinstance(one, Span) and isinstance(other, Span) and one != other:
        _disagree("timing", _timing_words(here), _timing_words(there))
    for name in ("when", "times_of_day", "days_of_week"):
        have, stated = getattr(here, name), getattr(there, name)
        if have and stated and set(have) != set(stated):
            _disagree("timing", _timing_words(here), _timing_words(there))
    if there.count is not None and here.count is None and any(_pattern(here)) and not any(_pattern(there)):
        _disagree("timing", _timing_words(here), _timing_words(there))
    pattern = here if any(_pattern(here)) else there
    both = any(_pattern(here)) and any(_pattern(there))
    if both and not (isinstance(one, Span) and isinstance(other, Span)) and _pattern(here) != _pattern(there):
        _disagree("timing", _timing_words(here), _timing_words(there))
    return replace(
        pattern,
        bounds=_bounds(here.bounds, there.bounds),
        count=_either("number of doses", here.count, there.count),
        count_max=_either("number of doses", here.count_max, there.count_max),
        duration=_either("length of one dose", here.duration, there.duration),
        duration_max=here.duration_max,
        duration_unit=_either("length of one dose", here.duration_unit, there.duration_unit),
        when=here.when or there.when,
        times_of_day=here.times_of_day or there.times_of_day,
        days_of_week=here.days_of_week or there.days_of_week,
        cycle=_either("cycle", here.cycle, there.cycle),
        offset_minutes=_either("minutes before or after", here.offset_minutes, there.offset_minutes),
    )


def _pattern(repeat: Repeat) -> tuple[object, ...]:
    return repeat.frequency, repeat.frequency_max, repeat.period, repeat.period_max, repeat.period_unit


def _timing_words(repeat: Repeat) -> str:
    try:
        return step_to_text(DosageStep(timing=Timing(repeat=replace(repeat, bounds=None))), strict=False)
    except Refused as refused:
        return str(refused)


def _bounds(here: Bounds | None, there: Bounds | None) -> Bounds | None:
    if here is None or there is None:
        return here or there
    if same_length(here, there):
        return here
    _disagree("length", _bounds_words(here), _bounds_words(there))


def same_length(one: Bounds, other: Bounds) -> bool:
    """Whether both last as long: 7 days and 1 week do."""
    if one == other:
        return True
    dated = one.start or one.end or other.start or other.end
    return not dated and course_days(one) is not None and course_days(one) == course_days(other)


def _bounds_words(bounds: Bounds) -> str:
    return step_to_text(DosageStep(timing=Timing(repeat=Repeat(bounds=bounds))), strict=False)


def _either(what: str, here: _T | None, there: _T | None) -> _T | None:
    if here is not None and there is not None and here != there:
        _disagree(what, str(here), str(there))
    return there if here is None else here


def _maximum(here: Ratio | None, there: Ratio | None) -> Ratio | None:
    if here is None or there is None:
        return here or there
    if not same_maximum(here, there):
        _disagree("maximum", *(f"{top.numerator} in {top.denominator}" for top in (here, there)))
    return here


def same_maximum(one: Ratio | None, other: Ratio | None) -> bool:
    """Whether both allow as much in as long: 8 in 24 hours and 8 a day do."""
    if one is None or other is None:
        return one is other
    lengths = [Bounds(duration=top.denominator) for top in (one, other)]
    return same_length(*lengths) and _same_amount(one.numerator, other.numerator)


def _as_needed(structure: DosageStep, said: DosageStep) -> AsNeeded | None:
    here, there = structure.as_needed, said.as_needed
    if here is None or there is None:
        if here is not None and (said.doses or said.timing):
            _disagree("use", "as required", "regular")
        return here or there
    if not here.reasons or not there.reasons:
        return here if here.reasons else there
    if {plain_place(reason.text) for reason in here.reasons} != {
        plain_place(reason.text) for reason in there.reasons
    }:
        _disagree("reason", ", ".join(r.text for r in here.reasons), ", ".join(r.text for r in there.reasons))
    return here


def _place(what: str, here: Coded | None, there: Coded | None) -> Coded | None:
    if here is None or there is None:
        return here or there
    general = what == "method" and not GENERAL_VERBS.isdisjoint(
        (plain_place(here.text), plain_place(there.text))
    )
    if not same_place(here, there) and not general:
        _disagree(what, here.text, there.text)
    return here


def same_place(one: Coded | None, other: Coded | None) -> bool:
    """Whether two routes, sites or methods are one: “Oral route” and “oral” are."""
    return (None if one is None else plain_place(one.text)) == (
        None if other is None else plain_place(other.text)
    )


def _notes(structure: DosageStep, said: DosageStep) -> tuple[Coded, ...]:
    known = {plain_place(note.text) for note in structure.additional_instructions}
    new = tuple(note for note in said.additional_instructions if plain_place(note.text) not in known)
    return structure.additional_instructions + new
