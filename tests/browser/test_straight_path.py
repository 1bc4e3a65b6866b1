"""One prescription from upload to hand-out, by three people in three browsers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.hands import (
    at_once,
    batch,
    label_code,
    matrix,
    open_row,
    press,
    scan,
    scanned,
    sign_in,
)  # fmt: skip
from tests.browser.watch import Watch

from pestle.demo.messages import Item, an_order, name_id
from pestle.demo.patients import patients
from pestle.demo.people import staff
from pestle.demo.stock import month_after
from pestle.pharmacy.ledger.recall import AlertKind, RecallLevel
from pestle.web.actions import recalls, stock
from pestle.web.store import models
from pestle.wire.eps.codes import PrescriptionStatus
from pestle.wire.eps.dispense_notification import read_notification
from pestle.wire.eps.receive import NotForUs, receive
from pestle.wire.fhir.tree import dump, parse

CEFALEXIN, CANDESARTAN = "Cefalexin 500mg capsules", "Candesartan 8mg tablets"
ANSWER = "Spoke with Dr Marsh: a mild rash in childhood, has had cefalexin since without harm"
RECALL = "Class 2 recall (invented), EL (26)A/11"
Shot = Callable[[Page, str], None]


@pytest.fixture
def message(demo_database: str, tmp_path: Path) -> Path:
    """A message of this hour, for a patient with an allergy that the second medicine touches."""
    site = models.Site.objects.get(code="FZZ01")
    now = datetime.now(UTC).replace(microsecond=0)
    items = (
        Item(CEFALEXIN, "21", "Take one capsule three times a day for 7 days"),
        Item(CANDESARTAN, "28", "Take one tablet each morning"),
    )
    patient = patients(on=now.date())["abbott"].patient
    signed = now - timedelta(minutes=40)
    file = tmp_path / "order.json"
    file.write_bytes(an_order(patient, items, signed_at=signed, key="straight", pharmacy=site.code))
    _recalled_batch(site, now)
    return file


def _recalled_batch(site: models.Site, now: datetime) -> None:
    """One more batch of the second medicine, which its maker calls back."""
    by = staff(site)
    gtin = batch("X0417").gtin
    stock.receive_batch(
        by=by.technician, now=now, key=name_id("to be recalled"), gtin=gtin, number="C9001",
        expiry_text=month_after(now.date(), 14), packs=3,
    )  # fmt: skip
    recalls.record_alert(
        by=by.pharmacist, now=now, key=name_id("recalled"), kind=AlertKind.CLASS_2, reference=RECALL,
        level=RecallLevel.PATIENT, deadline=now + timedelta(days=2), packs=[(gtin, "C9001")],
    )  # fmt: skip


def test_from_upload_to_hand_out_with_three_people(
    message: Path, live_site: str, new_context: Callable[..., BrowserContext], watch: Watch, shot: Shot
) -> None:
    def come_in(username: str) -> Page:
        context = new_context(base_url=live_site)
        at_once(context)
        page = context.new_page()
        watch.over(page)
        sign_in(page, username)
        return page

    tess = come_in("tess")
    prescription = _receive(tess, message, shot)
    _enter(tess, shot)
    ruth = come_in("ruth")
    _check_clinically(ruth, shot)
    _print_labels(tess, shot)
    _pick(tess, prescription, shot)
    adam = come_in("adam")
    _check_accuracy(tess, adam, shot)
    _hand_out(tess, shot)
    _notified(tess)
    _tell(ruth, prescription, shot)


def _receive(tess: Page, message: Path, shot: Shot) -> int:
    shot(tess, "guides/img/worklist.png")
    tess.get_by_role("link", name="Messages", exact=True).click()
    tess.get_by_role("link", name="Upload messages").click()
    with tess.expect_file_chooser() as chooser:
        tess.get_by_label("Message files").click()
    chooser.value.set_files(message)
    shot(tess, "guides/img/upload.png")
    press(tess, "Receive these files")
    expect(tess.get_by_role("heading", name="What became of 1 file")).to_be_visible()
    expect(tess.locator("[data-item]")).to_contain_text("Accepted")
    expect(tess.locator("[data-item]")).to_contain_text("1 new prescription")
    shot(tess, "guides/img/received.png")
    return models.Prescription.objects.latest("pk").pk


def _enter(tess: Page, shot: Shot) -> None:
    open_row(tess, "Entry", "ABBOTT", "cefalexin")
    expect(tess.locator("#banner")).to_contain_text("Penicillin")
    # A pack that somebody moves past the scanner has no business here, and leaves the form as it was.
    expect(tess.get_by_role("radio", name=re.compile(CEFALEXIN))).to_be_checked()
    shot(tess, "guides/img/entry.png")
    press(tess, "Complete entry of 2 lines")
    expect(tess.locator("#feedback")).to_contain_text("ABBOTT, Margaret Rose (Mrs) done")


def _check_clinically(ruth: Page, shot: Shot) -> None:
    shot(ruth, "guides/img/clinical-list.png")
    open_row(ruth, "Clinical", "ABBOTT", "cefalexin")
    finding = ruth.locator(".pt-finding--interrupt")
    expect(finding).to_contain_text("recorded allergy to Penicillin")
    for choice in ruth.get_by_role("radio", name="Approve", exact=True).all():
        choice.check()
    press(ruth, "Sign the clinical check of 2 lines")
    refused = ruth.locator(".pt-refusal")
    expect(refused).to_contain_text("answer")
    expect(ruth.get_by_role("radio", name="Approve", exact=True).first).to_be_checked()
    finding.get_by_label("Why it may go on").fill(ANSWER)
    ruth.get_by_role("checkbox", name="I have seen what was not assessed").check()
    shot(ruth, "guides/img/clinical.png")
    press(ruth, "Sign the clinical check of 2 lines")
    expect(ruth.locator("#feedback")).to_contain_text("2 approved, 0 refused")


def _print_labels(tess: Page, shot: Shot) -> None:
    open_row(tess, "Assemble", "ABBOTT", "cefalexin")
    shot(tess, "guides/img/print-labels.png")
    press(tess, "Print labels for 2 lines")
    pdf = tess.get_by_role("link", name="Open labels (PDF)")
    expect(pdf).to_be_visible()
    address = pdf.get_attribute("href")
    assert address
    answer = tess.request.get(address)
    assert answer.ok
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")


def _pick(tess: Page, prescription: int, shot: Shot) -> None:
    feed = tess.get_by_role("log", name="Scans")
    scan(tess, label_code(prescription, place=2))
    expect(feed).to_contain_text(re.compile("Next: candesartan", re.IGNORECASE))
    _refused(tess, matrix("A1203"), "equivalence.other-medicine", "This is losartan 50mg tablets")
    _refused(tess, matrix("X0417"), "pick.expired", "expired")
    shot(tess, "guides/img/scan-refused.png")
    _refused(tess, matrix("C9001"), "pick.recalled", RECALL)
    scan(tess, matrix("A1196"))
    scanned(tess, "batch A1196")
    # A bar code of thirteen digits knows no batch: the person reads it from the pack.
    scan(tess, batch("A1714").gtin.removeprefix("0"))
    expect(
        tess.get_by_role("heading", name=re.compile("Which batch is cefalexin", re.IGNORECASE))
    ).to_be_visible()
    shot(tess, "guides/img/which-batch.png")
    tess.get_by_role("button", name=re.compile("^Batch A1714")).click()
    scanned(tess, "batch A1714")
    expect(feed).to_contain_text("every line has what it needs")
    shot(tess, "guides/img/assembled.png")
    press(tess, "Complete assembly of 2 lines")
    expect(tess.locator("#feedback")).to_contain_text("ABBOTT, Margaret Rose (Mrs) assembled")


def _refused(page: Page, code: str, rule: str, words: str) -> None:
    scan(page, code)
    newest = scanned(page, rule)
    expect(newest).to_contain_text("Refused")
    expect(newest).to_contain_text(words)


def _check_accuracy(tess: Page, adam: Page, shot: Shot) -> None:
    open_row(tess, "Accuracy", "ABBOTT", "cefalexin")
    expect(tess.locator("#main .pt-not-now")).to_contain_text("Pass the accuracy check is not possible yet")
    expect(tess.get_by_role("button", name=re.compile("^Pass"))).to_have_count(0)
    shot(tess, "guides/img/not-own-check.png")
    shot(adam, "guides/img/accuracy-list.png")
    open_row(adam, "Accuracy", "ABBOTT", "cefalexin")
    shot(adam, "guides/img/accuracy.png")
    press(adam, "Pass 2 lines")
    expect(adam.locator("#feedback")).to_contain_text("is ready to be handed out")


def _hand_out(tess: Page, shot: Shot) -> None:
    open_row(tess, "Ready", "ABBOTT", "cefalexin")
    press(tess, "Hand out 2 lines")
    expect(tess.locator(".pt-refusal")).to_contain_text("Say who takes it")
    tess.get_by_label("Somebody for the patient").check()
    tess.get_by_label("Name, if not the patient").fill("Daniel Abbott (son)")
    tess.get_by_label("How and when to take or use it").check()
    tess.get_by_label("Also", exact=True).fill("Come back at once if a rash shows")
    tess.get_by_role("button", name="Hand out 2 lines").scroll_into_view_if_needed()
    shot(tess, "guides/img/hand-out.png")
    press(tess, "Hand out 2 lines")
    expect(tess.get_by_role("heading", name="Handed out")).to_be_visible()
    expect(tess.locator("#main")).to_contain_text("Daniel Abbott (son)")
    shot(tess, "guides/img/handed-out.png")


def _notified(tess: Page) -> None:
    with tess.expect_download() as download:
        tess.get_by_role("link", name="Download the dispense notification").click()
    sent = parse(Path(download.value.path()).read_bytes())
    supplied = read_notification(sent)
    assert len(supplied.lines) == 2
    assert supplied.status is PrescriptionStatus.DISPENSED
    arrived = receive(dump(sent), now=datetime.now(UTC))
    assert isinstance(arrived, NotForUs)
    assert arrived.kind == "dispense-notification"


def _tell(ruth: Page, prescription: int, shot: Shot) -> None:
    ruth.goto(f"/prescriptions/{prescription}/")
    ruth.get_by_role("link", name="Story").click()
    story = ruth.locator(".pt-story").first
    for who, what in (
        ("Tess Okafor", "completed the entry"),
        ("Ruth Evans", ANSWER),
        ("Tess Okafor", "batch A1196"),
        ("Tess Okafor", "batch A1714"),
        ("Adam Patel", "passed the accuracy check"),
        ("Tess Okafor", "handed out to a representative"),
    ):
        expect(story.locator("li").filter(has_text=who).filter(has_text=what)).to_have_count(1)
    shot(ruth, "guides/img/story.png")
