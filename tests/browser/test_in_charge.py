"""A badge changes the person where they stand; a lone pharmacist leaves, and nothing is handed out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from playwright.sync_api import Page, expect
from tests.browser.hands import press, scan

from pestle.demo.people import staff
from pestle.web.actions import people as actions
from pestle.web.store import models, people

Seat = Callable[[str], Page]
Shot = Callable[[Page, str], None]
SECRET = "browser-badge-secret"


def test_a_badge_changes_the_person_and_an_absence_stops_the_hand_out(
    demo_database: str, colleague: Seat, shot: Shot
) -> None:
    pharmacist = staff(models.Site.objects.get(code="FZZ01")).pharmacist
    actions.make_badge(by=pharmacist, now=datetime.now(UTC), key="badge", digest=people.badge_digest(SECRET))
    row = models.Prescription.objects.get(order__message__name="r07.json")
    bag, page = f"/prescriptions/{row.pk}/", colleague("tess")
    page.goto(bag)
    expect(page.get_by_role("button", name="Hand out 4 lines")).to_be_visible()
    scan(page, f"]d1{people.BADGE}{SECRET}")
    expect(page.locator(".pt-person__who")).to_contain_text("Ruth Evans")
    assert page.url.endswith(bag)

    page.get_by_role("link", name="RP Evans").click()
    press(page, "Leave the premises")
    expect(page.locator(".pt-refusal")).to_contain_text("Say that you can be reached")
    page.get_by_label("I can be reached, and return with reasonable promptness").check()
    press(page, "Leave the premises")
    expect(page.locator("#feedback")).to_contain_text("Your absence is on record")
    shot(page, "guides/img/responsible-absent.png")

    tess = colleague("tess")
    tess.goto(bag)
    expect(tess.locator(".pt-header")).to_contain_text("RP absent")
    expect(tess.locator("#main .pt-not-now")).to_contain_text(
        "Ruth Evans, the responsible pharmacist, is absent"
    )
    press(page, "I am back")
    tess.reload()
    tess.get_by_label("The patient", exact=True).check()
    press(tess, "Hand out 4 lines")
    expect(tess.get_by_role("heading", name="Handed out")).to_be_visible()
