"""How much a day does each step of an instruction come to, and for how long does it run?

Steps at the same time are added. A dose for “each eye” or “both eyes” is taken for each of the two. The
instruction is read as `read_dosage` reads it; what does not follow is answered with `CannotTell`.

Rules: ``supply.dose-not-stated``, ``supply.timing-not-stated``, ``supply.as-needed``, ``supply.unit``,
``supply.rate``, ``supply.waking-hours``, ``supply.cycle`` and those of `agree`.
Source: ours, from FHIR R4 Dosage (2019).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from math import ceil

from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.dosage.dose import Cycle, Dosage, DosageStep, PeriodUnit
from pestle.pharmacy.dosage.packing import CannotTell
from pestle.pharmacy.dosage.phrases import WAKING
from pestle.pharmacy.dosage.rate import (
    Span,
    amount_at_most,
    amount_in,
    course_days,
    dose_of,
    in_days,
    time_unit,
    times_per_day,
)
from pestle.pharmacy.dosage.reading import Reading
from pestle.pharmacy.quantity import Quantity, Unit


@dataclass(frozen=True, slots=True)
class Phase:
    """One step, or steps at the same time: the amount a day, and for how many days (None: no end stated).

    `doses`: how often a day at the most, and how much each time. `capped`: a stated maximum allows less.
    """

    least: Fraction
    most: Fraction
    unit: Unit
    shortest: Fraction | None
    longest: Fraction | None
    as_needed: bool
    doses: tuple[tuple[Fraction, Fraction], ...]
    capped: bool
    cycle: Cycle | None = None

    def enough(self, days: Fraction) -> Fraction:
        """Enough for every dose that begins in so many days, the last one whole: 2 patches for 10 days of
        one a week.
        """
        if self.cycle is not None:
            days = self.cycle.days_within(days)
        if self.capped:
            return self.most * ceil(days)
        return sum((ceil(days * often) * amount for often, amount in self.doses), Fraction(0))


def phases_of(dosage: Dosage) -> list[Phase] | CannotTell:
    """The phases one after the other."""
    return phases_read(read_dosage(dosage))


def phases_read(reading: Reading) -> list[Phase] | CannotTell:
    """The phases of an instruction that was read already."""
    if reading.dosage is None:
        assert reading.refusal is not None
        return CannotTell(reading.refusal.rule, reading.refusal.reason)
    steps = sorted(reading.dosage.steps, key=lambda step: step.sequence or 0)
    phases: list[Phase] = []
    for _, together in groupby(steps, key=lambda step: step.sequence):
        phase = _together([_phase(step) for step in together])
        if isinstance(phase, CannotTell):
            return phase
        phases.append(phase)
    if any(phase.longest is None for phase in phases[:-1]):
        return CannotTell("supply.timing-not-stated", "It is not stated when the next step begins.")
    return phases


def _together(found: list[Phase | CannotTell]) -> Phase | CannotTell:
    """The sum of steps at the same time; they must run as long as each other."""
    total: Phase | None = None
    for phase in found:
        if isinstance(phase, CannotTell):
            return phase
        if total is None:
            total = phase
            continue
        rate = amount_in(Decimal(1), phase.unit.text, total.unit.text)
        if rate is None:
            return CannotTell("supply.unit", f"One step is in {phase.unit}, another in {total.unit}.")
        if phase.cycle != total.cycle:
            return CannotTell("supply.cycle", "Steps at the same time have different days on and off.")
        if (phase.shortest, phase.longest) != (total.shortest, total.longest):
            return CannotTell("supply.timing-not-stated", "Steps at the same time end at different times.")
        total = replace(
            total,
            least=total.least + phase.least * rate,
            most=total.most + phase.most * rate,
            as_needed=total.as_needed or phase.as_needed,
            doses=total.doses + tuple((often, amount * rate) for often, amount in phase.doses),
            capped=total.capped or phase.capped,
        )
    assert total is not None
    return total


def _phase(step: DosageStep) -> Phase | CannotTell:
    if any(note.text.casefold() in WAKING for note in step.additional_instructions):
        return CannotTell("supply.waking-hours", "Only while awake: how often a day is not stated.")
    if any(entry.rate is not None for entry in step.doses):
        return CannotTell("supply.rate", "The dose is given at a rate.")
    dose = dose_of(step)
    if len(step.doses) > 1:
        return CannotTell("supply.dose-not-stated", "The dose is stated in more than one way.")
    if dose is None or dose[1] is None:
        return CannotTell("supply.dose-not-stated", "The dose is not stated.")
    often = times_per_day(step.repeat)
    if isinstance(often, str) and step.as_needed is not None:
        return CannotTell("supply.as-needed", f"When required: {often}.")
    if step.as_needed is not None and step.repeat and step.repeat.period_unit is PeriodUnit.MINUTE:
        return CannotTell("supply.as-needed", "When required, some minutes apart: not how often a day.")
    if isinstance(often, str) or often.most is None:
        return CannotTell("supply.timing-not-stated", f"{str(often)[0].upper()}{str(often)[1:]}.")
    repeat = step.repeat
    if repeat and (repeat.count or repeat.count_max):
        return CannotTell("supply.timing-not-stated", "It is to be taken a stated number of times in all.")
    sites = _sites(step)
    low, high = dose[0], dose[1]
    unit = high.unit
    lowest = amount_in(low.value, low.unit.text, unit.text) if low else Fraction(0)
    assert lowest is not None
    least, most = lowest * often.least * sites, Fraction(high.value) * often.most * sites
    most = _capped(step, most, high)
    course = course_days(repeat.bounds if repeat else None)
    if course and not _passes(course):
        return CannotTell("supply.timing-not-stated", "It runs for no time at all, or for less than that.")
    cycle = repeat.cycle if repeat else None
    share = Fraction(cycle.days_on, cycle.of) if cycle else Fraction(1)
    needed = Fraction(0) if step.as_needed else min(least, most)
    return Phase(
        least=needed,
        most=most,
        unit=unit,
        shortest=course.least if course else None,
        longest=course.most if course else None,
        as_needed=step.as_needed is not None,
        doses=((often.most / share, Fraction(high.value) * sites),),
        cycle=cycle,
        capped=most < Fraction(high.value) * often.most * sites,
    )


def _passes(course: Span) -> bool:
    """Whether time passes, and the longest is no shorter than the shortest."""
    return course.least >= 0 and (course.most is None or (course.most >= course.least and course.most > 0))


def _sites(step: DosageStep) -> int:
    """How many places one dose goes to: “each eye” and “both eyes” are two, each with the whole dose."""
    words = step.site.text.casefold().split() if step.site else []
    return 1 if {"each", "both"}.isdisjoint(words) else 2


def _capped(step: DosageStep, most: Fraction, high: Quantity) -> Fraction:
    """The most in a day, no more than the maximum in a period allows on average."""
    top = step.max_dose_per_period
    length = time_unit(top.denominator.unit.text) if top else None
    if top is None or length is None:
        return most
    allowed = amount_at_most(top.numerator, high)
    shortest, _ = in_days(top.denominator.value, length)
    return min(most, allowed / shortest) if allowed is not None and shortest > 0 else most
