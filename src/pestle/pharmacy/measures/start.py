"""Was it tested when they began a medicine? Over a population; `criteria.start` says what it means."""

from __future__ import annotations

from datetime import date

import ibis
from ibis.expr.types import DateValue, Table

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.span import EVER, Span, SpanUnit
from pestle.pharmacy.measures import dates, medicines, results
from pestle.pharmacy.measures.leaf import OUT, PERHAPS, Leaf, verdict
from pestle.pharmacy.measures.population import Population


def leaf(node: n.TestedAtStart, population: Population, *, on: date) -> Leaf:
    """The answer of each patient who may have had one of the medicines."""
    begun = _begun(node, population, on)
    rows = results.done(node.observables, population)
    rows = rows.filter((rows.taken <= on).fill_null(True))
    rows = rows.select(
        of="patient",
        dated=rows.taken.notnull(),
        from_=dates.first(rows, "taken"),
        to=dates.last(rows, "taken"),
    )
    pairs = begun.inner_join(rows, begun.patient == rows.of)
    if node.before is None:
        out = pairs.to < pairs.earliest
        sure = (pairs.from_ >= pairs.latest) & (pairs.to <= on)
    else:
        # The first issue that may lie at any time at all has no day before it.
        out = (pairs.to < _before(pairs.earliest, node.before)).fill_null(False) | (
            pairs.from_ > pairs.latest
        ).fill_null(False)
        sure = (pairs.from_ >= _before(pairs.latest, node.before)) & (pairs.to <= pairs.earliest)
    per = pairs.group_by("patient").agg(
        sure=(sure & pairs.dated).fill_null(False).cast("int8").max(),
        may=(~out.fill_null(False)).cast("int8").max(),
    )
    per = per.rename(of="patient")
    everybody = begun.left_join(per, begun.patient == per.of)
    told = verdict(everybody["sure"].fill_null(0) == 1, everybody["may"].fill_null(0) == 0)
    people = population.patient
    if "results_known" in people.columns:
        readable = people.select(who="patient", readable=people.results_known.fill_null(True))
        everybody = everybody.mutate(told=told).left_join(readable, everybody.patient == readable.who)
        told = ibis.ifelse(everybody.readable, everybody.told, PERHAPS)
    return Leaf(everybody.select("patient", verdict=told), OUT, "medication_known")


def _begun(node: n.TestedAtStart, population: Population, on: date) -> Table:
    """`earliest` (none: any day at all) and `latest` (none: nobody knows), between which the first issue
    lies."""
    rows = medicines.issues(population, EVER, on, node.medicines)
    sure = rows.within & rows.on_0.fill_null(False) & rows.issued.notnull()
    per = rows.group_by("patient").agg(
        undated=rows.issued.isnull().cast("int8").max(),
        earliest=dates.first(rows, "issued").min(),
        latest=dates.last(rows, "issued").min(where=sure.fill_null(False)),
    )
    return per.mutate(earliest=ibis.ifelse(per.undated == 1, ibis.null("date"), per.earliest)).drop("undated")


def _before(day: DateValue, span: Span) -> DateValue:
    """As `Span.before`: a month earlier than the 31st is the last day there is."""
    if span.unit is SpanUnit.MONTHS:
        return (day - ibis.interval(months=span.number)).cast("date")
    return (day - ibis.interval(days=span.number)).cast("date")
