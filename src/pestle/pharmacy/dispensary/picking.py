"""May this pack go into this line, and how much of it?

A pack in hand is refused by name: wrong medicine, expired, recalled, not in stock, more than is wanted of
a pack that must stay whole. Otherwise a whole pack is taken while one is still wanted, and then a part.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pestle.pharmacy.ledger.base_unit import amount_words, base_unit, pack_amount
from pestle.pharmacy.ledger.movement import enough
from pestle.pharmacy.medicines.concept import Pack, Product
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.medicines.equivalence import may_supply
from pestle.pharmacy.medicines.expiry import Expiry, InUse, last_usable_day
from pestle.pharmacy.refusal import Refusal, Refused


@dataclass(frozen=True, slots=True)
class PackInHand:
    """A scanned pack: what it is, which batch, and what the shelf holds of that batch (base units).
    `opened` when it was opened before."""

    pack: Pack
    product: Product
    batch_number: str
    expiry: Expiry
    held: int
    recall: str | None = None
    opened: InUse | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken out of the pack, in base units; `split` when the pack is opened for a part of it."""

    amount: int
    split: bool


def take(hand: PackInHand, *, prescribed: Product, wanted: int, dictionary: Dictionary, on: date) -> Taken:
    """How much of the pack goes into a line that still wants `wanted` base units.

    Raises `Refused` with every reason at once: ``equivalence.…``, ``pick.line-complete``, ``pick.expired``,
    ``pick.opened-too-long``, ``pick.recalled``, ``stock.not-in-stock``, ``pick.must-not-be-split``.
    """
    reasons = []
    other = may_supply(prescribed, hand.product, dictionary)
    if other is not None:
        raise Refused(other)
    base = base_unit(hand.pack.unit)
    whole = pack_amount(hand.pack)
    if wanted <= 0:
        reasons.append(
            Refusal("pick.line-complete", "This line has all it needs", place="pack",
                    way_out="Put the pack back, or complete the assembly.")
        )  # fmt: skip
    if hand.expiry.expired(on=on):
        reasons.append(
            Refusal("pick.expired", f"This pack is past its last day, {hand.expiry.last_usable_day:%d-%b-%Y}",
                    place="pack", way_out="Take it off the shelf and pick another batch.")
        )  # fmt: skip
    elif hand.opened is not None and on > (last := last_usable_day(hand.expiry, hand.opened)):
        reasons.append(
            Refusal("pick.opened-too-long",
                    f"This pack was opened on {hand.opened.opened_on:%d-%b-%Y}, and its last day was "
                    f"{last:%d-%b-%Y}", place="pack", way_out="Take it off the shelf and open another.")
        )  # fmt: skip
    if hand.recall is not None:
        reasons.append(
            Refusal("pick.recalled", f"This batch is recalled ({hand.recall})", place="pack",
                    way_out="Put it in quarantine and pick another batch.")
        )  # fmt: skip
    taken = Taken(min(wanted, whole), split=0 < wanted < whole)
    if taken.split and hand.pack.split is False:
        reasons.append(
            Refusal(
                "pick.must-not-be-split",
                f"This pack stays whole, and only {amount_words(wanted, base)} are wanted",
                place="pack",
                way_out="Agree the quantity with the prescriber, or use another pack size.",
            )
        )
    short = enough(hand.held, taken.amount, base) if wanted > 0 else None
    if short is not None:
        reasons.append(short)
    if reasons:
        raise Refused(*reasons)
    return taken
