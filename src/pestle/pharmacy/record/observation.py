"""What was measured or asked, when, and what came out?

A result is kept as it was sent: value, unit, comparator (“< 5”), what was missing and why. Turning it into
another unit, or finding the latest of a kind, is asked of `results`.

Source: FHIR R4 Observation (hl7.org/fhir/R4/observation.html, 2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import Quantity, Range
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.provenance import Provenance


class ObservationStatus(Enum):
    """FHIR observation-status."""

    REGISTERED = "registered"
    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"
    CORRECTED = "corrected"
    CANCELLED = "cancelled"
    ENTERED_IN_ERROR = "entered-in-error"
    UNKNOWN = "unknown"


class Comparator(Enum):
    """FHIR quantity-comparator: the true value lies beyond the one written."""

    LESS = "<"
    AT_MOST = "<="
    AT_LEAST = ">="
    MORE = ">"


Value = Quantity | Coded | str | bool


@dataclass(frozen=True, slots=True)
class Component:
    """One of several values of one observation, such as the systolic pressure."""

    what: Coded
    value: Value | None
    comparator: Comparator | None = None
    missing: Coded | None = None
    also: tuple[Coded, ...] = ()


_NO_RESULT = (ObservationStatus.REGISTERED, ObservationStatus.CANCELLED, ObservationStatus.ENTERED_IN_ERROR)


@dataclass(frozen=True, slots=True)
class Observation:
    """A result, measurement or answer. Without `value` it may have `components`, or say why it is `missing`.

    `taken` is the day as written, `taken_at` the moment where one is known (UTC). `reference` is the range
    that the laboratory gave.
    """

    id: str
    what: Coded
    provenance: Provenance
    taken: PartialDate | None
    value: Value | None = None
    comparator: Comparator | None = None
    status: ObservationStatus = ObservationStatus.FINAL
    taken_at: datetime | None = None
    reference: Range | None = None
    interpretation: Coded | None = None
    missing: Coded | None = None
    components: tuple[Component, ...] = ()
    also: tuple[Coded, ...] = ()
    note: str = ""

    @property
    def stands(self) -> bool:
        """Whether it is a result at all: not one only asked for, cancelled or entered in error."""
        return self.status not in _NO_RESULT
