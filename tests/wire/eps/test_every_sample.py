"""What do we say to every example message of the service?

One row for each file: its number, and the outcome in words. `now` is the message's own signature time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pestle.pharmacy.record.medication import LineStatus
from pestle.pharmacy.refusal import Refused
from pestle.wire.eps.codes import display
from pestle.wire.eps.receive import Cancel, NotForUs, Orders, Received, receive

OUTCOMES = {
    # 001: another patient than 006, under the same number.
    "001": "ORDER 24F5DA-A83008-7EFE6Z, 4 lines",
    # 003: no item of the claim has a dispenser endorsement.
    "003": "REFUSED eps.claim-endorsement",
    "004": "ORDER 62DB25-A83008-5CBA2Z, 4 lines",
    "006": "ORDER 24F5DA-A83008-7EFE6Z, 4 lines",
    "007": "ORDER C3A429-A83008-49E0AP, 2 lines",
    "009": "ORDER 24F5DA-A83008-7EFE6Z, 4 lines",
    "010": "NOT FOR US OperationOutcome: The service's answer: no problem told",
    "012": "ORDER 998244-A83008-238DCD, 2 lines",
    "013": "ORDER 6BC03A-A83008-485BAR, 2 lines",
    "015": (
        "NOT FOR US prescription-order-response: The answer to a cancellation: Prescription/item was "
        "cancelled (R-0001)"
    ),
    "016": (
        "CANCEL a54219b8-f741-4c47-b662-e4f8dfa49ab6 of 24F5DA-A83008-7EFE6Z: Clinical contra-indication"
    ),
    "018": "CANCEL dcc7c70c-bb4f-46a8-93ca-1f518611b798 of 1A7D94-0RRERP-549310: At the Patient's request",
    "019": "ORDER B61BA2-0RRERP-F2ACDV, 1 line",
    "021": "ORDER 4F5374-A99968-4556BB, 2 lines",
    "022": "ORDER 4243A0-A99968-4E149+, 4 lines",
    "024": (
        "NOT FOR US OperationOutcome: The service's answer: Bundle contains too many resources of "
        "type MedicationRequest. Expected at most 4. (processing)"
    ),
    "025": "ORDER CDF34E-A99968-4FF3BQ, 1 line",
    "027": "CANCEL a54219b8-f741-4c47-b662-e4f8dfa49ab6 of C296DE-A99968-4E09B2: Prescribing Error",
    "028": "ORDER F4B59B-A99968-4D22B6, 2 lines",
    "030": "ORDER D8E3A8-A99968-4468B0, 4 lines",
    "031": "ORDER BA850E-A99968-41D69K, 2 lines",
    "033": "ORDER CD1BC3-A99968-4A788Y, 1 line",
    "034": "ORDER BC2927-A99968-478E9A, 4 lines",
    "036": "ORDER C2529A-A99968-464891, 1 line",
    "037": "ORDER 540F91-A99968-4B9EBV, 4 lines",
    "039": "ORDER B407F7-A99968-4DB2AU, 1 line",
    "040": (
        "NOT FOR US dispense-notification: A dispense notification of The Simple Pharmacy: what it supplied"
    ),
    # 042: a slip in the example: by the algorithm its number ends in another character.
    "042": "REFUSED eps.check-character",
    # 043: the text says eight tablets daily, the structure eight times a day: for the checks to find.
    "043": "ORDER 628738-A83008-7EFE6P, 1 line",
    # 045: the notification of a prescription with the same slip.
    "045": "REFUSED eps.check-character",
    # 046: meant to be refused.
    "046": "REFUSED eps.check-character",
    # 048: meant to be refused; its repeat dispensing line is also incomplete.
    "048": "REFUSED eps.acute-with-repeat-dispensing\nREFUSED eps.repeat-fields",
    "049": (
        "NOT FOR US OperationOutcome: The service's answer: Course of therapy type must either match "
        "for all MedicationRequests or be a mixture of 'acute' and 'continuous'. (INVALID_VALUE)"
    ),
    "051": (
        "NOT FOR US OperationOutcome: The service's answer: Expected all MedicationDispenses to have "
        "the same value for MedicationDispense.extension:prescriptionNonDispensingReason "
        "(INVALID_VALUE)"
    ),
    # 052: the intent is “plan”.
    "052": "REFUSED eps.intent",
    # 054: the passed prescription has no Provenance: taken in, but nothing says until when it is valid.
    "054": (
        "ORDER 7F4CA4-A99968-4B0BAZ, 1 line, signature unknown\n"
        "FAILED E8A23F-A83008-1C451X: Signature is invalid."
    ),
    # 055: shares its number with 001 and others.
    "055": (
        "ORDER 24F5DA-A83008-7EFE6Z, 4 lines, 1 cancelled\nFAILED 819851-A83008-2EFE34: Signature is invalid."
    ),
    "057": "ORDER 24F5DA-A83008-7EFE6Z, 4 lines, 1 cancelled",
    "058": (
        "NOT FOR US release request: A request of The Simple Pharmacy to the service to release everything "
        "that nominates it"
    ),
    "060": (
        "NOT FOR US dispense-notification: A dispense notification of The Simple Pharmacy: what it supplied"
    ),
    "061": (
        "NOT FOR US dispense-notification: A dispense notification of The Simple Pharmacy: what it supplied"
    ),
    "063": (
        "NOT FOR US dispense-notification: A dispense notification of The Simple Pharmacy: what it supplied"
    ),
    # 064: 0008 on one line and 0004 on the other.
    "064": "REFUSED eps.non-dispensing-reason-differs",
    "066": (
        "NOT FOR US dispense-notification: A dispense notification of The Simple Pharmacy: what it supplied"
    ),
    "067": "NOT FOR US Claim: A claim of The Simple Pharmacy for 24F5DA-A83008-7EFE6Z",
    "069": "NOT FOR US Claim: A claim of The Simple Pharmacy for 24F5DA-A83008-7EFE6Z",
    "070": (
        "NOT FOR US Task: The prescription 24F5DA-A83008-7EFE6Z, returned undispensed by The Simple "
        "Pharmacy: Patient requested release"
    ),
    "072": (
        "NOT FOR US Task: What was told of 24F5DA-A83008-7EFE6Z, withdrawn by The Simple Pharmacy: "
        "Medication Update"
    ),
    "073": (
        "NOT FOR US Task: What was told of 24F5DA-A83008-7EFE6Z, withdrawn by The Simple Pharmacy: "
        "Medication Update"
    ),
    "075": "ORDER 24F5DA-A83008-7EFE6Z, 4 lines",
    "076": (
        "CANCEL 5cb17f5a-11ac-4e18-825f-6470467238b3 of 24F5DA-A83008-7EFE6Z: Clinical contra-indication"
    ),
    "078": (
        "CANCEL 5cb17f5a-11ac-4e18-825f-6470467238b3 of 24F5DA-A83008-7EFE6Z: Clinical contra-indication"
    ),
    "079": (
        "NOT FOR US OperationOutcome: The service's answer: Prescription is with another dispenser "
        "(PRESCRIPTION_WITH_ANOTHER_DISPENSER)"
    ),
    "081": "NOT FOR US Task search: The answer to a question to the prescription tracker",
    "082": "CANCEL 299c610b-f4f1-4eac-a7d7-4fb6b0556e11 of 58E241-A83008-4E2F8R: Prescribing Error",
    "084": (
        "CANCEL 299c610b-f4f1-4eac-a7d7-4fb6b0556e11 of 7388B7-A83008-40BB9A: Change to medication "
        "treatment regime"
    ),
    "085": "CANCEL 299c610b-f4f1-4eac-a7d7-4fb6b0556e11 of C293C8-A83008-470B8U: Clinical grounds",
    "087": (
        "CANCEL 299c610b-f4f1-4eac-a7d7-4fb6b0556e11 of 507FE8-A83008-4A859+: At the Pharmacist's request"
    ),
    "088": "CANCEL 299c610b-f4f1-4eac-a7d7-4fb6b0556e11 of A48D9E-A83008-45CE9Q: Notification of Death",
    "090": (
        "CANCEL 299c610b-f4f1-4eac-a7d7-4fb6b0556e11 of 7EE792-A83008-4EC8BZ: Patient deducted - "
        "registered with new practice"
    ),
    "091": (
        "NOT FOR US prescription-order-response: The answer to a cancellation: Prescription/item was "
        "not cancelled. With dispenser. Marked for cancellation (R-0002)"
    ),
    "093": (
        "NOT FOR US prescription-order-response: The answer to a cancellation: Prescription/item was "
        "not cancelled. Prescription has been dispensed. (R-0004)"
    ),
    "094": (
        "NOT FOR US prescription-order-response: The answer to a cancellation: Prescription/item has "
        "expired (R-0005)"
    ),
    "096": (
        "NOT FOR US prescription-order-response: The answer to a cancellation: Prescription/item "
        "cancellation requested by another prescriber (R-0007)"
    ),
    "097": "NOT FOR US OperationOutcome: The service's answer: Prescription/item not found (R-0008)",
    "099": (
        "NOT FOR US prescription-order-response: The answer to a cancellation: Prescription/item was "
        "not cancelled. Prescription has been not dispensed. (R-0010)"
    ),
    "100": (
        "NOT FOR US OperationOutcome: The service's answer: Unable to process message. Information "
        "missing or invalid - Mismatch between prescription and cancellation NHSNumber (R-5000)"
    ),
}

# Prescription numbers that several messages carry with different content: at most one of them is the truth.
SHARED_NUMBERS = {"24F5DA-A83008-7EFE6Z": ("001", "006", "009", "055", "057", "075")}


def test_there_is_a_row_for_every_file(samples: Path) -> None:
    found = {path.name[:3] for path in (samples / "eps").glob("[0-9]*.json")}
    assert found == set(OUTCOMES)


@pytest.mark.parametrize("number", sorted(OUTCOMES))
def test_outcome(samples: Path, number: str) -> None:
    assert outcome(_bytes(samples, number)) == OUTCOMES[number]


@pytest.mark.parametrize(("number", "files"), SHARED_NUMBERS.items())
def test_messages_that_share_a_number_are_told_apart(
    samples: Path, number: str, files: tuple[str, ...]
) -> None:
    prescriptions = []
    for file in files:
        received = receive(_bytes(samples, file), now=datetime(2026, 1, 1, tzinfo=UTC))
        assert isinstance(received, Orders)
        prescriptions.append(received.orders[0].prescription)
    assert {prescription.number for prescription in prescriptions} == {number}
    assert len(set(map(repr, prescriptions))) == len(files)


def outcome(data: bytes) -> str:
    try:
        return "\n".join(_describe(receive(data, now=_signed(data))))
    except Refused as refused:
        return "\n".join(f"REFUSED {rule}" for rule in dict.fromkeys(one.rule for one in refused.refusals))


def _describe(received: Received) -> Iterator[str]:
    match received:
        case Orders():
            for order in received.orders:
                lines = order.prescription.lines
                cancelled = sum(line.status is LineStatus.CANCELLED for line in lines)
                number, count = order.prescription.number, f"{len(lines)} line{'s' if len(lines) > 1 else ''}"
                signed = "" if order.prescription.signed_at else ", signature unknown"
                yield f"ORDER {number}, {count}{f', {cancelled} cancelled' if cancelled else ''}{signed}"
            for failed in received.failed:
                assert failed.prescription is not None
                reasons = ", ".join(issue.text for issue in failed.issues)
                yield f"FAILED {failed.prescription.number}: {reasons}"
            for one in received.refused:
                yield "PASSED BUT REFUSED " + ", ".join(refusal.rule for refusal in one.refusals)
        case Cancel(cancellation):
            reason = display(cancellation.reason)
            yield f"CANCEL {cancellation.line_id} of {cancellation.prescription_number}: {reason}"
        case NotForUs():
            yield f"NOT FOR US {received.kind}: {received.sentence}"


def _bytes(samples: Path, number: str) -> bytes:
    (path,) = (samples / "eps").glob(f"{number}-*.json")
    return path.read_bytes()


def _signed(data: bytes) -> datetime:
    moments = sorted(_signatures(json.loads(data)))
    return datetime.fromisoformat(moments[-1]) if moments else datetime(2022, 10, 21, 13, 47, tzinfo=UTC)


def _signatures(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "signature":
                yield from (one["when"] for one in value)
            else:
                yield from _signatures(value)
    elif isinstance(node, list):
        for value in node:
            yield from _signatures(value)
