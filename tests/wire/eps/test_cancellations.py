"""Which line is taken back, and how the answer is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.record.medication import Organisation, Practitioner
from pestle.pharmacy.refusal import Refused
from pestle.wire.eps.cancellation import Cancellation, cancellation_response, read_cancellation, read_response
from pestle.wire.eps.codes import CancellationOutcome, CancellationReason
from pestle.wire.fhir.tree import Tree, dump, parse, thaw, tree

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MESSAGE = "5f1d7a52-3f0e-4a53-9a55-0e3bb1a0c002"
SPINE = Organisation("X2601", "NHS Digital Spine")
PHARMACY = Practitioner(
    "Jackie Clark",
    (Coded("3415870201", "https://fhir.hl7.org.uk/Id/professional-code", "3415870201"),),
    organisation=Organisation("VNFKT", "The Simple Pharmacy", telephone="01133180277"),
    telephone="02380798431",
)
Sample = Callable[[str], Tree]


def test_what_a_cancellation_says(sample: Sample) -> None:
    cancellation = read_cancellation(sample("016"), now=NOW)
    assert cancellation.prescription_number == "24F5DA-A83008-7EFE6Z"
    assert cancellation.line_id == "a54219b8-f741-4c47-b662-e4f8dfa49ab6"
    assert cancellation.reason is CancellationReason.CONTRAINDICATION
    assert cancellation.nhs_number.digits == "9449304130"
    assert cancellation.line.medication.text == "Amoxicillin 250mg capsules"
    assert cancellation.sender_code == "A83008"
    assert cancellation.message_id == "46183abc-9fad-4673-85db-ce2cb6614732"
    assert cancellation.requested_by.name == "DR C BOIN"


@pytest.mark.parametrize("outcome", [one for one in CancellationOutcome if one.line_status])
def test_an_answer_reads_back_as_its_outcome(sample: Sample, outcome: CancellationOutcome) -> None:
    cancellation = read_cancellation(sample("082"), now=NOW)
    answer = read_response(parse(dump(_answer(cancellation, outcome))))
    assert (answer.outcome, answer.line_id) == (outcome, cancellation.line_id)
    assert answer.prescription_number == cancellation.prescription_number


def test_an_answer_has_the_shape_of_the_example(sample: Sample) -> None:
    """016 asks, 015 answers; what ours adds or lacks is written here."""
    ours = _paths(
        thaw(_answer(read_cancellation(sample("016"), now=NOW), CancellationOutcome.CANCELLED).root)
    )
    theirs = _paths(thaw(sample("015").root)) | _paths(thaw(sample("016").root))
    assert {path for path in ours - theirs if ".performer." not in path} == set()


def test_the_dispenser_is_named_when_the_line_cannot_be_cancelled(sample: Sample) -> None:
    cancellation = read_cancellation(sample("082"), now=NOW)
    written = thaw(
        cancellation_response(
            cancellation,
            outcome=CancellationOutcome.WITH_DISPENSER,
            message_id=MESSAGE,
            at=NOW,
            sender=SPINE,
            dispenser=PHARMACY,
        ).root
    )
    kinds = {entry["fullUrl"]: entry["resource"] for entry in written["entry"]}
    line = next(one for one in kinds.values() if one["resourceType"] == "MedicationRequest")
    performer = line["dispenseRequest"]["performer"]
    assert line["status"] == "active"
    assert performer["identifier"]["value"] == "VNFKT"
    role = kinds[performer["extension"][0]["valueReference"]["reference"]]
    assert kinds[role["organization"]["reference"]]["telecom"][0]["value"] == "01133180277"


@pytest.mark.parametrize(
    ("outcome", "file", "text"),
    [
        (CancellationOutcome.NOT_FOUND, "097", None),
        (
            CancellationOutcome.PROCESSING_ERROR,
            "100",
            "Unable to process message. Information missing or invalid"
            " - Mismatch between prescription and cancellation NHSNumber",
        ),
    ],
)
def test_an_answer_without_a_line_is_the_examples_own_outcome(
    sample: Sample, outcome: CancellationOutcome, file: str, text: str | None
) -> None:
    cancellation = read_cancellation(sample("082"), now=NOW)
    assert _answer(cancellation, outcome, text=text) == sample(file)


def test_everything_wrong_with_a_cancellation_is_told_at_once(sample: Sample) -> None:
    draft = thaw(sample("016").root)
    for entry in draft["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "MedicationRequest":
            resource["status"] = "active"
            resource["statusReason"]["coding"][0]["code"] = "0042"
            resource["groupIdentifier"]["value"] = "24F5DA-A83008-7EFE6A"
        if resource["resourceType"] == "Patient":
            resource["identifier"][0]["value"] = "9449304131"
    with pytest.raises(Refused) as refused:
        read_cancellation(tree(draft), now=NOW)
    rules = [refusal.rule for refusal in refused.value.refusals]
    assert rules[:4] == [
        "eps.cancel-status",
        "eps.cancel-reason",
        "eps.check-character",
        "nhs-number.check-digit",
    ]


def test_a_cancellation_is_about_one_line(sample: Sample) -> None:
    draft = thaw(sample("016").root)
    lines = [e for e in draft["entry"] if e["resource"]["resourceType"] == "MedicationRequest"]
    second = thaw(tree(lines[0]).root) | {"fullUrl": "urn:uuid:2"}
    second["resource"]["identifier"][0]["value"] = "second"
    draft["entry"].append(second)
    with pytest.raises(Refused) as refused:
        read_cancellation(tree(draft), now=NOW)
    assert refused.value.rule == "eps.cancel-one-line"


def _answer(cancellation: Cancellation, outcome: CancellationOutcome, text: str | None = None) -> Tree:
    return cancellation_response(
        cancellation, outcome=outcome, message_id=MESSAGE, at=NOW, sender=SPINE, text=text
    )


def _paths(node: Any, path: str = "") -> set[str]:
    if isinstance(node, dict):
        return {one for key, value in node.items() for one in _paths(value, f"{path}.{key}")}
    if isinstance(node, list):
        return {one for value in node for one in _paths(value, f"{path}[]")}
    return {path}
