"""Queries, calls and the telephone as people see them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import FUROSEMIDE, JOHN, NOW, PARACETAMOL, Bench, open_bench
from tests.web.desk import Desk, at, stand_still, text_of, words

from pestle.pharmacy.documents.query_letter import QueryLetter
from pestle.web.pages import queries as pages
from pestle.web.store import models
from pestle.web.store import queries as stored

DEADLINE = "2026-11-02T17:00"


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


def _ask(desk: Desk, address: str, **how: Any) -> Any:
    given = {"asked": "prescriber", "name": "Dr Marsh", "words": "One tablet or two?", "deadline": DEADLINE,
             "holds": "yes", "owner": ""}  # fmt: skip
    return desk.post(address, {**given, **how})


def _query() -> models.Query:
    return models.Query.objects.latest("pk")


def test_the_question_is_offered_in_words_and_nothing_typed_is_lost(bench: Bench) -> None:
    prescription = bench.at("clinical", FUROSEMIDE, PARACETAMOL)
    line = bench.lines(prescription)[1]
    desk = Desk(bench.ruth)
    page = desk.get(at(prescription))[1]
    address = f"/queries/ask?line={line.pk}"
    assert f'href="{address}" data-key="q"' in page
    _, html = desk.get(address)
    assert "Prescribed: Paracetamol 500mg tablets, “Take two tablets four times a day”" in html
    assert "Shall it be supplied as written, be changed, or not be supplied?" in html
    refused = _ask(desk, address, words="no", name="", owner=str(bench.leon.id))
    assert refused.status_code == 422
    seen = text_of(refused)
    assert "query.no-name" in seen
    assert ">no</textarea>" in seen
    assert re.search(rf'value="{bench.leon.id}" selected', seen)


def test_a_finding_gives_its_words(bench: Bench) -> None:
    prescription = bench.at("clinical", PARACETAMOL, PARACETAMOL)
    desk = Desk(bench.ruth)
    found = re.search(r'href="(/queries/ask\?[^"]*finding=[^"]*)"', desk.get(at(prescription))[1])
    assert found
    assert "We found: " in desk.get(found.group(1))[1]


def test_the_line_waits_in_every_list_until_the_answer_is_read(bench: Bench) -> None:
    prescription = bench.at("clinical", FUROSEMIDE, PARACETAMOL)
    first, second = bench.lines(prescription)
    ruth, tess = Desk(bench.ruth), Desk(bench.tess)
    answer = _ask(ruth, f"/queries/ask?line={first.pk}")
    assert answer.headers["Location"] == at(prescription)
    page = ruth.get(at(prescription))[1]
    assert "with the surgery since 02-Nov-2026 10:30" in words(page)
    assert f'id="wait-{first.pk}"' in page
    assert f'id="approve-{first.pk}"' not in page
    assert "Query" in words(tess.get("/?step=clinical")[1])
    typed = dict.fromkeys(re.findall(r'name="(answer-\w+)" form="clinical-form"', page), "spoke to her")
    typed |= {f"decide-{first.pk}": "wait", f"decide-{second.pk}": "approve"}
    signed = ruth.post(at(prescription, "clinical-check"), seen_not_assessed="yes", **typed)
    assert signed.status_code == 303
    assert "waits for a pharmacist" not in words(tess.get(at(prescription))[1])

    here = f"/queries/{_query().pk}/"
    tess.post(here, what="attempt", way="telephone", outcome="no_reply")
    tess.post(here, what="answer", source="Dr Marsh", words="One in the morning")
    assert "Ruth Evans asked this, and reads the answer" in words(tess.get(here)[1])
    assert "1 answer" in words(ruth.get("/")[1])
    assert "Not decided" in words(tess.get(at(prescription))[1])
    closed = ruth.post(here, what="close", words="supplied as written")
    assert closed.headers["Location"] == at(prescription)
    assert "Sign the decision on line 1" not in words(tess.get(at(prescription))[1])
    page = ruth.get(at(prescription))[1]
    assert "waited for an answer" in words(page)
    assert "One in the morning" in words(page)
    typed = dict.fromkeys(re.findall(rf'name="(answer-\w+)" form="waiting-form-{first.pk}"', page), "as said")
    typed |= {f"decide-{first.pk}": "approve", "line": str(first.pk), "seen_not_assessed": "yes"}
    assert ruth.post(at(prescription, "decide-waiting"), **typed).status_code == 303
    story = words(ruth.get(at(prescription, "story"))[1])
    for told in ("1 waiting for an answer", "took down the answer", "One in the morning",
                 "approved line 1"):  # fmt: skip
        assert told in story.replace("\u00a0", " ")


def test_the_letter_names_the_patient_but_not_to_a_wholesaler(bench: Bench, monkeypatch: Any) -> None:
    line = bench.lines(bench.at("assemble", FUROSEMIDE))[0]
    desk, made = Desk(bench.tess), list[QueryLetter]()

    def printed(letter: QueryLetter) -> bytes:
        made.append(letter)
        return b"%PDF"

    monkeypatch.setattr(pages, "query_pdf", printed)
    for asked in ("prescriber", "wholesaler"):
        _ask(desk, f"/queries/ask?line={line.pk}", asked=asked)
        assert desk.fetch(f"/queries/{_query().pk}/letter.pdf").content == b"%PDF"
    assert [letter.patient is None for letter in made] == [False, True]
    assert made[1].prescription == ""


def test_the_inbox_shows_what_is_overdue_first_and_downloads(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = bench.lines(bench.at("assemble", FUROSEMIDE, PARACETAMOL))
    desk = Desk(bench.tess)
    _ask(desk, f"/queries/ask?line={lines[0].pk}", words="the later one")
    _ask(desk, f"/queries/ask?line={lines[1].pk}", words="the sooner one", deadline="2026-11-02T11:00")
    stand_still(monkeypatch, NOW + timedelta(hours=2))
    seen = words(desk.get("/queries/")[1])
    assert seen.index("the sooner one") < seen.index("the later one")
    assert "Overdue" in seen
    with CaptureQueriesContext(connection) as few:
        desk.get("/queries/")
    _ask(desk, f"/queries/ask?line={lines[0].pk}")
    desk.get("/queries/")
    with CaptureQueriesContext(connection) as more:
        desk.get("/queries/")
    assert len(more) == len(few)
    monkeypatch.setattr(stored, "PAGE", 1)
    csv = desk.fetch("/queries.csv").content.decode("utf-8-sig")
    assert len(csv.splitlines()) == 1 + models.Query.objects.count()
    assert "the sooner one" in csv.splitlines()[1]


def test_a_call_answers_logs_and_is_rung_back(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    line = bench.lines(bench.at("assemble", PARACETAMOL, key="b"))[0]
    bench.take_in(FUROSEMIDE, key="c", patient=JOHN)
    patient = bench.row(prescription).patient_id
    desk = Desk(bench.tess)
    _ask(desk, f"/queries/ask?line={line.pk}")
    line_said = (
        "1 ready, not on its shelf yet, 1 being assembled since 10:00, 1 query with the surgery since 10:30"
    )
    assert line_said in words(text_of(desk.post("/search", q="obrien")))
    form = desk.get(f"/calls/log?patient={patient}")[1]
    assert f'value="{line_said}"' in form
    refused = desk.post(f"/calls/log?patient={patient}", caller="", about="is it ready?")
    assert refused.status_code == 422
    assert "is it ready?" in text_of(refused)
    said = {
        "caller": "her daughter", "about": "is it ready?", "told": "one bag is", "deadline": DEADLINE,
        "owner": str(bench.leon.id), "call_back": "to ring about the rest",
    }  # fmt: skip
    assert desk.post(f"/calls/log?patient={patient}", said).headers["Location"] == f"/patients/{patient}/"
    page = words(desk.get(f"/patients/{patient}/")[1])
    for told in ("rang: is it ready?", "said that we call back her daughter",
                 "call-back due today 17:00"):  # fmt: skip
        assert told in page
    assert "to ring about the rest" in words(Desk(bench.leon).get("/queries/?show=mine")[1])
    desk.post(f"/queries/{_query().pk}/", what="answer", source="her daughter", words="told her it is ready")
    assert "1 kept" in words(desk.get("/queries/?show=call-backs")[1])
    assert "her daughter" in words(desk.get("/queries/?show=calls")[1])


def test_a_name_typed_wrong_is_still_found_and_said_to_be_a_guess(bench: Bench) -> None:
    bench.take_in(FUROSEMIDE)
    desk = Desk(bench.tess)
    for answer in (desk.post("/search", q="obrein"), desk.post("/patients/", text="obrein")):
        assert "O'BRIEN" in text_of(answer)
        assert "Nobody is written “obrein”" in words(text_of(answer))
    assert "Nobody is written" not in words(text_of(desk.post("/search", q="obrien")))


def test_what_is_not_there_is_not_found(bench: Bench) -> None:
    desk = Desk(bench.tess)
    asked = ("", "?line=1", "?line=x", "?patient=1", "?product=1")
    for address in (
        *(f"/queries/ask{one}" for one in asked), "/queries/1/", "/queries/1/letter.pdf",
        "/calls/log?patient=x",
    ):  # fmt: skip
        assert desk.fetch(address).status_code == 404
