"""What may be supplied in an emergency, and how much of it? One row for each rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pestle.pharmacy.dispensary.emergency_supply import (
    Asked,
    Limit,
    decision_refusal,
    emergency_refusals,
    limit_of,
    prescription_due,
)
from pestle.pharmacy.dispensary.prescription_kind import PrescriptionKind as Kind
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.medicines.concept import ControlledDrugCategory as Category
from pestle.pharmacy.medicines.concept import Ingredient, Level, Product
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.medication import CourseOfTherapy, LineStatus, MedicationRequest

DAILY = "Take one tablet daily"
TABLET = Product("1", Level.VMP, "Ramipril 5mg tablets", form="Tablet", controlled=Category.NONE)
DIAZEPAM = replace(TABLET, name="Diazepam 2mg tablets", controlled=Category.SCHEDULE_4_BENZODIAZEPINE)
CODEINE = replace(TABLET, name="Codeine 15mg tablets", controlled=Category.SCHEDULE_5)
TEMAZEPAM = replace(TABLET, name="Temazepam 10mg tablets", controlled=Category.SCHEDULE_3_TEMAZEPAM)
MORPHINE = replace(TABLET, name="Morphine 10mg tablets", controlled=Category.SCHEDULE_2)
PHENOBARBITAL = replace(TABLET, name="Phenobarbital 30mg tablets",
                        controlled=Category.SCHEDULE_3_PHENOBARBITAL)  # fmt: skip
UNKNOWN = replace(TABLET, controlled=None)
PILL = replace(TABLET, name="Levonorgestrel 30microgram tablets", bnf_code="0703020")
INHALER = replace(TABLET, name="Salbutamol inhaler", form="Pressurised inhalation")
INSULIN = replace(TABLET, name="Insulin glargine cartridges", form="Solution for injection",
                  ingredients=(Ingredient("Insulin glargine"),))  # fmt: skip
CREAM = replace(TABLET, name="Hydrocortisone 1% cream", form="Cutaneous cream")
FOR_EPILEPSY = Coded("Epilepsy")

PATIENT, PRESCRIBER = Kind.EMERGENCY_PATIENT, Kind.EMERGENCY_PRESCRIBER

# who asks, what, how many, directions, days said, for what, packs, refused by
ROWS = [
    (PATIENT, TABLET, 30, DAILY, None, None, (28,), ()),
    (PATIENT, TABLET, 31, DAILY, None, None, (28,), ("emergency.too-many-days",)),
    # At the most use.
    (PATIENT, TABLET, 60, "Take one or two tablets daily", None, None, (), ()),
    (PATIENT, TABLET, 61, "Take one or two tablets daily", None, None, (), ("emergency.too-many-days",)),
    (PATIENT, DIAZEPAM, 5, DAILY, None, None, (), ()),
    (PATIENT, DIAZEPAM, 6, DAILY, None, None, (), ("emergency.too-many-days",)),
    (PATIENT, CODEINE, 6, DAILY, None, None, (), ("emergency.too-many-days",)),
    # Nobody can read the directions: somebody has to say for how many days it is.
    (PATIENT, TABLET, 28, "As directed", None, None, (), ("emergency.days-not-known",)),
    (PATIENT, TABLET, 28, "As directed", 28, None, (), ()),
    (PATIENT, TABLET, 28, "As directed", 31, None, (), ("emergency.too-many-days",)),
    (PATIENT, PILL, 28, DAILY, None, None, (84,), ()),
    (PATIENT, PILL, 84, DAILY, None, None, (84,), ("emergency.too-many-days",)),
    # The smallest pack, however long it lasts.
    (PATIENT, INHALER, 200, "Inhale two puffs when required", None, None, (200,), ()),
    (PATIENT, INHALER, 400, "Inhale two puffs when required", None, None, (200,),
     ("emergency.more-than-a-pack",)),
    (PATIENT, INSULIN, 5, "As directed", None, None, (5, 10), ()),
    (PATIENT, CREAM, 30, "Apply twice a day", None, None, (15, 30), ("emergency.more-than-a-pack",)),
    (PATIENT, CREAM, 30, "Apply twice a day", None, None, (), ("emergency.packs-not-known",)),
    # A prescriber's directions are followed, whatever they say.
    (PRESCRIBER, TABLET, 84, DAILY, None, None, (), ()),
    (PRESCRIBER, DIAZEPAM, 28, DAILY, None, None, (), ()),
    # Controlled drugs.
    (PATIENT, MORPHINE, 4, DAILY, None, None, (), ("emergency.controlled",)),
    (PRESCRIBER, MORPHINE, 4, DAILY, None, None, (), ("emergency.controlled",)),
    (PATIENT, TEMAZEPAM, 4, DAILY, None, None, (), ("emergency.controlled",)),
    (PATIENT, PHENOBARBITAL, 5, DAILY, None, FOR_EPILEPSY, (), ()),
    (PATIENT, PHENOBARBITAL, 6, DAILY, None, FOR_EPILEPSY, (), ("emergency.too-many-days",)),
    (PATIENT, PHENOBARBITAL, 5, DAILY, None, None, (), ("emergency.not-for-epilepsy",)),
    (PRESCRIBER, PHENOBARBITAL, 28, DAILY, None, FOR_EPILEPSY, (), ()),
    (PATIENT, UNKNOWN, 28, DAILY, None, None, (), ("emergency.schedule-unknown",)),
]  # fmt: skip


@pytest.mark.parametrize(("who", "product", "number", "directions", "days", "reason", "packs", "rules"), ROWS)
def test_an_emergency_supply(
    who: Kind, product: Product, number: int, directions: str, days: int | None, reason: Coded | None,
    packs: tuple[int, ...], rules: tuple[str, ...],
) -> None:  # fmt: skip
    request = MedicationRequest(
        id="1", medication=Coded(product.name), dosage=read(directions).dosage,
        quantity=Quantity(Decimal(number), Unit("tablet")), status=LineStatus.ACTIVE, intent="order",
        course_of_therapy=CourseOfTherapy.ACUTE, days_supply=Decimal(days) if days else None, reason=reason,
    )  # fmt: skip
    asked = Asked(who, request, product, tuple(map(Decimal, packs)))
    assert tuple(refusal.rule for refusal in emergency_refusals(asked)) == rules


@pytest.mark.parametrize(
    ("product", "limit"),
    [
        (TABLET, Limit.THIRTY_DAYS),
        (DIAZEPAM, Limit.FIVE_DAYS),
        (PHENOBARBITAL, Limit.FIVE_DAYS),
        (PILL, Limit.CYCLE),
        (INHALER, Limit.SMALLEST_PACK),
        (replace(INHALER, form="Inhalation powder"), Limit.THIRTY_DAYS),
        (INSULIN, Limit.SMALLEST_PACK),
        (CREAM, Limit.SMALLEST_PACK),
        (replace(CREAM, form="Cutaneous ointment"), Limit.SMALLEST_PACK),
    ],
)
def test_what_bounds_it(product: Product, limit: Limit) -> None:
    assert limit_of(product) is limit


def test_only_a_pharmacist_says_that_the_conditions_are_met() -> None:
    tess = Person(1, "Tess", frozenset({Role.TECHNICIAN}), 1)
    ruth = Person(2, "Ruth", frozenset({Role.PHARMACIST}), 1)
    refused = [decision_refusal(tess, "Interviewed"), decision_refusal(ruth, " ")]
    assert [one.rule for one in refused if one] == ["emergency.pharmacist", "emergency.no-words"]
    assert decision_refusal(ruth, "Interviewed: takes it for years, surgery closed") is None


def test_a_prescriber_has_72_hours() -> None:
    at = datetime(2026, 11, 30, 10, tzinfo=UTC)
    assert prescription_due(PRESCRIBER, supplied_at=at) == at + timedelta(hours=72)
    assert prescription_due(PATIENT, supplied_at=at) is None
