"""Stock through the pages: the first to expire first, deliveries by scan, batches told, recalls."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import (
    FUROSEMIDE,
    FUROSEMIDE_28,
    NOW,
    PARACETAMOL_32,
    Bench,
    open_bench,
)
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.web.store import models

GS = "\x1d"


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


def _value(html: str, name: str) -> str:
    tag = next(tag for tag in html.split("<input") if f'name="{name}"' in tag.split(">")[0])
    return tag.split('value="')[1].split('"')[0] if 'value="' in tag.split(">")[0] else ""


def test_one_pack_s_batches_stand_in_the_order_of_their_expiry(bench: Bench) -> None:
    for number, expiry in (("LATE", "2028-05"), ("SOON", "2026-12"), ("MID", "2027-06-30")):
        bench.stock(FUROSEMIDE_28, 1, number=number, expiry=expiry)
    seen = words(Desk(bench.tess).get("/stock/")[1])
    assert seen.index("SOON") < seen.index("MID") < seen.index("LATE")
    assert "Dec-2026 ◆ Expires soon" in seen
    assert "30-Jun-2027" in seen
    assert "Expiring within 90 days 1" in seen


def test_expired_and_recalled_say_so_with_a_word_and_a_shape(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.stock(FUROSEMIDE_28, 1, number="OLD", expiry="2026-11")
    bench.stock(PARACETAMOL_32, 1, number="BAD")
    desk = Desk(bench.tess)
    bench.recall(PARACETAMOL_32, "bad", reference="EL(26)A/01")
    assert "Expired" not in words(desk.get("/stock/")[1]).replace("Expired 0", "")
    stand_still(monkeypatch, NOW + timedelta(days=29))
    seen = words(desk.get("/stock/")[1])
    assert "Nov-2026 ■ Expired" in seen
    assert "■ Recalled EL(26)A/01" in seen
    assert desk.get("/stock/?show=expired")[1].count("data-item") == 1
    assert desk.get("/stock/?show=recalled")[1].count("data-item") == 1


def test_the_list_is_searched_and_downloaded(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 3, number="F1")
    bench.stock(PARACETAMOL_32, 2, number="=P1")
    desk = Desk(bench.tess)
    found = text_of(desk.post("/stock/", text="furosem f1"))
    assert found.count("data-item") == 1
    assert "84 tablets" in found
    assert "Nothing here matches" in text_of(desk.post("/stock/", text="<none>"))
    response = desk.client.get("/stock.csv")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0][0] == "Pack"
    assert {row[2] for row in rows[1:]} == {"F1", "'=P1"}, "a formula is never run"


@pytest.mark.parametrize(
    ("code", "number", "expiry"),
    [
        (f"]d2010{FUROSEMIDE_28}17280131" + "10AB12", "AB12", "2028-01-31"),
        (f"]d2010{FUROSEMIDE_28}10AB12{GS}17280100", "AB12", "2028-01"),
        (FUROSEMIDE_28, "", ""),
    ],
)
def test_a_scan_fills_what_the_code_holds_and_the_rest_is_asked(
    bench: Bench, code: str, number: str, expiry: str
) -> None:
    response = Desk(bench.tess).post("/stock/receive", code=code)
    html = text_of(response)
    assert response.status_code == 200
    assert _value(html, "gtin") == f"0{FUROSEMIDE_28}"
    assert (_value(html, "number"), _value(html, "expiry")) == (number, expiry)
    assert ("read them from the pack" in html) == (not number)
    assert not models.Batch.objects.exists(), "a scan alone receives nothing"


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"code": "9521000000774"}, "barcode.check-digit"),
        ({"code": "4006381333931"}, "stock.unknown-pack"),
        ({"code": "PESTLE:L:1-1-1"}, "stock.own-label"),
        ({"code": f"]d2010{FUROSEMIDE_28}1728013110ab12", "caps_lock": "1"}, "scan.caps-lock"),
    ],
)
def test_a_scan_that_cannot_be_trusted_is_refused_by_name(
    bench: Bench, fields: dict[str, str], rule: str
) -> None:
    response = Desk(bench.tess).post("/stock/receive", **fields)
    assert response.status_code == 422
    assert rule in text_of(response)


def test_a_delivery_goes_onto_the_shelf_once(bench: Bench) -> None:
    desk, key = Desk(bench.tess), str(uuid.uuid4())
    fields = {"gtin": FUROSEMIDE_28, "number": "A1", "expiry": "2028-01", "packs": "10"}
    for _ in range(2):
        assert desk.post("/stock/receive", key=key, **fields).status_code == 303
    balance = models.Balance.objects.get(account__kind="shelf")
    assert balance.amount == 280
    assert "10 packs of furosemide 40\u00a0mg tablets" in desk.get("/stock/receive")[1]


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"packs": "0"}, "stock.packs"),
        ({"packs": "ten"}, "stock.packs"),
        ({"packs": "10001"}, "stock.packs"),
        ({"number": ""}, "stock.no-batch"),
        ({"expiry": "31/01/2028"}, "expiry.not-a-date"),
        ({"expiry": "2026-10"}, "stock.expired"),
        ({"gtin": "4006381333931"}, "stock.unknown-pack"),
    ],
)
def test_a_delivery_that_is_wrong_is_refused_and_nothing_typed_is_lost(
    bench: Bench, wrong: dict[str, str], rule: str
) -> None:
    fields = {"gtin": FUROSEMIDE_28, "number": "A1", "expiry": "2028-01", "packs": "10", **wrong}
    response = Desk(bench.tess).post("/stock/receive", **fields)
    html = text_of(response)
    assert response.status_code == 422
    assert rule in html
    assert {name: _value(html, name) for name in fields} == fields
    assert not models.Movement.objects.exists()


def test_a_batch_tells_what_moved_by_whom_and_why_and_that_nothing_was_changed(bench: Bench) -> None:
    prescription = bench.at("closed", FUROSEMIDE)
    batch = models.Batch.objects.get()
    seen = words(Desk(bench.leon).get(f"/stock/batches/{batch.pk}/")[1])
    for told in (
        "received",
        "picked",
        "handed out",
        "Leon Brandt",
        "Tess Okafor",
        f"prescription {prescription}",
    ):
        assert told in seen
    assert "Chain verified: 3 movements" in seen


def test_a_batch_whose_balance_was_tampered_with_says_so(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 1)
    models.Balance.objects.filter(held=True).update(amount=29)
    batch = models.Batch.objects.get()
    seen = words(Desk(bench.tess).get(f"/stock/batches/{batch.pk}/")[1])
    assert "The chain is broken" in seen
    assert "Chain verified" not in seen


def test_a_long_list_takes_no_more_queries_than_a_short_one(bench: Bench) -> None:
    desk = Desk(bench.tess)
    desk.get("/stock/")
    used = []
    for more in (2, 9):
        for number in range(more):
            bench.stock(FUROSEMIDE_28, 1, number=f"{more}-{number}")
        with CaptureQueriesContext(connection) as queries:
            assert desk.get("/stock/")[0] == 200
        used.append(len(queries))
    assert used[0] == used[1] <= 7
