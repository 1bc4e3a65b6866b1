"""Requisitions: what the form has to say, for which drugs, and how much.

Law: Misuse of Drugs Regulations 2001 (SI 2001/3998), regulation 14; the FP10CDF in the community in England.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pestle.pharmacy.law import KnownFrom
from pestle.pharmacy.ledger.base_unit import base_unit
from pestle.pharmacy.ledger.requisition import (
    LAWS,
    Purpose,
    Recipient,
    Requisition,
    agency_name,
    drug_refusal,
    form_name,
    quantity_refusal,
    requisition_refusals,
)
from pestle.pharmacy.medicines.concept import ControlledDrugCategory as Category
from pestle.pharmacy.people import Country
from pestle.pharmacy.quantity import Unit

TODAY = date(2026, 11, 2)
DOCTOR = Recipient("Dr Ada Osei", "general practitioner", "Ashcombe Surgery, 4 Mill Lane")
WHOLE = Requisition(DOCTOR, Purpose.DOCTORS_BAG, TODAY, marked=True, taken_by="Dr Ada Osei")


@pytest.mark.parametrize(
    ("other", "rules"),
    [
        # what is different on the form                                 what is named
        ({}, []),
        ({"recipient": replace(DOCTOR, name=" ")}, ["requisition.no-name"]),
        ({"recipient": replace(DOCTOR, profession="")}, ["requisition.no-profession"]),
        ({"recipient": replace(DOCTOR, address="here")}, ["requisition.no-address"]),
        ({"purpose": None}, ["requisition.no-purpose"]),
        ({"purpose": Purpose.OTHER}, ["requisition.no-purpose-words"]),
        ({"purpose": Purpose.OTHER, "purpose_words": "a ship's medicine chest"}, []),
        ({"signed_on": None}, ["requisition.not-signed"]),
        ({"signed_on": date(2026, 11, 3)}, ["requisition.signed-later"]),
        ({"signed_on": date(2026, 10, 1)}, []),
        ({"marked": False}, ["requisition.not-marked"]),
        ({"taken_by": ""}, ["requisition.no-taker"]),
        ({"veterinary": True}, []),
    ],
)
def test_what_the_form_says(other: dict[str, Any], rules: list[str]) -> None:
    found = requisition_refusals(replace(WHOLE, **other), on=TODAY)
    assert [each.rule for each in found] == rules


def test_everything_that_is_missing_is_named_at_once() -> None:
    empty = Requisition(Recipient(), None, None, marked=False, taken_by="")
    assert [each.rule for each in requisition_refusals(empty, on=TODAY)] == [
        "requisition.no-name", "requisition.no-profession", "requisition.no-address",
        "requisition.no-purpose", "requisition.not-signed", "requisition.not-marked", "requisition.no-taker",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("category", "rule"),
    [
        (None, "requisition.schedule-unknown"),
        (Category.SCHEDULE_1, "controlled.licence"),
        (Category.SCHEDULE_2, None),
        (Category.SCHEDULE_2_EXEMPT_SAFE_CUSTODY, None),
        (Category.SCHEDULE_3_NO_REGISTER, None),
        (Category.SCHEDULE_3_TEMAZEPAM, None),
        (Category.SCHEDULE_4_BENZODIAZEPINE, "requisition.schedule"),
        (Category.SCHEDULE_5, "requisition.schedule"),
        (Category.NONE, "requisition.schedule"),
    ],
)
def test_for_which_drugs(category: Category | None, rule: str | None) -> None:
    found = drug_refusal("Morphine", category)
    assert (found.rule if found else None) == rule


@pytest.mark.parametrize(
    ("asked", "supplied", "rule"),
    [
        (10, 10, None),
        (10, 4, None),
        (10, 11, "requisition.more-than-asked"),
        (0, 4, "requisition.no-quantity"),
        (10, 0, "requisition.nothing"),
    ],
)
def test_never_more_than_was_asked_for(asked: int, supplied: int, rule: str | None) -> None:
    found = quantity_refusal("Morphine", asked=asked, supplied=supplied, base=base_unit(Unit("ampoule")))
    assert (found.rule if found else None) == rule


def test_only_england_s_form_is_known_by_name() -> None:
    assert form_name(Country.ENGLAND) == "FP10CDF"
    assert {form_name(one) for one in Country if one is not Country.ENGLAND} == {"requisition form"}
    assert agency_name(Country.ENGLAND) == "NHS Business Services Authority"


def test_no_rule_passes_for_verified_that_nobody_compared_with_the_text() -> None:
    assert not any(law.verified for law in LAWS)
    assert {law.known_from for law in LAWS} == {KnownFrom.SUMMARY, KnownFrom.MEMORY}
