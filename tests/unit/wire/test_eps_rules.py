"""Each rule of the service, broken by itself in an order that is otherwise right."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pestle.pharmacy.record.medication import Prescription
from pestle.pharmacy.refusal import Refused
from pestle.wire.eps.new_order import new_order
from pestle.wire.eps.order import read_order
from pestle.wire.fhir.tree import thaw, tree

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
MESSAGE = "5f1d7a52-3f0e-4a53-9a55-0e3bb1a0c004"
Draft = dict[str, Any]
Break = Callable[[Draft], object]

ERD = {
    "system": "https://fhir.nhs.uk/CodeSystem/medicationrequest-course-of-therapy",
    "code": "continuous-repeat-dispensing",
}
REPEAT = {
    "url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-MedicationRepeatInformation",
    "extension": [{"url": "authorisationExpiryDate", "valueDateTime": "2027-03-01"}],
}


def lines(draft: Draft) -> list[Draft]:
    return [
        one["resource"] for one in draft["entry"] if one["resource"]["resourceType"] == "MedicationRequest"
    ]


def the(draft: Draft, kind: str) -> Draft:
    return next(one["resource"] for one in draft["entry"] if one["resource"]["resourceType"] == kind)


def add_lines(draft: Draft, count: int) -> None:
    for number in range(count):
        entry = copy.deepcopy(draft["entry"][1]) | {"fullUrl": f"urn:uuid:more-{number}"}
        entry["resource"]["identifier"][0]["value"] = f"more-{number}"
        draft["entry"].append(entry)


def drop(draft: Draft, kind: str) -> None:
    draft["entry"] = [one for one in draft["entry"] if one["resource"]["resourceType"] != kind]


def make_erd(line: Draft, repeats: int | None = 5) -> Draft:
    line["courseOfTherapyType"] = {"coding": [ERD]}
    line["extension"].append(REPEAT)
    line["dispenseRequest"]["validityPeriod"] = {"start": "2026-03-02", "end": "2026-03-30"}
    if repeats is not None:
        line["dispenseRequest"]["numberOfRepeatsAllowed"] = repeats
    return line


def make_all_erd(draft: Draft, repeats: int | None = 5) -> list[Draft]:
    return [make_erd(line, repeats) for line in lines(draft)]


LINE = "Bundle.entry[{}].resource."
# What is broken -> the rule, and the place that it names.
BROKEN: dict[str, tuple[Break, str, str]] = {
    "no lines": (lambda d: drop(d, "MedicationRequest"), "eps.no-lines", "Bundle.entry"),
    "five lines": (lambda d: add_lines(d, 3), "eps.too-many-lines", "Bundle.entry"),
    "no item number": (
        lambda d: lines(d)[1].pop("identifier"),
        "eps.line-identifier-missing",
        LINE.format(2) + "identifier",
    ),
    "item number twice": (
        lambda d: lines(d)[1].update(identifier=lines(d)[0]["identifier"]),
        "eps.line-identifier-repeated",
        LINE.format(2) + "identifier",
    ),
    "another pharmacy on line two": (
        lambda d: lines(d)[1]["dispenseRequest"]["performer"]["identifier"].update(value="FB222"),
        "eps.header-differs",
        LINE.format(2) + "dispenseRequest.performer",
    ),
    "another start on line two": (
        lambda d: lines(d)[1]["dispenseRequest"]["validityPeriod"].update(start="2026-03-03"),
        "eps.header-differs",
        LINE.format(2) + "dispenseRequest.validityPeriod",
    ),
    "another category on line two": (
        lambda d: lines(d)[1].pop("category"),
        "eps.header-differs",
        LINE.format(2) + "category",
    ),
    "another number on line two": (
        lambda d: lines(d)[1]["groupIdentifier"].update(value="24F5DA-A83008-7EFE6Z"),
        "eps.header-differs",
        LINE.format(2) + "groupIdentifier",
    ),
    "a day written on line two": (
        lambda d: lines(d)[1].update(authoredOn="2026-03-02"),
        "eps.header-differs",
        LINE.format(2) + "authoredOn",
    ),
    "completed": (
        lambda d: lines(d)[0].update(status="completed"),
        "eps.status-not-active",
        LINE.format(1) + "status",
    ),
    "a plan": (lambda d: lines(d)[0].update(intent="plan"), "eps.intent", LINE.format(1) + "intent"),
    "a reflex order": (
        lambda d: lines(d)[0].update(intent="reflex-order"),
        "eps.intent",
        LINE.format(1) + "intent",
    ),
    "no medicine": (
        lambda d: lines(d)[0].pop("medicationCodeableConcept"),
        "eps.medication-choice",
        LINE.format(1) + "medication[x]",
    ),
    "two medicines": (
        lambda d: lines(d)[0].update(medicationReference={"reference": "#m"}),
        "eps.medication-choice",
        LINE.format(1) + "medication[x]",
    ),
    "not to be performed": (
        lambda d: lines(d)[0].update(doNotPerform=True),
        "eps.modifier",
        LINE.format(1) + "doNotPerform",
    ),
    "a modifier that we do not know": (
        lambda d: lines(d)[0].update(modifierExtension=[{"url": "https://example.org"}]),
        "eps.modifier",
        LINE.format(1) + "modifierExtension",
    ),
    "a line about somebody else": (
        lambda d: lines(d)[0].update(subject=lines(d)[0]["requester"]),
        "eps.one-patient",
        LINE.format(1) + "subject.reference",
    ),
    "two instructions, no order": (
        lambda d: lines(d)[0].update(dosageInstruction=[{"text": "One", "sequence": 1}, {"text": "Two"}]),
        "eps.sequence-missing",
        LINE.format(1) + "dosageInstruction[1].sequence",
    ),
    "acute with repeat dispensing": (
        lambda d: make_erd(lines(d)[1]),
        "eps.acute-with-repeat-dispensing",
        "MedicationRequest.courseOfTherapyType.coding",
    ),
    "repeat dispensing without repeats": (
        lambda d: make_all_erd(d, None),
        "eps.repeat-fields",
        LINE.format(1) + "dispenseRequest.numberOfRepeatsAllowed",
    ),
    "repeat dispensing repeated unevenly": (
        lambda d: (make_erd(lines(d)[0], 5), make_erd(lines(d)[1], 4)),
        "eps.header-differs",
        LINE.format(2) + "dispenseRequest.numberOfRepeatsAllowed",
    ),
    "repeat dispensing without its extension": (
        lambda d: (make_all_erd(d), [line["extension"].pop() for line in lines(d)]),
        "eps.repeat-information",
        LINE.format(1) + "extension",
    ),
    "a hundred issues": (
        lambda d: make_all_erd(d, 99),
        "eps.repeat-count",
        LINE.format(1) + "dispenseRequest.numberOfRepeatsAllowed",
    ),
    "no prescription type": (
        lambda d: lines(d)[0].pop("extension"),
        "eps.prescription-type",
        LINE.format(1) + "extension",
    ),
    "check character": (
        lambda d: [line["groupIdentifier"].update(value="24F5DA-A83008-7EFE6A") for line in lines(d)],
        "eps.check-character",
        LINE.format(1) + "groupIdentifier.value",
    ),
    "form of the number": (
        lambda d: [line["groupIdentifier"].update(value="24F5DA7EFE6Z") for line in lines(d)],
        "eps.prescription-number",
        LINE.format(1) + "groupIdentifier.value",
    ),
    "no patient": (lambda d: drop(d, "Patient"), "eps.one-patient", "Bundle.entry"),
    "no NHS number": (
        lambda d: the(d, "Patient").pop("identifier"),
        "eps.nhs-number-missing",
        LINE.format(3) + "identifier",
    ),
    "NHS number of one digit": (
        lambda d: the(d, "Patient")["identifier"][0].update(value="1111111111"),
        "nhs-number.repeated",
        LINE.format(3) + "identifier",
    ),
    "a patient who has died": (
        lambda d: the(d, "Patient").update(deceasedBoolean=True),
        "eps.patient-deceased",
        LINE.format(3) + "deceased[x]",
    ),
    "no signature": (lambda d: drop(d, "Provenance"), "eps.signature-missing", "Bundle.entry"),
    "a reference to nothing": (
        lambda d: lines(d)[0]["requester"].update(reference="urn:uuid:nobody"),
        "fhir.reference",
        LINE.format(1) + "requester.reference",
    ),
    "a fullUrl twice": (
        lambda d: d["entry"][2].update(fullUrl=d["entry"][1]["fullUrl"]),
        "fhir.full-url",
        "Bundle.entry[2].fullUrl",
    ),
    "another message": (
        lambda d: the(d, "MessageHeader")["eventCoding"].update(code="dispense-notification"),
        "eps.message-type",
        "Bundle.entry[0].resource.eventCoding",
    ),
    "no header": (
        lambda d: drop(d, "MessageHeader"),
        "eps.message-type",
        "Bundle.entry[0].resource",
    ),
    "an instruction with an unknown part": (
        lambda d: lines(d)[0]["dosageInstruction"][0].update(asNeededFor=[]),
        "fhir.dosage-field",
        LINE.format(1) + "dosageInstruction[0].asNeededFor",
    ),
    "a quantity without a unit": (
        lambda d: lines(d)[0]["dispenseRequest"]["quantity"].pop("unit"),
        "fhir.unit-missing",
        LINE.format(1) + "dispenseRequest.quantity",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_order_is_refused_by_name_and_place(prescription: Prescription, name: str) -> None:
    spoil, rule, place = BROKEN[name]
    draft = thaw(new_order(prescription, message_id=MESSAGE).root)
    spoil(draft)
    with pytest.raises(Refused) as refused:
        read_order(tree(draft), now=NOW)
    assert (rule, place) in {(one.rule, one.place) for one in refused.value.refusals}


def test_the_unbroken_order_is_accepted(prescription: Prescription) -> None:
    sent = new_order(prescription, message_id=MESSAGE)
    assert read_order(sent, now=NOW).prescription == prescription


@pytest.mark.parametrize("repeats", [0, 98])
def test_one_to_99_issues_are_accepted(prescription: Prescription, repeats: int) -> None:
    draft = thaw(new_order(prescription, message_id=MESSAGE).root)
    make_all_erd(draft, repeats)
    repeat = read_order(tree(draft), now=NOW).prescription.lines[0].repeat
    assert repeat is not None
    assert repeat.issues_allowed == repeats + 1


def test_everything_wrong_is_told_at_once(prescription: Prescription) -> None:
    draft = thaw(new_order(prescription, message_id=MESSAGE).root)
    for name in ("a plan", "check character", "NHS number of one digit", "no signature"):
        BROKEN[name][0](draft)
    with pytest.raises(Refused) as refused:
        read_order(tree(draft), now=NOW)
    rules = {one.rule for one in refused.value.refusals}
    assert rules == {"eps.intent", "eps.check-character", "nhs-number.repeated", "eps.signature-missing"}
    assert len(refused.value.refusals) == 4


def test_a_signature_may_run_ahead_by_as_much_as_clocks_differ(prescription: Prescription) -> None:
    sent = new_order(prescription, message_id=MESSAGE)
    read_order(sent, now=NOW - timedelta(minutes=5))
    with pytest.raises(Refused) as refused:
        read_order(sent, now=NOW - timedelta(minutes=5, seconds=1))
    assert refused.value.rule == "eps.signature-in-future"


def test_a_released_order_may_hold_a_cancelled_line_and_be_a_reflex_order(
    prescription: Prescription,
) -> None:
    draft = thaw(new_order(prescription, message_id=MESSAGE).root)
    lines(draft)[0].update(status="cancelled", intent="reflex-order")
    read_order(tree(draft), now=NOW, released=True)
