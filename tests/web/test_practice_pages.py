"""A practice's own pages: who may come where; a list changed, authorised and entered elsewhere."""

from __future__ import annotations

import re
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from tests.web.actions.bench import JOHN, NOW, a_key
from tests.web.actions.surgery import FUROSEMIDE, Surgery, open_surgery
from tests.web.actions.test_batches import answer_of
from tests.web.actions.test_requests import ask, sign, step
from tests.web.desk import Desk, fields_of, stand_still, words
from tests.web.test_routes import ROUTES, SOMETHING

from pestle.pharmacy.people import SiteKind
from pestle.pharmacy.practice.medicines_list import ListStatus, Standing
from pestle.web.actions import bulk_import
from pestle.web.pages.walls import DISPENSARY, RECEPTION, is_there
from pestle.web.store import models
from pestle.wire.eps.codes import CancellationOutcome
from pestle.wire.gp_extract.mapping import Part

pytestmark = pytest.mark.pages


@pytest.fixture
def surgery(db: None, monkeypatch: pytest.MonkeyPatch) -> Surgery:
    stand_still(monkeypatch, NOW + timedelta(hours=1))
    return open_surgery(record_elsewhere="EMIS Web")


def _address(path: str, **there: object) -> str:
    for name, value in (SOMETHING | there).items():
        path = path.replace(name, str(value))
    return f"/{path}"


def test_a_practice_has_no_dispensary_and_a_dispensary_no_practice(surgery: Surgery) -> None:
    shut = [path for path in ROUTES if path.startswith(DISPENSARY)]
    for path in shut:
        method = "POST" if "POST" in ROUTES[path].methods else "GET"
        answer = Desk(surgery.gareth).client.generic(method, _address(path))
        assert answer.status_code == 404, path
    models.Site.objects.update(kind="community_pharmacy")
    for path in (path for path in ROUTES if path.startswith("practice/")):
        assert Desk(surgery.gareth).fetch(_address(path)).status_code == 404, path


# Where the addresses begin that are open at every kind of site; a new one is here or in `walls`.
EVERYWHERE = {
    "", "api", "badge", "calculators", "calls", "change-person", "definitions", "health", "manage",
    "measures", "medicines", "messages", "patients", "pin", "queries", "queries.csv", "search", "session",
    "sign-in", "sign-out", "tasks", "tasks.csv",
}  # fmt: skip


def test_what_begins_otherwise_is_of_a_dispensary_or_of_a_practice() -> None:
    kinds = (SiteKind.GP_PRACTICE, SiteKind.COMMUNITY_PHARMACY)
    both = {path.partition("/")[0] for path in ROUTES if all(is_there(kind, path) for kind in kinds)}
    assert both == EVERYWHERE


def test_no_page_of_a_practice_leads_to_what_a_practice_does_not_have(surgery: Surgery) -> None:
    there = {"<int:patient_id>": surgery.patient().pk, "<int:listed_id>": surgery.on_list().id}
    dead = set()
    for who, paths in (
        (
            surgery.gareth,
            ("patients/<int:patient_id>/", "messages/", "definitions/", "definitions/<path:file>/"),
        ),
        (surgery.people["moira"], ("", "manage/")),
    ):
        for path in paths:
            page = Desk(who).client.get(_address(path, **there)).content.decode()
            routes = {resolve(to).route for to in re.findall(r'(?:href|action)="(/[^"?#]*)', page)
                      if not to.startswith("/static/")}  # fmt: skip
            dead |= {(path, one) for one in routes if not is_there(SiteKind.GP_PRACTICE, one)}
    # A scan is posted from every page, and answered that it is not there.
    assert {one for one in dead if one[1] != "scan"} == set()


def test_reception_takes_requests_and_comes_no_further(surgery: Surgery) -> None:
    line = surgery.on_list()
    there = {"<int:patient_id>": surgery.patient().pk, "<int:listed_id>": line.id}
    opened = set()
    for path, route in ROUTES.items():
        if path.startswith(DISPENSARY) or "GET" not in route.methods:
            continue
        answer = Desk(surgery.nina).client.get(_address(path, **there))
        if answer.status_code == 200:
            opened.add(answer.resolver_match.url_name)
    assert opened - {"sign-in", "health"} <= RECEPTION
    status, page = Desk(surgery.nina).get("/")
    assert status == 200
    assert "Open Requests" in words(page)
    assert "To authorise" not in page


@pytest.mark.parametrize("who", ["priya", "gareth", "dana", "moira"])
def test_everybody_else_sees_what_waits(surgery: Surgery, who: str) -> None:
    line = surgery.on_list()
    patient = surgery.patient().pk
    desk = Desk(surgery.people[who])
    for path in ("", f"practice/patients/{patient}/medicines/", "practice/to-authorise/",
                 "practice/sent-back/", "practice/to-enter/", f"patients/{patient}/",
                 f"practice/patients/{patient}/medicines/{line.id}/"):  # fmt: skip
        assert desk.get(f"/{path}")[0] == 200, path


def test_a_line_is_put_on_the_list_authorised_changed_and_ended(surgery: Surgery) -> None:
    patient = surgery.patient().pk
    at, priya, dana = f"/practice/patients/{patient}/medicines/", Desk(surgery.priya), Desk(surgery.dana)
    typed = {
        "medicine": "Furosemide 40mg tablets", "product": FUROSEMIDE.medication.code, "course": "continuous",
        "directions": "Take one tablet in the morning", "quantity": "28", "unit": "tablet", "issues": "6",
        "until": "2027-05-02", "review": "2027-05-02", "reason": "from the clinic letter",
    }  # fmt: skip
    refused = priya.post(f"{at}change", {**typed, "quantity": "many"})
    assert refused.status_code == 422
    assert "many" in refused.content.decode()
    assert priya.post(f"{at}change", typed).status_code == 303
    (line,) = surgery.lines()
    assert line.standing is Standing.PREPARED
    assert "To authorise" in priya.get(at)[1]
    waits = dana.get("/practice/to-authorise/")[1]
    assert "Add Furosemide 40mg tablets" in words(waits)
    order = models.ListedMedicine.objects.get().order_id
    form = {"patient": patient, "order": order}
    assert priya.post("/practice/to-authorise/", form).status_code == 422
    assert dana.post("/practice/to-authorise/", {**form, "what": "send_back"}).status_code == 422
    assert dana.post("/practice/to-authorise/", form).status_code == 303
    assert surgery.lines()[0].standing is Standing.AUTHORISED
    shown = fields_of(priya.get(f"{at}change?line={line.id}")[1], "change")
    assert (shown["quantity"], shown["issues"]) == ("28", "6")
    withheld = {**typed, "directions": shown["directions"], "withheld": "yes", "reason": "kidneys"}
    assert priya.post(f"{at}change?line={line.id}", withheld).status_code == 303
    assert surgery.lines()[0].status is ListStatus.WITHHELD
    assert priya.post(f"{at}{line.id}/", reason="").status_code == 422
    assert priya.post(f"{at}{line.id}/", reason="no longer needed").status_code == 303
    assert surgery.lines() == []
    assert "no longer needed" in priya.get(f"{at}?ended=1")[1]


def test_what_was_entered_elsewhere_is_ticked(surgery: Surgery) -> None:
    surgery.on_list()
    priya = Desk(surgery.priya)
    assert "Add Furosemide 40mg tablets" in words(priya.get("/practice/to-enter/")[1])
    assert priya.post("/practice/to-enter/").status_code == 422
    entry = models.EntryElsewhere.objects.get()
    assert Desk(surgery.moira).post("/practice/to-enter/", entry=entry.pk).status_code == 422
    assert priya.post("/practice/to-enter/", entry=entry.pk).status_code == 303
    entry.refresh_from_db()
    assert (entry.state, entry.entered_by_id) == ("entered", surgery.priya.id)


def test_a_file_goes_into_the_queue_and_what_was_refused_is_shown(surgery: Surgery) -> None:
    priya, at = Desk(surgery.priya), "/practice/imports/"
    form = {"system": "emis", "part": "patients"}
    assert priya.post(at, form).status_code == 422
    heading = "NHS Number,Surname,Given Name,Date of Birth,Gender"
    text = f"{heading}\n943 476 5918,Wrong,Ann,1/1/1970,F\n"
    for how in ({"system": ""}, {"part": ""}, {"made": "2027-01-01T10:00"}):
        file = SimpleUploadedFile("patients.csv", text.encode())
        assert priya.post(at, form | how, file=file).status_code == 422
    file = SimpleUploadedFile("patients.csv", text.encode())
    assert Desk(surgery.nina).post(at, form, file=file).status_code == 403
    file = SimpleUploadedFile("patients.csv", text.encode())
    assert priya.post(at, form, file=file).status_code == 303
    path = Path(tempfile.mkdtemp()) / "patients.csv"
    path.write_text(text)
    done = bulk_import.take_in(
        by=surgery.priya, now=NOW, key=a_key(), path=path, name="patients.csv", system="emis",
        part=Part.PATIENTS, as_at=NOW,
    )  # fmt: skip
    assert "1 refused" in words(priya.get(at)[1])
    one = f"{at}{done.result['import']}/"
    assert "check digit" in words(priya.get(one)[1])
    assert "943 476 5918" in priya.fetch(f"{one}refused.csv").content.decode()


def test_more_patients_to_sign_take_no_more_queries(surgery: Surgery) -> None:
    dana, used = Desk(surgery.dana), []
    dana.get("/practice/to-sign/")
    for number, patient in enumerate((surgery.patient(), surgery.patient(JOHN)), 1):
        step(surgery, "prepare", *ask(surgery, surgery.on_list(patient=patient).id, patient=patient))
        with CaptureQueriesContext(connection) as captured:
            shown = dana.get("/practice/to-sign/")[1]
        assert words(shown).casefold().count("last issue") >= number
        used.append(len(captured))
    assert used[0] == used[1]


def test_a_request_goes_from_reception_to_a_token(surgery: Surgery) -> None:
    line, patient = surgery.on_list(), surgery.patient().pk
    nina, priya, dana = (Desk(surgery.people[who]) for who in ("nina", "priya", "dana"))
    assert "BRIEN" in nina.post("/practice/requests/new", text="brien").content.decode()
    form = {"patient": patient, "what": "ask", "from": "care_home", "listed": line.id, "others": "a cream"}
    assert nina.post("/practice/requests/new", form).status_code == 422
    assert nina.post("/practice/requests/new", {**form, "name": "Hollybank"}).status_code == 303
    assert "BRIEN" in nina.get("/practice/requests/")[1]
    at = f"/practice/requests/patients/{patient}/"
    assert nina.get(at)[0] == 403
    status, shown = priya.get(at)
    assert status == 200
    assert "not on the list" in words(shown)
    furosemide, cream = models.RequestLine.objects.order_by("pk")
    assert priya.post(at, what="prepare").status_code == 422
    assert priya.post(at, what="dance", line=f"{cream.pk}:1").status_code == 422
    asked = {"what": "ask", "line": f"{cream.pk}:1", "ask_words": "Which cream?", "asked": "care_home",
             "who": "Hollybank", "deadline": "2026-11-03T10:00"}  # fmt: skip
    assert priya.post(at, {**asked, "deadline": ""}).status_code == 422
    # Words for one verb are not used for another.
    assert "You wrote what is asked" in words(priya.post(at, {**asked, "what": "refuse"}).content.decode())
    assert priya.post(at, asked).status_code == 303
    assert "the care home" in words(priya.get("/queries/")[1])
    aligned = {"what": "prepare", "line": f"{furosemide.pk}:1", f"align-{furosemide.pk}": "many/7"}
    assert priya.post(at, aligned).status_code == 422
    assert priya.post(at, what="prepare", line=f"{furosemide.pk}:1").status_code == 303
    to_sign = words(dana.get("/practice/to-sign/")[1]).casefold()
    assert "furosemide" in to_sign
    # What is signed stands with the medicine, not as what was issued last.
    assert "28 tablets ✓ to sign" in to_sign
    assert priya.post("/practice/to-sign/", line=f"{furosemide.pk}:2").status_code == 422
    assert dana.post("/practice/to-sign/", line=f"{furosemide.pk}:1").status_code == 422
    assert dana.post("/practice/to-sign/", line=f"{furosemide.pk}:2").status_code == 303
    made = models.IssuedPrescription.objects.get()
    assert made.number in dana.get("/practice/signed/")[1]
    assert dana.fetch(f"/practice/signed/{made.pk}/token.pdf").content.startswith(b"%PDF")
    message = dana.fetch(f"/messages/{made.message_id}/file")
    assert b"prescription-order" in b"".join(getattr(message, "streaming_content", None) or [message.content])


def test_where_the_record_is_kept_is_for_the_manager(surgery: Surgery) -> None:
    form = {"what": "system", "system": "SystmOne"}
    assert Desk(surgery.priya).post("/practice/to-enter/", form).status_code == 422
    assert Desk(surgery.moira).post("/practice/to-enter/", form).status_code == 303
    assert models.Site.objects.get().record_elsewhere == "SystmOne"


def test_a_batch_is_set_up_and_cancelled_through_pages(surgery: Surgery) -> None:
    line, patient = surgery.on_list(), surgery.patient().pk
    priya, at = Desk(surgery.priya), f"/practice/repeat-dispensing/{patient}/"
    assert "no pharmacy is nominated" in words(priya.get(at)[1])
    assert "0 of 1" in words(priya.get("/practice/repeat-dispensing/")[1])
    assert priya.post(at, what="nominate", pharmacy="FZZ01").status_code == 303
    form = {"what": "set_up", "listed": line.id, "issues": "6"}
    assert priya.post(at, form).status_code == 422
    assert Desk(surgery.moira).post(at, {**form, "consent": "by letter"}).status_code == 422
    assert priya.post(at, {**form, "consent": "by letter"}).status_code == 303
    surgery.authorise(*surgery.lines())
    asked = ask(surgery, line.id)
    step(surgery, "prepare", *asked)
    sign(surgery, *asked)
    item = models.IssuedItem.objects.get().pk
    assert priya.post(at, what="cancel", item=item, reason="").status_code == 422
    assert priya.post(at, what="cancel", item=item, reason="0004").status_code == 303
    assert "The service has not answered" in words(priya.get(at)[1])
    made = models.ItemCancellation.objects.get()
    assert priya.post(at, what="answer", item=item).status_code == 422
    data = answer_of(made, CancellationOutcome.WITH_DISPENSER)
    answer = SimpleUploadedFile("answer.json", data)
    assert priya.post(at, what="answer", item=item, file=answer).status_code == 303
    shown = words(priya.get(at)[1])
    assert "telephone the pharmacy" in shown
    assert "Marked for cancellation" in shown
