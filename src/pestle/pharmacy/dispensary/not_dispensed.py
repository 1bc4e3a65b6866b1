"""Why was a line not dispensed?

The reasons that the NHS prescription service knows, in our own words; how it codes them is not our concern
here. An owings note is not among them: what is owed is still to be dispensed.
"""

from __future__ import annotations

from enum import Enum


class NotDispensed(Enum):
    """A reason; the value is stored, `words` are said."""

    NOT_REQUIRED = "not_required"
    CLINICALLY_UNSUITABLE = "clinically_unsuitable"
    CANCELLATION = "cancellation"
    CANCELLATION_BY_DEATH = "cancellation_by_death"
    ILLEGAL = "illegal"
    OUT_OF_SCOPE = "out_of_scope"
    EXPIRED = "expired"
    NOT_ALLOWED_ON_FP10 = "not_allowed_on_fp10"
    NOT_COLLECTED = "not_collected"
    BOUGHT_OVER_THE_COUNTER = "bought_over_the_counter"

    @property
    def words(self) -> str:
        """What the screen says."""
        return _WORDS[self]


_WORDS = {
    NotDispensed.NOT_REQUIRED: "The patient does not need it",
    NotDispensed.CLINICALLY_UNSUITABLE: "Clinically unsuitable",
    NotDispensed.CANCELLATION: "Cancelled by the prescriber",
    NotDispensed.CANCELLATION_BY_DEATH: "Cancelled: the patient has died",
    NotDispensed.ILLEGAL: "Not a legal prescription",
    NotDispensed.OUT_OF_SCOPE: "Outside what the prescriber may prescribe",
    NotDispensed.EXPIRED: "The prescription or the line has expired",
    NotDispensed.NOT_ALLOWED_ON_FP10: "Not allowed on an NHS prescription",
    NotDispensed.NOT_COLLECTED: "The patient did not collect it",
    NotDispensed.BOUGHT_OVER_THE_COUNTER: "The patient bought it over the counter",
}

_FROM_CANCELLATION = (NotDispensed.CANCELLATION, NotDispensed.CANCELLATION_BY_DEATH)

# What a pharmacist may choose when refusing a line; the others follow from a cancellation.
CHOICES = tuple(reason for reason in NotDispensed if reason not in _FROM_CANCELLATION)
