"""What came out when it was measured or asked, and was it done at all?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.answer import Answer, Missing, cannot_tell, is_in, is_out
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.criteria.span import Span, SpanUnit, Window
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.observable import Observable
from pestle.pharmacy.record.result import Found, NoResult, Order, Result, Why, number, said

_NODES = n.Tested | n.ResultIs | n.WrittenWith | n.ResultChanged | n.AnswerIs


def answer(criterion: _NODES, day: PatientDay) -> Answer:
    """The answer to a condition on results."""
    match criterion:
        case n.Tested():
            return _tested(criterion, day)
        case n.ResultIs():
            return _result(criterion, day)
        case n.WrittenWith():
            return _written(criterion, day)
        case n.ResultChanged():
            return _changed(criterion, day)
        case n.AnswerIs():
            return _answered(criterion, day)
    assert_never(criterion)


def compared(order: Order, comparison: n.Comparison) -> bool | None:
    """Whether a value that can lie on these sides stands so; None when that depends on where it lies."""
    match comparison:
        case n.Comparison.BELOW:
            may, may_not = order.below, order.equal or order.above
        case n.Comparison.AT_MOST:
            may, may_not = order.below or order.equal, order.above
        case n.Comparison.AT_LEAST:
            may, may_not = order.equal or order.above, order.below
        case n.Comparison.ABOVE:
            may, may_not = order.above, order.below or order.equal
    return None if may and may_not else may


def fact(found: Found) -> Fact:
    """A result as a fact."""
    source = found.observation.provenance.who if found.observation else ""
    return _fact(said(found), found.taken, source)


def _tested(criterion: n.Tested, day: PatientDay) -> Answer:
    title = " or ".join(each.title for each in criterion.observables)
    if not day.results.on_record:
        return cannot_tell(_UNREAD)
    sure: dict[tuple[str, str], Fact] = {}
    open_: dict[str, Fact] = {}
    when: list[tuple[PartialDate | None, bool]] = []
    days = criterion.window.seen_from(day.on)
    for observable in criterion.observables:
        for found in day.results.find(observable, on=day.on, since=days.first) or ():
            # A value that cannot be used was measured all the same.
            within = days.hold(found.taken)
            result = found.observation.id if found.observation else ""
            if within is not False:
                when.append((found.taken, within is True and found.taken is not None))
            if within and found.taken is not None:
                sure[(str(found.taken), result)] = fact(found)
            elif within is not False:
                open_[result] = fact(found)
    taken_on = {taken for taken, _ in sure}
    times = "" if criterion.at_least == 1 else f" {criterion.at_least} times"
    if criterion.apart:
        times += f", {Span(criterion.apart, SpanUnit.DAYS)} apart,"
    apart = _apart(when, criterion.apart)
    if len(taken_on) >= criterion.at_least and apart:
        newest = max(taken_on)
        return is_in(*(each for (taken, _), each in sure.items() if taken == newest or times))
    if len(taken_on) + len(open_) >= criterion.at_least and apart is not False:
        gap = Missing(
            f"Whether there is {title}{times} {criterion.window} is not clear",
            "Find out when it was taken.",
        )
        return cannot_tell(gap, facts=[*sure.values(), *open_.values()])
    return is_out(Fact(f"Not on file{times} {criterion.window}: {title}"), *_last(criterion, day))


def _apart(when: Sequence[tuple[PartialDate | None, bool]], days: int) -> bool | None:
    """Whether the first and the last lie so far apart, each with whether it counts for sure; None where
    nobody can tell, because one has no whole date or perhaps does not count."""
    if not days:
        return True
    sure = [taken for taken, counts in when if counts and taken is not None]
    if sure and (max(one.first for one in sure) - min(one.last for one in sure)).days >= days:
        return True
    dated_ = [taken for taken, _ in when if taken is not None]
    if len(dated_) < len(when):
        return None
    far = dated_ and (max(one.last for one in dated_) - min(one.first for one in dated_)).days >= days
    return None if far else False


def _last(criterion: n.Tested, day: PatientDay) -> list[Fact]:
    """The last one there is, though too old: it says how long ago."""
    found = [
        each
        for observable in criterion.observables
        for each in day.results.find(observable, on=day.on) or ()
        if each.taken is not None
    ]
    newest = max(
        found, key=lambda each: (each.taken.last if each.taken else day.on, said(each)), default=None
    )
    return [fact(newest)] if newest else []


def _result(criterion: n.ResultIs, day: PatientDay) -> Answer:
    found = _latest(criterion.observable, criterion.window, day)
    if isinstance(found, Answer):
        return found
    measured = replace(found, comparator=None) if criterion.as_written else found
    holds = compared(measured.compare(criterion.value), criterion.comparison)
    if holds is not None:
        return is_in(fact(found)) if holds else is_out(fact(found))
    bound = (
        f"{criterion.observable.title} {criterion.comparison.sign} {number(criterion.value)} "
        f"{criterion.observable.unit}".rstrip()
    )
    gap = Missing(f"Whether {bound} cannot be told from: {said(found)}", "Repeat the test.")
    return cannot_tell(gap, facts=[fact(found)])


def _written(criterion: n.WrittenWith, day: PatientDay) -> Answer:
    found = _latest(criterion.observable, criterion.window, day)
    if isinstance(found, Answer):
        return found
    return is_in(fact(found)) if found.comparator in criterion.comparators else is_out(fact(found))


def _changed(criterion: n.ResultChanged, day: PatientDay) -> Answer:
    found = _latest(criterion.observable, criterion.window, day)
    if isinstance(found, Answer):
        return found
    days = criterion.window.seen_from(day.on)
    earlier = [
        each
        for each in day.results.find(criterion.observable, on=day.on, since=days.first) or ()
        if isinstance(each, Result)
        and each.value is not None
        and each.taken.last < found.taken.first
        and days.hold(each.taken)
    ]
    title = criterion.observable.title
    exact = [each for each in earlier if each.comparator is None and each.value]
    if not exact or found.comparator is not None or found.value is None:
        gap = Missing(
            f"Whether {title} has changed is not known: there are no two exact results "
            f"{criterion.window} to compare",
            f"Look up an earlier {title}.",
        )
        return cannot_tell(gap, facts=[fact(found)])
    # Which of the earlier ones is meant does not depend on how they are ordered in the record.
    sign = 1 if criterion.rise else -1
    base = min(exact, key=lambda each: (sign * (each.value or 0), each.taken.first, each.observation.id))
    assert base.value
    change = (found.value - base.value) * 100 / base.value
    facts = (fact(base), fact(found))
    return is_in(*facts) if sign * change > criterion.per_cent else is_out(*facts)


def _answered(criterion: n.AnswerIs, day: PatientDay) -> Answer:
    found = _latest(criterion.observable, criterion.window, day)
    if isinstance(found, Answer):
        return found
    return is_in(fact(found)) if found.answer == criterion.answer else is_out(fact(found))


def _latest(observable: Observable, window: Window, day: PatientDay) -> Result | Answer:
    """The latest result up to the window's end, if it lies in it; else the answer that there is none."""
    if not day.results.on_record:
        return cannot_tell(_UNREAD)
    title = observable.title
    until = window.until.before(day.on)
    found = day.results.latest(observable, on=until)
    if isinstance(found, NoResult):
        help_ = (
            f"Measure {title}, or find a result."
            if found.why is Why.NONE
            else "Read the result by hand, and record it with its date and unit."
        )
        return cannot_tell(Missing(found.words, help_))
    within = window.holds(found.taken, on=day.on)
    if within is False:
        gap = Missing(f"No {title} is on file {window}; the last: {said(found)}", f"Measure {title} again.")
        return cannot_tell(gap, facts=[fact(found)])
    if within is None:
        gap = Missing(f"When this was is not clear: {said(found)}", "Find out when it was taken.")
        return cannot_tell(gap, facts=[fact(found)])
    return found


def _fact(text: str, taken: PartialDate | None, source: str) -> Fact:
    if taken is None or taken.day is None:
        return Fact(f"{text} ({taken.words})" if taken else text, source=source)
    return Fact(text, on=taken.first, source=source)


_UNREAD = Missing("The patient's results are not on record", "Ask for them, or for the test.")
