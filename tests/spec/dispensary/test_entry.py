"""When is the entry of a line complete? What the prescription says, what was typed, what comes of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.spec.dispensary.medicines import DICTIONARY, LINCTUS, SOMNOL, SOMNOL_10, SOMNOL_28, UNCOUNTED

from pestle.pharmacy.dispensary.entry import LineEntry, counted_in, enter
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.medication import CourseOfTherapy, LineStatus, MedicationRequest
from pestle.pharmacy.refusal import Refused


def _request(text: str, quantity: str | None, unit: str) -> MedicationRequest:
    return MedicationRequest(
        id="line-1",
        medication=Coded(text),
        dosage=None,
        quantity=None if quantity is None else Quantity(Decimal(quantity), Unit(unit)),
        status=LineStatus.ACTIVE,
        intent="order",
        course_of_therapy=CourseOfTherapy.ACUTE,
    )


TABLETS = _request(SOMNOL.name, "28", "tablet")
ENTRY = LineEntry("line-1", SOMNOL, Decimal(28), "Take ONE at night", verbatim=False)


def _said(request: MedicationRequest, entry: LineEntry) -> str | int | None:
    product = entry.product
    try:
        return enter(request, entry, packs=DICTIONARY.packs(product.id) if product else ()).wanted
    except Refused as refused:
        return refused.rule


# prescribed, in, typed -> base units, or the refusal
QUANTITIES = [
    ("28", "tablet", "28", 28),
    ("28", "tablets", "28", 28),
    ("28.0", "tablet", "28", 28),
    ("28", "tablet", "28.00", 28),
    ("28", "tablet", "30", "entry.other-quantity"),
    ("28", "tablet", "-5", "entry.other-quantity"),
    ("28", "tablet", "0", "entry.other-quantity"),
    ("28", "tablet", "1000000000", "entry.other-quantity"),
    ("28", "tablet", None, "entry.no-quantity"),
    (None, "tablet", "28", "entry.no-quantity"),
    # What the prescriber wrote is no better when it cannot be counted out.
    ("-5", "tablet", "-5", "ledger.not-positive"),
    ("0", "tablet", "0", "ledger.not-positive"),
    ("1000000000", "tablet", "1000000000", "ledger.too-much"),
    ("0.5", "tablet", "0.5", "ledger.not-whole"),
    ("28", "capsule", "28", "entry.unit-differs"),
    ("28", "ml", "28", "entry.unit-differs"),
]


@pytest.mark.parametrize(("prescribed", "unit", "typed", "wanted"), QUANTITIES)
def test_quantities(prescribed: str | None, unit: str, typed: str | None, wanted: str | int) -> None:
    entry = replace(ENTRY, quantity=None if typed is None else Decimal(typed))
    assert _said(_request(SOMNOL.name, prescribed, unit), entry) == wanted


# product, prescribed, unit -> base units
COUNTED = [
    (LINCTUS, "200", "ml", 200_000),
    (LINCTUS, "2.5", "ml", 2_500),
    (LINCTUS, "0.0005", "ml", "ledger.not-whole"),
    (UNCOUNTED, "28", "tablet", "entry.unit-unknown"),
]


@pytest.mark.parametrize(("product", "prescribed", "unit", "wanted"), COUNTED)
def test_what_it_is_counted_in(product: Product, prescribed: str, unit: str, wanted: str | int) -> None:
    entry = replace(ENTRY, product=product, quantity=Decimal(prescribed))
    assert _said(_request(product.name, prescribed, unit), entry) == wanted


# changed in the entry -> the refusal, or what is wanted
ANSWERS: list[tuple[dict[str, Any], str | int | None]] = [
    ({}, 28),
    ({"product": None}, "entry.not-matched"),
    ({"product": None, "unmatched": "   "}, "entry.not-matched"),
    ({"product": None, "unmatched": "not in the dictionary"}, None),
    ({"directions": ""}, "entry.no-directions"),
    ({"directions": " \n "}, "entry.no-directions"),
    ({"product": SOMNOL_10}, "entry.name-differs"),
    ({"product": SOMNOL_10, "name_confirmed": True}, 28),
]


@pytest.mark.parametrize(("changed", "wanted"), ANSWERS)
def test_answers(changed: dict[str, Any], wanted: str | int | None) -> None:
    assert _said(TABLETS, replace(ENTRY, **changed)) == wanted


def test_another_unit_is_settled_by_a_person() -> None:
    packs = _request(SOMNOL.name, "28", "dose")
    assert _said(packs, ENTRY) == "entry.unit-differs"
    assert _said(packs, replace(ENTRY, unit_confirmed=True)) == 28


def test_an_unmatched_line_goes_on_with_its_reason_and_nothing_else() -> None:
    entered = enter(TABLETS, replace(ENTRY, product=None, unmatched=" unknown brand "), packs=())
    assert (entered.product, entered.wanted, entered.directions) == (None, None, "")
    assert entered.unmatched == "unknown brand"


def test_a_product_is_counted_as_its_packs_when_the_dictionary_does_not_say() -> None:
    unsaid = replace(SOMNOL, base_unit=None)
    base = counted_in(unsaid, (SOMNOL_28,))
    assert base is not None
    assert base.unit == Unit("tablet")
    assert counted_in(unsaid, ()) is None


def test_a_product_that_the_dictionary_no_longer_allows_is_not_entered() -> None:
    assert _said(TABLETS, replace(ENTRY, product=replace(SOMNOL, valid=False))) == "entry.invalid-product"
