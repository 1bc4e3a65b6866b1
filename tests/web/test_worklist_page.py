"""Home: the right list for each role, searched without a trace in an address, downloaded without formulas."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import FUROSEMIDE, JOHN, NOW, PARACETAMOL, Bench, open_bench
from tests.web.desk import Desk, stand_still, words

from pestle.web.pages.csv_file import cell


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


@pytest.mark.parametrize(
    ("username", "heading"),
    [
        ("tess", "Worklist: Entry"),
        ("adam", "Worklist: Accuracy check"),
        ("ruth", "Worklist: Clinical check"),
        ("mo", "Worklist: All prescriptions at work"),
    ],
)
def test_everybody_begins_with_their_own_list(bench: Bench, username: str, heading: str) -> None:
    status, html = Desk(bench.people[username]).get("/")
    assert status == 200
    assert f'<h1 class="nhsuk-u-visually-hidden">{heading}</h1>' in html


def test_each_step_is_counted_and_lists_what_waits_there(bench: Bench) -> None:
    entry = bench.take_in(FUROSEMIDE)
    bench.at("clinical", PARACETAMOL, key="b", patient=JOHN)
    _, html = Desk(bench.tess).get("/?step=entry")
    seen = words(html)
    for tab in ("Entry 1", "Clinical check 1", "Assemble 0", "Accuracy check 0", "Ready 0", "All 2"):
        assert tab in seen
    assert f'href="/prescriptions/{entry}/"' in html
    assert "O'BRIEN, Mary (Mrs)" in seen
    assert "SMITH, John" not in seen
    assert "furosemide 40\u00a0mg tablets" in html


def test_an_empty_list_says_what_fills_it(bench: Bench) -> None:
    _, html = Desk(bench.ruth).get("/")
    assert "Prescriptions come here when their entry is complete." in words(html)


def test_what_is_late_says_so_in_words_until_it_is_ready(bench: Bench) -> None:
    early = NOW - timedelta(hours=5)
    bench.take_in(FUROSEMIDE, now=early)
    bench.at("hand_out", PARACETAMOL, key="b", patient=JOHN, now=early)
    desk = Desk(bench.tess)
    assert "Overdue" in words(desk.get("/?step=entry")[1])
    assert "Overdue" not in words(desk.get("/?step=hand_out")[1])


def test_a_search_is_kept_in_the_session_and_never_in_an_address(bench: Bench) -> None:
    bench.take_in(FUROSEMIDE)
    bench.take_in(PARACETAMOL, key="b", patient=JOHN)
    desk = Desk(bench.tess)
    answer = desk.post("/?step=entry", text="o'brien", **{"with": "anyone"})
    assert answer.status_code == 303
    assert "brien" not in answer["Location"].lower()
    seen = words(desk.get(answer["Location"])[1])
    assert "O'BRIEN, Mary" in seen
    assert "SMITH" not in seen
    assert "1 prescription" in seen
    desk.post("/?step=entry", text="zzz")
    assert "Nothing here matches “zzz”" in words(desk.get("/?step=entry")[1])


def test_what_is_mine_is_what_i_have_in_hand(bench: Bench) -> None:
    mine = bench.take_in(FUROSEMIDE)
    bench.take_in(PARACETAMOL, key="b", patient=JOHN)
    desk = Desk(bench.tess)
    desk.post(f"/prescriptions/{mine}/claim")
    answer = desk.post("/?step=entry", text="", **{"with": "me"})
    assert "with=me" in answer["Location"]
    seen = words(desk.get(answer["Location"])[1])
    assert "O'BRIEN, Mary" in seen
    assert "SMITH" not in seen
    assert "Tess Okafor" in words(Desk(bench.leon).get("/?step=entry")[1])


def test_a_wish_to_cancel_is_on_the_row(bench: Bench) -> None:
    prescription = bench.at("assemble", FUROSEMIDE)
    line = bench.lines(prescription)[0]
    line.cancellation = {"reason": "Prescribing error", "at": NOW.isoformat()}
    line.save()
    assert "Cancellation asked" in words(Desk(bench.tess).get("/?step=assemble")[1])


def test_the_order_is_turned_by_its_column(bench: Bench) -> None:
    bench.take_in(FUROSEMIDE)
    bench.take_in(PARACETAMOL, key="b", patient=JOHN)
    desk = Desk(bench.tess)
    up = words(desk.get("/?step=entry&sort=patient&order=asc")[1])
    down = words(desk.get("/?step=entry&sort=patient&order=desc")[1])
    assert up.index("O'BRIEN") < up.index("SMITH")
    assert down.index("SMITH") < down.index("O'BRIEN")


@pytest.mark.parametrize(
    "query", ["?page=0", "?page=x", "?page=99999999999", "?step=nowhere", "?sort=;drop", "?page=²"]
)
def test_an_address_that_makes_no_sense_still_gives_a_list(bench: Bench, query: str) -> None:
    assert Desk(bench.tess).get(f"/{query}")[0] == 200


def test_the_download_has_the_same_rows(bench: Bench) -> None:
    bench.take_in(FUROSEMIDE)
    bench.at("clinical", PARACETAMOL, key="b", patient=JOHN)
    answer = Desk(bench.tess).fetch("/worklist.csv?step=entry")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert header[1] == "Patient"
    assert [row[1] for row in rows] == ["O'BRIEN, Mary (Mrs)"]
    assert rows[0][6] == "Furosemide 40mg tablets"


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"])
def test_no_cell_is_run_by_a_spreadsheet(formula: str) -> None:
    assert cell(formula) == f"'{formula}"
    assert cell("plain") == "plain"


def test_a_longer_list_asks_the_database_no_more(bench: Bench) -> None:
    desk = Desk(bench.tess)
    bench.take_in(FUROSEMIDE)
    desk.get("/?step=entry")
    with CaptureQueriesContext(
        connection,
    ) as one:
        desk.get("/?step=entry")
    for number in range(6):
        bench.take_in(FUROSEMIDE, PARACETAMOL, key=f"more {number}")
    with CaptureQueriesContext(connection) as many:
        desk.get("/?step=entry")
    assert len(many) == len(one)
