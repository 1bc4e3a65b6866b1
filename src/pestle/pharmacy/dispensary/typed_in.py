"""Is what a person typed in from paper a whole prescription, and which one?

A technician reads the paper and types what stands there: who it is for, who wrote it, when, and each line.
What is missing is named field by field; nothing is guessed. What comes out is the same `Prescription` that a
message brings, so all that follows is the same. Directions that nobody can read stay the words they are.

Source for what it must say: Human Medicines Regulations 2012, regulation 217 (the prescriber's address, the
date, name and address of the patient) and Schedule 23 (what the prescription-only-medicines register is to
say), as made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal

from pestle.pharmacy.dispensary.entry import counted_in
from pestle.pharmacy.dispensary.prescription_kind import PrescriptionKind
from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.medicines.concept import Pack, Product
from pestle.pharmacy.quantity import SNOMED, Quantity, Unit, decimal
from pestle.pharmacy.record.medication import (
    ControlledDrugStatement,
    CourseOfTherapy,
    LineStatus,
    MedicationRequest,
    Practitioner,
    Prescription,
)
from pestle.pharmacy.record.patient import Patient
from pestle.pharmacy.refusal import Refusal, Refused

MOST_LINES = 10


@dataclass(frozen=True, slots=True)
class TypedLine:
    """One line as typed. `medicine` are the words of the paper; `product` what was chosen for them and
    `packs` its packs. `unit` counts where no product does. `indication` is what it is for, if told."""

    medicine: str
    quantity: str
    directions: str
    product: Product | None = None
    packs: tuple[Pack, ...] = ()
    unit: str = ""
    quantity_words: str = ""
    days: str = ""
    indication: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """A prescription as typed. `signed_on` is the date on it; an emergency supply has none. `reason` is the
    nature of the emergency."""

    kind: PrescriptionKind | None
    patient: Patient
    prescriber: Practitioner
    lines: tuple[TypedLine, ...]
    signed_on: date | None = None
    starts_on: date | None = None
    reason: str = ""


def typed_prescription(
    typed: Typed, *, number: str, item_ids: tuple[str, ...], now: datetime, zone: tzinfo
) -> Prescription:
    """The prescription; `item_ids` names each line, `zone` is the site's.

    Raises `Refused` with everything that is missing, each by its field: ``typed.no-kind``,
    ``typed.electronic``, ``typed.no-surname``, ``typed.no-given-name``, ``typed.no-birth-date``,
    ``typed.not-yet-born``, ``typed.no-patient-address``, ``typed.no-prescriber``,
    ``typed.no-prescriber-number``, ``typed.no-prescriber-address``, ``typed.no-date``, ``typed.date-ahead``,
    ``typed.no-reason``, ``typed.no-lines``, ``typed.too-many-lines``, ``typed.no-medicine``,
    ``typed.no-quantity``, ``typed.no-unit``, ``typed.no-directions``, ``quantity.not-a-number``.
    """
    on = now.astimezone(zone).date()
    refusals = [*_head(typed, on=on)]
    lines: list[MedicationRequest] = []
    for place, (line, item_id) in enumerate(zip(typed.lines, item_ids, strict=True), start=1):
        try:
            lines.append(_line(line, item_id, place))
        except Refused as refused:
            refusals += refused.refusals
    if refusals or typed.kind is None:
        raise Refused(*refusals)
    return Prescription(
        number=number,
        lines=tuple(lines),
        patient=typed.patient,
        prescriber=typed.prescriber,
        prescription_type=typed.kind.coded,
        signed_at=_signed_at(typed, now=now, zone=zone),
        starts_on=typed.starts_on,
        authored_on=(typed.signed_on or on).isoformat(),
    )


def _signed_at(typed: Typed, *, now: datetime, zone: tzinfo) -> datetime:
    """Paper has a day and no hour: the day begins at the site. An emergency is asked for now."""
    if typed.signed_on is None:
        return now.replace(microsecond=0)
    return datetime.combine(typed.signed_on, time(), zone).astimezone(UTC)


def _head(typed: Typed, *, on: date) -> Iterator[Refusal]:
    kind = typed.kind
    if kind is None:
        yield Refusal("typed.no-kind", "Say what kind of prescription it is", "kind")
    elif kind is PrescriptionKind.ELECTRONIC:
        yield Refusal("typed.electronic", "An electronic prescription comes as a message", "kind",
                      "Scan the token, or receive the message.")  # fmt: skip
    yield from _patient(typed.patient, on=on)
    if kind is not None:
        yield from _prescriber(typed.prescriber, kind)
        yield from _dates(typed, kind, on=on)
        if kind.emergency and len(typed.reason.strip()) < 3:
            yield Refusal("typed.no-reason", "Say what the emergency is: the register asks for it", "reason")
    if not typed.lines:
        yield Refusal("typed.no-lines", "A prescription has at least one line", "medicine 1")
    if len(typed.lines) > MOST_LINES:
        reason = f"At most {MOST_LINES} lines are typed in at once"
        yield Refusal("typed.too-many-lines", reason, "medicine 1",
                      "Type the rest in as another prescription.")  # fmt: skip


def _patient(who: Patient, *, on: date) -> Iterator[Refusal]:
    if not who.name.family.strip():
        yield Refusal("typed.no-surname", "The patient's surname is missing", "surname")
    if not any(part.strip() for part in who.name.given):
        yield Refusal("typed.no-given-name", "The patient's given name is missing", "given name")
    if who.born is None:
        yield Refusal("typed.no-birth-date", "The patient's date of birth is missing", "birth date",
                      "Ask who brought the prescription.")  # fmt: skip
    elif who.born > on:
        yield Refusal("typed.not-yet-born", "The date of birth lies ahead", "birth date")
    if who.address is None:
        yield Refusal("typed.no-patient-address", "The patient's address is missing", "patient address")


def _prescriber(who: Practitioner, kind: PrescriptionKind) -> Iterator[Refusal]:
    if not who.name.strip():
        words = "Who prescribed it before" if kind is PrescriptionKind.EMERGENCY_PATIENT else "The prescriber"
        yield Refusal("typed.no-prescriber", f"{words} is missing", "prescriber")
    if kind is PrescriptionKind.EMERGENCY_PATIENT:
        return
    if not who.identifiers:
        yield Refusal("typed.no-prescriber-number", "The prescriber's number is missing", "prescriber number",
                      "It stands on the form, or in the public register of the profession.")  # fmt: skip
    if who.address is None and (who.organisation is None or who.organisation.address is None):
        yield Refusal("typed.no-prescriber-address", "The prescriber's address is missing",
                      "prescriber address")  # fmt: skip


def _dates(typed: Typed, kind: PrescriptionKind, *, on: date) -> Iterator[Refusal]:
    if typed.signed_on is None and not kind.emergency:
        yield Refusal("typed.no-date", "The date on the prescription is missing", "date",
                      "Without one it is no prescription: return it to the prescriber.")  # fmt: skip
    if typed.signed_on is not None and typed.signed_on > on:
        yield Refusal("typed.date-ahead", "The date on the prescription lies ahead", "date",
                      "Read it again; if it says so, ask the prescriber.")  # fmt: skip


def _line(line: TypedLine, item_id: str, place: int) -> MedicationRequest:
    refusals: list[Refusal] = []
    quantity = _number(line.quantity, f"quantity {place}", refusals)
    days = _number(line.days, f"days {place}", refusals)
    unit = _unit(line)
    if not line.medicine.strip():
        refusals.append(Refusal("typed.no-medicine", f"Line {place} names no medicine", f"medicine {place}"))
    if not line.quantity.strip():
        refusals.append(Refusal("typed.no-quantity", f"Line {place} has no quantity", f"quantity {place}"))
    elif quantity is not None and quantity <= 0:
        refusals.append(Refusal("typed.no-quantity", f"Line {place}: nothing to supply", f"quantity {place}"))
    if unit is None:
        refusals.append(Refusal("typed.no-unit", f"Line {place} does not say in what it is counted",
                                f"unit {place}", "Such as tablets, or ml."))  # fmt: skip
    if not line.directions.strip():
        reason, way_out = f"Line {place} has no directions", "Copy the prescriber's own words, or ask them."
        refusals.append(Refusal("typed.no-directions", reason, f"directions {place}", way_out))
    if refusals or quantity is None or unit is None:
        raise Refused(*refusals)
    directions = " ".join(line.directions.split())
    return MedicationRequest(
        id=item_id,
        medication=_written(line),
        dosage=read(directions).dosage or Dosage((DosageStep(text=directions),)),
        quantity=Quantity(quantity, unit),
        status=LineStatus.ACTIVE,
        intent="order",
        course_of_therapy=CourseOfTherapy.ACUTE,
        days_supply=days,
        controlled_drug=_controlled(line),
        notes=_notes(line),
        reason=Coded(line.indication.strip()) if line.indication.strip() else None,
    )


def _number(text: str, place: str, refusals: list[Refusal]) -> Decimal | None:
    try:
        return decimal(text, place=place) if text.strip() else None
    except Refused as refused:
        refusals += refused.refusals
        return None


def _unit(line: TypedLine) -> Unit | None:
    """What was typed, else what the product is counted in."""
    if line.unit.strip():
        return Unit(line.unit.strip())
    base = counted_in(line.product, line.packs) if line.product else None
    return base.unit if base else None


def _written(line: TypedLine) -> Coded:
    """The words of the paper, with the code of what was chosen for them."""
    words = " ".join(line.medicine.split())
    return Coded(words, SNOMED, line.product.id) if line.product else Coded(words)


def _schedule(line: TypedLine) -> int | None:
    category = line.product.controlled if line.product else None
    return category.schedule if category else None


def _controlled(line: TypedLine) -> ControlledDrugStatement | None:
    schedule = _schedule(line)
    words = " ".join(line.quantity_words.split())
    return ControlledDrugStatement(f"CD{schedule}", words) if schedule in (2, 3) else None


def _notes(line: TypedLine) -> tuple[str, ...]:
    """The quantity in words, where no schedule is known that asks for it: nothing typed is lost."""
    words = " ".join(line.quantity_words.split())
    return (f"Quantity in words: {words}",) if words and _schedule(line) not in (2, 3) else ()
