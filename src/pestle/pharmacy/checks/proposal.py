"""Which orders of a record are proposed, and what is the patient's record without them?

Proposed are the orders that are named; where none is, those that are a draft, or of intent proposal or plan.
What they replace is in the record still, as it is at a bench: the old order stands until the new one is made.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import TypeVar

from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.record.lasts import reckoned
from pestle.pharmacy.record.medication import (
    LineStatus,
    MedicationAdministration,
    MedicationOrder,
    MedicationStatement,
    MedicationSupply,
    matched,
)
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.refusal import refuse

T = TypeVar("T", MedicationStatement, MedicationSupply, MedicationAdministration)
INTENTS = frozenset({"proposal", "plan"})


def proposal(
    record: Record, dictionary: Dictionary, *, on: date, named: Collection[str] = ()
) -> tuple[Proposed, Record]:
    """The proposed orders as lines, signed on the day, and the record without them; both matched to the
    dictionary by the codes that were written.

    Raises `Refused`: ``check.unknown-order`` (a name that no order has), ``check.nothing-proposed``.
    """
    orders = [replace(order, medication=matched(order.medication.written, dictionary))
              for order in record.orders or ()]  # fmt: skip
    unknown = sorted(set(named) - {order.id for order in orders})
    if unknown:
        raise refuse("check.unknown-order", f"No order is called {', '.join(unknown)}", place="proposed",
                     way_out=f"There are: {', '.join(order.id for order in orders) or 'none'}.")  # fmt: skip
    ours = [order for order in orders if (order.id in named if named else _is_proposed(order))]
    if not ours:
        raise refuse(
            "check.nothing-proposed",
            "No order is a draft, a proposal or a plan",
            place="MedicationRequest.intent",
            way_out="Name what is proposed by its id.",
        )
    lines = tuple(proposed_line(order) for order in ours)
    known = replace(
        record,
        orders=tuple(order for order in orders if order not in ours),
        statements=_matched(record.statements, dictionary),
        supplies=_matched(record.supplies, dictionary),
        administrations=_matched(record.administrations, dictionary),
    )
    return Proposed(lines, signed_on=on), known


def _is_proposed(order: MedicationOrder) -> bool:
    return order.request.status is LineStatus.DRAFT or order.request.intent in INTENTS


def proposed_line(order: MedicationOrder) -> ProposedLine:
    """An order as the checks look at what is to be supplied; its id is the line's."""
    request = order.request
    return ProposedLine(
        line=order.id,
        medication=order.medication,
        dosage=request.dosage,
        quantity=request.quantity,
        days_supply=reckoned(request, order.medication.product),
        controlled=request.controlled_drug,
        course=request.course_of_therapy,
        issue_number=request.repeat.issue_number if request.repeat else None,
    )


def _matched(facts: tuple[T, ...] | None, dictionary: Dictionary) -> tuple[T, ...] | None:
    if facts is None:
        return None
    return tuple(replace(fact, medication=matched(fact.medication.written, dictionary)) for fact in facts)
