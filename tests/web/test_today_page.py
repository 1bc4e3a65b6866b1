"""Today at the site: what is promised, what came and went by the site's own clock, what was late and why."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import FUROSEMIDE, NOW, PARACETAMOL, Bench, open_bench
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.web.store import models, today

ZONE = ZoneInfo("Europe/London")


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(hours=2))
    return open_bench()


def test_what_waits_and_what_is_promised_for_today(bench: Bench) -> None:
    late, soon, later, ready = (
        bench.at(step, PARACETAMOL, key=key)
        for step, key in (("entry", "a"), ("clinical", "b"), ("clinical", "c"), ("hand_out", "d"))
    )
    for prescription, hours in ((late, 1), (soon, 3), (later, 4), (ready, 1)):
        models.Prescription.objects.filter(pk=prescription).update(due_at=NOW + timedelta(hours=hours))
    seen = words(Desk(bench.mo).get("/manage/today")[1])
    assert "Entry 1 ■ 1 0 2 h" in seen
    assert "Clinical check 2 0 1 2 h" in seen
    assert "Assemble 0 0 0 –" in seen
    assert "Ready 1 0 0 2 h" in seen
    listed = seen[seen.index("Promised for today, and not ready") :]
    order = [listed.index(said) for said in ("■ Overdue", "◆ Due within the hour", "Later today")]
    assert order == sorted(order)
    assert listed.count("O&#39;BRIEN") + listed.count("O'BRIEN") == 3
    assert "Tess Okafor 4 3 – 1 2 1 – – –" in seen


def test_what_was_late_says_why_where_somebody_did(bench: Bench) -> None:
    silent = bench.at("accuracy", FUROSEMIDE, key="a")
    on_time = bench.at("entry", FUROSEMIDE, key="c")
    told = bench.at("accuracy", FUROSEMIDE, key="b")
    bench.sent_back(told, reason="the label of another patient")
    bench.assembled(told)
    for prescription in (silent, told):
        models.Prescription.objects.filter(pk=prescription).update(due_at=NOW)
        bench.passed(prescription, now=NOW + timedelta(minutes=90))
    bench.handed_out(silent, now=NOW + timedelta(minutes=95))
    seen = words(Desk(bench.mo).get("/manage/today")[1])
    assert seen.count("1 h 30 min") == 2
    assert "Sent back at the accuracy check: the label of another patient" in seen
    assert "Unknown nobody noted anything" in seen
    where = f"/manage/today/{silent}/why-late"
    for reason in ("work", "stock"):
        assert Desk(bench.mo).post(where, reason=reason)["Location"] == "/manage/today#late"
    seen = words(Desk(bench.ruth).get("/manage/today")[1])
    assert "Why, in the last seven days: stock was missing 1 ." in seen
    assert "Stock was missing" in words(Desk(bench.tess).get(f"/prescriptions/{silent}/story")[1])
    for prescription, reason, rule in ((silent, "", "late.no-reason"), (on_time, "work", "late.was-not")):
        refused = Desk(bench.mo).post(f"/manage/today/{prescription}/why-late", reason=reason)
        assert (refused.status_code, rule in text_of(refused)) == (422, True)
    file = Desk(bench.mo).fetch("/manage/today.csv").content.decode("utf-8-sig")
    assert file.count("Was late") == 2
    assert "unknown" in file


def test_days_and_hours_are_the_site_s_own(bench: Bench) -> None:
    # 23:30 UTC in summer is half past midnight of the next day in London.
    row = bench.row(bench.take_in(FUROSEMIDE))
    models.Prescription.objects.filter(pk=row.pk).update(received_at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    site, day = bench.site.pk, date(2026, 7, 2)
    within = {"since": today.midnight(day, ZONE), "until": today.midnight(date(2026, 7, 3), ZONE)}
    assert today.by_hour(site, **within, zone=ZONE) == {0: (1, 0)}
    counts = today.by_day(site, first=date(2026, 7, 1), last=day, zone=ZONE)
    assert counts == {date(2026, 7, 1): (0, 0), day: (1, 0)}


def test_a_long_day_takes_no_more_queries_than_a_short_one(bench: Bench) -> None:
    desk = Desk(bench.mo)
    desk.get("/manage/today")
    used = []
    for keys in ("a", "bc"):
        for key in keys:
            bench.at("hand_out", FUROSEMIDE, key=key)
            bench.at("clinical", FUROSEMIDE, key=f"{key}2")
        models.Prescription.objects.update(due_at=NOW - timedelta(hours=1))
        counted = []
        for path in ("/manage/today", "/manage/today.csv", "/manage/audit"):
            with CaptureQueriesContext(connection) as captured:
                desk.get(path)
            counted.append(len(captured))
        used.append(counted)
    assert used[0] == used[1]
    assert used[0][0] <= 18
