"""May a controlled drug of Schedule 2 or 3 be supplied on this requisition, and where does the paper go?

A practitioner, another pharmacy or a service writes a requisition; it is no prescription and names no
patient. What it has to say is asked here, and the form is marked with who supplied it. Its original goes to
the NHS agency, but for a veterinary one, which stays with who supplied. In the community in England the
form is the FP10CDF; wards of a hospital have forms of their own.

What is not judged: whether a supply is wholesale dealing that needs a licence, an undertaking to send the
requisition later, and a messenger's written authority. `LAWS` says how each rule is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from pestle.pharmacy.law import KnownFrom, Law
from pestle.pharmacy.ledger.base_unit import amount_words
from pestle.pharmacy.medicines.concept import BaseUnit, ControlledDrugCategory
from pestle.pharmacy.people import Country
from pestle.pharmacy.refusal import Refusal

_REGULATION_14 = "Misuse of Drugs Regulations 2001 (SI 2001/3998), regulation 14"
LAWS = (
    Law(
        "A requisition is signed, gives the recipient's name, address and profession or occupation, the "
        "purpose, and the total quantity.",
        _REGULATION_14, KnownFrom.SUMMARY,
    ),
    Law(
        "In the community in England the form for Schedules 1 to 3 is the FP10CDF, since 30 November 2015; "
        "it goes to the NHS Business Services Authority with the FP34PCD.",
        "NHS Business Services Authority", KnownFrom.SUMMARY,
    ),
    Law("Whoever supplies marks the form with their own name and address.", _REGULATION_14, KnownFrom.MEMORY),
    Law("The original of a veterinary requisition is kept and not sent on.", _REGULATION_14,
        KnownFrom.MEMORY),
    Law("The supply is entered in the register with date, name and address, authority to possess and "
        "quantity (Schedule 2).",
        "Misuse of Drugs Regulations 2001, regulation 19 and Schedule 6", KnownFrom.SUMMARY),
)  # fmt: skip

SCHEDULES = (2, 3)


class Purpose(Enum):
    """For what it is wanted, as the FP10CDF numbers it; the value is stored."""

    PHARMACY = "pharmacy"
    PRACTICE = "practice"
    INDEPENDENT_HOSPITAL = "independent_hospital"
    PARAMEDIC = "paramedic"
    DOCTORS_BAG = "doctors_bag"
    OTHER = "other"

    @property
    def words(self) -> str:
        """As the form has it."""
        return _PURPOSES[self]


_PURPOSES = {
    Purpose.PHARMACY: "1 Pharmacy",
    Purpose.PRACTICE: "2 Practice",
    Purpose.INDEPENDENT_HOSPITAL: "3 Independent hospital",
    Purpose.PARAMEDIC: "4 Paramedic",
    Purpose.DOCTORS_BAG: "5 Doctor's bag",
    Purpose.OTHER: "6 Other",
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom it is supplied to; `organisation` may be empty where somebody practises alone."""

    name: str = ""
    profession: str = ""
    address: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Requisition:
    """What the form says. `signed_on` is the date beside the signature; `marked` that our name and address
    stand on it; `taken_by` who took the drugs away."""

    recipient: Recipient
    purpose: Purpose | None
    signed_on: date | None
    marked: bool
    taken_by: str
    purpose_words: str = ""
    veterinary: bool = False


def form_name(country: Country) -> str:
    """What the form is called there. Only England's is known here."""
    return "FP10CDF" if country is Country.ENGLAND else "requisition form"


def agency_name(country: Country) -> str:
    """To whom the original goes."""
    return "NHS Business Services Authority" if country is Country.ENGLAND else "NHS agency"


def requisition_refusals(requisition: Requisition, *, on: date) -> Iterator[Refusal]:
    """What the form lacks: ``requisition.no-name``, ``requisition.no-profession``,
    ``requisition.no-address``, ``requisition.no-purpose``, ``requisition.no-purpose-words``,
    ``requisition.not-signed``, ``requisition.signed-later``, ``requisition.not-marked``,
    ``requisition.no-taker``."""
    recipient = requisition.recipient
    for said, least, rule, reason, place in (
        (recipient.name, 2, "requisition.no-name", "A requisition names who asks for it", "name"),
        (recipient.profession, 2, "requisition.no-profession",
         "A requisition gives their profession or occupation", "profession"),
        (recipient.address, 5, "requisition.no-address", "A requisition gives their address", "address"),
    ):  # fmt: skip
        if len(said.strip()) < least:
            yield Refusal(rule, reason, place)
    if requisition.purpose is None:
        yield Refusal("requisition.no-purpose", "A requisition says for what purpose it is", "purpose")
    elif requisition.purpose is Purpose.OTHER and len(requisition.purpose_words.strip()) < 3:
        yield Refusal("requisition.no-purpose-words", "Say for which other purpose", "purpose words")
    if requisition.signed_on is None:
        yield Refusal("requisition.not-signed", "A requisition is signed; give the date beside the signature",
                      "signed on")  # fmt: skip
    elif requisition.signed_on > on:
        yield Refusal("requisition.signed-later", "It cannot be signed on a day to come", "signed on")
    if not requisition.marked:
        yield Refusal("requisition.not-marked", "Mark the form with our name and address, and say so",
                      "marked")  # fmt: skip
    if len(requisition.taken_by.strip()) < 2:
        yield Refusal("requisition.no-taker", "Say who took it away", "taken by")


def drug_refusal(name: str, category: ControlledDrugCategory | None) -> Refusal | None:
    """Why this drug is not supplied on a requisition: ``requisition.schedule-unknown``,
    ``controlled.licence``, ``requisition.schedule``."""
    if category is None:
        return Refusal("requisition.schedule-unknown", "Its schedule is not known, nor whether it is entered",
                       name)  # fmt: skip
    if category.schedule == 1:
        return Refusal("controlled.licence", "Schedule 1 is supplied only under a Home Office licence", name)
    if category.schedule not in SCHEDULES:
        return Refusal("requisition.schedule", "A requisition of this kind is for Schedules 2 and 3", name)
    return None


def quantity_refusal(name: str, *, asked: int, supplied: int, base: BaseUnit) -> Refusal | None:
    """Why this much is not supplied: ``requisition.no-quantity``, ``requisition.more-than-asked``,
    ``requisition.nothing``. Base units; less than was asked may be supplied."""
    if asked <= 0:
        return Refusal("requisition.no-quantity", "A requisition states the total quantity", name)
    if supplied <= 0:
        return Refusal("requisition.nothing", "Say how much of it is supplied", name)
    if supplied > asked:
        return Refusal(
            "requisition.more-than-asked",
            f"{amount_words(asked, base)} asked for, and {amount_words(supplied, base)} would be supplied",
            name,
        )
    return None
