"""What hands do at a pharmacy's computer: sign in, scan, open a row, press a verb."""

from __future__ import annotations

import re
import time

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Locator, Page, expect

from pestle.demo import drive
from pestle.demo.people import PASSWORD
from pestle.web.store import models

GS = "\x1d"
# How fast a wedge scanner sends its keys. The moments are told to the browser, so that a busy machine changes
# nothing about them.
_KEY_SECONDS = 0.004
_CTRL = 2


def signed_in(context: BrowserContext, username: str, site: str) -> None:
    """Gives a browser the session of somebody who has signed in."""
    client = Client()
    client.force_login(
        models.User.objects.get(username=username), backend=settings.AUTHENTICATION_BACKENDS[0]
    )
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])


def at_once(context: BrowserContext) -> None:
    """Waits in this browser are short: what does not appear in ten seconds does not appear."""
    context.set_default_timeout(10_000)


def sign_in(page: Page, username: str) -> None:
    """Signs in at the door, as everybody does in the morning."""
    page.goto("/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")
    expect(page.locator(".pt-person__who")).to_be_visible()


def press(page: Page | Locator, verb: str) -> None:
    """Presses the button that says this, and nothing else."""
    page.get_by_role("button", name=verb, exact=True).click()


def take_the_charge(page: Page) -> None:
    """Answers at the hand-out that the patient pays the prescription charge."""
    page.get_by_label("Pays, or why not").select_option(label="Pays the charge")
    page.get_by_label("By the patient", exact=True).check()


def row(page: Page, *words: str) -> Locator:
    """The one row of a list that has all these words."""
    found = page.locator("[data-item]")
    for word in words:
        found = found.filter(has_text=word)
    expect(found).to_have_count(1)
    return found


def open_row(page: Page, step: str, *words: str) -> None:
    """Opens, from the worklist, the prescription that waits at a step and has these words in its row."""
    page.goto("/")
    page.get_by_role("navigation", name="Steps").get_by_role("link", name=re.compile(f"^{step}")).click()
    row(page, *words).get_by_role("link", name=re.compile("^Open")).click()
    expect(page.locator(".pt-steps")).to_be_visible()
    page.wait_for_load_state()  # keys and scans are heard from here on


def scan(page: Page, code: str) -> None:
    """What a keyboard-wedge scanner does: each character as a key, ASCII 29 as Ctrl+], then Enter."""
    keyboard = page.context.new_cdp_session(page)
    at = time.time()

    def key(kind: str, **more: object) -> None:
        keyboard.send("Input.dispatchKeyEvent", {"type": kind, "timestamp": at, **more})

    for character in code:
        at += _KEY_SECONDS
        if character == GS:
            key("rawKeyDown", key="]", code="BracketRight", modifiers=_CTRL)
            key("keyUp", key="]", code="BracketRight", modifiers=_CTRL)
        else:
            key("keyDown", key=character, text=character)
            key("keyUp", key=character)
    at += _KEY_SECONDS
    key("keyDown", key="Enter", code="Enter", text="\r", windowsVirtualKeyCode=13)
    keyboard.detach()


def scanned(page: Page, words: str) -> Locator:
    """Waits until the newest scan on the page says this."""
    newest = page.locator(".pt-feed__item").first
    expect(newest).to_contain_text(words)
    return newest


def batch(number: str) -> models.Batch:
    """A batch by its number."""
    return models.Batch.objects.get(number=number)


def matrix(number: str, serial: str = "7K29F1") -> str:
    """The DataMatrix of a pack of a batch, with a serial number behind a separator, as a scanner sends it."""
    return f"]d2{drive.element_string(batch(number))}{GS}21{serial}"


def label_code(prescription: int, place: int = 1) -> str:
    """What stands in the code of the first label of a line."""
    label = models.Label.objects.filter(line__prescription=prescription, line__place=place).latest("pk")
    return f"PESTLE:L:{label.code}"


def here(page: Page) -> int:
    """The number, in the address, of the prescription that the page shows."""
    found = re.search(r"/prescriptions/(\d+)/", page.url)
    assert found, page.url
    return int(found.group(1))
