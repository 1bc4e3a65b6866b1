"""Does a count agree with the book, has somebody else to count again, or is there a difference?

Counters do not see what the book says. A count is compared with the book at its own moment, since stock
moves while people count: what two people must agree on is the difference, not the amount. The first count
that agrees with the book settles a lot; a difference is entered when two people have found the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy.refusal import Refusal


class Verdict(Enum):
    """Where a lot stands in a stock-take; the value is the word on the screen."""

    TO_COUNT = "to count"
    RECOUNT = "somebody else counts again"
    AGREES = "agrees with the book"
    DIFFERS = "difference entered"

    @property
    def settled(self) -> bool:
        """Whether nobody has to count it any more."""
        return self in (Verdict.AGREES, Verdict.DIFFERS)


@dataclass(frozen=True, slots=True)
class Counted:
    """One count of a lot in base units: what was found, and what the book held at that moment."""

    by: int
    found: int
    held: int

    @property
    def difference(self) -> int:
        """Above zero for more than the book has."""
        return self.found - self.held


def judge(counts: Sequence[Counted]) -> Verdict:
    """Where a lot stands after these counts, in their order."""
    for n, count in enumerate(counts):
        if not count.difference:
            return Verdict.AGREES
        if any(one.by != count.by and one.difference == count.difference for one in counts[:n]):
            return Verdict.DIFFERS
    return Verdict.RECOUNT if counts else Verdict.TO_COUNT


def may_count(counts: Sequence[Counted], *, by: int) -> Refusal | None:
    """Why this person cannot count a lot now: ``stock-take.settled``, ``stock-take.same-person``."""
    if judge(counts).settled:
        return Refusal("stock-take.settled", "This batch is counted", place="batch")
    if counts and counts[-1].by == by:
        return Refusal(
            "stock-take.same-person",
            "You counted this batch last: somebody else counts it again",
            place="batch",
            way_out="Ask a colleague; count another batch meanwhile.",
        )
    return None


def may_finish(verdicts: Sequence[Verdict], *, words: str) -> Refusal | None:
    """Why a stock-take cannot be finished: ``stock-take.recount-waits`` for a count that nobody has repeated,
    ``stock-take.not-counted`` for lots that nobody counted, unless `words` say why."""
    waits = sum(1 for one in verdicts if one is Verdict.RECOUNT)
    missing = sum(1 for one in verdicts if one is Verdict.TO_COUNT)
    if waits:
        return Refusal("stock-take.recount-waits", f"{waits} of these wait for somebody else to count again")
    if missing and len(words.strip()) < 3:
        return Refusal("stock-take.not-counted", f"{missing} of these were not counted", place="words",
                       way_out="Count them, or say why they are left out.")  # fmt: skip
    return None
