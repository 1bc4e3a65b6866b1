"""What does a message mean that says its instruction in structure and in words?

structure (in the NHS words) | text | patient instruction | outcome: the meaning, or the rule that refuses it
"""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from decimal import Decimal

import pytest

from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.dosage.dose import (
    AsNeeded,
    Bounds,
    Coded,
    Dosage,
    DosageStep,
    DoseAndRate,
    PeriodUnit,
    Repeat,
    Timing,
)
from pestle.pharmacy.dosage.wording import plain
from pestle.pharmacy.quantity import Quantity, Ratio, Unit

DISAGREE = "dosage.text-and-structure-disagree"


def _daily(times: int) -> Repeat:
    return Repeat(frequency=times, period=Decimal(1), period_unit=PeriodUnit.DAY)


def _dose(value: str, unit: str) -> tuple[DoseAndRate, ...]:
    return (DoseAndRate(dose=Quantity(Decimal(value), Unit(unit))),)


NOTHING = DosageStep()
THREE_A_DAY = DosageStep(timing=Timing(repeat=_daily(3)))
ONE_THREE_A_DAY = replace(THREE_A_DAY, doses=_dose("1", "tablet"))
ONE_A_DAY = DosageStep(timing=Timing(repeat=_daily(1)), doses=_dose("1", "tablet"))
FIVE_MG_EIGHT_A_DAY = DosageStep(timing=Timing(repeat=_daily(8)), doses=_dose("5", "milligram"))
EVERY_8_HOURS = DosageStep(
    timing=Timing(repeat=Repeat(frequency=1, period=Decimal(8), period_unit=PeriodUnit.HOUR)),
    doses=_dose("1000", "milligram"),
)
AT_EIGHT = replace(ONE_A_DAY, timing=Timing(repeat=replace(_daily(1), times_of_day=(time(8),))))
WEEK_LONG = replace(
    ONE_A_DAY,
    timing=Timing(repeat=replace(_daily(1), bounds=Bounds(duration=Quantity(Decimal(7), Unit("day"))))),
)
LEFT_EYE = replace(THREE_A_DAY, doses=_dose("1", "drop"), site=Coded("Left eye"))
ORAL = replace(ONE_THREE_A_DAY, route=Coded("Oral route"))
INJECTED = replace(ONE_A_DAY, method=Coded("Inject"))
WHEN_REQUIRED = replace(ONE_THREE_A_DAY, as_needed=AsNeeded())
NO_MORE_THAN_4 = replace(
    ONE_THREE_A_DAY,
    max_dose_per_period=Ratio(Quantity(Decimal(4), Unit("tablet")), Quantity(Decimal(24), Unit("hour"))),
)
PER_HOUR = DosageStep(
    timing=Timing(repeat=Repeat(frequency=12, period=Decimal(1), period_unit=PeriodUnit.HOUR)),
    doses=_dose("40", "milligram"),
)
CODE_ONLY = DosageStep(timing=Timing(code=Coded("BD")), doses=_dose("1", "tablet"))

ROWS: list[tuple[DosageStep, str | None, str | None, str]] = [
    (NOTHING, "1 tablet, daily", None, "Take 1 tablet every day."),
    (NOTHING, "Follow directions", None, "dosage.as-directed"),
    (NOTHING, None, None, "dosage.no-dose-or-timing"),
    (ONE_THREE_A_DAY, None, None, "Take 1 tablet three times a day."),
    (ONE_THREE_A_DAY, "1 tablet - 3 times a day", None, "Take 1 tablet three times a day."),
    (ONE_THREE_A_DAY, "One three times daily", None, "Take 1 tablet three times a day."),
    (THREE_A_DAY, "One tablet three times daily", None, "Take 1 tablet three times a day."),
    (THREE_A_DAY, "3 times a day", "Two tablets three times daily", "Take 2 tablets three times a day."),
    (THREE_A_DAY, "3 times a day for 10 days", None, "3 times a day for 10 days"),
    (ONE_THREE_A_DAY, "One tablet twice daily", None, DISAGREE),
    (ONE_THREE_A_DAY, "Two tablets three times daily", None, DISAGREE),
    (ONE_THREE_A_DAY, "3 times a day", "Two tablets three times daily", DISAGREE),
    (ONE_THREE_A_DAY, "10ml three times daily", None, DISAGREE),
    (ONE_A_DAY, "One tablet once a week", None, DISAGREE),
    (ONE_A_DAY, "Take one tablet every Monday", None, DISAGREE),
    (FIVE_MG_EIGHT_A_DAY, "EIGHT (8) tablets to be taken DAILY", None, DISAGREE),
    (EVERY_8_HOURS, "1g three times a day", None, "Use 1,000 milligram every eight hours."),
    (EVERY_8_HOURS, "1g twice a day", None, DISAGREE),
    (AT_EIGHT, "1 tablet at 8am", None, "Take 1 tablet once a day at 08:00."),
    (AT_EIGHT, "1 tablet at 9am", None, DISAGREE),
    (WEEK_LONG, "One daily for 1 week", None, "Take 1 tablet once a day for 7 days."),
    (WEEK_LONG, "One daily for 10 days", None, DISAGREE),
    (ONE_A_DAY, "One daily for 10 days", None, "Take 1 tablet once a day for 10 days."),
    (LEFT_EYE, "One drop in the LEFT eye three times a day", None, "Put 1 drop three times a day Left eye."),
    (LEFT_EYE, "One drop in the RIGHT eye three times a day", None, DISAGREE),
    (ORAL, "One tablet three times a day by mouth", None, "Take 1 tablet three times a day."),
    (ORAL, "One tablet three times a day rectally", None, DISAGREE),
    (INJECTED, "One tablet to be applied daily", None, DISAGREE),
    (ONE_THREE_A_DAY, "One tablet three times a day when required", None,
     "Take 1 tablet three times a day when required."),
    (WHEN_REQUIRED, "One tablet three times a day", None, DISAGREE),
    (NO_MORE_THAN_4, "One tablet three times a day. Max 4 in 24 hours", None,
     "Take 1 tablet three times a day. Maximum 4 tablets in 24 hours."),
    (NO_MORE_THAN_4, "One tablet three times a day. Max 8 in 24 hours", None, DISAGREE),
    (ONE_THREE_A_DAY, "with food", None, "Take 1 tablet three times a day."),
    (ONE_THREE_A_DAY, "as directed", None, "Take 1 tablet three times a day."),
    (ONE_A_DAY, "One tablet immediately", None, DISAGREE),
    (ONE_A_DAY, "One tablet on alternate days", None, DISAGREE),
    (ONE_A_DAY, "One tablet daily reducing by half a tablet weekly", None, "dosage.change-without-end"),
    (ONE_A_DAY, None, "titrate up as directed", "dosage.change-without-end"),
    (ONE_A_DAY, None, "increase to 2 after 1 week", "dosage.more-than-one-instruction"),
    (ONE_THREE_A_DAY, "reduce gradually", None, "dosage.unknown-words"),
    (ONE_THREE_A_DAY, None, "Stop after two weeks", "dosage.unknown-words"),
    (PER_HOUR, None, None, "dosage.too-often"),
    (PER_HOUR, "40mg 12 hourly", None, "dosage.two-readings"),
    (CODE_ONLY, "One tablet daily", None, "dosage.timing-code"),
]  # fmt: skip


@pytest.mark.parametrize(("structure", "text", "patient", "outcome"), ROWS)
def test_structure_and_words(
    structure: DosageStep, text: str | None, patient: str | None, outcome: str
) -> None:
    dosage = Dosage((replace(structure, text=text, patient_instruction=patient),))
    reading = read_dosage(dosage)
    if reading.refusal is not None:
        assert reading.refusal.rule == outcome, reading.refusal.reason
        return
    words = plain(dosage).text
    assert words.startswith(outcome)
    # What the words add stands behind the instruction.
    assert words == outcome or (text or "").casefold() in words.casefold()


def test_a_disagreement_names_both() -> None:
    reading = read_dosage(Dosage((replace(FIVE_MG_EIGHT_A_DAY, text="10 milligram once weekly"),)))
    assert reading.refusal is not None
    assert "“8 times a day” in the structure" in reading.refusal.reason
    assert "“once a week” in the text" in reading.refusal.reason


def test_steps_need_an_order() -> None:
    reading = read_dosage(Dosage((ONE_A_DAY, THREE_A_DAY)))
    assert reading.refusal is not None
    assert reading.refusal.rule == "dosage.sequence-missing"


def test_one_step_that_is_not_understood_refuses_the_whole_and_says_which() -> None:
    steps = (replace(ONE_A_DAY, sequence=1), DosageStep(sequence=2, text="reduce gradually"))
    reading = read_dosage(Dosage(steps))
    assert reading.refusal is not None
    assert reading.refusal.place == "step 2"
    assert reading.unused == ("reduce", "gradually")
