"""What comes in wrong: judged by itself, refused by name, kept whole, and worked through by a person."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect
from tests.browser.hands import press, row

from pestle.demo.messages import Item, a_prescription, written
from pestle.demo.patients import patients
from pestle.pharmacy.record.medication import Prescription
from pestle.web.store import models
from pestle.wire.eps.prescription_id import check_character

Seat = Callable[[str], Page]
Shot = Callable[[Page, str], None]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def order(demo_database: str) -> Prescription:
    """A prescription of this hour that nobody has sent yet."""
    site = models.Site.objects.get(code="FZZ01")
    now = datetime.now(UTC).replace(microsecond=0)
    return a_prescription(
        patients(on=now.date())["bell"].patient,
        (Item("Amlodipine 5mg tablets", "28", "Take one tablet each morning"),),
        signed_at=now - timedelta(hours=1),
        key="wrong input",
        pharmacy=site.code,
    )


def _upload(page: Page, *files: tuple[str, bytes]) -> None:
    page.goto("/messages/upload")
    payload: list[FilePayload] = [
        {"name": name, "mimeType": "application/json", "buffer": body} for name, body in files
    ]
    page.get_by_label("Message files").set_input_files(payload)
    press(page, "Receive these files")


def _another_character(number: str) -> str:
    return number[:-1] + ("A" if check_character(number[:-1]) != "A" else "B")


def test_what_is_no_message_is_refused_by_name_and_kept_whole(
    colleague: Seat, order: Prescription, tmp_path: Path
) -> None:
    tess = colleague("tess")
    wrong = replace(order, number=_another_character(order.number))
    files = {
        "photo.json": PNG,
        "half.json": written(order)[:2000],
        "wrong-number.json": written(wrong),
    }
    rules = {
        "photo.json": "fhir.not-",
        "half.json": "fhir.not-json",
        "wrong-number.json": "eps.check-character",
    }
    _upload(tess, *files.items())
    expect(tess.get_by_role("heading", name="What became of 3 files")).to_be_visible()
    addresses = {}
    for name in files:
        expect(row(tess, name)).to_contain_text("Refused")
        addresses[name] = row(tess, name).locator("[data-open]").get_attribute("href")
    for name, address in addresses.items():
        tess.goto(address or "")
        expect(tess.locator(".pt-finding code").last).to_contain_text(rules[name])
        with tess.expect_download() as download:
            tess.get_by_role("link", name="Download the file").click()
        assert Path(download.value.path()).read_bytes() == files[name]
    assert not models.Prescription.objects.filter(number__in=[order.number, wrong.number]).exists()


def test_an_empty_file_is_refused_and_the_others_are_still_taken_in(
    colleague: Seat, order: Prescription
) -> None:
    tess = colleague("tess")
    _upload(tess, ("empty.json", b""), ("good.json", written(order)))
    refusal = tess.locator(".pt-refusal")
    expect(refusal).to_contain_text("empty.json: The file is empty")
    expect(refusal).to_be_focused()
    expect(row(tess, "good.json")).to_contain_text("1 new prescription")


def test_no_file_chosen_is_said(colleague: Seat) -> None:
    tess = colleague("tess")
    tess.goto("/messages/upload")
    press(tess, "Receive these files")
    expect(tess.locator(".pt-refusal")).to_contain_text("No file was chosen")


def test_of_two_files_the_good_one_goes_in_and_the_bad_one_waits(
    colleague: Seat, order: Prescription
) -> None:
    tess = colleague("tess")
    _upload(tess, ("good.json", written(order)), ("bad.json", b"{"))
    expect(row(tess, "good.json")).to_contain_text("1 new prescription")
    expect(row(tess, "bad.json")).to_contain_text("Refused")
    assert models.Prescription.objects.filter(number=order.number).count() == 1
    _upload(tess, ("good-again.json", written(order)))
    expect(row(tess, "good-again.json")).to_contain_text("Held already")
    assert models.Prescription.objects.filter(number=order.number).count() == 1


def test_the_refused_are_worked_through_to_the_last(colleague: Seat, shot: Shot) -> None:
    tess = colleague("tess")
    tess.goto("/messages/?show=open")
    waiting = tess.locator("[data-item]").count()
    assert waiting > 2
    shot(tess, "guides/img/refused-messages.png")
    tess.locator("[data-open]").first.click()
    expect(tess.get_by_role("heading", name="Work through it")).to_be_visible()
    shot(tess, "guides/img/refused-message.png")
    press(tess, "Close with this note")
    expect(tess.locator(".pt-refusal")).to_contain_text("Say what was done about it")
    for left in range(waiting - 1, -1, -1):
        tess.get_by_label("What was done about it?").fill("Telephoned the surgery: a new one is promised")
        press(tess, "Close with this note")
        expect(tess.locator(".pt-flash").last).to_contain_text(
            f"{left} more to work through" if left else "No refused message waits any more"
        )
    expect(tess.get_by_text("Every refused message was worked through")).to_be_visible()
    assert models.MessageTask.objects.filter(site__name="High Street Pharmacy", closed_at=None).count() == 0


def test_another_surname_stops_for_a_person_and_goes_in_once_corrected(
    colleague: Seat, order: Prescription, shot: Shot
) -> None:
    married = replace(order.patient, name=replace(order.patient.name, family="Bell-Hughes"))
    body = written(replace(order, patient=married))
    tess, ruth = colleague("tess"), colleague("ruth")
    _upload(tess, ("married.json", body))
    expect(row(tess, "married.json")).to_contain_text("surname")
    tess.get_by_role("link", name="Work through the first refused").click()
    expect(tess.locator(".pt-finding")).to_contain_text("patient.surname-differs")
    shot(tess, "guides/img/surname-differs.png")
    press(tess, "Try again")
    expect(tess.locator("#feedback")).to_contain_text("Still refused")
    again = tess.url
    held = models.Patient.objects.get(
        nhs_number=order.patient.nhs_number.digits if order.patient.nhs_number else ""
    )
    ruth.goto(f"/patients/{held.pk}/")
    ruth.get_by_text("Correct surname or birth date").click()
    ruth.get_by_label("Surname").fill("Bell-Hughes")
    ruth.get_by_label("Who confirmed it, and how").fill("The patient, with her marriage certificate")
    shot(ruth, "guides/img/correct-patient.png")
    press(ruth, "Correct the record")
    expect(ruth.locator("#banner")).to_contain_text("BELL-HUGHES, Chloe (Miss)")
    tess.goto(again)
    press(tess, "Try again")
    expect(tess.locator("#feedback")).to_contain_text("Taken in now")
    expect(tess.get_by_role("link", name="BELL-HUGHES, Chloe (Miss)")).to_be_visible()
    assert models.Prescription.objects.filter(number=order.number).count() == 1
