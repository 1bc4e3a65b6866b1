"""A near miss from the failed check to the picture; corrected, withdrawn, filtered, taken away as a file."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import FUROSEMIDE, NOW, PARACETAMOL_32, Bench, a_key, open_bench
from tests.web.actions.near_misses import told
from tests.web.desk import LATER, Desk, at, fields_of, gs1, stand_still, text_of, words

from pestle.pharmacy.dispensary.near_miss import Named, Reached
from pestle.web.actions import near_misses
from pestle.web.store import models, verify


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, LATER)
    return open_bench()


def test_a_failed_check_is_the_door_and_the_scan_says_what_was_picked(bench: Bench) -> None:
    prescription = bench.at("accuracy", FUROSEMIDE)
    desk = Desk(bench.adam)
    desk.post(at(prescription, "rescan"), code=gs1(PARACETAMOL_32))
    failed = desk.post(
        at(prescription, "accuracy-check"), outcome="send-back", reason="paracetamol in the bag"
    )
    assert failed["Location"] == at(prescription, "near-miss?from=check")
    fields = fields_of(desk.get(failed["Location"])[1], "near-miss")
    assert fields["words"] == "paracetamol in the bag"
    assert (fields["meant"], fields["picked"]) == ("Furosemide 40mg tablets", "Paracetamol 500mg tablets")
    untold = desk.send(failed["Location"], fields)
    assert (untold.status_code, "near-miss.no-type" in text_of(untold)) == (422, True)
    assert desk.send(failed["Location"], fields | {"type": "medicine"})["Location"] == "/?step=accuracy"
    row = models.NearMiss.objects.get()
    assert (row.stage, row.reached, row.harm) == ("unknown", "no", "none")
    assert row.meant_id
    assert row.picked_id
    seen = desk.get("/near-misses/")[1]
    assert "Taken for each other" in seen
    assert f'href="/medicines/{row.picked_id}/"' in seen
    assert '<rect class="pt-chart__done"' in seen
    assert verify.verify(bench.site).faults == []
    event = models.AuditEvent.objects.get(action="near_miss.record")
    assert "paracetamol in the bag" not in str(event.detail)


def test_what_reached_the_patient_needs_what_they_were_told(bench: Bench) -> None:
    prescription = bench.at("closed", FUROSEMIDE)
    desk, here = Desk(bench.tess), at(prescription, "near-miss")
    said = {"type": "quantity", "words": "56 were given", "reached": "yes", "harm": "unknown"}
    refused = desk.post(here, said)
    assert "near-miss.no-candour" in text_of(refused)
    assert 'value="56 were given"' in text_of(refused)
    assert desk.post(here, said, candour="Told by telephone, she had taken one").status_code == 303
    row = models.NearMiss.objects.get()
    seen = words(desk.get(f"/near-misses/{row.pk}/")[1])
    assert "Told to the patient Told by telephone" in seen


def test_a_correction_follows_once_and_what_is_withdrawn_counts_no_more(bench: Bench) -> None:
    first = near_misses.record(by=bench.tess, now=NOW, key=a_key(), told=told()).result["near_miss"]
    desk, here = Desk(bench.ruth), f"/near-misses/{first}/"
    fields = fields_of(desk.get(here)[1], "correct") | {"type": "form", "because": "it was the form"}
    del fields["key"]
    corrected = desk.post(here, fields)["Location"]
    assert "near-miss.followed" in text_of(desk.post(here, fields))
    assert "Corrected since" in words(desk.get(here)[1])
    seen = words(desk.get("/near-misses/")[1])
    assert "1 record" in seen
    assert "Wrong form" in seen
    assert desk.post(corrected, what="withdraw", because="it was another shop").status_code == 303
    assert "Nothing recorded in this time" in words(desk.get("/near-misses/")[1])
    assert models.NearMiss.objects.count() == 3


def test_filter_file_and_queries(bench: Bench) -> None:
    desk = Desk(bench.mo)
    pair = {"meant": Named("1", "A"), "picked": Named("", "B")}

    def used() -> int:
        desk.get("/near-misses/")
        with CaptureQueriesContext(connection) as queries:
            desk.get("/near-misses/")
        return len(queries)

    near_misses.record(by=bench.tess, now=NOW, key=a_key(), told=told(**pair))
    before = used()
    for days, kind in ((7, "label"), (70, "label"), (3, "form")):
        one = told(kind=kind, happened_on=NOW.date() - timedelta(days=days), reached=Reached.UNKNOWN)
        near_misses.record(by=bench.tess, now=NOW, key=a_key(), told=one)
    assert used() == before
    to = desk.post("/near-misses/", days="182", type="label", stage="")["Location"]
    assert to == "/near-misses/?days=182&type=label"
    assert "2 records" in words(desk.get(to)[1])
    file = desk.fetch("/near-misses.csv?days=182").content.decode("utf-8-sig").splitlines()
    assert len(file) == 5
    assert "Tess" not in "".join(file)
    assert desk.get("/near-misses/?days=9&type=x&stage=y")[0] == 200
