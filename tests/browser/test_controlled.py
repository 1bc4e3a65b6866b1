"""A controlled drug from delivery to hand-out, counted by two people, and destroyed before a witness."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect
from tests.browser.hands import press, take_the_charge

from pestle.demo import drive
from pestle.demo.messages import Item, an_order
from pestle.demo.patients import patients
from pestle.demo.people import PIN, staff
from pestle.pharmacy.dispensary.workflow import HAND_OUT
from pestle.web.store import models

Seat = Callable[[str], Page]
MORPHINE = "Morphine 10mg modified-release tablets"


def test_received_handed_out_counted_and_destroyed(colleague: Seat) -> None:
    page = colleague("tess")
    _receive(page)
    _hand_out(page)
    _count(page)
    _destroy(page)


def _receive(page: Page) -> None:
    gtin = models.Batch.objects.filter(pack_name__startswith=MORPHINE)[0].gtin
    page.goto("/stock/receive")
    page.get_by_label("Scan a pack").fill(gtin)
    page.get_by_role("button", name="Enter by hand").click()
    page.get_by_label("Batch number").fill("F9001")
    page.get_by_label("Expiry").fill("2030-01")
    page.get_by_label("Packs").fill("2")
    press(page, "Put these packs away")
    expect(page.locator(".pt-refusal").first).to_contain_text("The register names who supplied it")
    page.get_by_label("Received from").fill("Invented Wholesale Ltd")
    page.get_by_label("Their address").fill("2 Depot Road, Ashcombe")
    page.get_by_label("Invoice or requisition number").fill("INV-9001")
    press(page, "Put these packs away")
    expect(page.get_by_text("received: 120 tablets")).to_be_visible()


def _hand_out(page: Page) -> None:
    ready = _a_bag()
    page.goto(f"/prescriptions/{ready}/")
    page.get_by_label("The patient", exact=True).check()
    press(page, "Hand out 1 line")
    expect(page.locator(".pt-refusal").first).to_contain_text("whether identity was asked for")
    page.get_by_label("Asked, and shown").check()
    take_the_charge(page)
    press(page, "Hand out 1 line")
    expect(page.get_by_text("Handed out").first).to_be_visible()
    page.goto("/register/")
    page.get_by_role("row", name=re.compile("morphine 10 mg", re.IGNORECASE)).get_by_role("link").click()
    last = page.locator(".pt-register tbody tr").last
    expect(last).to_contain_text("the patient")
    expect(last).to_contain_text("yes; yes")
    expect(last).to_contain_text("60 tablets")


def _a_bag() -> int:
    """A bag that somebody has assembled and checked this morning."""
    site, now = models.Site.objects.get(code="FZZ01"), datetime.now(UTC).replace(microsecond=0)
    order = an_order(
        patients(on=now.date())["price"].patient, (Item(MORPHINE, "60", "One tablet every 12 hours"),),
        signed_at=now - timedelta(minutes=40), key="counter", pharmacy=site.code,
    )  # fmt: skip
    taken = drive.receive(order, name="counter.json", by=staff(site).technician, now=now)
    ready = int(taken.result["prescriptions"][0])
    drive.to_step(ready, HAND_OUT, site=site, now=now)
    return ready


def _count(page: Page) -> None:
    page.get_by_role("link", name="Count this page together").click()
    for row in models.Balance.objects.filter(
        batch__pack_name__startswith=MORPHINE, account__kind__in=("shelf", "prepared"), amount__gt=0
    ):
        page.locator(f"#count-{row.batch_id}-{row.account_id}").fill(str(row.amount))
    page.get_by_label("The second person who counted").select_option(
        label="Adam Patel, accuracy-checking technician"
    )
    page.get_by_label("Their PIN or password").fill(PIN)
    press(page, "Sign this count together")
    expect(page.get_by_text("Counted: the balance is right.")).to_be_visible()


def _destroy(page: Page) -> None:
    page.get_by_role("link", name="Destroy stock before a witness").click()
    page.get_by_label("batch F9001").check()
    page.get_by_label("How many").fill("5")
    page.locator("#reason").select_option("damaged")
    page.get_by_label("How it was made unusable").fill("denaturing kit")
    page.get_by_label("Name of the authorised witness").fill("Cora Lane")
    page.get_by_label("By what authority").fill("Invented officer, letter 12")
    press(page, "Enter this destruction")
    expect(page.locator(".pt-register tbody tr").last).to_contain_text("Destroyed before Cora Lane")
