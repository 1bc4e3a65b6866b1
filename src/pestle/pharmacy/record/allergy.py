"""What must this patient not be given, and how sure is that?

Four states are four different things: allergies are known, none are known (somebody asked), nobody has
recorded an answer, or the record could not be read. Source: NHS Common User Interface PAB-0064 (2013);
FHIR R4 AllergyIntolerance.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.record.condition import ClinicalStatus
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.provenance import Provenance


class AllergyKind(Enum):
    """FHIR allergy-intolerance-type; UNKNOWN where the sender did not say."""

    ALLERGY = "allergy"
    INTOLERANCE = "intolerance"
    UNKNOWN = "unknown"


class ReactionSeverity(Enum):
    """FHIR reaction-event-severity."""

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Allergy:
    """One recorded allergy or intolerance. `substance` is an ingredient, class or product in words.

    `also` holds the other codes for the same words; `id` is the sender's, empty where nobody gave one. One
    whose `status` is resolved still counts until a pharmacist retracts it.
    """

    substance: str
    kind: AllergyKind
    provenance: Provenance
    code: str | None = None
    system: str | None = None
    reaction: str = ""
    severity: ReactionSeverity = ReactionSeverity.UNKNOWN
    refuted: bool = False
    id: str = ""
    also: tuple[Coded, ...] = ()
    status: ClinicalStatus = ClinicalStatus.UNKNOWN
    onset: PartialDate | None = None


class AllergyStatus(Enum):
    """What the banner may say; the value is its wording (PAB-0064)."""

    KNOWN = "Known allergies"
    NONE_KNOWN = "No known allergies"
    NOT_RECORDED = "Allergies not recorded"
    UNAVAILABLE = "Allergies unavailable"


@dataclass(frozen=True, slots=True)
class AllergyRecord:
    """The state, and what stands behind it. `stated` says who recorded "none known", and when."""

    status: AllergyStatus
    allergies: tuple[Allergy, ...] = ()
    stated: Provenance | None = None

    def __post_init__(self) -> None:
        if (self.status is AllergyStatus.KNOWN) != bool(self.allergies):
            raise ValueError("allergies are listed when, and only when, the status is KNOWN")
        if self.status is AllergyStatus.NONE_KNOWN and self.stated is None:
            raise ValueError("“no known allergies” needs who recorded it, and when")
