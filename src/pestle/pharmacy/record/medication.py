"""What was ordered, on which prescription, by whom, valid from when; what was said, supplied and given?

A `Prescription` is the group of `MedicationRequest` that share one prescription number; each request is
one line. Orders are never edited: a cancellation or a change is a new fact that points at the line.

The record of a patient holds four kinds of fact about a medicine, which are four different things: somebody
ordered it (`MedicationOrder`), somebody says that it is taken (`MedicationStatement`), it was supplied
(`MedicationSupply`), it was given (`MedicationAdministration`).

Source: FHIR R4 MedicationRequest; NHS Electronic Prescription Service FHIR messages
(NHSDigital/electronic-prescription-service-api 77e80e11, MIT, 2026-04-30).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from pestle.pharmacy.dosage.dose import Coded, Dosage
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.medicines.dictionary import Dictionary
from pestle.pharmacy.quantity import SNOMED, Quantity
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.patient import Address, Patient
from pestle.pharmacy.record.provenance import Provenance


class CourseOfTherapy(Enum):
    """`MedicationRequest.courseOfTherapyType`; UNKNOWN where the sender did not say."""

    ACUTE = "acute"
    REPEAT = "continuous"
    REPEAT_DISPENSING = "continuous-repeat-dispensing"
    UNKNOWN = "unknown"


class LineStatus(Enum):
    """FHIR medicationrequest-status, as sent."""

    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    ON_HOLD = "on-hold"
    ENTERED_IN_ERROR = "entered-in-error"
    DRAFT = "draft"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Organisation:
    """Premises or a body, by ODS code."""

    code: str
    name: str = ""
    address: Address | None = None
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Who prescribed: a name, the numbers they are registered under, and where they work. `address` is their
    own, where paper gives one and no organisation with a code."""

    name: str
    identifiers: tuple[Coded, ...] = ()
    role: Coded | None = None
    organisation: Organisation | None = None
    telephone: str = ""
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class ControlledDrugStatement:
    """What a controlled-drug prescription says of itself: schedule and the quantity in words."""

    schedule: str
    quantity_words: str = ""


@dataclass(frozen=True, slots=True)
class RepeatIssue:
    """Which issue of how many. `issues_allowed` counts the first one too (repeats allowed + 1)."""

    issue_number: int | None
    issues_allowed: int | None
    authorisation_expires: date | None = None
    review_by: date | None = None


@dataclass(frozen=True, slots=True)
class MedicationRequest:
    """One line of a prescription. `id` is the line item number and is different on every line."""

    id: str
    medication: Coded
    dosage: Dosage | None
    quantity: Quantity | None
    status: LineStatus
    intent: str
    course_of_therapy: CourseOfTherapy
    substitution_allowed: bool | None = None
    days_supply: Decimal | None = None
    endorsements: tuple[Coded, ...] = ()
    controlled_drug: ControlledDrugStatement | None = None
    repeat: RepeatIssue | None = None
    notes: tuple[str, ...] = ()
    status_reason: Coded | None = None
    dispense_status: Coded | None = None
    reason: Coded | None = None


@dataclass(frozen=True, slots=True)
class Prescription:
    """A whole prescription as it was signed.

    `number` is the short-form id PPPPPP-OOOOOO-SSSSSC; `id` the long-form UUID, if sent. `signed_at` is the
    signature's time (UTC); `starts_on` the appropriate date, from which it may be dispensed, if stated.
    """

    number: str
    lines: tuple[MedicationRequest, ...]
    patient: Patient
    prescriber: Practitioner
    prescription_type: Coded | None
    signed_at: datetime | None
    id: str | None = None
    responsible: Practitioner | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    nominated_pharmacy: str | None = None
    dispensing_site_preference: str | None = None
    authored_on: str | None = None
    notes_to_pharmacy: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Medication:
    """A medicine as somebody wrote it, with the code they gave it.

    `product` is what the dictionary matched it to (None: not matched), and `generic` the VMP behind an AMP.
    """

    written: Coded
    product: Product | None = None
    generic: Product | None = None

    @property
    def products(self) -> tuple[Product, ...]:
        """What is known of the medicine, the product itself before its generic."""
        return tuple(product for product in (self.product, self.generic) if product is not None)

    @property
    def name(self) -> str:
        """What to call it: the matched product's name, else as written."""
        return self.product.name if self.product else self.written.text


# The systems whose codes are ids of the dictionary: dm+d is a part of SNOMED CT.
_OF_THE_DICTIONARY = frozenset((SNOMED, "https://dmd.nhs.uk", "http://hl7.org/fhir/sid/ndc"))


def dictionary_id(written: Coded) -> str | None:
    """The id in the medicines dictionary that somebody wrote; None where the code is of another system."""
    return written.code if written.system in _OF_THE_DICTIONARY else None


def matched(written: Coded, dictionary: Dictionary, product: Product | None = None) -> Medication:
    """The medicine, with what the dictionary knows of it: of `product`, or of the code that was written."""
    id_ = dictionary_id(written)
    if product is None and id_:
        product = dictionary.product(dictionary.current(id_))
    return Medication(written, product, dictionary.generic(product) if product else None)


class OrderAction(Enum):
    """What an order does to the one that it follows. Source: OpenMRS Order.Action, whose words they are."""

    NEW = "new"
    REVISE = "revise"
    DISCONTINUE = "discontinue"
    RENEW = "renew"


@dataclass(frozen=True, slots=True)
class MedicationOrder:
    """A medicine that somebody ordered for the patient. The request is never edited, only followed.

    `follows` is the id of the order that this one revises, discontinues or renews. `starts` and `ends` bound
    what is ordered; None: not said. `withheld_until` says when one that is on hold is looked at again.
    `prescribed_elsewhere`: a hospital or somebody else prescribes and supplies it, so it is recorded and
    never issued (FHIR `reported`).
    """

    request: MedicationRequest
    medication: Medication
    provenance: Provenance
    action: OrderAction = OrderAction.NEW
    follows: str | None = None
    starts: PartialDate | None = None
    ends: PartialDate | None = None
    withheld_until: PartialDate | None = None
    prescribed_elsewhere: bool = False

    def __post_init__(self) -> None:
        if (self.action is OrderAction.NEW) != (self.follows is None):
            raise ValueError("an order follows another one when, and only when, it is not new")

    @property
    def id(self) -> str:
        """The id of its request."""
        return self.request.id


class StatementStatus(Enum):
    """FHIR medication-statement-status."""

    ACTIVE = "active"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered-in-error"
    INTENDED = "intended"
    STOPPED = "stopped"
    ON_HOLD = "on-hold"
    UNKNOWN = "unknown"
    NOT_TAKEN = "not-taken"


@dataclass(frozen=True, slots=True)
class MedicationStatement:
    """What somebody says that the patient takes, took or does not take."""

    id: str
    medication: Medication
    provenance: Provenance
    status: StatementStatus
    dosage: Dosage | None = None
    starts: PartialDate | None = None
    ends: PartialDate | None = None
    last_issued: PartialDate | None = None
    reason: Coded | None = None


@dataclass(frozen=True, slots=True)
class MedicationSupply:
    """A medicine that was supplied: when, how much, for how many days (None: not known). FHIR
    MedicationDispense. `order` is the id of the request it answers, where one is known."""

    id: str
    medication: Medication
    provenance: Provenance
    on: date
    quantity: Quantity | None = None
    days_supply: Decimal | None = None
    order: str | None = None


class AdministrationStatus(Enum):
    """FHIR medication-admin-status."""

    IN_PROGRESS = "in-progress"
    NOT_DONE = "not-done"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    ENTERED_IN_ERROR = "entered-in-error"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MedicationAdministration:
    """A dose that was given, or was not, and why. `at` is UTC."""

    id: str
    medication: Medication
    provenance: Provenance
    status: AdministrationStatus
    at: datetime
    dose: Quantity | None = None
    order: str | None = None
    reason: Coded | None = None
