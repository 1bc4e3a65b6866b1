"""May what a medicine of a letter ended as be undone, and which changes of the list undo it?

A wrong key is put right while that is safe: nothing was issued from what the letter made, no prescriber has
signed it, and nobody has changed the line since. Otherwise it is refused by name, with the way out; the list
is then put right by a change of its own, which says what is now to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.change import Change, restore, stop
from pestle.pharmacy.practice.medicines_list import Listed
from pestle.pharmacy.practice.reconciliation.outcome import CLINICAL, MAY_SETTLE, SHORTEST, Outcome
from pestle.pharmacy.record.medication import MedicationOrder
from pestle.pharmacy.refusal import Refusal, Refused


@dataclass(frozen=True, slots=True)
class Made:
    """A line of the list that the letter changed or put there, as it is now. `before` is the order that the
    letter's own followed, None for a line that the letter put there.

    `changed_by` names who has changed the line since, `signed_by` the prescriber who authorised what the
    letter made, both empty where nobody did; `issues` is how many were made from it."""

    line: Listed
    before: MedicationOrder | None = None
    changed_by: str = ""
    signed_by: str = ""
    issues: int = 0


def undone(
    outcome: Outcome, made: Sequence[Made], *, clinical: bool, reason: str, letter: str, by: Person
) -> tuple[Change, ...]:
    """The changes that undo what a medicine ended as; none where it changed nothing. `clinical`: a
    pharmacist's decision, which a technician does not undo.

    Raises `Refused` with all that stands in the way: ``reconcile.role``, ``undo.clinical``,
    ``undo.not-settled`` (a question is answered, not undone), ``undo.no-reason``, ``undo.changed``,
    ``undo.signed``, ``undo.issued``.
    """
    found = list(_refusals(outcome, made, clinical, reason, by))
    if found:
        raise Refused(*found)
    because = f"undone: {reason.strip()} ({letter})"
    return tuple(
        restore(one.line, one.before, because) if one.before else stop(one.line, because) for one in made
    )


def _refusals(
    outcome: Outcome, made: Sequence[Made], clinical: bool, reason: str, by: Person
) -> Iterator[Refusal]:
    if not by.has(*MAY_SETTLE):
        yield Refusal("reconcile.role", f"Reconciling is for pharmacy staff; you are signed in as {by.title}")
        return
    if outcome is Outcome.QUERY:
        yield Refusal("undo.not-settled", "A question to the pharmacist is answered, and not undone")
        return
    if clinical and not by.has(*CLINICAL):
        yield Refusal("undo.clinical", "A pharmacist decided this, and a pharmacist undoes it",
                      way_out="Ask the pharmacist.")  # fmt: skip
    if len(reason.strip()) < SHORTEST:
        yield Refusal("undo.no-reason", "Say why it is undone", "reason")
    for one in made:
        name = one.line.name
        if one.changed_by:
            yield Refusal("undo.changed", f"{one.changed_by} has changed {name} on the list since",
                          way_out=_BY_HAND)  # fmt: skip
        if one.signed_by:
            yield Refusal("undo.signed", f"{one.signed_by} has authorised {name} as it is now",
                          way_out=_BY_HAND)  # fmt: skip
        if one.issues:
            yield Refusal("undo.issued", f"{name} was issued as it is now",
                          way_out=f"{_BY_HAND} What has left is cancelled item by item.")  # fmt: skip


_BY_HAND = "Change the medicine on the medicines list, with the reason."
