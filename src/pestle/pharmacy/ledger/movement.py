"""What moved, from where to where, when, and by whom?

Stock is moved, never set: a movement takes whole base units of one batch out of one account and puts them
into another. A correction is a new movement that points at the one it undoes, once. `happened_at` is when it
happened on the shelf, `recorded_at` when it was written down; both UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from pestle.pharmacy.medicines.concept import BaseUnit
from pestle.pharmacy.quantity import Quantity, Unit, counted, plain
from pestle.pharmacy.refusal import Refusal, refuse


class AccountKind(Enum):
    """What an account stands for; the value is stored. PREPARED holds bags that wait for their patient."""

    SUPPLIER = "supplier"
    SHELF = "shelf"
    FRIDGE = "fridge"
    ROBOT = "robot"
    WARD = "ward"
    TROLLEY = "trolley"
    IN_TRANSIT = "in_transit"
    PREPARED = "prepared"
    QUARANTINE = "quarantine"
    PATIENT = "patient"
    WASTE = "waste"
    COUNT_DIFFERENCE = "count_difference"

    @property
    def held(self) -> bool:
        """Whether stock in it is ours to count: its balance may never go below zero."""
        return self not in _BOUNDARY

    @property
    def dispensable(self) -> bool:
        """Whether packs may be picked from it."""
        return self in (AccountKind.SHELF, AccountKind.FRIDGE, AccountKind.ROBOT)


_BOUNDARY = frozenset(
    {AccountKind.SUPPLIER, AccountKind.PATIENT, AccountKind.WASTE, AccountKind.COUNT_DIFFERENCE}
)


class Reason(Enum):
    """Why stock moved; the value is stored."""

    RECEIPT = "receipt"
    PICK = "pick"
    UNDO_PICK = "undo_pick"
    SUPPLY = "supply"


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry. `amount` is in base units and above zero; `key` is the command it belongs to;
    `about` names the prescription line, order or count that it was made for."""

    batch_id: int
    source_id: int
    target_id: int
    amount: int
    happened_at: datetime
    recorded_at: datetime
    by: int
    key: str
    reason: Reason
    about: str = ""
    reverses: int | None = None

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise refuse("ledger.not-positive", "A movement moves at least one unit", place="amount")
        if self.source_id == self.target_id:
            raise refuse("ledger.same-account", "A movement goes from one account to another", place="to")
        if self.happened_at > self.recorded_at:
            raise refuse(
                "ledger.future", "A movement cannot happen after it is recorded", place="happened at"
            )

    def content(self) -> dict[str, object]:
        """What the chain protects."""
        return {
            "batch": self.batch_id,
            "from": self.source_id,
            "to": self.target_id,
            "amount": self.amount,
            "happened_at": self.happened_at.astimezone(UTC).isoformat(),
            "recorded_at": self.recorded_at.astimezone(UTC).isoformat(),
            "by": self.by,
            "key": self.key,
            "reason": self.reason.value,
            "about": self.about,
            "reverses": self.reverses,
        }


def reversal(
    original: Movement, original_id: int, *, at: datetime, by: int, key: str, reason: Reason
) -> Movement:
    """The movement that undoes `original`, pointing at it."""
    return Movement(
        batch_id=original.batch_id,
        source_id=original.target_id,
        target_id=original.source_id,
        amount=original.amount,
        happened_at=at,
        recorded_at=at,
        by=by,
        key=key,
        reason=reason,
        about=original.about,
        reverses=original_id,
    )


def enough(held: int, wanted: int, base: BaseUnit) -> Refusal | None:
    """Why `wanted` base units cannot be taken out of a held account that has `held`; None when they can."""
    if wanted <= held:
        return None
    return Refusal(
        "stock.not-in-stock",
        f"{amount_words(wanted, base)} wanted, and the shelf holds {amount_words(held, base)} of this batch",
        place="pack",
        way_out="Pick another batch, or receive the delivery first.",
    )


# A thousand litres, or a thousand million tablets, of one thing at one time is a slip of the finger.
MOST = 10**9

_CONTINUOUS = frozenset({"ml", "millilitre", "g", "gram", "litre", "l", "kg"})


def base_unit(unit: Unit) -> BaseUnit:
    """What stock of that unit is counted in: tablets one by one, millilitres and grams in thousandths."""
    return BaseUnit(unit, 1000 if unit.text.strip().casefold() in _CONTINUOUS else 1)


def base_units(quantity: Quantity, base: BaseUnit) -> int:
    """The whole number of base units in a quantity.

    Raises `Refused`: ``ledger.other-unit`` when the units differ, ``ledger.not-whole`` when the quantity
    would divide what cannot be divided, ``ledger.not-positive`` for zero or less, ``ledger.too-much`` for
    more than any shelf holds.
    """
    if quantity.unit != base.unit:
        raise refuse(
            "ledger.other-unit",
            f"The quantity is in {quantity.unit}, and this product is counted in {base.unit}",
            place="quantity",
            way_out="Confirm the quantity in the product's own unit.",
        )
    # As a fraction, because decimal arithmetic rounds long numbers.
    amount = Fraction(quantity.value) * base.per_unit
    if amount.denominator != 1:
        raise refuse("ledger.not-whole", f"{quantity} cannot be counted out", place="quantity")
    if amount <= 0:
        raise refuse("ledger.not-positive", "The quantity is not above zero", place="quantity")
    if amount >= MOST:
        raise refuse("ledger.too-much", f"{quantity} is more than any shelf holds", place="quantity",
                     way_out="Check the quantity against its source.")  # fmt: skip
    return int(amount)


def amount_words(amount: int, base: BaseUnit) -> str:
    """An amount of base units as a person says it: 28 tablets, 2.5 ml."""
    value = Decimal(amount) / base.per_unit
    return f"{plain(value)} {counted(base.unit.text, value)}"
