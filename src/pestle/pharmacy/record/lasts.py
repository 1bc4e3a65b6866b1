"""How many days does what was ordered last?"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.dosage.supply import Days, days_supply
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.record.medication import MedicationOrder, MedicationRequest


def days_of(order: MedicationOrder) -> Decimal | None:
    """As the order says, else as `reckoned`; None when it cannot be told."""
    return order.request.days_supply or reckoned(order.request, order.medication.product)


def reckoned(request: MedicationRequest, product: Product | None) -> Decimal | None:
    """How many days the prescribed quantity lasts at least; None when it cannot be told."""
    if request.dosage is None or request.quantity is None:
        return None
    answer = days_supply(request.dosage, request.quantity, product)
    return answer.least if isinstance(answer, Days) else None
