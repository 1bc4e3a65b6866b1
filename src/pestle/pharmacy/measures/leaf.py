"""One question to the facts of a population, answered for those patients who have such facts."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table

from pestle.pharmacy.criteria import nodes as n

# A verdict as it is stored: in, out, or nobody can tell.
IN, OUT, PERHAPS = 1, 0, -1

LeafNode = (
    n.Taking | n.Issued | n.LatestMedicine | n.CoPrescribed | n.MedicineCount | n.HasCondition
    | n.LatestCondition | n.Tested | n.ResultIs | n.WrittenWith | n.ResultChanged | n.AnswerIs
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
