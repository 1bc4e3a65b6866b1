"""The conditions of a measure as one query over a population: who is in, who is out, and of whom nobody can
tell?

The second reading of the nodes; `criteria.evaluate` is the first, and what they mean. A condition becomes a
column that is true (in), false (out) or null (cannot tell): the logic of SQL is Kleene's. It gives no
reasons; those of one patient are given by `evaluate`. Only what Apache Spark runs too is used: no as-of join.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import assert_never

import ibis
from ibis.expr.types import BooleanValue, Table

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.measures import clearance, conditions, medicines, results, start
from pestle.pharmacy.measures.leaf import IN, PERHAPS, Leaf, LeafNode
from pestle.pharmacy.measures.population import Population
from pestle.pharmacy.record.patient import Gender


def verdicts(population: Population, criteria: Mapping[str, n.Criterion], *, on: date) -> Table:
    """One row a patient: `patient`, `practice` where the population has one, and a column for each condition,
    true, false or null."""
    wide = population.patient
    columns: dict[tuple[n.Criterion, date], str] = {}
    for leaf, day in (each for criterion in criteria.values() for each in _leaves(criterion, on)):
        if (leaf, day) in columns:
            continue
        columns[leaf, day] = name = f"leaf_{len(columns)}"
        found = _leaf(leaf, population, day)
        column = found.rows.select(of=found.rows.patient, **{name: found.rows.verdict})
        wide = wide.left_join(column, wide.patient == column.of).drop("of")
        absent = ibis.literal(found.absent, "int8")
        if found.known and found.known in wide.columns:
            absent = ibis.ifelse(wide[found.known].fill_null(True), absent, PERHAPS)
        wide = wide.mutate(**{name: wide[name].coalesce(absent)})
    who = [name for name in ("patient", "practice") if name in wide.columns]
    return wide.select(
        *who, **{name: _holds(criterion, wide, columns, on) for name, criterion in criteria.items()}
    )


def _leaves(criterion: n.Criterion, on: date) -> Iterator[tuple[LeafNode, date]]:
    """What is asked of the facts, and on which day."""
    match criterion:
        case n.AllOf(of) | n.AnyOf(of) | n.AtLeast(_, of):
            for each in of:
                yield from _leaves(each, on)
        case n.Not(of) | n.Surely(of):
            yield from _leaves(of, on)
        case n.Earlier(by, of):
            yield from _leaves(of, by.before(on))
        case n.Stopped(listed, window):
            yield n.Issued(listed, window), on
            yield n.Taking(listed), on
        case n.Age() | n.Sex() | n.Alive() | n.Registered():
            return
        case _:
            yield criterion, on


def _leaf(leaf: LeafNode, population: Population, on: date) -> Leaf:
    match leaf:
        case n.Taking() | n.Issued() | n.LatestMedicine() | n.CoPrescribed() | n.MedicineCount():
            return medicines.leaf(leaf, population, on=on)
        case n.HasCondition() | n.LatestCondition():
            return conditions.leaf(leaf, population, on=on)
        case n.Tested() | n.ResultIs() | n.WrittenWith() | n.ResultChanged() | n.AnswerIs():
            return results.leaf(leaf, population, on=on)
        case n.TestedAtStart():
            return start.leaf(leaf, population, on=on)
        case n.ClearanceIs() | n.TestedByClearance():
            return clearance.leaf(leaf, population, on=on)
    assert_never(leaf)


def _holds(
    criterion: n.Criterion, wide: Table, columns: Mapping[tuple[n.Criterion, date], str], on: date
) -> BooleanValue:
    def of(each: n.Criterion) -> BooleanValue:
        return _holds(each, wide, columns, on)

    match criterion:
        case n.AllOf(several):
            return ibis.and_(*map(of, several))
        case n.AnyOf(several):
            return ibis.or_(*map(of, several))
        case n.AtLeast(number, several):
            answers = [of(each) for each in several]
            are_in = sum(answer.fill_null(False).cast("int8") for answer in answers)
            may_be = sum(answer.fill_null(True).cast("int8") for answer in answers)
            return ibis.cases((are_in >= number, True), (may_be < number, False), else_=ibis.null("boolean"))
        case n.Not(one):
            return ~of(one)
        case n.Earlier(by, one):
            return _holds(one, wide, columns, by.before(on))
        case n.Surely(one):
            return of(one).fill_null(False)
        case n.Stopped(listed, window):
            return of(n.Issued(listed, window)) & ~of(n.Taking(listed))
        case n.Age():
            return _age(criterion, wide, on)
        case n.Sex(genders):
            named = [gender.value for gender in genders]
            return (wide.gender.nullif(Gender.UNKNOWN.value)).isin(named)
        case n.Alive():
            return wide.died.isnull() | (wide.died > on) if "died" in wide.columns else ibis.literal(True)
        case n.Registered(practices):
            if "practice" not in wide.columns:
                return ibis.null("boolean")
            known = wide.practice.notnull().nullif(False)
            return known & wide.practice.isin(list(practices)) if practices else known
        case _:
            verdict = wide[columns[criterion, on]]
            return verdict.nullif(PERHAPS) == IN


def _age(criterion: n.Age, wide: Table, on: date) -> BooleanValue:
    """An age is a bound on the day of birth; who was born after the day has no age."""
    known = ibis.ifelse(wide.born <= on, wide.born, ibis.null("date"))
    bounds = [known <= on]
    if criterion.at_least is not None:
        bounds.append(known <= _born(criterion.at_least, criterion.unit, on))
    if criterion.below is not None:
        bounds.append(known > _born(criterion.below, criterion.unit, on))
    return ibis.and_(*bounds)


def _born(age: int, unit: n.AgeUnit, on: date) -> date:
    """The last day on which one can be born to be so old on the day."""
    if unit is n.AgeUnit.DAYS:
        return on - timedelta(days=age)
    months = on.year * 12 + on.month - 1 - age * (12 if unit is n.AgeUnit.YEARS else 1)
    if months < 12:
        return date.min
    year, month = divmod(months, 12)
    # Of who was born on a later day of that month, the month is complete on the next one's first day.
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=on.day - 1), following - timedelta(days=1))
