"""One plain fact of each kind, for tests of what all of them have in common."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import SNOMED, Quantity, Unit
from pestle.pharmacy.record.allergy import Allergy, AllergyKind
from pestle.pharmacy.record.condition import ClinicalStatus, Condition
from pestle.pharmacy.record.encounter import Encounter, EncounterClass
from pestle.pharmacy.record.kinds import RecordFact
from pestle.pharmacy.record.medication import (
    AdministrationStatus,
    CourseOfTherapy,
    LineStatus,
    Medication,
    MedicationAdministration,
    MedicationOrder,
    MedicationRequest,
    MedicationStatement,
    MedicationSupply,
    StatementStatus,
)
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.observation import Observation
from pestle.pharmacy.record.provenance import Provenance, SourceKind

AT = datetime(2026, 7, 9, 10, 0, tzinfo=UTC)
DAY = PartialDate(2026, 7, 9)
SAID = Provenance(SourceKind.IMPORT, "Dr A Sender", AT)
ASPIRIN = Medication(Coded("Aspirin 75mg dispersible tablets", SNOMED, "319773006"))

PENICILLIN = Allergy("Penicillin", AllergyKind.ALLERGY, SAID, id="a1", onset=PartialDate(2011))
ASTHMA = Condition("c1", Coded("Asthma"), SAID, ClinicalStatus.ACTIVE, onset=PartialDate(2011))
WEIGHT = Observation(
    "o1", Coded("Body weight"), SAID, DAY, Quantity(Decimal("72.5"), Unit("kg")), taken_at=AT
)
ORDER = MedicationOrder(
    MedicationRequest(
        "r1", ASPIRIN.written, None, Quantity(Decimal(28), Unit("tablet")), LineStatus.ACTIVE, "order",
        CourseOfTherapy.REPEAT,
    ),
    ASPIRIN,
    SAID,
    starts=DAY,
)  # fmt: skip
STATEMENT = MedicationStatement("s1", ASPIRIN, SAID, StatementStatus.ACTIVE, starts=DAY)
SUPPLY = MedicationSupply("d1", ASPIRIN, SAID, date(2026, 7, 9), days_supply=Decimal(28), order="r1")
DOSE = MedicationAdministration("g1", ASPIRIN, SAID, AdministrationStatus.COMPLETED, AT, order="r1")
STAY = Encounter("e1", EncounterClass.INPATIENT, SAID, PartialDate(2026, 7), finished=False)
ONE_OF_EACH: tuple[RecordFact, ...] = (PENICILLIN, ASTHMA, WEIGHT, ORDER, STATEMENT, SUPPLY, DOSE, STAY)
