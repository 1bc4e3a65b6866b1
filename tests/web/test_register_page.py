"""The register through the pages: the bound book, notes in the margin, the file for an inspector."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import MORPHINE, MORPHINE_60, NOW, Bench, open_bench
from tests.web.desk import Desk, at, gs1, stand_still, text_of, words

from pestle.pharmacy.dispensary.collection import Collection, Collector, Identity
from pestle.web.store import models, register


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


def _address(bench: Bench, what: str = "/") -> str:
    (page,) = register.pages(bench.site.pk)
    return f"/register/{page.id}{what}"


def test_an_empty_register_says_what_fills_it(bench: Bench) -> None:
    assert "A page opens with the first delivery" in words(Desk(bench.tess).get("/register/")[1])


def test_a_delivery_of_schedule_2_asks_for_supplier_and_invoice(bench: Bench) -> None:
    desk = Desk(bench.tess)
    scanned = words(text_of(desk.post("/stock/receive", code=gs1(MORPHINE_60))))
    assert "Schedule 2: for the controlled-drug register" in scanned
    typed = {"gtin": MORPHINE_60, "number": "B1", "expiry": "2028-01", "packs": "2"}
    refused = desk.post("/stock/receive", typed, supplier="Ashcombe Wholesale Ltd")
    assert refused.status_code == 422
    said = text_of(refused)
    assert "controlled.no-invoice" in said
    assert 'value="Ashcombe Wholesale Ltd"' in said, "nothing typed is lost"
    done = desk.post(
        "/stock/receive", typed, supplier="Ashcombe Wholesale Ltd", supplier_address="2 Depot Road",
        invoice="INV-9",
    )  # fmt: skip
    assert done.status_code == 303
    assert "120 tablets" in words(desk.get("/register/")[1])


def test_the_counter_asks_who_takes_it_and_the_book_says_so(bench: Bench) -> None:
    prescription = bench.at("hand_out", MORPHINE)
    desk = Desk(bench.tess)
    assert "Identity of who takes it" in desk.get(at(prescription))[1]
    typed = {"collector": "professional", "collector_name": "Nurse Joy Adu"}
    refused = desk.post(at(prescription, "hand-out"), typed)
    assert refused.status_code == 422
    said = text_of(refused)
    assert "controlled.identity-missing" in said
    assert "hand-out.no-address" in said
    assert 'value="Nurse Joy Adu"' in said
    done = desk.post(
        at(prescription, "hand-out"), typed, collector_address="Ashcombe Surgery", identity="shown"
    )
    assert done.status_code == 303
    book = words(desk.get(_address(bench))[1])
    assert "a healthcare professional, Nurse Joy Adu, Ashcombe Surgery yes; yes" in book
    assert "60 tablets 0 tablets Tess Okafor" in book


def test_a_bag_without_controlled_drugs_is_not_asked_about_identity(bench: Bench) -> None:
    assert "Identity of who takes it" not in Desk(bench.tess).get(at(bench.at("hand_out")))[1]


def test_a_note_stands_beside_its_entry(bench: Bench) -> None:
    bench.stock(MORPHINE_60, 1)
    desk = Desk(bench.ruth)
    entry = str(models.Movement.objects.get().pk)
    refused = desk.post(_address(bench, "/note"), entry=entry, words="")
    assert refused.status_code == 422
    assert "register.no-words" in text_of(refused)
    assert (
        desk.post(_address(bench, "/note"), entry=entry, words="The invoice is INV-0043").status_code == 303
    )
    assert "Note The invoice is INV-0043 Ruth Evans" in words(desk.get(_address(bench))[1])


def test_the_inspector_s_file_has_the_headings_and_every_entry(bench: Bench) -> None:
    prescription = bench.at("hand_out", MORPHINE)
    bench.handed_out(prescription, collection=Collection(Collector.PATIENT, identity=Identity.KNOWN))
    response = Desk(bench.ruth).fetch(_address(bench, ".csv"))
    head, received, supplied = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert head[:6] == [
        "Date", "Received from, or supplied to", "Authority to possess", "Collected by", "Identity asked",
        "Identity shown",
    ]  # fmt: skip
    assert received[7:10] == ["60 tablets", "", "60 tablets"]
    assert supplied[3:6] == ["the patient", "no, known", "no"]
    assert supplied[7:10] == ["", "60 tablets", "0 tablets"]
    assert "O'Brien" not in response["Content-Disposition"]


def test_the_number_of_queries_does_not_grow_with_the_page(bench: Bench) -> None:
    desk, counts = Desk(bench.tess), []
    bench.stock(MORPHINE_60, 1)
    address = _address(bench)
    desk.get(address)
    for number in range(6):
        bench.stock(MORPHINE_60, 1, number=f"N{number}")
        if number in (1, 5):
            with CaptureQueriesContext(connection) as captured:
                desk.get(address)
            counts.append(len(captured))
    assert counts[0] == counts[1]
