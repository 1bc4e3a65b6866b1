"""Without a mouse: from sign-in to a completed entry and a hand-out, and where a scan goes.

Keys are pressed at the pace of a quick hand: faster, and the page takes them for a scanner.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.hands import at_once, label_code, matrix, row, scan
from tests.browser.watch import Watch

from pestle.demo.people import PASSWORD
from pestle.web.store import models

Seat = Callable[[str], Page]
HAND = 45  # milliseconds from key to key
_FOCUS = """() => {
    const at = document.activeElement;
    const ring = look => look.boxShadow !== "none" ||
        (look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0);
    return {on: `${at.tagName} ${at.id} ${at.textContent.trim().slice(0, 60)}`,
            marked: ring(getComputedStyle(at)) || ring(getComputedStyle(at, "::before"))};
}"""


def _story(key: str) -> models.Prescription:
    return models.Prescription.objects.get(order__message__name=f"{key}.json")


def _tab_to(page: Page, name: str, role: str = "button") -> None:
    """Tabs until the focus is on what has this role and name; each stop on the way can be seen."""
    wanted = page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
    for _ in range(120):
        page.keyboard.press("Tab")
        stop = page.evaluate(_FOCUS)
        assert stop["marked"], f"the focus cannot be seen on {stop}"
        if wanted.evaluate_all("all => all.includes(document.activeElement)"):
            return
    pytest.fail(f"no Tab leads to the {role} {name}")


def _type(page: Page, text: str) -> None:
    page.keyboard.type(text, delay=HAND)


def test_from_sign_in_to_an_entry_and_a_hand_out_by_keyboard_alone(
    demo_database: str, live_site: str, new_context: Callable[..., BrowserContext], watch: Watch
) -> None:
    context = new_context(base_url=live_site)
    at_once(context)
    page = context.new_page()
    watch.over(page)
    page.goto("/")
    expect(page.get_by_label("User name")).to_be_focused()
    _type(page, "tess")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    _type(page, PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text("Worklist: Entry")
    first, second = (page.locator("#main [data-open]").nth(at) for at in (0, 1))
    for key, focused in (
        ("j", first),
        ("j", second),
        ("k", first),
        ("ArrowDown", second),
        ("ArrowUp", first),
    ):
        page.keyboard.press(key)
        expect(focused).to_be_focused()
    patel = row(page, "PATEL").locator("[data-open]")
    for at in range(1, page.locator("#main [data-open]").count()):
        if patel.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("j")
        expect(page.locator("#main [data-open]").nth(at)).to_be_focused()
    page.keyboard.press("Enter")

    entry = _story("e08")
    expect(page).to_have_url(f"{live_site}/prescriptions/{entry.pk}/")
    _tab_to(page, "Complete entry of 2 lines")
    page.keyboard.press("Enter")
    expect(page.locator("#feedback")).to_contain_text("PATEL, Hansa (Mrs) done")

    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    _type(page, "Baines")
    page.keyboard.press("Enter")
    bag = _story("r01")
    expect(page.get_by_role("link", name="Open").first).to_be_visible()
    page.goto(f"{live_site}/prescriptions/{bag.pk}/")
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keyboard")
    expect(help_).to_contain_text("Story of this prescription")
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    _tab_to(page, "The patient", "radio")
    page.keyboard.press("Space")
    expect(page.get_by_label("The patient", exact=True)).to_be_checked()
    _tab_to(page, "Hand out 2 lines")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Handed out")).to_be_visible()


@pytest.mark.parametrize(
    ("username", "key"), [("tess", "e08"), ("ruth", "k01"), ("tess", "m06"), ("adam", "a01"), ("tess", "r01")]
)
def test_no_letter_decides_anything(colleague: Seat, username: str, key: str) -> None:
    prescription, page = _story(key), colleague(username)
    posted: list[str] = []
    page.on("request", lambda asked: posted.append(asked.url) if asked.method == "POST" else None)
    # The page's own clock: it waits a moment after a letter, to see whether a scanner is typing.
    page.clock.install()
    page.goto(f"/prescriptions/{prescription.pk}/")
    bound = page.locator("[data-key]")
    assert set(bound.evaluate_all("all => all.map(one => one.tagName)")) == {"A"}
    opens = set(bound.evaluate_all("all => all.map(one => one.dataset.key)"))
    for letter in sorted(set(string.ascii_letters + string.digits) - opens - set("jk")):
        page.keyboard.press(letter)
        page.clock.run_for(200)
    expect(page).to_have_url(re.compile(f"/prescriptions/{prescription.pk}/$"))
    assert posted == []
    step = prescription.step
    prescription.refresh_from_db()
    assert prescription.step == step


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/", "#filter-text"),
        ("/", "#search"),
        ("/patients/", "#filter-text"),
        ("/stock/", "#filter-text"),
        ("/medicines/", "#filter-text"),
        ("/prescriptions/{entry}/", "input[name^=typed-]"),
        ("/prescriptions/{entry}/", "input[name^=quantity-]"),
        ("/messages/", "body"),
    ],
)
def test_a_scan_in_any_field_opens_what_it_is_and_leaves_the_field_clean(
    colleague: Seat, path: str, field: str
) -> None:
    page, labelled = colleague("tess"), _story("m06")
    page.goto(path.format(entry=_story("e08").pk))
    box = page.locator(field).first
    before = ""
    if field != "body":
        before = box.input_value()
        box.focus()
    # What the field holds at the moment in which the scan leaves the page.
    page.evaluate(
        """() => document.addEventListener("submit", () =>
            sessionStorage.setItem("left", document.activeElement.value ?? ""), true)"""
    )
    scan(page, label_code(labelled.pk))
    expect(page).to_have_url(re.compile(rf"/prescriptions/{labelled.pk}/\?line=\d+$"))
    if field != "body":
        assert page.evaluate("() => sessionStorage.getItem('left')") == before
    expect(page.get_by_role("log", name="Scans")).to_be_visible()


def test_a_scan_while_assembling_stays_on_the_page_whatever_has_the_focus(colleague: Seat) -> None:
    page, prescription = colleague("tess"), _story("m02")
    page.goto(f"/prescriptions/{prescription.pk}/")
    page.get_by_role("button", name="Take in hand").focus()
    scan(page, label_code(prescription.pk))
    expect(page.get_by_text("still to pick for line 1")).to_be_visible()
    page.locator("#search").focus()
    scan(page, matrix("A1196"))
    expect(page.locator(".pt-feed__item--refused").first).to_contain_text("equivalence.other-medicine")
    expect(page.locator("#search")).to_have_value("")
    expect(page.locator("#scan-code")).to_have_value("")
    assert page.url.endswith(f"/prescriptions/{prescription.pk}/")
    prescription.refresh_from_db()
    assert prescription.claimed_by is None
