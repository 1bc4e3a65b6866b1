"""What has arrived, and does it concern a dispenser?

The one entry point for bytes from the service: orders to dispense, a line to cancel, or a message that is
valid and not for us to act on. What is none of these, or breaks a rule, is refused with every reason.

Source: NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from pestle.pharmacy.record.medication import Organisation
from pestle.pharmacy.refusal import Refused, refuse
from pestle.wire.eps import cancellation, dispense_notification, order
from pestle.wire.eps.bundle import event, open_bundle
from pestle.wire.eps.cancellation import Cancellation, read_cancellation, read_response
from pestle.wire.eps.claim import read_claim
from pestle.wire.eps.codes import display
from pestle.wire.eps.dispense_notification import read_notification
from pestle.wire.eps.notification import SupplyNotification
from pestle.wire.eps.order import ReceivedOrder, read_order
from pestle.wire.eps.outcome import read_issues, told
from pestle.wire.eps.release import FAILED, PASSED, FailedPrescription, RefusedOrder, read_release
from pestle.wire.eps.release_request import PARTS, read_release_request
from pestle.wire.eps.task import Returned, Withdrawn, read_task
from pestle.wire.fhir.element import Element, root
from pestle.wire.fhir.tree import Tree, parse


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders to dispense. `kind` is how they came: ``prescription-order`` or ``release-response``.

    `failed` are never dispensed, `refused` break a rule: a person looks at both."""

    kind: str
    orders: tuple[ReceivedOrder, ...]
    failed: tuple[FailedPrescription, ...] = ()
    refused: tuple[RefusedOrder, ...] = ()


@dataclass(frozen=True, slots=True)
class Cancel:
    """A line to cancel."""

    cancellation: Cancellation


@dataclass(frozen=True, slots=True)
class NotForUs:
    """A message of the service that a dispenser does not act on: which kind, and what it is in a sentence.
    `about` is what it tells of a supply, or takes back of it, for the prescriber who hears of it."""

    kind: str
    sentence: str
    about: SupplyNotification | Withdrawn | None = None


Received: TypeAlias = Orders | Cancel | NotForUs


def receive(data: bytes, *, now: datetime) -> Received:
    """What these bytes bring. `now` is an aware moment: a signature must not lie ahead of it.

    Raises `Refused`, and nothing else, on any bytes: the ``fhir.`` and ``eps.`` rules, ``nhs-number.``.
    """
    sent = parse(data)
    match sent.resource_type:
        case "Bundle":
            return _bundle(sent, now)
        case "Parameters":
            return _parameters(sent, now)
        case "Claim":
            claim = read_claim(sent)
            return NotForUs("Claim", f"A claim of {_named(claim.pharmacy)} for {claim.prescription_number}")
        case "Task":
            return _task(sent)
        case "OperationOutcome":
            return NotForUs("OperationOutcome", told(read_issues(root(sent))))
    raise _unknown(sent, f"A {sent.resource_type} is not a message of the service")


def _bundle(sent: Tree, now: datetime) -> Received:
    opened = root(sent)
    if opened.text("type") == "searchset":
        return _search(sent, opened)
    match event(open_bundle(opened)):
        case order.EVENT:
            return Orders(order.EVENT, (read_order(sent, now=now),))
        case cancellation.EVENT:
            return Cancel(read_cancellation(sent, now=now))
        case cancellation.RESPONSE:
            answer = read_response(sent)
            said = f"The answer to a cancellation: {display(answer.outcome)} ({answer.outcome.value})"
            return NotForUs(cancellation.RESPONSE, said)
        case dispense_notification.EVENT:
            supply = read_notification(sent)
            said = f"A dispense notification of {_named(supply.pharmacy)}: what it supplied"
            return NotForUs(dispense_notification.EVENT, said, supply)
        case other:
            raise _unknown(sent, f"“{other}” is not an event that we know")


def _search(sent: Tree, bundle: Element) -> NotForUs:
    kinds = {entry.need("resource").text("resourceType") for entry in bundle.each("entry")}
    if kinds != {"Task"}:
        raise _unknown(sent, "A search result without prescription tasks is not a message of the service")
    return NotForUs("Task search", "The answer to a question to the prescription tracker")


def _parameters(sent: Tree, now: datetime) -> Received:
    names = {part.text("name") for part in root(sent).each("parameter")}
    if names & {PASSED, FAILED}:
        release = read_release(sent, now=now)
        return Orders("release-response", release.orders, release.failed, release.refused)
    if names and names <= PARTS:
        asked = read_release_request(sent)
        what = asked.prescription_number or "everything that nominates it"
        said = f"A request of {_named(asked.pharmacy)} to the service to release {what}"
        return NotForUs("release request", said)
    raise _unknown(sent, "These parameters are neither a release nor the request for one")


def _task(sent: Tree) -> NotForUs:
    taken = read_task(sent)
    number, who = taken.prescription_number, _named(taken.pharmacy)
    if isinstance(taken, Returned):
        said = f"The prescription {number}, returned undispensed by {who}: {display(taken.reason)}"
        return NotForUs("Task", said)
    said = f"What was told of {number}, withdrawn by {who}: {display(taken.reason)}"
    return NotForUs("Task", said, taken)


def _named(pharmacy: Organisation) -> str:
    return pharmacy.name or pharmacy.code


def _unknown(sent: Tree, reason: str) -> Refused:
    return refuse("eps.message-type", reason, place=sent.resource_type)
