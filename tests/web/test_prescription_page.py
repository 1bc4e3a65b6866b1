"""One prescription on its page: who may do what there, two people at once, and how often it asks."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import FUROSEMIDE, JOHN, MARY, PARACETAMOL, Bench, open_bench
from tests.web.desk import LATER, Desk, at, stand_still, text_of, words

from pestle.web.store import models


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, LATER)
    return open_bench()


BUTTONS = {
    "entry": "Complete entry of 2 lines",
    "clinical": "Sign the clinical check of 2 lines",
    "assemble": "Print labels for 2 lines",
    "accuracy": "Pass 2 lines",
    "hand_out": "Hand out 2 lines",
}
# Who may do the step's one decision; for everybody else the page says why not. Tess did all the work.
MAY = {
    "entry": {"tess", "leon", "adam", "ruth"},
    "clinical": {"ruth"},
    "assemble": {"tess", "leon", "adam", "ruth"},
    "accuracy": {"adam", "ruth"},
    "hand_out": {"tess", "leon", "adam", "ruth"},
}


@pytest.mark.parametrize("username", ["tess", "leon", "adam", "ruth", "mo"])
@pytest.mark.parametrize("step", list(BUTTONS))
def test_the_panel_is_a_form_for_who_may_act_and_a_reason_for_who_may_not(
    bench: Bench, step: str, username: str
) -> None:
    prescription = bench.at(step, FUROSEMIDE, PARACETAMOL)
    status, html = Desk(bench.people[username]).get(at(prescription))
    assert status == 200
    assert (f">{BUTTONS[step]}</button>" in html) == (username in MAY[step])
    assert ("is not possible yet: This is for" in words(html)) == (username not in MAY[step])
    assert "O'BRIEN, Mary (Mrs)" in html
    assert "Allergies not recorded" in html


def test_a_prescription_of_nobody_here_does_not_exist(bench: Bench) -> None:
    prescription = bench.take_in()
    other = models.Site.objects.create(name="Elsewhere", code="FZZ02", kind="community_pharmacy",
                                       country="GB-ENG", time_zone="Europe/London")  # fmt: skip
    models.Prescription.objects.filter(pk=prescription).update(site=other)
    desk = Desk(bench.tess)
    for path in ("", "story", "labels.pdf", "dispense-notification.json"):
        assert desk.get(at(prescription, path))[0] == 404
        assert desk.get(at(999_999, path))[0] == 404
    for path in ("claim", "entry", "clinical-check", "labels", "scan", "rescan", "hand-out", "withhold"):
        assert desk.post(at(prescription, path)).status_code == 404


def test_looking_changes_nothing(bench: Bench) -> None:
    prescription = bench.at("assemble")
    before = bench.row(prescription).version, models.AuditEvent.objects.count()
    desk = Desk(bench.tess)
    for path in ("", "story", "claim", "entry", "labels", "scan", "assembled", "hand-out"):
        assert desk.get(at(prescription, path))[0] in (200, 303)
    assert (bench.row(prescription).version, models.AuditEvent.objects.count()) == before


def test_the_same_form_twice_is_one_action(bench: Bench) -> None:
    prescription = bench.at("assemble")
    desk, key = Desk(bench.tess), str(uuid.uuid4())
    version = str(bench.row(prescription).version)
    first = desk.post(at(prescription, "labels"), key=key, version=version)
    second = desk.post(at(prescription, "labels"), key=key, version=version)
    assert (first.status_code, second.status_code) == (303, 303)
    assert models.LabelPrint.objects.count() == 1


def test_a_form_without_a_key_is_not_ours(bench: Bench) -> None:
    prescription = bench.at("assemble")
    answer = Desk(bench.tess).send(at(prescription, "labels"), {"version": "1"})
    assert "command.no-key" in text_of(answer)


def test_whoever_comes_second_is_told_who_came_first(bench: Bench) -> None:
    prescription = bench.at("assemble", FUROSEMIDE)
    tess, leon = Desk(bench.tess), Desk(bench.leon)
    version = str(bench.row(prescription).version)
    tess.post(at(prescription, "labels"), version=version)
    answer = leon.post(at(prescription, "labels"), version=version)
    assert answer.status_code == 409
    assert "Tess Okafor has changed it since you opened this page" in text_of(answer)


def test_what_somebody_has_in_hand_is_theirs(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE)
    Desk(bench.tess).post(at(prescription, "claim"))
    leon = Desk(bench.leon)
    assert "Tess Okafor has this in hand" in words(leon.get(at(prescription))[1])
    assert leon.post(at(prescription, "claim")).status_code == 409
    Desk(bench.tess).post(at(prescription, "hand-back"))
    assert leon.post(at(prescription, "claim")).status_code == 303


@pytest.mark.parametrize("step", list(BUTTONS))
def test_more_lines_ask_the_database_no_more(bench: Bench, step: str) -> None:
    asked = []
    for number, items in enumerate(((FUROSEMIDE,), (FUROSEMIDE, PARACETAMOL, FUROSEMIDE))):
        prescription = bench.at(step, *items, key=f"p{number}", patient=(MARY, JOHN)[number])
        if step == "assemble":
            bench.labels(prescription)
        desk = Desk(bench.ruth)
        desk.get(at(prescription))
        with CaptureQueriesContext(connection) as queries:
            desk.get(at(prescription))
        asked.append(len(queries))
    assert asked[0] == asked[1]
