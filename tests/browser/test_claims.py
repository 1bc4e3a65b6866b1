"""An exempt and a paying patient at the counter, and the claim for what they took."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect
from tests.browser.hands import here, open_row, press, take_the_charge

from pestle.demo import drive
from pestle.demo.messages import Item, an_order
from pestle.demo.patients import patients
from pestle.demo.people import staff
from pestle.demo.story import CAPSULE
from pestle.pharmacy.dispensary.workflow import HAND_OUT
from pestle.web.store import models

Seat = Callable[[str], Page]
Shot = Callable[[Page, str], None]


def test_an_exempt_and_a_paying_patient_and_the_claim(colleague: Seat, shot: Shot) -> None:
    tess = colleague("tess")
    open_row(tess, "Ready", "BAINES", "amlodipine")
    expect(tess.locator("#charge")).to_contain_text("60 or over: the date of birth shows it")
    _gives(tess)
    tess.goto(f"/prescriptions/{_a_bag()}/")
    press(tess, "Hand out 1 line")
    expect(tess.locator(".pt-refusal")).to_contain_text("Say who takes it")
    tess.get_by_label("The patient", exact=True).check()
    press(tess, "Hand out 1 line")
    expect(tess.locator(".pt-refusal")).to_contain_text("Ask whether the prescription charge is paid")
    take_the_charge(tess)
    shot(tess, "guides/img/charge.png")
    press(tess, "Hand out 1 line")
    expect(tess.get_by_role("heading", name="Handed out")).to_be_visible()
    prescription = here(tess)

    tess.get_by_role("link", name=re.compile("Charge, endorsements and claim")).click()
    expect(tess.locator("#main")).to_contain_text("This line has no endorsement")
    press(tess, "Record these endorsements")
    expect(tess.locator("#feedback")).to_contain_text("Endorsed")
    press(tess, "Make the claim")
    expect(tess.locator("#feedback")).to_contain_text("The claim is made")
    expect(tess.locator("#main")).to_contain_text("No answer yet")
    expect(tess.locator("#main")).to_contain_text("Pays the charge, £9.90")
    claim = models.PaymentClaim.objects.get(prescription=prescription)
    assert (claim.items, claim.paid_items) == (1, 1)

    tess.get_by_role("link", name="All claims").click()
    ready = tess.locator("[data-item]").filter(has_text="SINGH")
    expect(ready).to_contain_text("1")
    shot(tess, "guides/img/claims.png")
    press(tess, "Make these claims")
    expect(tess.locator("#feedback")).to_contain_text("1 prescription claimed for")


def _a_bag() -> int:
    """A bag of somebody who pays, assembled and checked this morning."""
    site, now = models.Site.objects.get(code="FZZ01"), datetime.now(UTC).replace(microsecond=0)
    order = an_order(
        patients(on=now.date())["doyle"].patient,
        (Item("Omeprazole 20mg gastro-resistant capsules", "28", CAPSULE),),
        signed_at=now - timedelta(minutes=40), key="pays", pharmacy=site.code,
    )  # fmt: skip
    taken = drive.receive(order, name="pays.json", by=staff(site).technician, now=now)
    ready = int(taken.result["prescriptions"][0])
    drive.to_step(ready, HAND_OUT, site=site, now=now)
    return ready


def _gives(page: Page) -> None:
    page.get_by_label("The patient", exact=True).check()
    page.get_by_role("button", name=re.compile("^Hand out")).click()
    expect(page.get_by_role("heading", name="Handed out")).to_be_visible()
