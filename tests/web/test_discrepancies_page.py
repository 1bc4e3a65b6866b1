"""Differences between book and count: listed, looked into, and closed by somebody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import FUROSEMIDE_28, MORPHINE_60, NOW, Bench, a_key, open_bench
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.pharmacy.ledger.account import AccountKind
from pestle.web.actions import balance, differences
from pestle.web.store import models, register, verify


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(hours=1))
    return open_bench()


def _opened(bench: Bench, *, found: int = 20) -> int:
    batch = bench.stock(FUROSEMIDE_28, 1).result["batch"]
    return int(
        differences.count(
            by=bench.tess, now=NOW, key=a_key(), batch_id=batch, kind=AccountKind.SHELF, found=found,
            why="the monthly count",
        ).result["discrepancy"]
    )  # fmt: skip


def test_it_is_listed_looked_into_and_closed_by_somebody_else(bench: Bench) -> None:
    pk = _opened(bench)
    here = f"/stock/discrepancies/{pk}/"
    tess, leon = Desk(bench.tess), Desk(bench.leon)
    listed = words(tess.get("/stock/discrepancies/")[1])
    assert "8 tablets less than the book" in listed
    assert "not yet" in listed
    assert "Nobody has looked into this yet" in words(leon.get(here)[1])
    assert tess.post(f"{here}look-into", words="counted again: 20").status_code == 303
    assert "Somebody else closes what you opened" in words(tess.get(here)[1])
    assert "Close this difference" in leon.get(here)[1]
    assert leon.post(f"{here}close", words="one strip lost", outcome="lost").status_code == 303
    seen = words(leon.get(here)[1])
    assert "closed it: it was lost or stolen" in seen
    assert "Close this difference" not in seen
    assert "No difference is open" in words(leon.get("/stock/discrepancies/")[1])
    assert "8 tablets" in words(leon.get("/stock/discrepancies/?show=closed")[1])
    assert verify.verify(bench.site).faults == []


@pytest.mark.parametrize(
    ("who", "verb", "fields", "rule"),
    [
        ("tess", "close", {"words": "found it", "outcome": "miscounted"}, "discrepancy.own"),
        ("leon", "close", {"words": "found it", "outcome": "miscounted"}, "discrepancy.not-looked-into"),
        ("leon", "close", {"words": "found it", "outcome": "other"}, "discrepancy.no-outcome"),
        ("leon", "look-into", {"words": " "}, "discrepancy.no-words"),
        ("mo", "look-into", {"words": "counted"}, "stock.role"),
    ],
)
def test_what_is_refused_by_name(
    bench: Bench, who: str, verb: str, fields: dict[str, str], rule: str
) -> None:
    pk = _opened(bench)
    answer = Desk(bench.people[who]).post(f"/stock/discrepancies/{pk}/{verb}", **fields)
    assert answer.status_code == 422
    assert rule in text_of(answer)
    assert not models.DiscrepancyEvent.objects.exists()


def test_a_pharmacist_closes_what_is_about_a_controlled_drug(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1)
    (page,) = register.pages(bench.site.pk)
    (pk,) = balance.check_balance(
        by=bench.tess, now=NOW, key=a_key(), page_id=page.id, second=bench.adam, why="one is torn",
        seen=register.latest(register.batch_ids(bench.site.pk, page)),
        found={(row.batch_id, row.account_id): 59 for row in register.stands(bench.site.pk, page)},
    ).result["discrepancies"]  # fmt: skip
    here = f"/stock/discrepancies/{pk}/"
    Desk(bench.tess).post(f"{here}look-into", words="counted again: 59")
    said = {"words": "could not be found", "outcome": "unexplained"}
    assert "discrepancy.pharmacist" in text_of(Desk(bench.leon).post(f"{here}close", **said))
    assert Desk(bench.ruth).post(f"{here}close", **said).status_code == 303


def test_a_long_list_takes_no_more_queries_than_a_short_one(bench: Bench) -> None:
    desk = Desk(bench.tess)
    desk.get("/stock/discrepancies/")
    used = []
    for more in (1, 6):
        for _ in range(more):
            _opened(bench, found=models.Discrepancy.objects.count() + 40)
        with CaptureQueriesContext(connection) as queries:
            assert desk.get("/stock/discrepancies/")[0] == 200
        used.append(len(queries))
    assert used[0] == used[1]
