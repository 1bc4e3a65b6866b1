"""Messages through the pages: several at once, each looked at whole, the refused ones worked through."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from tests.web.actions.bench import FUROSEMIDE, JOHN, NOW, PARACETAMOL, Bench, open_bench, ordered
from tests.web.desk import Desk, stand_still, text_of, words

from pestle.demo.messages import written
from pestle.web.store import models


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


def _upload(desk: Desk, *bodies: bytes, key: str = "") -> HttpResponse:
    files = [SimpleUploadedFile(f"{number}.json", body) for number, body in enumerate(bodies, start=1)]
    return desk.post("/messages/upload", key=key, files=files)


def test_several_files_are_judged_each_by_itself(bench: Bench) -> None:
    desk = Desk(bench.tess)
    response = _upload(
        desk,
        written(ordered(FUROSEMIDE)),
        b'{"resourceType": "Patient"}',
        written(ordered(PARACETAMOL, key="b", patient=JOHN)),
    )
    assert response.status_code == 303
    seen = words(desk.get(response["Location"])[1])
    assert "What became of 3 files" in seen
    assert seen.count("Accepted") == 2
    assert seen.count("Refused") == 1
    assert "Work through the first refused" in seen
    assert models.Prescription.objects.count() == 2


def test_a_second_press_files_nothing_again(bench: Bench) -> None:
    desk, key, body = Desk(bench.tess), str(uuid.uuid4()), written(ordered(FUROSEMIDE))
    first, second = _upload(desk, body, key=key), _upload(desk, body, key=key)
    assert first["Location"] == second["Location"]
    assert models.Message.objects.count() == 1


def test_an_empty_file_does_not_hold_up_the_others(bench: Bench) -> None:
    response = _upload(Desk(bench.tess), b"", written(ordered(FUROSEMIDE)))
    assert response.status_code == 422
    assert "1.json: The submitted file is empty" in text_of(
        response
    ) or "1.json: The file is empty" in text_of(response)
    assert "What became of 1 file" in words(text_of(response))
    assert models.Message.objects.count() == 1


def test_without_a_file_nothing_is_filed(bench: Bench) -> None:
    response = Desk(bench.tess).post("/messages/upload")
    assert response.status_code == 422
    assert "messages.no-file" in text_of(response)


def test_a_refused_message_says_rule_place_and_way_out_and_is_shown_whole(bench: Bench) -> None:
    body = written(ordered(FUROSEMIDE)).replace(b"9434765919", b"9434765918")
    message = bench.receive(body).result["message"]
    status, html = Desk(bench.tess).get(f"/messages/{message}/")
    assert status == 200
    assert "nhs-number.check-digit" in html
    assert "The check digit of this NHS number is wrong" in html
    assert "Compare it with the source" in html
    assert '"9434765918"' in html, "the whole message"
    download = Desk(bench.tess).client.get(f"/messages/{message}/file")
    assert download.content == body
    assert download["Content-Disposition"] == f'attachment; filename="message-{message}.json"'


def test_decimals_are_shown_as_they_came(bench: Bench) -> None:
    message = bench.receive(b'{"resourceType":"Basic","n":[1.50,2e3]}').result["message"]
    _, html = Desk(bench.tess).get(f"/messages/{message}/")
    assert "1.50" in html
    assert "2e3" in html


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"<order/>", b'{"a":', b"\x00\x01\x02"])
def test_any_bytes_can_be_looked_at(bench: Bench, body: bytes) -> None:
    message = bench.receive(body).result["message"]
    assert Desk(bench.tess).get(f"/messages/{message}/")[0] == 200


def test_markup_in_a_message_stays_text(bench: Bench) -> None:
    message = bench.receive(b"<script>alert(1)</script>", name="<b>.json").result["message"]
    response = Desk(bench.tess).client.get(f"/messages/{message}/")
    assert b"<script>alert" not in response.content
    assert b"<b>.json" not in response.content


def test_a_message_leads_to_what_it_made(bench: Bench) -> None:
    prescription = bench.at("closed", FUROSEMIDE)
    desk = Desk(bench.tess)
    for message in models.Message.objects.filter(direction__in=("in", "out")):
        assert f'href="/prescriptions/{prescription}/"' in desk.get(f"/messages/{message.pk}/")[1]


def test_trying_again_takes_its_place(bench: Bench) -> None:
    bench.take_in(FUROSEMIDE)
    models.Patient.objects.update(family="Byrne")
    refused = bench.receive(written(ordered(PARACETAMOL, key="b"))).result["message"]
    desk = Desk(bench.tess)
    assert "patient.surname-differs" in desk.get(f"/messages/{refused}/")[1]
    still = desk.post(f"/messages/{refused}/try-again")
    assert still.status_code == 303
    assert models.MessageTask.objects.filter(closed_at=None).count() == 1
    models.Patient.objects.update(family="O'Brien")
    second = int(still["Location"].split("/")[2])
    taken = desk.post(f"/messages/{second}/try-again")
    assert "Taken in now" in words(desk.get(taken["Location"])[1])
    assert not models.MessageTask.objects.filter(closed_at=None).exists()
    assert models.Prescription.objects.count() == 2


def test_trying_again_twice_receives_once(bench: Bench) -> None:
    refused = bench.receive(b"{}").result["message"]
    desk, key = Desk(bench.tess), str(uuid.uuid4())
    first = desk.post(f"/messages/{refused}/try-again", key=key)
    second = desk.post(f"/messages/{refused}/try-again", key=key)
    assert first["Location"] == second["Location"]
    assert models.Message.objects.count() == 2


def test_a_message_that_was_not_refused_is_not_tried_again(bench: Bench) -> None:
    accepted = bench.receive(written(ordered(FUROSEMIDE))).result["message"]
    response = Desk(bench.tess).post(f"/messages/{accepted}/try-again")
    assert response.status_code == 422
    assert "messages.not-refused" in text_of(response)


def test_closing_needs_a_note_and_offers_the_next(bench: Bench) -> None:
    first, second = (bench.receive(body).result["message"] for body in (b"{}", b"[]"))
    desk = Desk(bench.tess)
    refused = desk.post(f"/messages/{first}/close", note="ok")
    assert refused.status_code == 422
    assert "messages.no-note" in text_of(refused)
    assert ">ok</textarea>" in text_of(refused), "what was typed is kept"
    on = desk.post(f"/messages/{first}/close", note="telephoned the surgery")
    assert (on.status_code, on["Location"]) == (303, f"/messages/{second}/")
    last = desk.post(f"/messages/{second}/close", note="telephoned the surgery")
    assert last["Location"] == "/messages/?show=open"
    assert "telephoned the surgery" in desk.get(f"/messages/{first}/")[1]


@pytest.mark.parametrize(
    ("view", "shown"), [("open", 1), ("refused", 2), ("in", 3), ("out", 1), ("all", 4), ("nonsense", 4)]
)
def test_each_list_holds_what_it_says(bench: Bench, view: str, shown: int) -> None:
    bench.at("closed", FUROSEMIDE)
    bench.receive(b"{}")
    closed = bench.receive(b"[]").result["message"]
    desk = Desk(bench.tess)
    desk.post(f"/messages/{closed}/close", note="not a message")
    _, html = desk.get(f"/messages/?show={view}&page=1")
    assert html.count("data-item") == shown
    seen = words(html)
    for tab in ("To work through 1", "All refused 2", "In 3", "Out 1", "All 4"):
        assert tab in seen


def test_a_long_list_takes_no_more_queries_than_a_short_one(bench: Bench) -> None:
    desk = Desk(bench.tess)
    desk.get("/messages/")
    used = []
    for more in (2, 7):
        for number in range(more):
            bench.receive(f'{{"n": {more}{number}}}'.encode())
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert desk.get("/messages/")[0] == 200
        used.append(len(queries))
    assert used[0] == used[1] <= 6
