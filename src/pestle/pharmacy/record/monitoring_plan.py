"""What was settled for this patient's monitoring, beside what the definitions say of everybody?

Two things, each with its reason and who settled it: a test is wanted at another interval, until somebody
looks again; and when a treatment was really started, where the record begins later. FHIR:
CarePlan.activity and MedicationStatement.effective.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.provenance import Provenance


@dataclass(frozen=True, slots=True)
class OwnInterval:
    """`observable` is asked for every `number` of `unit`, whatever the definitions say, up to `until`."""

    observable: str
    number: int
    unit: Literal["days", "months"]
    until: date
    reason: str
    provenance: Provenance

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError("an interval is a day at least")


@dataclass(frozen=True, slots=True)
class KnownStart:
    """Treatment with the medicines of a monitoring definition, `group` by its name, began `on` a day."""

    group: str
    on: PartialDate
    reason: str
    provenance: Provenance


MonitoringPlan = OwnInterval | KnownStart
