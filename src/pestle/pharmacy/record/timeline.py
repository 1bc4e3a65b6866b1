"""Which medicines does the patient have on a day, by which fact, and how sure is that?

Four kinds of fact say it: an order that stands, a statement, a supply that has not run out, a dose given.
They are given side by side, never merged: that two of them are the same medicine is for the reader to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING

from pestle.pharmacy.record.medication import (
    LineStatus,
    Medication,
    MedicationOrder,
    MedicationStatement,
    MedicationSupply,
    OrderAction,
    StatementStatus,
)
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.record import Record


@dataclass(frozen=True, slots=True)
class Has:
    """A medicine and the fact that says so. `sure` is False where the fact leaves it open: a supply whose
    length nobody knows, a status or a date that was not said."""

    medication: Medication
    because: MedicationOrder | MedicationStatement | MedicationSupply
    sure: bool


def medicines(record: Record, *, on: date, unknown_lasts: int) -> tuple[Has, ...] | None:
    """What the patient has on a day; None when no medication of theirs is on record to be read.

    A supply of day D that lasts n days covers D to D + n - 1; one whose length is not known counts for
    `unknown_lasts` days, unsure.
    """
    parts = (record.orders, record.statements, record.supplies)
    if all(part is None for part in parts):
        return None
    found = [_order(order, on=on) for order in standing(record.orders or ())]
    found += [_statement(statement, on=on) for statement in record.statements or ()]
    found += [_supply(supply, on=on, unknown_lasts=unknown_lasts) for supply in record.supplies or ()]
    return tuple(has for has in found if has is not None)


def standing(orders: tuple[MedicationOrder, ...]) -> tuple[MedicationOrder, ...]:
    """The orders that no later one follows and that do not themselves discontinue."""
    followed = {order.follows for order in orders}
    return tuple(
        order for order in orders if order.id not in followed and order.action is not OrderAction.DISCONTINUE
    )


def days_left(supply: MedicationSupply, *, on: date, unknown_lasts: int) -> int:
    """How many days of a supply are left on a day; negative when it ran out before."""
    days = unknown_lasts
    if supply.days_supply is not None:
        days = int(supply.days_supply.to_integral_value(ROUND_CEILING))
    try:
        return (supply.on + timedelta(days=days) - on).days
    except OverflowError:
        return unknown_lasts


def _order(order: MedicationOrder, *, on: date) -> Has | None:
    status = order.request.status
    if status not in (LineStatus.ACTIVE, LineStatus.UNKNOWN):
        return None
    during = _during(order.starts, order.ends, on=on)
    if during is False:
        return None
    return Has(order.medication, order, bool(during) and status is LineStatus.ACTIVE)


def _statement(statement: MedicationStatement, *, on: date) -> Has | None:
    if statement.status not in (StatementStatus.ACTIVE, StatementStatus.UNKNOWN):
        return None
    during = _during(statement.starts, statement.ends, on=on)
    if during is False:
        return None
    return Has(statement.medication, statement, bool(during) and statement.status is StatementStatus.ACTIVE)


def _supply(supply: MedicationSupply, *, on: date, unknown_lasts: int) -> Has | None:
    if supply.on > on or days_left(supply, on=on, unknown_lasts=unknown_lasts) <= 0:
        return None
    return Has(supply.medication, supply, supply.days_supply is not None)


def _during(starts: PartialDate | None, ends: PartialDate | None, *, on: date) -> bool | None:
    """Whether a day lies between two; an end that was not said is open, a date in doubt leaves it open."""
    not_yet = starts.after(on) if starts else False
    over = ends.before(on) if ends else False
    if not_yet or over:
        return False
    return None if not_yet is None or over is None else True
