"""Which conditions does the patient have, or did they have, and were they resolved?

Source of “unresolved”: the disease registers of the Quality and Outcomes Framework, and PINCER: the last
diagnosis lies after the last code that resolves it.
"""

from __future__ import annotations

from typing import assert_never

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.answer import Answer, Missing, cannot_tell, is_in, is_out
from pestle.pharmacy.criteria.lists import ConditionList, has_condition
from pestle.pharmacy.criteria.patient_day import PatientDay, dated, happened
from pestle.pharmacy.criteria.span import EVER, Window
from pestle.pharmacy.record.condition import ClinicalStatus, Condition
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.record.moment import PartialDate

_ENDED = (ClinicalStatus.RESOLVED, ClinicalStatus.REMISSION)
_Entry = tuple[Condition, PartialDate | None, bool]


def answer(criterion: n.HasCondition | n.LatestCondition, day: PatientDay) -> Answer:
    """The answer to a condition on conditions."""
    if day.record.conditions is None:
        return cannot_tell(
            Missing(
                "The patient's conditions are not on record",
                "Ask the patient or the prescriber, or read the summary care record.",
            )
        )
    match criterion:
        case n.HasCondition():
            return _has(criterion, day)
        case n.LatestCondition():
            return _latest(criterion, day)
    assert_never(criterion)


def recorded(condition: Condition) -> PartialDate | None:
    """When it began, else when the fact was true."""
    return condition.onset or happened(condition.provenance)


def _has(criterion: n.HasCondition, day: PatientDay) -> Answer:
    found = _entries(criterion.conditions, criterion.window, day)
    match criterion.state:
        case n.State.EVER:
            stands = found
        case n.State.ACTIVE:
            stands = [
                (condition, when, sure and active is True)
                for condition, when, sure in found
                if (active := condition.active(on=day.on)) is not False
            ]
        case n.State.UNRESOLVED:
            stands = _unresolved(found, criterion.resolved_by, day)
    sure_ones = [_fact(condition, when) for condition, when, sure in stands if sure]
    if sure_ones:
        return is_in(*sure_ones)
    if stands:
        return cannot_tell(
            *(_unclear(condition, criterion.conditions) for condition, _, _ in stands),
            facts=(_fact(condition, when) for condition, when, _ in stands),
        )
    when = "" if criterion.window == EVER else f" {criterion.window}"
    return is_out(
        *(_fact(condition, at) for condition, at, _ in found),
        Fact(f"Not on record{when}, or resolved: {criterion.conditions.title}"),
    )


def _latest(criterion: n.LatestCondition, day: PatientDay) -> Answer:
    found = _entries(criterion.among, criterion.window, day)
    if not found:
        return is_out(Fact(f"Not on record: {criterion.among.title}"))
    sure = [when for _, when, certain in found if certain and when is not None]
    last = max((when.first for when in sure), default=None)
    could = [each for each in found if each[1] is None or last is None or each[1].last >= last]
    answers = {
        has_condition(criterion.conditions, condition) if certain else None for condition, _, certain in could
    }
    facts = [_fact(condition, when) for condition, when, _ in could]
    if answers == {True}:
        return is_in(*facts)
    if answers == {False}:
        return is_out(*facts)
    gap = Missing(
        f"Which of {criterion.among.title} was the last is not clear", "Look at the patient's conditions."
    )
    return cannot_tell(gap, facts=facts)


def _entries(listed: ConditionList, window: Window, day: PatientDay) -> list[_Entry]:
    """The conditions that may be on the list and in the window, and whether both is sure."""
    found = []
    days = window.seen_from(day.on)
    for condition in day.record.conditions or ():
        if not condition.stands:
            continue
        on_list = has_condition(listed, condition)
        when = recorded(condition)
        within = days.hold(when)
        if on_list is not False and within is not False:
            found.append((condition, when, bool(on_list and within and not condition.unsure)))
    return found


def _unresolved(found: list[_Entry], resolved_by: ConditionList | None, day: PatientDay) -> list[_Entry]:
    """Those of the entries that nothing has ended."""
    resolving = _entries(resolved_by, EVER, day) if resolved_by else []
    stands = []
    for condition, when, sure in found:
        # “Asthma resolved” is no diagnosis of asthma, whatever its words hold.
        resolves = resolved_by is not None and has_condition(resolved_by, condition)
        if condition.status in _ENDED or resolves:
            continue
        over = condition.abated.before(day.on) if condition.abated else False
        after = [_follows(at, when) if certain else None for _, at, certain in resolving]
        # A later diagnosis stands, though an earlier one was resolved: each is held against what follows it.
        if over is True or True in after:
            continue
        stands.append((condition, when, sure and over is False and None not in after))
    return stands


def _follows(resolved: PartialDate | None, diagnosed: PartialDate | None) -> bool | None:
    """Whether what resolves was recorded on the day of the diagnosis or later; None when nobody can tell."""
    if resolved is None or diagnosed is None:
        return None
    if resolved.last < diagnosed.first:
        return False
    return True if resolved.first >= diagnosed.last else None


def _fact(condition: Condition, when: PartialDate | None) -> Fact:
    return dated(f"Condition: {condition.what.text}", when, condition.provenance)


def _unclear(condition: Condition, listed: ConditionList) -> Missing:
    return Missing(
        f"Whether the patient has {listed.title} is not clear: the record says “{condition.what.text}”",
        "Find out what is meant and whether it still holds, and record it.",
    )
