"""How is the service told what was dispensed?

A ``dispense-notification`` message: one MedicationDispense a line, each with the order it fulfils and the
person who supplied it inside. Written from a `SupplyNotification`, and read into one.

The status of a MedicationDispense follows FHIR; the service's examples disagree with one another there, and
go by the item status, which is always given. Source: NHSDigital/electronic-prescription-service-api 77e80e11,
examples (MIT, 2026-04-30).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid5

from pestle.pharmacy.record.patient import nhs_number
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.wire.eps.bundle import event, open_bundle, uuid_identifier
from pestle.wire.eps.codes import (
    Code,
    ItemStatus,
    NonDispensingReason,
    PrescriptionStatus,
    coded,
    read_code,
)
from pestle.wire.eps.heading import HEADING, read_heading
from pestle.wire.eps.notification import SuppliedLine, SupplyNotification
from pestle.wire.eps.people import read_authority, write_performer, write_pharmacy
from pestle.wire.eps.prescription_id import prescription_number
from pestle.wire.eps.repeat import issue_count, write_issue_count
from pestle.wire.eps.rules import MOST_LINES, Get, agree, deep, extension_of
from pestle.wire.eps.systems import (
    DISPENSE_ITEM_NUMBER,
    MESSAGE_EVENT,
    MESSAGE_REASON,
    X_BUSINESS_STATUS,
    X_NON_DISPENSING_REASON,
    X_REPLACEMENT_OF,
)
from pestle.wire.fhir.bundle import Bundle, identifier
from pestle.wire.fhir.datatypes import (
    read_concept,
    read_instant,
    read_quantity,
    write_coding,
    write_concept,
    write_instant,
    write_quantity,
)
from pestle.wire.fhir.dosage import read_dosage, write_dosage
from pestle.wire.fhir.element import Element, missing, root
from pestle.wire.fhir.medication_request import (
    LINE,
    blank_line,
    put,
    read_line,
    set_extension,
)
from pestle.wire.fhir.people import read_organisation, read_practitioner
from pestle.wire.fhir.systems import (
    CATEGORY,
    ITEM_NUMBER,
    NHS_NUMBER,
    ODS,
    ORDER_NUMBER,
    ROLE_PROFILE,
)
from pestle.wire.fhir.tree import Tree, tree

EVENT = "dispense-notification"
_DIRECTORY = "https://directory.spineservices.nhs.uk/STU3/Organization/"

# FHIR R4 medicationdispense-status for each item status; nothing is notified of a line still to be dispensed.
_STATUS = {
    ItemStatus.FULLY_DISPENSED: "completed",
    ItemStatus.NOT_DISPENSED: "declined",
    ItemStatus.PARTLY_DISPENSED: "in-progress",
    ItemStatus.OWING: "on-hold",
    ItemStatus.CANCELLED: "cancelled",
    ItemStatus.EXPIRED: "stopped",
}


def write_notification(supply: SupplyNotification) -> Tree:
    """The message of a supply, which `read_notification` reads back as the same value.

    Raises `Refused`: ``eps.item-status`` for a line still to be dispensed, ``eps.non-dispensing-reason`` for
    a line not dispensed without a reason, or with the owings note, which the service does not want.
    """
    for line in supply.lines:
        _check_written(line)
    pharmacy = f"urn:uuid:{uuid5(UUID(supply.message_id), 'organisation')}"
    dispenses = [
        (f"urn:uuid:{line.dispense_id}", _dispense(supply, index, pharmacy))
        for index, line in enumerate(supply.lines)
    ]
    header = _header(supply, [url for url, _ in dispenses])
    resources = [
        (f"urn:uuid:{uuid5(UUID(supply.message_id), 'header')}", header),
        *dispenses,
        (pharmacy, write_pharmacy(supply.pharmacy, authority=supply.reimbursement_authority)),
    ]
    sent = {"timestamp": write_instant(supply.sent_at)} if supply.sent_at else {}
    return tree(
        {"resourceType": "Bundle"}
        | sent
        | {
            "identifier": uuid_identifier(supply.message_id),
            "type": "message",
            "entry": [{"fullUrl": url, "resource": resource} for url, resource in resources],
        }
    )


def read_notification(sent: Tree) -> SupplyNotification:
    """The supply that a message tells.

    Raises `Refused` with all of: ``eps.no-lines``, ``eps.too-many-lines``, ``eps.line-identifier-missing``,
    ``eps.line-identifier-repeated``, ``eps.header-differs``, ``eps.non-dispensing-reason-differs``,
    ``eps.check-character``, and what cannot be read.
    """
    bundle = open_bundle(root(sent))
    if event(bundle) != EVENT:
        raise refuse("eps.message-type", f"This is not a {EVENT}", place=bundle.header.at("eventCoding"))
    refusals: list[Refusal] = []
    try:
        refusals += _judge(bundle)
        supply = _read(bundle)
    except Refused as refused:
        raise Refused(*dict.fromkeys([*refusals, *refused.refusals])) from None
    if refusals:
        raise Refused(*refusals)
    return supply


def _judge(bundle: Bundle) -> Iterator[Refusal]:
    dispenses = bundle.all("MedicationDispense")
    place = bundle.root.at("entry")
    if not dispenses:
        yield Refusal("eps.no-lines", "The notification has no lines", place)
    if len(dispenses) > MOST_LINES:
        yield Refusal("eps.too-many-lines", f"The notification has {len(dispenses)} lines", place)
    yield from _distinct(dispenses, DISPENSE_ITEM_NUMBER)
    yield from _distinct(tuple(_request(dispense) for dispense in dispenses), ITEM_NUMBER)
    yield from agree(tuple(_request(dispense) for dispense in dispenses), _SAME_ORDER)
    yield from agree(dispenses, _SAME_EVENT)
    for refusal in agree(dispenses, _SAME_REASON):
        reason = "All lines give the same reason for a prescription that was not dispensed"
        yield Refusal("eps.non-dispensing-reason-differs", reason, refusal.place)


_SAME_ORDER: tuple[tuple[str, Get], ...] = (("groupIdentifier", deep("groupIdentifier")),)
_SAME_EVENT: tuple[tuple[str, Get], ...] = (
    ("subject.identifier", deep("subject", "identifier")),
    ("whenHandedOver", deep("whenHandedOver")),
    ("extension:taskBusinessStatus", extension_of(X_BUSINESS_STATUS)),
)
_SAME_REASON: tuple[tuple[str, Get], ...] = (
    ("extension:prescriptionNonDispensingReason", extension_of(X_NON_DISPENSING_REASON)),
)


def _distinct(resources: tuple[Element, ...], system: str) -> Iterator[Refusal]:
    seen: set[str] = set()
    for resource in resources:
        value, place = identifier(resource, system), resource.at("identifier")
        if value is None:
            yield Refusal("eps.line-identifier-missing", "The line has no item number", place)
        elif value in seen:
            yield Refusal("eps.line-identifier-repeated", f"Two lines share the number {value}", place)
        seen.add(value or "")


def _request(dispense: Element) -> Element:
    requests = dispense.where("contained", "resourceType", "MedicationRequest")
    if not requests:
        raise missing(dispense.at("contained"))
    return requests[0]


def _read(bundle: Bundle) -> SupplyNotification:
    dispenses = bundle.all("MedicationDispense")
    if not dispenses:
        raise missing(bundle.root.at("entry"))
    first, request = dispenses[0], _request(dispenses[0])
    heading = read_heading(request, bundle)
    prescription_number(heading.number, place=request.at("groupIdentifier.value"))
    subject = first.need("subject")
    person = subject.need("identifier")
    status, handed_over_at = first.extension(X_BUSINESS_STATUS), read_instant(first, "whenHandedOver")
    role = bundle.resolve(first.follow("performer", "actor"), within=first)
    organisations = bundle.all("Organization")
    if status is None:
        raise missing(first.at("extension"))
    if handed_over_at is None:
        raise missing(first.at("whenHandedOver"))
    if role is None:
        raise missing(first.at("performer"))
    if not organisations:
        raise missing(bundle.root.at("entry"))
    replaced = bundle.header.extension(X_REPLACEMENT_OF)
    return SupplyNotification(
        message_id=bundle.root.need("identifier").need_text("value"),
        sent_at=read_instant(bundle.root, "timestamp"),
        in_response_to=bundle.header.need("response").need_text("identifier"),
        heading=heading,
        nhs_number=nhs_number(person.need_text("value"), place=person.at("value")),
        patient_name=subject.text("display") or "",
        prescriber_role=_prescriber_role(request),
        status=read_code(status.need("valueCoding"), PrescriptionStatus),
        lines=tuple(_read_line(dispense, bundle) for dispense in dispenses),
        pharmacy=read_organisation(organisations[0]),
        performer=replace(read_practitioner(role, bundle), organisation=None),
        handed_over_at=handed_over_at,
        reason=_coding(first.extension(X_NON_DISPENSING_REASON), NonDispensingReason),
        replaces=replaced.need("valueIdentifier").text("value") if replaced else None,
        reimbursement_authority=read_authority(organisations[0]),
    )


def _read_line(dispense: Element, bundle: Bundle) -> SuppliedLine:
    kind, reason = dispense.follow("type", "coding"), dispense.follow("statusReasonCodeableConcept", "coding")
    dispense_id = identifier(dispense, DISPENSE_ITEM_NUMBER)
    dosage = read_dosage(dispense.each("dosageInstruction"))
    if kind is None or dispense_id is None or dosage is None:
        absent = "type" if kind is None else "dosageInstruction" if dispense_id else "identifier"
        raise missing(dispense.at(absent))
    return SuppliedLine(
        request=read_line(_request(dispense), bundle),
        dispense_id=dispense_id,
        status=read_code(kind, ItemStatus),
        medication=read_concept(dispense.need("medicationCodeableConcept")),
        quantity=read_quantity(dispense.need("quantity")),
        dosage=dosage,
        reason=read_code(reason, NonDispensingReason) if reason else None,
    )


def _coding(extension: Element | None, codes: type[Code]) -> Code | None:
    return read_code(extension.need("valueCoding"), codes) if extension else None


def _prescriber_role(request: Element) -> str | None:
    named = request.follow("requester", "identifier")
    return named.text("value") if named and named.text("system") == ROLE_PROFILE else None


def _check_written(line: SuppliedLine) -> None:
    place = f"line {line.request.id}"
    if line.status not in _STATUS:
        raise refuse("eps.item-status", "Nothing has become of this line yet", place=place)
    unsaid = line.status is ItemStatus.NOT_DISPENSED and line.reason is None
    if unsaid or line.reason is NonDispensingReason.OWINGS_NOTE:
        reason = "A line that was not dispensed has a reason, and never the owings note"
        raise refuse("eps.non-dispensing-reason", reason, place=place)


def _header(supply: SupplyNotification, focus: list[str]) -> dict[str, Any]:
    header: dict[str, Any] = {"resourceType": "MessageHeader"}
    if supply.replaces:
        set_extension(header, X_REPLACEMENT_OF, {"valueIdentifier": uuid_identifier(supply.replaces)})
    notice = {"system": MESSAGE_REASON, "code": "notification", "display": "Notification"}
    pharmacy = supply.pharmacy
    return header | {
        "eventCoding": {"system": MESSAGE_EVENT, "code": EVENT, "display": "Dispense Notification"},
        "sender": {"identifier": {"system": ODS, "value": pharmacy.code}, "display": pharmacy.name},
        "source": {"endpoint": f"{_DIRECTORY}{pharmacy.code}"},
        "reason": {"coding": [notice]},
        "response": {"identifier": supply.in_response_to, "code": "ok"},
        "focus": [{"reference": url} for url in focus],
    }


def _dispense(supply: SupplyNotification, index: int, pharmacy: str) -> dict[str, Any]:
    line, order = supply.lines[index], f"m{index + 1}"
    dispense: dict[str, Any] = {
        "resourceType": "MedicationDispense",
        "contained": [
            write_performer(supply.performer, id="performer", pharmacy=pharmacy),
            _order(supply, line) | {"id": order},
        ],
    }
    set_extension(dispense, X_BUSINESS_STATUS, {"valueCoding": write_coding(coded(supply.status))})
    write_issue_count(dispense, issue_count(line.request.repeat))
    if supply.reason:
        set_extension(dispense, X_NON_DISPENSING_REASON, {"valueCoding": write_coding(coded(supply.reason))})
    why = {"statusReasonCodeableConcept": write_concept(coded(line.reason))} if line.reason else {}
    return (
        dispense
        | {
            "identifier": [{"system": DISPENSE_ITEM_NUMBER, "value": line.dispense_id}],
            "status": _STATUS[line.status],
        }
        | why
        | {
            "medicationCodeableConcept": write_concept(line.medication),
            "subject": {"type": "Patient"} | _subject(supply),
            "performer": [{"actor": {"reference": "#performer"}}],
            "authorizingPrescription": [{"reference": f"#{order}"}],
            "type": write_concept(coded(line.status)),
            "quantity": write_quantity(line.quantity),
            "whenHandedOver": write_instant(supply.handed_over_at),
            "dosageInstruction": write_dosage(line.dosage),
        }
    )


def _subject(supply: SupplyNotification) -> dict[str, Any]:
    subject: dict[str, Any] = {"identifier": {"system": NHS_NUMBER, "value": supply.nhs_number.digits}}
    return subject | ({"display": supply.patient_name} if supply.patient_name else {})


def _order(supply: SupplyNotification, line: SuppliedLine) -> dict[str, Any]:
    draft = blank_line()
    alone = Bundle(Element({}, "Bundle"), (), {})
    kind = supply.heading.prescription_type
    category = "community" if kind and (kind.code or "").startswith("01") else "outpatient"
    draft["category"] = [{"coding": [{"system": CATEGORY, "code": category, "display": category.title()}]}]
    draft["subject"] = _subject(supply)
    if supply.prescriber_role:
        draft["requester"] = {"identifier": {"system": ROLE_PROFILE, "value": supply.prescriber_role}}
    draft["groupIdentifier"] = {"system": ORDER_NUMBER, "value": supply.heading.number}
    put(LINE, line.request, draft=draft, bundle=alone)
    put(HEADING, supply.heading, draft=draft, bundle=alone)
    return draft
