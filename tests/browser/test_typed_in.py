"""An emergency supply is typed in with the photo of the old label, and says on its label what it is; another
photo comes later, and the checker can ask."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect
from tests.browser.hands import here, press

from pestle.demo import drive, people
from pestle.demo.stock import Delivery, deliver, month_after
from pestle.web.store import models
from pestle.web.store.knowledge import dictionary

Seat = Callable[[str], Page]
MEDICINE = "Ramipril 5mg capsules"
PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def _open(now: datetime) -> None:
    """The invented pharmacy with nothing but its people and one medicine on the shelf."""
    site = people.make_site(now=now - timedelta(days=2))
    staff = people.make_people(site, now=now - timedelta(days=2))
    product = next(one for one in dictionary().products() if one.name == MEDICINE)
    pack = dictionary().packs(product.id)[0]
    deliver(Delivery(pack, "E1", month_after(now.date(), 12), 2, 0), by=staff["leon"], now=now)


def test_an_emergency_supply_is_typed_in_and_its_paper_follows(database: str, colleague: Seat) -> None:
    now = datetime.now(UTC)
    _open(now)
    tess, ruth, adam = (colleague(name) for name in ("tess", "ruth", "adam"))
    tess.goto("/prescriptions/type-in")
    tess.get_by_label("Kind").select_option(label="Emergency supply, asked for by the patient")
    for label, words in (
        ("The emergency, and why there is no prescription", "Capsules left at home, 200 miles away"),
        ("Surname", "Adebayo"), ("Given names", "Temi"), ("Date of birth", "1958-04-03"),
        ("Medicine, as written", MEDICINE), ("Directions, as written", "Take one capsule each morning"),
    ):  # fmt: skip
        tess.get_by_label(label, exact=True).fill(words)
    tess.locator("#address").fill("3 Tannery Row, Ashcombe")
    tess.locator("#prescriber").fill("Dr Lena Ortiz")
    tess.locator("#quantity-1").fill("7")
    photo = {"name": "old label.png", "mimeType": "image/png", "buffer": PHOTO}
    tess.get_by_label("The paper").set_input_files(photo)  # type: ignore[arg-type]
    press(tess, "Take in 1 line")
    expect(tess.get_by_alt_text("Scan 1 of the prescription")).to_be_visible()
    pk = here(tess)
    press(tess, "Complete entry of 1 line")
    expect(tess.locator("#feedback")).to_contain_text("Entry of ADEBAYO, Temi done")

    ruth.goto(f"/prescriptions/{pk}/")
    ruth.get_by_label("I have spoken with who asks").fill("Takes it for years; the surgery opens on Monday")
    press(ruth, "Put on record")
    expect(ruth.locator("#feedback")).to_contain_text("conditions of the emergency supply are met")
    drive.approve(pk, by=people.staff(models.Site.objects.get()).pharmacist, now=datetime.now(UTC))
    tech = people.staff(models.Site.objects.get()).technician
    drive.print_labels(pk, by=tech, now=datetime.now(UTC))
    list(drive.pick(models.Line.objects.get(prescription=pk), by=tech, now=datetime.now(UTC)))
    drive.complete_assembly(pk, by=tech, now=datetime.now(UTC))

    adam.goto(f"/prescriptions/{pk}/")
    expect(adam.locator("#accuracy")).to_contain_text("EMERGENCY SUPPLY")
    tess.goto(f"/prescriptions/{pk}/")
    tess.get_by_label("Another scan or photo of it").set_input_files(photo)  # type: ignore[arg-type]
    press(tess, "Keep the scan")
    expect(tess.locator("#feedback")).to_contain_text("The scan is kept")
    expect(tess.get_by_alt_text("Scan 2 of the prescription")).to_be_visible()
    adam.get_by_role("link", name="Query line 1 to prescriber").click()
    expect(adam.get_by_label("What is asked")).to_be_visible()
