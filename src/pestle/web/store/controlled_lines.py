"""The controlled drugs among what is asked for: what of each is to be signed?"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.practice.controlled import Controlled, controlled
from pestle.web.store import models, requests
from pestle.web.store import record as records


def of(row: models.RequestLine) -> Controlled | None:
    """The Schedule 2 or 3 medicine of a line, as it was prepared; None where it is none. `row` with its line
    and order."""
    if row.listed is None:
        return None
    order = records.value(row.listed.order)
    days = requests.days(row)
    return controlled(
        order.medication,
        quantity=requests.quantity(row, order),
        days=None if days is None else Decimal(days),
        course=order.request.course_of_therapy,
    )
