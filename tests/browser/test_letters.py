"""A letter at the practice: settled by a technician from the keyboard, a question to the pharmacist and
back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.browser.hands import press
from tests.web.actions import surgery as practice
from tests.web.actions import test_letters as made

from pestle.web.store import models

Seat = Callable[[str], Page]
Shot = Callable[[Page, str], None]


@pytest.fixture
def letter(database: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """A discharge letter of an hour ago: two lines as on the list, one increased, one new, one left out."""
    now = timezone.now() - timedelta(hours=1)
    for module in (practice, made):
        monkeypatch.setattr(module, "NOW", now)
    monkeypatch.setattr(made, "DAY", now.date())
    surgery = made.with_list(made.WARFARIN)
    return made.taken_in(surgery)


def test_a_letter_is_settled_from_the_keyboard_and_a_question_comes_back(
    letter: int, colleague: Seat, shot: Shot
) -> None:
    priya, gareth = colleague("priya"), colleague("gareth")
    priya.goto("/practice/letters/")
    keys, rows = priya.keyboard, priya.locator("#main [data-item]")
    keys.press("j")
    expect(rows.first.locator("[data-open]")).to_be_focused()
    keys.press("Enter")
    expect(priya.get_by_role("heading", name="Discharge, Ashcombe General")).to_be_visible()
    priya.wait_for_load_state()
    expect(priya.locator("#main")).to_contain_text("5 left")
    shot(priya, "guides/img/letter.png")

    # All unchanged in one step: the letter brings the button into focus, Enter presses it.
    keys.press("a")
    expect(priya.get_by_role("button", name=re.compile("Settle 1 unchanged"))).to_be_focused()
    keys.press("Enter")
    expect(priya.locator("#feedback")).to_contain_text("1 settled; 4 left")
    priya.wait_for_load_state()

    # Down the rows: what the list has and the letter does not, and a high-risk start, are asked.
    for at, (choice, outcome) in enumerate((("q", "query"), ("q", "query"), ("d", "dose"), ("n", "started"))):
        keys.press("j")
        expect(rows.nth(at).locator("[data-open]")).to_be_focused()
        keys.press(choice)
        expect(rows.nth(at).get_by_role("radio", name=re.compile(outcome))).to_be_checked()
    keys.press("Enter")
    expect(priya.get_by_role("heading", name="Letters")).to_be_visible()
    expect(priya.locator("#feedback")).to_contain_text("4 settled; 2 left, 2 of them with the pharmacist")
    lists = set(models.ListedMedicine.objects.exclude(status="ended").values_list("text", flat=True))
    assert {"Ramipril 5mg capsules", "Zopiclone 7.5mg tablets", "Warfarin 3mg tablets"} <= lists

    gareth.goto("/practice/letters/?show=questions")
    expect(gareth.locator("#main")).to_contain_text("The letter does not mention it")
    gareth.get_by_role("link", name=re.compile("^Decide about Warfarin")).click()
    expect(gareth.get_by_text("Asked of the pharmacist")).to_be_visible()
    shot(gareth, "guides/img/letter-question.png")
    warfarin = gareth.locator("[data-item]").filter(has_text="Warfarin")
    warfarin.get_by_role("radio", name="stopped").check()
    warfarin.get_by_text("Reason, directions, product, severity").click()
    warfarin.get_by_label("Reason, or what you ask").fill("Apixaban instead; the ward confirms")
    gareth.locator("[data-item]").filter(has_text="Apixaban").get_by_role("radio", name="started").check()
    press(gareth, "Settle what is chosen")
    expect(gareth.locator("#feedback")).to_contain_text("2 settled; 0 left")

    priya.goto(f"/practice/letters/{letter}/")
    expect(priya.locator("#main")).to_contain_text("Apixaban instead; the ward confirms")
    expect(priya.get_by_role("link", name="Letter to the patient (PDF)")).to_be_visible()
    ended = models.ListedMedicine.objects.get(text="Warfarin 3mg tablets")
    assert (ended.status, models.LetterStanding.objects.get().state) == ("ended", "settled")
