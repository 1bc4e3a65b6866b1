"""Beside the straight path: a delivery, a bag sent back, a supply that is stopped, a manager's day."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from playwright.sync_api import Page, expect
from tests.browser.hands import GS, batch, open_row, press, row, scan

from pestle.demo.stock import month_after
from pestle.web.store import models

Seat = Callable[[str], Page]
Shot = Callable[[Page, str], None]


def test_a_delivery_is_received_by_scan_and_stands_on_the_shelf(colleague: Seat, shot: Shot) -> None:
    tess = colleague("tess")
    expires = month_after(datetime.now(UTC).date(), 20)
    gtin = batch("A1196").gtin
    tess.goto("/stock/receive")
    scan(tess, f"]d201{gtin}17{expires[2:4]}{expires[5:7]}0010N7701{GS}21QX7")
    expect(tess.get_by_label("Batch number")).to_have_value("N7701")
    expect(tess.get_by_label("Expiry")).to_have_value(expires)
    expect(tess.get_by_label("Packs")).to_be_focused()
    tess.get_by_label("Packs").fill("6")
    shot(tess, "guides/img/receive-stock.png")
    press(tess, "Put these packs away")
    expect(tess.locator("#feedback")).to_contain_text("batch N7701, received")
    # A batch that has come is known: from anywhere else its scan opens it.
    tess.goto("/")
    scan(tess, f"]d201{gtin}17{expires[2:4]}{expires[5:7]}0010N7701{GS}21QX8")
    expect(tess.get_by_role("heading", level=1)).to_contain_text("N7701")
    expect(tess.locator(".pt-side")).to_contain_text("168 tablets")
    expect(tess.locator(".pt-side")).to_contain_text("Chain verified: 1 movement")
    assert models.Balance.objects.get(batch=batch("N7701"), account__kind="shelf").amount == 168


def test_a_recall_is_recorded_and_shows_what_is_still_held(colleague: Seat, shot: Shot) -> None:
    ruth = colleague("ruth")
    ruth.goto(f"/stock/batches/{batch('B2714').pk}/")
    ruth.get_by_role("link", name="Record a recall").click()
    expect(ruth.get_by_label("Batch numbers")).to_have_value("B2714")
    ruth.get_by_label("Class", exact=True).select_option(label="Class 3")
    ruth.get_by_label("Reference").fill("Class 3 recall (invented), EL (26)A/12")
    ruth.get_by_label("To be done by").fill("2030-01-31T17:00")
    ruth.get_by_label("Recalled", exact=True).select_option(label="from pharmacies and wards")
    press(ruth, "Record this alert")
    expect(ruth.locator("#main")).to_contain_text("252 capsules")
    ruth.goto("/stock/alerts/")
    recorded = ruth.locator("tbody tr").filter(has_text="EL (26)A/12")
    expect(recorded).to_contain_text("252 capsules can be picked")
    shot(ruth, "guides/img/recalls.png")


def test_a_difference_is_closed_by_somebody_else_than_who_opened_it(colleague: Seat) -> None:
    leon, tess = colleague("leon"), colleague("tess")
    leon.goto("/stock/")
    leon.get_by_role("link", name="Differences").click()
    opened = leon.locator("tbody tr").filter(has_text="2 tablets less than the book")
    expect(opened).to_contain_text("Leon Brandt")
    opened.get_by_role("link", name=re.compile("^Open")).click()
    expect(leon.locator("#main")).to_contain_text("The strip behind the box was empty")
    expect(leon.locator("#main")).to_contain_text("Somebody else closes what you opened")
    tess.goto(leon.url)
    press(tess, "Close this difference")
    expect(tess.locator(".pt-refusal").first).to_contain_text("Choose what it turned out to be")
    tess.get_by_label("it had been counted wrongly").check()
    tess.get_by_label("In words").fill("Two were in the returns tray; counted again by both")
    press(tess, "Close this difference")
    expect(tess.locator("#main")).to_contain_text("closed it: it had been counted wrongly")
    leon.goto("/stock/discrepancies/?show=closed")
    expect(leon.locator("tbody tr")).to_contain_text("2 tablets less than the book")


def test_a_bag_goes_back_and_the_near_miss_is_recorded_by_keyboard(colleague: Seat, shot: Shot) -> None:
    adam, leon = colleague("adam"), colleague("leon")
    open_row(adam, "Accuracy", "HUSSAIN")
    press(adam, "Send back to assembly")
    expect(adam.locator(".pt-refusal")).to_contain_text("Say what was found")
    open_row(adam, "Accuracy", "HUSSAIN")
    adam.get_by_label("What is wrong", exact=True).fill("The second box is propranolol 80 mg")
    shot(adam, "guides/img/send-back.png")
    press(adam, "Send back to assembly")
    expect(adam.locator("#feedback")).to_contain_text("sent back to be assembled again")
    # The first kind has the focus: one arrow to the second, and Enter.
    expect(adam.get_by_label("What happened")).to_have_value("The second box is propranolol 80 mg")
    expect(adam.get_by_label("Wrong medicine", exact=True)).to_be_focused()
    adam.keyboard.press("ArrowDown")
    expect(adam.get_by_label("Wrong strength", exact=True)).to_be_checked()
    shot(adam, "guides/img/near-miss.png")
    adam.keyboard.press("Enter")
    expect(adam.locator("#feedback")).to_contain_text("Recorded what went wrong with HUSSAIN")
    adam.goto("/near-misses/")
    expect(row(adam, "propranolol 80 mg")).to_contain_text("Wrong strength")
    this_week = adam.locator(".pt-chart__done").last
    expect(this_week.locator("title")).to_contain_text(re.compile("[1-9] caught"))
    shot(adam, "guides/img/near-misses.png")
    open_row(leon, "Assemble", "HUSSAIN")
    leon.get_by_role("link", name="Story").click()
    expect(leon.locator(".pt-story li").filter(has_text="Adam Patel")).to_contain_text("propranolol 80 mg")


def test_what_may_no_longer_be_supplied_is_stopped_and_withheld_by_a_pharmacist(
    colleague: Seat, shot: Shot
) -> None:
    tess, ruth = colleague("tess"), colleague("ruth")
    open_row(tess, "Ready", "temazepam")
    expect(tess.locator(".pt-blocked")).to_contain_text("Not to be handed out")
    expect(tess.get_by_role("button", name=re.compile("^Hand out"))).to_have_count(0)
    expect(tess.get_by_text("Withhold line 1")).to_have_count(0)
    shot(tess, "guides/img/not-to-be-handed-out.png")
    open_row(ruth, "Ready", "temazepam")
    ruth.get_by_text("Withhold line 1", exact=True).first.click()
    ruth.get_by_label("Why it is not supplied").select_option(
        label="The prescription or the line has expired"
    )
    ruth.get_by_label("In words").fill("Past 28 days: the surgery writes a new one")
    shot(ruth, "guides/img/withhold.png")
    press(ruth, "Withhold line 1")
    expect(ruth.get_by_role("heading", name="Closed: every line was withheld")).to_be_visible()


def test_the_telephone_is_answered_from_the_search(colleague: Seat, shot: Shot) -> None:
    tess = colleague("tess")
    tess.goto("/stock/")
    tess.keyboard.press("/")
    expect(tess.locator("#search")).to_be_focused()
    tess.locator("#search").fill("chowdhury")
    tess.keyboard.press("Enter")
    patient = tess.locator("[data-item]").filter(has=tess.locator("td[data-label='On the telephone']"))
    expect(patient).to_contain_text("CHOWDHURY, Imran (Mr)")
    expect(patient).to_contain_text("1 ready")
    shot(tess, "guides/img/telephone.png")
    assert "chowdhury" not in tess.url.lower()


def test_a_manager_sees_the_day_and_the_chain_and_makes_a_key(colleague: Seat, shot: Shot) -> None:
    mo = colleague("mo")
    mo.goto("/")
    mo.get_by_role("link", name="Manage", exact=True).click()
    expect(mo.get_by_role("heading", level=1)).to_contain_text("Manage")
    # A key is heard once the page's script is there, which a person never outruns.
    mo.wait_for_load_state()
    mo.keyboard.press("t")
    expect(mo.get_by_role("heading", level=1)).to_contain_text("Today")
    shot(mo, "guides/img/manage.png")
    mo.get_by_role("link", name="Team, settings, keys").click()
    mo.get_by_label("Program").fill("hub messages")
    mo.get_by_label("Days it lasts").fill("30")
    press(mo, "Make a key")
    expect(mo.get_by_role("status").filter(has_text="shown this once")).to_be_visible()
    mo.goto("/manage/")
    expect(mo.get_by_text("shown this once")).to_have_count(0)
    press(mo, "Revoke hub messages")
    expect(mo.locator("div.pt-card").filter(has_text="hub messages")).to_contain_text("Revoked")
    mo.get_by_role("link", name="Audit trail").click()
    expect(mo.get_by_text("Chain verified:")).to_be_visible()
    shot(mo, "guides/img/audit.png")


def test_a_manager_decides_nothing_clinical(colleague: Seat) -> None:
    mo = colleague("mo")
    for step, words in (
        ("Entry", "Complete entry"), ("Clinical", "Sign the clinical check"), ("Assemble", "Assemble"),
        ("Accuracy", "Pass the accuracy check"), ("Ready", "Hand out"),
    ):  # fmt: skip
        mo.goto("/")
        mo.get_by_role("navigation", name="Steps").get_by_role("link", name=re.compile(f"^{step}")).click()
        mo.get_by_role("link", name=re.compile("^Open ")).first.click()
        expect(mo.locator("#main .pt-not-now").first).to_contain_text(words)
        expect(mo.locator(".pt-decision button")).to_have_count(0)
