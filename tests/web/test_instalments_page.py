"""Instalments through the page: entered, prepared, pictured; a call, and a closed day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.web.actions.bench import MORPHINE, NOW, Bench, open_bench
from tests.web.actions.test_instalments import begun
from tests.web.desk import Desk, at, stand_still, text_of, words

from pestle.web.store import models


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


def test_a_plan_is_entered_as_the_prescription_has_it(bench: Bench) -> None:
    prescription = bench.at("assemble", MORPHINE)
    desk, here = Desk(bench.tess), at(prescription, "instalments")
    (line,) = bench.lines(prescription)
    page = words(desk.get(here)[1])
    assert "6 rules of law behind this page, 6 unverified" in page
    typed = {"what": "enter", "line": line.pk, "begins": "2026-11-02", "days": "3", "amounts": "20 20",
             "weekday": [str(n) for n in range(7)], "wording": ["supervised"], "stop_after": ""}  # fmt: skip
    refused = desk.post(here, typed)
    assert refused.status_code == 422
    assert "instalments.amounts" in text_of(refused)
    assert 'value="20 20"' in text_of(refused), "nothing typed is lost"
    assert "instalments.total" in text_of(desk.post(here, {**typed, "amounts": "10"}))
    assert desk.post(here, {**typed, "amounts": "20"}).status_code == 303
    page = words(desk.get(here)[1])
    assert "Collected today: 20 tablets , of it 20 tablets consumed here" in page
    assert "3 missed days, local: the prescription does not say" in page
    assert "02-Nov-2026 20 tablets ▸ Today 03-Nov-2026 20 tablets ○ To come" in page
    assert "Owed" in words(desk.get(at(prescription))[1])


def test_a_stopped_one_is_called_about_by_a_pharmacist(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    prescription = begun(bench, amounts=[10] * 6)
    stand_still(monkeypatch, NOW + timedelta(days=4))
    (line,) = bench.lines(prescription)
    desk, here = Desk(bench.ruth), at(prescription, "instalments")
    listed = words(desk.get("/instalments/")[1])
    assert "1 prescriber is to be called" in listed
    assert "■ Call the prescriber 3 days in a row were missed" in listed
    owing = words(desk.get(at(prescription))[1])
    assert "■ Instalments Line 1: 3 days in a row were missed: nothing more is given. Call the" in owing
    page = words(desk.get(here)[1])
    assert "3 days in a row were missed: nothing more is given" in page
    assert "✓ Given 03-Nov-2026 10 tablets ■ Missed" in page
    typed = {"what": "call", "line": line.pk, "words": "Dr Osei: go on", "resumes_on": "2026-11-06"}
    assert "instalments.role" in text_of(Desk(bench.tess).post(here, typed))
    assert desk.post(here, typed).status_code == 303
    page = words(desk.get(here)[1])
    assert "Dr Osei: go on It goes on from 06-Nov-2026" in page
    assert "Collected today: 10 tablets" in page
    assert "▸ Today 10 tablets" in words(desk.get("/instalments/")[1])


def test_a_closed_day_is_put_on_record(bench: Bench) -> None:
    prescription = begun(bench)
    desk, here = Desk(bench.tess), at(prescription, "instalments")
    assert "day.unreadable" in text_of(desk.post(here, what="closed", closed_on="Tuesday"))
    assert desk.post(here, what="closed", closed_on="2026-11-03").status_code == 303
    page = words(desk.get(here)[1])
    assert "◆ Closed: ask" in page
    assert models.ClosedDay.objects.get().by_id == bench.tess.id
    assert desk.post(here, what="closed", closed_on="2026-11-03", open="yes").status_code == 303
    assert "None from today on is on record" in words(desk.get(here)[1])
