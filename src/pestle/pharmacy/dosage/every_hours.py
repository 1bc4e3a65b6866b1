"""At which instants are doses that are given every so many hours?

They are counted on elapsed time, whatever the wall clock does: from the last dose known, else from the
beginning.

Rules: ``schedule.times-in-hours``, ``schedule.count``, ``schedule.period``, ``schedule.window`` and those of
`which_days`. Source: ours, from FHIR R4 Timing.repeat (2019).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from pestle.pharmacy.dosage.course import MOST_DOSES, Course, Mark, Plan, runs_at
from pestle.pharmacy.dosage.dose import Repeat
from pestle.pharmacy.dosage.rate import in_days
from pestle.pharmacy.dosage.which_days import no_anchor, refuse_ranges
from pestle.pharmacy.refusal import refuse


def every_so_many_hours(repeat: Repeat, run: Course, plan: Plan) -> list[datetime]:
    """Up to the end of the window; from its start on, where no dose is counted."""
    every = every_hours(repeat)
    if repeat.cycle is not None:
        raise refuse("schedule.cycle", "Doses every so many hours and days without doses do not go together.",
                     place="repeat", way_out="State the times of the day.")  # fmt: skip
    if (repeat.frequency or 1) != 1 or repeat.times_of_day or repeat.when or repeat.days_of_week:
        raise refuse("schedule.times-in-hours", "How the doses lie within those hours is not said.",
                     place="repeat", way_out="State it as one dose every so many hours.")  # fmt: skip
    last: Mark | None = None
    if plan.last and runs_at(plan.last, run):
        if repeat.count is not None:
            raise refuse("schedule.count", "How many doses were given up to the last one is not known.",
                         place="last_dose")  # fmt: skip
        last = plan.last
    anchor = last or (run.begin if run.begin and not run.begin.day_only else None)
    if anchor is None:
        raise no_anchor("The hours are counted from a moment, which is not known.")
    end = min(plan.window[1], run.sure_end.at) if run.sure_end else plan.window[1]
    number = 1 if last else 0
    if repeat.count is None:
        number = max(number, -((anchor.at - plan.window[0]) // every))
    if (end - anchor.at) // every - number > MOST_DOSES:
        raise refuse("schedule.window", f"More than {MOST_DOSES:,} doses fall into the window.", place="end")
    instants = []
    while anchor.at + number * every < end:
        instants.append(anchor.at + number * every)
        number += 1
    return instants


def every_hours(repeat: Repeat) -> timedelta:
    """How long it is from one dose to the next."""
    refuse_ranges(repeat)
    assert repeat.period is not None
    assert repeat.period_unit is not None
    shortest, _ = in_days(min(repeat.period, Decimal(1_000_000)), repeat.period_unit)
    microseconds = shortest * 86_400_000_000
    if microseconds.denominator != 1 or microseconds <= 0:
        raise refuse("schedule.period", f"Every {repeat.period:f} is no length of time that can be counted.",
                     place="repeat.period")  # fmt: skip
    return timedelta(microseconds=int(microseconds))
