"""What a serious shortage protocol says of the lines of a prescription, as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from pestle.pharmacy.dispensary.shortage_protocol import ShortageProtocol
from pestle.pharmacy.ledger.base_unit import amount_words, base_unit
from pestle.pharmacy.medicines.concept import BaseUnit
from pestle.web.store import models, shortages
from pestle.web.store.prescriptions import base


def shown(lines: Sequence[models.Line], *, on: date) -> list[dict[str, Any]]:
    """Each line that a protocol is about: what is offered, what was proposed and by whom, what was
    decided."""
    return [_line(one) for one in shortages.of(lines, on=on)]


def _line(one: shortages.OfLine) -> dict[str, Any]:
    line, last = one.line, one.last
    number = line.protocol or (last.protocol if last else "") or one.offers[0].protocol.number
    return {
        "id": line.pk,
        "place": line.place,
        "name": line.product_name,
        "directions": line.directions,
        "protocol": _protocol(shortages.protocol(number)),
        "number": number,
        "offers": [
            (
                f"{each.protocol.number}/{each.product.id}",
                f"{_amount(each.wanted, each.product.base_unit)} of {each.product.name}"
                f" (protocol {each.protocol.number})",
            )
            for each in one.offers
        ],
        "proposed": None
        if last is None
        else {
            "value": f"{last.protocol}/{last.product_id}", "name": last.product_name,
            "by": last.by.full_name, "at": last.at,
        },
        "decided": bool(line.protocol),
        "amount": amount_words(line.wanted, base(line)) if line.wanted else "",
        "was": last.was["product_name"] if last and last.was else "",
    }  # fmt: skip


def _amount(wanted: int, unit: BaseUnit | None) -> str:
    return amount_words(wanted, base_unit(unit.unit) if unit else unit) if unit else str(wanted)


def _protocol(found: ShortageProtocol | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "title": found.title,
        "since": found.since,
        "until": found.until,
        "conditions": found.conditions,
        "excluded": found.excluded,
        "inform": found.inform,
        "verified": found.source.verified,
    }
