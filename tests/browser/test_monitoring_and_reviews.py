"""A morning at a practice: a late test, a short issue, and a structured review, by two people."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from playwright.sync_api import Page, expect
from tests.browser.hands import press

from pestle.demo.messages import name_id
from pestle.demo.surgery import SITE_CODE
from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.people import Person
from pestle.pharmacy.practice.change import Wanted, new
from pestle.pharmacy.record.medication import CourseOfTherapy
from pestle.pharmacy.record.moment import whole
from pestle.pharmacy.record.patient import Gender, Name, Patient
from pestle.web.actions import facts, medication_list
from pestle.web.jobs.monitoring import work_out
from pestle.web.store import models, patients, people

Seat = Callable[[str], Page]


def _late(site: models.Site, by: Person, now: datetime) -> models.Patient:
    """Somebody on methotrexate for years whose blood was last counted half a year ago."""
    who = Patient(Name("Winterbourne", ("Agnes",)), date(1951, 4, 2), Gender.FEMALE)
    row, _ = patients.find_or_make(site.pk, who)
    wanted = Wanted(
        Coded("Methotrexate 2.5mg tablets"), CourseOfTherapy.REPEAT,
        Dosage((DosageStep(text="Take six tablets once a week on Monday"),)), days_supply=Decimal(28),
        starts=whole(date(2021, 3, 1)), issues_allowed=6,
    )  # fmt: skip
    medication_list.apply(
        by=by,
        now=now,
        key=name_id("late"),
        patient_id=row.pk,
        changes=[new(wanted, "from the clinic letter")],
    )
    facts.record_result(
        by=by, now=now, key=name_id("blood"), patient_id=row.pk, kind="haemoglobin", value="128", unit="g/L",
        taken=(now - timedelta(days=180)).date().isoformat(), told_by="the laboratory",
    )  # fmt: skip
    work_out(models.Patient.objects.select_related("site").get(pk=row.pk), now=now)
    return row


def test_a_morning_of_monitoring_and_a_review(demo_database: str, colleague: Seat) -> None:
    site, now = models.Site.objects.get(code=SITE_CODE), datetime.now(UTC)
    priya_ = people.person(models.User.objects.get(username="priya"), site.pk)
    assert priya_ is not None
    row = _late(site, priya_, now)
    priya, gareth = colleague("priya"), colleague("gareth")

    # The technician finds her, though the name is heard a little wrong, and opens her by the keyboard.
    priya.goto("/practice/monitoring/?show=all")
    priya.get_by_label("Name or NHS number").fill("winterborn")
    press(priya, "Show")
    expect(priya.locator("#main")).to_contain_text("these are spelt like it")
    priya.wait_for_load_state()
    priya.keyboard.press("j")
    expect(priya.get_by_role("link", name="WINTERBOURNE, Agnes")).to_be_focused()
    priya.keyboard.press("Enter")
    expect(priya.locator("#main")).to_contain_text("Tests, the strictest rule of all medicines")
    expect(priya.locator("#main")).to_contain_text(re.compile("full blood count.*Overdue", re.DOTALL))
    priya.get_by_role("button", name=re.compile("^Request 3 tests")).click()
    expect(priya.locator("#feedback")).to_contain_text("on the list to be requested")
    priya.get_by_label("How", exact=True).select_option(label="Letter")
    press(priya, "Invite")
    expect(priya.locator("#feedback")).to_contain_text("The invitation is made")
    priya.get_by_label("A short issue of").select_option(label="Methotrexate 2.5mg tablets")
    priya.locator("#propose-reason").fill("invited, and has not come")
    press(priya, "Propose a short issue")
    expect(priya.locator("#feedback")).to_contain_text("a pharmacist or prescriber decides")
    expect(priya.get_by_role("button", name="Decide the issue")).to_have_count(0)

    # The pharmacist decides.
    gareth.goto(f"/practice/monitoring/patients/{row.pk}/")
    gareth.get_by_label("Decision").select_option(label="A short issue")
    press(gareth, "Decide the issue")
    expect(gareth.locator(".pt-side")).to_contain_text("A short issue of 14 days")

    # The technician prepares the pack of a structured review; the pharmacist decides its line.
    priya.goto(f"/practice/reviews/patients/{row.pk}/")
    priya.get_by_label("Which").select_option(label="Structured medication review")
    priya.locator("#owner").select_option(label="Gareth Hughes, pharmacist")
    press(priya, "Plan it")
    expect(priya.get_by_role("heading", name="Structured medication review", exact=True)).to_be_visible()
    priya.get_by_label("Is everything taken as it is prescribed?").select_option(label="Mostly")
    priya.get_by_label("A fall, dizziness on standing, or confusion in the last year?").select_option(
        label="No"
    )
    press(priya, "Prepare the pack")
    expect(priya.locator("#feedback")).to_contain_text("The pack is prepared")
    expect(priya.get_by_role("button", name="Keep these decisions")).to_have_count(0)
    gareth.goto(priya.url)
    gareth.get_by_label("Decision on Methotrexate 2.5mg tablets").select_option(label="Query")
    gareth.get_by_label("What and why, Methotrexate 2.5mg tablets").fill("Is folic acid taken?")
    press(gareth, "Keep these decisions")
    expect(gareth.locator("#feedback")).to_contain_text("Decided")
    press(gareth, "Complete the review")
    expect(gareth.locator("#feedback")).to_contain_text("Completed. 1 task came of it.")
