"""Requests as FHIR: what a proposal says, and what is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.reconciliation_cases import names

from pestle.pharmacy.practice.request_sheet import Asked, Unread
from pestle.pharmacy.refusal import Refused
from pestle.wire.fhir.request import read_requests

NHS = "https://fhir.nhs.uk/Id/nhs-number"
AMLODIPINE = {"coding": [{"system": "http://snomed.info/sct", "code": "39732011000001102"}],
              "text": "Amlodipine 5mg tablets"}  # fmt: skip


def proposal(**more: Any) -> dict[str, Any]:
    """A MedicationRequest that asks for amlodipine for the patient with the NHS number 9434765919."""
    return {
        "resourceType": "MedicationRequest", "id": "a", "status": "active", "intent": "proposal",
        "subject": {"identifier": {"system": NHS, "value": "9434765919"}},
        "medicationCodeableConcept": AMLODIPINE, "authoredOn": "2026-11-30",
        "requester": {"display": "Rose Court"}, **more,
    }  # fmt: skip


def bundle(*resources: dict[str, Any], kind: str = "collection") -> bytes:
    entries = [{"fullUrl": f"urn:{number}", "resource": one} for number, one in enumerate(resources)]
    return json.dumps({"resourceType": "Bundle", "type": kind, "entry": entries}).encode()


def test_a_proposal_alone_and_in_a_bundle_with_its_patient() -> None:
    mary = {"resourceType": "Patient", "identifier": [{"system": NHS, "value": "9434765919"}],
            "name": [{"family": "O'Brien", "given": ["Mary"]}], "birthDate": "1941-03-02"}  # fmt: skip
    more = {
        "subject": {"reference": "urn:1"},
        "dispenseRequest": {"quantity": {"value": 28, "unit": "tablet"}},
        "priorPrescription": {"identifier": {
            "system": "https://fhir.nhs.uk/Id/prescription-order-item-number", "value": "item-1"}},
        "note": [{"text": "going away"}],
    }  # fmt: skip
    (alone,) = read_requests(json.dumps(proposal()).encode(), names()).rows
    received = read_requests(bundle(proposal(**more), mary), names())
    (row,) = received.rows
    assert isinstance(alone, Asked)
    assert isinstance(row, Asked)
    assert received.requester == "Rose Court"
    assert alone.number == row.number
    assert row.line.product is not None
    assert row.line.product == alone.line.product
    assert (row.person, str(row.born), row.quantity) == ("Mary O'Brien", "1941-03-02", "28 tablet")
    assert (row.prior, row.verbatim) == ("item-1", "Amlodipine 5mg tablets; 28 tablet; going away")
    assert row.place == "Bundle.entry[0].resource"


UNREAD = [
    ({"intent": "order"}, "request.intent"),
    ({"status": "cancelled"}, "request.status"),
    ({"doNotPerform": True}, "request.not-to-do"),
    ({"modifierExtension": [{"url": "x"}]}, "fhir.modifier"),
    ({"authoredOn": None}, "fhir.missing"),
    ({"subject": {"display": "Mary"}}, "fhir.missing"),
    ({"subject": {"reference": "urn:9"}}, "fhir.reference"),
    ({"subject": {"identifier": {"system": NHS, "value": "9434765918"}}}, "nhs-number.check-digit"),
    ({"medicationCodeableConcept": AMLODIPINE | {"text": "Warfarin 5mg tablets"}}, "request.code-and-words"),
    (
        {"medicationCodeableConcept": AMLODIPINE | {"text": "Amlodipine 10mg tablets"}},
        "request.code-and-words",
    ),
    ({"medicationCodeableConcept": None}, "fhir.missing"),
    ({"dispenseRequest": {"quantity": {"value": 28, "comparator": "<"}}}, "fhir.comparator"),
]


@pytest.mark.parametrize(("more", "rule"), UNREAD)
def test_one_that_cannot_be_read_is_given_back_and_the_others_go_on(more: dict[str, Any], rule: str) -> None:
    first, second = read_requests(bundle(proposal(**more), proposal(id="b")), names()).rows
    assert isinstance(first, Unread)
    assert (first.place, first.why.rule) == ("Bundle.entry[0].resource", rule)
    assert isinstance(second, Asked)


def test_what_else_a_bundle_holds_is_told() -> None:
    rows = read_requests(bundle({"resourceType": "Observation"}, proposal()), names()).rows
    assert [one.why.rule for one in rows if isinstance(one, Unread)] == ["request.not-read"]


REFUSED = [
    (b"{", "fhir.not-json"),
    (b'{"resourceType": "Patient"}', "request.not-fhir"),
    (bundle(proposal(), kind="searchset"), "request.bundle-type"),
    (bundle({"resourceType": "Patient"}), "request.none"),
]


@pytest.mark.parametrize(("data", "rule"), REFUSED)
def test_what_is_no_request_as_a_whole_is_refused(data: bytes, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        read_requests(data, names())
    assert refused.value.rule == rule
