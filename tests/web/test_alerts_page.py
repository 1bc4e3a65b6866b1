"""An alert through the pages: put on record, traced to shelves and patients, set aside, and done."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import (
    FUROSEMIDE,
    FUROSEMIDE_28,
    FUROSEMIDE_28_B,
    JOHN,
    NOW,
    Bench,
    a_key,
    open_bench,
)
from tests.web.desk import Desk, gs1, stand_still, text_of, words

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.routes import Reason
from pestle.web.actions import moving
from pestle.web.store import models, recalls, verify

ALERT = {"kind": "class_2", "reference": "EL(26)A/10", "level": "patient", "deadline": "2026-11-04T17:00",
         "gtin": FUROSEMIDE_28, "numbers": "b1, B7"}  # fmt: skip


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


def _recorded(desk: Desk) -> str:
    assert desk.post("/stock/alerts/", ALERT).status_code == 303
    return f"/stock/alerts/{models.Alert.objects.get().pk}/"


def test_a_batch_is_followed_to_shelves_bags_and_patients(bench: Bench) -> None:
    bench.at("closed", FUROSEMIDE)
    bench.at("accuracy", FUROSEMIDE, patient=JOHN, key="b")
    bench.stock(FUROSEMIDE_28, 2, number="B7")
    bench.stock(FUROSEMIDE_28, 2, number="OTHER")
    sold = models.Batch.objects.get(number="B7")
    moving.move(by=bench.ruth, now=NOW, key=a_key(), reason=Reason.SUPPLY, batch_id=sold.pk, amount=28,
                source=(AccountKind.SHELF, ""), target=(AccountKind.PATIENT, ""))  # fmt: skip
    desk = Desk(bench.tess)
    at = _recorded(desk)
    seen = words(desk.get(at)[1])
    for told in (
        "O'BRIEN, Mary (Mrs)",
        "943 476 5919",
        "handed out",
        "SMITH, John (Mr)",
        "in a bag that waits",
        "28 tablets Dispensary shelf ■ not set aside",
        "Also supplied without a prescription here",
    ):
        assert told in seen, told
    assert "OTHER" not in seen
    rows = list(csv.reader(io.StringIO(desk.fetch(f"{at}list.csv").content.decode("utf-8-sig"))))
    assert {row[4] for row in rows[1:]} == {
        "Dispensary shelf",
        "Bags that wait",
        "handed out",
        "in a bag that waits",
    }
    alert = models.Alert.objects.get()
    with CaptureQueriesContext(connection) as queries:
        assert len(recalls.received(alert)) == 2
    assert len(queries) == 1


def test_it_is_done_only_when_nothing_can_be_picked_any_more(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 2)
    desk = Desk(bench.tess)
    at = _recorded(desk)
    assert "recall.still-held" in text_of(desk.post(at, words="all sent back", completes="yes"))
    assert desk.post(at, what="set_aside").status_code == 303
    assert models.Balance.objects.get(account__kind="quarantine").amount == 56
    assert "recall.nothing-held" in text_of(desk.post(at, what="set_aside"))
    assert desk.post(at, words="all sent back", completes="yes").status_code == 303
    seen = words(desk.get(at)[1])
    assert "✓ Done" in seen
    assert "Tess Okafor all sent back" in seen
    assert "recall.done" in text_of(desk.post(at, words="once more"))
    assert verify.verify(bench.site).faults == []


def test_what_is_overdue_says_so_first(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(bench.tess)
    _recorded(desk)
    late = {
        "kind": "natpsa",
        "reference": "NatPSA/2026/1",
        "title": "A shortage",
        "deadline": "2026-11-03T09:00",
    }
    assert desk.post("/stock/alerts/", late).status_code == 303
    stand_still(monkeypatch, NOW + timedelta(days=1))
    seen = words(desk.get("/stock/alerts/")[1])
    assert seen.index("NatPSA/2026/1") < seen.index("EL(26)A/10")
    assert "■ Overdue" in seen
    assert "◆ Open" in seen


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"kind": ""}, "recall.kind"),
        ({"reference": ""}, "recall.no-reference"),
        ({"deadline": ""}, "recall.no-deadline"),
        ({"deadline": "soon"}, "day.unreadable"),
        ({"gtin": ""}, "recall.no-packs"),
        ({"gtin": "4006381333931"}, "stock.unknown-pack"),
        ({"numbers": " , "}, "recall.which-batch"),
        ({"level": ""}, "recall.level"),
        ({"kind": "natpsa", "gtin": "", "title": ""}, "recall.no-title"),
    ],
)
def test_an_alert_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    bench: Bench, changed: dict[str, str], rule: str
) -> None:
    fields = {**ALERT, **changed}
    response = Desk(bench.tess).post("/stock/alerts/", fields)
    html = text_of(response)
    assert response.status_code == 422
    assert rule in html
    assert f'value="{fields["numbers"]}"' in html
    assert not models.Recall.objects.exists()


def test_one_reference_is_one_alert(bench: Bench) -> None:
    desk = Desk(bench.tess)
    _recorded(desk)
    assert "recall.reference-taken" in text_of(desk.post("/stock/alerts/", ALERT))


def test_more_alerts_take_no_more_queries(bench: Bench) -> None:
    desk = Desk(bench.tess)
    used = []
    for more in (1, 5):
        for number in range(more):
            desk.post("/stock/alerts/", {**ALERT, "reference": f"EL {more}-{number}"})
        with CaptureQueriesContext(connection) as queries:
            assert desk.get("/stock/alerts/")[0] == 200
        used.append(len(queries))
    assert used[0] == used[1] <= 13


def test_a_recall_begins_from_a_batch_or_by_scan_and_says_what_is_held(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 2, number="R1")
    bench.stock(FUROSEMIDE_28_B, 2, number="R1")
    batch = models.Batch.objects.get(gtin__endswith=FUROSEMIDE_28)
    desk = Desk(bench.tess)
    for html in (
        desk.get(f"/stock/alerts/?batch={batch.pk}")[1],
        text_of(desk.post("/stock/alerts/", code=gs1(FUROSEMIDE_28, "R1"))),
    ):
        assert re.search(r'name="gtin"[^>]*value="0?9521000000773"', html)
        assert re.search(r'name="numbers"[^>]*value="R1"', html)
    assert "barcode." in text_of(desk.post("/stock/alerts/", code="rubbish"))
    fields = {"kind": "unclassified", "reference": "Maker 12", "level": "pharmacy", "gtin": batch.gtin}
    assert desk.post("/stock/alerts/", fields, numbers="r1").status_code == 303
    seen = words(desk.get("/stock/alerts/")[1])
    assert "Maker 12" in seen
    assert "R1 : ■ 56 tablets can be picked" in seen
    refused = desk.post("/stock/receive", gtin=FUROSEMIDE_28, number="R1", expiry="2028-01", packs="1")
    assert "stock.recalled" in text_of(refused)
