"""A record that arrives in a file: looked at, taken in once, followed when it changes, never put back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.facts import ASTHMA, AT, ONE_OF_EACH, PENICILLIN, WEIGHT
from tests.web.actions.bench import JOHN, MARY, NOW, Bench, a_key, together

from pestle.pharmacy.record.allergy import AllergyKind, AllergyRecord, AllergyStatus, ReactionSeverity
from pestle.pharmacy.record.arrival import Verdict
from pestle.pharmacy.record.condition import ClinicalStatus
from pestle.pharmacy.record.kinds import FactKind, kind
from pestle.pharmacy.record.observation import Observation
from pestle.pharmacy.record.patient import Patient
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import facts, record, record_import
from pestle.web.actions.once import Outcome
from pestle.web.store import models
from pestle.web.store import record as records
from pestle.wire.fhir.record.write import write_record
from pestle.wire.fhir.tree import dump

ZONE = ZoneInfo("Europe/London")
FIELDS = {
    FactKind.CONDITION: "conditions", FactKind.OBSERVATION: "observations", FactKind.ORDER: "orders",
    FactKind.STATEMENT: "statements", FactKind.SUPPLY: "supplies",
    FactKind.ADMINISTRATION: "administrations", FactKind.ENCOUNTER: "encounters",
}  # fmt: skip
NOT_RECORDED = AllergyRecord(AllergyStatus.NOT_RECORDED)


def file(*told: Any, patient: Patient = MARY, allergies: AllergyRecord | None = None) -> bytes:
    """The file of a practice that tells these facts."""
    parts: dict[str, Any] = {}
    for fact in told:
        if kind(fact) is not FactKind.ALLERGY:
            parts.setdefault(FIELDS[kind(fact)], []).append(fact)
    known = tuple(fact for fact in told if kind(fact) is FactKind.ALLERGY)
    if known:
        allergies = AllergyRecord(AllergyStatus.KNOWN, known)
    made = Record(patient, allergies or NOT_RECORDED, **{name: tuple(held) for name, held in parts.items()})
    return dump(write_record(made, at=AT))


@pytest.fixture
def patient(bench: Bench) -> models.Patient:
    bench.take_in()
    return models.Patient.objects.get()


def take_in(bench: Bench, patient: models.Patient, data: bytes, **how: Any) -> Outcome:
    given: dict[str, Any] = {"by": bench.tess, "now": NOW, "key": a_key(), "name": "record.json"}
    return record_import.import_bundle(**{**given, **how}, patient_id=patient.pk, data=data)


def preview(bench: Bench, patient: models.Patient, data: bytes) -> record_import.Preview:
    return record_import.preview_import(by=bench.tess, now=NOW, patient_id=patient.pk, data=data)


def load(patient: models.Patient) -> Record:
    return records.load(patient, now=NOW, zone=ZONE)


def test_a_file_with_one_fact_of_each_kind(bench: Bench, patient: models.Patient) -> None:
    data = file(*ONE_OF_EACH)
    seen = preview(bench, patient, data)
    assert seen.counts == {Verdict.NEW: 8}
    assert seen.notes == ()
    assert models.RecordImport.objects.count() == 0
    result = take_in(bench, patient, data, seen=seen.seen).result
    assert result["added"] == 8
    held = models.RecordImport.objects.get()
    assert (bytes(held.body), held.counts) == (data, {"NEW": 8})
    found = load(patient)
    assert [one.id for one in found.conditions or ()] == ["c1"]
    assert found.allergies.allergies[0].onset == PENICILLIN.onset
    asthma = (found.conditions or ())[0]
    # Who told it stays; that it was written here, and from which place of which file, is ours.
    assert asthma.provenance == Provenance(
        SourceKind.IMPORT, "Dr A Sender", NOW, None, f"import:{held.pk} {seen.arrivals[1].sent.place}"
    )


def test_the_same_file_again_adds_nothing(bench: Bench, patient: models.Patient) -> None:
    data = file(ASTHMA, WEIGHT)
    take_in(bench, patient, data)
    again = take_in(bench, patient, data).result
    assert (again["added"], again["again"]) == (0, True)
    assert models.RecordImport.objects.count() == 1
    assert models.ConditionFact.objects.count() == 1


def test_the_same_facts_in_another_file_are_held_already(bench: Bench, patient: models.Patient) -> None:
    take_in(bench, patient, file(ASTHMA))
    other = file(ASTHMA, WEIGHT)
    assert preview(bench, patient, other).counts == {Verdict.SAME: 1, Verdict.NEW: 1}
    assert take_in(bench, patient, other).result["added"] == 1


def test_what_changed_follows_what_we_hold(bench: Bench, patient: models.Patient) -> None:
    take_in(bench, patient, file(ASTHMA, PENICILLIN))
    changed = file(replace(ASTHMA, status=ClinicalStatus.RESOLVED), replace(PENICILLIN, reaction="Rash"))
    assert preview(bench, patient, changed).counts == {Verdict.FOLLOWS: 2}
    take_in(bench, patient, changed)
    found = load(patient)
    assert [one.status for one in found.conditions or ()] == [ClinicalStatus.RESOLVED]
    assert [one.reaction for one in found.allergies.allergies] == ["Rash"]
    assert models.ConditionFact.objects.count() == models.AllergyFact.objects.count() == 2


def test_what_was_retracted_here_is_not_put_back(bench: Bench, patient: models.Patient) -> None:
    take_in(bench, patient, file(ASTHMA, PENICILLIN))
    row = models.ConditionFact.objects.get()
    facts.retract(
        by=bench.ruth, now=NOW, key=a_key(), patient_id=patient.pk, fact_kind=FactKind.CONDITION,
        row_id=row.pk, reason="of another patient",
    )  # fmt: skip
    record.retract_allergy(
        by=bench.ruth, now=NOW, key=a_key(), fact_id=models.AllergyFact.objects.get().pk, reason="tested"
    )
    other = file(ASTHMA, PENICILLIN, WEIGHT)
    assert preview(bench, patient, other).counts == {Verdict.RETRACTED: 2, Verdict.NEW: 1}
    take_in(bench, patient, other)
    assert load(patient).conditions == ()
    assert load(patient).allergies.status is AllergyStatus.NOT_RECORDED


STATED = AllergyRecord(AllergyStatus.NONE_KNOWN, stated=Provenance(SourceKind.IMPORT, "Dr A Sender", AT))


def test_no_known_allergies_is_news_only_where_nobody_said_so(bench: Bench, patient: models.Patient) -> None:
    take_in(bench, patient, file(allergies=STATED))
    stated = load(patient).allergies
    assert stated.status is AllergyStatus.NONE_KNOWN
    assert stated.stated is not None
    assert stated.stated.who == "Dr A Sender"
    # An allergy follows the statement that there was none.
    take_in(bench, patient, file(PENICILLIN))
    assert load(patient).allergies.status is AllergyStatus.KNOWN
    assert models.AllergyFact.objects.latest("pk").follows is not None


def test_no_known_allergies_takes_nothing_from_what_we_hold(bench: Bench, patient: models.Patient) -> None:
    record.record_allergy(
        by=bench.tess, now=NOW, key=a_key(), patient_id=patient.pk, substance="latex", reaction="",
        kind=AllergyKind.ALLERGY, severity=ReactionSeverity.UNKNOWN, told_by="the patient",
    )  # fmt: skip
    seen = preview(bench, patient, file(allergies=STATED))
    assert [note.rule for note in seen.notes] == ["record.allergies-differ"]
    take_in(bench, patient, file(allergies=STATED))
    assert load(patient).allergies.status is AllergyStatus.KNOWN


def test_the_wrong_patient_and_the_wrong_person(bench: Bench, patient: models.Patient) -> None:
    for data, how, rule in (
        (file(ASTHMA, patient=JOHN), {}, "patient.nhs-number-differs"),
        (file(ASTHMA, patient=replace(MARY, nhs_number=None)), {}, "patient.nhs-number-missing"),
        (file(ASTHMA, patient=replace(MARY, born=JOHN.born)), {}, "patient.birth-date-differs"),
        (file(ASTHMA), {"by": bench.mo}, "record.role"),
        (b"", {}, "record.empty-file"),
        (b"%PDF-1.7", {}, "fhir.not-json"),
        (json.dumps({"resourceType": "Patient"}).encode(), {}, "record.not-a-bundle"),
    ):
        with pytest.raises(Refused) as refused:
            take_in(bench, patient, data, **how)
        assert refused.value.rule == rule
    assert models.RecordImport.objects.count() == models.ConditionFact.objects.count() == 0


def test_what_was_seen_is_what_is_taken_in(bench: Bench, patient: models.Patient) -> None:
    data = file(ASTHMA, WEIGHT)
    seen = preview(bench, patient, data).seen
    take_in(bench, patient, file(ASTHMA))
    with pytest.raises(Refused) as refused:
        take_in(bench, patient, data, seen=seen)
    assert refused.value.rule == "record.changed-since"


def test_two_at_once_are_taken_in_once(own_bench: Bench) -> None:
    own_bench.take_in()
    patient = models.Patient.objects.get()
    data = file(*ONE_OF_EACH)
    done, refused = together(
        lambda: take_in(own_bench, patient, data),
        lambda: take_in(own_bench, patient, data, by=own_bench.ruth),
    )
    assert (len(done), refused) == (2, [])
    assert sorted(one.result["added"] for one in done) == [0, 8]
    assert models.ObservationFact.objects.count() == 1


def test_the_audit_event_tells_digest_and_counts_and_nothing_of_the_patient(
    bench: Bench, patient: models.Patient
) -> None:
    take_in(bench, patient, file(ASTHMA))
    event = models.AuditEvent.objects.get(action="record.import")
    held = models.RecordImport.objects.get()
    assert event.detail == {
        "import": held.pk, "digest": held.digest, "counts": {"NEW": 1}, "not_understood": 0,
    }  # fmt: skip
    assert event.subject == f"patient:{patient.pk}"


def result(bench: Bench, patient: models.Patient, **told: Any) -> Outcome:
    given: dict[str, Any] = {"by": bench.tess, "kind": "body_weight", "value": "72.5", "unit": "kg",
                             "taken": "2026-11-01", "told_by": "the scales"}  # fmt: skip
    return facts.record_result(now=NOW, key=a_key(), patient_id=patient.pk, **{**given, **told})


def test_by_hand_and_by_whom(bench: Bench, patient: models.Patient) -> None:
    result(bench, patient)
    facts.record_statement(
        by=bench.tess, now=NOW, key=a_key(), patient_id=patient.pk, medicine="St John's wort", product_id="",
        unlisted=True, starts="2026", told_by="the patient",
    )  # fmt: skip
    asked: dict[str, Any] = {"what": "Asthma", "began": "2011", "note": "", "told_by": "the patient"}
    with pytest.raises(Refused) as refused:
        facts.record_condition(by=bench.tess, now=NOW, key=a_key(), patient_id=patient.pk, **asked)
    assert refused.value.rule == "record.role"
    facts.record_condition(by=bench.ruth, now=NOW, key=a_key(), patient_id=patient.pk, **asked)
    found = load(patient)
    assert [one.provenance.who for one in found.observations or ()] == ["Tess Okafor, told by the scales"]
    assert [one.medication.written.text for one in found.statements or ()] == ["St John's wort"]
    assert [one.what.text for one in found.conditions or ()] == ["Asthma"]
    for told, rule in (({"by": bench.mo}, "record.role"), ({"value": "7250"}, "record.implausible")):
        with pytest.raises(Refused) as refused:
            result(bench, patient, **told)
        assert refused.value.rule == rule


def test_a_result_is_corrected_and_taken_back_with_a_reason(bench: Bench, patient: models.Patient) -> None:
    row = result(bench, patient).result["fact"]
    corrected = facts.correct_result(
        by=bench.tess, now=NOW, key=a_key(), patient_id=patient.pk, row_id=row, kind="body_weight",
        value="75.2", unit="kg", taken="2026-11-01", reason="misread",
    )  # fmt: skip
    assert not corrected.repeated
    (found,) = load(patient).observations or ()
    assert isinstance(found, Observation)
    assert str(getattr(found.value, "value", "")) == "75.2"
    now = models.ObservationFact.objects.latest("pk")
    taken_back = {"now": NOW, "patient_id": patient.pk, "fact_kind": FactKind.OBSERVATION}
    for row_id, by, reason, rule in (
        (row, bench.tess, "wrong scales", "record.fact-unknown"),
        (now.pk, bench.tess, "", "record.no-reason"),
        (now.pk, bench.mo, "wrong scales", "record.role"),
    ):
        with pytest.raises(Refused) as refused:
            facts.retract(by=by, key=a_key(), row_id=row_id, reason=reason, **taken_back)  # type: ignore[arg-type]
        assert refused.value.rule == rule
    facts.retract(by=bench.tess, key=a_key(), row_id=now.pk, reason="wrong scales", **taken_back)  # type: ignore[arg-type]
    assert load(patient).observations is None


def test_a_technician_takes_back_only_what_was_written_here(bench: Bench, patient: models.Patient) -> None:
    take_in(bench, patient, file(WEIGHT))
    row = models.ObservationFact.objects.get()
    taken_back: dict[str, Any] = {"now": NOW, "patient_id": patient.pk, "fact_kind": FactKind.OBSERVATION,
                                  "row_id": row.pk, "reason": "another patient"}  # fmt: skip
    with pytest.raises(Refused) as refused:
        facts.retract(by=bench.adam, key=a_key(), **taken_back)
    assert refused.value.rule == "record.role"
    facts.retract(by=bench.ruth, key=a_key(), **taken_back)
    # The file spoke of results, so none is left, which is not the same as unknown.
    assert load(patient).observations == ()
