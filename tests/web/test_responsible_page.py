"""The responsible pharmacist as people see it: in the head of every page, at hand-out, on paper."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.web.actions.bench import FUROSEMIDE, NOW, Bench, open_bench
from tests.web.desk import Desk, at, stand_still, text_of, words

from pestle.web.store import models


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW)
    bench = open_bench()
    bench.in_charge()
    return bench


def test_who_is_in_charge_stands_on_every_page_and_an_absence_stops_the_hand_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    ruth, tess = Desk(bench.ruth), Desk(bench.tess)
    assert "RP Evans" in words(tess.get("/patients/")[1])
    assert "Hand out 1 line" in words(tess.get(at(prescription))[1])
    refused = ruth.post("/responsible/", what="leave")
    assert refused.status_code == 422
    assert "responsible.no-arrangement" in text_of(refused)
    assert ruth.post("/responsible/", what="leave", arrangement="contactable").status_code == 303
    stand_still(monkeypatch, NOW + timedelta(minutes=25))
    page = words(tess.get(at(prescription))[1])
    assert "RP absent" in page
    assert "Ruth Evans, the responsible pharmacist, is absent" in page
    answer = tess.post(at(prescription, "hand-out"), collector="patient")
    assert answer.status_code == 422
    assert "responsible.absent" in text_of(answer)
    assert "25 min of 120" in words(ruth.get("/responsible/")[1])
    ruth.post("/responsible/", what="back")
    assert tess.post(at(prescription, "hand-out"), collector="patient").status_code == 303
    ruth.post("/responsible/", what="off")
    assert "No RP" in words(tess.get("/")[1])
    assert "Nothing is handed out until a pharmacist signs on" in words(tess.get("/responsible/")[1])
    assert tess.fetch("/responsible/notice.pdf").status_code == 422


def test_the_record_prints_and_downloads_and_the_notice_names_the_pharmacist(bench: Bench) -> None:
    samuel = Desk(bench.samuel)
    assert "Take over from Ruth Evans" in words(samuel.get("/responsible/")[1])
    samuel.post(
        "/responsible/", what="on", take_over="yes", at="2026-11-02T09:30", why="the terminal was off"
    )
    rows = samuel.fetch("/responsible/record.csv").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 3
    assert "02-Nov-2026 09:30,Samuel Adeyemi,GPhC 2999001,became the responsible pharmacist" in rows[2]
    for name in ("notice", "record"):
        assert samuel.fetch(f"/responsible/{name}.pdf").content.startswith(b"%PDF-")
    assert "responsible.days" in samuel.get("/responsible/?first=2026-11-02&last=2026-11-01")[1]
    assert samuel.fetch("/responsible/record.csv?first=soon").status_code == 422


def test_a_stop_is_set_at_the_clinical_check_shown_and_lifted(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    ruth, tess = Desk(bench.ruth), Desk(bench.tess)
    ruth.post(at(prescription, "must-speak"), speak="dizziness, and when to ring")
    page = words(tess.get(at(prescription))[1])
    assert "A pharmacist speaks to the patient dizziness, and when to ring" in page
    assert "Hand out is not possible yet" in page
    assert "I have spoken to them" not in page
    stop = models.SpeakFirst.objects.get().pk
    refused = ruth.post(at(prescription, "spoke"), stop=stop, said="")
    assert "speak.nothing-said" in text_of(refused)
    ruth.post(at(prescription, "spoke"), stop=stop, said="knows when to ring")
    assert tess.post(at(prescription, "hand-out"), collector="patient").status_code == 303
    story = words(tess.get(at(prescription, "story"))[1])
    assert "wants a pharmacist to speak to the patient dizziness" in story
    assert "spoke to the patient knows when to ring" in story
