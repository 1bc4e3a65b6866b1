"""May a prescription be given back to the service, or what was told of a supply be withdrawn, and by whom?

*Returned* is a prescription of which nothing was supplied and for which no pack waits in a bag: another
dispenser can have it. *Withdrawn* is a dispense notification that was wrong; the supply itself stands in the
ledger, and the service is told of it again. Where a reason judges a medicine or a prescription, a pharmacist
decides (this program's own rule); the others are for everybody who dispenses. A notification that was claimed
for is not withdrawn: the claim is amended (recalled, not read).

Source of the reasons: NHS England, electronic-prescription-service-api at 77e80e11 (MIT, 2026-04-30).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy.dispensary import workflow
from pestle.pharmacy.dispensary.payment_claim import Answer
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refusal

SHORTEST_WORDS = 3


class ReturnReason(Enum):
    """Why a prescription is given back; the value is stored, `words` are said."""

    NOT_ATTENDED = "not_attended"
    UNABLE_TO_DISPENSE = "unable_to_dispense"
    PATIENT_ASKED = "patient_asked"
    OTHER_DISPENSER_ASKED = "other_dispenser_asked"
    SIGNATURE_INVALID = "signature_invalid"
    VERSION_PROBLEM = "version_problem"
    INVALID_OR_UNREADABLE = "invalid_or_unreadable"
    EXPIRED = "expired"

    @property
    def words(self) -> str:
        """What the screen says."""
        return _RETURN[self]

    @property
    def clinical(self) -> bool:
        """Whether it judges a prescription, so that a pharmacist decides."""
        return self in (ReturnReason.UNABLE_TO_DISPENSE, ReturnReason.INVALID_OR_UNREADABLE)


_RETURN = {
    ReturnReason.NOT_ATTENDED: "The patient did not come",
    ReturnReason.UNABLE_TO_DISPENSE: "It cannot be dispensed here",
    ReturnReason.PATIENT_ASKED: "The patient asked for it back",
    ReturnReason.OTHER_DISPENSER_ASKED: "Another dispenser asked for it, for the patient",
    ReturnReason.SIGNATURE_INVALID: "The digital signature is not valid",
    ReturnReason.VERSION_PROBLEM: "A version that cannot be read here",
    ReturnReason.INVALID_OR_UNREADABLE: "Otherwise not valid, or not readable",
    ReturnReason.EXPIRED: "The prescription has expired",
}


class WithdrawReason(Enum):
    """Why what was told is withdrawn; the value is stored, `words` are said."""

    QUANTITY = "quantity"
    MEDICATION = "medication"
    DOSAGE = "dosage"
    PATIENT_DETAILS = "patient_details"
    OTHER_CLINICAL = "other_clinical"
    OTHER_NON_CLINICAL = "other_non_clinical"

    @property
    def words(self) -> str:
        """What the screen says."""
        return _WITHDRAW[self]

    @property
    def clinical(self) -> bool:
        """Whether it is about what the patient takes, so that a pharmacist decides."""
        return self not in (WithdrawReason.PATIENT_DETAILS, WithdrawReason.OTHER_NON_CLINICAL)


_WITHDRAW = {
    WithdrawReason.QUANTITY: "The quantity was wrong",
    WithdrawReason.MEDICATION: "The medicine was wrong",
    WithdrawReason.DOSAGE: "The dosage was wrong",
    WithdrawReason.PATIENT_DETAILS: "The patient's details were wrong",
    WithdrawReason.OTHER_CLINICAL: "Another clinical reason",
    WithdrawReason.OTHER_NON_CLINICAL: "Another reason, not clinical",
}
_DISPENSERS = (Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST)


@dataclass(frozen=True, slots=True)
class Held:
    """A prescription as it is held here: its step, whether any of it was handed out, whether packs wait for
    it, and whether it came from the service at all."""

    step: str
    handed_out: bool
    packs_picked: bool
    from_service: bool = True


def return_refusals(held: Held, reason: ReturnReason, words: str, *, by: Person) -> Iterator[Refusal]:
    """Why it is not given back: ``return.role``, ``return.pharmacist``, ``return.no-words``,
    ``return.closed``, ``return.supplied``, ``return.packs``, ``return.not-from-service``."""
    yield from _who("return", by=by, clinical=reason.clinical, reason=reason.words)
    yield from _said("return", words)
    if held.handed_out:
        yield Refusal("return.supplied", "Some of it was handed out, so it is not given back", None,
                      "What is still owed is not dispensed, with its reason.")  # fmt: skip
    elif held.step == workflow.CLOSED:
        yield Refusal("return.closed", "This prescription is closed")
    if held.packs_picked:
        yield Refusal("return.packs", "Packs wait for it", None, "Put them back on the shelf first.")
    if not held.from_service:
        yield Refusal("return.not-from-service", "The service knows nothing of it: it was typed in", None,
                      "Give the paper back, and refuse its lines with the reason.")  # fmt: skip


def withdraw_refusals(
    reason: WithdrawReason, words: str, *, by: Person, withdrawn: bool, claimed: Answer | None
) -> Iterator[Refusal]:
    """Why it is not withdrawn: ``withdraw.role``, ``withdraw.pharmacist``, ``withdraw.no-words``,
    ``withdraw.already``, ``withdraw.claimed``. `claimed`: what became of the last claim (None: none)."""
    yield from _who("withdraw", by=by, clinical=reason.clinical, reason=reason.words)
    yield from _said("withdraw", words)
    if withdrawn:
        yield Refusal("withdraw.already", "It is withdrawn already")
    if claimed not in (None, Answer.REFUSED):
        yield Refusal("withdraw.claimed", "It was claimed for", None, "Amend the claim instead.")


def _who(verb: str, *, by: Person, clinical: bool, reason: str) -> Iterator[Refusal]:
    if not by.has(*_DISPENSERS):
        yield Refusal(f"{verb}.role", f"It is for the dispensary; you are signed in as {by.title}")
    elif clinical and not by.has(Role.PHARMACIST):
        yield Refusal(f"{verb}.pharmacist", f"“{reason}” is for a pharmacist to say", "reason",
                      "Ask the pharmacist.")  # fmt: skip


def _said(verb: str, words: str) -> Iterator[Refusal]:
    if len(words.strip()) < SHORTEST_WORDS:
        yield Refusal(f"{verb}.no-words", "Say in words what happened", "words")
