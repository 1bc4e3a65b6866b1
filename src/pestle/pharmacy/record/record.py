"""What do we know of this patient, all together?

A part that is None could not be read or was never asked for, which is not the same as empty: whoever needs
it answers *not assessed*. What was settled for the patient's monitoring was settled here, or it was not.
"""

from __future__ import annotations

from dataclasses import dataclass

from pestle.pharmacy.record.allergy import AllergyRecord
from pestle.pharmacy.record.condition import Condition
from pestle.pharmacy.record.encounter import Encounter
from pestle.pharmacy.record.medication import (
    MedicationAdministration,
    MedicationOrder,
    MedicationStatement,
    MedicationSupply,
)
from pestle.pharmacy.record.monitoring_plan import MonitoringPlan
from pestle.pharmacy.record.observation import Observation
from pestle.pharmacy.record.patient import Patient


@dataclass(frozen=True, slots=True)
class Record:
    """The facts that stand; those that later ones follow are in the store, not here."""

    patient: Patient
    allergies: AllergyRecord
    conditions: tuple[Condition, ...] | None = None
    observations: tuple[Observation, ...] | None = None
    orders: tuple[MedicationOrder, ...] | None = None
    statements: tuple[MedicationStatement, ...] | None = None
    supplies: tuple[MedicationSupply, ...] | None = None
    administrations: tuple[MedicationAdministration, ...] | None = None
    encounters: tuple[Encounter, ...] | None = None
    monitoring: tuple[MonitoringPlan, ...] = ()
