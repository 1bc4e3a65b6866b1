"""A patient's record written and read is the same record; and whatever arrives is understood or refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.property.wire.test_any_bytes import JSON, _places
from tests.property.wire.test_round_trips import (
    AMOUNTS,
    CODED,
    DAYS,
    DOSAGES,
    PATIENTS,
    POSITIVE,
    QUANTITIES,
    RANGES,
    UNSAID,
    WORDS,
)

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.record.allergy import (
    Allergy,
    AllergyKind,
    AllergyRecord,
    AllergyStatus,
    ReactionSeverity,
)
from pestle.pharmacy.record.arrival import Held, Sent, Verdict, compare
from pestle.pharmacy.record.condition import ClinicalStatus, Condition, VerificationStatus
from pestle.pharmacy.record.encounter import Encounter, EncounterClass
from pestle.pharmacy.record.kinds import RecordFact, content, kind, restored
from pestle.pharmacy.record.medication import (
    AdministrationStatus,
    ControlledDrugStatement,
    CourseOfTherapy,
    LineStatus,
    Medication,
    MedicationAdministration,
    MedicationOrder,
    MedicationRequest,
    MedicationStatement,
    MedicationSupply,
    OrderAction,
    RepeatIssue,
    StatementStatus,
)
from pestle.pharmacy.record.moment import PartialDate, whole
from pestle.pharmacy.record.observation import Comparator, Component, Observation, ObservationStatus
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.wire.fhir.record.conditions import NO_KNOWN_ALLERGY
from pestle.wire.fhir.record.read import READERS, ReceivedRecord, read_bytes, read_record
from pestle.wire.fhir.record.write import write_record
from pestle.wire.fhir.tree import dump, parse

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
PROVENANCES = st.builds(
    Provenance, st.sampled_from(SourceKind), WORDS, MOMENTS, UNSAID | MOMENTS, UNSAID | WORDS
)
PARTIAL = st.one_of(
    DAYS.map(whole),
    DAYS.map(lambda day: PartialDate(day.year, day.month)),
    DAYS.map(lambda day: PartialDate(day.year)),
)
IDS = st.uuids().map(str) | WORDS | st.builds("https://example.org/id|{}".format, WORDS)
OTHER_CODES = st.lists(
    st.builds(Coded, WORDS, st.just("http://read.info/readv2"), st.text("ABC123", min_size=5, max_size=5)),
    max_size=2,
    unique_by=lambda coded: coded.code,
).map(tuple)


@st.composite
def words_with_codes(draw: st.DrawFn) -> tuple[Coded, tuple[Coded, ...]]:
    what = draw(CODED)
    return what, draw(OTHER_CODES) if what.code else ()


@st.composite
def days_with_moments(draw: st.DrawFn) -> tuple[PartialDate | None, datetime | None]:
    at = draw(UNSAID | MOMENTS)
    return (whole(at.date()), at) if at else (draw(UNSAID | PARTIAL), None)


@st.composite
def allergies(draw: st.DrawFn) -> Allergy:
    # Hypothesis knows the code that says there is none: it stands in the reader.
    what, also = draw(words_with_codes().filter(lambda drawn: drawn[0].code != NO_KNOWN_ALLERGY.code))
    return Allergy(
        substance=what.text,
        code=what.code,
        system=what.system,
        also=also,
        kind=draw(st.sampled_from(AllergyKind)),
        provenance=draw(PROVENANCES),
        reaction=draw(st.just("") | WORDS),
        severity=draw(st.sampled_from(ReactionSeverity)),
        status=draw(st.sampled_from(ClinicalStatus)),
        onset=draw(UNSAID | PARTIAL),
        id=draw(IDS),
    )


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    what, also = draw(words_with_codes())
    return Condition(
        id=draw(IDS),
        what=what,
        also=also,
        provenance=draw(PROVENANCES),
        status=draw(st.sampled_from(ClinicalStatus)),
        verification=draw(st.sampled_from(VerificationStatus)),
        onset=draw(UNSAID | PARTIAL),
        abated=draw(UNSAID | PARTIAL),
        note=draw(st.just("") | WORDS),
    )


COMPARATORS = UNSAID | st.sampled_from(Comparator)


@st.composite
def values(draw: st.DrawFn) -> dict[str, Any]:
    value = draw(UNSAID | QUANTITIES | CODED | WORDS | st.booleans())
    measured = not isinstance(value, Coded | str | bool) and value is not None
    return {
        "value": value,
        "comparator": draw(COMPARATORS) if measured else None,
        "missing": draw(UNSAID | CODED),
    }


@st.composite
def observations(draw: st.DrawFn) -> Observation:
    what, also = draw(words_with_codes())
    taken, taken_at = draw(days_with_moments())
    return Observation(
        id=draw(IDS),
        what=what,
        also=also,
        provenance=draw(PROVENANCES),
        taken=taken,
        taken_at=taken_at,
        **draw(values()),
        status=draw(st.sampled_from(ObservationStatus)),
        reference=draw(UNSAID | RANGES),
        interpretation=draw(UNSAID | CODED),
        components=tuple(
            Component(what=part[0], also=part[1], **draw(values()))
            for part in draw(st.lists(words_with_codes(), max_size=2))
        ),
        note=draw(st.just("") | WORDS),
    )


MEDICATIONS = st.builds(Medication, CODED)
PERIODS = st.fixed_dictionaries({"starts": UNSAID | PARTIAL, "ends": UNSAID | PARTIAL})


@st.composite
def orders(draw: st.DrawFn) -> MedicationOrder:
    medication = draw(MEDICATIONS)
    action = draw(st.sampled_from(OrderAction))
    request = MedicationRequest(
        id=draw(IDS),
        medication=medication.written,
        dosage=draw(UNSAID | DOSAGES),
        quantity=draw(UNSAID | QUANTITIES),
        status=draw(st.sampled_from(LineStatus)),
        intent=draw(st.sampled_from(("order", "plan", "instance-order"))),
        course_of_therapy=draw(st.sampled_from(CourseOfTherapy)),
        substitution_allowed=draw(UNSAID | st.booleans()),
        days_supply=draw(UNSAID | AMOUNTS),
        endorsements=draw(st.lists(CODED, max_size=2).map(tuple)),
        controlled_drug=draw(UNSAID | st.builds(ControlledDrugStatement, st.just("CD2"), WORDS)),
        repeat=draw(
            UNSAID | st.builds(RepeatIssue, POSITIVE, st.integers(1, 13), UNSAID | DAYS, UNSAID | DAYS)
        ),
        notes=draw(st.lists(WORDS, max_size=2).map(tuple)),
        status_reason=draw(UNSAID | CODED),
        dispense_status=draw(UNSAID | st.builds(Coded, WORDS, st.just("https://example.org"), WORDS)),
        reason=draw(UNSAID | CODED),
    )
    during = draw(PERIODS)
    return MedicationOrder(
        request=request,
        medication=medication,
        provenance=draw(PROVENANCES),
        action=action,
        follows=None if action is OrderAction.NEW else draw(IDS),
        starts=during["starts"],
        ends=during["ends"],
        withheld_until=draw(UNSAID | PARTIAL),
        prescribed_elsewhere=draw(st.booleans()),
    )


@st.composite
def statements(draw: st.DrawFn) -> MedicationStatement:
    return MedicationStatement(
        id=draw(IDS),
        medication=draw(MEDICATIONS),
        provenance=draw(PROVENANCES),
        status=draw(st.sampled_from(StatementStatus)),
        dosage=draw(UNSAID | DOSAGES),
        last_issued=draw(UNSAID | PARTIAL),
        reason=draw(UNSAID | CODED),
        **draw(PERIODS),
    )


SUPPLIES = st.builds(
    MedicationSupply, IDS, MEDICATIONS, PROVENANCES, DAYS, UNSAID | QUANTITIES, UNSAID | AMOUNTS, UNSAID | IDS
)
ADMINISTRATIONS = st.builds(
    MedicationAdministration,
    IDS,
    MEDICATIONS,
    PROVENANCES,
    st.sampled_from(AdministrationStatus),
    MOMENTS,
    UNSAID | QUANTITIES,
    UNSAID | IDS,
    UNSAID | CODED,
)
ENCOUNTERS = st.builds(
    Encounter,
    IDS,
    st.sampled_from(EncounterClass),
    PROVENANCES,
    UNSAID | PARTIAL,
    UNSAID | PARTIAL,
    UNSAID | st.builds(Coded, WORDS, st.just(SNOMED), st.text("123456789", min_size=6, max_size=9)),
    UNSAID | st.booleans(),
)
FACTS: st.SearchStrategy[RecordFact] = st.one_of(
    allergies(), conditions(), observations(), orders(), statements(), SUPPLIES, ADMINISTRATIONS, ENCOUNTERS
)


def _part(facts: Any) -> Any:
    return UNSAID | st.lists(facts, max_size=2, unique_by=lambda fact: fact.id).map(tuple)


@st.composite
def allergy_records(draw: st.DrawFn) -> AllergyRecord:
    status = draw(st.sampled_from(AllergyStatus))
    if status is AllergyStatus.KNOWN:
        known = draw(st.lists(allergies(), min_size=1, max_size=2, unique_by=lambda one: one.id))
        return AllergyRecord(status, tuple(known))
    stated = draw(PROVENANCES) if status is AllergyStatus.NONE_KNOWN else None
    return AllergyRecord(status, stated=stated)


RECORDS = st.builds(
    Record,
    PATIENTS,
    allergy_records(),
    _part(conditions()),
    _part(observations()),
    _part(orders()),
    _part(statements()),
    _part(SUPPLIES),
    _part(ADMINISTRATIONS),
    _part(ENCOUNTERS),
)


def _read(data: bytes) -> ReceivedRecord:
    return read_bytes(data, sender="Dr A Sender", received_at=NOW)


# A record that fails takes minutes to be made smaller, and is told as it is.
@settings(
    max_examples=50,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(RECORDS)
def test_a_record_reads_back_as_itself(record: Record) -> None:
    received = _read(dump(write_record(record, at=NOW)))
    assert received.record == record
    assert received.notes == ()


@given(FACTS)
def test_what_a_fact_says_is_kept_in_the_tables_without_loss(fact: RecordFact) -> None:
    told = json.loads(json.dumps(content(fact)))
    assert restored(type(fact), told, fact.provenance) == fact


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(FACTS, st.booleans(), st.booleans(), st.booleans()), max_size=4))
def test_what_becomes_of_an_arrival_as_a_slow_reader_would_say(
    drawn: list[tuple[RecordFact, bool, bool, bool]],
) -> None:
    """Each sent fact beside everything held, one after the other, by the words of the glossary."""
    held: list[Held] = []
    sent: list[Sent] = []
    for row, (fact, is_held, retracted, changed) in enumerate(drawn):
        if is_held and not any((kind(one.latest), one.latest.id) == (kind(fact), fact.id) for one in held):
            held.append(Held(fact.id, row, fact, fact, retracted=retracted))
        sent.append(Sent(_changed(fact) if changed else fact, f"entry[{row}]"))
    for index, arrival in enumerate(compare(held, sent)):
        ids = [(kind(one.fact), one.fact.id) for one in sent]
        twins = [one for at, one in enumerate(sent[:index]) if ids[at] == ids[index]]
        known = [one for one in held if (kind(one.latest), one.latest.id) == ids[index]]
        if twins:
            expected = {Verdict.SAME, Verdict.CLASHES}
        elif not known:
            expected = {Verdict.NEW}
        elif json.dumps(content(known[0].latest)) != json.dumps(content(sent[index].fact)):
            expected = {Verdict.FOLLOWS, Verdict.CLASHES}
        else:
            expected = {Verdict.RETRACTED if known[0].retracted else Verdict.SAME}
        assert arrival.verdict in expected


def _changed(fact: RecordFact) -> RecordFact:
    if isinstance(fact, Condition):
        return replace(fact, note=f"{fact.note}, and more")
    if isinstance(fact, Observation):
        return replace(fact, note=f"{fact.note}, and more")
    return fact


def only_refuses(data: bytes) -> None:
    """Understands the bytes or refuses them by name; any other exception fails the test."""
    received: ReceivedRecord | None = None
    refusals: tuple[Refusal, ...] = ()
    try:
        received = _read(data)
    except Refused as refused:
        refusals = refused.refusals
    assert all(one.rule and one.reason for one in refusals)
    if received is None:
        assert refusals
        return
    assert all(one.rule and one.reason and one.place for one in received.notes)
    again = read_record(write_record(received.record, at=NOW), sender="Dr A Sender", received_at=NOW)
    assert again.record == received.record


PATIENT = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9434765919"}],
    "name": [{"family": "O'Brien", "given": ["Mary"]}],
    "birthDate": "1965-03-10",
}
KEYS = st.sampled_from(
    [
        "id",
        "status",
        "intent",
        "code",
        "text",
        "subject",
        "onsetDateTime",
        "onsetPeriod",
        "clinicalStatus",
        "valueQuantity",
        "valueString",
        "component",
        "referenceRange",
        "effectiveDateTime",
        "effectivePeriod",
        "medicationCodeableConcept",
        "medicationReference",
        "dosageInstruction",
        "dosage",
        "dispenseRequest",
        "extension",
        "reaction",
        "authoredOn",
        "period",
        "class",
        "type",
        "note",
        "identifier",
        "value",
        "unit",
        "system",
        "coding",
        "display",
        "start",
        "end",
        "whenHandedOver",
        "quantity",
        "daysSupply",
        "request",
        "taken",
    ]
)
DEEP = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 400),
        st.sampled_from(
            [
                "active",
                "final",
                "completed",
                "2026-02-30",
                "2026-07",
                "2026-07-09T10:00:00Z",
                "d",
                "#m",
                "1.0",
            ]
        ),
        st.text(max_size=4),
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(READERS)), st.dictionaries(KEYS, DEEP, max_size=8))
def test_any_resource_of_a_record(type_: str, body: dict[str, Any]) -> None:
    subject = "patient" if type_ == "AllergyIntolerance" else "subject"
    resource = {**body, "resourceType": type_, subject: {"reference": "Patient/p1"}}
    if not isinstance(resource.get("id"), str):
        resource.pop("id", None)
    entries = [{"resource": PATIENT}, {"resource": resource}]
    only_refuses(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}).encode())


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    only_refuses(data)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.data())
def test_real_records_with_something_changed(samples: Path, data: st.DataObject) -> None:
    folder = samples / "medrec" / "gpconnect"
    record = json.loads((folder / "gpc-data-model--api-response-payload--medication.json").read_bytes())
    record["entry"][0]["resource"]["identifier"][0]["value"] = "9434765919"
    chance = data.draw(st.randoms(use_true_random=False))
    for _ in range(chance.choice([1, 1, 2, 4])):
        places = list(_places(record))
        if not places:
            break
        holder, key = chance.choice(places)
        match chance.choice(["drop", "change", "change", "double"]):
            case "drop":
                del holder[key]
            case "change":
                holder[key] = data.draw(JSON)
            case "double" if isinstance(holder, list):
                holder.append(holder[key])
    only_refuses(json.dumps(record).encode())


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b'{"resourceType": "Bundle"}', b"{" * 100_000])
def test_small_horrors(data: bytes) -> None:
    with pytest.raises(Refused):
        _read(data)


def test_the_tree_of_each_resource_is_kept() -> None:
    body = {"resourceType": "Condition", "id": "c1", "code": {"text": "Asthma"}, "x": 1.50,
            "subject": {"reference": "Patient/p1"}}  # fmt: skip
    entries = [{"resource": PATIENT}, {"resource": body}]
    received = _read(json.dumps({"resourceType": "Bundle", "type": "document", "entry": entries}).encode())
    (place,) = (one.place for one in received.sent)
    assert received.trees[place] == parse(json.dumps(body).encode())
    assert [note.place for note in received.notes] == ["Bundle.entry[1].resource.x"]
