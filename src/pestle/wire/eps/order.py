"""What was ordered, and how is an order sent?

A ``prescription-order`` message as a `Prescription`, and back. The parsed tree is kept and the value is a
view of it: writing the value onto its own tree gives an equal tree; a changed field changes itself alone.

Source: NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from pestle.pharmacy.record.medication import Practitioner, Prescription
from pestle.pharmacy.record.patient import Patient
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.wire.eps.bundle import event, open_bundle
from pestle.wire.eps.heading import HEADING
from pestle.wire.eps.rules import ORDER, judge
from pestle.wire.eps.systems import X_RESPONSIBLE
from pestle.wire.fhir.bundle import Bundle
from pestle.wire.fhir.datatypes import read_instant, write_instant
from pestle.wire.fhir.element import Element, missing, root
from pestle.wire.fhir.medication_request import (
    LINE,
    dict_of,
    put,
    read_line,
)
from pestle.wire.fhir.people import read_patient, read_practitioner, write_patient
from pestle.wire.fhir.tree import Tree, thaw, tree

EVENT = "prescription-order"
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ReceivedOrder:
    """An order as sent, and what it says. `message_id` is the sender's identifier of the message."""

    tree: Tree
    prescription: Prescription
    message_id: str | None


def read_order(
    sent: Tree, *, now: datetime, released: bool = False, place: str | None = None
) -> ReceivedOrder:
    """The order that this Bundle is; `place` is where it was found, for the refusals.

    Raises `Refused` with every rule that it breaks: the ``eps.`` rules of rules.py, ``nhs-number.``, and
    the ``fhir.`` rules of what cannot be read.
    """
    bundle = open_bundle(root(sent, place))
    if event(bundle) != EVENT:
        reason = f"This is a {event(bundle)}, not a {EVENT}"
        raise refuse("eps.message-type", reason, place=bundle.header.at("eventCoding"))
    refusals = judge(ORDER, bundle, now=now, released=released)
    try:
        prescription = read_prescription(bundle)
    except Refused as refused:
        raise Refused(*dict.fromkeys(refusals + refused.refusals)) from None
    if refusals:
        raise Refused(*refusals)
    return ReceivedOrder(sent, prescription, bundle.message_id)


def read_prescription(bundle: Bundle) -> Prescription:
    """What the message says, unjudged: an NHS number may be missing, as it may on paper. Raises `Refused`
    with everything that cannot be read."""
    requests = bundle.all("MedicationRequest")
    if not requests:
        raise refuse("eps.no-lines", "The prescription has no lines", place=bundle.root.at("entry"))
    problems: list[Refusal] = []
    lines = [_try(problems, partial(read_line, request, bundle)) for request in requests]
    patient = _try(problems, lambda: _read_patient(bundle))
    prescriber = _try(problems, lambda: _read_role(requests[0].get("requester"), requests[0], bundle))
    rest = _try(problems, lambda: _read_rest(requests[0], bundle))
    if problems or patient is None or prescriber is None or rest is None:
        raise Refused(*dict.fromkeys(problems))
    return Prescription(
        lines=tuple(line for line in lines if line is not None),
        patient=patient,
        prescriber=prescriber,
        **rest,
    )


def write_order(prescription: Prescription, *, onto: Tree) -> Tree:
    """The message with the prescription written onto it: only what differs is changed.

    Raises `Refused` (``eps.rewrite``) when the lines are other lines, or the prescriber is another: that
    is a new order, not a rewritten one.
    """
    bundle = open_bundle(root(onto))
    held = read_prescription(bundle)
    _check_rewrite(held, prescription)
    draft = thaw(onto.root)
    lines = {line.id: line for line in prescription.lines}
    ids = iter([line.id for line in held.lines])
    for entry in draft["entry"]:
        resource = dict_of(entry["resource"])
        match resource.get("resourceType"):
            case "MedicationRequest":
                put(LINE, lines[next(ids)], draft=resource, bundle=bundle)
                put(HEADING, prescription, draft=resource, bundle=bundle)
            case "Patient" if held.patient != prescription.patient:
                resource |= write_patient(prescription.patient)
            case "Provenance" if held.signed_at != prescription.signed_at and prescription.signed_at:
                resource["signature"][0]["when"] = write_instant(prescription.signed_at)
    return tree(draft)


def _check_rewrite(held: Prescription, wanted: Prescription) -> None:
    if [line.id for line in held.lines] != [line.id for line in wanted.lines]:
        raise refuse("eps.rewrite", "The lines are not those of this message", place="lines")
    for name in ("prescriber", "responsible", "notes_to_pharmacy"):
        if getattr(held, name) != getattr(wanted, name):
            raise refuse("eps.rewrite", f"The {name} of a sent order is not rewritten", place=name)
    if held.signed_at and not wanted.signed_at:
        raise refuse("eps.rewrite", "A signed order does not become unsigned", place="signed_at")


def _try(problems: list[Refusal], read: Callable[[], Value]) -> Value | None:
    try:
        return read()
    except Refused as refused:
        problems.extend(refused.refusals)
        return None


def _read_patient(bundle: Bundle) -> Patient:
    patients = bundle.all("Patient")
    if not patients:
        raise missing(bundle.root.at("entry"))
    return read_patient(patients[0])


def _read_role(reference: Element | None, line: Element, bundle: Bundle) -> Practitioner:
    role = bundle.resolve(reference, within=line)
    if role is not None:
        return read_practitioner(role, bundle)
    if reference is None:
        raise missing(line.at("requester"))
    return Practitioner(reference.text("display") or "")


def _read_rest(line: Element, bundle: Bundle) -> dict[str, Any]:
    responsible = line.extension(X_RESPONSIBLE)
    found = {field.name: field.read(line, bundle) for field in HEADING}
    signatures = [one for source in bundle.all("Provenance") for one in source.each("signature")]
    return found | {
        "signed_at": read_instant(signatures[0], "when") if signatures else None,
        "responsible": (
            _read_role(responsible.need("valueReference"), line, bundle) if responsible else None
        ),
        "notes_to_pharmacy": tuple(
            text
            for request in bundle.all("CommunicationRequest")
            for payload in request.each("payload")
            if (text := payload.text("contentString"))
        ),
    }
