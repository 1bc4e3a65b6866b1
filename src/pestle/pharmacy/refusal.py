"""Why can this not be done?

A refusal has a name that stays the same for ever (`rule`), a sentence that a pharmacist would
say (`reason`), the place it is about (a field of a form or a path in a message), and, where there
is one, the way out. Bad input never disappears: whoever catches `Refused` shows or files it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """One named reason. `rule` is dotted and lower case, such as ``eps.check-character``."""

    rule: str
    reason: str
    place: str | None = None
    way_out: str | None = None

    def __str__(self) -> str:
        where = f" ({self.place})" if self.place else ""
        out = f" {self.way_out}" if self.way_out else ""
        return f"{self.reason}{where}{out}"


class Refused(Exception):  # noqa: N818 - the trade's word: a prescription is refused
    """Raised with at least one refusal; carries them all, so that a person sees everything at once."""

    def __init__(self, *refusals: Refusal) -> None:
        if not refusals:
            raise TypeError("Refused needs at least one Refusal")
        self.refusals = refusals
        super().__init__("; ".join(str(refusal) for refusal in refusals))

    @property
    def rule(self) -> str:
        """The name of the first refusal."""
        return self.refusals[0].rule


def refuse(rule: str, reason: str, *, place: str | None = None, way_out: str | None = None) -> Refused:
    """One refusal, ready to raise: ``raise refuse("worklist.role", "…")``."""
    return Refused(Refusal(rule, reason, place, way_out))
