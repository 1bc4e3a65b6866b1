"""Published records and resources, read as they are."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pestle.pharmacy.record.allergy import AllergyStatus
from pestle.pharmacy.record.medication import CourseOfTherapy, LineStatus, StatementStatus
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.refusal import Refused
from pestle.wire.fhir.record.read import ReceivedRecord, read_bytes

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
VALID = "9434765919"
GP_CONNECT = "gpc-data-model--api-response-payload--medication.json"
PATIENT = {
    "resourceType": "Patient",
    "id": "9000000009",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": VALID}],
    "name": [{"family": "Smith", "given": ["Jane"]}],
    "birthDate": "1952-05-31",
}


def read(record: dict[str, Any]) -> ReceivedRecord:
    return read_bytes(json.dumps(record).encode(), sender="The practice", received_at=NOW)


def in_a_bundle(*resources: dict[str, Any], patient: dict[str, Any] = PATIENT) -> ReceivedRecord:
    entries = [{"resource": one} for one in (patient, *resources)]
    return read({"resourceType": "Bundle", "type": "searchset", "entry": entries})


@pytest.fixture
def gp_connect(samples: Path) -> dict[str, Any]:
    """The GP Connect example; its NHS number is one that nobody has, so another one stands for it."""
    found: dict[str, Any] = json.loads((samples / "medrec" / "gpconnect" / GP_CONNECT).read_bytes())
    found["entry"][0]["resource"]["identifier"][0]["value"] = VALID
    return found


def test_gp_connect_as_published_is_refused_for_its_nhs_number(samples: Path) -> None:
    with pytest.raises(Refused) as refused:
        read_bytes((samples / "medrec" / "gpconnect" / GP_CONNECT).read_bytes(), sender="x", received_at=NOW)
    assert refused.value.rule == "nhs-number.repeated"


def test_gp_connect_with_the_fence_of_its_page_is_not_json(samples: Path) -> None:
    data = (samples / "medrec" / "gpconnect" / "meds_response.json").read_bytes()
    with pytest.raises(Refused) as refused:
        read_bytes(data, sender="x", received_at=NOW)
    assert refused.value.rule == "fhir.not-json"


def test_what_gp_connect_says_of_medicines(gp_connect: dict[str, Any]) -> None:
    record = read(gp_connect).record
    assert record.statements is not None
    assert record.orders is not None
    assert [
        (one.medication.written.text, one.medication.written.code, one.status) for one in record.statements
    ] == [
        ("Amoxicillin 250mg capsules", "323509004", StatementStatus.COMPLETED),
        ("Aspirin 75mg dispersible tablets", "319773006", StatementStatus.ACTIVE),
    ]
    assert record.statements[0].last_issued == PartialDate(2016, 5, 10)
    assert record.statements[0].id == "https://provider.nhs.uk/data-identifier|13426283749629"
    dosage = record.statements[1].dosage
    assert dosage is not None
    assert dosage.text == "TAKE ONE DAILY"
    assert Counter((one.request.intent, one.request.course_of_therapy) for one in record.orders) == {
        ("plan", CourseOfTherapy.ACUTE): 1,
        ("order", CourseOfTherapy.ACUTE): 1,
        ("plan", CourseOfTherapy.REPEAT): 1,
        ("order", CourseOfTherapy.REPEAT): 2,
    }
    plan = record.orders[2]
    assert (plan.request.status, plan.starts) == (LineStatus.ACTIVE, PartialDate(2016, 8, 11))
    assert plan.provenance.who == "Miss Nichole Gilbert, The Trevelyan Practice"
    # Nothing was said of these, which is not the same as none.
    assert (record.conditions, record.observations) == (None, None)
    assert record.allergies.status is AllergyStatus.NOT_RECORDED


def test_what_of_gp_connect_is_not_read_is_named(gp_connect: dict[str, Any]) -> None:
    """STU3 writes amounts as text and codes as arrays: no amount is guessed from that."""
    received = read(gp_connect)
    assert received.record.orders is not None
    assert {one.request.quantity for one in received.record.orders} == {None}
    told = Counter(
        re.sub(r"^Bundle.entry.[0-9]+..resource.|.[0-9]+.$", "", str(note.place)) for note in received.notes
    )
    assert told == {
        "dispenseRequest.quantity.value": 5,
        "dispenseRequest.expectedSupplyDuration.value": 5,
        "basedOn": 5,
        "groupIdentifier": 3,
        "extension": 2,  # which body prescribed
        "extension[0].extension": 1,  # how many repeats, which R4 says elsewhere
        "note": 2,
    }


def test_a_uk_core_request_outside_a_bundle(samples: Path) -> None:
    data = (samples / "medrec" / "gpconnect" / "medreq.json").read_bytes()
    with pytest.raises(Refused) as refused:
        read_bytes(data, sender="x", received_at=NOW)
    assert refused.value.rule == "record.not-a-bundle"


def test_a_uk_core_request(samples: Path) -> None:
    request = json.loads((samples / "medrec" / "gpconnect" / "medreq.json").read_bytes())
    received = in_a_bundle(request)
    assert received.record.orders is not None
    (order,) = received.record.orders
    assert order.medication.written.text == "Pulmicort 100 Turbohaler (AstraZeneca UK Ltd)"
    # The sender misspelt the name of SNOMED CT, so no dictionary will know the code.
    assert order.medication.written.system == "http://snomed.info/ct"
    assert order.request.course_of_therapy is CourseOfTherapy.REPEAT
    assert order.request.repeat is not None
    assert order.request.repeat.issue_number == 1
    assert order.request.repeat.authorisation_expires == date(2023, 9, 10)
    assert order.request.substitution_allowed is False
    assert order.provenance.recorded_at == datetime(2022, 10, 13, 9, 20, 27, tzinfo=UTC)
    assert [note.place for note in received.notes] == ["Bundle.entry[1].resource.category"]


def test_a_uk_core_statement(samples: Path) -> None:
    statement = json.loads((samples / "medrec" / "gpconnect" / "medstat.json").read_bytes())
    received = in_a_bundle(statement)
    assert received.record.statements is not None
    (found,) = received.record.statements
    assert (found.starts, found.ends) == (PartialDate(2022, 10, 23), PartialDate(2023, 1, 10))
    assert found.dosage is not None
    dose = found.dosage.steps[0].doses[0].dose
    assert getattr(dose, "value", None) == Decimal(2)
    assert [note.place for note in received.notes] == ["Bundle.entry[1].resource.basedOn"]


def test_every_order_of_the_prescription_service(samples: Path) -> None:
    """The lines of its messages are read by the same reader, when they come in a Bundle of their own."""
    read_ = 0
    for path in sorted((samples / "eps").glob("[0-9]*-prescription-order*.json")):
        message = json.loads(path.read_bytes())
        kinds = Counter(entry["resource"]["resourceType"] for entry in message["entry"])
        received = read(message | {"type": "collection"})
        # Some examples are signed for lines that are not in them.
        rules = {note.rule for note in received.notes}
        assert rules <= {"record.not-read", "record.type", "fhir.reference"}, path.name
        assert len(received.record.orders or ()) == kinds["MedicationRequest"]
        read_ += kinds["MedicationRequest"]
    assert read_ > 70
