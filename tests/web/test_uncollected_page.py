"""The list of bags that nobody collected: what is due, reminders, and back to the shelf."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.web.actions.bench import FUROSEMIDE, NOW, PARACETAMOL, Bench, open_bench
from tests.web.desk import Desk, at, stand_still, text_of, words

from pestle.web.store import models


@pytest.fixture
def bench(db: None) -> Bench:
    return open_bench()


def test_a_bag_is_reminded_of_twice_and_goes_back(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE, PARACETAMOL)
    desk = Desk(bench.tess)

    def on_day(days: int) -> str:
        stand_still(monkeypatch, NOW + timedelta(days=days))
        return words(desk.get("/not-collected")[1])

    assert "from 16-Nov-2026" in on_day(13)
    assert "Remind since 16-Nov-2026" in on_day(14)
    refused = desk.post(at(prescription, "remind"), way="pigeon")
    assert (refused.status_code, "reminder.no-way" in text_of(refused)) == (422, True)
    assert desk.post(at(prescription, "remind"), way="text", words="on her way").status_code == 303
    assert "16-Nov-2026, by text message, Tess Okafor, on her way" in on_day(15)
    assert "Remind again since 23-Nov-2026" in on_day(21)
    early = desk.post(at(prescription, "return-to-stock"))
    assert (early.status_code, "return-to-stock.not-reminded" in text_of(early)) == (422, True)
    desk.post(at(prescription, "remind"), way="letter")
    assert "Return to stock since 30-Nov-2026" in on_day(28)
    file = b"".join(desk.client.get("/not-collected.csv")).decode()
    assert "Return to stock,30-Nov-2026" in file
    assert desk.post(at(prescription, "return-to-stock")).status_code == 303
    assert "No bag waits" in words(desk.get("/not-collected")[1])
    seen = words(desk.get(at(prescription))[1])
    assert "Closed: not collected, and returned to stock" in seen
    told = desk.fetch(at(prescription, "dispense-notification.json"))
    assert b"Patient did not collect medication" in told.content
    desk.post(at(prescription, "undo-return"))
    assert bench.row(prescription).step == "assemble"
    assert models.Prescription.objects.get().closed_because == ""
