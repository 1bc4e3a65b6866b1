"""A measure finds people; they go to the worklist once, one is seen to, and the next run says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from playwright.sync_api import Page, expect
from tests.browser.hands import press

from pestle.demo.surgery import SITE_CODE
from pestle.web.actions import facts
from pestle.web.jobs import measures as job
from pestle.web.store import models, people

Seat = Callable[[str], Page]
Shot = Callable[[Page, str], None]
NAME, MEASURE = "gap_clearance", "A medicine dosed by kidneys without what a clearance needs"


def _measured(patient: models.Patient) -> None:
    """What was missing comes from the laboratory, and from the scales."""
    by = people.person(models.User.objects.get(username="priya"), patient.site_id)
    assert by is not None
    now = datetime.now(UTC)
    for kind, value, unit in (("creatinine", "96", "micromol/L"), ("body_weight", "71", "kg")):
        facts.record_result(
            by=by, now=now, key=f"measured {kind}", patient_id=patient.pk, kind=kind, value=value, unit=unit,
            taken=now.date().isoformat(), told_by="the laboratory",
        )  # fmt: skip


def test_found_sent_once_seen_to_and_resolved(demo_database: str, colleague: Seat, shot: Shot) -> None:
    found = models.MeasureResult.objects.filter(site__code=SITE_CODE, measure=NAME).latest("on").found
    assert found > 5
    priya = colleague("priya")
    priya.goto("/measures/?group=Data quality")
    priya.get_by_role("link", name=MEASURE).click()
    expect(priya.locator("#main")).to_contain_text(f"{found} found of")
    priya.wait_for_load_state()
    shot(priya, "guides/img/measure.png")
    send = priya.get_by_role("button", name=f"Send all {found} to the worklist", exact=True)
    priya.keyboard.press("s")
    expect(send).to_be_focused()
    priya.keyboard.press("Enter")
    expect(priya.locator("#feedback")).to_contain_text(f"{found} sent to the worklist")
    expect(priya.locator("#main tbody tr")).to_have_count(found)
    priya.get_by_role("link", name="Open task").first.click()
    expect(priya.locator("#main")).to_contain_text("Apixaban")
    priya.get_by_role("textbox", name="What was done").fill("Blood taken and weighed today")
    press(priya, "Done")
    expect(priya.locator("#feedback")).to_contain_text("Next:")
    done = models.PatientTask.objects.get(standing__state="done", origin=f"measure:{NAME}")
    _measured(done.patient)

    priya.goto(f"/measures/{NAME}/")
    press(priya, f"Send all {found} to the worklist")
    expect(priya.locator("#feedback")).to_contain_text(f"{found - 1} were on it already")
    press(priya, "Ask again now")
    expect(priya.get_by_role("status").filter(has_text="Waits for the worker")).to_be_visible()
    job.run_measures.func(models.MeasureRun.objects.latest("pk").pk)
    expect(priya.get_by_role("status").filter(has_text="Done")).to_be_visible()
    priya.get_by_role("link", name=MEASURE).click()
    priya.get_by_role("link", name=re.compile("^Resolved")).click()
    expect(priya.locator("#main tbody tr").first).to_contain_text(done.patient.family.upper())
    expect(priya.locator("#main tbody tr").first).to_contain_text("Resolved")
