"""Does a dose that changes by so much every so often run through the steps that counting by hand gives?"""

from __future__ import annotations

from decimal import Decimal

import pytest

from pestle.pharmacy.dosage.dose import Bounds, DosageStep
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.quantity import Quantity, Unit


def _counted(start: int, by: int, end: int) -> list[int]:
    """The slow obvious way: one after the other, until the end."""
    amounts = [start]
    while amounts[-1] != end:
        amounts.append(amounts[-1] + (by if end > start else -by))
    return [amount for amount in amounts if amount]


def _amount(step: DosageStep) -> Decimal:
    dose = step.doses[0].dose
    assert isinstance(dose, Quantity)
    return dose.value


@pytest.mark.parametrize("by", [1, 2, 5])
@pytest.mark.parametrize("changes", [1, 3, 8])
@pytest.mark.parametrize("end", [0, 5, 10])
def test_down(by: int, changes: int, end: int) -> None:
    start = end + by * changes
    words = "until stopped" if end == 0 else f"to {end}mg daily"
    steps = _steps(f"{start}mg daily for 5 days then reduce by {by}mg every 3 days {words}")
    assert [_amount(step) for step in steps] == _counted(start, by, end)
    lengths = [step.repeat.bounds if step.repeat else None for step in steps]
    assert lengths[0] == _days(5)
    assert set(lengths[1 : len(steps) - bool(end)]) <= {_days(3)}
    assert lengths[-1] == (None if end else _days(3) if len(steps) > 1 else _days(5))


@pytest.mark.parametrize("by", [1, 2, 5])
@pytest.mark.parametrize("changes", [1, 3, 8])
def test_up(by: int, changes: int) -> None:
    end = 10 + by * changes
    steps = _steps(f"10mg at night increasing by {by}mg every 7 days to {end}mg at night")
    assert [_amount(step) for step in steps] == _counted(10, by, end)
    assert [step.repeat.bounds if step.repeat else None for step in steps] == [_days(7)] * changes + [None]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("40mg daily reduce by 15mg every week until stopped", "dosage.change-does-not-end"),
        ("40mg daily reduce by 5mg every week to 60mg daily", "dosage.change-does-not-end"),
        ("400mg daily reduce by 1mg every week until stopped", "dosage.change-does-not-end"),
        ("40mg daily then reduce by 5mg every week until stopped", "dosage.change-without-start"),
        ("2 tablets bd reduce by 1 tablet every week until stopped", "dosage.change-without-start"),
        ("1-2 tablets daily reduce by 1 tablet every week until stopped", "dosage.change-without-start"),
        ("40mg daily when required reduce by 5mg every week until stopped", "dosage.change-without-start"),
        ("40mg daily reduce by 5mg every week", "dosage.change-without-end"),
        ("40mg daily reduce by 5mg until stopped", "dosage.change-without-end"),
        ("40mg daily reduce by 5mg every 4 hours until stopped", "dosage.two-readings"),
        ("40mg daily reduce by 5-10mg every week until stopped", "dosage.two-readings"),
        ("40mg daily reduce by 1 tablet every week until stopped", "dosage.more-than-one-instruction"),
        ("40mg daily reduce by 5mg every week to 10mg twice daily", "dosage.more-than-one-instruction"),
    ],
)
def test_what_is_not_said_is_not_made_up(text: str, rule: str) -> None:
    refusal = read(text).refusal
    assert refusal is not None
    assert refusal.rule == rule


def _steps(text: str) -> tuple[DosageStep, ...]:
    dosage = read(text).dosage
    assert dosage is not None
    return dosage.steps


def _days(days: int) -> Bounds:
    return Bounds(duration=Quantity(Decimal(days), Unit("day")))
