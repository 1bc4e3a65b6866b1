"""What the stock will come to, through the page."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import FUROSEMIDE, FUROSEMIDE_28, NOW, PARACETAMOL_32, Bench, open_bench
from tests.web.desk import Desk, stand_still, words

AT = NOW + timedelta(days=28)


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, AT)
    return open_bench()


def test_what_will_be_left_over_at_the_use_of_these_weeks(bench: Bench) -> None:
    bench.at("closed", FUROSEMIDE)
    bench.stock(FUROSEMIDE_28, 2, number="SOON", expiry="2026-12-09")
    bench.stock(FUROSEMIDE_28, 9, number="LATE", expiry="2028-05")
    bench.stock(PARACETAMOL_32, 1, number="IDLE", expiry="2027-03")
    desk = Desk(bench.tess)
    seen = words(desk.get("/stock/outlook/")[1])
    # 30 November to 9 December are ten days of one tablet.
    assert "SOON 09-Dec-2026 56 tablets 46 tablets" in seen
    assert "LATE" not in seen
    assert "IDLE Mar-2027 32 tablets 32 tablets" in seen
    assert "32 tablets nothing used" in seen
    assert "Dec-2026: 1." in seen
    rows = list(csv.reader(io.StringIO(desk.fetch("/stock/outlook.csv").content.decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ["SOON", "IDLE"]


def test_recalled_and_expired_stock_is_left_out(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 2, number="OLD", expiry="2026-11-20")
    bench.stock(FUROSEMIDE_28, 2, number="BAD")
    desk = Desk(bench.tess)
    bench.recall(FUROSEMIDE_28, "bad")
    seen = words(desk.get("/stock/outlook/")[1])
    assert "Nothing will be left over" in seen
    assert "none that can be used: 1." in seen


def test_more_stock_takes_no_more_queries_and_no_style_of_its_own(bench: Bench) -> None:
    desk = Desk(bench.tess)
    desk.get("/stock/outlook/")
    used = []
    for more in (1, 8):
        for number in range(more):
            bench.stock(FUROSEMIDE_28, 1, number=f"{more}-{number}")
        with CaptureQueriesContext(connection) as queries:
            status, html = desk.get("/stock/outlook/")
        assert (status, 'style="' in html) == (200, False)
        used.append(len(queries))
    assert used[0] == used[1] <= 18
