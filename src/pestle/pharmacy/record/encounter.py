"""When and where did somebody see the patient, or have them in?

Source: FHIR R4 Encounter (hl7.org/fhir/R4/encounter.html, 2019); class codes of HL7 v3 ActCode.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.provenance import Provenance


class EncounterClass(Enum):
    """HL7 v3 ActEncounterCode, those that a bench tells apart; OTHER keeps the code in `what`."""

    AMBULATORY = "AMB"
    EMERGENCY = "EMER"
    HOME = "HH"
    INPATIENT = "IMP"
    VIRTUAL = "VR"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Encounter:
    """A stay or a contact; `ends` is None while it goes on, or where nobody said."""

    id: str
    kind: EncounterClass
    provenance: Provenance
    begins: PartialDate | None
    ends: PartialDate | None = None
    what: Coded | None = None
    finished: bool | None = None
