"""What was read from an instruction, and what was not?

A `Reading` is understood, or it is not and says by which rule. An instruction that is not understood
carries no dosage: half an understanding is not handed on. Source: ours; the rules' names are stable.
"""

from __future__ import annotations

from dataclasses import dataclass

from pestle.pharmacy.dosage.dose import Dosage, DosageStep, DoseAndRate
from pestle.pharmacy.dosage.dose_to_text import rate_words
from pestle.pharmacy.dosage.rate import Span, times_per_day
from pestle.pharmacy.quantity import Quantity, Range, Unit
from pestle.pharmacy.quantity import plain as number
from pestle.pharmacy.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Reading:
    """What `text` says.

    Understood: `dosage` is present, `refusal` is None, and `unused` holds words that stand apart and say
    nothing of the dose (a medicine's name, “home delivery service”); the steps carry them as notes. Not
    understood: `dosage` is None, `refusal` names the rule, `unused` holds the words that no rule used.
    `quantity` is an amount to supply that the text states before its instruction (“20 tablets. One
    tablet …”).
    """

    text: str
    dosage: Dosage | None
    unused: tuple[str, ...] = ()
    refusal: Refusal | None = None
    quantity: Quantity | None = None

    def __post_init__(self) -> None:
        if (self.dosage is None) == (self.refusal is None):
            raise ValueError("a reading has a dosage, or a refusal and no dosage")

    @property
    def understood(self) -> bool:
        """Whether everything that may say a dose was read, in the one way it can be read."""
        return self.dosage is not None


def not_understood(
    text: str, rule: str, reason: str, *, unused: tuple[str, ...] = (), place: str | None = None
) -> Reading:
    """A reading that names why it is none, with the way out that always exists: ask, or use the words as
    written.
    """
    return Reading(text, None, unused, Refusal(rule, reason, place, WAY_OUT))


WAY_OUT = "Read the prescriber's own words; ask the prescriber if they leave a doubt."


def reading_json(reading: Reading) -> dict[str, object]:
    """The reading as JSON: amounts are text, so that no reader turns them into floats.

    Keys: ``text``, ``understood`` (bool), ``unused`` (list of words), ``refusal`` (None, or ``rule``,
    ``reason``, ``place``, ``way_out``), ``quantity`` (None, or ``value`` and ``unit``), ``steps`` (list;
    empty when not understood). A step has ``sequence``, ``text``, ``doses`` (list of ``least``, ``most``,
    ``unit``, either end of which may be None, and ``rate`` in words or None), ``times_per_day`` (None, or
    ``least`` and ``most`` as fractions such as ``1/7``), ``timing_unknown`` (None, or why there is no
    number), ``period`` (None, or ``frequency``, ``frequency_max``, ``period``, ``period_max``, ``unit``
    as a UCUM code), ``when`` (FHIR event timings), ``times_of_day``, ``days_of_week``, ``as_needed``,
    ``reasons``, ``for`` (None, or ``least``, ``most``, ``unit``, ``start``, ``end``), ``cycle`` (None, or
    ``days_on`` and ``of``), ``count`` and
    ``count_max``, ``maximum`` (None, or ``amount``, ``unit``, ``per``, ``per_unit``),
    ``maximum_per_dose`` (None, or ``value`` and ``unit``), ``method``, ``route``, ``site``, ``notes``
    (list of words), ``patient_instruction``.
    """
    refusal = reading.refusal
    return {
        "text": reading.text,
        "understood": reading.understood,
        "unused": list(reading.unused),
        "refusal": None
        if refusal is None
        else {
            "rule": refusal.rule,
            "reason": refusal.reason,
            "place": refusal.place,
            "way_out": refusal.way_out,
        },
        "quantity": _quantity(reading.quantity),
        "steps": [_step(step) for step in reading.dosage.steps] if reading.dosage else [],
    }


def _step(step: DosageStep) -> dict[str, object]:
    often = times_per_day(step.repeat)
    known = isinstance(often, Span)
    top = step.max_dose_per_period
    repeat = step.repeat
    return {
        "sequence": step.sequence,
        "text": step.text,
        "doses": [_dose(entry) for entry in step.doses],
        "times_per_day": {"least": str(often.least), "most": None if often.most is None else str(often.most)}
        if isinstance(often, Span)
        else None,
        "timing_unknown": None if known else often,
        "period": _period(step),
        "when": [when.value for when in repeat.when] if repeat else [],
        "times_of_day": [at.isoformat() for at in repeat.times_of_day] if repeat else [],
        "days_of_week": [day.value for day in repeat.days_of_week] if repeat else [],
        "as_needed": step.as_needed is not None,
        "reasons": [reason.text for reason in step.as_needed.reasons] if step.as_needed else [],
        "for": _bounds(step),
        "cycle": {"days_on": repeat.cycle.days_on, "of": repeat.cycle.of}
        if repeat and repeat.cycle
        else None,
        "count": repeat.count if repeat else None,
        "count_max": repeat.count_max if repeat else None,
        "maximum": None
        if top is None
        else {
            "amount": number(top.numerator.value),
            "unit": top.numerator.unit.text,
            "per": number(top.denominator.value),
            "per_unit": top.denominator.unit.text,
        },
        "maximum_per_dose": _quantity(step.max_dose_per_administration),
        "method": step.method.text if step.method else None,
        "route": step.route.text if step.route else None,
        "site": step.site.text if step.site else None,
        "notes": [note.text for note in step.additional_instructions],
        "patient_instruction": step.patient_instruction,
    }


def _quantity(amount: Quantity | None) -> dict[str, str] | None:
    return None if amount is None else {"value": _decimal(amount), "unit": amount.unit.text}


def _decimal(amount: Quantity) -> str:
    return number(amount.value).replace(",", "")


def _dose(entry: DoseAndRate) -> dict[str, object]:
    low, high = (
        (entry.dose.low, entry.dose.high) if isinstance(entry.dose, Range) else (entry.dose, entry.dose)
    )
    unit: Unit | None = high.unit if high else low.unit if low else None
    return {
        "least": _decimal(low) if low else None,
        "most": _decimal(high) if high else None,
        "unit": unit.text if unit else None,
        "rate": rate_words(entry.rate) if entry.rate else None,
    }


def _period(step: DosageStep) -> dict[str, object] | None:
    repeat = step.repeat
    if repeat is None or (
        repeat.period is None and repeat.frequency is None and repeat.frequency_max is None
    ):
        return None
    return {
        "frequency": repeat.frequency,
        "frequency_max": repeat.frequency_max,
        "period": None if repeat.period is None else str(repeat.period),
        "period_max": None if repeat.period_max is None else str(repeat.period_max),
        "unit": repeat.period_unit.value if repeat.period_unit else None,
    }


def _bounds(step: DosageStep) -> dict[str, object] | None:
    bounds = step.repeat.bounds if step.repeat else None
    if bounds is None:
        return None
    low, high = (bounds.range.low, bounds.range.high) if bounds.range else (bounds.duration, bounds.duration)
    unit = high.unit.text if high else low.unit.text if low else None
    return {
        "least": _decimal(low) if low else None,
        "most": _decimal(high) if high else None,
        "unit": unit,
        "start": bounds.start,
        "end": bounds.end,
    }
