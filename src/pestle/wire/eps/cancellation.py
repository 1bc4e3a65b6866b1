"""Which line does a prescriber take back, and what is the answer?

A ``prescription-order-update`` cancels one line. Whether it can still be cancelled is decided elsewhere; the
answer is written here: a ``prescription-order-response`` message, or an OperationOutcome.

Source: NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30), R-0001 to R-5888.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from pestle.pharmacy.record.medication import MedicationRequest, Organisation, Practitioner
from pestle.pharmacy.record.patient import NhsNumber, Patient
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.wire.eps.bundle import event, open_bundle, uuid_identifier
from pestle.wire.eps.codes import CancellationOutcome, CancellationReason, coded, display, read_code
from pestle.wire.eps.heading import Heading, read_heading
from pestle.wire.eps.people import PHARMACY, read_patient
from pestle.wire.eps.prescription_id import prescription_number
from pestle.wire.eps.rules import Judged, Rule, judge, line_identifiers, number_is_right, patient_is_known
from pestle.wire.eps.systems import (
    MESSAGE_EVENT,
    STATUS_HISTORY,
    X_DISPENSING_PERFORMER,
    X_MESSAGE_ID,
    X_STATUS_HISTORY,
)
from pestle.wire.fhir.bundle import Bundle, ods_code
from pestle.wire.fhir.datatypes import write_coding, write_instant
from pestle.wire.fhir.element import missing, root
from pestle.wire.fhir.medication_request import (
    part_of,
    part_of_extension,
    read_line,
    read_line_id,
    set_extension,
)
from pestle.wire.fhir.people import (
    read_practitioner,
    write_organisation,
    write_person,
    write_role,
)
from pestle.wire.fhir.systems import ODS
from pestle.wire.fhir.tree import Tree, thaw, tree

EVENT = "prescription-order-update"
RESPONSE = "prescription-order-response"


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The wish to cancel one line. `line` is the line as the cancelling message repeats it."""

    tree: Tree
    message_id: str | None
    heading: Heading
    line: MedicationRequest
    reason: CancellationReason
    patient: Patient
    requested_by: Practitioner
    sender_code: str | None

    @property
    def prescription_number(self) -> str:
        """The number of the prescription that holds the line."""
        return self.heading.number

    @property
    def line_id(self) -> str:
        """The item number of the line."""
        return self.line.id

    @property
    def nhs_number(self) -> NhsNumber:
        """Whose line it is; a cancellation without a valid number is refused."""
        assert self.patient.nhs_number is not None
        return self.patient.nhs_number


@dataclass(frozen=True, slots=True)
class CancellationAnswer:
    """What became of a cancellation, as an answer says it."""

    outcome: CancellationOutcome
    prescription_number: str
    line_id: str


def read_cancellation(sent: Tree, *, now: datetime) -> Cancellation:
    """The cancellation that this message is.

    Raises `Refused` with all of ``eps.cancel-one-line``, ``eps.cancel-status``, ``eps.cancel-reason``,
    ``eps.line-identifier-missing``, ``eps.check-character``, ``nhs-number.``, and what cannot be read.
    """
    bundle = open_bundle(root(sent))
    if event(bundle) != EVENT:
        raise refuse("eps.message-type", f"This is not a {EVENT}", place=bundle.header.at("eventCoding"))
    refusals = judge(CANCELLATION, bundle, now=now, released=False)
    try:
        cancellation = _read(sent, bundle)
    except Refused as refused:
        raise Refused(*dict.fromkeys(refusals + refused.refusals)) from None
    if refusals:
        raise Refused(*refusals)
    return cancellation


def cancellation_response(
    cancellation: Cancellation,
    *,
    outcome: CancellationOutcome,
    message_id: str,
    at: datetime,
    sender: Organisation,
    dispenser: Practitioner | None = None,
    text: str | None = None,
) -> Tree:
    """The answer to a cancellation: a message, or for R-0008, R-0009, R-5000 and R-5888 an OperationOutcome.

    `dispenser` is who holds the prescription, to be telephoned; `text` says more where an OperationOutcome
    is sent. `message_id` is a UUID; the ids of added resources follow from it.
    """
    if outcome.issue:
        return _outcome(outcome, text)
    ids = UUID(message_id)
    entries = [
        entry
        for entry in thaw(cancellation.tree.root)["entry"]
        if entry["resource"].get("resourceType") not in ("MessageHeader", "Provenance")
    ]
    line = next(one for one in entries if one["resource"].get("resourceType") == "MedicationRequest")
    _answer_line(line["resource"], outcome, at)
    if dispenser:
        entries += _add_dispenser(line["resource"], dispenser, ids)
    focus = [{"reference": line["fullUrl"]}]
    header = _response_header(cancellation, message_id, sender, focus)
    return tree(
        {
            "resourceType": "Bundle",
            "type": "message",
            "identifier": uuid_identifier(message_id),
            "timestamp": write_instant(at),
            "entry": [{"fullUrl": f"urn:uuid:{uuid5(ids, 'header')}", "resource": header}, *entries],
        }
    )


def read_response(sent: Tree) -> CancellationAnswer:
    """What became of a cancellation. Raises `Refused`: ``eps.message-type``, ``fhir.missing``, ``fhir.code``,
    ``eps.check-character``."""
    bundle = open_bundle(root(sent))
    lines = bundle.all("MedicationRequest")
    if event(bundle) != RESPONSE or len(lines) != 1:
        raise refuse(
            "eps.message-type", f"A {RESPONSE} is about one line", place=bundle.header.at("eventCoding")
        )
    history = lines[0].extension(X_STATUS_HISTORY)
    status = history.extension("status") if history else None
    if status is None:
        raise missing(lines[0].at("extension"))
    group = lines[0].need("groupIdentifier")
    return CancellationAnswer(
        read_code(status.need("valueCoding"), CancellationOutcome),
        prescription_number(group.need_text("value"), place=group.at("value")),
        read_line_id(lines[0]),
    )


def one_line(judged: Judged) -> Iterator[Refusal]:
    """A cancellation is about one line."""
    if len(judged.lines) != 1:
        yield Refusal(
            "eps.cancel-one-line",
            f"A cancellation is about one line; this one holds {len(judged.lines)}",
            judged.bundle.root.at("entry"),
        )


def status_is_cancelled(judged: Judged) -> Iterator[Refusal]:
    """The line that is taken back says cancelled."""
    for line in judged.lines:
        if line.text("status") != "cancelled":
            yield Refusal("eps.cancel-status", "The line is not marked as cancelled", line.at("status"))


def reason_is_given(judged: Judged) -> Iterator[Refusal]:
    """A cancellation says why, by one of the service's reasons."""
    for line in judged.lines:
        coding = line.follow("statusReason", "coding")
        code = coding.text("code") if coding else None
        if code not in {reason.value for reason in CancellationReason}:
            reason = "A cancellation gives one of the service's reasons, 0001 to 0009"
            yield Refusal("eps.cancel-reason", reason, line.at("statusReason"))


CANCELLATION: tuple[Rule, ...] = (
    one_line,
    line_identifiers,
    status_is_cancelled,
    reason_is_given,
    number_is_right,
    patient_is_known,
)


def _read(sent: Tree, bundle: Bundle) -> Cancellation:
    lines, patients = bundle.all("MedicationRequest"), bundle.all("Patient")
    if not lines or not patients:
        raise missing(bundle.root.at("entry"))
    line = lines[0]
    role = bundle.resolve(line.get("requester"), within=line)
    reason = line.follow("statusReason", "coding")
    if role is None or reason is None:
        raise missing(line.at("statusReason" if role else "requester"))
    return Cancellation(
        tree=sent,
        message_id=bundle.message_id,
        heading=read_heading(line, bundle),
        line=read_line(line, bundle),
        reason=read_code(reason, CancellationReason),
        patient=read_patient(patients[0]),
        requested_by=read_practitioner(role, bundle),
        sender_code=ods_code(bundle.header.get("sender")),
    )


def _outcome(outcome: CancellationOutcome, text: str | None) -> Tree:
    coding = {"system": STATUS_HISTORY, "code": outcome.value, "display": text or display(outcome)}
    issue = {"severity": "error", "code": outcome.issue, "details": {"coding": [coding]}}
    return tree({"resourceType": "OperationOutcome", "issue": [issue]})


def _answer_line(resource: dict[str, Any], outcome: CancellationOutcome, at: datetime) -> None:
    assert outcome.line_status is not None
    resource["status"] = outcome.line_status.value
    history = part_of_extension(resource, X_STATUS_HISTORY)
    set_extension(history, "status", {"valueCoding": write_coding(coded(outcome))})
    set_extension(history, "statusDate", {"valueDateTime": write_instant(at)})


def _add_dispenser(resource: dict[str, Any], dispenser: Practitioner, ids: UUID) -> list[dict[str, Any]]:
    role, person, place = (f"urn:uuid:{uuid5(ids, name)}" for name in ("role", "person", "organisation"))
    organisation = dispenser.organisation
    performer: dict[str, Any] = {}
    set_extension(performer, X_DISPENSING_PERFORMER, {"valueReference": {"reference": role}})
    added = [
        (role, write_role(dispenser, person=person, organisation=place if organisation else None)),
        (person, write_person(dispenser)),
    ]
    if organisation:
        performer |= {"identifier": {"system": ODS, "value": organisation.code}, "display": organisation.name}
        added.append((place, write_organisation(organisation, kind=PHARMACY)))
    part_of(resource, "dispenseRequest")["performer"] = performer
    return [{"fullUrl": url, "resource": one} for url, one in added]


def _response_header(
    cancellation: Cancellation, message_id: str, sender: Organisation, focus: list[dict[str, Any]]
) -> dict[str, Any]:
    header: dict[str, Any] = {"resourceType": "MessageHeader"}
    set_extension(header, X_MESSAGE_ID, {"valueIdentifier": uuid_identifier(message_id)})
    header["eventCoding"] = {
        "system": MESSAGE_EVENT, "code": RESPONSE, "display": "Prescription Order Response",
    }  # fmt: skip
    if cancellation.sender_code:
        receiver = {"identifier": {"system": ODS, "value": cancellation.sender_code}}
        endpoint = f"urn:nhs-uk:addressing:ods:{cancellation.sender_code}"
        header["destination"] = [{"endpoint": endpoint, "receiver": receiver}]
    header["sender"] = {"identifier": {"system": ODS, "value": sender.code}, "display": sender.name}
    header["source"] = {"name": sender.name, "endpoint": f"urn:nhs-uk:addressing:ods:{sender.code}"}
    if cancellation.message_id:
        header["response"] = {"identifier": cancellation.message_id, "code": "ok"}
    return header | {"focus": focus}
