"""Was it tested since the patient began a medicine, or before?

Treatment begins with the first issue on record. Where that issue, its date or its product is not certain, it
lies between two days, and the answer is told only where it is the same for both.
"""

from __future__ import annotations

from datetime import date

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.answer import Answer, Missing, cannot_tell, is_in, is_out
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.criteria.results import fact
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.record.moment import PartialDate


def answer(criterion: n.TestedAtStart, day: PatientDay) -> Answer:
    """Whether it was tested on or after the first issue, or between so long before and its day."""
    earliest: list[date] = []
    latest: list[date] = []
    for issue in day.issues:
        on_list = day.is_on(criterion.medicines, issue.medication)
        if on_list is False or (issue.when is not None and issue.when.first > day.on):
            continue
        earliest.append(issue.when.first if issue.when else date.min)
        if on_list and issue.when is not None and issue.when.last <= day.on:
            latest.append(issue.when.last)
    title = criterion.medicines.title
    if not earliest:
        if day.has_medication:
            return is_out(Fact(f"None on record ever: {title}"))
        return cannot_tell(Missing("What the patient takes is not on record", "Ask what they take."))
    if not day.results.on_record:
        return cannot_tell(Missing("The patient's results are not on record", "Ask for them."))
    first, last = min(earliest), min(latest, default=None)
    sure: list[Fact] = []
    open_: list[Fact] = []
    for observable in criterion.observables:
        for found in day.results.find(observable, on=day.on) or ():
            holds = _holds(criterion, found.taken, first, last, day.on)
            if holds is not False:
                (sure if holds else open_).append(fact(found))
    if sure:
        return is_in(*sure)
    tested = " or ".join(each.title for each in criterion.observables)
    if open_:
        gap = Missing(f"Whether {tested} was tested at the start of {title} is not clear",
                      "Find out when it was started and tested.")  # fmt: skip
        return cannot_tell(gap, facts=open_)
    begun = Fact(f"Begun: {title}", on=first) if first == last else Fact(f"Begun: {title}")
    return is_out(Fact(f"Not on file {_when(criterion)}: {tested}"), begun)


def _holds(
    criterion: n.TestedAtStart, taken: PartialDate | None, first: date, last: date | None, on: date
) -> bool | None:
    """Whether a result surely lies at the start, which lies between two days (`last` None: nobody knows)."""
    if taken is None:
        return None
    if criterion.before is None:
        if taken.last < first:
            return False
        return True if last is not None and taken.first >= last and taken.last <= on else None
    if taken.last < criterion.before.before(first) or (last is not None and taken.first > last):
        return False
    if last is None:
        return None
    return True if taken.first >= criterion.before.before(last) and taken.last <= first else None


def _when(criterion: n.TestedAtStart) -> str:
    return f"in the {criterion.before} before the start" if criterion.before else "since the start"
