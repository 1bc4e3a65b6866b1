"""Places, moves of a batch, transfers and waste through the pages."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import FUROSEMIDE_28, NOW, PARACETAMOL_32, Bench, open_bench
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.web.store import models


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


def _held(kind: str) -> int:
    return sum(models.Balance.objects.filter(account__kind=kind).values_list("amount", flat=True))


def _account(kind: str) -> str:
    return str(models.Account.objects.get(kind=kind).pk)


def _fridge(desk: Desk) -> str:
    assert desk.post("/stock/places/", kind="fridge", name="Fridge 1", condition="fridge").status_code == 303
    return _account("fridge")


def test_a_place_says_what_is_kept_there_wrongly(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 1)
    desk = Desk(bench.tess)
    desk.post("/stock/places/", kind="shelf", name="Dispensary shelf", condition="room")
    product = models.Batch.objects.get().product_id
    shelf = f"/stock/places/{_account('shelf')}/"
    answer = desk.post(shelf, product=product, condition="fridge", source="the pack", address="B4")
    assert answer.status_code == 303
    seen = words(desk.get(shelf)[1])
    assert "■ Wrong place" in seen
    assert "in a fridge, 2 to 8 °C (the pack); Dispensary shelf, B4" in seen
    assert "at room temperature" in words(desk.get("/stock/places/")[1])
    refused = desk.post(shelf, product=product, condition="fridge", source="", address="")
    assert (refused.status_code, "place.no-source" in text_of(refused)) == (422, True)


def test_a_delivery_for_the_fridge_is_asked_about(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 1)
    desk = Desk(bench.tess)
    fridge = _fridge(desk)
    product = models.Batch.objects.get().product_id
    desk.post(f"/stock/places/{fridge}/", product=product, condition="fridge", source="the pack", address="")
    scanned = text_of(desk.post("/stock/receive", code=FUROSEMIDE_28))
    assert f'<option value="{fridge}" selected>' in scanned
    fields = {"gtin": FUROSEMIDE_28, "number": "A1", "expiry": "2028-01", "packs": "1"}
    refused = text_of(desk.post("/stock/receive", **fields, to=""))
    assert "stock.storage" in refused
    assert 'name="all_the_same"' in refused
    assert desk.post("/stock/receive", **fields, to=fridge).status_code == 303
    assert _held("fridge") == 28


def test_a_batch_is_put_away_set_aside_and_wasted_from_its_page(bench: Bench) -> None:
    batch = bench.stock(FUROSEMIDE_28, 3).result["batch"]
    desk, at = Desk(bench.tess), f"/stock/batches/{batch}/move"
    fridge, shelf = _fridge(desk), _account("shelf")
    assert desk.post(at, {"what": "put_away", "from": shelf, "to": fridge, "packs": "1"}).status_code == 303
    assert (
        desk.post(at, {"what": "quarantine", "from": fridge, "loose": "8", "why": "warm"}).status_code == 303
    )
    assert (_held("fridge"), _held("quarantine"), _held("shelf")) == (20, 8, 56)
    aside = _account("quarantine")
    release = {"what": "release", "from": aside, "to": shelf, "loose": "8", "why": "maker says it is good"}
    assert "stock.role" in text_of(desk.post(at, release))
    assert Desk(bench.ruth).post(at, release).status_code == 303
    waste = {"what": "waste", "from": shelf, "packs": "1", "loose": "4", "waste": "damaged", "why": "wet"}
    assert desk.post(at, waste).status_code == 303
    assert _held("waste") == 32
    seen = words(desk.get("/stock/waste/")[1])
    assert "32 tablets damaged wet" in seen
    rows = list(csv.reader(io.StringIO(desk.fetch("/stock/waste.csv").content.decode("utf-8-sig"))))
    assert rows[1][5:7] == ["damaged", "wet"]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"what": ""}, "stock.no-way"),
        ({"what": "supply"}, "stock.no-way"),
        ({"from": ""}, "place.unknown"),
        ({"from": "99999999"}, "place.unknown"),
        ({"packs": ""}, "ledger.not-positive"),
        ({"packs": "-1"}, "stock.packs"),
        ({"packs": "4"}, "stock.not-in-stock"),
        ({"packs": "", "loose": "0.5"}, "ledger.not-whole"),
        ({"packs": "", "loose": "some"}, "quantity.not-a-number"),
        ({"waste": ""}, "stock.no-reason"),
        ({"what": "quarantine", "why": ""}, "stock.no-reason"),
    ],
)
def test_a_move_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    bench: Bench, changed: dict[str, str], rule: str
) -> None:
    batch = bench.stock(FUROSEMIDE_28, 3).result["batch"]
    fields = {
        "what": "waste",
        "from": _account("shelf"),
        "packs": "1",
        "waste": "other",
        "why": "it fell",
        **changed,
    }
    response = Desk(bench.tess).post(f"/stock/batches/{batch}/move", fields)
    html = text_of(response)
    assert response.status_code == 422
    assert rule in html
    assert f'value="{fields["packs"]}"' in html or not fields["packs"]
    assert models.Movement.objects.count() == 1


def test_what_was_sent_arrives_and_never_more_of_it(bench: Bench) -> None:
    batch = bench.stock(PARACETAMOL_32, 3).result["batch"]
    desk = Desk(bench.tess)
    desk.post("/stock/places/", kind="ward", name="Ward 4", condition="room")
    sent = desk.post(
        f"/stock/batches/{batch}/move",
        {
            "what": "send",
            "from": _account("shelf"),
            "to": _account("ward"),
            "packs": "2",
            "carrier": "Porter Jo",
        },
    )
    assert sent.status_code == 303
    assert "Porter Jo" in words(desk.get("/stock/transfers/")[1])
    settle = f"/stock/transfers/{models.Transfer.objects.get().pk}/settle"
    assert "transfer.more-than-sent" in text_of(
        desk.post(settle, {"batch": batch, "as": "arrive", "packs": "3"})
    )
    assert desk.post(settle, {"batch": batch, "as": "arrive", "packs": "1"}).status_code == 303
    waste = {"batch": batch, "as": "waste", "packs": "1", "why": "broken on the way"}
    assert desk.post(settle, waste).status_code == 303
    assert (_held("ward"), _held("in_transit"), _held("waste")) == (32, 0, 32)
    assert "transfer.more-than-sent" in text_of(
        desk.post(settle, {"batch": batch, "as": "arrive", "loose": "1"})
    )
    assert "broken on the way" in words(desk.get("/stock/waste/")[1])


def test_more_of_anything_takes_no_more_queries(bench: Bench) -> None:
    desk = Desk(bench.tess)
    used: dict[str, list[int]] = {}
    for more in (1, 5):
        for number in range(more):
            batch = bench.stock(FUROSEMIDE_28, 3, number=f"{more}-{number}").result["batch"]
            desk.post("/stock/places/", kind="ward", name=f"Ward {more}{number}", condition="room")
            ward = str(models.Account.objects.filter(kind="ward").latest("pk").pk)
            at, shelf = f"/stock/batches/{batch}/move", _account("shelf")
            desk.post(at, {"what": "send", "from": shelf, "to": ward, "packs": "1", "carrier": "Jo"})
            desk.post(at, {"what": "waste", "from": shelf, "packs": "1", "waste": "expired"})
        for path in ("places/", f"places/{_account('shelf')}/", "transfers/", "waste/"):
            with CaptureQueriesContext(connection) as queries:
                assert desk.get(f"/stock/{path}")[0] == 200
            used.setdefault(path, []).append(len(queries))
    assert all(first == second <= 9 for first, second in used.values()), used
