"""A patient's record without a mouse: a wrong file, the right one, a look, and a weight written down."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.browser.test_keyboard import _tab_to, _type

from pestle.demo.patients import patients
from pestle.demo.records import on_record, record_of
from pestle.web.store import models
from pestle.wire.fhir.record.write import write_record
from pestle.wire.fhir.tree import dump

Seat = Callable[[str], Page]


def _choose(page: Page, file: Path) -> None:
    """The file is chosen at the operating system's own window, which no test can reach."""
    page.get_by_label("The patient's record").set_input_files(file)
    _tab_to(page, "Look at this file")
    page.keyboard.press("Enter")


def test_a_record_is_taken_in_and_a_weight_written_by_keyboard_alone(
    demo_database: str, colleague: Seat, tmp_path: Path
) -> None:
    invented = patients(on=date.today())  # noqa: DTZ011
    told = next(one for one in on_record() if one.patient == "hughes")
    theirs = record_of(told, invented["quinn"].patient, on=date.today())  # noqa: DTZ011
    right, wrong, other = (tmp_path / name for name in ("record.json", "letter.pdf", "other.json"))
    right.write_bytes(dump(write_record(theirs, at=theirs.conditions[0].provenance.recorded_at)))  # type: ignore[index]
    wrong.write_bytes(b"%PDF-1.7")
    held = models.RecordImport.objects.exclude(patient__family="Quinn").first()
    assert held is not None
    other.write_bytes(bytes(held.body))
    row = models.Patient.objects.get(family="Quinn")

    page = colleague("tess")
    page.goto(f"/patients/{row.pk}/")
    _tab_to(page, "Record: results, conditions", role="link")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing is on record from elsewhere")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("i")
    expect(page.get_by_role("heading", name="Take in a file")).to_be_visible()

    _choose(page, wrong)
    expect(page.get_by_text("fhir.not-json")).to_be_visible()
    _choose(page, other)
    expect(page.get_by_text("patient.nhs-number-differs")).to_be_visible()
    assert not models.RecordImport.objects.filter(patient=row).exists()

    _choose(page, right)
    expect(page.get_by_role("heading", name="What this file would change")).to_be_visible()
    button = page.get_by_role("button", name=re.compile("Take in [0-9]+ facts"))
    _tab_to(page, button.inner_text())
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("[0-9]+ facts taken in."))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^INR"))).to_contain_text("4.7")

    page.get_by_label("Value", exact=True).focus()
    _type(page, "7250")
    _tab_to(page, "Record this result")
    page.keyboard.press("Enter")
    expect(page.get_by_text("record.implausible")).to_be_visible()
    page.get_by_label("Value", exact=True).focus()
    page.keyboard.press("Control+a")
    _type(page, "72.5")
    _tab_to(page, "Record this result")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The result is on record.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("body weight", re.IGNORECASE))).to_contain_text("72.5 kg")
    page.goto(f"/patients/{row.pk}/record/results/inr")
    expect(page.get_by_role("img")).to_be_visible()
