"""What does a pharmacy claim for a prescription?

A ``Claim``: one item, the prescription, with a detail for each line: what became of it, whether a charge was
paid, its endorsements, and every product that was supplied for it with the number of its dispense. Written
from a `Claim`, and read into one. What may be claimed, and when, is decided elsewhere.

Source: NHSDigital/electronic-prescription-service-api 77e80e11 (MIT, 2026-04-30): the examples of claims,
claim-validator.ts, dispense-claim.ts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import SNOMED, Quantity
from pestle.pharmacy.record.medication import Organisation, Practitioner
from pestle.pharmacy.record.patient import NhsNumber, nhs_number
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.wire.eps.bundle import uuid_identifier
from pestle.wire.eps.codes import (
    Charge,
    Evidence,
    ItemStatus,
    NonDispensingReason,
    PrescriptionStatus,
    coded,
    read_code,
)
from pestle.wire.eps.notification import REIMBURSEMENT_AUTHORITY
from pestle.wire.eps.people import contained, named_once, read_performer, write_performer, write_pharmacy
from pestle.wire.eps.prescription_id import prescription_number
from pestle.wire.eps.repeat import IssueCount, read_issue_count, write_issue_count
from pestle.wire.eps.systems import (
    CHARGE_EXEMPTION,
    CLAIM_LINE,
    CLAIM_TYPE,
    DISPENSE_ITEM_NUMBER,
    DISPENSER_ENDORSEMENT,
    EXEMPTION_EVIDENCE,
    ITEM_STATUS,
    PAYEE_TYPE,
    PRESCRIPTION,
    PRESCRIPTION_CHARGE,
    PRIORITY,
    X_AGENT,
    X_BUSINESS_STATUS,
    X_CLAIM_LINE,
    X_CLAIMED_DISPENSE,
    X_CLAIMED_REQUEST,
    X_GROUP,
    X_REPLACEMENT_OF,
    X_STATUS_REASON,
)
from pestle.wire.fhir.bundle import identifier
from pestle.wire.fhir.datatypes import (
    read_coding,
    read_concept,
    read_instant,
    read_quantity,
    write_coding,
    write_concept,
    write_instant,
    write_quantity,
)
from pestle.wire.fhir.element import Element, missing, root
from pestle.wire.fhir.medication_request import set_extension
from pestle.wire.fhir.people import read_organisation
from pestle.wire.fhir.systems import ITEM_NUMBER, NHS_NUMBER, ODS, ORDER_NUMBER, USER, UUID
from pestle.wire.fhir.tree import Tree, tree

_AUTHORITY = {
    "identifier": {"system": ODS, "value": REIMBURSEMENT_AUTHORITY},
    "display": "NHS BUSINESS SERVICES AUTHORITY",
}
_PRESCRIPTION = Coded("Prescription", SNOMED, "16076005")


@dataclass(frozen=True, slots=True)
class Endorsed:
    """An endorsement of a line, and in `text` what it needs to be paid by, as the payer reads it."""

    code: Coded
    text: str = ""


@dataclass(frozen=True, slots=True)
class ClaimedSupply:
    """A product that was supplied for a line. `dispense_id` is the number under which the dispense
    notification told of it."""

    product: Coded
    quantity: Quantity
    dispense_id: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimedLine:
    """What is claimed for a line. `id` is a UUID of this claim's own; `medication` and `quantity` are what
    was ordered. A line that was not dispensed has a `reason` and no supplies."""

    id: str
    line_id: str
    medication: Coded
    quantity: Quantity
    status: ItemStatus
    charge: Charge
    endorsements: tuple[Endorsed, ...]
    supplies: tuple[ClaimedSupply, ...] = ()
    reason: NonDispensingReason | None = None
    issue: IssueCount | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim for payment of one prescription. `exemption` says why no charge was paid, or that it was;
    `replaces` names an earlier claim that this one amends. `performer` is named as in a notification."""

    message_id: str
    made_at: datetime
    nhs_number: NhsNumber
    prescription_number: str
    prescription_id: str | None
    status: PrescriptionStatus
    exemption: Coded | None
    evidence: Evidence | None
    lines: tuple[ClaimedLine, ...]
    pharmacy: Organisation
    performer: Practitioner
    reason: NonDispensingReason | None = None
    replaces: str | None = None
    issue: IssueCount | None = None


def read_claim(sent: Tree) -> Claim:
    """The claim that a message is.

    Raises `Refused` with all of ``eps.claim-endorsement`` for every line without a dispenser endorsement,
    if only "none" (NDEC); ``eps.claim-one-item``, ``eps.claim-not-final``, ``eps.claim-nothing-supplied``,
    ``eps.line-identifier-repeated``, ``eps.check-character``, and what cannot be read.
    """
    opened = root(sent)
    refusals: list[Refusal] = []
    try:
        refusals += _judge(opened)
        claim = _read(opened)
    except Refused as refused:
        raise Refused(*dict.fromkeys([*refusals, *refused.refusals])) from None
    if refusals:
        raise Refused(*refusals)
    return claim


def write_claim(claim: Claim) -> Tree:
    """The message of a claim, which `read_claim` reads back as the same value."""
    draft: dict[str, Any] = {
        "resourceType": "Claim",
        "contained": [
            write_performer(claim.performer, id="provider", pharmacy="#organisation"),
            write_pharmacy(claim.pharmacy, authority=None) | {"id": "organisation"},
        ],
        "identifier": [uuid_identifier(claim.message_id)],
        "status": "active",
        "type": write_concept(Coded("Pharmacy", CLAIM_TYPE, "pharmacy")),
        "use": "claim",
        "patient": {"identifier": {"system": NHS_NUMBER, "value": claim.nhs_number.digits}},
        "created": write_instant(claim.made_at),
        "provider": {"reference": "#provider"},
        "priority": write_concept(Coded("normal", PRIORITY, "normal")),
        "insurance": [{"sequence": 1, "focal": True, "coverage": _AUTHORITY}],
        "payee": {
            "type": write_concept(Coded("Provider", PAYEE_TYPE, "provider")),
            "party": {"reference": "#organisation"},
        },
        "prescription": _prescription(claim),
        "item": [_item(claim)],
    }
    if claim.replaces:
        set_extension(draft, X_REPLACEMENT_OF, {"valueIdentifier": uuid_identifier(claim.replaces)})
    users = [one for one in claim.performer.identifiers if one.system == USER]
    for user in users:
        agent = {"identifier": {"system": USER, "value": user.text}, "display": claim.performer.name}
        set_extension(draft, X_AGENT, {"valueReference": agent})
    return tree(draft)


def _judge(claim: Element) -> Iterator[Refusal]:
    items = claim.each("item")
    if len(items) != 1 or len(claim.each("insurance")) != 1:
        yield Refusal("eps.claim-one-item", "A claim is for one prescription and one payer", claim.at("item"))
    seen: set[str] = set()
    for detail in (detail for item in items for detail in item.each("detail")):
        if _program(detail, DISPENSER_ENDORSEMENT) is None:
            yield Refusal(
                "eps.claim-endorsement",
                "A claimed item has a dispenser endorsement code, if only NDEC for none",
                detail.at("programCode"),
            )
        status = _one(detail, "modifier", ITEM_STATUS)
        code = read_code(status, ItemStatus) if status else None
        if code is not None and not code.final:
            reason = "A line is claimed when nothing more is to come of it"
            yield Refusal("eps.claim-not-final", reason, detail.at("modifier"))
        if code is ItemStatus.FULLY_DISPENSED and not detail.has("subDetail"):
            reason = "A line that was dispensed says which product was supplied"
            yield Refusal("eps.claim-nothing-supplied", reason, detail.at("subDetail"))
        line = _reference(detail, X_CLAIMED_REQUEST)
        if line is not None and line in seen:
            reason = f"Two details are about the line {line}"
            yield Refusal("eps.line-identifier-repeated", reason, detail.at("extension"))
        seen.add(line or "")


def _read(claim: Element) -> Claim:
    item, made_at = claim.first("item"), read_instant(claim, "created")
    if item is None or made_at is None:
        raise missing(claim.at("item" if item is None else "created"))
    message_id = identifier(claim, UUID)
    if message_id is None:
        raise missing(claim.at("identifier"))
    person = claim.need("patient").need("identifier")
    group = claim.need("prescription").extension(X_GROUP)
    number = _identifier_in(group, "shortForm")
    if number is None:
        raise missing(claim.at("prescription.extension"))
    status = item.extension(X_BUSINESS_STATUS)
    if status is None:
        raise missing(item.at("extension"))
    replaced = claim.extension(X_REPLACEMENT_OF)
    exemption, evidence = _program(item, CHARGE_EXEMPTION), _program(item, EXEMPTION_EVIDENCE)
    return Claim(
        message_id=message_id,
        made_at=made_at,
        nhs_number=nhs_number(person.need_text("value"), place=person.at("value")),
        prescription_number=prescription_number(number, place=claim.at("prescription")),
        prescription_id=_identifier_in(group, "UUID"),
        status=read_code(status.need("valueCoding"), PrescriptionStatus),
        exemption=read_coding(exemption) if exemption else None,
        evidence=read_code(evidence, Evidence) if evidence else None,
        lines=tuple(_read_line(detail) for detail in item.each("detail")),
        pharmacy=read_organisation(contained(claim, claim.need("payee").need("party"))),
        performer=named_once(read_performer(contained(claim, claim.need("provider")))),
        reason=_status_reason(item),
        replaces=replaced.need("valueIdentifier").text("value") if replaced else None,
        issue=read_issue_count(item),
    )


def _read_line(detail: Element) -> ClaimedLine:
    number, line = detail.extension(X_CLAIM_LINE), _reference(detail, X_CLAIMED_REQUEST)
    if number is None or line is None:
        raise missing(detail.at("extension"))
    status, charge = _one(detail, "modifier", ITEM_STATUS), _program(detail, PRESCRIPTION_CHARGE)
    if status is None or charge is None:
        raise missing(detail.at("programCode" if status else "modifier"))
    return ClaimedLine(
        id=number.need("valueIdentifier").need_text("value"),
        line_id=line,
        medication=read_concept(detail.need("productOrService")),
        quantity=read_quantity(detail.need("quantity")),
        status=read_code(status, ItemStatus),
        charge=read_code(charge, Charge),
        endorsements=tuple(
            Endorsed(read_coding(coding), program.text("text") or "")
            for program in detail.each("programCode")
            for coding in program.where("coding", "system", DISPENSER_ENDORSEMENT)
        ),
        supplies=tuple(_read_supply(one) for one in detail.each("subDetail")),
        reason=_status_reason(detail),
        issue=read_issue_count(detail),
    )


def _read_supply(supply: Element) -> ClaimedSupply:
    return ClaimedSupply(
        product=read_concept(supply.need("productOrService")),
        quantity=read_quantity(supply.need("quantity")),
        dispense_id=_reference(supply, X_CLAIMED_DISPENSE),
    )


def _status_reason(element: Element) -> NonDispensingReason | None:
    told = element.extension(X_STATUS_REASON)
    return read_code(told.need("valueCoding"), NonDispensingReason) if told else None


def _program(element: Element, system: str) -> Element | None:
    return _one(element, "programCode", system)


def _one(element: Element, key: str, system: str) -> Element | None:
    """The first coding of one system among the concepts of a field."""
    codings = [one for concept in element.each(key) for one in concept.where("coding", "system", system)]
    return codings[0] if codings else None


def _reference(element: Element, url: str) -> str | None:
    told = element.extension(url)
    return told.need("valueReference").need("identifier").text("value") if told else None


def _identifier_in(group: Element | None, url: str) -> str | None:
    told = group.extension(url) if group else None
    return told.need("valueIdentifier").text("value") if told else None


def _prescription(claim: Claim) -> dict[str, Any]:
    group = [
        {
            "url": "shortForm",
            "valueIdentifier": {"system": ORDER_NUMBER, "value": claim.prescription_number},
        }
    ]
    if claim.prescription_id:
        told = {"system": PRESCRIPTION, "value": claim.prescription_id}
        group.append({"url": "UUID", "valueIdentifier": told})
    written: dict[str, Any] = {"display": "A prescription order"}
    set_extension(written, X_GROUP, {"extension": group})
    return written


def _item(claim: Claim) -> dict[str, Any]:
    item: dict[str, Any] = {"sequence": 1, "productOrService": write_concept(_PRESCRIPTION)}
    set_extension(item, X_BUSINESS_STATUS, {"valueCoding": write_coding(coded(claim.status))})
    _add_reason(item, claim.reason)
    write_issue_count(item, claim.issue)
    item["programCode"] = [{"coding": [write_coding(claim.exemption)]}] if claim.exemption else []
    if claim.evidence:
        item["programCode"].append({"coding": [write_coding(coded(claim.evidence))]})
    if not item["programCode"]:
        del item["programCode"]
    item["detail"] = [_detail(line, place) for place, line in enumerate(claim.lines, start=1)]
    return item


def _detail(line: ClaimedLine, place: int) -> dict[str, Any]:
    detail: dict[str, Any] = {}
    set_extension(detail, X_CLAIM_LINE, {"valueIdentifier": {"system": CLAIM_LINE, "value": line.id}})
    set_extension(detail, X_CLAIMED_REQUEST, _named(ITEM_NUMBER, line.line_id))
    _add_reason(detail, line.reason)
    write_issue_count(detail, line.issue)
    charge = {"coding": [write_coding(coded(line.charge))]}
    detail |= {
        "sequence": place,
        "productOrService": write_concept(line.medication),
        "modifier": [{"coding": [write_coding(coded(line.status))]}],
        "programCode": [charge, *(_endorsement(one) for one in line.endorsements)],
        "quantity": write_quantity(line.quantity),
    }
    if line.supplies:
        detail["subDetail"] = [_supply(one, number) for number, one in enumerate(line.supplies, start=1)]
    return detail


def _endorsement(one: Endorsed) -> dict[str, Any]:
    return {"coding": [write_coding(one.code)]} | ({"text": one.text} if one.text else {})


def _supply(supply: ClaimedSupply, place: int) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if supply.dispense_id:
        set_extension(written, X_CLAIMED_DISPENSE, _named(DISPENSE_ITEM_NUMBER, supply.dispense_id))
    return written | {
        "sequence": place,
        "productOrService": write_concept(supply.product),
        "quantity": write_quantity(supply.quantity),
    }


def _named(system: str, value: str) -> dict[str, Any]:
    return {"valueReference": {"identifier": {"system": system, "value": value}}}


def _add_reason(draft: dict[str, Any], reason: NonDispensingReason | None) -> None:
    if reason:
        set_extension(draft, X_STATUS_REASON, {"valueCoding": write_coding(coded(reason))})
