"""The pages of a patient's record: empty, filled, looked at, taken in, written by hand, taken back."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.facts import ASTHMA, ONE_OF_EACH, PENICILLIN, WEIGHT
from tests.web.actions.bench import JOHN, NOW, Bench, open_bench
from tests.web.actions.test_record_import import file, take_in
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.pharmacy.record.kinds import identified
from pestle.web.store import models
from pestle.web.store import record as records
from pestle.wire.fhir.record.read import read_bytes


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(hours=1))
    found = open_bench()
    found.take_in()
    return found


def _patient() -> models.Patient:
    return models.Patient.objects.get()


def _at(what: str = "") -> str:
    return f"/patients/{_patient().pk}/record/{what}"


def _field(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found is not None, name
    return found.group(1)


def test_an_empty_record_says_what_fills_it(bench: Bench) -> None:
    status, html = Desk(bench.tess).get(_at())
    assert status == 200
    assert "Nothing is on record from elsewhere" in html
    assert "were not assessed" in html


def test_a_file_is_looked_at_and_then_taken_in(bench: Bench) -> None:
    desk = Desk(bench.tess)
    sent = SimpleUploadedFile("record.json", file(*ONE_OF_EACH))
    looked = text_of(desk.post(_at("import"), file=sent))
    assert "8 facts, of which 8 would enter the record" in words(looked)
    assert "Everything in the file was understood." in looked
    assert models.RecordImport.objects.count() == 0
    fields = {name: _field(looked, name) for name in ("packed", "seen", "name")}
    assert desk.post(_at("import/confirm"), fields).status_code == 303
    _, html = desk.get(_at())
    said = words(html)
    for text in ("8 facts taken in.", "Asthma", "72.5 kg", "Since", "2011", "supplied elsewhere", "goes on"):
        assert text in said, text
    assert "Told by Dr A Sender" in said
    assert "file “record.json”, taken in by Tess Okafor" in said


def test_the_same_file_again_says_that_nothing_has_changed(bench: Bench) -> None:
    desk = Desk(bench.tess)
    data = file(ASTHMA)
    take_in(bench, _patient(), data)
    looked = text_of(desk.post(_at("import"), file=SimpleUploadedFile("record.json", data)))
    assert "Taking it in again adds nothing." in looked
    fields = {name: _field(looked, name) for name in ("packed", "seen", "name")}
    desk.post(_at("import/confirm"), fields)
    assert "Nothing new was in the file" in desk.get(_at())[1]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"%PDF-1.7", "fhir.not-json"),
        (b'{"resourceType": "Patient"}', "record.not-a-bundle"),
        (file(ASTHMA, patient=JOHN), "patient.nhs-number-differs"),
    ],
)
def test_a_wrong_file_is_refused_by_name(bench: Bench, data: bytes, rule: str) -> None:
    response = Desk(bench.tess).post(_at("import"), file=SimpleUploadedFile("x.json", data))
    assert response.status_code == 422
    assert rule in text_of(response)


def test_no_file_and_one_that_did_not_come_back(bench: Bench) -> None:
    desk = Desk(bench.tess)
    assert "record.no-file" in text_of(desk.post(_at("import")))
    assert "file.not-whole" in text_of(desk.post(_at("import/confirm"), packed="!", seen="x"))


def test_what_is_not_understood_is_shown_before_and_after(bench: Bench) -> None:
    bundle = json.loads(file(ASTHMA))
    for entry in bundle["entry"]:
        if entry["resource"]["resourceType"] == "Condition":
            entry["resource"]["severity"] = {"text": "Moderate"}
    bundle["entry"].append({"resource": {"resourceType": "Immunization"}})
    data = json.dumps(bundle).encode()
    looked = text_of(Desk(bench.tess).post(_at("import"), file=SimpleUploadedFile("x.json", data)))
    assert "This part is not kept in the record" in looked
    assert "Immunization is a kind of resource that is not read here" in looked
    take_in(bench, _patient(), data)
    assert "2 parts not understood" in words(Desk(bench.tess).get(_at())[1])


def test_results_in_order_of_time(bench: Bench) -> None:
    desk = Desk(bench.tess)
    for value, taken in (("80", "2026-01-05"), ("76", "2026-05-05"), ("72.5", "2026-11-01")):
        done = desk.post(_at("result"), kind="body_weight", value=value, taken=taken, told_by="our scales")
        assert done.status_code == 303
    _, html = desk.get(_at("results/body_weight"))
    said = words(html)
    assert "3 results from 05-Jan-2026 to 01-Nov-2026." in said
    assert "The last, 72.5 kg, is lower than the first, 80 kg." in said
    assert html.count("pt-trend__point") == 3
    assert "style=" not in html
    assert desk.get(_at("results/shoe_size"))[0] == 404


def test_a_slip_comes_back_with_what_was_typed(bench: Bench) -> None:
    response = Desk(bench.tess).post(
        _at("result"), kind="body_weight", value="7250", taken="2026-11-01", told_by="our scales"
    )
    assert response.status_code == 422
    html = text_of(response)
    assert "not plausible" in html
    assert 'value="7250"' in html


def test_a_medicine_that_is_taken_is_looked_up_first(bench: Bench) -> None:
    desk = Desk(bench.tess)
    told = {"medicine": "amlodipin 5", "starts": "2026-07", "told_by": "the patient"}
    refused = desk.post(_at("statement"), told)
    assert (refused.status_code, "record.no-product" in text_of(refused)) == (422, True)
    looked = text_of(desk.post(_at("statement"), told, look_up="medicine"))
    assert 'value="2026-07"' in looked, "what was typed stays"
    product = re.search(r'name="product" value="(\d+)">\s*<label[^>]*><strong>Amlodipine 5mg tablets', looked)
    assert product is not None
    assert not models.StatementFact.objects.exists()
    assert desk.post(_at("statement"), told, product=product[1]).status_code == 303
    assert desk.post(_at("statement"), medicine="St John’s wort", product="none").status_code == 303
    written = [records.value(row).medication.written for row in models.StatementFact.objects.order_by("pk")]
    assert [each.code for each in written] == [product[1], None]
    assert [each.text for each in written] == ["Amlodipine 5mg tablets", "St John’s wort"]


def test_corrected_and_taken_back_from_the_page(bench: Bench) -> None:
    desk = Desk(bench.tess)
    desk.post(_at("result"), kind="body_weight", value="27.5", taken="2026-11-01", told_by="our scales")
    row = models.ObservationFact.objects.get().pk
    desk.post(
        _at("correct-result"), row=row, kind="body_weight", value="72.5", taken="2026-11-01", reason="digits"
    )
    assert "Corrects what stood here before: digits" in words(desk.get(_at())[1])
    now = models.ObservationFact.objects.latest("pk").pk
    assert desk.post(_at("retract"), kind="OBSERVATION", row=now, reason="other patient").status_code == 303
    assert "72.5 kg" not in desk.get(_at())[1]
    assert desk.post(_at("retract"), kind="OBSERVATION", row=now, reason="again").status_code == 422
    assert desk.post(_at("retract"), kind="NOTHING", row=now, reason="again").status_code == 404


def test_the_record_leaves_as_fhir_and_reads_back(bench: Bench) -> None:
    take_in(bench, _patient(), file(ASTHMA, WEIGHT, PENICILLIN))
    response = Desk(bench.tess).fetch(f"/patients/{_patient().pk}/record.json")
    assert response["Content-Type"].startswith("application/fhir+json")
    received = read_bytes(response.content, sender="us", received_at=NOW)
    assert received.notes == ()
    assert [one.id for one in received.record.conditions or ()] == ["c1"]
    assert [one.substance for one in received.record.allergies.allergies] == ["Penicillin"]


def test_a_page_of_any_length_asks_the_database_as_often(bench: Bench) -> None:
    desk = Desk(bench.tess)
    take_in(bench, _patient(), file(*ONE_OF_EACH))
    desk.get(_at())
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            desk.get(_at())
        counts.append(len(asked))
        many = [identified(fact, f"x{number}") for number in range(40) for fact in (ASTHMA, WEIGHT)]
        take_in(bench, _patient(), file(*many))
    assert counts[0] == counts[1]
    assert counts[0] <= 15


def test_what_a_receptionist_sees(bench: Bench) -> None:
    html = Desk(bench.mo).get(_at())[1]
    assert "Recording is not possible yet" in words(html)
    assert "Record this result" not in html
