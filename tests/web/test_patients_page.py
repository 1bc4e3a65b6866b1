"""The patient as a whole: found, told, put right, and never mixed up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import FUROSEMIDE, JOHN, MARY, NOW, PARACETAMOL, Bench, open_bench
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.web.store import models


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


@pytest.fixture
def mary(bench: Bench) -> int:
    bench.take_in(FUROSEMIDE)
    return int(models.Patient.objects.get(family="O'Brien").pk)


ALLERGY = {"substance": "Penicillin", "reaction": "rash", "severity": "moderate", "kind": "allergy",
           "told_by": "the patient"}  # fmt: skip


@pytest.mark.parametrize("asked", ["obrien", "O'BRIEN mary", "mary", "943 476 5919", "9434765919", "94347"])
def test_a_patient_is_found_by_parts_of_name_or_number(bench: Bench, mary: int, asked: str) -> None:
    bench.take_in(PARACETAMOL, key="b", patient=JOHN)
    html = text_of(Desk(bench.tess).post("/patients/", text=asked))
    assert f'href="/patients/{mary}/"' in html
    assert "SMITH" not in html


def test_nobody_is_found_by_a_word_that_does_not_fit(bench: Bench, mary: int) -> None:
    assert "Nobody matches" in text_of(Desk(bench.tess).post("/patients/", text="obrien john"))


def test_without_words_the_newest_stand_there(bench: Bench, mary: int) -> None:
    assert f'href="/patients/{mary}/"' in Desk(bench.tess).get("/patients/")[1]


def test_the_page_tells_what_was_supplied_from_which_batch(bench: Bench) -> None:
    prescription = bench.at("closed", FUROSEMIDE)
    bench.take_in(PARACETAMOL, key="b")
    patient = models.Patient.objects.get().pk
    seen = words(Desk(bench.tess).get(f"/patients/{patient}/")[1])
    assert "furosemide 40 mg tablets 28 tablets" in seen.replace("\u00a0", " ")
    assert "B1, expiry 2028-01" in seen
    assert "02-Nov-2026 10:00" in seen
    assert "Entry since today 10:00" in seen
    number = models.Prescription.objects.get(pk=prescription).number
    assert f"{number} handed out" in seen
    assert "Allergies not recorded" in seen


def test_an_allergy_is_recorded_and_stands_in_the_banner(bench: Bench, mary: int) -> None:
    desk = Desk(bench.tess)
    assert desk.post(f"/patients/{mary}/allergies", **ALLERGY).status_code == 303
    seen = words(desk.get(f"/patients/{mary}/")[1])
    assert "Known allergies Penicillin: rash" in seen
    assert "Tess Okafor, told by the patient" in seen


def test_a_refused_allergy_keeps_what_was_typed(bench: Bench, mary: int) -> None:
    response = Desk(bench.tess).post(f"/patients/{mary}/allergies", **{**ALLERGY, "substance": "?"})
    html = text_of(response)
    assert response.status_code == 422
    assert "allergy.no-substance" in html
    assert 'value="rash"' in html
    assert '<option value="moderate" selected>' in html


def test_none_known_is_only_said_where_none_stands(bench: Bench, mary: int) -> None:
    desk = Desk(bench.tess)
    assert desk.post(f"/patients/{mary}/no-known-allergies", told_by="her son").status_code == 303
    assert "No known allergies" in words(desk.get(f"/patients/{mary}/")[1])
    desk.post(f"/patients/{mary}/allergies", **ALLERGY)
    refused = desk.post(f"/patients/{mary}/no-known-allergies", told_by="her son")
    assert refused.status_code == 422
    assert "allergy.some-known" in text_of(refused)


def test_only_a_pharmacist_retracts_and_the_reason_stays(bench: Bench, mary: int) -> None:
    Desk(bench.tess).post(f"/patients/{mary}/allergies", **ALLERGY)
    fact = str(models.AllergyFact.objects.get().pk)
    refused = Desk(bench.tess).post(f"/patients/{mary}/retract-allergy", fact=fact, reason="nausea only")
    assert refused.status_code == 422
    assert "record.role" in text_of(refused)
    desk = Desk(bench.ruth)
    short = desk.post(f"/patients/{mary}/retract-allergy", fact=fact, reason="")
    assert short.status_code == 422
    assert desk.post(f"/patients/{mary}/retract-allergy", fact=fact, reason="nausea only").status_code == 303
    seen = words(desk.get(f"/patients/{mary}/")[1])
    assert "retracted the allergy to Penicillin" in seen
    assert "nausea only" in seen
    assert "Allergies not recorded" in seen


def test_an_allergy_of_somebody_else_is_not_there(bench: Bench, mary: int) -> None:
    bench.take_in(PARACETAMOL, key="b", patient=JOHN)
    john = models.Patient.objects.get(family="Smith").pk
    desk = Desk(bench.ruth)
    desk.post(f"/patients/{mary}/allergies", **ALLERGY)
    fact = str(models.AllergyFact.objects.get().pk)
    assert desk.post(f"/patients/{john}/retract-allergy", fact=fact, reason="not his").status_code == 404
    assert desk.post(f"/patients/{john}/retract-allergy", fact="", reason="not his").status_code == 404


def test_a_correction_needs_who_confirmed_it_and_stands_in_the_story(bench: Bench, mary: int) -> None:
    desk = Desk(bench.tess)
    fields = {"family": "Byrne", "born": "1965-03-11"}
    refused = desk.post(f"/patients/{mary}/correct", **fields, reason="")
    assert refused.status_code == 422
    assert 'value="Byrne"' in text_of(refused)
    assert "O'BRIEN, Mary" in text_of(refused), "the banner shows what is held"
    assert desk.post(f"/patients/{mary}/correct", **fields, reason="passport seen").status_code == 303
    seen = words(desk.get(f"/patients/{mary}/")[1])
    assert "BYRNE, Mary (Mrs)" in seen
    assert "corrected surname and birth date passport seen" in seen
    assert f'href="/patients/{mary}/"' in text_of(desk.post("/patients/", text="byrne"))


@pytest.mark.parametrize("born", ["", "11/03/1965", "1965-02-30", "2999-01-01"])
def test_a_day_that_cannot_be_is_refused(bench: Bench, mary: int, born: str) -> None:
    response = Desk(bench.tess).post(
        f"/patients/{mary}/correct", family="O'Brien", born=born, reason="passport"
    )
    assert response.status_code == 422
    assert models.Patient.objects.get(pk=mary).born == MARY.born


def test_a_patient_without_a_birth_date_or_number_is_shown_as_such(bench: Bench, mary: int) -> None:
    models.Patient.objects.filter(pk=mary).update(born=None, nhs_number=None)
    seen = words(Desk(bench.tess).get(f"/patients/{mary}/")[1])
    assert "Born not known" in seen
    assert "NHS No. not known" in seen


def test_a_long_record_takes_no_more_queries_than_a_short_one(bench: Bench) -> None:
    desk = Desk(bench.tess)
    desk.get("/patients/")
    used = []
    for keys in ("a", "bcd"):
        for key in keys:
            bench.at("closed", FUROSEMIDE, key=key)
        patient = models.Patient.objects.get().pk
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(f"/patients/{patient}/")[0] == 200
        with CaptureQueriesContext(connection) as listed:
            assert desk.post("/patients/", text="obrien").status_code == 200
        used.append((len(queries), len(listed)))
    assert used[0] == used[1]
    assert used[0] <= (19, 10)
