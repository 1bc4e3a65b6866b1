"""A morning of repeats and one of repeat dispensing at a practice, from reception to the prescriber."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.hands import press, row
from tests.web.actions import surgery as practice
from tests.web.actions import test_batches as taking_back
from tests.web.actions import test_requests as asking
from tests.web.actions.bench import MARY
from tests.web.actions.surgery import FUROSEMIDE, Surgery
from tests.web.actions.test_requests import AMLODIPINE

from pestle.demo.people import PIN
from pestle.demo.surgery import SITE_CODE
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.practice.medicines_list import Listed
from pestle.web.store import models, people
from pestle.wire.eps.codes import CancellationOutcome

Seat = Callable[[str], Page]


@pytest.fixture
def surgery(demo_database: str, monkeypatch: pytest.MonkeyPatch) -> Surgery:
    """The demo's practice, at the present time."""
    now = datetime.now(UTC)
    for module in (practice, asking, taking_back):
        monkeypatch.setattr(module, "NOW", now)
    site = models.Site.objects.get(code=SITE_CODE)
    found = {}
    for username in practice.ROLES:
        person = people.person(models.User.objects.get(username=username), site.pk)
        assert person is not None
        found[username] = person
    return Surgery(site, found)


def _on_list(surgery: Surgery, *days_ago: int) -> list[Listed]:
    """Two medicines for the next half year, issued so many days ago: one number each, or all for both."""
    today = datetime.now(UTC).date()
    until = today + timedelta(days=180)
    lines = []
    for at, wanted in enumerate((FUROSEMIDE, AMLODIPINE)):
        line = surgery.on_list(replace(wanted, issues_allowed=13, authorised_until=until, review_by=until))
        listed = models.ListedMedicine.objects.get(pk=line.id)
        for ago in days_ago[at : at + 1] if len(days_ago) == 2 else days_ago:
            models.Issue.objects.create(
                listed=listed, order=listed.order, patient=listed.patient, on=today - timedelta(days=ago),
                days=28, quantity="28", recorded_at=datetime.now(UTC),
            )  # fmt: skip
        lines.append(line)
    return lines


def _space(page: Page) -> None:
    """Ticks what has the focus; a letter that came at once behind it were a scanner's."""
    page.keyboard.press("Space")
    page.wait_for_timeout(100)


def _line(page: Page, medicine: str) -> Locator:
    """The row of a medicine of Mary's; what the checks say of it stands in the next."""
    named = page.get_by_role("rowheader", name=re.compile(medicine, re.IGNORECASE))
    return page.locator("tr[data-item]").filter(has=named).last


def _tick(page: Page, line: Locator) -> None:
    """Down the rows to this one, and ticks it."""
    box = line.locator("[data-open]")
    for _ in range(page.locator("#main [data-item]").count()):
        if box.evaluate("one => one === document.activeElement"):
            break
        before = page.evaluate("() => document.activeElement.id + document.activeElement.name")
        page.keyboard.press("j")
        page.wait_for_function(
            "was => document.activeElement.id + document.activeElement.name !== was", arg=before
        )
    expect(box).to_be_focused()
    _space(page)
    expect(box).to_be_checked()


def _say(page: Page, letter: str, label: str, words: str) -> None:
    """A letter brings the words of a verb into focus; Enter presses the verb beside them."""
    page.keyboard.press(letter)
    field = page.get_by_label(label)
    expect(field).to_be_focused()
    field.fill(words)
    page.keyboard.press("Enter")


def _press(page: Page, letter: str, verb: str) -> None:
    page.keyboard.press(letter)
    expect(page.locator("button:focus")).to_contain_text(verb)
    page.keyboard.press("Enter")


def _told(page: Page, words: str) -> None:
    expect(page.locator("#feedback")).to_contain_text(words)
    page.wait_for_load_state()


def _open_newest(page: Page) -> None:
    """The request that came last, from the list of requests."""
    page.goto("/practice/requests/")
    page.wait_for_load_state()
    page.keyboard.press("k")
    expect(page.locator("#main [data-open]").last).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Request", exact=True)).to_be_visible()
    page.wait_for_load_state()


def _cancel(page: Page, text: str, outcome: CancellationOutcome) -> Locator:
    """Takes one signed item back, and takes in what the service says to it."""
    item = page.locator(".pt-card").filter(has_text=text)
    item.get_by_text("Cancel this item").click()
    item.get_by_label("The service's reason").select_option(label="Prescribing Error")
    press(item, "Make the cancellation message")
    expect(item).to_contain_text("The service has not answered")
    made = models.ItemCancellation.objects.latest("pk")
    item.get_by_label("What the service answered").set_input_files(
        {"name": "answer.json", "mimeType": "application/fhir+json",
         "buffer": taking_back.answer_of(made, outcome)}
    )  # fmt: skip
    press(item, "Take in the answer")
    return item


def test_a_morning_of_repeats(surgery: Surgery, colleague: Seat) -> None:
    patient = surgery.patient().pk
    _on_list(surgery, 25, 10)
    nina, priya, gareth = colleague("nina"), colleague("priya"), colleague("gareth")

    nina.goto("/practice/requests/")
    nina.wait_for_load_state()
    nina.keyboard.press("n")
    field = nina.get_by_label("Name or NHS number")
    expect(field).to_be_focused()
    field.fill(MARY.name.family)
    nina.keyboard.press("Enter")
    nina.get_by_role("button", name=re.compile(MARY.name.family.upper())).click()
    nina.get_by_label("Who asks").select_option(label="the patient")
    nina.get_by_label("Their name").fill("Mary herself, by telephone")
    for medicine in ("furosemide", "amlodipine"):
        nina.get_by_role("checkbox", name=re.compile(medicine)).check()
    nina.get_by_label("Anything else").fill("the cream that she had in spring")
    press(nina, "Write it down")
    _told(nina, "Written down for")

    # The technician, without a mouse: aligned, refused, passed on.
    _open_newest(priya)
    priya.keyboard.press("j")
    expect(_line(priya, "amlodipine").locator("[data-open]")).to_be_focused()
    expect(_line(priya, "amlodipine")).to_contain_text("11 days early")
    priya.keyboard.press("j")
    furosemide = _line(priya, "furosemide").locator("[data-open]")
    expect(furosemide).to_be_focused()
    if not furosemide.is_checked():
        _space(priya)
    priya.keyboard.press("j")
    align = priya.get_by_role("checkbox", name=re.compile("^Align: issue 15 once, for 15 days"))
    expect(align).to_be_focused()
    _space(priya)
    _press(priya, "p", "Prepare what is ticked")
    _told(priya, "1 line done. ")
    _tick(priya, _line(priya, "amlodipine"))
    _say(priya, "r", "Or why it is refused", "eighteen days are left")
    _told(priya, "1 line done. ")
    _tick(priya, _line(priya, "the cream"))
    _say(priya, "o", "Or what the pharmacist or prescriber is asked", "Which cream, and may she have it?")
    _told(priya, "1 line done. Next: ")

    # The question, and back.
    gareth.goto(f"/practice/requests/patients/{patient}/")
    gareth.wait_for_load_state()
    expect(_line(gareth, "the cream")).to_contain_text("Which cream, and may she have it?")
    _tick(gareth, _line(gareth, "the cream"))
    _say(gareth, "t", "Or your answer: it goes back", "An emollient; she is told to buy it")
    _told(gareth, "1 line done. ")
    _open_newest(priya)
    expect(_line(priya, "the cream")).to_contain_text("An emollient; she is told to buy it")
    _tick(priya, _line(priya, "the cream"))
    _say(priya, "r", "Or why it is refused", "bought over the counter; she knows")
    _told(priya, "1 line done. Next: ")

    # The prescriber takes over the terminal by PIN, and signs what she has seen.
    priya.goto("/change-person/")
    priya.get_by_label(re.compile("user name", re.IGNORECASE)).fill("dana")
    priya.get_by_label("PIN", exact=True).fill(PIN)
    press(priya, "Change person")
    expect(priya.locator(".pt-person__who")).to_contain_text("Dana")
    dana = priya
    dana.goto("/practice/to-sign/")
    dana.wait_for_load_state()
    expect(_line(dana, "furosemide")).to_contain_text("15 tablet")
    dana.keyboard.press("k")
    expect(dana.locator("#main [data-open]").last).to_be_focused()
    _space(dana)
    _press(dana, "s", "Sign what is ticked")
    _told(dana, "Signed: 1 prescription")
    made = models.IssuedPrescription.objects.latest("pk")
    signed = row(dana, made.number)
    token = signed.get_by_role("link", name="token (PDF)").get_attribute("href")
    assert token
    assert dana.request.get(token).body().startswith(b"%PDF-")
    signed.get_by_role("link", name="message").click()
    expect(dana.get_by_role("heading", name=re.compile("^Prescription message"))).to_be_visible()

    # It was a mistake: taken back, and the service says that it is.
    dana.goto("/practice/signed/")
    row(dana, made.number).get_by_role("link", name="cancel").click()
    item = _cancel(dana, "Furosemide", CancellationOutcome.CANCELLED)
    _told(dana, "cancelled")
    expect(item.get_by_text("Cancel this item")).to_have_count(0)


def test_a_morning_of_repeat_dispensing(surgery: Surgery, colleague: Seat) -> None:
    patient = surgery.patient().pk
    lines = _on_list(surgery, *range(25, 360, 28))
    warfarin = surgery.on_list(
        replace(FUROSEMIDE, medication=Coded("Warfarin 3mg tablets"), authorised_until=None)
    )
    priya, dana = colleague("priya"), colleague("dana")
    priya.goto("/practice/repeat-dispensing/")
    expect(priya.locator("#main")).to_contain_text("is monitored closely")
    at = f"/practice/repeat-dispensing/{patient}/"
    priya.goto(at)
    expect(_line(priya, "furosemide")).to_contain_text("nothing")
    expect(_line(priya, "warfarin")).to_contain_text("warfarin is monitored closely")
    expect(_line(priya, "warfarin").get_by_role("checkbox")).not_to_be_checked()
    priya.get_by_label("Its ODS code").fill("FZZ01")
    press(priya, "Keep this")
    _told(priya, "Done.")
    priya.get_by_label("Issues in the batch").fill("6")
    priya.get_by_label("How the patient agreed").fill("by telephone this morning")
    priya.keyboard.press("Enter")
    _told(priya, "Done.")
    assert models.ListedMedicine.objects.get(pk=warfarin.id).course == "continuous"

    dana.goto("/practice/to-authorise/")
    dana.wait_for_load_state()
    for name in ("furosemide", "amlodipine"):
        waiting = dana.locator("[data-item]").filter(has_text="agreed: by telephone this morning")
        _tick(dana, waiting.filter(has_text=re.compile(name, re.IGNORECASE)))
    _press(dana, "a", "Authorise what is ticked")
    _told(dana, "Authorised: 2")
    asked = asking.ask(surgery, *(line.id for line in lines))
    asking.step(surgery, "prepare", *asked)
    dana.goto("/practice/to-sign/")
    dana.wait_for_load_state()
    for line in asked:
        _tick(dana, _line(dana, line.text.split()[0]))
    _press(dana, "s", "Sign what is ticked")
    _told(dana, "Signed: 1 prescription")
    expect(row(dana, "6 issues")).to_contain_text("Amlodipine")

    # Cancelled item by item: one is with the pharmacy already, which is telephoned.
    priya.goto(at)
    expect(priya.get_by_text("What was signed cannot be held")).to_be_visible()
    _cancel(priya, "Amlodipine", CancellationOutcome.CANCELLED)
    item = _cancel(priya, "Furosemide", CancellationOutcome.WITH_DISPENSER)
    expect(item).to_contain_text("It is not cancelled: telephone the pharmacy")
    item.get_by_role("link", name="Ask the pharmacy").click()
    priya.get_by_label("What is asked").fill("Do not hand out furosemide: it is stopped")
    priya.get_by_label("Who is asked, by name").fill("High Street Pharmacy")
    press(priya, "Open this query")
    _told(priya, "is open")
