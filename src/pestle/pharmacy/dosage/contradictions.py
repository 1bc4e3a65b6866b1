"""What in an instruction contradicts itself, so that no words for it are safe?

“4 to 2 tablets”, “every 0 days”, “for 7 to 5 days”: each can be printed, and what it means cannot be told. A
large amount or a long course contradicts nothing; `limits` asks a person about those.

`impossible` names the few things that nobody can have meant. A message that says one is not taken in.

Source: NHS England dosage_instructions 506c0d40 (MIT, 2026), CC rules; FHIR R4 Timing invariants (2019).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from pestle.pharmacy.dosage.amounts import TwoWays
from pestle.pharmacy.dosage.dose import Bounds, Dosage, DosageStep, Repeat
from pestle.pharmacy.dosage.limits import MOST_OF_ANYTHING, believable
from pestle.pharmacy.dosage.rate import amount_in
from pestle.pharmacy.quantity import Quantity, Range, plain
from pestle.pharmacy.refusal import Refusal

_CONTRADICT = frozenset({
    "dosage.range-reversed", "dosage.nothing-at-once", "dosage.units-differ", "dosage.max-below-regular",
})  # fmt: skip


def contradictions(step: DosageStep) -> Iterator[tuple[str, str]]:
    """The FHIR element and the reason, for each contradiction in the step."""
    repeat = step.repeat or Repeat()
    yield from _repeat(repeat)
    if repeat.bounds is not None:
        yield from _bounds(repeat.bounds)
    top = step.max_dose_per_period
    if top is not None and (top.numerator.value <= 0 or top.denominator.value <= 0):
        yield "maxDosePerPeriod", "it is nothing, or in no time"
    for place, most in (("maxDosePerAdministration", step.max_dose_per_administration),
                        ("maxDosePerLifetime", step.max_dose_per_lifetime)):  # fmt: skip
        if most is not None and most.value <= 0:
            yield place, "it is nothing"
    try:
        believable(step)
    except TwoWays as stop:
        if stop.rule in _CONTRADICT:
            yield "dosage", stop.reason
    except (ArithmeticError, ValueError):
        yield "dosage", "its numbers make no sense together"


def impossible(dosage: Dosage, *, place: str) -> Iterator[Refusal]:
    """What no instruction can say in its structure: ``dosage.nothing-at-once`` (no amount, or less than
    none), ``dosage.too-much-at-once`` (over a hundred million), ``dosage.never`` (0 times, every 0 days)."""
    for step in dosage.steps:
        for entry in step.doses:
            low, high = (
                (entry.dose.low, entry.dose.high) if isinstance(entry.dose, Range) else (None, entry.dose)
            )
            # “0 to 2 tablets” is said of what is for when it is required.
            if (low is not None and low.value < 0) or (high is not None and high.value <= 0):
                yield Refusal("dosage.nothing-at-once", f"{high or low} at one time is no dose", place, _ASK)
            if any(end is not None and end.value > MOST_OF_ANYTHING for end in (low, high)):
                yield Refusal("dosage.too-much-at-once", f"{high or low} at one time is not believed", place,
                              _ASK)  # fmt: skip
        repeat = step.repeat or Repeat()
        for value in (repeat.frequency, repeat.frequency_max, repeat.period, repeat.period_max):
            if value is not None and value <= 0:
                reason = f"{plain(Decimal(value))} is no number of times, nor a time between doses"
                yield Refusal("dosage.never", reason, place, _ASK)


_ASK = "Telephone the prescriber."


def _repeat(repeat: Repeat) -> Iterator[tuple[str, str]]:
    pairs = (
        ("frequency", repeat.frequency, repeat.frequency_max), ("period", repeat.period, repeat.period_max),
        ("count", repeat.count, repeat.count_max), ("duration", repeat.duration, repeat.duration_max),
    )  # fmt: skip
    for place, low, high in pairs:
        if any(end is not None and end <= 0 for end in (low, high)):
            yield place, "it is nothing"
        elif low is not None and high is not None and high < low:
            yield place, "its upper end is below the lower"
    for place, named in (("when", repeat.when), ("timeOfDay", repeat.times_of_day),
                         ("dayOfWeek", repeat.days_of_week)):  # fmt: skip
        if len(set(named)) < len(named):
            yield place, "the same is said twice"


def _bounds(bounds: Bounds) -> Iterator[tuple[str, str]]:
    if bounds.duration is not None and bounds.duration.value <= 0:
        yield "boundsDuration", "it is no time at all"
    if bounds.range is not None and not _rises(bounds.range):
        yield "boundsRange", "its upper end is nothing, or below the lower"
    if bounds.start and bounds.end and bounds.end[: len(bounds.start)] < bounds.start[: len(bounds.end)]:
        yield "boundsPeriod", "it ends before it starts"


def _rises(span: Range) -> bool:
    low, high = span.low, span.high
    if high is not None and high.value <= 0:
        return False
    return low is None or high is None or _least(low, high) <= high.value


def _least(low: Quantity, high: Quantity) -> Fraction | Decimal:
    converted = amount_in(low.value, low.unit.text, high.unit.text)
    return high.value if converted is None else converted
