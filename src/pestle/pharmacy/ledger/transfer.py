"""How much of a transfer may still arrive?

Between two places stock is in somebody's custody: it leaves one, is in transit, and arrives at the other.
What arrives, or is written off on the way, is together never more than what was sent."""

from __future__ import annotations

from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.medicines.concept import BaseUnit
from pestle.pharmacy.refusal import Refusal


def may_arrive(*, sent: int, settled: int, arriving: int, base: BaseUnit) -> Refusal | None:
    """Why `arriving` base units cannot come out of a transfer of which `settled` have left transit
    already."""
    left = sent - settled
    if arriving <= left:
        return None
    return Refusal(
        "transfer.more-than-sent",
        f"{amount_words(arriving, base)} arrive, and of {amount_words(sent, base)} sent "
        f"{amount_words(left, base)} are still on the way",
        place="amount",
        way_out="Count again; what is there too many is a difference of its own.",
    )
