"""May a Schedule 2 or 3 medicine be signed, by whom, and what does its prescription say besides?"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.spec.checks import bench

from pestle.pharmacy.people import Person, Registration, Role
from pestle.pharmacy.practice.controlled import Controlled, controlled, may_prescribe, signing_refusals
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.medication import ControlledDrugStatement, CourseOfTherapy

RULES = bench.KNOWLEDGE.controlled
ACUTE, REPEAT, ERD = CourseOfTherapy.ACUTE, CourseOfTherapy.REPEAT, CourseOfTherapy.REPEAT_DISPENSING
MORPHINE, GABAPENTIN, DIAZEPAM = (
    "Morphine 10mg modified-release tablets", "Gabapentin 300mg capsules", "Diazepam 5mg tablets",
)  # fmt: skip


def _drug(
    name: str = MORPHINE, quantity: str | None = "28", days: int | None = 28, course: CourseOfTherapy = ACUTE
) -> Controlled | None:
    much = None if quantity is None else Quantity(Decimal(quantity), Unit("tablet"))
    lasts = None if days is None else Decimal(days)
    return controlled(bench.line(name).medication, quantity=much, days=lasts, course=course)


def _person(*roles: Role, body: str = "") -> Person:
    return Person(1, "Dana", frozenset(roles), 1, Registration(body, "1") if body else None)


# medicine, quantity -> what the prescription says, and what the prescriber sees
SAID = [
    (MORPHINE, "28", ControlledDrugStatement("CD2", "twenty eight"), "28 (twenty eight) tablets"),
    (GABAPENTIN, "112", ControlledDrugStatement("CD3", "one hundred and twelve"),
     "112 (one hundred and twelve) tablets"),
    (MORPHINE, "2.5", ControlledDrugStatement("CD2", "two point five"), "2.5 (two point five) tablets"),
    (MORPHINE, None, ControlledDrugStatement("CD2"), ""),
    (MORPHINE, "0", ControlledDrugStatement("CD2"), ""),
    (DIAZEPAM, "28", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "quantity", "statement", "total"), SAID)
def test_what_is_written(
    name: str, quantity: str | None, statement: ControlledDrugStatement | None, total: str | None
) -> None:
    found = _drug(name, quantity)
    assert (found and found.statement, None if found is None else found.total) == (statement, total)


# quantity, days, course, reason -> why it is not signed
SIGNED = [
    ("28", 28, ACUTE, "", []),
    ("28", 30, REPEAT, "", []),
    ("60", 60, REPEAT, "", ["controlled.no-reason"]),
    ("60", 60, REPEAT, "travels for eight weeks", []),
    ("60", None, ACUTE, "", ["controlled.no-reason"]),
    ("60", None, ACUTE, "taken when required", []),
    ("28", 28, ERD, "", ["controlled.repeat-dispensing"]),
    (None, 28, ACUTE, "", ["controlled.no-quantity"]),
    (None, 60, ERD, " ", ["controlled.repeat-dispensing", "controlled.no-quantity", "controlled.no-reason"]),
]


@pytest.mark.parametrize(("quantity", "days", "course", "reason", "rules"), SIGNED)
def test_whether_it_is_signed(
    quantity: str | None, days: int | None, course: CourseOfTherapy, reason: str, rules: list[str]
) -> None:
    drug = _drug(quantity=quantity, days=days, course=course)
    assert drug is not None
    found = signing_refusals(drug, RULES, reason=reason, by=_person(Role.PRESCRIBER))
    assert [one.rule for one in found] == rules


# roles, register -> whether the law lets them, as far as we know of their profession
WHO = [
    ((Role.PRESCRIBER,), "", True),
    ((Role.PRESCRIBER,), "GMC", True),
    ((Role.PRESCRIBER, Role.PHARMACIST), "GPhC", True),
    ((Role.PRESCRIBER, Role.NURSE), "NMC", True),
    ((Role.PRESCRIBER,), "HCPC", False),
    ((Role.PRESCRIBER, Role.TECHNICIAN), "GPhC", False),
    ((Role.PHARMACIST,), "GPhC", False),
]  # fmt: skip


@pytest.mark.parametrize(("roles", "body", "may"), WHO)
def test_who_prescribes_one(roles: tuple[Role, ...], body: str, may: bool) -> None:
    person, drug = _person(*roles, body=body), _drug()
    assert may_prescribe(person) is may
    assert drug is not None
    refused = [one.rule for one in signing_refusals(drug, RULES, reason="", by=person)]
    assert refused == ([] if may else ["controlled.prescriber"])


def test_it_is_valid_for_28_days() -> None:
    drug = _drug()
    assert drug is not None
    assert drug.valid_until(RULES["validity"], signed_on=date(2026, 11, 2)) == date(2026, 11, 30)
