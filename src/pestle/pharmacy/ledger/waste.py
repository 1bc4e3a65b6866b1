"""Why was it wasted, and what did it cost?

The cost is that of the share of a pack at its price in the dictionary, rounded half up to whole pence. A pack
without a price has a cost that is *not known*, never nought.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from enum import Enum

from pestle.pharmacy.medicines.concept import Price
from pestle.pharmacy.refusal import refuse


class WasteReason(Enum):
    """Why stock is destroyed; the value is stored before the words."""

    EXPIRED = "expired"
    DAMAGED = "damaged"
    TEMPERATURE = "temperature"
    RECALLED = "recalled"
    PART_LEFT = "part left"
    PATIENT_RETURN = "patient return"
    OTHER = "other"


def why_words(reason: WasteReason, words: str) -> str:
    """How the reason and what a person said stand in the book. Raises `Refused` (``stock.no-reason``) for
    “other” without words."""
    said = " ".join(words.split())
    if reason is WasteReason.OTHER and len(said) < 3:
        raise refuse("stock.no-reason", "Say why it is wasted", place="reason")
    return f"{reason.value}: {said}" if said else reason.value


def reason_of(why: str) -> WasteReason | None:
    """The reason that stands in the book; None where somebody wrote words alone."""
    head = why.partition(":")[0]
    return next((reason for reason in WasteReason if reason.value == head), None)


def cost(amount: int, pack_amount: int, price: Price | None) -> int | None:
    """The pence of so many base units of a pack; None when its price is not known."""
    if price is None:
        return None
    exact = Decimal(price.pence) * amount / pack_amount
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def pounds(pence: int) -> str:
    """Pence as money: £12.05."""
    return f"£{pence // 100:,}.{pence % 100:02d}"
