"""Who takes a bag away, and what has to be known of them?

For a drug of Schedule 2 whoever supplies it first finds out whether the person is the patient, somebody for
the patient, or a healthcare professional who acts for the patient. Of the patient and of who comes for them
they may ask for evidence of identity; of a professional they take name and address, and ask unless they know
them. For Schedule 3 the same question is good practice.

Source: Misuse of Drugs Regulations 2001 (SI 2001/3998), regulation 16(6), from memory and unverified; the
headings that record it (Schedule 6): person collecting, identity requested, identity provided.
"""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy.refusal import Refusal


class Collector(Enum):
    """Who took it; the value is stored."""

    PATIENT = "patient"
    REPRESENTATIVE = "representative"
    PROFESSIONAL = "professional"
    DELIVERED = "delivered"

    @property
    def words(self) -> str:
        """As the register and the page say it."""
        return _COLLECTORS[self]


_COLLECTORS = {
    Collector.PATIENT: "the patient",
    Collector.REPRESENTATIVE: "somebody for the patient",
    Collector.PROFESSIONAL: "a healthcare professional",
    Collector.DELIVERED: "delivered",
}


class Identity(Enum):
    """Was identity asked for, and was evidence shown? The value is stored."""

    SHOWN = "shown"
    NOT_SHOWN = "not_shown"
    KNOWN = "known"
    NOT_ASKED = "not_asked"

    @property
    def asked(self) -> bool:
        """The heading *identity requested*."""
        return self in (Identity.SHOWN, Identity.NOT_SHOWN)

    @property
    def shown(self) -> bool:
        """The heading *identity provided*."""
        return self is Identity.SHOWN

    @property
    def words(self) -> str:
        """As the page asks it."""
        return _IDENTITIES[self]


_IDENTITIES = {
    Identity.SHOWN: "Asked, and shown",
    Identity.NOT_SHOWN: "Asked, and not shown",
    Identity.KNOWN: "Not asked: known to me",
    Identity.NOT_ASKED: "Not asked",
}


@dataclass(frozen=True, slots=True)
class Collection:
    """Who takes it: `name` and `address` where it is not the patient, what was asked, and remarks."""

    collector: Collector
    name: str = ""
    address: str = ""
    identity: Identity | None = None
    remarks: str = ""


def identity_asked_for(schedules: Some[int]) -> bool:
    """Whether the question of identity is put, for a bag with drugs of these schedules."""
    return bool({2, 3} & set(schedules))


def collection_refusals(collection: Collection, *, schedules: Some[int]) -> Iterator[Refusal]:
    """What is missing before a bag with drugs of these schedules may go: ``hand-out.no-name``,
    ``hand-out.no-address``, ``controlled.identity-missing``, ``controlled.identity-not-asked``,
    ``controlled.no-remarks``."""
    collector, identity = collection.collector, collection.identity
    named = len(collection.name.strip()) >= 2
    needs_name = collector in (Collector.REPRESENTATIVE, Collector.PROFESSIONAL)
    if not named and (needs_name or (collector is Collector.DELIVERED and 2 in schedules)):
        said = "who takes it to the patient" if collector is Collector.DELIVERED else "who collects"
        yield Refusal("hand-out.no-name", f"Say {said}, by name", "collector")
    if collector is Collector.PROFESSIONAL and len(collection.address.strip()) < 5:
        yield Refusal("hand-out.no-address", "Give the address of the healthcare professional",
                      "collector address")  # fmt: skip
    if not identity_asked_for(schedules):
        return
    if identity is None:
        yield Refusal("controlled.identity-missing", "Say whether identity was asked for and shown",
                      "identity")  # fmt: skip
    elif collector is Collector.PROFESSIONAL and identity is Identity.NOT_ASKED:
        yield Refusal(
            "controlled.identity-not-asked",
            "A healthcare professional whom you do not know is asked for evidence of identity",
            "identity",
        )
    elif (
        2 in schedules
        and identity in (Identity.NOT_SHOWN, Identity.NOT_ASKED)
        and len(collection.remarks.strip()) < 3
    ):
        yield Refusal("controlled.no-remarks", "Say why it is supplied without evidence of identity",
                      "remarks")  # fmt: skip
