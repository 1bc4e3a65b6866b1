"""What is in hand too much, what is it worth, and what is known of what was signed?"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from pestle import definitions
from pestle.pharmacy.medicines.concept import BaseUnit, Coded, Level, Pack, Price
from pestle.pharmacy.practice.collected import Collected, Told, collected
from pestle.pharmacy.practice.ordering_policy import read_ordering
from pestle.pharmacy.practice.out_of_step import (
    Found,
    OutOfStep,
    wanted,
    why_collected,
    why_not_ordered,
    why_over,
)
from pestle.pharmacy.practice.repeats import Supply, Surplus, surplus
from pestle.pharmacy.practice.waste import PackPrice, of_packs, total, worth
from pestle.pharmacy.quantity import Unit

ON = date(2026, 11, 2)
NOVEMBER = date(2026, 11, 1)
TABLETS, MILLILITRES = BaseUnit(Unit("tablet")), BaseUnit(Unit("ml"), 1000)
POLICY = read_ordering(definitions.folder("ordering") / "repeats.yaml")


# the last issue: days and units; all of it lasts so many days from today -> units and whole items too much
SURPLUS = [
    (28, "28", 28, None),
    (28, "28", 29, Surplus(Decimal(1), 0)),
    (28, "56", 60, Surplus(Decimal(64), 1)),
    (28, "28", 84, Surplus(Decimal(28 * 2), 2)),
    (30, "100", 37, Surplus(Decimal(23), 0)),
    (28, "28", -5, None),
    (None, "28", 60, None),
    (28, None, 60, None),
]  # fmt: skip


@pytest.mark.parametrize(("days", "units", "lasts", "answer"), SURPLUS)
def test_beyond_one_issue(days: int | None, units: str | None, lasts: int, answer: Surplus | None) -> None:
    last = Supply(ON, None if days is None else Decimal(days), None if units is None else Decimal(units))
    assert surplus(ON + timedelta(days=lasts), last, on=ON) == answer


def _price(size: str, pence: int, unit: str = "tablet", month: date | None = NOVEMBER) -> PackPrice:
    return PackPrice(Decimal(size), unit, Price(pence, Coded("0001", "Part VIIIA Category M"), month))


# units too much, the word for one, counted in, prices -> base units and pence; None: not known, never nought
WORTH = [
    ("56", "tablet", TABLETS, [_price("28", 120)], (56, 240)),
    ("56", "tablets", TABLETS, [_price("28", 120)], (56, 240)),
    ("1", "tablet", TABLETS, [_price("28", 99)], (1, 4)),
    ("14", "tablet", TABLETS, [_price("28", 99)], (14, 50)),
    # The pack that costs least for each tablet, so that it is never too much.
    ("84", "tablet", TABLETS, [_price("28", 120), _price("84", 300)], (84, 300)),
    ("12.5", "ml", MILLILITRES, [_price("100", 400, "ml")], (12_500, 50)),
    ("28", "tablet", TABLETS, [_price("28", 0)], (28, 0)),
    ("56", "tablet", TABLETS, [], None),
    ("56", "capsule", TABLETS, [_price("28", 120)], None),
    ("56", "tablet", TABLETS, [_price("28", 120, "capsule")], None),
    ("0.5", "tablet", TABLETS, [_price("28", 120)], None),
    ("56", "tablet", None, [_price("28", 120)], None),
]  # fmt: skip


@pytest.mark.parametrize(("units", "unit", "base", "prices", "answer"), WORTH)
def test_what_it_is_worth(
    units: str, unit: str, base: BaseUnit | None, prices: list[PackPrice], answer: tuple[int, int] | None
) -> None:
    found = worth(Decimal(units), unit, base, prices)
    assert (found and (found.base_units, found.pence)) == answer


# pence of the lines (None: no price) -> what is said of them together
TOTALS = [
    ([], "£0.00"),
    ([1205, 95], "£13.00"),
    ([1205, None], "at least £12.05"),
    ([None, None], "price not known"),
]  # fmt: skip


@pytest.mark.parametrize(("pence", "said"), TOTALS)
def test_a_sum_says_what_it_does_not_know(pence: list[int | None], said: str) -> None:
    several = [
        None if one is None else worth(Decimal(28), "tablet", TABLETS, [_price("28", one)]) for one in pence
    ]
    assert str(total(several)) == said


def test_the_tariff_goes_before_the_maker_and_an_invalid_pack_has_no_price() -> None:
    maker = Price(500, Coded("0001", "NHS indicative price"))
    tariff = Price(120, Coded("0001", "Part VIIIA Category M"), NOVEMBER)

    def pack(level: Level, **more: object) -> Pack:
        return Pack("1", "2", "28 tablets", Decimal(28), Unit("tablets"), level=level, **more)  # type: ignore[arg-type]

    generic, branded = pack(Level.VMPP, tariff=tariff), pack(Level.AMPP, price=maker)
    assert [one.price for one in of_packs([branded, generic])] == [tariff]
    assert [(one.price, one.unit, one.month) for one in of_packs([branded])] == [(maker, "tablet", None)]
    assert of_packs([pack(Level.VMPP, tariff=tariff, valid=False)]) == []


# what was told of an item, days since it was signed -> what is known
HEARD = [
    (Told.NOTHING, 28, Collected.TOO_SOON),
    (Told.NOTHING, 29, Collected.NOT_KNOWN),
    (Told.OWING, 29, Collected.NOT_KNOWN),
    (Told.DISPENSED, 90, Collected.YES),
    (Told.NOT_DISPENSED, 2, Collected.NO),
    (Told.EXPIRED, 200, Collected.NO),
    (Told.CANCELLED, 90, Collected.CANCELLED),
]  # fmt: skip


@pytest.mark.parametrize(("told", "days", "known"), HEARD)
def test_silence_is_not_known_and_never_not_collected(told: Told, days: int, known: Collected) -> None:
    signed = ON - timedelta(days=days)
    assert collected(told, signed_on=signed, on=ON, not_heard_after=POLICY.not_heard_after) is known


def test_what_is_said_of_each() -> None:
    assert why_over(Surplus(Decimal(56), 2), "tablet") == "56 tablets (2 items) beyond one issue"
    assert why_over(Surplus(Decimal(1), 0), "tablet") == "1 tablet (less than an item) beyond one issue"
    assert why_not_ordered(date(2026, 2, 2), on=ON) == "Last issued 02-Feb-2026, 273 days ago"
    assert why_collected(date(2026, 9, 1), "", "", None) == "Signed 01-Sep-2026; nothing was heard since"
    assert why_collected(date(2026, 9, 1), "not dispensed", "Not collected", date(2026, 10, 1)) == (
        "Signed 01-Sep-2026; the service said on 01-Oct-2026: not dispensed (Not collected)"
    )
    task = wanted(Found(OutOfStep.NOT_ORDERED, 7, 3, "Senna 7.5mg tablets", "Last issued …"), on=ON)
    assert (task.origin, task.patient_id, task.due_on) == ("not-ordered:7", 3, date(2026, 11, 9))
    assert task.title == "Ask whether Senna 7.5mg tablets is still taken; if not, end the line"
