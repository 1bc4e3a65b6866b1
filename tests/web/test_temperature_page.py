"""The temperature of a fridge through the page: read, imported, out of limits, set aside, released."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import FUROSEMIDE_28, NOW, PARACETAMOL_32, Bench, a_key, open_bench
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.pharmacy.ledger.account import AccountKind
from pestle.pharmacy.ledger.storage import Condition
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import moving, places
from pestle.web.store import models, verify

FRIDGE = (AccountKind.FRIDGE, "Fridge 1")


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    bench = open_bench()
    places.record_place(by=bench.tess, now=NOW, key=a_key(), kind=FRIDGE[0], name=FRIDGE[1],
                        condition=Condition.FRIDGE)  # fmt: skip
    return bench


def _at() -> str:
    return f"/stock/places/{models.Account.objects.get(kind='fridge').pk}/temperature"


def _table(*celsius: str) -> bytes:
    """A reading an hour, the last at 10:00 (UTC and London, in November)."""
    first = NOW - timedelta(hours=len(celsius) - 1)
    lines = [f"{first + timedelta(hours=n):%d/%m/%Y %H:%M},{value}" for n, value in enumerate(celsius)]
    return "\n".join(["Time,Temperature °C", *lines]).encode()


def _import(desk: Desk, *celsius: str) -> Any:
    return desk.post(_at(), what="file", file=SimpleUploadedFile("logger.csv", _table(*celsius)))


def _set_aside(desk: Desk) -> Any:
    html = desk.get(_at())[1]
    began = html.split('name="began" value="')[1].split('"')[0]
    return desk.post(_at(), what="set_aside", began=began)


def test_an_excursion_sets_the_lots_aside_and_only_a_pharmacist_releases_them(bench: Bench) -> None:
    bench.stock(FUROSEMIDE_28, 2, place=FRIDGE)
    bench.stock(PARACETAMOL_32, 1, number="P1", place=FRIDGE)
    bench.stock(FUROSEMIDE_28, 1)
    desk = Desk(bench.tess)
    assert _import(desk, "5", "5", "9.5", "12", "6").status_code == 303
    seen = words(desk.get(_at())[1])
    assert "■ Out of limits from 02-Nov-2026 08:00 to 02-Nov-2026 10:00: 9.5 °C to 12 °C" in seen
    assert _set_aside(desk).status_code == 303
    assert not models.Balance.objects.filter(account__kind="fridge", amount__gt=0).exists()
    aside = models.Balance.objects.filter(account__kind="quarantine").values_list("amount", flat=True)
    assert sorted(aside) == [32, 56]
    seen = words(desk.get(_at())[1])
    assert "Mean kinetic temperature over the 24 hours to its end: " in seen
    assert "waits for a pharmacist" in seen
    excursion, batch = models.Excursion.objects.get(), models.Batch.objects.get(number="P1")
    release = {"what": "release", "excursion": excursion.pk, "batch": batch.pk,
               "advice": "maker: stable to 15 °C for 24 hours, by telephone"}  # fmt: skip
    assert "stock.role" in text_of(desk.post(_at(), release))
    ruth = Desk(bench.ruth)
    # Not by the batch's own page either, nor by undoing what set it aside.
    move = {"what": "release", "from": excursion.quarantine_id, "to": excursion.account_id, "packs": "1",
            "why": "looks good"}  # fmt: skip
    assert "temperature.advice-first" in text_of(ruth.post(f"/stock/batches/{batch.pk}/move", move))
    moved = models.Movement.objects.get(batch=batch, reason="quarantine")
    with pytest.raises(Refused) as refused:
        moving.correct(by=bench.ruth, now=NOW, key=a_key(), why="looks good", movement_id=moved.pk)
    assert refused.value.rule == "temperature.advice-first"
    assert "temperature.no-advice" in text_of(ruth.post(_at(), {**release, "advice": "fine"}))
    assert ruth.post(_at(), release).status_code == 303
    assert models.Balance.objects.get(account__kind="fridge", batch=batch).amount == 32
    assert "maker: stable to 15 °C" in words(desk.get(_at())[1])
    assert "temperature.not-set-aside" in text_of(ruth.post(_at(), release))
    moving.correct(by=bench.ruth, now=NOW, key=a_key(), why="the wrong batch",
                   movement_id=models.ExcursionRelease.objects.get().movement_id)  # fmt: skip
    assert "temperature.advice-first" in text_of(ruth.post(f"/stock/batches/{batch.pk}/move", move))
    assert ruth.post(_at(), release).status_code == 303
    assert verify.verify(bench.site).faults == []


def test_the_same_excursion_is_acted_on_once(bench: Bench) -> None:
    desk = Desk(bench.tess)
    _import(desk, "5", "9", "5")
    began = (NOW - timedelta(hours=1)).isoformat()
    assert desk.post(_at(), what="set_aside", began=began).status_code == 303
    assert "temperature.set-aside-already" in text_of(desk.post(_at(), what="set_aside", began=began))
    assert "temperature.no-excursion" in text_of(desk.post(_at(), what="set_aside", began=NOW.isoformat()))
    assert "day.unreadable" in text_of(desk.post(_at(), what="set_aside", began="then"))


def test_what_the_thermometer_kept_is_an_excursion_too(bench: Bench) -> None:
    desk = Desk(bench.tess)
    assert desk.post(_at(), what="read", celsius="5.1", lowest="1.4", highest="6").status_code == 303
    seen = words(desk.get(_at())[1])
    assert "1.4 °C to 6 °C" in seen
    assert "5.1 °C" in seen


def test_a_file_is_taken_in_once_and_never_against_what_is_there(bench: Bench) -> None:
    desk = Desk(bench.tess)
    _import(desk, "5", "5")
    _import(desk, "5", "5")
    assert "2 readings in the file, 0 of them new" in words(desk.get(_at())[1])
    refused = _import(desk, "5", "6")
    assert (refused.status_code, "temperature.differs" in text_of(refused)) == (422, True)
    assert models.Temperature.objects.count() == 2
    kept = models.Message.objects.filter(kind="temperatures").order_by("pk")
    assert [one.outcome for one in kept] == ["accepted", "duplicate"]
    assert bytes(kept[0].body) == _table("5", "5")
    assert kept[0].digest == models.Temperature.objects.first().origin  # type: ignore[union-attr]
    assert "Temperatures of a logger" in words(desk.get(f"/messages/{kept[0].pk}/")[1])


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"what": "read", "celsius": "", "lowest": "2", "highest": "8"}, "quantity.not-a-number"),
        ({"what": "read", "celsius": "9", "lowest": "2", "highest": "8"}, "temperature.order"),
        ({"what": "read", "celsius": "99", "lowest": "2", "highest": "99"}, "temperature.not-possible"),
        ({"what": "file"}, "logger.no-file"),
        ({"what": "release", "excursion": "1", "batch": "1", "advice": "maker says it is good"},
         "temperature.unknown"),
        ({"what": "dance"}, "temperature.nothing"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(bench: Bench, fields: dict[str, str], rule: str) -> None:
    response = Desk(bench.ruth).post(_at(), fields)
    assert response.status_code == 422
    assert rule in text_of(response)
    assert not models.Temperature.objects.exists()


def test_a_reading_of_a_time_to_come_and_a_place_without_limits(bench: Bench) -> None:
    desk = Desk(bench.tess)
    late = SimpleUploadedFile("logger.csv", b"time,temp\n2026-11-03 09:00,5\n")
    assert "temperature.future" in text_of(desk.post(_at(), what="file", file=late))
    bench.stock(FUROSEMIDE_28, 1)
    shelf = f"/stock/places/{models.Account.objects.get(kind='shelf').pk}/temperature"
    assert "not known: record its storage condition" in words(desk.get(shelf)[1])
    assert "temperature.no-limits" in text_of(desk.post(shelf, what="set_aside", began=NOW.isoformat()))


def test_hours_without_a_reading_are_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(bench.tess)
    _import(desk, "5", "5")
    stand_still(monkeypatch, NOW + timedelta(days=3))
    seen = words(desk.get(_at())[1])
    assert "Nobody read it" in seen
    assert "72 hours: not known" in seen


def test_a_month_of_readings_takes_no_more_queries_and_keeps_every_peak(bench: Bench) -> None:
    desk = Desk(bench.tess)
    _import(desk, "5", "5")
    desk.get(_at())
    used = []
    for celsius in (["5", "5", "5"], ["5"] * 700 + ["30", "5", "5"]):
        if len(celsius) > 3:
            _import(desk, *celsius)
            desk.get(_at())
        with CaptureQueriesContext(connection) as queries:
            html = desk.get(_at())[1]
        used.append(len(queries))
    assert used[0] == used[1] <= 10
    assert 'style="' not in html
    assert ">30<" in html
    points = html.split('points="')[1].split('"')[0].split()
    assert len(points) <= 720
