"""What does this instruction tell the patient to do?

One immutable value with the meaning of FHIR R4 Dosage and Timing. A `Dosage` is one or more steps;
steps with the same `sequence` run at the same time, different ones one after the other. A field that
is None was not said: nothing is assumed for it.

Source: FHIR R4 (4.0.1, 2019) Dosage and Timing; hl7.org/fhir/R4/dosage.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from itertools import pairwise

from pestle.pharmacy.quantity import Quantity, Range, Ratio


@dataclass(frozen=True, slots=True)
class Coded:
    """A word with its code: a route, a method, a site, a reason."""

    text: str
    system: str | None = None
    code: str | None = None


class PeriodUnit(Enum):
    """FHIR UnitsOfTime (UCUM codes)."""

    SECOND = "s"
    MINUTE = "min"
    HOUR = "h"
    DAY = "d"
    WEEK = "wk"
    MONTH = "mo"
    YEAR = "a"


class Day(Enum):
    """FHIR DaysOfWeek."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


class When(Enum):
    """FHIR EventTiming: moments of the day that are not clock times."""

    MORNING = "MORN"
    EARLY_MORNING = "MORN.early"
    LATE_MORNING = "MORN.late"
    NOON = "NOON"
    AFTERNOON = "AFT"
    EARLY_AFTERNOON = "AFT.early"
    LATE_AFTERNOON = "AFT.late"
    EVENING = "EVE"
    EARLY_EVENING = "EVE.early"
    LATE_EVENING = "EVE.late"
    NIGHT = "NIGHT"
    AFTER_SLEEP = "PHS"
    BEFORE_SLEEP = "HS"
    UPON_WAKING = "WAKE"
    MEAL = "C"
    BREAKFAST = "CM"
    LUNCH = "CD"
    DINNER = "CV"
    BEFORE_MEAL = "AC"
    BEFORE_BREAKFAST = "ACM"
    BEFORE_LUNCH = "ACD"
    BEFORE_DINNER = "ACV"
    AFTER_MEAL = "PC"
    AFTER_BREAKFAST = "PCM"
    AFTER_LUNCH = "PCD"
    AFTER_DINNER = "PCV"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long the instruction runs: a duration, a range of durations, or from one date to another.

    Dates stay as written (FHIR dateTime), because their precision carries meaning.
    """

    duration: Quantity | None = None
    range: Range | None = None
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    """On the first `days_on` of every `of` days, counted from the first day of treatment; then a pause.

    FHIR R4 has no element for it; a message says it in words.
    """

    days_on: int
    of: int

    def __post_init__(self) -> None:
        if not 0 < self.days_on < self.of:
            raise ValueError("a cycle has days on and days off")

    def days_within(self, days: Fraction) -> Fraction:
        """How many of so many days, from the first on, are days on."""
        cycles, rest = divmod(days, self.of)
        return cycles * self.days_on + min(rest, Fraction(self.days_on))


@dataclass(frozen=True, slots=True)
class Repeat:
    """When, again and again: FHIR Timing.repeat. `frequency` times every `period` `period_unit`."""

    bounds: Bounds | None = None
    count: int | None = None
    count_max: int | None = None
    duration: Decimal | None = None
    duration_max: Decimal | None = None
    duration_unit: PeriodUnit | None = None
    frequency: int | None = None
    frequency_max: int | None = None
    period: Decimal | None = None
    period_max: Decimal | None = None
    period_unit: PeriodUnit | None = None
    days_of_week: tuple[Day, ...] = ()
    times_of_day: tuple[time, ...] = ()
    when: tuple[When, ...] = ()
    offset_minutes: int | None = None
    cycle: Cycle | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """FHIR Timing: stated moments (`events`, as written), a repeating pattern, or a code."""

    events: tuple[str, ...] = ()
    repeat: Repeat | None = None
    code: Coded | None = None


@dataclass(frozen=True, slots=True)
class DoseAndRate:
    """How much at a time, and how fast. At most one of quantity and range for each."""

    dose: Quantity | Range | None = None
    rate: Quantity | Range | Ratio | None = None
    kind: Coded | None = None


@dataclass(frozen=True, slots=True)
class AsNeeded:
    """When required; `reasons` is empty when none was said."""

    reasons: tuple[Coded, ...] = ()


@dataclass(frozen=True, slots=True)
class DosageStep:
    """One FHIR Dosage element: one line of an instruction."""

    sequence: int | None = None
    text: str | None = None
    additional_instructions: tuple[Coded, ...] = ()
    patient_instruction: str | None = None
    timing: Timing | None = None
    as_needed: AsNeeded | None = None
    site: Coded | None = None
    route: Coded | None = None
    method: Coded | None = None
    doses: tuple[DoseAndRate, ...] = ()
    max_dose_per_period: Ratio | None = None
    max_dose_per_administration: Quantity | None = None
    max_dose_per_lifetime: Quantity | None = None

    @property
    def repeat(self) -> Repeat | None:
        """The repeating pattern, if there is one."""
        return self.timing.repeat if self.timing else None


@dataclass(frozen=True, slots=True)
class Dosage:
    """A whole instruction. It has at least one step."""

    steps: tuple[DosageStep, ...]

    def __post_init__(self) -> None:
        if not self.steps:
            raise ValueError("a dosage has at least one step")

    @property
    def text(self) -> str:
        """The instruction as received; empty if none was written.

        Steps of one sequence are joined by ", and ", of different ones by ", then ", and by "; " where a
        sequence is not stated: how they follow each other is not ours to say.
        """
        written = [step for step in self.steps if step.text]
        words = written[0].text or "" if written else ""
        for before, step in pairwise(written):
            words = f"{words.rstrip('.')}{_joined(before, step)}{step.text}"
        return words


def _joined(before: DosageStep, step: DosageStep) -> str:
    if before.sequence is None or step.sequence is None:
        return "; "
    return ", and " if before.sequence == step.sequence else ", then "
