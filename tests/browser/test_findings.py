"""What the checks found, from one to the next: referred, overridden, lowered by two, replayed, stopped."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.core.management import call_command
from playwright.sync_api import Page, expect
from tests.browser.hands import open_row, press, take_the_charge

from pestle.demo import checks
from pestle.web.store import models

Seat = Callable[[str], Page]
Shot = Callable[[Page, str], None]
REFERRED = "Her daughter says that it was only an upset stomach"
ANSWER = "Spoken with Dr Marsh: upset stomach in 2011, took amoxicillin in May without harm"


def test_a_technician_refers_and_a_pharmacist_overrides(colleague: Seat, shot: Shot) -> None:
    tess, ruth = colleague("tess"), colleague("ruth")
    open_row(tess, "Clinical", "ABBOTT", "amoxicillin")
    expect(tess.locator(".pt-finding--hard-stop")).to_contain_text("recorded allergy to Penicillin")
    expect(tess.get_by_label("Why it may go on")).to_have_count(0)
    tess.get_by_text("Refer to a pharmacist", exact=True).first.click()
    tess.get_by_label("What the pharmacist is to look at").fill(REFERRED)
    press(tess, "Refer to a pharmacist")
    expect(tess.locator("#feedback")).to_contain_text("Referred")

    ruth.goto("/?step=clinical")
    expect(ruth.locator("[data-item]").filter(has_text="ABBOTT").filter(has_text="Referred")).to_have_count(1)
    open_row(ruth, "Clinical", "ABBOTT", "amoxicillin")
    # By the keyboard alone: f leads to the first finding that wants an answer.
    ruth.keyboard.press("f")
    expect(ruth.get_by_label("Why it may go on")).to_be_focused()
    ruth.get_by_label("Why it may go on").fill(ANSWER)
    ruth.get_by_label("What you make of it").fill("I have rung the surgery")
    ruth.get_by_role("radio", name="Approve", exact=True).check()
    shot(ruth, "guides/img/clinical-referred.png")
    press(ruth, "Sign the clinical check of 1 line")
    expect(ruth.locator("#feedback")).to_contain_text("1 approved, 0 refused")

    open_row(tess, "Assemble", "ABBOTT", "amoxicillin")
    side = tess.get_by_role("complementary")
    expect(side).to_contain_text("Went on all the same")
    expect(side).to_contain_text(f"Ruth Evans answered: {ANSWER}")
    expect(side).to_contain_text("I have rung the surgery")


def test_an_allergy_since_the_clinical_check_stops_the_hand_out(colleague: Seat, shot: Shot) -> None:
    tess, ruth = colleague("tess"), colleague("ruth")
    open_row(tess, "Ready", "KHAN", "flucloxacillin")
    expect(tess.get_by_role("heading", name="New since the clinical check")).to_be_visible()
    expect(tess.get_by_role("button", name=re.compile("^Hand out"))).to_have_count(0)
    shot(tess, "guides/img/new-since.png")
    tess.get_by_label("What the pharmacist is to look at").fill("His mother rang about penicillin")
    press(tess, "Refer to a pharmacist")
    open_row(ruth, "Ready", "KHAN", "flucloxacillin")
    press(ruth, "Answer, and let it go on")
    expect(ruth.locator(".pt-refusal").first).to_be_visible()
    ruth.get_by_label("Why it may go on").fill("Took it in March without harm; the rash was chickenpox")
    ruth.get_by_label("What you make of it").fill("Rang her back")
    press(ruth, "Answer, and let it go on")
    expect(ruth.locator("#feedback")).to_contain_text("Answered")
    tess.reload()
    tess.get_by_role("radio", name="The patient", exact=True).check()
    take_the_charge(tess)
    press(tess, "Hand out 1 line")
    expect(tess.get_by_role("heading", name="Handed out")).to_be_visible()


def test_a_hard_stop_is_lowered_with_two_signatures(colleague: Seat, shot: Shot) -> None:
    ruth, samuel = colleague("ruth"), colleague("samuel")
    page = f"/definitions/{checks.LOWERED.definition}/"
    ruth.goto(page)
    expect(ruth.get_by_text("Waits for a second pharmacist")).to_be_visible()
    expect(ruth.get_by_role("button", name="Sign as the second pharmacist")).to_have_count(0)
    samuel.goto(page)
    shot(samuel, "guides/img/definition.png")
    press(samuel, "Sign as the second pharmacist")
    expect(samuel.locator("#feedback")).to_contain_text("Signed")
    expect(samuel.locator("td .pt-tag--done")).to_be_visible()


def test_a_replay_is_begun_run_and_seen(colleague: Seat, shot: Shot) -> None:
    ruth = colleague("ruth")
    ruth.goto(f"/definitions/{checks.REPLAYED}/")
    ruth.get_by_text("Replay it over the past").click()
    today = datetime.now(UTC).date()
    ruth.get_by_label("From", exact=True).fill((today - timedelta(days=60)).isoformat())
    ruth.get_by_label("counted as").select_option("note")
    press(ruth, "Replay")
    expect(ruth.get_by_role("status").first).to_contain_text("Waits for the worker")
    where = ruth.url
    ruth.goto("/definitions/")
    call_command("db_worker", verbosity=0, batch=True, startup_delay=False, interval=0)
    ruth.goto("/replays/")
    expect(ruth.locator("[data-item]").first).to_contain_text("done")
    ruth.goto(where)
    expect(ruth.get_by_text(re.compile(r"\d+ alerts?"))).to_be_visible()
    expect(ruth.locator("#replay")).to_contain_text("As proposed")
    shot(ruth, "guides/img/replay.png")


def test_a_page_that_waits_says_by_itself_when_the_replay_is_done(colleague: Seat) -> None:
    ruth = colleague("ruth")
    ruth.goto(f"/definitions/{checks.REPLAYED}/")
    ruth.get_by_text("Replay it over the past").click()
    press(ruth, "Replay")
    expect(ruth.get_by_role("progressbar")).to_be_visible()
    call_command("db_worker", verbosity=0, batch=True, startup_delay=False, interval=0)
    assert models.Replay.objects.latest("pk").state == "done"
    expect(ruth.get_by_role("status").first).to_contain_text("Done")
    expect(ruth.get_by_role("progressbar")).to_have_count(0)


def test_what_an_earlier_issue_answered_is_folded_away(colleague: Seat, shot: Shot) -> None:
    ruth = colleague("ruth")
    open_row(ruth, "Clinical", "MACDONALD", "ramipril")
    asked = ruth.locator(".pt-finding").filter(has=ruth.get_by_label("Why it may go on"))
    expect(asked.filter(has_text="potassium may rise")).to_have_count(0)
    ruth.get_by_text("Answered before, not asked again (1)").click()
    answered = ruth.locator(".pt-folded .pt-finding").filter(has_text="potassium may rise")
    expect(answered).to_contain_text("Answered on")
    shot(ruth, "guides/img/answered-before.png")
    ruth.goto("/burden/")
    shot(ruth, "guides/img/burden.png")
