"""What is owed on its pages: noted at assembly, on the slip, in the list, and back when stock comes."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader
from tests.web.actions.bench import FUROSEMIDE, PARACETAMOL, PARACETAMOL_32, Bench, a_key, open_bench
from tests.web.desk import LATER, Desk, at, stand_still, text_of, words

from pestle.web.actions import owings
from pestle.web.store import models


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, LATER)
    return open_bench()


def _owe(bench: Bench, prescription: int, *, line: int = 0, amount: str = "32") -> dict[str, str]:
    row = bench.lines(prescription)[line]
    return {"line": str(row.pk), "owed-1": amount, "why-1": "wholesaler", "promised_on": "2026-11-04"}


def test_a_part_is_owed_on_the_page_and_the_labels_are_printed_again(bench: Bench) -> None:
    prescription = bench.at("assemble", FUROSEMIDE, PARACETAMOL)
    bench.labels(prescription)
    desk = Desk(bench.tess)
    assert "Owe a part or all of line 2" in words(desk.get(at(prescription))[1])
    typed = _owe(bench, prescription, line=1)
    for wrong, rule in (
        ({"why-1": ""}, "owing.no-reason"),
        ({"owed-1": "many"}, "owing.not-a-number"),
        ({"owed-1": "0.5"}, "ledger.not-whole"),
        ({"promised_on": "soon"}, "owing.not-a-day"),
        ({"promised_on": ""}, "owing.no-promise"),
    ):
        refused = desk.post(at(prescription, "owe"), typed | wrong)
        assert (refused.status_code, rule in text_of(refused)) == (422, True)
        assert not models.Owing.objects.exists()
    desk.post(at(prescription, "owe"), typed)
    seen = words(desk.get(at(prescription))[1])
    assert "32 tablets of 64 tablets, promised for 04-Nov-2026" in seen
    assert "Print labels for 2 lines" in seen
    slip = desk.fetch(at(prescription, "owing-slip.pdf"))
    paper = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(slip.content)).pages)
    for part in ("Paracetamol 500mg tablets", "32 tablets", "04-Nov-2026", "The wholesaler has none"):
        assert part in " ".join(paper.split())


def test_the_list_of_owings_says_what_is_owed_and_a_delivery_brings_it_back(bench: Bench) -> None:
    prescription = bench.at("assemble", PARACETAMOL)
    desk = Desk(bench.tess)
    desk.post(at(prescription, "owe"), _owe(bench, prescription, amount="64"))
    assert desk.post(at(prescription, "owe-all")).status_code == 303
    assert bench.row(prescription).step == "owings"
    assert "64 tablets of paracetamol" in words(desk.get("/?step=owings")[1])
    seen = words(desk.get(at(prescription))[1])
    assert "nothing on the shelf that is not promised" in seen
    assert desk.post(at(prescription, "promise"), line=str(bench.lines(prescription)[0].pk),
                     promised_on="2026-11-06", words="the van broke down").status_code == 303  # fmt: skip
    delivery = {
        "gtin": PARACETAMOL_32, "number": "P7", "expiry": "2028-01", "packs": "2",
        "supplier": "Ashcombe Wholesale Ltd", "supplier_address": "2 Depot Road", "invoice": "INV-1",
    }  # fmt: skip
    desk.post("/stock/receive", delivery)
    assert bench.row(prescription).step == "assemble"
    assert "What was owed is there: 1 prescription back at" in words(desk.get("/stock/receive")[1])
    assert "brought back what was owed" in words(desk.get(at(prescription, "story"))[1])


def test_what_is_kept_for_whom_is_said_in_the_list(bench: Bench) -> None:
    prescription = bench.at("assemble", PARACETAMOL)
    Desk(bench.tess).post(at(prescription, "owe"), _owe(bench, prescription, amount="64"))
    owings.owe_all(by=bench.tess, now=LATER, key=a_key(), prescription_id=prescription, seen=None)
    bench.stock(PARACETAMOL_32, 2)
    desk = Desk(bench.tess)
    assert "Stock is there" in words(desk.get("/?step=owings")[1])
    assert "kept for this patient by the order of promise" in words(desk.get(at(prescription))[1])
    assert desk.post(at(prescription, "assemble-rest")).status_code == 303
    assert bench.row(prescription).step == "assemble"
