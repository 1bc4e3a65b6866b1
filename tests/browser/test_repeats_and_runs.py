"""By keyboard: a run of labels from the list of Assemble, and what is asked before an issue goes."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.browser.hands import open_row, press, row

from pestle.web.jobs import label_run as job
from pestle.web.store import models

Seat = Callable[[str], Page]


def test_a_label_run_and_an_issue_that_is_asked_about(colleague: Seat) -> None:
    tess = colleague("tess")
    tess.goto("/?step=assemble")
    expect(tess.get_by_role("link", name="Label run")).to_be_visible()
    tess.wait_for_load_state()
    tess.keyboard.press("r")
    button = tess.get_by_role("button", name="Print the labels of")
    expect(button).to_be_visible()
    expect(tess.locator("#main")).to_contain_text("Labelled by hand")
    tess.wait_for_load_state()
    button.focus()
    tess.keyboard.press("Enter")
    expect(tess.get_by_role("status").filter(has_text="Under way")).to_be_visible()
    run = models.LabelRun.objects.get()
    job.run_labels.func(run.parts.get().pk)
    expect(tess.get_by_role("status").filter(has_text="Done")).to_be_visible()
    link = tess.get_by_role("link", name="(PDF)").get_attribute("href")
    assert link
    assert tess.request.get(link).body().startswith(b"%PDF-")
    assert not models.LabelRunItem.objects.filter(labels=[]).exists()

    tess.goto("/repeats/")
    expect(row(tess, "EDWARDS", "issue 2 of 6")).to_be_visible()
    open_row(tess, "Ready", "FENWICK", "levothyroxine")
    expect(tess.locator("#repeat")).to_contain_text("Not asked yet")
    questions = tess.locator("#repeat-form")
    questions.get_by_role("radio", name="Yes").first.check()
    for number in range(1, 5):
        questions.get_by_role("radio", name="No").nth(number).check()
    press(tess, "Record the answers")
    expect(tess.locator(".pt-refusal")).to_contain_text("Say who answered")
    questions.get_by_role("radio", name="The patient", exact=True).check()
    press(tess, "Record the answers")
    expect(tess.locator("#repeat")).to_contain_text("Tess Okafor")
