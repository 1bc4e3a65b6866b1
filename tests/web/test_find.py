"""One box: what is certain opens at once, the rest is listed with an answer for the telephone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import FUROSEMIDE, FUROSEMIDE_28, JOHN, NOW, PARACETAMOL, Bench, open_bench
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.web.store import models
from pestle.wire.eps.release_request import read_release_request
from pestle.wire.fhir.tree import parse


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


def test_a_name_answers_the_telephone_in_one_line(bench: Bench) -> None:
    bench.at("hand_out", FUROSEMIDE)
    bench.at("clinical", PARACETAMOL, key="b")
    bench.at("closed", FUROSEMIDE, key="c", patient=JOHN)
    desk = Desk(bench.tess)
    assert "1 ready, not on its shelf yet, 1 at the clinical check since 10:00" in words(
        text_of(desk.post("/search", q="obrien"))
    )
    seen = words(text_of(desk.post("/search", q="smith")))
    assert "nothing under way; last handed out today 10:00" in seen


@pytest.mark.parametrize("typed", ["9434765919", "943 476 5919"])
def test_an_nhs_number_opens_its_patient(bench: Bench, typed: str) -> None:
    bench.take_in(FUROSEMIDE)
    patient = models.Patient.objects.get().pk
    response = Desk(bench.tess).post("/search", q=typed)
    assert (response.status_code, response.headers["Location"]) == (303, f"/patients/{patient}/")


def test_a_prescription_number_opens_its_prescription(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE)
    number = models.Prescription.objects.get().number
    for typed in (number, number.lower()):
        response = Desk(bench.tess).post("/search", q=typed)
        assert response.headers["Location"] == f"/prescriptions/{prescription}/"


def test_a_token_opens_its_prescription_or_says_that_it_is_not_held(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE)
    desk = Desk(bench.tess)
    number = models.Prescription.objects.get().number
    opened = desk.post("/scan", code=number)
    assert opened.headers["Location"] == f"/prescriptions/{prescription}/"
    for token, rule in (
        ("58EFB9-A83008-27693K", "scan.prescription-not-held"),
        ("58EFB9-A83008-27693L", "eps.check-character"),
    ):
        refused = desk.post("/scan", code=token)
        assert refused.status_code == 422
        assert rule in text_of(refused)
        assert ("Ask the service for" in text_of(refused)) is (rule == "scan.prescription-not-held")


def test_a_token_that_is_not_held_and_all_that_nominates_us_are_asked_for(bench: Bench) -> None:
    desk, token = Desk(bench.tess), "58EFB9-A83008-27693K"
    for number in (token, ""):
        made = desk.post("/messages/ask-for-release", number=number)
        message = models.Message.objects.latest("pk")
        assert made.headers["Location"] == f"/messages/{message.pk}/"
        assert (message.direction, message.way, message.outcome) == ("out", "download", "sent")
        asked = read_release_request(parse(desk.fetch(f"/messages/{message.pk}/file").content))
        assert (asked.prescription_number, asked.pharmacy.code) == (number or None, bench.site.code)
    bench.take_in(FUROSEMIDE)
    held = models.Prescription.objects.get().number
    for who, number, rule in (
        (bench.tess, held, "release.held"), (bench.tess, "58EFB9-A83008-27693L", "eps.check-character"),
        (bench.mo, token, "messages.role"),
    ):  # fmt: skip
        refused = Desk(who).post("/messages/ask-for-release", number=number)
        assert (refused.status_code, rule in text_of(refused)) == (422, True)


def test_a_medicine_lists_the_prescriptions_at_work_and_the_dictionary(bench: Bench) -> None:
    prescription = bench.take_in(FUROSEMIDE)
    html = text_of(Desk(bench.tess).post("/search", q="furos"))
    assert f'href="/prescriptions/{prescription}/"' in html
    assert 'href="/medicines/' in html


@pytest.mark.parametrize("typed", ["", "   ", "zzzz", "<script>", "%", "'; zzqq"])
def test_what_matches_nothing_says_so(bench: Bench, typed: str) -> None:
    bench.take_in(FUROSEMIDE)
    response = Desk(bench.tess).post("/search", q=typed)
    assert response.status_code == 200
    assert b"<script>" not in response.content.replace(b"<script src", b"")
    assert "Nothing matches" in words(text_of(response))


@pytest.mark.parametrize(("path", "field"), [("/scan", "code"), ("/search", "q")])
def test_a_label_opens_its_line(bench: Bench, path: str, field: str) -> None:
    prescription = bench.at("accuracy", FUROSEMIDE)
    label = models.Label.objects.get()
    response = Desk(bench.tess).post(path, **{field: f"PESTLE:L:{label.code}"})
    assert response.status_code == 303
    assert response["Location"] == f"/prescriptions/{prescription}/?line={label.line_id}"


@pytest.mark.parametrize(("path", "field"), [("/scan", "code"), ("/search", "q")])
def test_a_pack_opens_its_batch_or_its_medicine(bench: Bench, path: str, field: str) -> None:
    bench.stock(FUROSEMIDE_28, 1, number="B1", expiry="2028-01-31")
    batch, desk = models.Batch.objects.get(), Desk(bench.tess)
    held = desk.post(path, **{field: f"]d2010{FUROSEMIDE_28}17280131" + "10B1"})
    assert held["Location"] == f"/stock/batches/{batch.pk}/"
    never = desk.post(path, **{field: f"]d2010{FUROSEMIDE_28}17280131" + "10B9"})
    assert never["Location"] == f"/medicines/{batch.product_id}/"
    assert "Batch B9 of this pack was never received here" in desk.get(never["Location"])[1]
    assert desk.post(path, **{field: FUROSEMIDE_28})["Location"] == f"/medicines/{batch.product_id}/"


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("9521000000774", "barcode.check-digit"),
        ("4006381333931", "scan.unknown-pack"),
        ("PESTLE:L:99-1-1", "label.unknown"),
        ("]d2", "barcode.unreadable"),
    ],
)
def test_a_scan_that_leads_nowhere_says_why(bench: Bench, code: str, rule: str) -> None:
    response = Desk(bench.tess).post("/scan", code=code)
    assert response.status_code == 422
    assert rule in text_of(response)


def test_another_site_s_label_opens_nothing(bench: Bench) -> None:
    bench.at("accuracy", FUROSEMIDE)
    label = models.Label.objects.get()
    other = models.Site.objects.create(
        name="Other", code="FZZ02", kind="community_pharmacy", country="GB-ENG", time_zone="Europe/London"
    )
    models.Membership.objects.filter(user=bench.tess.id).update(site=other)
    response = Desk(bench.tess).post("/scan", code=f"PESTLE:L:{label.code}")
    assert response.status_code == 422
    assert "Nothing" in text_of(Desk(bench.tess).post("/search", q="obrien"))


def test_more_hits_take_no_more_queries(bench: Bench) -> None:
    desk = Desk(bench.tess)
    desk.get("/patients/")
    used = []
    for keys in ("a", "bcd"):
        for key in keys:
            bench.at("clinical", FUROSEMIDE, key=key)
        with CaptureQueriesContext(connection) as queries:
            desk.post("/search", q="obrien")
        used.append(len(queries))
    assert used[0] == used[1] <= 11
