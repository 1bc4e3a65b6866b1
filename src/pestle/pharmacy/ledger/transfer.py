"""How much of a transfer may still arrive, and how much of a delivery go back?

Between two places stock is in somebody's custody: it leaves one, is in transit, and arrives at the other.
What arrives, or is written off on the way, is together never more than what was sent. To the supplier goes
back never more than came from there."""

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


def may_return(*, received: int, returned: int, returning: int, base: BaseUnit) -> Refusal | None:
    """Why `returning` base units of a batch cannot go back to the supplier, of which `returned` have gone."""
    if returned + returning <= received:
        return None
    return Refusal(
        "stock.more-than-received",
        f"{amount_words(returning, base)} go back, and of {amount_words(received, base)} received "
        f"{amount_words(received - returned, base)} have not gone back yet",
        place="amount",
        way_out="Count again; what there is too many did not come from this supplier.",
    )
