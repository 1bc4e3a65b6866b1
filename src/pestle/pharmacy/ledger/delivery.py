"""May these packs be taken in against that order?

What does not fit is refused by name, and the person who holds the packs may then say that it comes in all the
same: too many, or with a short life. A pack that was not ordered is never taken in against an order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pestle.pharmacy.medicines.concept import Pack
from pestle.pharmacy.medicines.expiry import Expiry
from pestle.pharmacy.refusal import Refusal

# Days of life below which a delivery is asked about. A house rule.
SHORT_DATED_DAYS = 90


@dataclass(frozen=True, slots=True)
class Ordered:
    """One line of an order: which pack, how many, and how many of them came or will not come."""

    line: int
    pack: Pack
    generic: str
    packs: int
    settled: int

    @property
    def outstanding(self) -> int:
        """How many are still to come; never below nought."""
        return max(self.packs - self.settled, 0)


def line_for(pack: Pack, generic: str, lines: Iterable[Ordered]) -> Ordered | None:
    """The line that a pack belongs to: of this pack, else of the same generic in the same size from another
    maker; of several the one that still wants most."""
    same = [one for one in lines if one.pack.id == pack.id]
    alike = same or [
        one
        for one in lines
        if (one.generic, one.pack.quantity, one.pack.unit) == (generic, pack.quantity, pack.unit)
    ]
    return max(alike, key=lambda one: (one.outstanding, -one.line), default=None)


def may_come_in(
    line: Ordered, packs: int, expiry: Expiry, *, on: date, accepted: Mapping[str, bool]
) -> Iterable[Refusal]:
    """What to answer first: ``order.more-than-ordered`` and ``order.short-dated``, each unless `accepted`
    by its name."""
    if packs > line.outstanding and not accepted.get("order.more-than-ordered"):
        yield Refusal(
            "order.more-than-ordered",
            f"{packs} came, and {line.outstanding} of {line.packs} ordered are still to come",
            place="packs",
            way_out="Count again; or say that it is kept, and it is recorded as over-delivered.",
        )
    left = (expiry.last_usable_day - on).days
    if 0 <= left < SHORT_DATED_DAYS and not accepted.get("order.short-dated"):
        yield Refusal(
            "order.short-dated",
            f"These packs can be used for {left} more days",
            place="expiry",
            way_out="Return them; or say that they are kept all the same.",
        )
