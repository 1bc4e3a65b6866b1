"""Claims through the pages: charge at the counter, endorsements, claim, answer, and what is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import FUROSEMIDE, NOW, PARACETAMOL, Bench, open_bench
from tests.web.actions.test_payment import ACCEPTED, KHAN, REFUSED, claim, endorse, supplied
from tests.web.desk import Desk, at, stand_still, text_of, words

from pestle.web.store import models


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


def test_the_charge_is_asked_at_the_counter_and_nothing_typed_is_lost(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE, PARACETAMOL, patient=KHAN)
    desk = Desk(bench.tess)
    assert "pays £19.80 : 2 items of £9.90" in words(desk.get(at(prescription))[1])
    form = {"collector": "patient", "version": str(bench.row(prescription).version), "exemption": "0005",
            "evidence": "seen", "certificate": "M 12"}  # fmt: skip
    refused = desk.post(at(prescription, "hand-out"), form)
    assert refused.status_code == 422
    said = text_of(refused)
    assert 'href="#certificate_ends"' in said
    assert 'value="M 12"' in said
    form |= {"certificate_ends": "2027-02-01", "declared_by": "patient"}
    assert desk.post(at(prescription, "hand-out"), form).status_code == 303
    charge = models.Charge.objects.get()
    assert (charge.exemption, charge.certificate, charge.paid_items) == ("0005", "M 12", 0)


def test_who_is_exempt_by_age_is_not_asked(bench: Bench) -> None:
    prescription = bench.at("hand_out")
    seen = words(Desk(bench.tess).get(at(prescription))[1])
    assert "No charge 60 or over: the date of birth shows it" in seen
    assert 'name="exemption"' not in seen


def test_from_the_counter_to_the_claim_and_its_answer(bench: Bench) -> None:
    prescription = supplied(bench)
    (line,) = bench.lines(prescription)
    desk, path = Desk(bench.tess), at(prescription, "payment")
    listed = words(desk.get("/claims/")[1])
    assert "Nothing is ready" in listed
    assert "This line has no endorsement" in listed
    bare = supplied(bench, key="bare")
    assert desk.post("/claims/", {"what": "endorse", "prescription": [str(bare)]}).status_code == 303
    claim(bench, bare)
    short = desk.post(path, {"what": "endorse", f"code-{line.pk}": "BB"})
    assert short.status_code == 422
    assert f'href="#line-{line.pk}"' in text_of(short)
    assert desk.post(path, {"what": "endorse", f"code-{line.pk}": "NDEC"}).status_code == 303
    assert "Ready to claim 1" in words(desk.get("/claims/")[1])
    assert desk.post("/claims/", {"prescription": [str(prescription)]}).status_code == 303
    message = models.PaymentClaim.objects.get(prescription=prescription).message_id
    answer = SimpleUploadedFile("answer.json", REFUSED)
    answered = desk.post(f"/messages/{message}/answer", file=answer)
    assert "Missing endorsement" in words(desk.get(answered["Location"])[1])
    assert "Refused by the service" in words(desk.get("/claims/")[1])
    assert "Missing endorsement" in words(desk.get("/messages/?show=open")[1])
    assert desk.post(path, {"what": "claim"}).status_code == 303
    latest = models.PaymentClaim.objects.latest("pk").message_id
    desk.post(f"/messages/{latest}/answer", file=SimpleUploadedFile("answer.json", ACCEPTED))
    seen = words(desk.get("/claims/")[1])
    assert "Claims 2 Items 2 With a charge 2 Without 0 Charges taken £19.80" in seen
    rows = desk.fetch("/claims.csv?month=2026-11").content.decode().splitlines()
    assert [row.rpartition("+00:00,Tess Okafor,")[2] for row in rows[1:]] == [
        "1,1,9.90,0001,accepted", "1,1,9.90,0001,refused", "1,1,9.90,0001,no answer yet",
    ]  # fmt: skip


def test_what_was_told_is_withdrawn_and_told_again(bench: Bench) -> None:
    prescription = supplied(bench)
    message = str(models.HandOut.objects.get().notification_id)
    form = {"what": "withdraw", "message": message, "reason": "quantity", "words": "28, not 30"}
    path = at(prescription, "payment")
    refused = Desk(bench.tess).post(path, form)
    assert refused.status_code == 422
    assert "is for a pharmacist to say" in words(text_of(refused))
    desk = Desk(bench.ruth)
    assert desk.post(path, form).status_code == 303
    assert "Withdrawn" in words(desk.get(path)[1])
    assert desk.post(path, {"what": "tell", "message": message}).status_code == 303
    assert models.ToldAgain.objects.count() == 1


def test_a_prescription_is_returned_from_its_page(bench: Bench) -> None:
    prescription = bench.at("entry")
    desk = Desk(bench.tess)
    form = {"version": "1", "return_reason": "patient_asked", "return_words": "moving away"}
    assert desk.post(at(prescription, "return-to-service"), form).status_code == 303
    seen = words(desk.get(at(prescription))[1])
    assert "Closed: returned to the prescription service" in seen
    assert "The patient asked for it back: moving away" in seen


def test_the_list_takes_no_more_queries_for_more_claims(bench: Bench) -> None:
    desk = Desk(bench.tess)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert desk.get("/claims/")[0] == 200
        return len(caught)

    first = supplied(bench)
    endorse(bench, first)
    claim(bench, first)
    supplied(bench, key="b")
    queries()
    few = queries()
    for key in ("c", "d"):
        more = supplied(bench, key=key)
        endorse(bench, more)
        claim(bench, more)
        supplied(bench, key=key + key)
    assert queries() == few
