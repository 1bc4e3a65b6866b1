"""How is this instruction said on a label, on the screen and to the patient?

Words are made only from an instruction that is understood, and then read again: words that would not be
read back as the same instruction are not used. Everything else is said in the prescriber's own words, and
`verbatim` says so.

Source: UK label style: the verb first, numbers in capitals (“Take ONE tablet THREE times a day”), as in
the NHS England dosage tests 506c0d40 (MIT, 2026) and the Electronic Prescription Service examples;
numbers as in NHS Common User Interface MEDi-014 to 017 (2013).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from pestle.pharmacy.dosage.agree import read_dosage, said_by_all
from pestle.pharmacy.dosage.contradictions import contradictions
from pestle.pharmacy.dosage.dose import Dosage, DosageStep, PeriodUnit, Repeat
from pestle.pharmacy.dosage.dose_to_text import WHEN_WORDS, clock, joined, step_to_text
from pestle.pharmacy.dosage.dose_to_text import dose_to_text as dose_to_text
from pestle.pharmacy.dosage.lexicon import NUMBERS, VERBS
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.places import plain_place as _plain_route
from pestle.pharmacy.dosage.same import same_meaning
from pestle.pharmacy.dosage.units import COUNTED, unit_word
from pestle.pharmacy.quantity import Quantity, Range, Ratio, counted
from pestle.pharmacy.quantity import plain as number
from pestle.pharmacy.refusal import refuse


@dataclass(frozen=True, slots=True)
class Wording:
    """The words, and whether they are the prescriber's own, unchanged."""

    text: str
    verbatim: bool


def label(dosage: Dosage, *, verb: str | None = None, form: str | None = None) -> Wording:
    """The instruction as it stands on a UK label: “Take ONE tablet THREE times a day for 10 days.”

    “Take” says by mouth and “Inhale” says inhalation, so those routes are not said again; every other one
    is. `verb` overrules the one that follows from method, unit, route or `form` (the product's dose
    form). An instruction that is not understood, or has no dose, or holds what label words cannot carry,
    is the prescriber's text verbatim, steps divided by semicolons; a step without text is said by
    the dose-to-text rules. Raises `Refused` (``dosage.no-words``, ``dosage.not-sayable``) without either.
    """
    return _worded(dosage, _Style(capitals=True, verb=verb, form=form))


def plain(dosage: Dosage) -> Wording:
    """The instruction for the screen and the patient: “Take 1 tablet three times a day for 10 days.”

    Falls back and raises as `label` does.
    """
    return _worded(dosage, _Style(capitals=False))


@dataclass(frozen=True, slots=True)
class _Style:
    capitals: bool
    verb: str | None = None
    form: str | None = None


def _worded(dosage: Dosage, style: _Style) -> Wording:
    reading = read_dosage(dosage)
    if reading.dosage is not None:
        steps = sorted(reading.dosage.steps, key=lambda step: step.sequence or 0)
        said = [words for words in (_sentence(step, style) for step in steps) if words is not None]
        if len(said) == len(steps) and _reads_back(steps, _in_order(steps, [words for words, _ in said])):
            return Wording(_in_order(steps, [words + notes for words, notes in said]), verbatim=False)
    return _as_written(dosage)


def _reads_back(steps: list[DosageStep], text: str) -> bool:
    """Whether several steps together are read as these steps; each by itself is, and its route with it."""
    if len(steps) == 1:
        return True
    dosage = read(text).dosage
    if dosage is None or len(dosage.steps) != len(steps):
        return False
    pairs = zip(dosage.steps, steps, strict=True)
    return all(same_meaning(replace(one, route=None), replace(other, route=None)) for one, other in pairs)


def _as_written(dosage: Dosage) -> Wording:
    """The prescriber's words, step after step; a step without words is said from its structure, unless the
    words of the others say it already.
    """
    if dosage.text and len(dosage.steps) > 1 and said_by_all(dosage):
        return Wording(_words_of(dosage), verbatim=True)
    written = [(step.text or step.patient_instruction or "").strip() for step in dosage.steps]
    said = [words or step_to_text(step) for words, step in zip(written, dosage.steps, strict=True)]
    if not all(said):
        raise refuse(
            "dosage.no-words",
            "The instruction cannot be said, and it has no words of its own.",
            place="text",
            way_out="Ask the prescriber.",
        )
    return Wording("; ".join(said), verbatim=all(written))


def _words_of(dosage: Dosage) -> str:
    return "; ".join(step.text for step in dosage.steps if step.text)


def _in_order(steps: list[DosageStep], sentences: list[str]) -> str:
    text = sentences[0]
    for before, step, sentence in zip(steps, steps[1:], sentences[1:], strict=False):
        link = "And" if step.sequence == before.sequence else "Then"
        capitals = sentence[:2].isupper()  # “TWO to be taken”
        text += f" {link} {sentence if capitals else sentence[0].lower() + sentence[1:]}"
    return text


def _sentence(step: DosageStep, style: _Style) -> tuple[str, str] | None:
    """One step as a sentence that reads back as the same step, and its notes; None where there is none."""
    if not _carried(step) or any(contradictions(step)):
        return None
    verb = _verb(step, style)
    words = [*_verb_and_dose(verb, step, style), *_often(step.repeat, style), *_moments(step.repeat)]
    words += [step.site.text if step.site else "", _as_needed(step), _bounds(step.repeat)]
    implied = step.route is not None and _plain_route(step.route.text) == _IMPLIED_ROUTES.get(verb)
    route = f", {step.route.text.lower()}" if step.route and not implied else ""
    sentence = " ".join(word for word in words if word) + route + "."
    reading = read(sentence + _maximum(step))
    meant = replace(step, route=None) if implied else step
    if reading.dosage is None or not same_meaning(reading.dosage.steps[0], meant):
        return None
    notes = [note.text for note in step.additional_instructions]
    if step.patient_instruction and not _said(step.patient_instruction, step):
        notes.append(step.patient_instruction)
    added = "".join(f" {note[0].upper()}{note[1:].rstrip('.')}." for note in notes if note)
    return sentence + _maximum(step), added


def _verb_and_dose(verb: str, step: DosageStep, style: _Style) -> list[str]:
    """“Take ONE tablet”; a count of nothing named is “ONE to be taken”, so that two numbers never meet."""
    dose = step.doses[0].dose
    end = (dose.high or dose.low) if isinstance(dose, Range) else dose
    if end and not end.unit.text and verb in _PARTICIPLES:
        words = _dose(step, style)
        return [f"{words[0].upper()}{words[1:]}", f"to be {_PARTICIPLES[verb]}"]
    return [verb, _dose(step, style)]


def _carried(step: DosageStep) -> bool:
    """Whether label words can carry everything that the step says."""
    repeat = step.repeat or Repeat()
    beyond = (
        repeat.count,
        repeat.count_max,
        repeat.duration,
        repeat.offset_minutes,
        repeat.cycle,
        step.max_dose_per_lifetime,
    )
    dates = repeat.bounds and (repeat.bounds.start or repeat.bounds.end)
    stated = [entry.dose for entry in step.doses if entry.dose is not None]
    one_dose = len(stated) == len(step.doses) == 1 and step.doses[0].rate is None
    events = step.timing.events if step.timing else ()
    words = (*step.additional_instructions, *(place for place in (step.route, step.site) if place))
    if any(word.text == word.code for word in words):
        return False
    return one_dose and not dates and not events and all(value is None for value in beyond)


def _said(patient_instruction: str, step: DosageStep) -> bool:
    """Whether the patient instruction is the instruction itself, so that it need not stand there twice."""
    reading = read(patient_instruction)
    if reading.dosage is None:
        return False
    said = reading.dosage.steps[0]
    known = {note.text.casefold() for note in step.additional_instructions}
    return all(note.text.casefold() in known for note in said.additional_instructions)


_UNIT_VERBS = {
    "tablet": "Take", "capsule": "Take", "caplet": "Take", "sachet": "Take", "spoonful": "Take",
    "puff": "Inhale",
    "inhalation": "Inhale", "actuation": "Inhale", "patch": "Apply", "plaster": "Apply",
    "application": "Apply",
    "dressing": "Apply", "suppository": "Insert", "pessary": "Insert", "applicatorful": "Insert",
    "enema": "Insert", "injection": "Inject", "lozenge": "Suck", "pastille": "Suck", "drop": "Put",
}  # fmt: skip
_ROUTE_VERBS = (
    ("oral", "Take"), ("inhal", "Inhale"), ("subcutaneous", "Inject"), ("intramuscular", "Inject"),
    ("intravenous", "Inject"), ("cutaneous", "Apply"), ("topical", "Apply"), ("transdermal", "Apply"),
    ("rectal", "Insert"), ("vaginal", "Insert"),
)  # fmt: skip
_FORM_VERBS = (
    ("tablet", "Take"), ("capsule", "Take"), ("oral", "Take"), ("inhal", "Inhale"),
    ("injection", "Inject"),
    ("cream", "Apply"), ("ointment", "Apply"), ("gel", "Apply"), ("lotion", "Apply"), ("patch", "Apply"),
    ("suppositor", "Insert"), ("pessar", "Insert"),
)  # fmt: skip
_PARTICIPLES = {verb: participle for _, participle, verb in VERBS}
_KNOWN_VERBS = {imperative: verb for imperative, _, verb in VERBS}


def _verb(step: DosageStep, style: _Style) -> str:
    """The method as sent, or the verb that unit, route or form make certain; else “Use”."""
    if style.verb:
        return style.verb
    if step.method and step.method.text.casefold() in _KNOWN_VERBS:
        return _KNOWN_VERBS[step.method.text.casefold()]
    dose = step.doses[0].dose
    end = (dose.high or dose.low) if isinstance(dose, Range) else dose
    unit = unit_word(end.unit.text.rpartition("ml ")[2]) if end else None
    if unit in _UNIT_VERBS:
        return _UNIT_VERBS[unit]
    for text, verbs in (
        (step.route.text if step.route else "", _ROUTE_VERBS),
        (style.form or "", _FORM_VERBS),
    ):
        for part, verb in verbs:
            if text.casefold().startswith(part) or (verbs is _FORM_VERBS and part in text.casefold()):
                return verb
    return "Use"


# What the verb says of the route by itself.
_IMPLIED_ROUTES = {"Take": "oral", "Swallow": "oral", "Inhale": "inhalation"}
_SMALL = {int(value): word for word, value in NUMBERS.items() if 0 < value <= 12}
_HALF = Decimal("0.5")


def _count(value: Decimal, style: _Style) -> str:
    """How many to take: in words and capitals on a label, in figures on a screen; halves in words on both."""
    whole = int(value)
    word = _SMALL.get(whole)
    if word and value == whole + _HALF:
        return f"{word.upper()} AND A HALF" if style.capitals else f"{whole} and a half"
    return word.upper() if word and value == whole and style.capitals else number(value)


def _often_word(value: int | Decimal, style: _Style) -> str:
    """How often, or how many spoonfuls, in words: two figures never stand side by side."""
    word = _SMALL.get(int(value)) if value == int(value) else None
    return number(Decimal(value)) if word is None else word.upper() if style.capitals else word


def _dose(step: DosageStep, style: _Style) -> str:
    dose = step.doses[0].dose
    if isinstance(dose, Range):
        if dose.low is None or dose.high is None:
            return f"up to {_amount(dose.high, style)}" if dose.high else "at least"
        if dose.low.unit == dose.high.unit:
            return f"{_number(dose.low, style)} to {_amount(dose.high, style)}"
        return f"{_amount(dose.low, style)} to {_amount(dose.high, style)}"
    return _amount(dose, style) if dose else ""


def _number(amount: Quantity, style: _Style) -> str:
    unit = amount.unit.text
    if unit.endswith("spoonful"):
        return _often_word(amount.value, style)
    in_words = not unit or unit_word(unit) in COUNTED
    return _count(amount.value, style) if in_words else number(amount.value)


def _amount(amount: Quantity, style: _Style) -> str:
    unit = amount.unit.text
    if amount.value == _HALF and unit_word(unit) in COUNTED:
        return f"{'HALF' if style.capitals else 'half'} a {counted(unit, Decimal(1))}"
    if unit.endswith("spoonful"):
        return f"{_number(amount, style)} {unit}{'' if amount.value <= 1 else 's'}"
    return f"{_number(amount, style)} {counted(unit, amount.value)}".strip()


_EACH = {PeriodUnit.HOUR: "an hour", PeriodUnit.DAY: "a day", PeriodUnit.WEEK: "a week",
         PeriodUnit.MONTH: "a month", PeriodUnit.YEAR: "a year"}  # fmt: skip


def _often(repeat: Repeat | None, style: _Style) -> list[str]:
    repeat = repeat or Repeat()
    often, most = repeat.frequency, repeat.frequency_max
    period = _period(repeat, style)
    if often is None and most is None:
        return [period] if period else []
    if often == 1 and most is None and period.startswith("every"):
        return [period]
    return [_times(often, most, style), period]


def _times(often: int | None, most: int | None, style: _Style) -> str:
    if most is None and often in (1, 2):
        word = "once" if often == 1 else "twice"
        return word.upper() if style.capitals else word
    if often is None and most is not None:
        return f"up to {_often_word(most, style)} times"
    least = _often_word(often or 0, style)
    return f"{least} times" if most is None else f"{least} to {_often_word(most, style)} times"


def _period(repeat: Repeat, style: _Style) -> str:
    if repeat.period is None or repeat.period_unit is None:
        return ""
    name = repeat.period_unit.name.lower()
    if repeat.period_max is not None:
        return f"every {_often_word(repeat.period, style)} to {_often_word(repeat.period_max, style)} {name}s"
    if repeat.period == 1:
        alone = repeat.frequency is None and repeat.frequency_max is None
        return f"every {name}" if alone else _EACH.get(repeat.period_unit, f"every {name}")
    return f"every {_often_word(repeat.period, style)} {name}s"


def _moments(repeat: Repeat | None) -> list[str]:
    repeat = repeat or Repeat()
    words = []
    if repeat.days_of_week:
        words.append(f"on {joined(_days_of_week(repeat))}")
    if repeat.when:
        words.append(joined([WHEN_WORDS[when] for when in repeat.when]))
    if repeat.times_of_day:
        words.append(f"at {joined([clock(at) for at in repeat.times_of_day])}")
    return words


def _days_of_week(repeat: Repeat) -> list[str]:
    """“Once a week on Monday”, and “on Mondays and Thursdays”."""
    one_a_week = repeat.frequency == 1 and repeat.period_unit is PeriodUnit.WEEK
    ending = "" if one_a_week and len(repeat.days_of_week) == 1 else "s"
    return [f"{day.name.capitalize()}{ending}" for day in repeat.days_of_week]


def _as_needed(step: DosageStep) -> str:
    if step.as_needed is None:
        return ""
    reasons = [reason.text for reason in step.as_needed.reasons]
    return f"when required for {joined(reasons)}" if reasons else "when required"


def _bounds(repeat: Repeat | None) -> str:
    bounds = repeat.bounds if repeat else None
    if bounds is None:
        return ""
    if bounds.duration is not None:
        return f"for {_length(bounds.duration)}"
    low, high = (bounds.range.low, bounds.range.high) if bounds.range else (None, None)
    if low and high:
        return f"for {number(low.value)} to {_length(high)}"
    only = low or high
    return f"for {'at least' if low else 'up to'} {_length(only)}" if only else ""


def _length(length: Quantity) -> str:
    return f"{number(length.value)} {length.unit.text.removesuffix('s')}{'' if length.value == 1 else 's'}"


def _maximum(step: DosageStep) -> str:
    top, each = step.max_dose_per_period, step.max_dose_per_administration
    words = f" Maximum {_top(top)}." if isinstance(top, Ratio) else ""
    return words + (f" Maximum {str(each).strip()} per dose." if each else "")


def _top(top: Ratio) -> str:
    return f"{str(top.numerator).strip()} in {_length(top.denominator)}"
