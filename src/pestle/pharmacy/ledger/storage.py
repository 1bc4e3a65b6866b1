"""May this product be kept in that place?

A place has a storage condition, and so has a product where its maker's words are known. What nobody recorded
is *not known*: no place is then called right, and none wrong.
"""

from __future__ import annotations

from enum import Enum

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.refusal import Refusal


class Condition(Enum):
    """How a place keeps what is in it, or how a product has to be kept; the value is stored."""

    ROOM = "room"
    FRIDGE = "fridge"
    FREEZER = "freezer"
    CONTROLLED = "controlled"

    @property
    def title(self) -> str:
        """As a person says it after “is kept”."""
        return _TITLES[self]


_TITLES = {
    Condition.ROOM: "at room temperature",
    Condition.FRIDGE: "in a fridge, 2 to 8 °C",
    Condition.FREEZER: "in a freezer",
    Condition.CONTROLLED: "in the controlled drugs cupboard",
}
# A cupboard for controlled drugs is at room temperature; the other way round it does not hold.
_SUITS = {condition: frozenset({condition}) for condition in Condition} | {
    Condition.ROOM: frozenset({Condition.ROOM, Condition.CONTROLLED})
}
_COLD = frozenset({Condition.FRIDGE, Condition.FREEZER})


def suits(product: Condition | None, place: Condition | None) -> bool | None:
    """Whether a product may be kept in a place; None where one of the two is not known."""
    if product is None or place is None:
        return None
    return place in _SUITS[product]


def misplaced(name: str, product: Condition | None, where: str, place: Condition | None) -> Refusal | None:
    """What to answer before a product goes to a place that is wrong for it, or that nobody has said the
    condition of although the product needs the cold or the cupboard; None when nothing speaks against it."""
    answer = suits(product, place)
    if product is None or answer or (answer is None and product is Condition.ROOM):
        return None
    there = f"is {place.title.removeprefix('in ')}" if place else "has no storage condition on record"
    return Refusal(
        "stock.storage",
        f"{name} is kept {product.title}, and {where} {there}",
        place="to",
        way_out="Choose a place that suits it, or say that it goes there all the same.",
    )


def may_be(kind: AccountKind, condition: Condition) -> Refusal | None:
    """Why a place of that kind cannot have that condition: a fridge is cold, and nothing else on the list
    that packs are picked from by hand is called one."""
    if kind is AccountKind.FRIDGE and condition not in _COLD:
        return Refusal("place.condition", "A fridge is cold: say fridge or freezer", place="condition")
    if kind is AccountKind.SHELF and condition in _COLD:
        return Refusal("place.condition", "A cold place is recorded as a fridge", place="condition",
                       way_out="Choose the kind “fridge”.")  # fmt: skip
    return None
