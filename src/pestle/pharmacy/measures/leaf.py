"""One question to the facts of a population, answered for those patients who have such facts."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.measures import dates

# A verdict as it is stored: in, out, or nobody can tell.
IN, OUT, PERHAPS = 1, 0, -1

LeafNode = (
    n.Taking | n.Issued | n.LatestMedicine | n.CoPrescribed | n.MedicineCount | n.HasCondition
    | n.LatestCondition | n.Tested | n.ResultIs | n.WrittenWith | n.ResultChanged | n.AnswerIs
    | n.TestedAtStart | n.ClearanceIs | n.TestedByClearance
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leaf:
    """`rows` hold `patient` and `verdict`; who is not among them has the verdict `absent`, or PERHAPS where
    the patient's column `known` says that nothing of the kind is on record to be read."""

    rows: Table
    absent: int
    known: str = ""


def verdict(sure: BooleanValue, out: BooleanValue | bool = False) -> IntegerValue:
    """IN where it is sure; OUT where that is; else nobody can tell."""
    return ibis.cases((sure, IN), (out, OUT), else_=PERHAPS).cast("int8")


def last_of(rows: Table, name: str) -> Table:
    """By the days: what may be the last, and is not surely among those asked for, leaves it open.

    `rows` have `sure` (it is one of those among which the last is sought, and in the window) and `on_1`.
    """
    dated = rows.sure & rows[name].notnull()
    latest = rows.group_by("patient").agg(latest=rows[name].max(where=dated))
    latest = latest.rename(of="patient")
    could = rows.left_join(latest, rows.patient == latest.of)
    could = could.filter(
        could[name].isnull() | could.latest.isnull() | (dates.last(could, name) >= could.latest)
    )
    meant = ibis.ifelse(could.sure, could.on_1, ibis.null("boolean"))
    per = could.group_by("patient").agg(
        yes=meant.fill_null(False).cast("int8").min(), no=meant.fill_null(True).cast("int8").max()
    )
    return per.select("patient", verdict=verdict(per.yes == 1, per.no == 0))
