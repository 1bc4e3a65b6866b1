"""Can this be asked of this population at all?

A kind of result of which no list has the codes, and whose words stand nowhere in the population, is found in
nobody: everybody would look untested. Then a measure says why it cannot be asked, and gives no rate.
"""

from __future__ import annotations

from collections.abc import Iterator

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.lists import ConditionList
from pestle.pharmacy.measures.measure import Measure
from pestle.pharmacy.measures.population import Population
from pestle.pharmacy.record.observable import Observable


def why_not(measure: Measure, population: Population) -> str | None:
    """Why the measure cannot be asked of the population; None where it can."""
    lacking = [
        each.title
        for each in dict.fromkeys(_named(measure.found))
        if (isinstance(each, Observable) and not (_codes(each) or population.kinds_of(each)))
        or (isinstance(each, ConditionList) and not each.codes and not any(_listed(each, population)))
    ]  # fmt: skip
    if not lacking:
        return None
    said = " and ".join(dict.fromkeys(lacking))
    return f"no code is known for {said}, and nothing in the population is called so"


def _codes(kind: Observable) -> bool:
    return bool(kind.codes) or any(member.codes for member in kind.panel)


def _listed(listed: ConditionList, population: Population) -> tuple[tuple[int, ...], tuple[int, ...]]:
    found = population.conditions_on(listed)
    return found.on, found.perhaps


def _named(criterion: n.Criterion) -> Iterator[Observable | ConditionList]:
    """Every kind of result and list of conditions that a condition names."""
    match criterion:
        case n.AllOf(of) | n.AnyOf(of) | n.AtLeast(_, of):
            for each in of:
                yield from _named(each)
        case n.Not(of) | n.Surely(of) | n.Earlier(_, of):
            yield from _named(of)
        case n.Tested(kinds) | n.TestedAtStart(kinds) | n.TestedByClearance(_, kinds):
            yield from kinds
        case n.ResultIs(kind) | n.WrittenWith(kind) | n.ResultChanged(kind) | n.AnswerIs(kind):
            yield kind
        case n.HasCondition(listed) | n.LatestCondition(listed):
            yield listed
        case _:
            return
