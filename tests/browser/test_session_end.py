"""Who leaves, has left: nothing about a patient stays behind on the screen or in the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module

from django.conf import settings
from playwright.sync_api import Page, expect
from tests.browser.hands import press, scan

from pestle.demo.people import PASSWORD, PIN
from pestle.web.store import models

Seat = Callable[[str], Page]
Shot = Callable[[Page, str], None]


def _patients_page(page: Page) -> str:
    patient = models.Patient.objects.get(family="Baines")
    page.goto(f"/patients/{patient.pk}/")
    expect(page.locator("#banner")).to_contain_text("BAINES, Colin (Mr)")
    return page.url


def _idle(page: Page) -> None:
    """Lets the session have been seen longer ago than it may be."""
    cookie = next(one for one in page.context.cookies() if one["name"] == settings.SESSION_COOKIE_NAME)
    session = import_module(settings.SESSION_ENGINE).SessionStore(cookie["value"])
    session["seen"] -= settings.SESSION_IDLE_SECONDS + 1
    session.save()


def test_an_idle_session_has_ended_and_says_so(colleague: Seat) -> None:
    page = colleague("tess")
    address = _patients_page(page)
    _idle(page)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.locator("#main")).to_contain_text("Your session ended")
    expect(page.locator("body")).not_to_contain_text("BAINES")
    page.get_by_label("User name").fill("tess")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")
    expect(page).to_have_url(address)


def test_a_page_left_alone_goes_to_the_door_by_itself(colleague: Seat) -> None:
    page = colleague("tess")
    page.clock.install()
    _patients_page(page)
    lasts = int(page.locator("body").get_attribute("data-session-seconds") or 0)
    assert lasts == settings.SESSION_IDLE_SECONDS
    page.clock.fast_forward((lasts - 30) * 1000)
    page.clock.run_for(1_000)
    expect(page.get_by_role("dialog", name="Still there?")).to_be_visible()
    _idle(page)
    page.clock.fast_forward(31_000)
    page.clock.run_for(2_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_signed_out_is_signed_out_and_going_back_shows_no_patient(colleague: Seat) -> None:
    page = colleague("tess")
    address = _patients_page(page)
    press(page, "Sign out")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.locator("body")).not_to_contain_text("BAINES")
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_wrong_password_is_said_and_the_name_stays(colleague: Seat, shot: Shot) -> None:
    page = colleague("tess")
    page.context.clear_cookies()
    page.goto("/")
    shot(page, "guides/img/sign-in.png")
    page.get_by_label("User name").fill("tess")
    page.get_by_label("Password", exact=True).fill("not this one")
    press(page, "Sign in")
    expect(page.locator(".pt-refusal")).to_contain_text("You are not signed in")
    expect(page.get_by_label("User name")).to_have_value("tess")


def test_another_person_takes_over_the_terminal_with_badge_and_pin(colleague: Seat, shot: Shot) -> None:
    page = colleague("tess")
    page.goto("/")
    page.get_by_role("link", name="Change person").click()
    shot(page, "guides/img/change-person.png")
    page.get_by_label(re.compile("Adam Patel")).check()
    page.get_by_label("PIN", exact=True).fill("1111")
    press(page, "Change person")
    expect(page.locator(".pt-refusal")).to_contain_text("The PIN is wrong")
    page.get_by_label("PIN", exact=True).fill(PIN)
    press(page, "Change person")
    expect(page.locator(".pt-person__who")).to_contain_text("Adam Patel")
    expect(page.get_by_role("heading", level=1)).to_have_text("Worklist: Accuracy check")
    page.get_by_role("link", name="Change person").click()
    scan(page, "NOBODY-HERE-42")
    expect(page.locator(".pt-refusal")).to_contain_text("Nobody here has this badge")
