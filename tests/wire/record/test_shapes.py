"""One resource of each shape that senders use, and what it is read as."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.wire.record.test_samples import PATIENT, in_a_bundle, read

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import SNOMED, UCUM, Quantity, Unit
from pestle.pharmacy.record.allergy import AllergyStatus, ReactionSeverity
from pestle.pharmacy.record.condition import ClinicalStatus
from pestle.pharmacy.record.encounter import EncounterClass
from pestle.pharmacy.record.medication import OrderAction, StatementStatus
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.observation import Comparator, Observation
from pestle.pharmacy.refusal import Refused
from pestle.wire.fhir.record.read import ReceivedRecord

LOINC = "http://loinc.org"
SUBJECT = {"reference": "Patient/9000000009"}
ASPIRIN = {"coding": [{"system": SNOMED, "code": "319773006", "display": "Aspirin 75mg dispersible tablets"}]}
MG_PER_L = {"value": 5, "unit": "mg/L", "system": UCUM, "code": "mg/L"}


def observation(**said: Any) -> dict[str, Any]:
    body = {"resourceType": "Observation", "status": "final", "subject": SUBJECT, "code": {"text": "CRP"}}
    return {**body, **said}


def measured(**said: Any) -> tuple[Observation | None, list[str]]:
    received = in_a_bundle(observation(**said))
    found = received.record.observations
    return (found[0] if found else None), [note.rule for note in received.notes]


@pytest.mark.parametrize(
    ("said", "value", "comparator"),
    [
        ({"valueQuantity": MG_PER_L}, Quantity(Decimal(5), Unit("mg/L", UCUM, "mg/L")), None),
        (
            {"valueQuantity": {**MG_PER_L, "comparator": "<"}},
            Quantity(Decimal(5), Unit("mg/L", UCUM, "mg/L")),
            Comparator.LESS,
        ),
        # An INR has no unit; a weight without one is a pure number too, and no kilogram.
        ({"valueQuantity": {"value": 2.5}}, Quantity(Decimal("2.5"), Unit("1", UCUM, "1")), None),
        ({"valueCodeableConcept": {"text": "Positive"}}, Coded("Positive"), None),
        ({"valueString": "clear"}, "clear", None),
        ({"valueBoolean": False}, False, None),
        ({"dataAbsentReason": {"text": "Haemolysed"}}, None, None),
    ],
)
def test_a_value_of_each_kind(said: dict[str, Any], value: Any, comparator: Comparator | None) -> None:
    found, rules = measured(**said)
    assert found is not None
    assert (found.value, found.comparator) == (value, comparator)
    assert rules == []


@pytest.mark.parametrize("key", ["valueRange", "valueRatio", "valueInteger", "valueSampledData", "valueTime"])
def test_a_value_that_cannot_be_held_is_not_read_as_a_result_that_is_missing(key: str) -> None:
    found, rules = measured(**{key: {"low": MG_PER_L}})
    assert found is None
    assert rules == ["record.value-kind"]


def test_a_blood_pressure_has_two_values() -> None:
    """As US Core and UK Core vital signs say it."""
    mmhg = {"unit": "mmHg", "system": UCUM, "code": "mm[Hg]"}
    found, rules = measured(
        code={"coding": [{"system": LOINC, "code": "85354-9", "display": "Blood pressure"}]},
        effectiveDateTime="2026-07-09T10:15:00+01:00",
        component=[
            {"code": {"text": "Systolic"}, "valueQuantity": {"value": 142, **mmhg}},
            {"code": {"text": "Diastolic"}, "dataAbsentReason": {"text": "not heard"}},
        ],
    )
    assert found is not None
    assert [(part.what.text, part.value) for part in found.components] == [
        ("Systolic", Quantity(Decimal(142), Unit("mmHg", UCUM, "mm[Hg]"))),
        ("Diastolic", None),
    ]
    assert found.taken == PartialDate(2026, 7, 9)
    assert found.taken_at == datetime(2026, 7, 9, 9, 15, tzinfo=UTC)
    assert rules == []


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026", PartialDate(2026)), ("2026-07", PartialDate(2026, 7)), ("2026-07-09", PartialDate(2026, 7, 9))],
)
def test_a_date_is_as_whole_as_it_was_written(text: str, day: PartialDate) -> None:
    found, _ = measured(effectiveDateTime=text)
    assert found is not None
    assert (found.taken, found.taken_at) == (day, None)


def test_what_a_fact_cannot_hold_is_named_with_its_place() -> None:
    received = in_a_bundle(
        observation(method={"text": "by eye"}, valueString="clear", specimen={"display": "urine"})
    )
    assert [(note.rule, note.place) for note in received.notes] == [
        ("record.not-read", "Bundle.entry[1].resource.method"),
        ("record.not-read", "Bundle.entry[1].resource.specimen"),
    ]


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"subject": {"reference": "Patient/other"}}, "record.another-patient"),
        ({"subject": None}, "fhir.missing"),
        ({"modifierExtension": [{"url": "x:not"}]}, "fhir.modifier"),
        ({"component": [{"code": {"text": "x"}, "modifierExtension": [{"url": "x:not"}]}]}, "fhir.modifier"),
        ({"status": "maybe"}, "fhir.code"),
        ({"code": None}, "fhir.missing"),
        ({"effectiveDateTime": "2026-02-30"}, "date.impossible"),
        ({"valueString": "a", "valueBoolean": True}, "fhir.choice"),
    ],
)
def test_a_resource_that_is_refused_is_refused_by_name(said: dict[str, Any], rule: str) -> None:
    found, rules = measured(**said)
    assert found is None
    assert rules == [rule]


def allergy(**said: Any) -> dict[str, Any]:
    return {"resourceType": "AllergyIntolerance", "patient": SUBJECT, "code": {"text": "Penicillin"}, **said}


def _status(code: str) -> dict[str, Any]:
    return {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/x", "code": code}]}


def test_an_allergy_with_its_reactions() -> None:
    received = in_a_bundle(
        allergy(
            type="allergy",
            clinicalStatus=_status("active"),
            verificationStatus=_status("confirmed"),
            onsetDateTime="2011",
            reaction=[
                {"manifestation": [{"text": "Rash"}], "severity": "mild"},
                {"manifestation": [{"text": "Wheeze"}], "severity": "severe"},
            ],
        )
    )
    (found,) = received.record.allergies.allergies
    assert (found.substance, found.reaction) == ("Penicillin", "Rash, Wheeze")
    assert found.severity is ReactionSeverity.SEVERE
    assert (found.onset, found.status) == (PartialDate(2011), ClinicalStatus.ACTIVE)
    assert received.notes == ()


@pytest.mark.parametrize(
    ("said", "known", "rules"),
    [
        ({"verificationStatus": _status("refuted")}, False, []),
        ({"verificationStatus": _status("entered-in-error")}, False, []),
        # What is in doubt counts as an allergy, and what we do not know to read takes nothing from it.
        ({"verificationStatus": _status("unconfirmed")}, True, ["record.allergy-unconfirmed"]),
        ({"verificationStatus": _status("presumed")}, True, ["fhir.code"]),
        ({"clinicalStatus": _status("resolved")}, True, []),
        ({"type": "dislike"}, True, ["fhir.code"]),
    ],
)
def test_which_allergies_count(said: dict[str, Any], known: bool, rules: list[str]) -> None:
    received = in_a_bundle(allergy(**said))
    assert bool(received.record.allergies.allergies) is known
    assert [note.rule for note in received.notes] == rules
    assert len(received.sent) == 1


def _list(title: str, *entries: str, reason: str = "") -> dict[str, Any]:
    body: dict[str, Any] = {"resourceType": "List", "title": title, "subject": SUBJECT}
    if entries:
        body["entry"] = [{"item": {"reference": entry}} for entry in entries]
    return body | ({"emptyReason": _status(reason)} if reason else {})


@pytest.mark.parametrize(
    ("resources", "status"),
    [
        ([], AllergyStatus.NOT_RECORDED),
        ([allergy(code={"coding": [{"system": SNOMED, "code": "716186003"}]})], AllergyStatus.NONE_KNOWN),
        ([_list("Allergies and intolerances", reason="nilknown")], AllergyStatus.NONE_KNOWN),
        ([_list("Allergies and intolerances", reason="notasked")], AllergyStatus.NOT_RECORDED),
        ([_list("Allergies and intolerances", reason="unavailable")], AllergyStatus.UNAVAILABLE),
        ([_list("Allergies and intolerances")], AllergyStatus.NOT_RECORDED),
        ([allergy(), _list("Allergies and intolerances", reason="nilknown")], AllergyStatus.KNOWN),
    ],
)
def test_four_states_of_allergies(resources: list[dict[str, Any]], status: AllergyStatus) -> None:
    assert in_a_bundle(*resources).record.allergies.status is status


def test_an_empty_part_is_empty_only_where_somebody_says_so() -> None:
    said_nothing = in_a_bundle()
    assert said_nothing.record.conditions is None
    assert in_a_bundle(_list("Conditions")).record.conditions == ()
    problems = _list("Problem list") | {"code": _status("problems")}
    assert in_a_bundle(problems).record.conditions == ()
    medications = in_a_bundle(_list("x") | {"code": _status("medications")}).record
    assert (medications.orders, medications.statements, medications.supplies) == ((), (), None)


def test_a_list_that_leads_nowhere_is_told() -> None:
    received = in_a_bundle(_list("Conditions", "Condition/gone"), _list("Care team"))
    assert [note.rule for note in received.notes] == ["fhir.reference", "record.list-kind"]


def test_sections_of_a_document_are_lists() -> None:
    section = {"title": "Conditions", "emptyReason": _status("nilknown")}
    composition = {"resourceType": "Composition", "section": [section]}
    assert in_a_bundle(composition).record.conditions == ()


def _medicine(type_: str, **said: Any) -> ReceivedRecord:
    return in_a_bundle(
        {"resourceType": type_, "subject": SUBJECT, "medicationCodeableConcept": ASPIRIN, **said}
    )


def test_a_medicine_contained_or_referenced() -> None:
    contained = {"contained": [{"resourceType": "Medication", "id": "m", "code": ASPIRIN}]}
    inside = _medicine(
        "MedicationStatement",
        status="active",
        medicationCodeableConcept=None,
        medicationReference={"reference": "#m"},
        **contained,
    )
    assert inside.record.statements is not None
    assert inside.record.statements[0].medication.written.code == "319773006"


@pytest.mark.parametrize(
    ("taken", "status"),
    [("n", StatementStatus.NOT_TAKEN), ("y", StatementStatus.ACTIVE), (None, StatementStatus.ACTIVE)],
)
def test_stu3_says_apart_whether_it_is_taken(taken: str | None, status: StatementStatus) -> None:
    found = _medicine("MedicationStatement", status="active", taken=taken).record.statements
    assert found is not None
    assert found[0].status is status


def test_an_order_not_to_give_is_no_order() -> None:
    received = _medicine("MedicationRequest", status="active", intent="order", doNotPerform=True)
    assert received.record.orders is None
    assert [note.rule for note in received.notes] == ["record.do-not-perform"]


def test_an_order_that_replaces_another_follows_it() -> None:
    received = _medicine(
        "MedicationRequest", id="new", status="active", intent="order",
        priorPrescription={"reference": "MedicationRequest/old"},
    )  # fmt: skip
    assert received.record.orders is not None
    assert (received.record.orders[0].action, received.record.orders[0].follows) == (
        OrderAction.REVISE,
        "old",
    )


def test_an_instruction_that_is_not_understood_keeps_its_words_alone() -> None:
    instruction = {"text": "One at night", "timing": {"repeat": {"frequency": 1, "surprise": True}}}
    received = _medicine(
        "MedicationRequest", status="active", intent="order", dosageInstruction=[instruction]
    )
    assert received.record.orders is not None
    dosage = received.record.orders[0].request.dosage
    assert dosage is not None
    assert (dosage.text, dosage.steps[0].timing) == ("One at night", None)
    assert [note.rule for note in received.notes] == ["fhir.dosage-field"]


@pytest.mark.parametrize("status", ["cancelled", "declined", "in-progress", "entered-in-error", "stopped"])
def test_what_was_not_handed_out_is_no_supply(status: str) -> None:
    received = _medicine("MedicationDispense", status=status, whenHandedOver="2026-07-09")
    assert received.record.supplies is None
    assert [note.rule for note in received.notes] == ["record.not-supplied"]


def test_a_supply_and_the_order_that_it_answers() -> None:
    received = _medicine(
        "MedicationDispense",
        status="completed",
        whenHandedOver="2026-07-09T16:00:00Z",
        quantity={"value": 28, "unit": "tablet"},
        daysSupply={"value": 4, "unit": "week"},
        authorizingPrescription=[{"identifier": {"value": "line-1"}}],
    )
    assert received.record.supplies is not None
    (supply,) = received.record.supplies
    assert (supply.days_supply, supply.order) == (Decimal(28), "line-1")
    assert supply.provenance.happened_at == datetime(2026, 7, 9, 16, tzinfo=UTC)


def test_a_dose_needs_a_time() -> None:
    given = _medicine("MedicationAdministration", status="completed", effectiveDateTime="2026-07-09")
    assert [note.rule for note in given.notes] == ["fhir.date-precision"]


def test_a_contact() -> None:
    body = {"resourceType": "Encounter", "status": "finished", "subject": SUBJECT,
            "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
            "period": {"start": "2026-07-01", "end": "2026-07-04"}}  # fmt: skip
    received = in_a_bundle(body, body | {"status": "cancelled"})
    assert received.record.encounters is not None
    (stay,) = received.record.encounters
    assert (stay.kind, stay.finished, str(stay.ends)) == (EncounterClass.INPATIENT, True, "2026-07-04")
    assert [note.rule for note in received.notes] == ["record.no-encounter"]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"type": "message"}, "record.bundle-type"),
        ({"resourceType": "Patient"}, "record.not-a-bundle"),
        ({"entry": []}, "record.no-patient"),
        ({"entry": [{"resource": PATIENT}, {"resource": PATIENT}]}, "record.several-patients"),
        (
            {
                "entry": [
                    {"fullUrl": "urn:1", "resource": PATIENT},
                    {"fullUrl": "urn:1", "resource": observation()},
                ]
            },
            "fhir.full-url",
        ),
    ],
)
def test_a_bundle_that_is_refused_whole(changed: dict[str, Any], rule: str) -> None:
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": PATIENT}]}
    with pytest.raises(Refused) as refused:
        read(bundle | changed)
    assert refused.value.rule == rule


def test_more_pages_and_other_resources_are_told() -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "searchset",
        "link": [{"relation": "next", "url": "https://example.org?page=2"}],
        "entry": [
            {"resource": PATIENT},
            {"resource": {"resourceType": "Immunization"}},
            {"fullUrl": "urn:x"},
        ],
    }
    assert [note.rule for note in read(bundle).notes] == [
        "record.no-resource",
        "record.more-pages",
        "record.type",
    ]


def test_one_without_an_id_is_known_by_what_it_says() -> None:
    twice = in_a_bundle(observation(valueString="clear"), observation(valueString="clear"))
    again = in_a_bundle(observation(valueString="clear"))
    first, second = (one.fact.id for one in twice.sent)
    assert first != second
    assert [one.fact.id for one in again.sent] == [first]
