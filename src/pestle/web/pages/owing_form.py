"""What of a line is owed, as typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from pestle.pharmacy.dispensary.owing import Missing, OwingReason
from pestle.pharmacy.ledger.base_unit import base_units
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.refusal import refuse
from pestle.web.pages.prescription_lines import LineView
from pestle.web.store import prescriptions

FIELDS = (1, 2)


def missing(line: LineView, typed: Mapping[str, str]) -> tuple[Missing, ...]:
    """The amounts with their reasons; empty when no amount was typed.

    Raises `Refused`: ``owing.no-reason``, ``owing.not-a-number``, and those of `base_units`.
    """
    found = []
    for n in FIELDS:
        amount, why = typed.get(f"owed-{n}", "").strip(), typed.get(f"why-{n}", "")
        if not amount:
            continue
        base = prescriptions.base(line.row)
        try:
            quantity = Quantity(Decimal(amount), base.unit)
        except (InvalidOperation, ValueError):
            raise refuse("owing.not-a-number", f"“{amount}” is not an amount", place="owed") from None
        if why not in {one.value for one in OwingReason}:
            raise refuse("owing.no-reason", "Choose why it is owed", place="owed")
        found.append(Missing(base_units(quantity, base), OwingReason(why)))
    return tuple(found)


def promised_on(typed: Mapping[str, str]) -> date | None:
    """The promised day; None where none was typed. Raises `Refused` (``owing.not-a-day``)."""
    said = typed.get("promised_on", "").strip()
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise refuse("owing.not-a-day", f"“{said}” is not a day", place="promised day") from None
