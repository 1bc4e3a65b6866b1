"""Two people at one prescription, and one person who presses twice: one act, and everybody is told."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.browser.hands import open_row, press, row

from pestle.web.store import models

Seat = Callable[[str], Page]
Shot = Callable[[Page, str], None]


def _story(key: str) -> models.Prescription:
    return models.Prescription.objects.get(order__message__name=f"{key}.json")


def _events(action: str, prescription: models.Prescription) -> list[models.AuditEvent]:
    subject = f"prescription:{prescription.pk}"
    return list(models.AuditEvent.objects.filter(action=action, subject=subject))


def test_of_two_who_press_the_same_button_one_wins_and_the_other_is_told_by_whom(colleague: Seat) -> None:
    prescription = _story("e08")
    tess, leon = colleague("tess"), colleague("leon")
    for page in (tess, leon):
        page.goto(f"/prescriptions/{prescription.pk}/")
    press(tess, "Complete entry of 2 lines")
    expect(tess.locator("#feedback")).to_contain_text("PATEL, Hansa (Mrs) done")
    press(leon, "Complete entry of 2 lines")
    told = leon.locator(".pt-refusal")
    expect(told).to_contain_text("Tess Okafor")
    expect(told).to_be_focused()
    # The page under the refusal is already the new one.
    expect(leon.get_by_role("heading", level=1)).to_contain_text("Clinical")
    assert [event.person_name for event in _events("dispensary.complete_entry", prescription)] == [
        "Tess Okafor"
    ]


def test_what_was_typed_is_kept_when_somebody_else_was_quicker(colleague: Seat) -> None:
    prescription = _story("a02")
    adam, ruth = colleague("adam"), colleague("ruth")
    for page in (adam, ruth):
        page.goto(f"/prescriptions/{prescription.pk}/")
    ruth.get_by_label("What is wrong", exact=True).fill("One strip short")
    press(ruth, "Send back to assembly")
    expect(ruth.locator("#feedback")).to_contain_text("sent back to be assembled again")
    press(adam, "Pass 2 lines")
    expect(adam.locator(".pt-refusal")).to_contain_text("Ruth Evans")
    prescription.refresh_from_db()
    assert prescription.step == "assemble"
    assert _events("dispensary.pass_accuracy", prescription) == []


def test_a_double_click_on_the_decision_is_one_act(colleague: Seat) -> None:
    prescription = _story("a01")
    adam = colleague("adam")
    adam.goto(f"/prescriptions/{prescription.pk}/")
    adam.get_by_role("button", name="Pass 1 line").dblclick()
    expect(adam.locator("#feedback")).to_contain_text("is ready to be handed out")
    expect(adam.locator(".pt-refusal")).to_have_count(0)
    assert len(_events("dispensary.pass_accuracy", prescription)) == 1


def test_two_presses_that_both_reach_the_server_are_one_act(colleague: Seat) -> None:
    prescription = _story("a03")
    adam = colleague("adam")
    adam.goto(f"/prescriptions/{prescription.pk}/")
    # The same form twice, past everything that the page does to prevent it.
    answers = adam.evaluate(
        """() => {
            const form = document.querySelector("input[value=pass]").form;
            const send = () => fetch(form.action, {method: "POST", body: new FormData(form)});
            return Promise.all([send(), send()]).then(all => all.map(one => one.status));
        }"""
    )
    assert answers == [200, 200]
    assert len(_events("dispensary.pass_accuracy", prescription)) == 1


def test_going_back_and_pressing_again_does_nothing_twice(colleague: Seat) -> None:
    prescription = _story("r01")
    tess = colleague("tess")
    tess.goto(f"/prescriptions/{prescription.pk}/")
    tess.get_by_label("The patient", exact=True).check()
    press(tess, "Hand out 2 lines")
    expect(tess.get_by_role("heading", name="Handed out")).to_be_visible()
    tess.go_back()
    # Kept by no cache: what comes back is the prescription as it stands, with nothing left to press.
    expect(tess.get_by_role("heading", name="Handed out")).to_be_visible()
    tess.reload()
    expect(tess.get_by_role("button", name=re.compile("^Hand out"))).to_have_count(0)
    assert len(_events("dispensary.hand_out", prescription)) == 1
    assert models.HandOut.objects.filter(prescription=prescription).count() == 1


def test_a_prescription_in_hand_says_who_has_it(colleague: Seat, shot: Shot) -> None:
    tess, leon = colleague("tess"), colleague("leon")
    open_row(leon, "Entry", "KOWALSKA")
    press(leon, "Take in hand")
    expect(leon.locator(".pt-claim")).to_contain_text("You are entering this")
    tess.goto("/?step=entry")
    expect(row(tess, "KOWALSKA")).to_contain_text("Leon Brandt")
    row(tess, "KOWALSKA").get_by_role("link", name=re.compile("^Open")).click()
    expect(tess.locator(".pt-claim")).to_contain_text("Leon Brandt is entering this")
    expect(tess.locator("#main .pt-not-now")).to_contain_text("Leon Brandt")
    expect(tess.get_by_role("button", name=re.compile("^Complete entry"))).to_have_count(0)
    shot(tess, "guides/img/in-hand.png")
    press(leon, "Hand back")
    tess.reload()
    expect(tess.get_by_role("button", name=re.compile("^Complete entry"))).to_be_visible()
