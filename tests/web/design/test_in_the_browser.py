"""The look and the hands, in a real Chromium under the site's content security policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.web.design.pages import all_pages
from tests.web.design.site import Served

GS = "\u001d"
PACK = f"01095200001234571728033110CX801{GS}21A1B2C3"
NAMES = list(all_pages())


@pytest.fixture
def screen(page: Page, served: Served) -> Iterator[Page]:
    """A page that may not complain: an error or a refused style fails the test."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    assert not complaints


def go(screen: Page, served: Served, name: str) -> None:
    screen.goto(f"{served.address}/{name}")
    screen.wait_for_function("() => document.body.classList.contains('js-enabled')")


def scan(screen: Page, code: str, end: str = "Enter") -> None:
    """As a wedge scanner types: key after key at once, ASCII 29 as Ctrl+], then Enter.

    The keys are dispatched in the page: a driver's round trip for each would be slower than a scanner.
    Like a real key, each one that nobody prevents is typed into the field that has the focus.
    """
    screen.evaluate(
        """([code, end]) => {
            const press = (options) => {
                const target = document.activeElement ?? document.body;
                const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...options });
                const went = target.dispatchEvent(event);
                const typed = went && options.key.length === 1 && !options.ctrlKey;
                if (typed && 'value' in target && target.tagName !== 'BUTTON') {
                    target.value += options.key;
                    target.dispatchEvent(new Event('input', { bubbles: true }));
                }
                if (went && options.key === 'Enter' && target.matches('button, a')) target.click();
                target.dispatchEvent(new KeyboardEvent('keyup', { bubbles: true, ...options }));
            };
            for (const char of code) {
                if (char === '\\u001d') press({ key: ']', code: 'BracketRight', ctrlKey: true });
                else press({ key: char });
            }
            press({ key: end });
        }""",
        [code, end],
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (820, 1180)])
def test_every_page_is_accessible_and_fits(
    screen: Page, served: Served, axe: Callable[[Page], None], name: str, width: int, height: int
) -> None:
    screen.set_viewport_size({"width": width, "height": height})
    go(screen, served, name)
    axe(screen)
    assert screen.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"


def test_twelve_rows_of_work_are_seen_at_once(screen: Page, served: Served) -> None:
    go(screen, served, "list")
    seen = screen.locator("tbody tr").evaluate_all(
        "rows => rows.filter(row => row.getBoundingClientRect().bottom <= innerHeight).length"
    )
    assert seen >= 12


def test_fingers_find_targets_of_44_px_on_a_tablet(screen: Page, served: Served) -> None:
    screen.set_viewport_size({"width": 820, "height": 1180})
    for name in ("list", "work", "components", "change-person"):
        go(screen, served, name)
        targets = ".pt-button, .pt-open, .pt-sort, .pt-tabs a, .pt-nav a, .pt-people__one"
        small = screen.locator(targets).evaluate_all(
            """all => all.filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 44)
                         .map(one => one.outerHTML)"""
        )
        assert small == []


def test_the_patient_never_scrolls_away(screen: Page, served: Served) -> None:
    screen.set_viewport_size({"width": 820, "height": 500})
    go(screen, served, "work")
    screen.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(screen.get_by_role("heading", name="OKONKWO, Ada (Mrs)")).to_be_in_viewport()
    expect(screen.get_by_text("Penicillin: rash 2011")).to_be_in_viewport()


@pytest.mark.parametrize("focus", ["#search", "#filter-text", "[data-open]", "body"])
def test_a_scan_anywhere_is_posted_and_leaves_no_trace(screen: Page, served: Served, focus: str) -> None:
    go(screen, served, "list")
    if focus != "body":
        screen.locator(focus).first.focus()
    if focus.startswith("#"):
        screen.keyboard.type("war", delay=80)
        screen.wait_for_timeout(100)
        screen.evaluate(
            """focus => document.addEventListener('submit', (event) => {
                if (event.target.id === 'scan-anywhere')
                    sessionStorage.left = document.querySelector(focus).value;
            })""",
            focus,
        )
    with screen.expect_navigation():
        scan(screen, PACK)
    assert [(path, fields["code"]) for path, fields in served.posted] == [("/scan", PACK)]
    assert not any("CX801" in path for path in served.asked)
    if focus.startswith("#"):
        assert screen.evaluate("sessionStorage.left") == "war"


def test_a_scan_goes_to_the_box_and_the_next_one_waits_for_its_key(screen: Page, served: Served) -> None:
    go(screen, served, "components")
    with screen.expect_response("**/scan-pack"):
        scan(screen, PACK)
        scan(screen, "PESTLE:7")
    expect(screen.get_by_label("Scan the next pack")).to_be_visible()
    screen.wait_for_timeout(300)
    sent = [(path, fields["code"], fields["key"][-1]) for path, fields in served.posted]
    assert sent == [("/scan-pack", PACK, "3"), ("/scan-pack", "PESTLE:7", "4")]
    assert screen.url.endswith("/components"), "the page was replaced"
    expect(screen.locator("#live")).to_have_text("Scanned")


def test_typing_by_hand_is_never_a_scan(screen: Page, served: Served) -> None:
    go(screen, served, "list")
    screen.locator("#filter-text").focus()
    screen.keyboard.type("amoxicillin", delay=60)
    assert screen.locator("#filter-text").input_value() == "amoxicillin"
    with screen.expect_navigation():
        screen.keyboard.press("Enter")
    assert [path for path, _ in served.posted] == ["/filter"]


def test_a_scan_presses_no_button_and_works_no_shortcut(screen: Page, served: Served) -> None:
    go(screen, served, "work")
    screen.get_by_role("button", name="Approve lines 1 and 3").focus()
    with screen.expect_navigation():
        scan(screen, f"]d2{GS}q/j?m12 34")
    assert [path for path, _ in served.posted] == ["/scan"]


def test_letters_move_open_and_search_but_never_press(screen: Page, served: Served) -> None:
    go(screen, served, "list")
    screen.keyboard.press("j")
    expect(screen.locator("[data-open]").nth(0)).to_be_focused()
    screen.keyboard.press("j", delay=100)
    expect(screen.locator("[data-open]").nth(1)).to_be_focused()
    screen.keyboard.press("ArrowUp")
    expect(screen.locator("[data-open]").nth(0)).to_be_focused()
    screen.keyboard.press("/")
    expect(screen.locator("#search")).to_be_focused()
    assert screen.locator("#search").input_value() == ""

    go(screen, served, "work")
    for letter in "abcdefghilnoprstuvwxyz0123456789 ":
        screen.keyboard.press(letter)
        screen.wait_for_timeout(70)
    assert served.posted == []
    screen.keyboard.press("q")
    screen.wait_for_function("() => location.hash === '#query'")


def test_help_lists_the_letters_of_the_page(screen: Page, served: Served) -> None:
    go(screen, served, "work")
    screen.keyboard.press("?")
    help_dialog = screen.get_by_role("dialog", name="Keyboard")
    expect(help_dialog).to_contain_text("Query line 2 to prescriber")
    screen.keyboard.press("Escape")
    expect(help_dialog).to_be_hidden()


def test_a_second_press_is_not_sent(screen: Page, served: Served) -> None:
    go(screen, served, "work")
    with screen.expect_navigation():
        screen.get_by_role("button", name="Approve lines 1 and 3").dblclick(no_wait_after=True)
    assert [path for path, _ in served.posted] == ["/approve"]
    assert served.posted[0][1]["key"]


def test_a_list_remembers_its_order_and_no_word(screen: Page, served: Served) -> None:
    go(screen, served, "list")
    screen.evaluate("document.querySelector('a[data-remember]').search = '?sort=due&order=down&text=okonkwo'")
    screen.locator("a[data-remember]").first.click()
    go(screen, served, "list")
    kept = screen.evaluate("JSON.stringify(sessionStorage)")
    assert "sort=due&order=down" in kept
    assert "okonkwo" not in kept
    assert "sort=due" in (screen.locator("[data-remembers=worklist]").get_attribute("href") or "")


def test_on_paper_the_allergies_are_open_and_nothing_can_be_pressed(screen: Page, served: Served) -> None:
    go(screen, served, "work")
    screen.emulate_media(media="print")
    expect(screen.get_by_text("severity moderate")).to_be_visible()
    expect(screen.get_by_text("Printed 09-Jul-2026 11:55 by Tess Okafor")).to_be_visible()
    for button in screen.locator("button").all():
        expect(button).to_be_hidden()


def test_the_session_warns_and_then_the_page_goes(screen: Page, served: Served) -> None:
    screen.clock.install()
    go(screen, served, "work")
    screen.clock.run_for(14 * 60_000 + 5_000)
    expect(screen.get_by_role("dialog", name="Still there?")).to_be_visible()
    asked = served.asked.count("/work")
    with screen.expect_navigation():
        screen.clock.run_for(60_000)
    assert served.asked.count("/work") == asked + 1
