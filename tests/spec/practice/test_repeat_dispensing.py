"""Which lines suit repeat dispensing, and which reason stands in the way of the others?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.spec.practice.test_medicines_list import AMLODIPINE, TODAY, line

from pestle import definitions
from pestle.pharmacy.dosage.dose import AsNeeded, Coded, Dosage, DosageStep
from pestle.pharmacy.medicines.concept import ControlledDrugCategory, Ingredient, Level, Product
from pestle.pharmacy.practice.medicines_list import Listed, Standing
from pestle.pharmacy.practice.repeat_dispensing import (
    judge,
    most_issues,
    nomination,
    read_suitability,
)
from pestle.pharmacy.practice.repeats import Supply
from pestle.pharmacy.record.medication import CourseOfTherapy, Medication

RULES = read_suitability(definitions.folder("suitability") / "repeat_dispensing.yaml")
MONTHLY = [Supply(TODAY - timedelta(days=28 * back), Decimal(28)) for back in range(6, -1, -1)]
UNKNOWN = "schedule-unknown"
NEEDED = Dosage((DosageStep(text="One when required", as_needed=AsNeeded()),))

# a line, its issues -> why not, beside that its schedule is not known
LINES: list[tuple[Listed, list[Supply], list[str]]] = [
    (line(), MONTHLY, []),
    (line(), MONTHLY[:3], ["not-stable"]),
    (line(), [replace(one, days=None) for one in MONTHLY], ["days-unknown"]),
    (line(replace(AMLODIPINE, medication=Coded("Lithium carbonate 250mg tablets"))), MONTHLY, ["monitored"]),
    (line(replace(AMLODIPINE, dosage=NEEDED)), MONTHLY, ["as-needed"]),
    (line(replace(AMLODIPINE, review_by=date(2026, 11, 1))), MONTHLY, ["review"]),
    (line(replace(AMLODIPINE, review_by=None)), MONTHLY, ["review-unknown"]),
    (line(replace(AMLODIPINE, course=CourseOfTherapy.ACUTE)), MONTHLY, ["acute"]),
]


@pytest.mark.parametrize(("held", "issues", "why"), LINES)
def test_why_not(held: Listed, issues: list[Supply], why: list[str]) -> None:
    found = [one.rule for one in judge(RULES, held, issues, on=TODAY).reasons]
    assert [rule for rule in found if rule != UNKNOWN] == why
    assert UNKNOWN in found, "no product was matched"


def test_what_is_not_issued_or_is_one_already_has_that_reason_alone() -> None:
    batch = line(replace(AMLODIPINE, course=CourseOfTherapy.REPEAT_DISPENSING))
    assert [one.rule for one in judge(RULES, batch, MONTHLY, on=TODAY).reasons] == ["already"]
    prepared = line(standing=Standing.PREPARED)
    assert [one.rule for one in judge(RULES, prepared, MONTHLY, on=TODAY).reasons] == ["not-issued"]


def test_a_batch_lasts_a_year_and_wants_a_pharmacy() -> None:
    assert (most_issues(RULES, 28), most_issues(RULES, 56), most_issues(RULES, 400)) == (13, 6, 1)
    assert nomination("FA123") is None
    reason = nomination("")
    assert reason is not None
    assert reason.rule == "no-nomination"


CATEGORIES = [
    (ControlledDrugCategory.SCHEDULE_2, ["barred"]),
    (ControlledDrugCategory.SCHEDULE_3_TEMAZEPAM, ["barred"]),
    (ControlledDrugCategory.SCHEDULE_4_BENZODIAZEPINE, ["left-out"]),
    (ControlledDrugCategory.SCHEDULE_5, []),
    (ControlledDrugCategory.NONE, []),
]


@pytest.mark.parametrize(("category", "why"), CATEGORIES)
def test_a_known_schedule_bars_or_does_not(category: ControlledDrugCategory, why: list[str]) -> None:
    held = line()
    product = Product(id="1", level=Level.VMP, name="Somnol 5mg tablets", controlled=category)
    matched = Medication(held.order.medication.written, product)
    held = replace(held, order=replace(held.order, medication=matched))
    assert [one.rule for one in judge(RULES, held, MONTHLY, on=TODAY).reasons] == why


@pytest.mark.parametrize("of_the_brand", [True, False])
def test_a_brand_is_left_out_by_the_substance_that_it_holds(of_the_brand: bool) -> None:
    held, lithium = line(), (Ingredient("Lithium carbonate"),)
    brand = Product("2", Level.AMP, "Priadel 400mg modified-release tablets", generic_id="1",
                    ingredients=lithium if of_the_brand else None)  # fmt: skip
    generic = Product("1", Level.VMP, "Lithium 400mg modified-release tablets", ingredients=lithium,
                      controlled=ControlledDrugCategory.NONE)  # fmt: skip
    matched = Medication(held.order.medication.written, brand, None if of_the_brand else generic)
    held = replace(held, order=replace(held.order, medication=matched))
    assert "monitored" in [one.rule for one in judge(RULES, held, MONTHLY, on=TODAY).reasons]
