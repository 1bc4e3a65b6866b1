"""What becomes of a message: filed whole, judged, turned into work; and nothing is lost or done twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from tests.web.actions.bench import (
    FUROSEMIDE,
    JOHN,
    MARY,
    MORPHINE,
    NOW,
    PARACETAMOL,
    Bench,
    a_key,
    ordered,
    together,
)

from pestle.demo.messages import a_cancellation, written
from pestle.pharmacy.record.medication import Prescription
from pestle.pharmacy.record.patient import Name, Patient
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import lines, messages
from pestle.web.store import audit, models
from pestle.wire.eps.cancellation import read_response
from pestle.wire.eps.codes import CancellationReason
from pestle.wire.fhir.tree import parse

ERROR = CancellationReason.PRESCRIBING_ERROR


def _outcome(bench: Bench, data: bytes) -> tuple[str, list[str], list[int]]:
    result = bench.receive(data).result
    kept = models.Message.objects.get(pk=result["message"])
    assert bytes(kept.body) == data
    assert kept.outcome == result["outcome"]
    assert models.MessageTask.objects.filter(message=kept).exists() is bool(result["refusals"])
    return result["outcome"], [refusal["rule"] for refusal in result["refusals"]], result["prescriptions"]


def test_a_prescription_arrives(bench: Bench) -> None:
    sent = ordered(FUROSEMIDE, PARACETAMOL)
    outcome, rules, found = _outcome(bench, written(sent))
    assert (outcome, rules, len(found)) == ("accepted", [], 1)
    row = bench.row(found[0])
    assert (row.number, row.step, row.patient.nhs_number) == (sent.number, "entry", "9434765919")
    assert [(line.place, line.item_id, line.medication_text, line.state) for line in bench.lines(row.pk)] == [
        (1, sent.lines[0].id, FUROSEMIDE.medicine, "open"),
        (2, sent.lines[1].id, PARACETAMOL.medicine, "open"),
    ]


def test_the_same_message_twice_is_the_same_prescription(bench: Bench) -> None:
    data = written(ordered())
    _, _, first = _outcome(bench, data)
    assert _outcome(bench, data) == ("duplicate", [], first)
    # Laid out otherwise, it is the same message still.
    assert _outcome(bench, json.dumps(json.loads(data), indent=2).encode()) == ("duplicate", [], first)
    assert models.Prescription.objects.count() == models.Patient.objects.count() == 1


def test_the_same_number_with_other_content_is_refused(bench: Bench) -> None:
    _outcome(bench, written(ordered(FUROSEMIDE)))
    other = written(ordered(PARACETAMOL))
    assert _outcome(bench, other) == ("refused", ["eps.duplicate-prescription"], [])
    assert [line.medication_text for line in models.Line.objects.all()] == [FUROSEMIDE.medicine]


@pytest.mark.parametrize(
    ("sent", "rule"),
    [
        (replace(MARY, born=date(1965, 10, 3)), "patient.birth-date-differs"),
        (replace(MARY, name=replace(MARY.name, family="Byrne")), "patient.surname-differs"),
    ],
)
def test_a_number_that_we_hold_for_somebody_else_stops_for_a_person(
    bench: Bench, sent: Patient, rule: str
) -> None:
    bench.take_in()
    assert _outcome(bench, written(ordered(key="b", patient=sent))) == ("refused", [rule], [])
    held = models.Patient.objects.get()
    assert (held.family, held.born) == ("O'Brien", date(1965, 3, 10))


def test_the_same_name_and_birth_date_under_two_numbers_are_two_patients(bench: Bench) -> None:
    bench.take_in()
    bench.take_in(key="b", patient=replace(MARY, nhs_number=JOHN.nhs_number))
    assert models.Patient.objects.count() == 2


def test_what_we_hold_is_not_changed_by_a_message(bench: Bench) -> None:
    bench.take_in()
    moved = replace(MARY, name=Name("OBRIEN", ("Maria",), "Ms"))
    bench.take_in(key="b", patient=moved)
    held = models.Patient.objects.get()
    assert (held.family, held.given, held.prefix) == ("O'Brien", ["Mary"], "Mrs")


@pytest.mark.parametrize("data", [b"{", b"\xff\xfe", b"[]", b'{"resourceType": "Nothing"}', b"GIF89a"])
def test_what_cannot_be_read_is_kept_for_a_person(bench: Bench, data: bytes) -> None:
    outcome, rules, found = _outcome(bench, data)
    assert outcome == "refused"
    assert rules
    assert found == []
    task = models.MessageTask.objects.get()
    messages.close_refused(
        by=bench.tess, now=NOW, key=a_key(), message_id=task.message_id, note="asked the sender"
    )
    task.refresh_from_db()
    assert (task.closed_at, task.closed_by_id) == (NOW, bench.tess.id)
    with pytest.raises(Refused) as refused:
        messages.close_refused(by=bench.leon, now=NOW, key=a_key(), message_id=task.message_id, note="me too")
    assert refused.value.rule == "messages.closed"


def test_what_is_too_long_to_be_kept_is_refused_and_not_cut_short(bench: Bench) -> None:
    long = replace(MARY, name=Name("O" * 121, ("Mary",)))
    assert _outcome(bench, written(ordered(patient=long))) == ("refused", ["messages.too-long"], [])
    message = json.loads(written(ordered(key="b")))
    line = next(
        each["resource"]
        for each in message["entry"]
        if each["resource"]["resourceType"] == "MedicationRequest"
    )
    line["medicationCodeableConcept"]["coding"][0]["display"] = "x" * 301
    assert _outcome(bench, json.dumps(message).encode()) == ("refused", ["messages.too-long"], [])
    assert not models.Patient.objects.exists()


def test_the_name_of_a_file_need_not_be_text(bench: Bench) -> None:
    bench.receive(written(ordered()), name="bad\udcff\x00name.json")
    assert models.Message.objects.get().name == "bad??name.json"


def test_only_the_dispensary_receives(bench: Bench) -> None:
    for by, data, rule in ((bench.mo, b"{}", "messages.role"), (bench.tess, b"", "messages.empty")):
        with pytest.raises(Refused) as refused:
            bench.receive(data, by=by)
        assert refused.value.rule == rule
    assert not models.Message.objects.exists()


def _released(*passed: bytes, failed: bytes | None = None) -> bytes:
    def part(name: str, bundles: list[Any]) -> dict[str, Any]:
        entries = [{"resource": bundle} for bundle in bundles]
        return {"name": name, "resource": {"resourceType": "Bundle", "type": "collection", "entry": entries}}

    outcome = {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "invalid", "details": {"text": "Signature is invalid."}}],
    }
    parts = [part("passedPrescriptions", [json.loads(data) for data in passed])]
    parts += [part("failedPrescriptions", [outcome, json.loads(failed)])] if failed else []
    return json.dumps({"resourceType": "Parameters", "parameter": parts}).encode()


def test_a_release_brings_what_passed_and_tells_of_what_failed(bench: Bench) -> None:
    data = _released(written(ordered(key="a")), written(ordered(key="b")), failed=written(ordered(key="c")))
    outcome, rules, found = _outcome(bench, data)
    assert (outcome, rules, len(found)) == ("accepted", ["eps.not-released"], 2)
    assert not models.Prescription.objects.filter(number=ordered(key="c").number).exists()
    told = models.Message.objects.get().refusals[0]
    assert "Signature is invalid" in told["reason"]
    assert told["way_out"].startswith("Never dispense it")


def test_a_release_that_brings_one_prescription_twice(bench: Bench) -> None:
    first, other = written(ordered(FUROSEMIDE)), written(ordered(PARACETAMOL))
    outcome, rules, found = _outcome(bench, _released(first, first))
    assert (outcome, rules, len(found)) == ("accepted", [], 1)
    assert models.Prescription.objects.count() == 1
    second = written(ordered(FUROSEMIDE, key="b")), written(ordered(PARACETAMOL, key="b"))
    outcome, rules, found = _outcome(bench, _released(*second))
    assert (outcome, rules, len(found)) == ("accepted", ["eps.duplicate-prescription"], 1)
    assert other != first


# step that the prescription has reached -> outcome, rule in the list of work, answer, state of the line
CANCELLATIONS = [
    ("entry", "accepted", [], "CANCELLED", "cancelled"),
    ("clinical", "accepted", [], "CANCELLED", "cancelled"),
    ("assemble", "refused", ["cancellation.with-dispenser"], "WITH_DISPENSER", "open"),
    ("accuracy", "refused", ["cancellation.with-dispenser"], "WITH_DISPENSER", "open"),
    ("hand_out", "refused", ["cancellation.with-dispenser"], "WITH_DISPENSER", "open"),
    ("closed", "refused", ["cancellation.already-dispensed"], "ALREADY_DISPENSED", "supplied"),
]


@pytest.mark.parametrize(("step", "outcome", "rules", "answer", "state"), CANCELLATIONS)
def test_a_line_is_cancelled_before_labels_and_else_somebody_telephones(
    bench: Bench, step: str, outcome: str, rules: list[str], answer: str, state: str
) -> None:
    sent = ordered(FUROSEMIDE, PARACETAMOL)
    prescription = bench.at(step, FUROSEMIDE, PARACETAMOL)
    version = bench.row(prescription).version
    data = a_cancellation(sent, place=0, reason=ERROR)
    assert _outcome(bench, data) == (outcome, rules, [prescription])
    first, second = bench.lines(prescription)
    assert (first.state, second.state) == (state, "supplied" if step == "closed" else "open")
    assert (first.cancellation is not None) is (answer == "WITH_DISPENSER")
    assert bench.row(prescription).step == step
    assert bench.row(prescription).version == version + (step != "closed")
    reply = models.Message.objects.get(kind="prescription-order-response")
    told = read_response(parse(bytes(reply.body)))
    assert (told.outcome.name, told.line_id) == (answer, sent.lines[0].id)


def test_the_last_line_cancelled_closes_the_prescription(bench: Bench) -> None:
    sent = ordered(FUROSEMIDE, PARACETAMOL)
    prescription = bench.at("entry", FUROSEMIDE, PARACETAMOL)
    for place in (0, 1):
        bench.receive(a_cancellation(sent, place=place, reason=ERROR))
    row = bench.row(prescription)
    assert (row.step, row.closed_because) == ("closed", "cancelled")
    again = bench.receive(a_cancellation(sent, place=1, reason=ERROR)).result
    assert (again["outcome"], again["summary"]) == ("accepted", "The line had been cancelled before")


def test_a_cancellation_of_what_we_do_not_hold(bench: Bench) -> None:
    assert _outcome(bench, a_cancellation(ordered(), place=0, reason=ERROR)) == (
        "refused", ["cancellation.not-found"], [],
    )  # fmt: skip


def test_a_cancellation_for_another_patient_cancels_nothing(bench: Bench) -> None:
    prescription = bench.at("entry")
    data = a_cancellation(ordered(patient=JOHN), place=0, reason=ERROR)
    assert _outcome(bench, data) == ("refused", ["eps.cancel-other-patient"], [])
    assert bench.lines(prescription)[0].state == "open"


def test_a_wish_to_cancel_stops_the_hand_out_until_a_pharmacist_has_answered(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE, PARACETAMOL)
    bench.receive(a_cancellation(ordered(FUROSEMIDE, PARACETAMOL), place=0, reason=ERROR))
    first, _ = bench.lines(prescription)
    with pytest.raises(Refused) as refused:
        bench.handed_out(prescription)
    assert [each.rule for each in refused.value.refusals] == ["line.cancellation-asked"]
    with pytest.raises(Refused) as refused:
        lines.keep(by=bench.tess, now=NOW, key=a_key(), line_id=first.pk, seen=None, words="Dr Marsh agreed")
    assert refused.value.rule == "worklist.role"
    lines.keep(by=bench.ruth, now=NOW, key=a_key(), line_id=first.pk, seen=None, words="Dr Marsh agreed")
    bench.handed_out(prescription)
    assert [line.state for line in bench.lines(prescription)] == ["supplied", "supplied"]


def test_a_line_withheld_after_a_wish_to_cancel_lets_the_rest_go(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE, PARACETAMOL)
    bench.receive(a_cancellation(ordered(FUROSEMIDE, PARACETAMOL), place=0, reason=ERROR))
    bench.withhold(bench.lines(prescription)[0].pk)
    bench.handed_out(prescription)
    assert [line.state for line in bench.lines(prescription)] == ["withheld", "supplied"]


def test_one_message_received_twice_in_one_moment_is_one_prescription(own_bench: Bench) -> None:
    data = written(ordered())
    done, refused = together(*(lambda: own_bench.receive(data) for _ in range(4)))
    assert not refused
    assert sorted(outcome.result["outcome"] for outcome in done) == ["accepted"] + ["duplicate"] * 3
    assert len({tuple(outcome.result["prescriptions"]) for outcome in done}) == 1
    assert models.Prescription.objects.count() == models.Patient.objects.count() == 1
    assert models.Message.objects.count() == 4
    assert audit.verify(own_bench.site.pk) == (4, None)


def test_two_prescriptions_of_a_new_patient_in_one_moment(own_bench: Bench) -> None:
    def receive(sent: Prescription) -> Any:
        return own_bench.receive(written(sent))

    done, refused = together(lambda: receive(ordered(key="a")), lambda: receive(ordered(MORPHINE, key="b")))
    assert not refused
    assert [outcome.result["outcome"] for outcome in done] == ["accepted"] * 2
    assert models.Patient.objects.count() == 1
