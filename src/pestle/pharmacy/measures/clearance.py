"""Conditions on the clearance of creatinine, over a population. As `criteria.clearance`, which says what they
mean.

The clearance is kept as a fraction of two whole numbers, so that a bound is met or not, as for one patient.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil, floor

import ibis
from ibis.expr.types import BooleanValue, DecimalColumn, DecimalScalar, Table

from pestle.pharmacy.calculators.creatinine_clearance import UK_CONSTANTS
from pestle.pharmacy.calculators.entry import Number
from pestle.pharmacy.calculators.person import AGE, CREATININE_SERUM, WEIGHT
from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.measures import dates, results
from pestle.pharmacy.measures.leaf import PERHAPS, Leaf, verdict
from pestle.pharmacy.measures.population import Population

_CONSTANT = 100  # by which the constants of the formula are whole


def leaf(node: n.ClearanceIs | n.TestedByClearance, population: Population, *, on: date) -> Leaf:
    """The answer to a condition on the clearance, of each patient whose clearance is known."""
    known = _clearance(node.kidneys, population, on)
    if isinstance(node, n.TestedByClearance):
        return _tested(node, known, population, on)
    ours = known.above * _whole(node.value.denominator)
    bound = known.below * _whole(node.value.numerator)
    holds = {
        n.Comparison.BELOW: ours < bound,
        n.Comparison.AT_MOST: ours <= bound,
        n.Comparison.AT_LEAST: ours >= bound,
        n.Comparison.ABOVE: ours > bound,
    }[node.comparison]
    return Leaf(known.select("patient", verdict=verdict(holds, ~holds)), PERHAPS)


def _tested(node: n.TestedByClearance, known: Table, population: Population, on: date) -> Leaf:
    """No result lies so many days ago and is later for it: days times the divisor are compared."""
    rows = results.done(node.observables, population)
    rows = rows.filter((rows.taken <= on).fill_null(True))
    day = ibis.literal(on)
    rows = rows.select(
        of="patient",
        least=day.delta(dates.last(rows, "taken"), unit="day"),
        most=day.delta(dates.first(rows, "taken"), unit="day"),
    )
    pairs = known.left_join(rows, known.patient == rows.of)
    bound = pairs.above * _whole(node.days)
    sure = (pairs.most.cast(results.WHOLE) * pairs.below <= bound) & (pairs.least >= 0)
    # A result without a date may be one.
    may = (pairs.least.cast(results.WHOLE) * pairs.below <= bound).fill_null(True) & pairs.of.notnull()
    per = pairs.group_by("patient").agg(
        sure=sure.fill_null(False).cast("int8").max(), may=may.cast("int8").max()
    )
    return Leaf(per.select("patient", verdict=verdict(per.sure == 1, per.may == 0)), PERHAPS)


def _clearance(kidneys: n.Kidneys, population: Population, on: date) -> Table:
    """`patient`, and the clearance in mL/min as `above` divided by `below`."""
    people = population.patient
    people = people.select("patient", "born", "gender")
    people = people.mutate(born=ibis.ifelse(people.born <= on, people.born, ibis.null("date")))
    scales = []
    for name, kind in (
        ("told", kidneys.reported),
        ("creatinine", kidneys.creatinine),
        ("weight", kidneys.weight),
    ):
        last = results.latest(kind, population, on)
        assert last.scale is not None
        scales.append(last.scale)
        exact = last.rows.filter(last.rows.usable & (last.rows.comparator == ""))
        exact = exact.select(of="patient", **{name: exact["value"]})
        people = people.left_join(exact, people.patient == exact.of).drop("of")
    told, creatinine, weight = scales
    age = (
        on.year
        - people.born.year()
        - ibis.ifelse(people.born.month() * 100 + people.born.day() > on.month * 100 + on.day, 1, 0)
    )
    constant = ibis.cases(
        *((people.gender == sex, int(each * _CONSTANT)) for sex, each in UK_CONSTANTS.items()),
        else_=ibis.null("int64"),
    )
    usable = (
        age.between(int(AGE.low), int(AGE.high))
        & _between(people.weight, WEIGHT, weight)
        & _between(people.creatinine, CREATININE_SERUM, creatinine)
    )
    # What one small unit of weight is to one of creatinine.
    ratio = Fraction(creatinine.small, weight.small * _CONSTANT)
    above = people.weight * ((140 - age) * constant).cast(results.WHOLE) * _whole(ratio.numerator)
    below = people.creatinine * _whole(ratio.denominator)
    reported = people.told.notnull()
    people = people.mutate(
        above=ibis.cases((reported, people.told), (usable, above), else_=ibis.null(results.WHOLE)),
        below=ibis.cases((reported, _whole(told.small)), (usable, below), else_=ibis.null(results.WHOLE)),
    )
    return people.filter(people.above.notnull()).select("patient", "above", "below")


def _between(value: DecimalColumn, taken: Number, scale: results.Scale) -> BooleanValue:
    """Whether the calculator takes it."""
    low, high = scale.at(Fraction(taken.low)), scale.at(Fraction(taken.high))
    return value.between(ceil(low), floor(high))


def _whole(number: int) -> DecimalScalar:
    return ibis.literal(number, results.WHOLE)
