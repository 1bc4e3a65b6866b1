"""How does a prescriber's system write a message? Orders and cancellations, from a few words, as bytes.

For the demo, the tests and the measurements. The surgery and its doctor are invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from uuid import NAMESPACE_URL, UUID, uuid5

from pestle.demo.patients import SURGERY
from pestle.pharmacy.checks.number_words import words_of
from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.quantity import SNOMED, Quantity, Unit
from pestle.pharmacy.record.medication import (
    ControlledDrugStatement,
    CourseOfTherapy,
    LineStatus,
    MedicationRequest,
    Organisation,
    Practitioner,
    Prescription,
    RepeatIssue,
)
from pestle.pharmacy.record.patient import Address, Patient
from pestle.web.store.knowledge import dictionary
from pestle.wire.eps.codes import CancellationReason
from pestle.wire.eps.new_cancellation import new_cancellation
from pestle.wire.eps.new_order import new_order
from pestle.wire.eps.prescription_id import make_number
from pestle.wire.eps.systems import PRESCRIPTION_TYPE
from pestle.wire.fhir.systems import ROLE_PROFILE, USER
from pestle.wire.fhir.tree import dump

_NAMES = uuid5(NAMESPACE_URL, "pestle:demo")
_REPEAT_DAYS = Decimal(28)
_ISSUES = 6

ACUTE = CourseOfTherapy.ACUTE
REPEAT = CourseOfTherapy.REPEAT
REPEAT_DISPENSING = CourseOfTherapy.REPEAT_DISPENSING

PRACTICE = Organisation(
    SURGERY, "Ashcombe Surgery", Address(("2 Weir Lane", "Ashcombe"), "QX1 1AB"), "01632 960456"
)
PRESCRIBER = Practitioner(
    name="Dr Helen Marsh",
    identifiers=(
        Coded("999000000001", USER, "999000000001"),
        Coded("9990001", "https://fhir.hl7.org.uk/Id/gmc-number", "9990001"),
        Coded("999000000002", ROLE_PROFILE, "999000000002"),
    ),
    organisation=PRACTICE,
    telephone="01632 960456",
)


@dataclass(frozen=True, slots=True)
class Item:
    """One line as a prescriber writes it.

    `medicine` is a product's name in the dictionary; another name is sent without a code. `unit` overrides
    what the product is counted in. `words` overrides the quantity in words, which Schedule 2 and 3 have.
    """

    medicine: str
    quantity: str
    directions: str
    course: CourseOfTherapy = ACUTE
    unit: str = ""
    words: str | None = None


def name_id(*names: object) -> str:
    """A UUID that is always the same for the same names."""
    return str(uuid5(_NAMES, "/".join(str(name) for name in names)))


def an_order(
    patient: Patient,
    items: Sequence[Item],
    *,
    signed_at: datetime,
    key: str,
    starts_on: date | None = None,
    pharmacy: str | None = None,
) -> bytes:
    """The message of `a_prescription`."""
    return written(
        a_prescription(patient, items, signed_at=signed_at, key=key, starts_on=starts_on, pharmacy=pharmacy)
    )


def written(prescription: Prescription) -> bytes:
    """The ``prescription-order`` message of a prescription; another content has another message id."""
    message_id = name_id("message", prescription.number, prescription.lines, prescription.patient)
    return dump(new_order(prescription, message_id=message_id))


def a_prescription(
    patient: Patient,
    items: Sequence[Item],
    *,
    signed_at: datetime,
    key: str,
    starts_on: date | None = None,
    pharmacy: str | None = None,
) -> Prescription:
    """A prescription of the invented surgery. Its number and item numbers follow from `key`."""
    seed = UUID(name_id("number", key)).hex.upper()
    day = signed_at.date()
    repeated = any(item.course is REPEAT_DISPENSING for item in items)
    return Prescription(
        number=make_number(first=seed[:6], ods=PRACTICE.code, second=seed[6:11]),
        id=name_id("prescription", key),
        lines=tuple(
            _line(item, name_id("item", key, place), day=day, repeated=repeated)
            for place, item in enumerate(items)
        ),
        patient=patient,
        prescriber=PRESCRIBER,
        prescription_type=Coded("Primary Care Prescriber - Medical Prescriber", PRESCRIPTION_TYPE, "0101"),
        signed_at=signed_at,
        starts_on=starts_on or (day if repeated else None),
        ends_on=day + timedelta(days=364) if repeated else None,
        nominated_pharmacy=pharmacy,
        authored_on=signed_at.isoformat(timespec="seconds"),
        dispensing_site_preference="P1" if pharmacy else "0004",
    )


def a_cancellation(prescription: Prescription, *, place: int, reason: CancellationReason) -> bytes:
    """The ``prescription-order-update`` that takes back one line, `place` from 0."""
    message_id = name_id("cancel", prescription.number, place, reason.value)
    line_id = prescription.lines[place].id
    return dump(new_cancellation(prescription, line_id=line_id, reason=reason, message_id=message_id))


def _line(item: Item, id_: str, *, day: date, repeated: bool) -> MedicationRequest:
    product = _products().get(item.medicine)
    medication = Coded(item.medicine, SNOMED, product.id) if product else Coded(item.medicine)
    return MedicationRequest(
        id=id_,
        medication=medication,
        dosage=_dosage(item.directions),
        quantity=Quantity(Decimal(item.quantity), _unit(item, product)),
        status=LineStatus.ACTIVE,
        intent="original-order" if item.course is REPEAT_DISPENSING else "order",
        course_of_therapy=item.course,
        substitution_allowed=False,
        days_supply=_REPEAT_DAYS if repeated else None,
        controlled_drug=_controlled(item, product),
        repeat=_repeat(item.course, day),
    )


@cache
def _products() -> dict[str, Product]:
    return {product.name: product for product in dictionary().products()}


def _dosage(directions: str) -> Dosage:
    """The directions, with their meaning in fields where they have one meaning."""
    return read(directions).dosage or Dosage((DosageStep(text=directions),))


def _unit(item: Item, product: Product | None) -> Unit:
    if item.unit:
        return Unit(item.unit)
    if product is None or product.base_unit is None:
        raise ValueError(f"say in which unit {item.medicine} is prescribed")
    return product.base_unit.unit


def _controlled(item: Item, product: Product | None) -> ControlledDrugStatement | None:
    schedule = product.controlled.schedule if product and product.controlled else None
    if schedule not in (2, 3):
        return None
    words = words_of(Decimal(item.quantity)) if item.words is None else item.words
    return ControlledDrugStatement(f"CD{schedule}", words)


def _repeat(course: CourseOfTherapy, day: date) -> RepeatIssue | None:
    until = day + timedelta(days=364)
    if course is REPEAT_DISPENSING:
        return RepeatIssue(None, _ISSUES, until)
    return RepeatIssue(None, None, until) if course is REPEAT else None
