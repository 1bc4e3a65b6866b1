"""Do two steps tell the patient to do the same?

Words, codes and the way of saying it (“daily”, “once a day”) make no difference; an amount, a rate, a
moment, a length, a maximum, “when required” or a place does.
"""

from __future__ import annotations

from pestle.pharmacy.dosage.agree import same_dose, same_length, same_maximum, same_place
from pestle.pharmacy.dosage.dose import Bounds, DosageStep, Repeat
from pestle.pharmacy.dosage.rate import times_per_day


def same_meaning(one: DosageStep, other: DosageStep) -> bool:
    """Whether both mean the same; notes and verbs that only add wording are not compared."""
    first, second = one.repeat or Repeat(), other.repeat or Repeat()
    return (
        len(one.doses) == len(other.doses)
        and all(
            same_dose(a.dose, b.dose) and a.rate == b.rate
            for a, b in zip(one.doses, other.doses, strict=True)
        )
        and times_per_day(first) == times_per_day(second)
        and set(first.when) == set(second.when)
        and set(first.times_of_day) == set(second.times_of_day)
        and set(first.days_of_week) == set(second.days_of_week)
        and (first.count, first.count_max) == (second.count, second.count_max)
        and first.offset_minutes == second.offset_minutes
        and first.cycle == second.cycle
        and (first.duration, first.duration_unit) == (second.duration, second.duration_unit)
        and same_length(first.bounds or Bounds(), second.bounds or Bounds())
        and _reasons(one) == _reasons(other)
        and same_maximum(one.max_dose_per_period, other.max_dose_per_period)
        and same_dose(one.max_dose_per_administration, other.max_dose_per_administration)
        and same_place(one.route, other.route)
        and same_place(one.site, other.site)
    )


def _reasons(step: DosageStep) -> set[str] | None:
    return {reason.text.casefold() for reason in step.as_needed.reasons} if step.as_needed else None
