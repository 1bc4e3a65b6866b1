"""Conditions on medicines, over a population. As `criteria.medicines`, which says what each of them means."""

from __future__ import annotations

from datetime import date
from typing import assert_never

import ibis
from ibis.expr.types import BooleanValue, Table

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.lists import MedicineList
from pestle.pharmacy.criteria.span import Window
from pestle.pharmacy.measures import dates
from pestle.pharmacy.measures.leaf import IN, OUT, Leaf, last_of, verdict
from pestle.pharmacy.measures.population import Population

_Node = n.Taking | n.Issued | n.LatestMedicine | n.CoPrescribed | n.MedicineCount
_KNOWN = "medication_known"
_UNKNOWN = -1  # of what nobody knows the substances


def leaf(node: _Node, population: Population, *, on: date) -> Leaf:
    """The answer to a condition on medicines, of each patient who has such."""
    match node:
        case n.Taking():
            return _taking(node, population, on)
        case n.Issued():
            return _issued(node, population, on)
        case n.LatestMedicine():
            return _latest(node, population, on)
        case n.CoPrescribed():
            return _together(node, population, on)
        case n.MedicineCount():
            return _count(node, population, on)
    assert_never(node)


def _rows(population: Population, *lists: MedicineList) -> Table:
    """The rows that may be on one of the lists; `on_0`, `on_1` … say on which: true, or null where nobody
    can tell."""
    found = [population.medicines_on(listed) for listed in lists]
    codes = sorted({code for each in found for code in (*each.on, *each.perhaps)})
    rows = population.medication
    if len(codes) < len(population.catalogue.medicines):
        rows = rows.filter(rows.code.isin(codes))
    return rows.mutate(**{
        f"on_{place}": _told(rows, each.on, each.perhaps, codes) for place, each in enumerate(found)
    })  # fmt: skip


def _told(rows: Table, on: tuple[int, ...], perhaps: tuple[int, ...], codes: list[int]) -> BooleanValue:
    if list(on) == codes:
        return ibis.literal(True)
    branches = [(rows.code.isin(perhaps), ibis.null("boolean"))] if perhaps else []
    if len(on) + len(perhaps) == len(codes):
        return ibis.cases(*branches, else_=True) if branches else ibis.literal(True)
    return ibis.cases(*branches, (rows.code.isin(on), True), else_=False)


def issues(population: Population, window: Window, on: date, *lists: MedicineList) -> Table:
    """The issues that may lie in the window, and whether they do: `within`."""
    rows = _rows(population, *lists)
    if "issue" in rows.columns:
        rows = rows.filter(rows.issue)
    rows = rows.mutate(within=dates.lies(rows, "issued", window, on=on))
    return rows.filter(rows.within.fill_null(True))


def _issued(node: n.Issued, population: Population, on: date) -> Leaf:
    rows = issues(population, node.window, on, node.medicines)
    rows = rows.mutate(sure=(rows.within & rows.on_0).fill_null(False))
    per = rows.group_by("patient")
    if node.at_least == 1:
        found = per.agg(verdict=rows.sure.cast("int8").max())
        found = found.mutate(verdict=verdict(found.verdict == 1))
    else:
        # Of an issue whose date is known in part the first day counts.
        found = per.agg(days=rows.issued.nunique(where=rows.sure), open=(~rows.sure).sum())
        found = _known(population, found)
        few = found.known & (found.days + found.open < node.at_least)
        found = found.mutate(verdict=verdict(found.days >= node.at_least, few))
    return Leaf(found.select("patient", "verdict"), OUT, _KNOWN)


def _known(population: Population, found: Table) -> Table:
    """With `known`, whether medication of the patient is on record to be read."""
    if _KNOWN not in population.patient.columns:
        return found.mutate(known=True)
    people = population.patient.select(of="patient", known=population.patient[_KNOWN].fill_null(True))
    return found.left_join(people, found.patient == people.of).drop("of")


def _taking(node: n.Taking, population: Population, on: date) -> Leaf:
    rows = _rows(population, node.medicines)
    lasts = rows.days.coalesce(node.unknown_lasts) if "days" in rows.columns else node.unknown_lasts
    since = ibis.literal(on).delta(rows.issued, unit="day")
    sure_length = rows.days.notnull() if "days" in rows.columns else ibis.literal(False)
    supplied = (since >= 0) & (since < lasts) & sure_length.nullif(False)
    if "supply" in rows.columns:
        begun = ~dates.after(rows, "starts", on=on)
        stands = begun & ~dates.before(rows, "ends", on=on) & rows.standing
        has = ibis.ifelse(rows.supply, supplied, stands)
    else:
        has = supplied
    rows = rows.mutate(has=has)
    rows = rows.filter(rows.has.fill_null(True))
    sure = (rows.has & rows.on_0).fill_null(False)
    here = rows.group_by("patient").agg(at_present=sure.max())
    here = here.mutate(verdict=verdict(here.at_present))
    if node.or_issued is None:
        return Leaf(here.drop("at_present"), OUT, _KNOWN)
    issued = _issued(n.Issued(node.medicines, Window(node.or_issued)), population, on).rows
    both = here.select("patient", "verdict").union(issued.select("patient", "verdict"))
    joined = both.group_by("patient").agg(sure=(both.verdict == IN).any())
    return Leaf(joined.mutate(verdict=verdict(joined.sure)).drop("sure"), OUT, _KNOWN)


def _latest(node: n.LatestMedicine, population: Population, on: date) -> Leaf:
    """`on_0` is whether it is of those among which the last is sought, `on_1` whether it is meant."""
    rows = issues(population, node.window, on, node.among, node.medicines)
    # `is not False` of the first list; a row of the second one alone is not asked.
    rows = rows.filter(rows.on_0.fill_null(True))
    rows = rows.mutate(sure=(rows.within & rows.on_0).fill_null(False))
    return Leaf(last_of(rows, "issued"), OUT, _KNOWN)


def _together(node: n.CoPrescribed, population: Population, on: date) -> Leaf:
    """Equal rows are counted, not numbered: an issue is no pair with itself, and two equal ones are."""
    rows = issues(population, node.window, on, node.one, node.other)
    rows = rows.select(
        "patient",
        "code",
        first=dates.first(rows, "issued"),
        last=dates.last(rows, "issued"),
        one=(rows.within & rows.on_0).fill_null(False),
        other=(rows.within & rows.on_1).fill_null(False),
        may_one=rows.on_0.fill_null(True),
        may_other=rows.on_1.fill_null(True),
    )
    rows = rows.group_by(rows.columns).agg(times=rows.count())
    ones, others = rows.filter(rows.may_one), rows.view().filter(lambda t: t.may_other)
    others = others.rename({f"o_{name}": name for name in others.columns})
    pairs = ones.inner_join(others, ones.patient == others.o_patient)
    same = (
        (pairs.code == pairs.o_code)
        & pairs["first"].identical_to(pairs.o_first)
        & pairs["last"].identical_to(pairs.o_last)
    )
    pairs = pairs.filter(~same | (pairs.times > 1))
    forth = pairs["first"].delta(pairs.o_last, unit="day")
    back = pairs.o_first.delta(pairs["last"], unit="day")
    least = ibis.greatest(forth, back, 0)
    most = ibis.greatest(
        pairs["last"].delta(pairs.o_first, unit="day"), pairs.o_last.delta(pairs["first"], unit="day")
    )
    undated = pairs["first"].isnull() | pairs.o_first.isnull()
    near = ibis.cases(
        (undated, ibis.null("boolean")),
        (least >= node.days, False),
        (most < node.days, True),
        else_=ibis.null("boolean"),
    )
    pairs = pairs.mutate(near=near)
    per = pairs.group_by("patient").agg(
        sure=(pairs.near & pairs.one & pairs.o_other).fill_null(False).cast("int8").max(),
        close=pairs.near.fill_null(True).cast("int8").max(),
    )
    per = per.mutate(verdict=verdict(per.sure == 1, per.close == 0))
    return Leaf(per.select("patient", "verdict"), OUT, _KNOWN)


def _count(node: n.MedicineCount, population: Population, on: date) -> Leaf:
    rows = issues(population, node.window, on, node.medicines)
    numbers: dict[frozenset[str], int] = {}
    held, named = {}, {}
    for code, medicine in population.catalogue.medicines.items():
        holds = population.substances_of(code)
        if holds:
            held[code] = numbers.setdefault(holds, len(numbers))
        named[code] = medicine.name
    words = {name: place for place, name in enumerate(sorted(set(named.values())))}
    # A whole number for what is not known too: Spark loses a column of such a table that has gaps.
    known = ibis.memtable(
        [
            {"it": code, "holds": held.get(code, _UNKNOWN), "named": words[name]}
            for code, name in named.items()
        ],
        schema=ibis.schema({"it": "int64", "holds": "int64", "named": "int64"}),
    )
    rows = rows.left_join(known, rows.code == known.it)
    sure = (rows.within & rows.on_0 & (rows.holds != _UNKNOWN)).fill_null(False)
    per = rows.group_by("patient").agg(
        sure=rows.holds.nunique(where=sure), open=rows.named.nunique(where=~sure)
    )
    per = _known(population, per)
    few = per.known & (per.sure + per.open < node.at_least)
    per = per.mutate(verdict=verdict(per.sure >= node.at_least, few))
    return Leaf(per.select("patient", "verdict"), OUT, _KNOWN)
