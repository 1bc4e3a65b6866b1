"""What does a condition ask, as a person says it?

Each condition is a `Clause`: a sentence, and where it combines others, those beneath it. The words follow the
nodes one by one, so that what is read is what is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.span import Span, SpanUnit
from pestle.pharmacy.record.observable import Observable
from pestle.pharmacy.record.result import number


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence without its full stop, and what stands beneath it."""

    text: str
    of: tuple[Clause, ...] = ()

    def lines(self, depth: int = 0) -> Iterator[tuple[int, str]]:
        """Every sentence with how deep it stands."""
        yield depth, self.text
        for one in self.of:
            yield from one.lines(depth + 1)


def clause(criterion: n.Criterion) -> Clause:
    """The condition in words."""
    match criterion:
        case n.AllOf(of):
            return Clause("all of", tuple(map(clause, _flat(criterion, of))))
        case n.AnyOf(of):
            return clause(of[0]) if len(of) == 1 else Clause("any of", tuple(map(clause, of)))
        case n.AtLeast(least, of):
            return Clause(f"at least {least} of", tuple(map(clause, of)))
        case n.Not(of):
            return _before("not", clause(of))
        case n.Earlier(by, of):
            return _before(f"{by} earlier:", clause(of))
        case n.Surely(of):
            return _before("for certain:", clause(of))
        case _:
            return Clause(_said(criterion))


def _flat(all_of: n.AllOf, of: Iterable[n.Criterion]) -> Iterator[n.Criterion]:
    """What is asked together stands together, however the definition puts it."""
    for one in of:
        if isinstance(one, n.AllOf):
            yield from _flat(one, one.of)
        else:
            yield one


def _before(word: str, one: Clause) -> Clause:
    return Clause(f"{word} {one.text}", one.of)


def _said(node: n.Criterion) -> str:
    match node:
        case n.Age():
            return _age(node)
        case n.Sex(genders):
            return _either(sorted(gender.value for gender in genders))
        case n.Alive():
            return "alive"
        case n.Registered(practices):
            return f"registered with {_either(sorted(practices)) or 'a GP practice'}"
        case n.Taking(medicines, or_issued):
            also = f", or issued in the last {or_issued}" if or_issued else ""
            return f"takes {medicines.title} on the day{also}"
        case n.Issued(medicines, window, least):
            days = f", on at least {least} days" if least > 1 else ""
            return f"{medicines.title}: issued {window}{days}"
        case n.Stopped(medicines, window):
            return f"{medicines.title}: issued {window}, and not taken now"
        case n.LatestMedicine(medicines, among, window):
            return f"the last of {among.title} issued {window} is one of {medicines.title}"
        case n.CoPrescribed(one, other, days, window):
            return f"{one.title} and {other.title}: issued fewer than {days} days apart, {window}"
        case n.MedicineCount(medicines, least, window):
            return f"at least {least} different medicines of {medicines.title}: issued {window}"
        case n.HasCondition():
            return _condition(node)
        case n.LatestCondition(conditions, among, window):
            return f"the last of {among.title} recorded {window} is one of {conditions.title}"
        case n.Tested(observables, window, least, apart):
            times = f"at least {least} times " if least > 1 else ""
            times += f"{Span(apart, SpanUnit.DAYS)} apart " if apart else ""
            return f"{_either([one.title for one in observables])}: tested {times}{window}"
        case n.ResultIs(observable, comparison, value, window, as_written):
            by = " (by its number alone)" if as_written else ""
            compared = f"{comparison.sign} {_measured(observable, value)}"
            return f"{observable.title}: the latest {window} {compared}{by}"
        case n.WrittenWith(observable, comparators, window):
            signs = _either(sorted(one.value for one in comparators))
            return f"{observable.title}: the latest {window} is written with {signs}"
        case n.ResultChanged(observable, rise, per_cent, window):
            way = "above the lowest" if rise else "below the highest"
            return (
                f"{observable.title}: the latest {window} is more than {number(per_cent)} % {way} before it"
            )
        case n.AnswerIs(observable, answer, window):
            return f"{observable.title}: the latest answer {window} is “{answer}”"
        case n.TestedAtStart(observables, medicines, before):
            since = f"in the {before} before" if before else "since"
            tests = _either([one.title for one in observables])
            return f"{tests}: tested {since} {medicines.title} was begun"
        case n.ClearanceIs(_, comparison, value):
            return f"clearance of creatinine {comparison.sign} {number(value)} mL/min"
        case n.TestedByClearance(_, observables, days):
            tests = _either([one.title for one in observables])
            return f"{tests}: tested in the last days, {days} for each mL/min of the clearance"
        case n.AllOf() | n.AnyOf() | n.AtLeast() | n.Not() | n.Earlier() | n.Surely():
            raise AssertionError("what combines others is no sentence by itself")
    assert_never(node)


def _age(node: n.Age) -> str:
    unit = node.unit.value
    if node.below is None:
        return f"aged {node.at_least} {unit} or over"
    if node.at_least is None:
        return f"aged under {node.below} {unit}"
    return f"aged {node.at_least} {unit} or over, and under {node.below}"


def _condition(node: n.HasCondition) -> str:
    stands = {n.State.EVER: "", n.State.UNRESOLVED: ", not resolved since", n.State.ACTIVE: ", active today"}
    by = f" (resolved by {node.resolved_by.title})" if node.resolved_by else ""
    return f"{node.conditions.title}: recorded {node.window}{stands[node.state]}{by}"


def _measured(observable: Observable, value: Fraction) -> str:
    return f"{number(value)} {observable.unit or ''}".rstrip()


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}" if words else ""
