"""A pharmacist who works alone: a pause on record, every pack scanned again, and only then it passes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from tests.browser.hands import matrix, press, scan, scanned

from pestle.demo import drive
from pestle.demo.people import SELF_CHECK_MINUTES, staff
from pestle.web.store import models, prescriptions

Seat = Callable[[str], Page]
Shot = Callable[[Page, str], None]


@pytest.fixture
def own_work(demo_database: str) -> models.Prescription:
    """A prescription that Ruth has assembled herself."""
    row = models.Prescription.objects.get(order__message__name="m02.json")
    ruth, now = staff(models.Site.objects.get(code="FZZ01")).pharmacist, row.step_since + timedelta(minutes=1)
    for line in row.lines.select_related("prescription"):
        list(drive.pick(line, by=ruth, now=now))
    drive.complete_assembly(row.pk, by=ruth, now=now)
    row.refresh_from_db()
    assert row.step == "accuracy"
    return row


def test_own_work_passes_only_after_the_pause_and_a_fresh_scan_of_every_pack(
    own_work: models.Prescription, colleague: Seat, shot: Shot
) -> None:
    ruth = colleague("ruth")
    ruth.goto(f"/prescriptions/{own_work.pk}/")
    expect(ruth.get_by_role("heading", name="This is your own work")).to_be_visible()
    _cannot_pass(ruth)
    press(ruth, "Begin the pause")
    expect(ruth.locator(".pt-ask")).to_contain_text("The pause ends at")
    _cannot_pass(ruth)
    shot(ruth, "guides/img/self-check-pause.png")

    _let_the_pause_pass(own_work)
    ruth.reload()
    packs = list(prescriptions.standing_picks(own_work))
    expect(ruth.locator(".pt-ask")).to_contain_text(f"0 of {len(packs)} pack")
    _cannot_pass(ruth)
    scan(ruth, matrix("A1196"))
    expect(scanned(ruth, "accuracy.not-in-bag")).to_contain_text("Refused")
    for pack in packs:
        scan(ruth, matrix(pack.batch.number))
        scanned(ruth, f"batch {pack.batch.number}")
    shot(ruth, "guides/img/self-check-scanned.png")
    press(ruth, "Pass 1 line")
    expect(ruth.locator("#feedback")).to_contain_text("is ready to be handed out")
    ruth.goto(f"/prescriptions/{own_work.pk}/story")
    for told in (
        "began the pause before checking their own work",
        "their own work, after the pause and a fresh scan of every pack",
    ):
        expect(
            ruth.locator(".pt-story li").filter(has_text="Ruth Evans").filter(has_text=told)
        ).to_have_count(1)


def test_a_technician_never_gets_a_way_to_check_own_work(
    own_work: models.Prescription, colleague: Seat
) -> None:
    for username in ("tess", "leon"):
        page = colleague(username)
        page.goto(f"/prescriptions/{own_work.pk}/")
        expect(page.get_by_role("button", name="Begin the pause")).to_have_count(0)
        _cannot_pass(page)


def _cannot_pass(page: Page) -> None:
    expect(page.get_by_role("button", name=re.compile("^Pass"))).to_have_count(0)
    expect(page.locator(".pt-not-now").filter(has_text="Pass the accuracy check")).to_have_count(1)


def _let_the_pause_pass(prescription: models.Prescription) -> None:
    """Moves the recorded beginning back in time, instead of waiting."""
    prescription.refresh_from_db()
    assert prescription.self_check_began_at
    prescription.self_check_began_at -= timedelta(minutes=SELF_CHECK_MINUTES, seconds=1)
    prescription.save(update_fields=["self_check_began_at"])
