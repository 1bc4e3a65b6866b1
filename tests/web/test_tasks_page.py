"""Patient tasks as people see them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import NOW, Bench, open_bench
from tests.web.actions.test_patient_tasks import task
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.pharmacy.people import Role
from pestle.web.store import models


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


def test_a_task_says_why_and_when_it_is_done_the_next_is_there(bench: Bench) -> None:
    first = task(bench)
    desk = Desk(bench.tess)
    seen = words(desk.get(f"/tasks/{first}/")[1])
    assert "Ibuprofen 400mg tablets, issued 03-Oct-2026, own record" in seen
    assert "Missing an eGFR" in seen
    refused = desk.post(f"/tasks/{first}/", what="finish", words="")
    assert refused.status_code == 422
    assert "task.no-words" in text_of(refused)
    assert "1 task" in words(desk.get("/tasks/")[1])
    desk.post(f"/tasks/{first}/", what="note", words="rang: no reply")
    assert "rang: no reply" in words(desk.get("/tasks/")[1])
    done = desk.post(f"/tasks/{first}/", what="finish", words="PPI started")
    assert done.headers["Location"] == "/tasks/"
    patient = models.Patient.objects.get().pk
    assert "did it: NSAID without gastroprotection PPI started" in words(desk.get(f"/patients/{patient}/")[1])
    second = task(bench)
    reopened = desk.post(f"/tasks/{first}/", what="reopen", words="wrong patient")
    assert "A newer task of the same origin is open" in words(text_of(reopened))
    assert f'href="/tasks/{second}/"' in desk.get(f"/patients/{patient}/")[1]
    assert ",Audit," in desk.fetch("/tasks.csv").content.decode()


def test_who_may_not_settle_it_is_told_who_may(bench: Bench) -> None:
    pk = task(bench, role=Role.PHARMACIST)
    desk = Desk(bench.tess)
    assert "This is for a pharmacist; you are signed in as pharmacy technician" in words(
        desk.get(f"/tasks/{pk}/")[1]
    )
    answer = desk.post(f"/tasks/{pk}/", what="pass_on", owner=str(bench.leon.id), role="technician",
                       due="2026-11-10", words="as agreed")  # fmt: skip
    assert answer.status_code == 303
    seen = words(desk.get(f"/tasks/{pk}/")[1])
    assert "passed it on to Leon" in seen.replace("Tess Okafor ", "")
    desk.post("/tasks/", text="obrien", kind="audit", owner="", due="")
    assert "1 task" in words(desk.get("/tasks/?kind=audit")[1])
    desk.post("/tasks/", text="smith")
    assert "Nothing here matches" in words(desk.get("/tasks/")[1])


def test_the_number_of_queries_does_not_grow_with_the_list(bench: Bench) -> None:
    desk = Desk(bench.tess)
    task(bench)
    desk.get("/tasks/")
    with CaptureQueriesContext(connection) as few:
        desk.get("/tasks/")
    for number in range(5):
        task(bench, origin=f"measure:{number}")
    with CaptureQueriesContext(connection) as many:
        desk.get("/tasks/")
    assert len(many) == len(few)
