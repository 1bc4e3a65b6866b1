"""What does one line of a prescription say in FHIR, and how is it written?

One table of fields, read in one direction and written in the other: a value put back onto the message that
it was read from changes nothing that it does not have to.

Source: FHIR R4 MedicationRequest; NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from pestle.pharmacy.dosage.dose import Coded, Dosage
from pestle.pharmacy.quantity import UCUM, Quantity
from pestle.pharmacy.record.medication import (
    ControlledDrugStatement,
    CourseOfTherapy,
    LineStatus,
    MedicationRequest,
    RepeatIssue,
)
from pestle.pharmacy.refusal import refuse
from pestle.wire.fhir.bundle import Bundle, identifier
from pestle.wire.fhir.datatypes import (
    read_coding,
    read_concept,
    read_date,
    read_quantity,
    write_coding,
    write_concept,
    write_quantity,
)
from pestle.wire.fhir.dosage import read_dosage, write_dosage
from pestle.wire.fhir.element import Element, member, missing
from pestle.wire.fhir.systems import (
    CONTROLLED_DRUG,
    COURSE,
    COURSE_NHS,
    ITEM_NUMBER,
    X_CONTROLLED_DRUG,
    X_DISPENSING,
    X_ENDORSEMENT,
    X_EPS_REPEAT,
    X_REPEAT,
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a value: where it is read from a resource, and how it is written into a draft of one."""

    name: str
    read: Callable[[Element, Bundle], Any]
    write: Callable[[dict[str, Any], Any], None]


def read_line(line: Element, bundle: Bundle) -> MedicationRequest:
    """The line. Raises `Refused`: the ``fhir.`` rules, ``fhir.supply-duration``."""
    return MedicationRequest(**{field.name: field.read(line, bundle) for field in LINE})


def put(fields: tuple[Field, ...], value: object, *, draft: dict[str, Any], bundle: Bundle) -> None:
    """Writes into the draft each field of the value that the draft does not say already."""
    for field in fields:
        wanted = getattr(value, field.name)
        if field.read(Element(draft, str(draft["resourceType"])), bundle) != wanted:
            field.write(draft, wanted)


def blank_line() -> dict[str, Any]:
    """A draft that says nothing but what every line says; `put` fills it."""
    return {
        "resourceType": "MedicationRequest",
        "identifier": [{"system": ITEM_NUMBER, "value": "?"}],
        "status": LineStatus.UNKNOWN.value,
        "intent": "?",
        "medicationCodeableConcept": {"text": "?"},
        "courseOfTherapyType": {"coding": [_COURSES[CourseOfTherapy.ACUTE]]},
        "dispenseRequest": {},
    }


def set_extension(draft: dict[str, Any], url: str, body: dict[str, Any] | None) -> None:
    """The one extension of this url becomes `body`; None takes it away."""
    kept = [extension for extension in (draft.get("extension") or ()) if extension.get("url") != url]
    kept += [{"url": url} | body] if body is not None else []
    set_or_drop(draft, "extension", kept or None)


def part_of_extension(draft: dict[str, Any], url: str) -> dict[str, Any]:
    """The extension of this url, made if it is not there, to set its parts."""
    extensions = draft.get("extension") or []
    for extension in extensions:
        if extension.get("url") == url:
            return dict_of(extension)
    draft["extension"] = [*extensions, {"url": url}]
    return dict_of(draft["extension"][-1])


def part_of(draft: dict[str, Any], key: str) -> dict[str, Any]:
    """The object in a field, made if nothing is there (null and an empty text are nothing)."""
    draft[key] = draft.get(key) or {}
    return dict_of(draft[key])


def dict_of(draft: Any) -> dict[str, Any]:
    """A part of a draft that is an object."""
    assert isinstance(draft, dict)
    return draft


def set_or_drop(draft: dict[str, Any], key: str, value: Any) -> None:
    """The field becomes the value; None takes it away."""
    if value is None:
        draft.pop(key, None)
    else:
        draft[key] = value


def read_line_id(line: Element) -> str:
    """The item number. Raises `Refused` (``fhir.missing``)."""
    value = identifier(line, ITEM_NUMBER)
    if value is None:
        raise missing(line.at("identifier"))
    return value


def _read_id(line: Element, _: Bundle) -> str:
    return read_line_id(line)


def _write_id(draft: dict[str, Any], value: str) -> None:
    for one in draft["identifier"]:
        if one.get("system") == ITEM_NUMBER:
            one["value"] = value


def read_medication(line: Element, bundle: Bundle) -> Coded:
    """The medicine as it was written, in the line or in the Medication it refers to. Raises `Refused`
    (``fhir.missing``)."""
    reference = line.get("medicationReference")
    if reference is None:
        return read_concept(line.need("medicationCodeableConcept"))
    medication = bundle.resolve(reference, within=line)
    if medication is None:
        raise missing(line.at("medicationCodeableConcept"))
    return read_concept(medication.need("code"))


def _write_medication(draft: dict[str, Any], value: Coded) -> None:
    draft.pop("medicationReference", None)
    draft["medicationCodeableConcept"] = write_concept(value)


def _read_dosage(line: Element, _: Bundle) -> Dosage | None:
    return read_dosage(line.each("dosageInstruction"))


def _write_dosage(draft: dict[str, Any], value: Dosage | None) -> None:
    set_or_drop(draft, "dosageInstruction", write_dosage(value) if value else None)


def _read_quantity(line: Element, _: Bundle) -> Quantity | None:
    quantity = line.follow("dispenseRequest", "quantity")
    return read_quantity(quantity) if quantity else None


def _write_quantity(draft: dict[str, Any], value: Quantity | None) -> None:
    set_or_drop(part_of(draft, "dispenseRequest"), "quantity", write_quantity(value) if value else None)


def _read_status(line: Element, _: Bundle) -> LineStatus:
    return member(line.need_text("status"), LineStatus, place=line.at("status"))


def _write_status(draft: dict[str, Any], value: LineStatus) -> None:
    draft["status"] = value.value


def _read_intent(line: Element, _: Bundle) -> str:
    return line.need_text("intent")


def _write_intent(draft: dict[str, Any], value: str) -> None:
    draft["intent"] = value


_COURSES = {
    CourseOfTherapy.ACUTE: {"system": COURSE, "code": "acute", "display": "Short course (acute) therapy"},
    CourseOfTherapy.REPEAT: {
        "system": COURSE, "code": "continuous", "display": "Continuous long term therapy",
    },
    CourseOfTherapy.REPEAT_DISPENSING: {
        "system": COURSE_NHS,
        "code": "continuous-repeat-dispensing",
        "display": "Continuous long term (repeat dispensing)",
    },
}  # fmt: skip


def read_course(line: Element, _: Bundle) -> CourseOfTherapy:
    """Acute, repeat, or repeat dispensing. Raises `Refused`: ``fhir.missing``, ``fhir.code``."""
    coding = line.follow("courseOfTherapyType", "coding")
    if coding is None:
        raise missing(line.at("courseOfTherapyType"))
    course = member(coding.need_text("code"), CourseOfTherapy, place=coding.at("code"))
    if course not in _COURSES:
        raise refuse("fhir.code", f"“{course.value}” is not a course of therapy", place=coding.at("code"))
    return course


def _write_course(draft: dict[str, Any], value: CourseOfTherapy) -> None:
    said = _COURSES.get(value)
    set_or_drop(draft, "courseOfTherapyType", {"coding": [dict(said)]} if said else None)


def _read_substitution(line: Element, _: Bundle) -> bool | None:
    substitution = line.get("substitution")
    return substitution.truth("allowedBoolean") if substitution else None


def _write_substitution(draft: dict[str, Any], value: bool | None) -> None:
    set_or_drop(draft, "substitution", None if value is None else {"allowedBoolean": value})


def _read_days(line: Element, _: Bundle) -> Decimal | None:
    duration = line.follow("dispenseRequest", "expectedSupplyDuration")
    if duration is None:
        return None
    return read_days(duration)


def read_days(duration: Element) -> Decimal:
    """So many days. Raises `Refused`: those of `read_quantity`, ``fhir.supply-duration``."""
    quantity = read_quantity(duration)
    match quantity.unit.code or quantity.unit.text.lower():
        case "d" | "day" | "days":
            return quantity.value
        case "wk" | "week" | "weeks":
            return quantity.value * 7
    raise refuse("fhir.supply-duration", "The supply is meant to last a number of days", place=duration.place)


def _write_days(draft: dict[str, Any], value: Decimal | None) -> None:
    duration = {"value": value, "unit": "day", "system": UCUM, "code": "d"}
    request = part_of(draft, "dispenseRequest")
    set_or_drop(request, "expectedSupplyDuration", None if value is None else duration)


def _read_endorsements(line: Element, _: Bundle) -> tuple[Coded, ...]:
    return tuple(
        read_concept(extension.need("valueCodeableConcept"))
        for extension in line.where("extension", "url", X_ENDORSEMENT)
    )


def _write_endorsements(draft: dict[str, Any], value: tuple[Coded, ...]) -> None:
    set_extension(draft, X_ENDORSEMENT, None)
    written = [{"url": X_ENDORSEMENT, "valueCodeableConcept": write_concept(coded)} for coded in value]
    set_or_drop(draft, "extension", [*(draft.get("extension") or ()), *written] or None)


def _read_controlled(line: Element, _: Bundle) -> ControlledDrugStatement | None:
    statement = line.extension(X_CONTROLLED_DRUG)
    if statement is None:
        return None
    schedule, words = statement.extension("schedule"), statement.extension("quantityWords")
    if schedule is None:
        raise missing(statement.at("schedule"))
    coding = schedule.need("valueCoding")
    if coding.text("system") not in (CONTROLLED_DRUG, None):
        raise refuse("fhir.code", "This is not a list of schedules that we know", place=coding.at("system"))
    return ControlledDrugStatement(
        coding.need_text("code"), (words.text("valueString") or "") if words else ""
    )


def _write_controlled(draft: dict[str, Any], value: ControlledDrugStatement | None) -> None:
    if value is None:
        set_extension(draft, X_CONTROLLED_DRUG, None)
        return
    statement = part_of_extension(draft, X_CONTROLLED_DRUG)
    words = value.quantity_words
    set_extension(statement, "quantityWords", {"valueString": words} if words else None)
    set_extension(statement, "schedule", {"valueCoding": {"system": CONTROLLED_DRUG, "code": value.schedule}})


def _read_repeat(line: Element, _: Bundle) -> RepeatIssue | None:
    told = line.extension(X_REPEAT)
    issued = told.extension("numberOfPrescriptionsIssued") if told else None
    expires = told.extension("authorisationExpiryDate") if told else None
    repeats = _repeats_allowed(line)
    # numberOfRepeatsIssued is not read: the service's own examples count it both from nought and from one.
    found = RepeatIssue(
        issue_number=issued.whole("valueUnsignedInt", least=0) if issued else None,
        issues_allowed=None if repeats is None else repeats + 1,
        authorisation_expires=read_date(expires, "valueDateTime") if expires else None,
    )
    return None if found == RepeatIssue(None, None) else found


def _repeats_allowed(line: Element) -> int | None:
    based_on = line.first("basedOn")
    told = based_on.extension(X_EPS_REPEAT) if based_on else None
    allowed = told.extension("numberOfRepeatsAllowed") if told else None
    request = line.get("dispenseRequest")
    own = request.whole("numberOfRepeatsAllowed", least=0) if request else None
    if allowed is not None:
        key = allowed.one_of("valueInteger", "valueUnsignedInt")
        return allowed.whole(key, least=0) if key else None
    return own


def _write_repeat(draft: dict[str, Any], value: RepeatIssue | None) -> None:
    value = value or RepeatIssue(None, None)
    if value.review_by:
        raise refuse("fhir.review-date", "The service has no field for a review date", place="review_by")
    _write_repeats_allowed(draft, value.issues_allowed)
    told = part_of_extension(draft, X_REPEAT)
    number, expires = value.issue_number, value.authorisation_expires
    set_extension(
        told, "numberOfPrescriptionsIssued", None if number is None else {"valueUnsignedInt": number}
    )
    set_extension(told, "authorisationExpiryDate", {"valueDateTime": _iso(expires)} if expires else None)
    if not told.get("extension"):
        set_extension(draft, X_REPEAT, None)


def _write_repeats_allowed(draft: dict[str, Any], issues: int | None) -> None:
    request = part_of(draft, "dispenseRequest")
    if draft.get("intent") not in ("instance-order", "reflex-order"):
        draft.pop("basedOn", None)
        set_or_drop(request, "numberOfRepeatsAllowed", None if issues is None else issues - 1)
        return
    # A single issue says in its own request that it is not repeated, and in basedOn how many there are.
    set_or_drop(request, "numberOfRepeatsAllowed", None if issues is None else 0)
    draft["basedOn"] = draft.get("basedOn") or [{}]
    based_on = dict_of(draft["basedOn"][0])
    set_extension(
        part_of_extension(based_on, X_EPS_REPEAT),
        "numberOfRepeatsAllowed",
        None if issues is None else {"valueInteger": issues - 1},
    )


def _iso(day: date) -> str:
    return day.isoformat()


def _read_notes(line: Element, _: Bundle) -> tuple[str, ...]:
    return tuple(note.need_text("text") for note in line.each("note"))


def _write_notes(draft: dict[str, Any], value: tuple[str, ...]) -> None:
    set_or_drop(draft, "note", [{"text": note} for note in value] or None)


def _read_status_reason(line: Element, _: Bundle) -> Coded | None:
    reason = line.get("statusReason")
    return read_concept(reason) if reason else None


def _write_status_reason(draft: dict[str, Any], value: Coded | None) -> None:
    set_or_drop(draft, "statusReason", write_concept(value) if value else None)


def _read_reason(line: Element, _: Bundle) -> Coded | None:
    reason = line.first("reasonCode")
    return read_concept(reason) if reason else None


def _write_reason(draft: dict[str, Any], value: Coded | None) -> None:
    set_or_drop(draft, "reasonCode", [write_concept(value)] if value else None)


def _read_dispense_status(line: Element, _: Bundle) -> Coded | None:
    told = line.extension(X_DISPENSING)
    status = told.extension("dispenseStatus") if told else None
    return read_coding(status.need("valueCoding")) if status else None


def _write_dispense_status(draft: dict[str, Any], value: Coded | None) -> None:
    told = part_of_extension(draft, X_DISPENSING)
    set_extension(told, "dispenseStatus", {"valueCoding": write_coding(value)} if value else None)
    if not told.get("extension"):
        set_extension(draft, X_DISPENSING, None)


LINE: tuple[Field, ...] = (
    Field("id", _read_id, _write_id),
    Field("status", _read_status, _write_status),
    Field("status_reason", _read_status_reason, _write_status_reason),
    Field("intent", _read_intent, _write_intent),
    Field("reason", _read_reason, _write_reason),
    Field("medication", read_medication, _write_medication),
    Field("course_of_therapy", read_course, _write_course),
    Field("repeat", _read_repeat, _write_repeat),
    Field("notes", _read_notes, _write_notes),
    Field("dosage", _read_dosage, _write_dosage),
    Field("quantity", _read_quantity, _write_quantity),
    Field("days_supply", _read_days, _write_days),
    Field("substitution_allowed", _read_substitution, _write_substitution),
    Field("endorsements", _read_endorsements, _write_endorsements),
    Field("controlled_drug", _read_controlled, _write_controlled),
    Field("dispense_status", _read_dispense_status, _write_dispense_status),
)
