"""Measures as people see them."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from tests.web.actions.bench import JOHN, NOW, Bench, open_bench
from tests.web.actions.test_measures import ESOMEPRAZOLE, NAPROXEN, ask, two_on_naproxen, with_a_worker
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.web.jobs import measures as job
from pestle.web.store import models

HERE = "/measures/pincer_a/"
GROUP = "/measures/?group=PINCER%3A+gastrointestinal+bleeding"


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    made = open_bench()
    with_a_worker(made, monkeypatch)
    return made


def _rows(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_from_the_list_to_the_patient_to_the_worklist_and_back(bench: Bench) -> None:
    two_on_naproxen(bench)
    desk = Desk(bench.tess)
    assert "No measure was asked of the patients of this site yet" in words(desk.get("/measures/")[1])
    assert "No measure matches" in words(text_of(desk.post("/measures/", text="no such thing")))
    begun = desk.post("/measures/begin", which="chosen", measure="pincer_a")
    run = models.MeasureRun.objects.get()
    assert begun.headers["Location"] == f"/measures/runs/{run.pk}/"
    assert "Waits for the worker" in words(desk.get(begun.headers["Location"])[1])
    job.run_measures.func(run.pk)
    assert "Done" in words(desk.get(f"/measures/runs/{run.pk}/")[1])

    assert "Found most people last" in words(desk.get("/measures/")[1])
    html = desk.get(HERE)[1]
    seen = words(html)
    assert "1 found of 1 asked: 100.0 %" in seen
    assert "Unverified" in seen
    assert "aged 65 years or over" in seen
    assert "NSAIDs by mouth: the dictionary in use has 42 of 1,466 products" in seen
    assert "SMITH, John" in seen
    assert "Naproxen 375mg gastro-resistant tablets" in seen
    result = models.MeasureResult.objects.get()
    fields = {"result": result.pk, "role": "technician", "owner": "", "due": "2026-11-16"}
    assert "task.none" in text_of(desk.post(f"{HERE}send", which="chosen", **fields))
    refused = desk.post(f"{HERE}send", which="all", **{**fields, "due": "2020-01-01", "role": "nurse"})
    assert refused.status_code == 422
    assert 'value="nurse" selected' in text_of(refused)
    sent = desk.post(f"{HERE}send", which="all", **fields)
    assert sent.headers["Location"] == "/tasks/?show=open&origin=measure%3Apincer_a"
    assert "1 sent to the worklist" in words(desk.get(sent.headers["Location"])[1])
    chosen = re.findall(r'name="patient" value="(\d+)"', html)
    again = desk.post(f"{HERE}send", which="chosen", patient=chosen, **fields)
    assert "1 were on it already" in words(desk.get(again.headers["Location"])[1])
    assert "on the worklist" in words(desk.get(HERE)[1])

    bench.take_in(ESOMEPRAZOLE, key="p", patient=JOHN)
    ask(bench)
    seen = words(desk.get(f"{HERE}?show=resolved")[1])
    assert "Resolved 1" in seen
    assert "SMITH, John" in seen
    assert "0 new, 1 resolved" in words(desk.get(GROUP)[1])
    assert "PINCER: gastrointestinal bleeding 6 1" in words(desk.get("/measures/")[1])


def test_files_for_within_and_for_outside(bench: Bench) -> None:
    two_on_naproxen(bench)
    for number in range(9):
        bench.take_in(NAPROXEN, key=f"more-{number}", patient=JOHN)
    run = ask(bench, "pincer_a", "pincer_b")
    desk = Desk(bench.mo)
    rows = _rows(desk.fetch(f"{HERE}patients.csv?source="))
    assert rows[0][:3] == ["Patient", "Born", "NHS number"]
    assert rows[1][0] == "SMITH, John (Mr)"
    assert rows[1][4:6] == ["found", "New"]
    outside = _rows(desk.fetch(f"/measures/runs/{run.pk}/outside.csv"))
    told = next(row for row in outside if row[2] == "all" and "65 or over" in row[0])
    assert told[3:] == ["withheld", "withheld", "–"], "one of one is few"
    assert "Smith" not in str(outside)
    book = load_workbook(io.BytesIO(desk.fetch(f"/measures/runs/{run.pk}/patients.xlsx").content))
    assert book.sheetnames[0] == "Rates"
    assert book["Rates"]["C2"].value in (0, 1)
    sheet = next(name for name in book.sheetnames if name.endswith("pincer_a"))
    assert book[sheet]["A2"].value == "SMITH, John (Mr)"
    assert desk.fetch(f"/measures/runs/{run.pk}/pack.pdf").content.startswith(b"%PDF")


def test_a_schedule_is_kept_and_shown_with_the_next_day(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(bench.ruth)
    assert "measure.days" in text_of(desk.post(f"{HERE}schedule", days="often"))
    desk.post(f"{HERE}schedule", days="28", source="")
    assert "Next on 02-Nov-2026" in words(desk.get(HERE)[1])
    assert "every 28 days" in words(desk.get(GROUP)[1])
    assert "28 days 02-Nov-2026" in words(desk.get("/measures/runs/")[1])


def test_the_pages_ask_as_often_of_many_as_of_few(bench: Bench) -> None:
    desk = Desk(bench.tess)

    def used() -> list[int]:
        counts = []
        for path in ("/measures/", GROUP, HERE):
            with CaptureQueriesContext(connection) as queries:
                assert desk.get(path)[0] == 200
            counts.append(len(queries))
        return counts

    two_on_naproxen(bench)
    ask(bench, "pincer_a")
    ask(bench, "pincer_a")
    used()
    few = used()
    ask(bench, "pincer_a", "pincer_b", "pincer_c", "pincer_d")
    assert used() == few
    assert max(few) <= 20
