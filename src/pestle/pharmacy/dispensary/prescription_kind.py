"""What kind of prescription is it, by which door did it come, and what does its kind ask for?

A message of the prescription service is *electronic*. All other kinds are typed in from what was written or
asked for: the NHS form on paper, a private prescription, an emergency supply. The kind stands in the
prescription type of the order itself, in a code system of our own.

A private prescription for a controlled drug of Schedule 2 or 3 stands on a form of its own (FP10PCD in
England) and states who prescribes by an identification number and an address. How long any of them is valid
is the same for all: see `validity.py`. Veterinary prescriptions are not taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.law import KnownFrom, Law
from pestle.pharmacy.medicines.concept import ControlledDrugCategory
from pestle.pharmacy.record.medication import MedicationRequest, Prescription
from pestle.pharmacy.refusal import Refusal

SYSTEM = "urn:pestle:prescription-kind"


class PrescriptionKind(Enum):
    """A kind; the value is stored, `words` are said."""

    ELECTRONIC = "electronic"
    FP10 = "fp10"
    FP10MDA = "fp10mda"
    PRIVATE = "private"
    PRIVATE_CONTROLLED = "private-controlled"
    EMERGENCY_PATIENT = "emergency-patient"
    EMERGENCY_PRESCRIBER = "emergency-prescriber"

    @property
    def words(self) -> str:
        """What the screen says."""
        return _WORDS[self]

    @property
    def emergency(self) -> bool:
        """Whether it is supplied without a prescription in hand."""
        return self in (PrescriptionKind.EMERGENCY_PATIENT, PrescriptionKind.EMERGENCY_PRESCRIBER)

    @property
    def told_to_service(self) -> bool:
        """Whether the prescription service is told of its supply, and can be claimed from."""
        return self is PrescriptionKind.ELECTRONIC

    @property
    def charge_asked(self) -> bool:
        """Whether the prescription charge of England is asked: for what stands on an NHS form, of either
        kind."""
        return self.told_to_service or self.goes_in_bundle

    @property
    def goes_in_bundle(self) -> bool:
        """Whether it is paid for by its paper, which goes to the payer at the end of the month."""
        return self in (PrescriptionKind.FP10, PrescriptionKind.FP10MDA)

    @property
    def in_pom_register(self) -> bool:
        """Whether its supplies are entered in the prescription-only-medicines register."""
        return self.emergency or self in (PrescriptionKind.PRIVATE, PrescriptionKind.PRIVATE_CONTROLLED)

    @property
    def coded(self) -> Coded:
        """As the order says it."""
        return Coded(self.words, SYSTEM, self.value)


_WORDS = {
    PrescriptionKind.ELECTRONIC: "Electronic prescription",
    PrescriptionKind.FP10: "NHS prescription on paper (FP10)",
    PrescriptionKind.FP10MDA: "NHS prescription for instalments (FP10MDA)",
    PrescriptionKind.PRIVATE: "Private prescription",
    PrescriptionKind.PRIVATE_CONTROLLED: "Private prescription on the controlled-drug form (FP10PCD)",
    PrescriptionKind.EMERGENCY_PATIENT: "Emergency supply, asked for by the patient",
    PrescriptionKind.EMERGENCY_PRESCRIBER: "Emergency supply, asked for by a prescriber",
}
TYPED_IN = tuple(kind for kind in PrescriptionKind if kind is not PrescriptionKind.ELECTRONIC)

_REGULATION_15 = "Misuse of Drugs Regulations 2001 (SI 2001/3998), regulation 15"
LAWS = (
    Law(
        "A private prescription for Schedule 2 or 3 is written on the form provided for private prescribing, "
        "and states the prescriber's identification number and address.",
        f"{_REGULATION_15}(1)(aa), (ab) and (c), as it stood in 2017", KnownFrom.SUMMARY,
    ),
    Law(
        "A prescription for Schedule 2 or 3 states the total quantity in words and figures, the dose, the "
        "form and, where there is more than one, the strength.",
        _REGULATION_15, KnownFrom.SUMMARY,
    ),
    Law("It states the address of the patient.", _REGULATION_15, KnownFrom.SUMMARY),
)  # fmt: skip
_ON_THE_FORM = (2, 3)


def kind_of(prescription: Prescription) -> PrescriptionKind:
    """The kind that the order says; without one of ours it came from the prescription service."""
    told = prescription.prescription_type
    if told is None or told.system != SYSTEM:
        return PrescriptionKind.ELECTRONIC
    return PrescriptionKind(told.code)


def kind_refusals(
    prescription: Prescription, request: MedicationRequest, *, controlled: ControlledDrugCategory | None
) -> Iterator[Refusal]:
    """What a typed-in prescription lacks for a line of this schedule; nothing for other schedules, for an
    emergency (see `emergency_supply.py`), and for an electronic one, which the service has judged.

    Names: ``kind.controlled-form``, ``kind.prescriber-number``, ``kind.prescriber-address``,
    ``kind.patient-address``, ``kind.quantity-words``.
    """
    kind = kind_of(prescription)
    schedule = controlled.schedule if controlled else None
    if schedule not in _ON_THE_FORM or kind is PrescriptionKind.ELECTRONIC or kind.emergency:
        return
    ask = "Ask the prescriber for a prescription that the law allows."
    if kind is PrescriptionKind.PRIVATE:
        reason = f"Schedule {schedule} stands on the form for private controlled drugs (FP10PCD)"
        yield Refusal("kind.controlled-form", reason, "kind", ask)
    if kind is PrescriptionKind.PRIVATE_CONTROLLED and not prescription.prescriber.identifiers:
        reason = f"Schedule {schedule} on a private form names the prescriber's identification number"
        yield Refusal("kind.prescriber-number", reason, "prescriber number", ask)
    who = prescription.prescriber
    at = who.address or (who.organisation.address if who.organisation else None)
    if kind is PrescriptionKind.PRIVATE_CONTROLLED and at is None:
        reason = f"Schedule {schedule} on a private form names the prescriber's address"
        yield Refusal("kind.prescriber-address", reason, "prescriber address", ask)
    if prescription.patient.address is None:
        reason = f"Schedule {schedule} needs the patient's address on the prescription"
        yield Refusal("kind.patient-address", reason, "patient address", ask)
    if request.controlled_drug is None or not request.controlled_drug.quantity_words:
        reason = f"Schedule {schedule} needs the total quantity in words as well"
        yield Refusal("kind.quantity-words", reason, "quantity in words",
                      "Type in the words of the prescription; if there are none, a pharmacist may write them "
                      "on it.")  # fmt: skip
