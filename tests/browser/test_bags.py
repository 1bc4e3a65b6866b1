"""A bag finds its shelf by two scans, the telephone says where, a round delivers one and brings one back."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.browser.hands import press, row, scan

from pestle.web.store import bags, models

Seat = Callable[[str], Page]


def _bag(story: str) -> int:
    found = models.Prescription.objects.get(order__message__name=f"{story}.json").pk
    return int(bags.of_prescriptions([found])[found].bag.pk)


def _scan(page: Page, code: str, says: str) -> None:
    scan(page, code)
    expect(page.locator("#main")).to_contain_text(says)
    page.wait_for_load_state()


def test_from_the_shelf_to_the_door(colleague: Seat) -> None:
    tess = colleague("tess")
    tess.goto("/")
    tess.wait_for_load_state()
    _scan(tess, f"PESTLE:BAG:{_bag('r02')}", "Bag of KOWALSKA")
    _scan(tess, f"PESTLE:SHELF:{models.BagShelf.objects.get(name='A9').pk}", "Bag on A9")
    tess.keyboard.press("/")
    tess.locator("#search").fill("kowalska")
    tess.keyboard.press("Enter")
    expect(row(tess, "KOWALSKA, Agnieszka", "1 ready")).to_contain_text("1 ready, shelf A9")

    tess.goto("/rounds/")
    tess.get_by_label("Driver").fill("Sam Invented")
    press(tess, "Begin the round")
    expect(tess.get_by_role("heading", name="Round of Sam Invented")).to_be_visible()
    tess.wait_for_load_state()
    _scan(tess, f"PESTLE:BAG:{_bag('r01')}", "BAINES, Colin")
    press(tess, "Send off 1 stop")
    expect(tess.locator("#feedback")).to_contain_text("The round has left")
    row(tess, "BAINES").get_by_role("link", name="Record").click()
    tess.get_by_label("Somebody who lives there").check()
    press(tess, "Record the delivery")
    expect(tess.locator(".pt-refusal")).to_contain_text("Say who, by name")
    tess.get_by_label("Name, or the place").fill("Ada Baines")
    press(tess, "Record the delivery")
    expect(tess.locator("#feedback")).to_contain_text("delivered, and handed out")
    press(tess, "Close the round")
    expect(tess.locator("#feedback")).to_contain_text("The round is closed")

    tess.goto("/rounds/")
    row(tess, "Jo Invented").get_by_role("link", name="Open").click()
    row(tess, "GREEN").get_by_role("link", name="Record").click()
    tess.get_by_text("It was not delivered").click()
    tess.locator("#failed").select_option(label="Nobody answered")
    press(tess, "It comes back")
    expect(tess.locator("#main")).to_contain_text("lie on no shelf yet: CHOWDHURY")
    given = models.HandOut.objects.get(prescription__order__message__name="r01.json")
    assert (given.collector, given.collector_name) == ("delivered", "Sam Invented")
