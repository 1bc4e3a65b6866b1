"""Typing in through the pages: paper with its photo, private, and in an emergency; to the hand-out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.web.actions.bench import DIAZEPAM_28, FUROSEMIDE, FUROSEMIDE_28, NOW, Bench, a_key, open_bench
from tests.web.desk import Desk, at, fields_of, stand_still, text_of, words

from pestle.pharmacy.refusal import Refused
from pestle.web.actions import typing_in
from pestle.web.store import labels, models
from pestle.web.store.verify import verify

PATH = "/prescriptions/type-in"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
PAPER = {
    "kind": "fp10", "signed_on": "2026-11-01", "family": "Adebayo", "given": "Temi", "born": "1958-04-03",
    "gender": "female", "address": "3 Tannery Row, Ashcombe", "postcode": "qx1 2ab", "patient": "new",
    "prescriber": "Dr Lena Ortiz", "prescriber_number": "7654321", "body": "gmc", "lines": "1",
    "prescriber_address": "9 Bridge Street, Ashcombe", "medicine-1": "Furosemide 40mg tablets",
    "quantity-1": "28", "directions-1": "Take one tablet in the morning",
}  # fmt: skip
EMERGENCY = {**PAPER, "kind": "emergency-patient", "signed_on": "", "reason": "Tablets left at home"}


@pytest.fixture
def bench(db: None, monkeypatch: pytest.MonkeyPatch) -> Bench:
    stand_still(monkeypatch, NOW + timedelta(minutes=30))
    return open_bench()


def _typed_in(desk: Desk, fields: dict[str, str]) -> int:
    done = desk.post(PATH, fields)
    assert done.status_code == 303, words(text_of(done))
    return int(done["Location"].split("/")[2])


def _handed_out(bench: Bench, prescription: int, gtin: str) -> models.HandOut:
    bench.stock(gtin, 2)
    bench.decide(prescription)
    bench.labels(prescription)
    for line in bench.lines(prescription):
        bench.pick(line.pk, gtin)
    bench.assembled(prescription)
    bench.passed(prescription)
    bench.handed_out(prescription)
    return models.HandOut.objects.get(prescription=prescription)


def test_paper_with_its_photo_goes_the_way_of_every_prescription(bench: Bench) -> None:
    desk = Desk(bench.tess)
    looked = desk.post(PATH, {**PAPER, "look_up": "1", "directions-1": "One in the morning"},
                       scan=SimpleUploadedFile("photo of Temi.png", PNG))  # fmt: skip
    assert looked.status_code == 200
    said = text_of(looked)
    scan = models.Message.objects.get(kind="scan")
    assert f'<img class="pt-paper-scan" src="/scans/{scan.pk}"' in said, "beside the form"
    assert "Understood as" in said
    kept = fields_of(said, "type-in")
    assert kept["scans"] == str(scan.pk)
    assert kept["family"] == "Adebayo"
    refused = desk.post(PATH, {**kept, "kind": "fp10", "prescriber": "", "born": "3 April"})
    assert refused.status_code == 422
    assert "day.unreadable" in text_of(refused)
    prescription = _typed_in(desk, {**PAPER, "scans": str(scan.pk)})
    row = bench.row(prescription)
    assert (row.number, row.step, row.patient.nhs_number) == ("H-00001", "entry", None)
    assert row.patient.postcode == "QX1 2AB"
    page = words(desk.get(at(prescription))[1])
    assert "Return to the prescription service" not in page, "which knows nothing of it"
    assert "NHS prescription on paper (FP10)" in page
    assert "Typed in by Tess Okafor" in page
    assert "Take ONE tablet" in page
    bench.enter(prescription)
    assert _handed_out(bench, prescription, FUROSEMIDE_28).notification is None
    assert "The prescription service is not told" in words(desk.get(at(prescription))[1])
    assert desk.fetch(at(prescription, "dispense-notification.json")).status_code == 404
    assert not models.Message.objects.filter(kind="dispense-notification").exists()
    assert "Nothing was supplied privately" in words(desk.get("/register/pom/")[1]), "an NHS prescription"
    assert not verify(bench.site).faults


def test_only_images_are_kept_and_only_the_dispensary_sees_them(bench: Bench) -> None:
    desk = Desk(bench.tess)
    refused = desk.post(PATH, PAPER, scan=SimpleUploadedFile("paper.png", b"MZ\x90 not an image"))
    assert (refused.status_code, models.Message.objects.count()) == (422, 0)
    assert "scan.type" in text_of(refused)
    kept = typing_in.keep_scan(by=bench.tess, now=NOW, key=a_key(), data=b"%PDF-1.7", name="a.pdf")
    path = f"/scans/{kept.result['message']}"
    answer = desk.fetch(path)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert Desk(bench.mo).fetch(path).status_code == 403


def test_a_scan_that_comes_later_is_kept_beside_its_prescription(bench: Bench) -> None:
    desk, message = Desk(bench.tess), bench.take_in(FUROSEMIDE)
    prescription = _typed_in(desk, PAPER)
    assert "no scan is kept" in words(desk.get(at(prescription))[1])
    paper = at(prescription, "paper")
    assert desk.post(paper, scan=SimpleUploadedFile("p.png", PNG)).status_code == 303
    seen = desk.get(at(prescription))[1]
    assert f'src="/scans/{models.PaperScan.objects.get().message_id}"' in seen
    assert "Tess Okafor kept a scan of its paper" in words(desk.get(at(prescription, "story"))[1])
    for path, who, data, rule in (
        (paper, bench.tess, b"", "scan.empty"), (paper, bench.mo, PNG, "typed.role"),
        (paper, bench.tess, b"MZ", "scan.type"), (at(message, "paper"), bench.tess, PNG, "typed.electronic"),
    ):  # fmt: skip
        refused = Desk(who).post(path, scan=SimpleUploadedFile("p.png", data))
        assert (refused.status_code, rule in text_of(refused)) == (422, True)
    assert (models.PaperScan.objects.count(), verify(bench.site).faults) == (1, [])


def test_somebody_held_is_chosen_not_made_again(bench: Bench) -> None:
    desk = Desk(bench.tess)
    first = bench.row(_typed_in(desk, PAPER)).patient
    again = desk.post(PATH, PAPER)
    assert again.status_code == 422
    assert "patient.looks-held" in text_of(again)
    found = desk.post(PATH, {**PAPER, "find_patient": "adebayo", "find": "yes"})
    assert f'value="{first.pk}"' in text_of(found)
    chosen = _typed_in(desk, {**PAPER, "patient": str(first.pk), "family": "", "given": "", "born": ""})
    assert bench.row(chosen).patient == first
    other = _typed_in(desk, {**PAPER, "another_person": "yes"})
    assert bench.row(other).patient != first


def test_an_emergency_waits_for_the_pharmacist_and_holds_no_more_than_the_law_allows(bench: Bench) -> None:
    desk = Desk(bench.tess)
    too_much = _typed_in(desk, {**EMERGENCY, "medicine-1": "Diazepam 2mg tablets", "quantity-1": "28"})
    with pytest.raises(Refused) as refused:
        bench.enter(too_much)
    assert refused.value.rule == "emergency.too-many-days"
    five = {**EMERGENCY, "medicine-1": "Diazepam 2mg tablets", "quantity-1": "5", "another_person": "yes"}
    prescription = _typed_in(desk, five)
    bench.enter(prescription)
    with pytest.raises(Refused) as refused:
        bench.decide(prescription)
    assert refused.value.rule == "emergency.not-decided"
    spoken = {"emergency_words": "Takes it for years; the surgery opens on Monday"}
    assert desk.post(at(prescription, "emergency"), spoken).status_code == 422, "for a pharmacist"
    assert Desk(bench.ruth).post(at(prescription, "emergency"), spoken).status_code == 303
    assert _handed_out(bench, prescription, DIAZEPAM_28).notification is None
    [line] = bench.lines(prescription)
    row = bench.row(prescription)
    assert labels.text(row, line, supplied_on=NOW.date()).marks == ("EMERGENCY SUPPLY", "CD 4")
    assert "Ruth" in words(desk.get(at(prescription))[1])


def test_the_prescription_of_an_emergency_follows(bench: Bench) -> None:
    desk = Desk(bench.tess)
    prescription = _typed_in(desk, {**EMERGENCY, "kind": "emergency-prescriber"})
    bench.enter(prescription)
    typing_in.decide_emergency(by=bench.ruth, now=NOW, key=a_key(), prescription_id=prescription,
                               words="Dr Ortiz, by telephone, is on a visit")  # fmt: skip
    _handed_out(bench, prescription, FUROSEMIDE_28)
    assert "Prescription due by" in words(desk.get(at(prescription))[1])
    book = words(desk.get("/register/pom/")[1])
    assert "Emergency supply, asked for by a prescriber: Tablets left at home; prescription due by" in book
    assert "28 tablets ADEBAYO, Temi 3 Tannery Row, Ashcombe, QX1 2AB" in book
    assert "Dr Lena Ortiz, 9 Bridge Street, Ashcombe" in book
    path = at(prescription, "prescription-came")
    assert desk.post(path, dated="2026-11-03", received_on="2026-11-02").status_code == 422
    assert desk.post(path, dated="2026-11-02", received_on="2026-11-02").status_code == 303
    assert "Its prescription, dated 02-Nov-2026" in words(desk.get(at(prescription))[1])
    assert ",2026-11-02,Tablets left at home,2026-11-02," in desk.fetch("/register/pom.csv").content.decode()
    assert not verify(bench.site).faults


def test_a_private_prescription_for_schedule_2_needs_its_form(bench: Bench) -> None:
    desk = Desk(bench.tess)
    line = {"medicine-1": "Morphine 10mg modified-release tablets", "quantity-1": "60",
            "directions-1": "Take one tablet every 12 hours", "words-1": "sixty"}  # fmt: skip
    prescription = _typed_in(desk, {**PAPER, **line, "kind": "private"})
    with pytest.raises(Refused) as refused:
        bench.enter(prescription)
    assert refused.value.rule == "kind.controlled-form"
    bench.enter(_typed_in(desk, {**PAPER, **line, "kind": "private-controlled", "another_person": "yes"}))
