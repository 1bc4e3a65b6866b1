"""A question goes out from a finding, is tried, answered and read; the line goes on, the rest did."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect
from tests.browser.hands import press

from pestle.demo import drive
from pestle.demo.messages import Item, an_order, name_id
from pestle.demo.patients import patients
from pestle.demo.people import staff
from pestle.web.store import models

Seat = Callable[[str], Page]
Shot = Callable[[Page, str], None]


def _at_the_clinical_check() -> int:
    """Two lines for a patient with an allergy that the first touches."""
    site, now = models.Site.objects.get(code="FZZ01"), datetime.now(UTC).replace(microsecond=0)
    items = (
        Item("Cefalexin 500mg capsules", "21", "Take one capsule three times a day for 7 days"),
        Item("Candesartan 8mg tablets", "28", "Take one tablet each morning"),
    )
    order = an_order(
        patients(on=now.date())["abbott"].patient, items, signed_at=now - timedelta(minutes=40), key="asked",
        pharmacy=site.code,
    )  # fmt: skip
    tess = staff(site).technician
    taken = drive.receive(order, name=f"{name_id('asked')}.json", by=tess, now=now)
    pk = int(taken.result["prescriptions"][0])
    drive.enter(pk, by=tess, now=now)
    return pk


def test_a_query_goes_out_and_comes_back(demo_database: str, colleague: Seat, shot: Shot) -> None:
    pk = _at_the_clinical_check()
    ruth, tess = colleague("ruth"), colleague("tess")
    ruth.goto(f"/prescriptions/{pk}/")
    # Half decided, and called away by the question: it is there again afterwards.
    ruth.get_by_role("radio", name="Approve", exact=True).nth(1).check()
    ruth.get_by_role("link", name="Query this to the prescriber").click()
    expect(ruth.get_by_label("What is asked")).to_have_value(re.compile("Penicillin"))
    shot(ruth, "guides/img/ask.png")
    press(ruth, "Open this query")
    expect(ruth.locator("#feedback")).to_contain_text("It waits for the answer")
    expect(ruth.locator("#main")).to_contain_text("with the surgery since")
    expect(ruth.get_by_role("radio", name="Approve", exact=True)).to_be_checked()
    ruth.get_by_role("radio", name="Wait for the answer").check()
    for field in ruth.get_by_label("Why it may go on").all():
        field.fill("to be answered by the prescriber")
    ruth.get_by_role("checkbox", name="I have seen what was not assessed").check()
    press(ruth, "Sign the clinical check of 2 lines")
    expect(ruth.locator("#feedback")).to_contain_text("1 approved, 0 refused, 1 waiting")

    tess.goto("/queries/")
    tess.locator("[data-item]").filter(has_text="ABBOTT").get_by_role(
        "link", name=re.compile("^Open")
    ).click()
    expect(tess.get_by_role("button", name="Telephoned: no reply")).to_be_visible()
    tess.wait_for_load_state()
    tess.keyboard.press("t")
    expect(tess.get_by_role("button", name="Telephoned: no reply")).to_be_focused()
    tess.keyboard.press("Enter")
    expect(tess.locator(".pt-story")).to_contain_text("by telephone, no reply")
    shot(tess, "guides/img/query.png")
    tess.get_by_label("What the answer is").fill("Supply it: a mild rash in childhood")
    press(tess, "Take down the answer")
    expect(tess.locator("#main")).to_contain_text("Ruth Evans asked this, and reads the answer")

    ruth.goto("/queries/?show=answered")
    ruth.locator("[data-item]").filter(has_text="ABBOTT").get_by_role(
        "link", name=re.compile("^Open")
    ).click()
    ruth.get_by_label("What follows from it").fill("supplied as written")
    press(ruth, "Close: the line goes on")
    waiting = ruth.locator(".pt-ask").filter(has_text="waited for an answer")
    expect(waiting).to_contain_text("a mild rash in childhood")
    waiting.get_by_label("Why it may go on").fill("Dr Marsh knows of it: a mild rash in childhood")
    waiting.get_by_role("radio", name="Approve", exact=True).check()
    if (seen := waiting.get_by_role("checkbox", name="I have seen")).count():
        seen.check()
    press(ruth, "Sign the decision on line 1")
    expect(ruth.locator("#feedback")).to_contain_text("Line 1 is decided")
    tess.goto(f"/prescriptions/{pk}/")
    expect(tess.get_by_role("button", name="Print labels for 2 lines")).to_be_visible()
