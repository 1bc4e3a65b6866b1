"""What do the service's codes stand for?

Closed lists that a dispenser reads and writes. The value is the code; `display` is the service's wording.

Source: NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30): valueSets.ts,
cancelForm.tsx, cancellation-medication-request.ts, dispense-claim.ts.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.record.medication import LineStatus
from pestle.wire.eps.systems import (
    EXEMPTION_EVIDENCE,
    ITEM_STATUS,
    NON_DISPENSING_REASON,
    PRESCRIPTION_CHARGE,
    PRESCRIPTION_STATUS,
    RETURN_REASON,
    STATUS_HISTORY,
    STATUS_REASON,
    WITHDRAW_REASON,
)
from pestle.wire.fhir.element import Element, member


class ItemStatus(Enum):
    """What became of one line."""

    FULLY_DISPENSED = "0001"
    NOT_DISPENSED = "0002"
    PARTLY_DISPENSED = "0003"
    OWING = "0004"
    CANCELLED = "0005"
    EXPIRED = "0006"
    TO_BE_DISPENSED = "0007"
    WITH_DISPENSER = "0008"

    @property
    def final(self) -> bool:
        """Whether nothing more is to come of the line."""
        return self in _FINAL


_FINAL = (ItemStatus.FULLY_DISPENSED, ItemStatus.NOT_DISPENSED, ItemStatus.CANCELLED, ItemStatus.EXPIRED)


class PrescriptionStatus(Enum):
    """Where the whole prescription stands."""

    TO_BE_DISPENSED = "0001"
    WITH_DISPENSER = "0002"
    WITH_DISPENSER_ACTIVE = "0003"
    EXPIRED = "0004"
    CANCELLED = "0005"
    DISPENSED = "0006"
    NOT_DISPENSED = "0007"


class NonDispensingReason(Enum):
    """Why a line was not dispensed. OWINGS_NOTE is read, never written: an owing line says it itself."""

    NOT_REQUIRED = "0001"
    CLINICALLY_UNSUITABLE = "0002"
    OWINGS_NOTE = "0003"
    CANCELLATION = "0004"
    CANCELLATION_BY_DEATH = "0005"
    ILLEGAL = "0006"
    OUT_OF_SCOPE = "0007"
    EXPIRED = "0008"
    NOT_ALLOWED_ON_FP10 = "0009"
    NOT_COLLECTED = "0010"
    BOUGHT_OVER_THE_COUNTER = "0011"


class Charge(Enum):
    """Whether the patient paid for a claimed line. Two charges are read; a line is written as paid once."""

    PAID_ONCE = "paid-once"
    PAID_TWICE = "paid-twice"
    NOT_PAID = "not-paid"


class Evidence(Enum):
    """Whether evidence of an exemption was seen."""

    SEEN = "evidence-seen"
    NOT_SEEN = "no-evidence-seen"


class ReturnReason(Enum):
    """Why a dispenser gives a prescription back to the service."""

    NOT_ATTENDED = "0001"
    UNABLE_TO_DISPENSE = "0002"
    PATIENT_ASKED = "0003"
    OTHER_DISPENSER_ASKED = "0004"
    SIGNATURE_INVALID = "0005"
    VERSION_PROBLEM = "0006"
    INVALID_OR_UNREADABLE = "0007"
    EXPIRED = "0008"


class WithdrawReason(Enum):
    """Why a dispenser takes a dispense notification back."""

    QUANTITY = "QU"
    MEDICATION = "MU"
    DOSAGE = "DA"
    PATIENT_DETAILS = "PA"
    OTHER_CLINICAL = "OC"
    OTHER_NON_CLINICAL = "ONC"


class CancellationReason(Enum):
    """Why a prescriber cancels a line."""

    PRESCRIBING_ERROR = "0001"
    CONTRAINDICATION = "0002"
    TREATMENT_CHANGED = "0003"
    CLINICAL_GROUNDS = "0004"
    PATIENT_ASKED = "0005"
    PHARMACIST_ASKED = "0006"
    DEATH = "0007"
    PATIENT_LEFT = "0008"
    PATIENT_MOVED_PRACTICE = "0009"


class CancellationOutcome(Enum):
    """What became of a cancellation."""

    CANCELLED = "R-0001"
    WITH_DISPENSER = "R-0002"
    WITH_DISPENSER_ACTIVE = "R-0003"
    ALREADY_DISPENSED = "R-0004"
    EXPIRED = "R-0005"
    ALREADY_CANCELLED = "R-0006"
    ANOTHER_PRESCRIBER = "R-0007"
    NOT_FOUND = "R-0008"
    DISABLED = "R-0009"
    NOT_DISPENSED = "R-0010"
    PROCESSING_ERROR = "R-5000"
    INVALID = "R-5888"

    @property
    def line_status(self) -> LineStatus | None:
        """The status that the answer gives the line; None when the answer is an OperationOutcome."""
        return _LINE_STATUS.get(self)

    @property
    def issue(self) -> str | None:
        """The kind of issue of the OperationOutcome; None when the answer is a message."""
        return _ISSUE.get(self)


_LINE_STATUS = {
    CancellationOutcome.CANCELLED: LineStatus.CANCELLED,
    CancellationOutcome.WITH_DISPENSER: LineStatus.ACTIVE,
    CancellationOutcome.WITH_DISPENSER_ACTIVE: LineStatus.ACTIVE,
    CancellationOutcome.ALREADY_DISPENSED: LineStatus.COMPLETED,
    CancellationOutcome.EXPIRED: LineStatus.STOPPED,
    CancellationOutcome.ALREADY_CANCELLED: LineStatus.CANCELLED,
    CancellationOutcome.ANOTHER_PRESCRIBER: LineStatus.UNKNOWN,
    CancellationOutcome.NOT_DISPENSED: LineStatus.STOPPED,
}
_ISSUE = {
    CancellationOutcome.NOT_FOUND: "not-found",
    CancellationOutcome.DISABLED: "not-supported",
    CancellationOutcome.PROCESSING_ERROR: "processing",
    CancellationOutcome.INVALID: "invalid",
}

_SYSTEM: dict[type[Enum], str] = {
    ItemStatus: ITEM_STATUS,
    PrescriptionStatus: PRESCRIPTION_STATUS,
    NonDispensingReason: NON_DISPENSING_REASON,
    Charge: PRESCRIPTION_CHARGE,
    Evidence: EXEMPTION_EVIDENCE,
    ReturnReason: RETURN_REASON,
    WithdrawReason: WITHDRAW_REASON,
    CancellationReason: STATUS_REASON,
    CancellationOutcome: STATUS_HISTORY,
}

_DISPLAY: dict[Enum, str] = {
    ItemStatus.FULLY_DISPENSED: "Item fully dispensed",
    ItemStatus.NOT_DISPENSED: "Item not dispensed",
    ItemStatus.PARTLY_DISPENSED: "Item dispensed - partial",
    ItemStatus.OWING: "Item not dispensed owing",
    ItemStatus.CANCELLED: "Item cancelled",
    ItemStatus.EXPIRED: "Expired",
    ItemStatus.TO_BE_DISPENSED: "Item to be dispensed",
    ItemStatus.WITH_DISPENSER: "Item with dispenser",
    PrescriptionStatus.TO_BE_DISPENSED: "To be Dispensed",
    PrescriptionStatus.WITH_DISPENSER: "With Dispenser",
    PrescriptionStatus.WITH_DISPENSER_ACTIVE: "With Dispenser - Active",
    PrescriptionStatus.EXPIRED: "Expired",
    PrescriptionStatus.CANCELLED: "Cancelled",
    PrescriptionStatus.DISPENSED: "Dispensed",
    PrescriptionStatus.NOT_DISPENSED: "Not Dispensed",
    NonDispensingReason.NOT_REQUIRED: "Not required as instructed by the patient",
    NonDispensingReason.CLINICALLY_UNSUITABLE: "Clinically unsuitable",
    NonDispensingReason.OWINGS_NOTE: "Owings note issued to patient",
    NonDispensingReason.CANCELLATION: "Prescription cancellation",
    NonDispensingReason.CANCELLATION_BY_DEATH: "Prescription cancellation due to death",
    NonDispensingReason.ILLEGAL: "Illegal NHS prescription",
    NonDispensingReason.OUT_OF_SCOPE: "Prescribed out of scope item",
    NonDispensingReason.EXPIRED: "Item or prescription expired",
    NonDispensingReason.NOT_ALLOWED_ON_FP10: "Not allowed on FP10",
    NonDispensingReason.NOT_COLLECTED: "Patient did not collect medication",
    NonDispensingReason.BOUGHT_OVER_THE_COUNTER: "Patient purchased medication over the counter",
    Charge.PAID_ONCE: "Paid Once",
    Charge.PAID_TWICE: "Paid Twice",
    Charge.NOT_PAID: "Not Paid",
    Evidence.SEEN: "Evidence Seen",
    Evidence.NOT_SEEN: "No Evidence Seen",
    ReturnReason.NOT_ATTENDED: "Patient non-attendance",
    ReturnReason.UNABLE_TO_DISPENSE: "Unable to dispense medication on prescriptions",
    ReturnReason.PATIENT_ASKED: "Patient requested release",
    ReturnReason.OTHER_DISPENSER_ASKED: (
        "Another dispenser requested release on behalf of the patient"
    ),
    ReturnReason.SIGNATURE_INVALID: "Invalid digital signature",
    ReturnReason.VERSION_PROBLEM: "Rejected due to version problem",
    ReturnReason.INVALID_OR_UNREADABLE: "Prescription otherwise invalid or unreadable",
    ReturnReason.EXPIRED: "Prescription expired",
    WithdrawReason.QUANTITY: "Quantity Update",
    WithdrawReason.MEDICATION: "Medication Update",
    WithdrawReason.DOSAGE: "Dosage Amendments",
    WithdrawReason.PATIENT_DETAILS: "Patient Details Amendments",
    WithdrawReason.OTHER_CLINICAL: "Other Clinical",
    WithdrawReason.OTHER_NON_CLINICAL: "Other Non-Clinical",
    CancellationReason.PRESCRIBING_ERROR: "Prescribing Error",
    CancellationReason.CONTRAINDICATION: "Clinical contra-indication",
    CancellationReason.TREATMENT_CHANGED: "Change to medication treatment regime",
    CancellationReason.CLINICAL_GROUNDS: "Clinical grounds",
    CancellationReason.PATIENT_ASKED: "At the Patient's request",
    CancellationReason.PHARMACIST_ASKED: "At the Pharmacist's request",
    CancellationReason.DEATH: "Notification of Death",
    CancellationReason.PATIENT_LEFT: "Patient deducted - other reason",
    CancellationReason.PATIENT_MOVED_PRACTICE: "Patient deducted - registered with new practice",
    CancellationOutcome.CANCELLED: "Prescription/item was cancelled",
    CancellationOutcome.WITH_DISPENSER: (
        "Prescription/item was not cancelled. With dispenser. Marked for cancellation"
    ),
    CancellationOutcome.WITH_DISPENSER_ACTIVE: (
        "Prescription/item was not cancelled. With dispenser active. Marked for cancellation"
    ),
    CancellationOutcome.ALREADY_DISPENSED: (
        "Prescription/item was not cancelled. Prescription has been dispensed."
    ),
    CancellationOutcome.EXPIRED: "Prescription/item has expired",
    CancellationOutcome.ALREADY_CANCELLED: "Prescription/item had already been cancelled",
    CancellationOutcome.ANOTHER_PRESCRIBER: (
        "Prescription/item cancellation requested by another prescriber"
    ),
    CancellationOutcome.NOT_FOUND: "Prescription/item not found",
    CancellationOutcome.DISABLED: "Cancellation functionality disabled in SPINE",
    CancellationOutcome.NOT_DISPENSED: (
        "Prescription/item was not cancelled. Prescription has been not dispensed."
    ),
    CancellationOutcome.PROCESSING_ERROR: "Unable to process message.",
    CancellationOutcome.INVALID: "Invalid Message.",
}  # fmt: skip

Code = TypeVar("Code", bound=Enum)


def display(code: Enum) -> str:
    """The service's wording of one of these codes."""
    return _DISPLAY[code]


def coded(code: Enum) -> Coded:
    """One of these codes as a coded word with its system."""
    return Coded(display(code), _SYSTEM[type(code)], str(code.value))


def read_code(coding: Element, codes: type[Code]) -> Code:
    """The member that a Coding names. Raises `Refused`: ``fhir.missing``, ``fhir.code``."""
    return member(coding.need_text("code"), codes, place=coding.at("code"))
