"""A bag that nobody collects goes back to the shelf; who is called away from a form finds it as it was."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.browser.hands import here, open_row, press, row

from pestle.web.store import models

Seat = Callable[[str], Page]
HALF = "Take ONE in the morning, bef"


def test_a_reminder_and_what_may_no_longer_be_supplied_goes_back(colleague: Seat) -> None:
    tess = colleague("tess")
    tess.goto("/not-collected")
    waits = row(tess, "FENWICK", "Remind again")
    waits.get_by_text("Record a reminder").click()
    press(waits, "Record the reminder")
    expect(tess.locator("#main")).to_contain_text("Say how the patient was reminded")
    tess.goto("/not-collected")
    waits.get_by_text("Record a reminder").click()
    waits.get_by_label("How", exact=True).select_option(label="By letter")
    press(waits, "Record the reminder")
    expect(row(tess, "FENWICK", "by letter, Tess Okafor")).to_be_visible()

    # Its last day is past, so it goes back without waiting for the day of all others.
    press(row(tess, "JONES", "Return to stock"), "Return to stock")
    expect(row(tess, "FENWICK", "by letter, Tess Okafor")).to_be_visible()
    expect(tess.locator("[data-item]").filter(has_text="JONES, David")).to_have_count(0)
    gone = models.Prescription.objects.get(order__message__name="r03.json")
    assert (gone.step, gone.closed_because) == ("closed", "not_collected")
    tess.goto(f"/prescriptions/{gone.pk}/")
    expect(tess.locator("#main")).to_contain_text("Closed: not collected, and returned to stock")


def test_who_is_called_away_finds_the_form_as_it_was(colleague: Seat) -> None:
    tess = colleague("tess")
    open_row(tess, "Entry", "PATEL", "azathioprine")
    prescription = here(tess)
    first = tess.locator(".pt-entry").first
    first.get_by_text("These words").click()
    with tess.expect_response(lambda answer: "/draft" in answer.url):
        first.get_by_label("Directions for the label").first.fill(HALF)
    # The telephone rings: another page, another person at another terminal, and back.
    tess.goto("/patients/")
    colleague("leon").goto("/")
    tess.goto(f"/prescriptions/{prescription}/")
    expect(tess.get_by_text("stands in the form again")).to_be_visible()
    expect(tess.locator(".pt-entry").first.get_by_label("Directions for the label").first).to_have_value(HALF)
