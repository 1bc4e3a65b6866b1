"""Steps, strengths and the ends of a course."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from pestle.pharmacy.dosage.dose import (
    Bounds,
    Dosage,
    DosageStep,
    DoseAndRate,
    PeriodUnit,
    Repeat,
    Timing,
)
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.supply import CannotTell, Daily, Days, daily_amount, days_supply
from pestle.pharmacy.medicines.concept import Ingredient, Level, Product
from pestle.pharmacy.quantity import Quantity, Ratio, Unit


def _amount(value: str, unit: str) -> Quantity:
    return Quantity(Decimal(value), Unit(unit))


def _product(*strengths: Ratio | None) -> Product:
    named = tuple(Ingredient(f"Ingredient {n}", strength=strength) for n, strength in enumerate(strengths))
    return Product(id="1", level=Level.VMP, name="Invented", ingredients=named)


TABLET_5_MG = _product(Ratio(_amount("5", "mg"), _amount("1", "tablet")))
SYRUP_250_MG_IN_5_ML = _product(Ratio(_amount("250", "mg"), _amount("5", "ml")))
MICROGRAMS = _product(Ratio(_amount("500", "microgram"), _amount("1", "tablet")))


def _dosage(text: str) -> Dosage:
    dosage = read(text).dosage
    assert dosage is not None
    return dosage


@pytest.mark.parametrize(
    ("text", "quantity", "product", "days"),
    [
        ("10mg daily", _amount("28", "tablet"), TABLET_5_MG, "14"),
        ("10mg once weekly", _amount("24", "tablet"), TABLET_5_MG, "84"),
        ("500mg four times a day", _amount("200", "ml"), SYRUP_250_MG_IN_5_ML, "5"),
        ("1mg daily", _amount("28", "tablet"), MICROGRAMS, "14"),
        ("1g four times a day", _amount("1", "litre"), SYRUP_250_MG_IN_5_ML, "12.5"),
    ],
)
def test_strength_turns_the_dose_into_the_quantity(
    text: str, quantity: Quantity, product: Product, days: str
) -> None:
    answer = days_supply(_dosage(text), quantity, product)
    assert isinstance(answer, Days), answer
    assert (answer.least, answer.most) == (Decimal(days), Decimal(days))


@pytest.mark.parametrize(
    ("product", "rule"),
    [
        (None, "supply.strength-unknown"),
        (Product(id="1", level=Level.VMP, name="Invented"), "supply.strength-unknown"),
        (_product(None), "supply.strength-unknown"),
        (
            _product(
                Ratio(_amount("5", "mg"), _amount("1", "tablet")),
                Ratio(_amount("8", "mg"), _amount("1", "tablet")),
            ),
            "supply.strength-unknown",
        ),
        (SYRUP_250_MG_IN_5_ML, "supply.unit"),
    ],
)
def test_what_does_not_convert_is_said(product: Product | None, rule: str) -> None:
    answer = days_supply(_dosage("10mg daily"), _amount("28", "tablet"), product)
    assert isinstance(answer, CannotTell)
    assert answer.rule == rule
    assert "milligram" in answer.reason


def _step(sequence: int, tablets: str, days: str | None, *, unit: str = "tablet") -> DosageStep:
    bounds = Bounds(duration=_amount(days, "day")) if days else None
    repeat = Repeat(bounds=bounds, frequency=1, period=Decimal(1), period_unit=PeriodUnit.DAY)
    dose = DoseAndRate(dose=_amount(tablets, unit))
    return DosageStep(sequence=sequence, timing=Timing(repeat=repeat), doses=(dose,))


@pytest.mark.parametrize(
    ("steps", "quantity", "daily", "days", "covers"),
    [
        (
            (_step(1, "4", "2"), _step(2, "2", "2"), _step(3, "1", "2")),
            "14",
            "1 to 4 tablets a day",
            "6",
            True,
        ),
        (
            (_step(1, "4", "2"), _step(2, "2", "2"), _step(3, "1", "2")),
            "13",
            "1 to 4 tablets a day",
            "5",
            False,
        ),
        (
            (_step(1, "4", "2"), _step(2, "2", "2"), _step(3, "1", "2")),
            "28",
            "1 to 4 tablets a day",
            "6",
            True,
        ),
        ((_step(1, "2", "7"), _step(2, "1", None)), "28", "1 to 2 tablets a day", "21", None),
        ((_step(2, "1", None), _step(1, "2", "7")), "28", "1 to 2 tablets a day", "21", None),
        ((_step(1, "2", "7"), _step(1, "1", "7")), "21", "3 tablets a day", "7", True),
    ],
)
def test_steps_follow_each_other(
    steps: tuple[DosageStep, ...], quantity: str, daily: str, days: str, covers: bool | None
) -> None:
    dosage = Dosage(steps)
    amount = daily_amount(dosage)
    assert isinstance(amount, Daily)
    assert amount.text == daily
    answer = days_supply(dosage, _amount(quantity, "tablet"), None)
    assert isinstance(answer, Days), answer
    assert (answer.least, answer.most, answer.covers_course) == (Decimal(days), Decimal(days), covers)


@pytest.mark.parametrize(
    "steps",
    [
        (_step(1, "2", None), _step(2, "1", None)),
        (_step(1, "2", "7"), _step(1, "1", "5")),
        (_step(1, "2", "7"), _step(2, "5", "7", unit="ml")),
    ],
)
def test_steps_that_do_not_add_up_are_refused(steps: tuple[DosageStep, ...]) -> None:
    assert isinstance(daily_amount(Dosage(steps)), CannotTell)


def test_text_against_structure_has_no_daily_amount() -> None:
    step = replace(_step(1, "5", None), text="5 tablets once weekly")
    answer = daily_amount(Dosage((step,)))
    assert isinstance(answer, CannotTell)
    assert answer.rule == "dosage.text-and-structure-disagree"


def test_a_week_is_exactly_seven_days() -> None:
    answer = daily_amount(_dosage("one tablet once a week"))
    assert isinstance(answer, Daily)
    assert answer.exact_least == answer.exact_most == Fraction(1, 7)
    assert answer.least == Decimal("0.142857")
    assert answer.text == "1 tablet every 7 days"


def test_when_required_still_says_how_long_it_lasts_at_least() -> None:
    answer = days_supply(
        _dosage("1-2 tablets four times a day when required"), _amount("100", "tablet"), None
    )
    assert isinstance(answer, CannotTell)
    assert answer.reason == "When required: no regular use."
    assert answer.at_least == Decimal("12.5")


@pytest.mark.parametrize("digits", [9, 40, 4000])
def test_numbers_of_any_length_are_answered(digits: int) -> None:
    assert not read(f"{'9' * digits} units daily").understood
    assert not read(f"1 tablet every {'9' * digits} days").understood
    assert not read(f"1 tablet daily for {'9' * digits} days").understood
    answer = days_supply(_dosage("3 tablets daily"), _amount("1" * digits, "tablet"), None)
    assert isinstance(answer, Days) == (digits == 9)
    if isinstance(answer, Days):
        assert answer.exact_least == Fraction(111_111_111, 3)
        assert answer.text == "37,037,037 days"
