"""Sheets of requests: looked at and taken in once, what of one is filed, and the same posted as FHIR."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.web.actions.bench import JOHN, NOW, a_key
from tests.web.actions.surgery import FUROSEMIDE, Surgery, open_surgery
from tests.web.desk import Desk, fields_of, words
from tests.web.test_api import doors_stand_still
from tests.wire.requests.test_fhir import bundle, proposal

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.people import SiteKind
from pestle.pharmacy.practice.request import From, Way
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.refusal import Refused
from pestle.web.actions import people, request_sheets, requests, setting_up
from pestle.web.actions.request_sheets import Sheet
from pestle.web.actions.requests import Seen
from pestle.web.store import models, tokens

AMLODIPINE = replace(FUROSEMIDE, medication=Coded("Amlodipine 5mg tablets", SNOMED, "39732011000001102"))
TABLE = """NHS number,Name,Born,Item,Quantity,Note
943 476 5919,Mary O'Brien,,Furosemide 40mg tablets,as usual,
943 476 5919,Mary O'Brien,,furosemide 40mg tabs,28,asked twice
9434765919,,,Amlodipine 5mg tablets,56,
9434765919,,,her eye drops,,the blue ones
,John SMITH,01/07/1950,Furosemide 40mg tablets,,
9990001030,Jane Bloggs,,Furosemide 40mg tablets,,
9990001057,,,Furosemide 40mg tablets,,
,Mary O'Brien,,Furosemide 40mg tablets,,
"""
PAGE = "/practice/requests/sheet"


@pytest.fixture
def surgery(db: None, monkeypatch: pytest.MonkeyPatch) -> Surgery:
    doors_stand_still(monkeypatch, NOW)
    made = open_surgery()
    made.on_list()
    made.on_list(AMLODIPINE)
    made.on_list(patient=made.patient(JOHN))
    return made


def sheet(data: str = TABLE, **more: Any) -> Sheet:
    return Sheet(**{"data": data.encode(), "way": Way.UPLOAD, "came_from": From.CARE_HOME,
                    "name": "Rose Court", **more})  # fmt: skip


def verdicts() -> list[tuple[str, str]]:
    row = models.RequestSheet.objects.latest("pk")
    return [(one["verdict"], one["listed"]) for one in row.rows]


def test_each_row_ends_somewhere_and_the_same_file_once(surgery: Surgery) -> None:
    taken = request_sheets.take_in(by=surgery.nina, now=NOW, key=a_key(), sheet=sheet()).result
    assert verdicts() == [
        ("asked for", "Furosemide 40mg tablets"),
        ("asked for already", "Furosemide 40mg tablets"),
        ("asked for, and to be looked at", "Amlodipine 5mg tablets"),
        ("taken down in their words", ""),
        ("asked for", "Furosemide 40mg tablets"),
        *[("filed for a person", "")] * 3,
    ]
    assert [one["rule"] for one in taken["refusals"]] == [
        "sheet.other-surname", "sheet.nobody", "sheet.nobody-named",
    ]  # fmt: skip
    assert models.MessageTask.objects.get().message_id == taken["message"]
    assert set(
        models.RepeatRequest.objects.values_list("came_from", "way", "name", "sheet")
    ) == {
        ("care_home", "upload", "Rose Court", taken["sheet"])
    }  # fmt: skip
    lines = models.RequestLine.objects.order_by("pk")
    assert [(one.text, one.said, one.doubt) for one in lines] == [
        ("Furosemide 40mg tablets", "Furosemide 40mg tablets; as usual", ""),
        ("Amlodipine 5mg tablets", "Amlodipine 5mg tablets; 56",
         "quantity: 28 tablets on the list, 56 asked for"),
        ("her eye drops", "her eye drops; the blue ones", "nothing on the list is that, as it is written"),
        ("Furosemide 40mg tablets", "Furosemide 40mg tablets", ""),
    ]  # fmt: skip
    again = request_sheets.take_in(by=surgery.priya, now=NOW, key=a_key(), sheet=sheet()).result
    assert (again["again"], again["sheet"], models.RequestLine.objects.count()) == (True, taken["sheet"], 4)
    # The next month the same file is another order, if somebody says so; what is open stands once.
    request_sheets.take_in(by=surgery.priya, now=NOW, key=a_key(), sheet=sheet(anew=True))
    assert models.RequestLine.objects.exclude(listed=None).count() == 3


def test_what_is_doubtful_is_settled_by_a_technician(surgery: Surgery) -> None:
    request_sheets.take_in(by=surgery.nina, now=NOW, key=a_key(), sheet=sheet())
    doubtful, drops = models.RequestLine.objects.exclude(doubt="").order_by("pk")
    other = surgery.on_list(replace(FUROSEMIDE, medication=Coded("Latanoprost 50micrograms/ml eye drops")))
    how: dict[str, Any] = {"by": surgery.priya, "now": NOW}
    with pytest.raises(Refused, match="Say what was settled"):
        requests.step(key=a_key(), lines=[Seen(doubtful.pk, 1)], verb="prepare", **how)
    for listed, rule in ((doubtful.listed_id, "request.already"), (0, "request.not-on-list")):
        with pytest.raises(Refused) as refused:
            requests.mean(key=a_key(), line=Seen(drops.pk, 1), listed_id=listed or 0, **how)
        assert refused.value.rule == rule
    desk, at = Desk(surgery.priya), f"/practice/requests/patients/{surgery.patient().pk}/"
    page = desk.get(at)[1]
    shown = words(page)
    # Only what is sure is ticked for them.
    ticked = re.findall(r'id="line-(\d+)"[^>]* checked', page)
    assert ticked == [str(models.RequestLine.objects.earliest("pk").pk)]
    assert "Asked by the care home, Rose Court, by upload" in shown
    assert "They wrote “her eye drops; the blue ones”" in shown
    assert desk.post(at, what="mean", line=f"{drops.pk}:1", means=other.id).status_code == 303
    drops.refresh_from_db()
    assert (drops.listed_id, drops.doubt, drops.version) == (other.id, "", 2)
    requests.step(key=a_key(), lines=[Seen(doubtful.pk, 1)], verb="prepare", words="28 agreed", **how)


@pytest.mark.pages
def test_a_file_is_looked_at_and_then_taken_in_by_reception(surgery: Surgery) -> None:
    nina, priya = Desk(surgery.nina), Desk(surgery.priya)
    file = SimpleUploadedFile("december.csv", TABLE.encode())
    asked = {"what": "look", "from": "care_home", "name": "Rose Court"}
    assert nina.post(PAGE, asked).status_code == 422
    wrong = SimpleUploadedFile("x.csv", b"Item,Colour\nx,red\n")
    refused = nina.post(PAGE, {**asked, "file": wrong})
    assert refused.status_code == 422
    assert "no column for nhs number" in words(refused.content.decode())
    looked = nina.post(PAGE, {**asked, "file": file})
    shown = words(looked.content.decode())
    assert "2 asked for" in shown
    assert "3 filed for a person" in shown
    assert not models.RequestSheet.objects.exists()
    held = fields_of(looked.content.decode(), "take-in")
    scan = SimpleUploadedFile("sheet.jpg", b"\xff\xd8\xff the sheet")
    # What the lists were has changed: it is shown as it is now, and the file need not be chosen again.
    changed = nina.post(PAGE, {**held, "seen": "x"})
    assert changed.status_code == 422
    assert fields_of(changed.content.decode(), "take-in")["seen"] == held["seen"]
    assert nina.post(PAGE, {**held, "documents": SimpleUploadedFile("a.exe", b"MZ")}).status_code == 422
    done = nina.post(PAGE, {**held, "documents": scan})
    assert done.status_code == 303
    status, shown = priya.get(done["Location"])
    assert status == 200
    assert "3 rows filed for a person" in words(shown)
    document = models.RequestSheetDocument.objects.get().message_id
    assert priya.fetch(f"/practice/requests/documents/{document}")["Content-Type"] == "image/jpeg"
    assert "Nobody here has this NHS number" in words(
        priya.get(f"/messages/{models.MessageTask.objects.get().message_id}/")[1]
    )
    opened = setting_up.open_site(now=NOW, key=a_key(), name="Hill Surgery", code="Y99903",
                                  kind=SiteKind.GP_PRACTICE)  # fmt: skip
    models.Membership.objects.filter(user=surgery.gareth.id).update(site=opened.result["site"])
    elsewhere = Desk(surgery.gareth)
    assert elsewhere.get(done["Location"])[0] == 404
    assert elsewhere.get(f"/practice/requests/documents/{document}")[0] == 404


def test_proposals_posted_by_a_program_become_requests(surgery: Surgery) -> None:
    secret = tokens.new_secret()
    people.make_token(by=surgery.moira, now=NOW, key=a_key(), name="care home system", days=30,
                      digest=tokens.digest(secret))  # fmt: skip

    def post(data: bytes, to: str = "/api/requests?from=care_home", key: str = secret) -> tuple[int, Any]:
        said = Client().post(to, data, content_type="application/fhir+json",
                             headers={"Authorization": f"Bearer {key}"})  # fmt: skip
        assert said["Content-Type"] == "application/fhir+json"
        answer = json.loads(said.content)
        assert answer["resourceType"] == "OperationOutcome"
        return said.status_code, [
            one["details"].get("coding", [{}])[0].get("code") for one in answer["issue"]
        ]

    body = bundle(proposal(), proposal(subject={"identifier": {
        "system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990001057"}}))  # fmt: skip
    assert post(body) == (201, [None, "sheet.nobody"])
    made = models.RepeatRequest.objects.get()
    assert (made.name, made.way, made.lines.get().text) == ("Rose Court", "fhir", "Amlodipine 5mg tablets")
    assert post(body)[0] == 201  # the same command again gives its first answer
    assert models.RepeatRequest.objects.count() == 1
    assert post(b"{")[0] == 422
    assert models.Message.objects.filter(outcome="refused", kind="request_sheet").count() == 1
    assert post(body, "/api/requests")[0] == 400
    assert post(body, key="x")[0] == 401
    models.Site.objects.update(kind="community_pharmacy")
    assert post(bundle(proposal(id="c")))[0] == 403
