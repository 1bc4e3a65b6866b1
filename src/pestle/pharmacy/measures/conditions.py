"""Conditions on conditions, over a population. As `criteria.conditions`, which says what each means."""

from __future__ import annotations

from datetime import date
from typing import assert_never

import ibis
from ibis.expr.types import BooleanValue, Table

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.lists import ConditionList
from pestle.pharmacy.criteria.span import EVER, Window
from pestle.pharmacy.measures import dates
from pestle.pharmacy.measures.leaf import OUT, Leaf, last_of, verdict
from pestle.pharmacy.measures.population import Listed, Population
from pestle.pharmacy.record.condition import ClinicalStatus

_KNOWN = "conditions_known"
_HAS_IT = [each.value for each in (ClinicalStatus.ACTIVE, ClinicalStatus.RECURRENCE, ClinicalStatus.RELAPSE)]
_ENDED = [each.value for each in (ClinicalStatus.RESOLVED, ClinicalStatus.REMISSION)]


def leaf(node: n.HasCondition | n.LatestCondition, population: Population, *, on: date) -> Leaf:
    """The answer to a condition on conditions, of each patient who has such."""
    match node:
        case n.HasCondition():
            return _has(node, population, on)
        case n.LatestCondition():
            rows = _entries(population, node.among, node.window, on)
            meant = _on(rows, population.conditions_on(node.conditions))
            return Leaf(last_of(rows.mutate(on_1=meant), "recorded"), OUT, _KNOWN)
    assert_never(node)


def _entries(population: Population, listed: ConditionList, window: Window, on: date) -> Table:
    """The rows that may be on the list and in the window, and whether both is `sure`."""
    found = population.conditions_on(listed)
    rows = population.condition
    rows = rows.filter(rows.code.isin([*found.on, *found.perhaps]))
    rows = rows.mutate(within=dates.lies(rows, "recorded", window, on=on))
    rows = rows.filter(rows.within.fill_null(True))
    sure = rows.within & rows.code.isin(found.on)
    if "unsure" in rows.columns:
        sure = sure & ~rows.unsure.fill_null(False)
    return rows.mutate(sure=sure.fill_null(False))


def _on(rows: Table, found: Listed) -> BooleanValue:
    """Whether it is on a list: true, false or null."""
    perhaps = rows.code.isin(found.perhaps)
    return ibis.cases((rows.code.isin(found.on), True), (perhaps, ibis.null("boolean")), else_=False)


def _has(node: n.HasCondition, population: Population, on: date) -> Leaf:
    rows = _entries(population, node.conditions, node.window, on)
    match node.state:
        case n.State.EVER:
            pass
        case n.State.ACTIVE:
            active = _active(rows, on)
            rows = rows.mutate(sure=rows.sure & active.fill_null(False)).filter(active.fill_null(True))
        case n.State.UNRESOLVED:
            rows = _unresolved(rows, node, population, on)
    per = rows.group_by("patient").agg(sure=rows.sure.cast("int8").max())
    return Leaf(per.select("patient", verdict=verdict(per.sure == 1)), OUT, _KNOWN)


def _status(rows: Table) -> ibis.expr.types.StringValue:
    status = rows.status if "status" in rows.columns else ibis.null("string")
    return status.nullif(ClinicalStatus.UNKNOWN.value)


def _active(rows: Table, on: date) -> BooleanValue:
    """As `Condition.active`."""
    status = _status(rows).isin(_HAS_IT)
    if "ended" not in rows.columns:
        return status
    return ibis.ifelse(rows.ended.isnull(), status, ~dates.before(rows, "ended", on=on))


def _unresolved(rows: Table, node: n.HasCondition, population: Population, on: date) -> Table:
    """Those that nothing has ended: each diagnosis is held against what follows it."""
    rows = rows.filter(~_status(rows).isin(_ENDED).fill_null(False))
    if "ended" in rows.columns:
        over = dates.before(rows, "ended", on=on)
        rows = rows.mutate(sure=rows.sure & over.notnull()).filter(~over.fill_null(False))
    if node.resolved_by is None:
        return rows
    # “Asthma resolved” is no diagnosis of asthma, whatever its words hold.
    rows = rows.filter(~rows.code.isin(population.conditions_on(node.resolved_by).on))
    rows = rows.select(
        "patient", "sure", first=dates.first(rows, "recorded"), last=dates.last(rows, "recorded")
    )
    ending = _entries(population, node.resolved_by, EVER, on)
    ending = ending.select(
        of="patient",
        certain="sure",
        ended_first=dates.first(ending, "recorded"),
        ended_last=dates.last(ending, "recorded"),
    )
    rows = rows.distinct()
    pairs = rows.inner_join(ending, rows.patient == ending.of)
    follows = ibis.cases(
        (~pairs.certain | pairs.ended_first.isnull() | pairs["first"].isnull(), ibis.null("boolean")),
        (pairs.ended_last < pairs["first"], False),
        (pairs.ended_first >= pairs["last"], True),
        else_=ibis.null("boolean"),
    )
    pairs = pairs.mutate(follows=follows)
    after = pairs.group_by("patient", "sure", "first", "last").agg(
        resolved=pairs.follows.fill_null(False).cast("int8").max(),
        perhaps=pairs.follows.isnull().cast("int8").max(),
    )
    after = after.rename(of="patient", of_sure="sure", of_first="first", of_last="last")
    joined = rows.left_join(
        after,
        [
            rows.patient == after.of,
            rows.sure == after.of_sure,
            rows["first"].identical_to(after.of_first),
            rows["last"].identical_to(after.of_last),
        ],
    )
    joined = joined.filter(joined.resolved.fill_null(0) == 0)
    return joined.select("patient", sure=joined.sure & (joined.perhaps.fill_null(0) == 0))
