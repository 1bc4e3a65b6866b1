"""Which prescriptions did the service release to us, and which must never be dispensed?

A release response is `Parameters` with ``passedPrescriptions`` and ``failedPrescriptions``. A failed one
(its signature is invalid, say) is for a person to know of, never to dispense. One released prescription that
breaks a rule does not hold up the others: it is refused by itself.

Source: NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pestle.pharmacy.record.medication import Prescription
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.wire.eps.bundle import open_bundle
from pestle.wire.eps.order import ReceivedOrder, read_order, read_prescription
from pestle.wire.eps.outcome import Issue, read_issues
from pestle.wire.eps.systems import X_ABOUT_PRESCRIPTION, X_MESSAGE_ID, X_SPINE_MESSAGE_ID
from pestle.wire.fhir.bundle import Bundle
from pestle.wire.fhir.element import Element, root
from pestle.wire.fhir.tree import Tree

PASSED = "passedPrescriptions"
FAILED = "failedPrescriptions"


@dataclass(frozen=True, slots=True)
class FailedPrescription:
    """A prescription that the service did not pass, and why. Never to be dispensed.

    `prescription` is what its message says, unjudged; None when there is no message or it cannot be read.
    """

    issues: tuple[Issue, ...]
    tree: Tree | None
    prescription: Prescription | None
    place: str


@dataclass(frozen=True, slots=True)
class RefusedOrder:
    """A prescription that the service passed and that breaks a rule all the same: kept whole for a person."""

    tree: Tree
    refusals: tuple[Refusal, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Release:
    """What a release response brought."""

    orders: tuple[ReceivedOrder, ...]
    failed: tuple[FailedPrescription, ...]
    refused: tuple[RefusedOrder, ...]


def read_release(sent: Tree, *, now: datetime) -> Release:
    """What the response brings.

    Raises `Refused`: ``eps.release-part`` for a part that is neither passed nor failed, and the ``fhir.``
    rules.
    """
    orders: list[ReceivedOrder] = []
    refused: list[RefusedOrder] = []
    failed: list[FailedPrescription] = []
    for part in root(sent).each("parameter"):
        name = part.text("name")
        if name not in (PASSED, FAILED):
            raise refuse("eps.release-part", f"“{name}” is neither passed nor failed", place=part.at("name"))
        found = tuple(_resource(entry) for entry in part.need("resource").each("entry"))
        if name == FAILED:
            failed += _failed(found)
            continue
        for element in found:
            one = _passed(element, now)
            orders += [one] if isinstance(one, ReceivedOrder) else []
            refused += [one] if isinstance(one, RefusedOrder) else []
    return Release(tuple(orders), tuple(failed), tuple(refused))


def _resource(entry: Element) -> Element:
    # The service's own example of a failed prescription puts the resource in the place of the entry.
    return entry if entry.has("resourceType") else entry.need("resource")


def _passed(element: Element, now: datetime) -> ReceivedOrder | RefusedOrder:
    own = Tree(element.node)
    try:
        return read_order(own, now=now, released=True, place=element.place)
    except Refused as refused:
        return RefusedOrder(own, refused.refusals, element.place)


def _failed(found: tuple[Element, ...]) -> list[FailedPrescription]:
    outcomes = [element for element in found if element.text("resourceType") == "OperationOutcome"]
    orders = [element for element in found if element not in outcomes]
    failed = []
    for order in orders:
        ids = _ids(order)
        about = [outcome for outcome in outcomes if _about(outcome) in ids]
        if not about and len(orders) == len(outcomes) == 1:
            about = outcomes[:]
        outcomes = [outcome for outcome in outcomes if outcome not in about]
        failed.append(_failure(order, tuple(about)))
    return failed + [_failure(None, (outcome,)) for outcome in outcomes]


def _failure(order: Element | None, about: tuple[Element, ...]) -> FailedPrescription:
    place = (order or about[0]).place
    issues = tuple(issue for outcome in about for issue in read_issues(outcome))
    if order is None:
        return FailedPrescription(issues, None, None, place)
    return FailedPrescription(issues, Tree(order.node), _read_anyhow(order), place)


def _read_anyhow(order: Element) -> Prescription | None:
    try:
        return read_prescription(open_bundle(order))
    except Refused:
        return None


def _about(outcome: Element) -> str | None:
    extension = outcome.extension(X_ABOUT_PRESCRIPTION)
    identifier = extension.follow("valueReference", "identifier") if extension else None
    return identifier.text("value") if identifier else None


def _ids(order: Element) -> frozenset[str]:
    try:
        bundle = open_bundle(order)
    except Refused:
        return frozenset()
    found = [bundle.message_id, *(_header_id(bundle, url) for url in (X_MESSAGE_ID, X_SPINE_MESSAGE_ID))]
    return frozenset(one for one in found if one)


def _header_id(bundle: Bundle, url: str) -> str | None:
    extension = bundle.header.extension(url)
    identifier = extension.get("valueIdentifier") if extension else None
    return identifier.text("value") if identifier else None
