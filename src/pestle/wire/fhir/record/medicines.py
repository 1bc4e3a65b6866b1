"""How are the four things that a record says of a medicine said in FHIR?

MedicationRequest (somebody ordered it), MedicationStatement (somebody says it is taken), MedicationDispense
(it was supplied), MedicationAdministration (it was given).

Source: FHIR R4 (hl7.org/fhir/R4, 2019); UK Core; GP Connect structured, which has the shape of STU3: what is
alike is read, and the rest is named.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from pestle.pharmacy.dosage.dose import Dosage
from pestle.pharmacy.quantity import UCUM, Quantity
from pestle.pharmacy.record.medication import (
    AdministrationStatus,
    CourseOfTherapy,
    MedicationAdministration,
    MedicationOrder,
    MedicationRequest,
    MedicationStatement,
    MedicationSupply,
    OrderAction,
    RepeatIssue,
    StatementStatus,
)
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.refusal import Refused, refuse
from pestle.wire.fhir.datatypes import (
    given,
    read_date,
    read_instant,
    read_moment,
    read_quantity,
    write_concept,
    write_instant,
    write_moment,
    write_quantity,
)
from pestle.wire.fhir.dosage import write_dosage
from pestle.wire.fhir.element import Element, member, missing
from pestle.wire.fhir.medication_request import LINE, Field, read_course, read_days
from pestle.wire.fhir.record.reading import Reading

# What the order does to the one before it: FHIR says that there is one, not what becomes of it.
X_ORDER_ACTION = "urn:pestle:order-action"
# For which FHIR has no place.
X_WITHHELD_UNTIL = "urn:pestle:withheld-until"
X_REVIEW_BY = "urn:pestle:review-by"
X_LAST_ISSUE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-MedicationStatementLastIssueDate"
_LAST_ISSUE = "MedicationStatementLastIssueDate"
_UNSAID: dict[str, Any] = {
    "course_of_therapy": CourseOfTherapy.UNKNOWN, "notes": (), "endorsements": (),
}  # fmt: skip
_PRESCRIPTION_TYPE = "CareConnect-GPC-PrescriptionType-1"
_GP_CONNECT_COURSES = {
    "acute": CourseOfTherapy.ACUTE,
    "repeat": CourseOfTherapy.REPEAT,
    "repeat-dispensing": CourseOfTherapy.REPEAT_DISPENSING,
}
_BY_HAND = ("id", "medication", "dosage", "reason")


def read_order(resource: Element, reading: Reading) -> MedicationOrder:
    """The order. Raises `Refused`: the ``fhir.`` rules, ``record.do-not-perform``.

    What else it says of the line is taken as far as it can be read; the rest is noted.
    """
    if resource.truth("doNotPerform"):
        raise refuse(
            "record.do-not-perform",
            "This orders that a medicine is not given, which the record cannot hold",
            place=resource.at("doNotPerform"),
        )
    medication = reading.medication(resource)
    said = {field.name: _line_field(field, resource, reading) for field in LINE if field.name not in _BY_HAND}
    reported = resource.truth("reportedBoolean") if resource.has("reportedBoolean") else None
    withheld, review = resource.extension(X_WITHHELD_UNTIL), resource.extension(X_REVIEW_BY)
    if review:
        repeat = said["repeat"] or RepeatIssue(None, None)
        said["repeat"] = replace(repeat, review_by=read_date(review, "valueDate"))
    written, written_at = reading.optional(lambda: read_moment(resource, "authoredOn"), (None, None))
    starts, ends = _validity(resource, reading)
    before = reading.reference_id(resource.get("priorPrescription"), within=resource)
    return MedicationOrder(
        request=MedicationRequest(
            id="",
            medication=medication.written,
            dosage=reading.dosage(resource, "dosageInstruction"),
            reason=reading.concept(resource, "reasonCode"),
            **said,
        ),
        medication=medication,
        provenance=reading.provenance(
            resource, "requester", "recorder", recorded="authoredOn", happened_at=written_at
        ),
        action=_action(resource, before),
        follows=before,
        starts=starts or written,
        ends=ends,
        withheld_until=read_moment(withheld, "valueDateTime")[0] if withheld else None,
        prescribed_elsewhere=bool(reported),
    )


def write_order(order: MedicationOrder) -> dict[str, Any]:
    """The MedicationRequest resource, without id, subject and `priorPrescription`."""
    request, review = order.request, None
    if request.repeat and request.repeat.review_by:
        review, repeat = request.repeat.review_by, replace(request.repeat, review_by=None)
        request = replace(request, repeat=None if repeat == RepeatIssue(None, None) else repeat)
    draft: dict[str, Any] = {"resourceType": "MedicationRequest"}
    for field in LINE:
        value = getattr(request, field.name)
        if field.name not in _BY_HAND and value != _UNSAID.get(field.name):
            field.write(draft, value)
    dispense = draft.pop("dispenseRequest", {}) | given(validityPeriod=_period(order.starts, order.ends))
    new = order.action is OrderAction.NEW
    said: list[dict[str, Any]] = [] if new else [{"url": X_ORDER_ACTION, "valueCode": order.action.value}]
    if review:
        said.append({"url": X_REVIEW_BY, "valueDate": review.isoformat()})
    if order.withheld_until:
        said.append({"url": X_WITHHELD_UNTIL, "valueDateTime": write_moment(order.withheld_until, None)})
    return draft | given(
        medicationCodeableConcept=write_concept(request.medication),
        reasonCode=[write_concept(request.reason)] if request.reason else None,
        dosageInstruction=_write_dosage(request.dosage),
        dispenseRequest=dispense or None,
        extension=[*draft.get("extension", ()), *said] or None,
        reportedBoolean=order.prescribed_elsewhere or None,
    )


def read_statement(resource: Element, reading: Reading) -> MedicationStatement:
    """The statement. Raises `Refused`: the ``fhir.`` rules."""
    status = member(resource.need_text("status"), StatementStatus, place=resource.at("status"))
    # STU3, and with it GP Connect, says apart from the status whether it is taken.
    if resource.has("taken") and resource.text("taken") == "n":
        status = StatementStatus.NOT_TAKEN
    starts, starts_at = reading.start(resource, "effective")
    issued = [one for one in resource.each("extension") if _last_issue(one)]
    return MedicationStatement(
        id="",
        medication=reading.medication(resource),
        provenance=reading.provenance(
            resource, "informationSource", recorded="dateAsserted", happened_at=starts_at
        ),
        status=status,
        dosage=reading.dosage(resource, "dosage"),
        starts=starts,
        ends=reading.end(resource, "effective"),
        last_issued=reading.optional(lambda: read_moment(issued[0], "valueDateTime")[0], None)
        if issued
        else None,
        reason=reading.concept(resource, "reasonCode"),
    )


def write_statement(statement: MedicationStatement) -> dict[str, Any]:
    """The MedicationStatement resource, without id and subject."""
    issued = statement.last_issued
    return {"resourceType": "MedicationStatement", "status": statement.status.value} | given(
        extension=[{"url": X_LAST_ISSUE, "valueDateTime": str(issued)}] if issued else None,
        medicationCodeableConcept=write_concept(statement.medication.written),
        effectivePeriod=_period(statement.starts, statement.ends),
        reasonCode=[write_concept(statement.reason)] if statement.reason else None,
        dosage=_write_dosage(statement.dosage),
    )


def read_supply(resource: Element, reading: Reading) -> MedicationSupply:
    """The supply. Raises `Refused`: the ``fhir.`` rules, ``record.not-supplied`` for one that did not happen.

    Where the day of the hand-out is not told, the day on which it was made ready stands for it.
    """
    status = resource.need_text("status")
    if status not in ("completed", "unknown"):
        reason = f"The supply is {status}: nothing was handed out"
        raise refuse("record.not-supplied", reason, place=resource.at("status"))
    when = "whenHandedOver" if resource.has("whenHandedOver") else "whenPrepared"
    on = read_date(resource, when)
    if on is None:
        raise missing(resource.at("whenHandedOver"))
    at = read_instant(resource, when) if "T" in resource.need_text(when) else None
    return MedicationSupply(
        id="",
        medication=reading.medication(resource),
        provenance=reading.provenance(resource, "performer", recorded=when, happened_at=at),
        on=on,
        quantity=reading.optional(lambda: _quantity(resource, "quantity"), None),
        days_supply=reading.optional(lambda: _days(resource), None),
        order=reading.reference_id(resource.first("authorizingPrescription"), within=resource),
    )


def write_supply(supply: MedicationSupply) -> dict[str, Any]:
    """The MedicationDispense resource, without id, subject and the order it answers."""
    days = supply.days_supply
    return {"resourceType": "MedicationDispense", "status": "completed"} | given(
        medicationCodeableConcept=write_concept(supply.medication.written),
        quantity=write_quantity(supply.quantity) if supply.quantity else None,
        daysSupply=None if days is None else {"value": days, "unit": "day", "system": UCUM, "code": "d"},
        whenHandedOver=supply.on.isoformat(),
    )


def read_administration(resource: Element, reading: Reading) -> MedicationAdministration:
    """The dose given, or not. Raises `Refused`: the ``fhir.`` rules, such as of a day without a time."""
    which = resource.one_of("effectiveDateTime", "effectivePeriod")
    holder = resource if which != "effectivePeriod" else resource.need(which)
    key = "effectiveDateTime" if which != "effectivePeriod" else "start"
    at = read_instant(holder, key)
    if at is None:
        raise missing(holder.at(key))
    dosage = resource.get("dosage")
    return MedicationAdministration(
        id="",
        medication=reading.medication(resource),
        provenance=reading.provenance(resource, "performer", happened_at=at),
        status=member(resource.need_text("status"), AdministrationStatus, place=resource.at("status")),
        at=at,
        dose=reading.optional(lambda: _quantity(dosage, "dose"), None) if dosage else None,
        order=reading.reference_id(resource.get("request"), within=resource),
        reason=reading.concept(resource, "statusReason") or reading.concept(resource, "reasonCode"),
    )


def write_administration(given_: MedicationAdministration) -> dict[str, Any]:
    """The MedicationAdministration resource, without id, subject and the order it answers."""
    reason = [write_concept(given_.reason)] if given_.reason else None
    not_done = given_.status is AdministrationStatus.NOT_DONE
    return {"resourceType": "MedicationAdministration", "status": given_.status.value} | given(
        statusReason=reason if not_done else None,
        medicationCodeableConcept=write_concept(given_.medication.written),
        effectiveDateTime=write_instant(given_.at),
        reasonCode=None if not_done else reason,
        dosage={"dose": write_quantity(given_.dose)} if given_.dose else None,
    )


def _line_field(field: Field, resource: Element, reading: Reading) -> Any:
    otherwise = _UNSAID.get(field.name)
    if field.name in ("status", "intent"):
        return field.read(resource, reading.bundle)
    if field.name == "course_of_therapy":
        return _course(resource, reading)
    return reading.optional(lambda: field.read(resource, reading.bundle), otherwise)


def _course(resource: Element, reading: Reading) -> CourseOfTherapy:
    """Acute or repeat, as R4 says it, or as GP Connect does."""
    if resource.has("courseOfTherapyType"):
        told = reading.optional(lambda: read_course(resource, reading.bundle), CourseOfTherapy.UNKNOWN)
        _says_again(reading.optional(lambda: resource.follow("courseOfTherapyType", "coding"), None))
        return told
    for extension in resource.each("extension"):
        if str(extension.peek("url")).endswith(_PRESCRIPTION_TYPE):
            coding = extension.follow("valueCodeableConcept", "coding")
            course = _GP_CONNECT_COURSES.get(coding.text("code") or "") if coding else None
            if course is not None:
                extension.text("url")
                _says_again(coding)
                return course
    return CourseOfTherapy.UNKNOWN


def _says_again(coding: Element | None) -> None:
    """Which list a closed code is from, and how it is displayed, say the code again."""
    if coding is not None:
        coding.text("system"), coding.text("display")


def _action(resource: Element, before: str | None) -> OrderAction:
    if before is None:
        return OrderAction.NEW
    said = resource.extension(X_ORDER_ACTION)
    action = said.code("valueCode", OrderAction) if said else None
    if action not in (None, OrderAction.NEW):
        return action
    # FHIR says only that this one replaces the other.
    return OrderAction.REVISE


def _validity(resource: Element, reading: Reading) -> tuple[PartialDate | None, PartialDate | None]:
    period = reading.optional(lambda: resource.follow("dispenseRequest", "validityPeriod"), None)
    if period is None:
        return None, None
    return (
        reading.optional(lambda: read_moment(period, "start")[0], None),
        reading.optional(lambda: read_moment(period, "end")[0], None),
    )


def _period(starts: PartialDate | None, ends: PartialDate | None) -> dict[str, Any] | None:
    return given(start=write_moment(starts, None), end=write_moment(ends, None)) or None


def _write_dosage(dosage: Dosage | None) -> list[dict[str, Any]] | None:
    """The instruction; of one that R4 cannot say, its words."""
    if dosage is None:
        return None
    try:
        return write_dosage(dosage)
    except Refused:
        return [{"text": dosage.text}] if dosage.text else None


def _last_issue(extension: Element) -> bool:
    url = extension.peek("url")
    return (
        isinstance(url, str) and url.removesuffix("-1").endswith(_LAST_ISSUE) and bool(extension.text("url"))
    )


def _quantity(holder: Element, key: str) -> Quantity | None:
    quantity = holder.get(key)
    return read_quantity(quantity) if quantity else None


def _days(resource: Element) -> Decimal | None:
    quantity = resource.get("daysSupply")
    return read_days(quantity) if quantity else None
