"""The local list at a practice: taken in as versions, shown with each line, and what is red stops there."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.web.actions.bench import NOW, a_key
from tests.web.actions.surgery import Surgery, open_surgery
from tests.web.actions.test_requests import ask, sign, step
from tests.web.desk import Desk, stand_still, words

from pestle.pharmacy.refusal import Refused
from pestle.web.actions import traffic_lights
from pestle.web.store import audit, models, verify

RED = b"medicine,status\nFurosemide,red\n"
SHARED = b"medicine,status,shared care\nFurosemide,amber,yes\n"
AT = "/practice/traffic-lights/"


@pytest.fixture
def surgery(db: None, monkeypatch: pytest.MonkeyPatch) -> Surgery:
    stand_still(monkeypatch, NOW)
    return open_surgery()


def take_in(surgery: Surgery, data: bytes) -> None:
    arrived = traffic_lights.Arrived(
        data, "the area", NOW.date(), NOW.date().replace(year=2027), verified=True
    )
    traffic_lights.take_in(by=surgery.moira, now=NOW, key=a_key(), arrived=arrived)


def test_what_is_red_is_prepared_and_signed_only_as_decided(surgery: Surgery) -> None:
    asked = ask(surgery, surgery.on_list().id)
    step(surgery, "prepare", *asked)
    take_in(surgery, RED)
    # It was prepared when nobody knew: nobody has decided to issue what is hospital only.
    with pytest.raises(Refused) as refused:
        sign(surgery, *asked)
    assert refused.value.rule == "sign.red"
    step(surgery, "back", *asked)
    for who in ("priya", "gareth"):
        with pytest.raises(Refused, match="hospital only"):
            step(surgery, "prepare", *asked, who=who, words="the clinic asked")
    with pytest.raises(Refused) as refused:
        step(surgery, "prepare", *asked, who="dana")
    assert refused.value.rule == "light.no-reason"
    assert "Red Local list: red (hospital only)" in words(
        Desk(surgery.priya).get(f"/practice/requests/patients/{surgery.patient().pk}/")[1]
    )
    step(surgery, "prepare", *asked, who="dana", words="bridging until the clinic on Friday")
    assert len(sign(surgery, *asked)) == 1


def test_an_agreement_that_nobody_recorded_is_found(surgery: Surgery) -> None:
    take_in(surgery, SHARED)
    assert not list(audit.seal_faults(surgery.site.pk, verify._SEALED))
    slipped_in = models.SharedCareAgreement.objects.create(
        site=surgery.site, patient=surgery.patient(), listed_id=surgery.on_list().id, specialist="Dr Nobody",
        agreed_on=NOW.date(), by_id=surgery.priya.id, at=NOW,
    )  # fmt: skip
    assert [reason for _, reason in audit.seal_faults(surgery.site.pk, verify._SEALED)] == [
        f"sharedcareagreement {slipped_in.pk} is there, and no audit event vouches for it"
    ]


@pytest.mark.pages
def test_a_list_is_taken_in_by_a_manager_and_searched_by_all(surgery: Surgery) -> None:
    moira, priya = Desk(surgery.people["moira"]), Desk(surgery.priya)
    assert "No list was taken in" in words(priya.get(AT)[1])
    form = {"what": "take-in", "source": "the area", "checked": "2026-11-01", "review": "2027-05-01"}

    def sent(data: bytes) -> dict[str, object]:
        return {**form, "file": SimpleUploadedFile("list.csv", data)}

    assert priya.post(AT, sent(SHARED)).status_code == 422
    wrong = moira.post(AT, sent(b"medicine,status\nFurosemide,purple\n"))
    assert wrong.status_code == 422
    assert "“purple” is no status that we know" in words(wrong.content.decode())
    assert moira.post(AT, sent(SHARED)).status_code == 303
    assert moira.post(AT, sent(SHARED)).status_code == 422
    assert moira.post(AT, sent(RED)).status_code == 303
    newest, before = words(priya.get(AT)[1]), words(priya.get(f"{AT}?version=1")[1])
    assert "Traffic lights: version 2 " in newest
    assert "Not verified the area, looked at on 01-Nov-2026" in newest
    assert "Counts no longer" in before
    assert "Amber, shared care" in before
    assert "Not on the list" in words(priya.post(AT, text="lithium").content.decode())
    assert [one.version for one in models.TrafficLightList.objects.order_by("pk")] == [1, 2]


@pytest.mark.pages
def test_a_technician_records_the_agreement_to_share_care(surgery: Surgery) -> None:
    take_in(surgery, SHARED)
    line, patient = surgery.on_list(), surgery.patient().pk
    desk, at = Desk(surgery.priya), f"/practice/patients/{patient}/medicines/{line.id}/"
    assert "no agreement is recorded" in words(desk.get(at)[1])
    form = {"what": "agree", "specialist": "Dr Lee, cardiology", "agreed": "2026-10-01"}
    assert desk.post(at, {**form, "agreed": "2026-12-24"}).status_code == 422
    document = SimpleUploadedFile("signed.pdf", b"%PDF-1.7 agreed")
    assert desk.post(at, {**form, "document": document}).status_code == 303
    listed = words(desk.get(f"/practice/patients/{patient}/medicines/")[1])
    assert "agreement with Dr Lee, cardiology of 01-Oct-2026" in listed
    kept = models.SharedCareAgreement.objects.get().document_id
    assert desk.fetch(f"/practice/agreements/{kept}")["Content-Type"] == "application/pdf"
    assert desk.post(at, what="end-agreement").status_code == 422
    assert desk.post(at, what="end-agreement", ended="discharged by the clinic").status_code == 303
    shown = words(desk.get(at)[1])
    assert "no agreement is recorded" in shown
    assert "Over: discharged by the clinic" in shown
