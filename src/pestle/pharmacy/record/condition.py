"""What is, or was, the matter with the patient?

Source: FHIR R4 Condition (hl7.org/fhir/R4/condition.html, 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.provenance import Provenance


class ClinicalStatus(Enum):
    """FHIR condition-clinical; UNKNOWN where the sender did not say."""

    ACTIVE = "active"
    RECURRENCE = "recurrence"
    RELAPSE = "relapse"
    INACTIVE = "inactive"
    REMISSION = "remission"
    RESOLVED = "resolved"
    UNKNOWN = "unknown"


class VerificationStatus(Enum):
    """FHIR condition-ver-status; UNKNOWN where the sender did not say."""

    CONFIRMED = "confirmed"
    PROVISIONAL = "provisional"
    DIFFERENTIAL = "differential"
    UNCONFIRMED = "unconfirmed"
    REFUTED = "refuted"
    ENTERED_IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Condition:
    """A diagnosis or problem. `also` holds the other codes for the same words.

    `onset` and `abated` are when it began and ended, as far as it is known; `status` is what the record says.
    """

    id: str
    what: Coded
    provenance: Provenance
    status: ClinicalStatus = ClinicalStatus.UNKNOWN
    verification: VerificationStatus = VerificationStatus.UNKNOWN
    onset: PartialDate | None = None
    abated: PartialDate | None = None
    also: tuple[Coded, ...] = ()
    note: str = ""

    @property
    def stands(self) -> bool:
        """Whether it is a statement about the patient at all: neither refuted nor entered in error."""
        return self.verification not in (VerificationStatus.REFUTED, VerificationStatus.ENTERED_IN_ERROR)

    @property
    def unsure(self) -> bool:
        """Whether somebody only suspects it."""
        return self.verification in (
            VerificationStatus.PROVISIONAL,
            VerificationStatus.DIFFERENTIAL,
            VerificationStatus.UNCONFIRMED,
        )

    def active(self, *, on: date) -> bool | None:
        """Whether the patient has it on a day; None when the record does not tell."""
        if not self.stands or (self.onset is not None and self.onset.after(on)):
            return False
        if self.abated is not None:
            ended = self.abated.before(on)
            return None if ended is None else not ended
        if self.status in (ClinicalStatus.ACTIVE, ClinicalStatus.RECURRENCE, ClinicalStatus.RELAPSE):
            return True
        return None if self.status is ClinicalStatus.UNKNOWN else False
