"""A stock-take through the pages: blind, counted again by somebody else, entered once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import FUROSEMIDE_28, NOW, PARACETAMOL_32, Bench, a_key, open_bench, together
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.storage import Condition
from pestle.web.actions import places, stock_takes
from pestle.web.store import models, verify


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    bench = open_bench()
    bench.stock(FUROSEMIDE_28, 3, number="F1")
    bench.stock(PARACETAMOL_32, 2, number="P1")
    return bench


def _shelf() -> int:
    return models.Account.objects.get(kind="shelf").pk


def _begun(desk: Desk, **other: str) -> str:
    answer = desk.post("/stock/takes/", place=str(_shelf()), **other)
    assert answer.status_code == 303
    return str(answer["Location"])


def _batch(number: str) -> int:
    return models.Batch.objects.get(number=number).pk


def test_counters_do_not_see_the_book(bench: Bench) -> None:
    html = Desk(bench.tess).get(_begun(Desk(bench.tess)))[1]
    assert "○ to count" in words(html)
    assert "84" not in words(html).replace("Settled", "")
    assert "64 tablets" not in words(html)


def test_two_who_find_the_same_difference_enter_it_and_open_it(bench: Bench) -> None:
    tess, leon = Desk(bench.tess), Desk(bench.leon)
    at = _begun(tess)
    assert tess.post(at, batch=_batch("F1"), packs="2", loose="27").status_code == 303
    assert tess.post(at, batch=_batch("P1"), packs="2").status_code == 303
    assert "stock-take.same-person" in text_of(tess.post(at, batch=_batch("F1"), packs="2", loose="27"))
    assert "stock-take.settled" in text_of(leon.post(at, batch=_batch("P1"), packs="2"))
    assert not models.Discrepancy.objects.exists()
    assert "stock-take.recount-waits" in text_of(tess.post(at, what="finish", words="closing time"))
    assert "Tess Okafor" in words(leon.get(at)[1])
    assert leon.post(at, batch=_batch("F1"), packs="2", loose="27").status_code == 303
    assert models.Balance.objects.get(account__kind="shelf", batch=_batch("F1")).amount == 83
    opened = models.Discrepancy.objects.get()
    assert (opened.movement.amount, opened.movement.reason) == (1, "count")
    seen = words(tess.get(at)[1])
    assert "2 of 2" in seen
    assert "■ difference entered" in seen
    assert tess.post(at, what="finish").status_code == 303
    assert "stock-take.finished" in text_of(tess.post(at, batch=_batch("F1"), packs="1"))
    assert "Finished by Tess Okafor" in words(tess.get(at)[1])
    assert verify.verify(bench.site).faults == []


def test_what_is_picked_between_two_counts_is_no_difference(bench: Bench) -> None:
    tess, leon = Desk(bench.tess), Desk(bench.leon)
    at = _begun(tess)
    tess.post(at, batch=_batch("F1"), packs="2")
    bench.stock(FUROSEMIDE_28, 4, number="F1")
    leon.post(at, batch=_batch("F1"), packs="6")
    assert models.Balance.objects.get(account__kind="shelf", batch=_batch("F1")).amount == 6 * 28


def test_a_scan_opens_its_batch_and_one_that_the_book_never_had(bench: Bench) -> None:
    tess, leon = Desk(bench.tess), Desk(bench.leon)
    at = _begun(tess)
    html = text_of(tess.post(at, code=f"]d2010{FUROSEMIDE_28}1728010010F1"))
    assert f'name="batch" value="{_batch("F1")}"' in html
    assert f'name="batch" value="{_batch("P1")}"' in text_of(tess.post(at, code=PARACETAMOL_32))
    tess.post(at, code=f"]d2010{FUROSEMIDE_28}1728010010NEW")
    for desk in (tess, leon):
        assert desk.post(at, batch=_batch("NEW"), packs="1").status_code == 303
    assert models.Balance.objects.get(account__kind="shelf", batch=_batch("NEW")).amount == 28


def test_one_shelf_is_counted_alone(bench: Bench) -> None:
    places.record_place(by=bench.tess, now=NOW, key=a_key(), kind=AccountKind.SHELF,
                        name="Dispensary shelf", condition=Condition.ROOM)  # fmt: skip
    product = models.Batch.objects.get(number="F1").product_id
    places.keep_product(by=bench.tess, now=NOW, key=a_key(), product_id=product, condition=None, source="",
                        account_id=_shelf(), address="B4")  # fmt: skip
    desk = Desk(bench.tess)
    seen = words(desk.get(_begun(desk, shelf="b4"))[1])
    assert "F1" in seen
    assert "P1" not in seen
    _begun(desk)
    assert "stock-take.open-already" in text_of(desk.post("/stock/takes/", place=str(_shelf()), shelf="B4"))
    assert "stock-take.nothing" in text_of(desk.post("/stock/takes/", place=str(_shelf()), shelf="Z9"))


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"packs": "", "loose": ""}, "ledger.not-positive"),
        ({"packs": "", "loose": "0"}, "ledger.not-positive"),
        ({"packs": "two"}, "stock.packs"),
        ({"packs": "0", "loose": "0.5"}, "ledger.not-whole"),
        ({"batch": "99999", "packs": "1"}, "stock.unknown-batch"),
        ({"what": "finish"}, "stock-take.not-counted"),
    ],
)
def test_counts_that_are_refused(bench: Bench, fields: dict[str, str], rule: str) -> None:
    desk = Desk(bench.tess)
    response = desk.post(_begun(desk), {"batch": str(_batch("F1")), **fields})
    assert response.status_code == 422
    assert rule in text_of(response)
    assert not models.StockTakeCount.objects.exists()


def test_nothing_there_is_a_count_when_it_is_written(bench: Bench) -> None:
    at = _begun(Desk(bench.tess))
    assert Desk(bench.tess).post(at, batch=_batch("F1"), packs="0").status_code == 303
    assert models.StockTakeCount.objects.get().found == 0


def test_two_who_count_in_one_moment_enter_a_difference_once(database: str) -> None:
    bench = open_bench()
    batch = bench.stock(FUROSEMIDE_28, 1).result["batch"]
    take = stock_takes.begin(by=bench.tess, now=NOW, key=a_key(), account_id=_shelf()).result["take"]
    calls = [
        lambda by=by: stock_takes.count(by=by, now=NOW, key=a_key(), take_id=take, batch_id=batch, found=27)
        for by in (bench.tess, bench.leon, bench.adam, bench.ruth)
    ]
    done, refused = together(*calls)
    assert len(done) == 2
    assert {one.rule for one in refused} == {"stock-take.settled"}
    assert models.Discrepancy.objects.count() == 1


def test_more_lots_take_no_more_queries(bench: Bench) -> None:
    desk = Desk(bench.tess)
    at = _begun(desk)
    desk.get(at)
    used = []
    for more in (1, 6):
        for number in range(more):
            bench.stock(FUROSEMIDE_28, 1, number=f"{more}-{number}")
            desk.post(at, batch=_batch(f"{more}-{number}"), packs="1")
        desk.get(at)
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(at)[0] == 200
        used.append(len(queries))
    assert used[0] == used[1] <= 10
