"""Accuracy check and hand-out on their pages: who may pass, what stands in the way, what is told."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from tests.web.actions.bench import (
    FUROSEMIDE,
    FUROSEMIDE_28,
    NOW,
    PARACETAMOL,
    PARACETAMOL_32,
    Bench,
    open_bench,
)
from tests.web.desk import LATER, Desk, at, fields_of, gs1, stand_still, text_of, words


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, LATER)
    return open_bench()


def test_an_accuracy_check_shows_label_and_batch_and_sends_back_with_a_reason(bench: Bench) -> None:
    prescription = bench.at("accuracy", FUROSEMIDE)
    desk = Desk(bench.adam)
    seen = words(desk.get(at(prescription))[1])
    for part in ("Keep out of the reach and sight of children", "B1", "2028-01", "28 tablets"):
        assert part in seen
    assert desk.post(at(prescription, "accuracy-check"), outcome="send-back", reason="").status_code == 422
    desk.post(at(prescription, "accuracy-check"), outcome="send-back", reason="wrong strength in the bag")
    assert bench.row(prescription).step == "assemble"


def test_a_pack_that_is_not_meant_for_the_bag_is_refused_at_the_check(bench: Bench) -> None:
    prescription = bench.at("accuracy", FUROSEMIDE)
    desk = Desk(bench.adam)
    wrong = desk.post(at(prescription, "rescan"), code=gs1(PARACETAMOL_32))
    assert "accuracy.not-in-bag" in text_of(wrong)
    assert desk.post(at(prescription, "rescan"), code=gs1(FUROSEMIDE_28)).status_code == 303
    assert "Scanned again" in words(desk.get(at(prescription))[1])


def test_a_lone_pharmacist_pauses_scans_and_then_passes(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    prescription = bench.at("assemble", FUROSEMIDE)
    bench.labels(prescription, by=bench.ruth)
    bench.pick_all(prescription, by=bench.ruth)
    bench.assembled(prescription, by=bench.ruth)
    desk = Desk(bench.ruth)
    assert "after a pause of 5 minutes" in words(desk.get(at(prescription))[1])
    assert "accuracy.pause-not-begun" in text_of(
        desk.post(at(prescription, "accuracy-check"), outcome="pass")
    )
    desk.post(at(prescription, "self-check"))
    waiting = words(desk.get(at(prescription))[1])
    assert "The pause ends at 10:35" in waiting
    assert "Scan each pack again" not in waiting
    stand_still(monkeypatch, LATER + timedelta(minutes=6))
    assert "0 of 1 pack scanned since" in words(desk.get(at(prescription))[1])
    desk.post(at(prescription, "rescan"), code=gs1(FUROSEMIDE_28))
    assert desk.post(at(prescription, "accuracy-check"), outcome="pass").status_code == 303
    assert bench.row(prescription).step == "hand_out"


def test_handing_out_says_to_whom_and_tells_the_service(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    desk = Desk(bench.tess)
    assert desk.get(at(prescription, "dispense-notification.json"))[0] == 404
    typed = {"collector": "representative", "collector_name": "", "counselling": ["How to store it"]}
    refused = desk.post(at(prescription, "hand-out"), typed)
    assert (refused.status_code, "hand-out.no-name" in text_of(refused)) == (422, True)
    kept = fields_of(text_of(refused), "hand-out-form")
    assert (kept["collector"], kept["counselling"]) == ("representative", "How to store it")
    assert desk.post(at(prescription, "hand-out"), typed | {"collector": "a cat"}).status_code == 422
    done = desk.post(at(prescription, "hand-out"), typed | {"collector_name": "Ann Other"})
    assert done["Location"] == at(prescription)
    seen = words(desk.get(at(prescription))[1])
    for part in (
        "Ann Other",
        "How to store it",
        "picked 28 tablets for line 1",
        "batch B1",
        "Adam Patel passed",
    ):
        assert part in seen
    file = desk.fetch(at(prescription, "dispense-notification.json"))
    assert file["Content-Type"] == "application/fhir+json"
    assert file["Content-Disposition"].startswith("attachment")
    assert json.loads(file.content)["resourceType"] == "Bundle"


def test_a_line_that_expired_is_named_before_anybody_presses_and_only_a_pharmacist_withholds_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE, PARACETAMOL)
    stand_still(monkeypatch, NOW + timedelta(days=300))
    seen = words(Desk(bench.tess).get(at(prescription))[1])
    assert "validity.expired" in seen
    assert "Hand out is not possible yet: 2 lines stand in the way." in seen
    assert "Withhold line 1" not in seen
    desk, (first, second) = Desk(bench.ruth), bench.lines(prescription)
    assert "Withhold line 1" in words(desk.get(at(prescription))[1])
    withhold = {"code": "expired", "reason": "signed last year"}
    assert desk.post(at(prescription, "withhold"), line=str(first.pk), code="", reason="x").status_code == 422
    assert desk.post(at(prescription, "withhold"), line="999999", **withhold).status_code == 404
    for line in (first, second):
        assert desk.post(at(prescription, "withhold"), line=str(line.pk), **withhold).status_code == 303
    assert bench.row(prescription).closed_because == "withheld"
    assert "Closed: every line was withheld" in words(desk.get(at(prescription))[1])


def test_a_wish_to_cancel_stands_at_the_line_until_a_pharmacist_answers_it(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    line = bench.lines(prescription)[0]
    line.cancellation = {"reason": "Prescribing error", "at": NOW.isoformat()}
    line.save()
    assert "line.cancellation-asked" in Desk(bench.tess).get(at(prescription))[1]
    desk = Desk(bench.ruth)
    assert desk.post(at(prescription, "keep"), line=str(line.pk), reason="").status_code == 422
    desk.post(at(prescription, "keep"), line=str(line.pk), reason="Dr Marsh: meant the other line")
    assert "line.cancellation-asked" not in desk.get(at(prescription))[1]
    assert "meant the other line" in desk.get(at(prescription, "story"))[1]


def test_a_pack_recalled_while_its_bag_waits_is_named_and_the_bag_goes_back(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    bench.recall(FUROSEMIDE_28, "b1", by=bench.leon, reference="EL(26)A/01")
    seen = words(Desk(bench.tess).get(at(prescription))[1])
    assert "batch B1 is recalled (EL(26)A/01)" in seen
    assert "Send back to assembly" not in seen
    desk = Desk(bench.adam)
    assert "Send back to assembly" in words(desk.get(at(prescription))[1])
    desk.post(at(prescription, "accuracy-check"), outcome="send-back", reason="recalled while it waited")
    assert bench.row(prescription).step == "assemble"
