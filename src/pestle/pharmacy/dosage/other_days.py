"""On which days is a dose taken that is given on all the days that another is not?

“5 mg Mon/Wed/Fri and 2.5 mg all other days”, “1 tablet daily except 2 on Monday”: warfarin and levothyroxine
are written so. The week must be divided: each day has one dose.

Rule: ``dosage.more-than-one-instruction``. Source: ours.
"""

from __future__ import annotations

from itertools import pairwise

from pestle.pharmacy.dosage.amounts import TwoWays
from pestle.pharmacy.dosage.dose import Day, PeriodUnit
from pestle.pharmacy.dosage.draft import Draft


def name_other_days(drafts: list[Draft]) -> None:
    """Names the days of the step that has “all the others”. Raises `TwoWays`."""
    for draft, following in pairwise(drafts):
        if following.excepted:
            _leave_days_out(draft, following)
    others = [draft for draft in drafts if draft.other_days]
    if not others:
        return
    named = [day for draft in drafts for day in draft.days]
    rest = [day for day in Day if day not in named]
    unnamed = [draft for draft in drafts if not draft.days]
    if unnamed != others or len(others) != 1 or not rest or len(set(named)) != len(named):
        raise TwoWays("dosage.more-than-one-instruction", "which days are the other days is not clear")
    others[0].days[:] = rest
    for draft in drafts:
        draft.every_week = True


def _leave_days_out(draft: Draft, following: Draft) -> None:
    """“daily, except 2 on Sundays”: the second takes the moment of the day from the first."""
    daily = draft.period == 1 and draft.period_unit is PeriodUnit.DAY and draft.period_max is None
    moment = draft.period is None and draft.frequency is None and len(draft.when) + len(draft.times) == 1
    once = draft.frequency in (None, 1) and draft.frequency_max is None
    if draft.days or not following.days or not once or not (daily or moment):
        raise TwoWays("dosage.more-than-one-instruction", "on which days which dose is taken is not clear")
    draft.frequency, draft.other_days = None, True
    if not (following.when or following.times):
        following.when[:], following.times[:] = draft.when, draft.times
