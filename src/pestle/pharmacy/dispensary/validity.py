"""May this line still be supplied today, and may it be handed out?

Every line keeps its own period, which runs from the appropriate date: the later of the signature and the
start date that the prescriber may state.

* Schedule 2, 3 and 4: not later than 28 days *after* the appropriate date, so the day itself is not counted:
  appropriate date 1 November, last day 29 November (Misuse of Drugs Regulations 2001, reg. 16(1)(d) and (e);
  for Schedule 4, and the wording "29 days after … cannot", NHSBSA KA-01561). Schedule 1 is held to it too.
* All others, Schedule 5 included: six months *beginning with* the appropriate date, so the day itself is
  counted: 1 January, last day 30 June; a day that the sixth month lacks ends with that month: 31 August, last
  day 28 (29) February (Human Medicines Regulations 2012, reg. 217(5)(a) and (7)).
* Repeat dispensing: these periods bind the first supply (reg. 217(5)(b)). Later issues: to the date on which
  the authorisation ends if stated, and at most twelve months (NHS England, electronic repeat dispensing,
  version 1.1, 2023); Schedule 4 at most six, to be on the safe side. Schedule 2 and 3 may not be repeat
  dispensed (NHSBSA KA-01561); Schedule 1 is held to it too.
* A line whose schedule is unknown is held to the 28 days, and says so.

Sources read on 2026-11-22. The law of Great Britain; an owed balance ends with the line (NHSBSA KA-01561).
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from pestle.pharmacy.medicines.concept import ControlledDrugCategory
from pestle.pharmacy.record.medication import CourseOfTherapy
from pestle.pharmacy.refusal import Refusal

CONTROLLED_DAYS = 28
MONTHS = 6
REPEAT_MONTHS = 12

_CONTROLLED = (1, 2, 3, 4)
_NEVER_REPEATED = (1, 2, 3)


def validity(
    *,
    signed_on: date | None,
    starts_on: date | None,
    controlled: ControlledDrugCategory | None,
    course: CourseOfTherapy,
    on: date,
    issue_number: int | None = None,
    authorisation_expires: date | None = None,
) -> Refusal | None:
    """Why this line may not be supplied on a day; None when it may. Dates are UK calendar dates.

    `starts_on` is the prescription's start date, not the due date of one issue. `issue_number` counts from
    1; None on repeat dispensing is taken for the first. Names: ``validity.not-signed``,
    ``validity.not-yet-due``, ``validity.repeat-dispensing``, ``validity.expired``,
    ``validity.expired-schedule-unknown``.
    """
    if signed_on is None:
        return Refusal(
            "validity.not-signed",
            "The date of signature is not known",
            place="signature",
            way_out="Return the prescription to the prescriber.",
        )
    appropriate = appropriate_date(signed_on=signed_on, starts_on=starts_on)
    if on < appropriate:
        return Refusal(
            "validity.not-yet-due",
            f"Not to be supplied before {_said(appropriate)}",
            place="start date",
            way_out=f"Supply it from {_said(appropriate)}.",
        )
    schedule = controlled.schedule if controlled else None
    if course is CourseOfTherapy.REPEAT_DISPENSING and schedule in _NEVER_REPEATED:
        return Refusal(
            "validity.repeat-dispensing",
            f"Schedule {schedule} may not be repeat dispensed",
            place="course of therapy",
            way_out="Ask the prescriber for a prescription of its own.",
        )
    last = last_day(
        signed_on=signed_on,
        starts_on=starts_on,
        controlled=controlled,
        course=course,
        issue_number=issue_number,
        authorisation_expires=authorisation_expires,
    )
    return None if on <= last else _expired(last, controlled)


def last_day(
    *,
    signed_on: date,
    starts_on: date | None,
    controlled: ControlledDrugCategory | None,
    course: CourseOfTherapy,
    issue_number: int | None = None,
    authorisation_expires: date | None = None,
) -> date:
    """The last day, included, on which this line may be supplied."""
    appropriate = appropriate_date(signed_on=signed_on, starts_on=starts_on)
    strict = controlled is None or controlled.schedule in _CONTROLLED
    repeated = course is CourseOfTherapy.REPEAT_DISPENSING
    if not repeated or (issue_number or 1) < 2:
        return _days_after(appropriate, CONTROLLED_DAYS) if strict else _months_from(appropriate, MONTHS)
    if controlled is None:
        # It may be of a schedule that is never repeat dispensed, so nothing longer can be granted.
        return _days_after(appropriate, CONTROLLED_DAYS)
    months = MONTHS if strict else REPEAT_MONTHS
    return min(_months_from(appropriate, months), authorisation_expires or date.max)


def handout_refusals(*, controlled: ControlledDrugCategory | None) -> tuple[Refusal, ...]:
    """Why this line may not be handed out although it is valid; empty when it may.

    Schedule 1 needs a licence (Misuse of Drugs Regulations 2001, reg. 5). Names: ``controlled.licence``,
    ``controlled.schedule-unknown`` (it may need an entry in the register, which nobody could make).
    """
    if controlled is None:
        return (
            Refusal(
                "controlled.schedule-unknown",
                "Whether this needs an entry in the register is not known",
                place="schedule",
                way_out="Find out its schedule, and match the line again.",
            ),
        )
    if controlled.schedule != 1:
        return ()
    return (
        Refusal(
            "controlled.licence",
            "Schedule 1 is supplied only under a Home Office licence, which this program does not know",
            place="schedule",
            way_out="A pharmacist withholds the line.",
        ),
    )


def appropriate_date(*, signed_on: date, starts_on: date | None) -> date:
    """The later of the signature and the start date (Human Medicines Regulations 2012, reg. 217(7))."""
    return max(signed_on, starts_on or signed_on)


def _expired(last: date, controlled: ControlledDrugCategory | None) -> Refusal:
    if controlled is None:
        return Refusal(
            "validity.expired-schedule-unknown",
            f"The schedule is unknown, so the shortest period applies: the last day was {_said(last)}",
            place="schedule",
            way_out="Find out its schedule; if it is not Schedule 1 to 4, match the line again.",
        )
    return Refusal(
        "validity.expired",
        f"No longer valid: the last day was {_said(last)}",
        place="signature",
        way_out="Ask the prescriber for a new prescription.",
    )


def _days_after(day: date, days: int) -> date:
    return day + timedelta(days=days) if (date.max - day).days >= days else date.max


def _months_from(day: date, months: int) -> date:
    """The last day of a period of whole months that begins with `day`."""
    year, month = day.year + (day.month - 1 + months) // 12, (day.month - 1 + months) % 12 + 1
    if year > date.max.year:
        return date.max
    if day.day > calendar.monthrange(year, month)[1]:
        return date(year, month, calendar.monthrange(year, month)[1])
    return date(year, month, day.day) - timedelta(days=1)


def _said(day: date) -> str:
    return f"{day:%d-%b-%Y}"
