"""Conditions on results, over a population. As `criteria.results` and `record.results`, which say what each
means.

Values of different units are compared exactly: each becomes a whole number of one small unit, which depends
on the observable alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import reduce
from math import ceil, floor, lcm
from typing import assert_never

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table, Value

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.span import Window
from pestle.pharmacy.measures import dates
from pestle.pharmacy.measures.leaf import OUT, PERHAPS, Leaf, verdict
from pestle.pharmacy.measures.population import Population
from pestle.pharmacy.record.observable import DayRule, Observable, folded_unit
from pestle.pharmacy.record.observation import Comparator
from pestle.pharmacy.record.result import answer_of

_Node = n.Tested | n.ResultIs | n.WrittenWith | n.ResultChanged | n.AnswerIs
_KNOWN = "results_known"
# A value has six places; in DuckDB and Spark alike a whole number has up to 38 digits.
_PLACES, WHOLE = 10**6, "decimal(38, 0)"
_DOWN, _UP = (
    [Comparator.LESS.value, Comparator.AT_MOST.value],
    [Comparator.MORE.value, Comparator.AT_LEAST.value],
)
_STRICT = [Comparator.LESS.value, Comparator.MORE.value]


def leaf(node: _Node, population: Population, *, on: date) -> Leaf:
    """The answer to a condition on results, of each patient who has such."""
    match node:
        case n.Tested():
            return _tested(node, population, on)
        case n.ResultIs():
            return _compared(node, population, on)
        case n.WrittenWith():
            return _written(node, population, on)
        case n.ResultChanged():
            return _changed(node, population, on)
        case n.AnswerIs():
            return _answered(node, population, on)
    assert_never(node)


@dataclass(frozen=True, slots=True)
class Scale:
    """How a value of each unit becomes a whole number of one small unit: times `times` plus `plus`."""

    small: int
    units: dict[str, tuple[int, int]]

    def at(self, value: Fraction) -> Fraction:
        """A value in the observable's unit, in the small one."""
        return value * self.small


def _scale(observable: Observable, population: Population) -> Scale:
    assert observable.units is not None
    used = {
        unit: observable.units[folded_unit(unit)]
        for unit in population.catalogue.units
        if folded_unit(unit) in observable.units
    }
    parts = [part.denominator for each in used.values() for part in (each.times, each.plus)]
    common = reduce(lcm, parts, 1)
    units = {
        unit: (int(each.times * common), int(each.plus * common * _PLACES)) for unit, each in used.items()
    }
    return Scale(common * _PLACES, units)


def _rows(observable: Observable, population: Population) -> Table:
    """What may be read as a result of the kind. What is measured has a value; a panel was done where any of
    its members was."""
    own = population.observation
    own = own.filter(own.code.isin(population.kinds_of(observable)))
    if observable.unit is not None:
        own = own.filter(_given(own))
    return reduce(
        lambda rows, member: rows.union(_rows(member, population), distinct=False), observable.panel, own
    )


def _given(rows: Table) -> BooleanValue:
    """Whether something came out."""
    given = rows.value.notnull()
    return given | rows.answer.notnull() if "answer" in rows.columns else given


def done(observables: Iterable[Observable], population: Population) -> Table:
    """The rows that say that one of the kinds was done, whatever came out."""
    several = [member for each in observables for member in (each, *each.panel)]
    kinds = {code for each in several for code in population.kinds_of(each)}
    only_done = {code for each in several if each.unit is None for code in population.kinds_of(each)}
    rows = population.observation
    rows = rows.filter(rows.code.isin(sorted(kinds)))
    # What is measured has a value; of a kind that is only done or not, every row is one.
    return rows.filter(_given(rows) | rows.code.isin(sorted(only_done)))


def _tested(node: n.Tested, population: Population, on: date) -> Leaf:
    """A result that stands for several of the kinds is one result."""
    rows = done(node.observables, population)
    rows = rows.mutate(within=dates.lies(rows, "taken", node.window, on=on))
    rows = rows.filter((rows.taken <= on).fill_null(True) & rows.within.fill_null(True))
    sure = (rows.within & rows.taken.notnull()).fill_null(False)
    if node.at_least == 1:
        per = rows.group_by("patient").agg(sure=sure.cast("int8").max())
        return Leaf(per.select("patient", verdict=verdict(per.sure == 1)), OUT, _KNOWN)
    when = rows.taken.cast("string") + " " + dates.last(rows, "taken").cast("string")
    open_ = rows.result.nunique(where=~sure) if "result" in rows.columns else (~sure).sum()
    taken, until = rows.taken, dates.last(rows, "taken")
    per = rows.group_by("patient").agg(
        days=when.nunique(where=sure), open=open_, undated=taken.isnull().cast("int8").max(),
        begins=taken.min(), ends=until.max(),
        sure_begins=until.min(where=sure), sure_ends=taken.max(where=sure),
    )  # fmt: skip
    many, too_few = per.days >= node.at_least, per.days + per.open < node.at_least
    if node.apart:
        surely = per.sure_ends.delta(per.sure_begins, unit="day")
        perhaps = per.ends.delta(per.begins, unit="day")
        many = many & (surely >= node.apart).fill_null(False)
        too_few = too_few | ((per.undated == 0) & (perhaps < node.apart))
    found = verdict(many, too_few)
    return Leaf(per.select("patient", verdict=found), OUT, _KNOWN)


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest result of each patient up to a day: `usable`, `value` (in the small unit), `comparator`,
    `answer`, `taken` and `taken_last`."""

    rows: Table
    scale: Scale | None


def latest(observable: Observable, population: Population, on: date) -> Latest:
    """As `Results.latest`: the newest is never passed over because it cannot be used."""
    rows = _rows(observable, population)
    rows = rows.filter((rows.taken <= on).fill_null(True))
    newest = rows.group_by("patient").agg(newest=rows.taken.max()).rename(of="patient")
    rows = rows.inner_join(newest, rows.patient == newest.of)
    # One that has no date is asked only where none has one, and then cannot be used.
    rows = rows.filter((dates.last(rows, "taken") >= rows.newest) | rows.newest.isnull())
    scale = _scale(observable, population) if observable.units is not None else None
    read = _read(rows, observable, scale, population)
    usable = read.filter(read.usable)
    chosen = _one_of_the_day(usable, observable)
    everybody = read.select("patient").distinct()
    chosen = chosen.rename(of="patient")
    joined = everybody.left_join(chosen, everybody.patient == chosen.of)
    return Latest(joined.mutate(usable=joined.told.fill_null(False)), scale)


def _read(rows: Table, observable: Observable, scale: Scale | None, population: Population) -> Table:
    """As `result.read`: which rows are results, with their values."""
    columns = {
        "patient": rows.patient,
        "taken": rows.taken,
        "taken_last": dates.last(rows, "taken"),
        "taken_at": rows.taken_at if "taken_at" in rows.columns else ibis.null("timestamp(6)"),
        "comparator": (rows.comparator if "comparator" in rows.columns else ibis.null("string")).fill_null(
            ""
        ),
        "answer": ibis.literal(-1, "int64"),
        "value": ibis.null(WHOLE),
        "usable": rows.taken.notnull(),
    }
    if scale is not None:
        whole = (rows.value * ibis.literal(_PLACES, "int64")).cast(WHOLE)
        branches = [
            (
                rows.unit.fill_null("") == unit,
                whole * ibis.literal(times, WHOLE) + ibis.literal(plus, WHOLE),
            )
            for unit, (times, plus) in sorted(scale.units.items())
        ]
        value = ibis.cases(*branches, else_=ibis.null(WHOLE)) if branches else ibis.null(WHOLE)
        columns["value"] = value
        plausible = value.notnull()
        if observable.low is not None:
            upward = columns["comparator"].isin(_UP)
            plausible = plausible & (upward | (value >= ceil(scale.at(observable.low))))
        if observable.high is not None:
            plausible = plausible & (value <= floor(scale.at(observable.high)))
        columns["usable"] = columns["usable"] & plausible.fill_null(False)
    elif observable.answers is not None:
        columns["comparator"] = ibis.literal("")
        columns["answer"] = _answer(rows, observable, population)
        columns["usable"] = columns["usable"] & (columns["answer"] >= 0)
    else:
        columns["comparator"] = ibis.literal("")
    return rows.select(**columns)


def _answer(rows: Table, observable: Observable, population: Population) -> IntegerValue:
    """Which of the observable's answers it is, by its place; -1 where it is none."""
    assert observable.answers is not None
    if "answer" not in rows.columns:
        return ibis.literal(-1, "int64")
    by_answer: dict[str, list[int]] = {}
    for code, value in population.catalogue.answers.items():
        found = answer_of(value, observable)
        if found is not None:
            by_answer.setdefault(found, []).append(code)
    branches = [
        (rows.answer.isin(by_answer[name]), place)
        for place, name in enumerate(observable.answers)
        if name in by_answer
    ]
    return (ibis.cases(*branches, else_=-1) if branches else ibis.literal(-1)).cast("int64")


def _one_of_the_day(usable: Table, observable: Observable) -> Table:
    """One of results that nobody can put in order by their days; `told` says whether there is one."""
    newest_first = [ibis.desc("taken_last"), ibis.desc("taken")]
    if observable.units is not None and observable.day_rule is not DayRule.LAST:
        value = usable.value if observable.day_rule is DayRule.LOWEST else -usable.value
        return _first(usable, [value, usable.comparator, *newest_first])
    same = _same(usable)
    alike = usable.inner_join(same, usable.patient == same.of).drop("of")
    one = _first(alike.filter(alike.alike).drop("alike", "at"), newest_first)
    differ = alike.filter(~alike.alike & alike.at.notnull() & (alike.taken_at == alike.at)).drop(
        "alike", "at"
    )
    again = _same(differ)
    last = differ.inner_join(again, differ.patient == again.of).drop("of")
    last = _first(last.filter(last.alike).drop("alike", "at"), newest_first)
    return one.union(last, distinct=False)


def _same(usable: Table) -> Table:
    """Of each patient (`of`): whether all say the same, and the latest moment where every one has one."""
    per = usable.group_by("patient").agg(
        low=usable.value.min(), high=usable.value.max(),
        one=usable.comparator.min(), other=usable.comparator.max(),
        least=usable.answer.min(), most=usable.answer.max(),
        at=usable.taken_at.max(), timed=usable.taken_at.count(), all=usable.count(),
    )  # fmt: skip
    alike = per.low.identical_to(per.high) & (per.one == per.other) & (per.least == per.most)
    at = ibis.ifelse(per.timed == per["all"], per["at"], ibis.null("timestamp(6)"))
    return per.select(of="patient", alike=alike, at=at)


def _first(rows: Table, order: list[Value]) -> Table:
    place = ibis.row_number().over(group_by=rows.patient, order_by=order)
    ranked = rows.mutate(place=place)
    chosen = ranked.filter(ranked.place == 0)
    return chosen.select(
        "patient", "taken", "taken_last", "comparator", "value", "answer", told=ibis.literal(True)
    )


def _in_window(latest: Latest, window: Window, on: date) -> BooleanValue:
    """Whether there is one that can be used, surely in the window."""
    return latest.rows.usable & dates.lies(latest.rows, "taken", window, on=on).fill_null(False)


def _compared(node: n.ResultIs, population: Population, on: date) -> Leaf:
    newest = latest(node.observable, population, node.window.until.before(on))
    assert newest.scale is not None
    rows, bound = newest.rows, newest.scale.at(node.value)
    below, above = rows.value < ceil(bound), rows.value > floor(bound)
    sign = ibis.literal("") if node.as_written else rows.comparator
    down, up = sign.isin(_DOWN), sign.isin(_UP)
    itself = ~below & ~above & ~sign.isin(_STRICT)
    less, more, equal = below | down, above | up, itself | (above & down) | (below & up)
    yes, no = {
        n.Comparison.BELOW: (less, equal | more),
        n.Comparison.AT_MOST: (less | equal, more),
        n.Comparison.AT_LEAST: (equal | more, less),
        n.Comparison.ABOVE: (more, less | equal),
    }[node.comparison]
    usable = _in_window(newest, node.window, on)
    found = verdict(usable & yes & ~no, usable & no & ~yes)
    return Leaf(rows.select("patient", verdict=found), PERHAPS)


def _written(node: n.WrittenWith, population: Population, on: date) -> Leaf:
    newest = latest(node.observable, population, node.window.until.before(on))
    usable = _in_window(newest, node.window, on)
    with_ = newest.rows.comparator.isin([each.value for each in node.comparators])
    return Leaf(newest.rows.select("patient", verdict=verdict(usable & with_, usable & ~with_)), PERHAPS)


def _changed(node: n.ResultChanged, population: Population, on: date) -> Leaf:
    newest = latest(node.observable, population, node.window.until.before(on))
    assert newest.scale is not None
    rows = newest.rows.filter(_in_window(newest, node.window, on) & (newest.rows.comparator == ""))
    earlier = _rows(node.observable, population)
    earlier = earlier.filter((earlier.taken <= on).fill_null(False))
    earlier = earlier.filter(dates.lies(earlier, "taken", node.window, on=on).fill_null(False))
    read = _read(earlier, node.observable, newest.scale, population)
    read = read.filter(read.usable & (read.comparator == "") & (read.value != 0))
    read = read.select(of="patient", was="value", was_last="taken_last")
    pairs = rows.inner_join(read, [rows.patient == read.of, read.was_last < rows.taken])
    base = pairs.was.min() if node.rise else pairs.was.max()
    per = pairs.group_by("patient").agg(now=pairs.value.max(), base=base)
    ratio = node.per_cent.numerator, node.per_cent.denominator * 100
    change = (per.now - per.base) if node.rise else (per.base - per.now)
    # Divided by the earlier value, of which the sign turns the comparison round.
    far, share = change * ratio[1], per.base * ratio[0]
    more = ibis.ifelse(per.base > 0, far > share, far < share)
    return Leaf(per.select("patient", verdict=verdict(more, ~more)), PERHAPS)


def _answered(node: n.AnswerIs, population: Population, on: date) -> Leaf:
    newest = latest(node.observable, population, node.window.until.before(on))
    wanted = list(node.observable.answers or {}).index(node.answer)
    usable = _in_window(newest, node.window, on)
    is_it = newest.rows.answer == wanted
    return Leaf(newest.rows.select("patient", verdict=verdict(usable & is_it, usable & ~is_it)), PERHAPS)
