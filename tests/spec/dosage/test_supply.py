"""How much for how many days, and how long does it last?

What is known of a pack is given as data: drops in a millilitre, puffs in an inhaler, units in a pen. Where
it is not given, there is no telling.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pestle.pharmacy.dosage.dose import Bounds, Dosage, DosageStep, DoseAndRate, PeriodUnit, Repeat, Timing
from pestle.pharmacy.dosage.needed import Needed, quantity_for
from pestle.pharmacy.dosage.packing import CannotTell, Packing
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.supply import Daily, Days, daily_amount, days_supply
from pestle.pharmacy.medicines.concept import BaseUnit, Ingredient, Level, Product
from pestle.pharmacy.quantity import Quantity, Ratio, Unit
from pestle.pharmacy.refusal import Refused


def _amount(text: str) -> Quantity:
    value, _, unit = text.partition(" ")
    return Quantity(Decimal(value), Unit(unit))


def _product(strength: str, per: str, unit: str) -> Product:
    ingredient = Ingredient("Invented", strength=Ratio(_amount(strength), _amount(per)))
    return Product(
        id="1", level=Level.VMP, name="Invented", ingredients=(ingredient,), base_unit=BaseUnit(Unit(unit))
    )


PRODUCTS = {
    "": None,
    "250 mg/5 ml liquid": _product("250 mg", "5 ml", "ml"),
    "5 mg tablet": _product("5 mg", "1 tablet", "tablet"),
}


def _packing(text: str) -> Packing | None:
    """“20 drops = 1 ml; opened: bottle, 28 days”."""
    if not text:
        return None
    facts, _, opened = text.partition("; opened: ")
    container, _, days = opened.partition(", ")
    equal = tuple(Ratio(*map(_amount, fact.split(" = "))) for fact in facts.split("; "))
    in_use = int(days.removesuffix(" days")) if days else None
    return Packing(equal, Unit(container) if container else None, in_use)


# instruction | days | product | what is known of the pack | needed, or why there is no telling
NEEDED = """
1 tablet three times a day             | 28 |                    |                                                                | 84 tablets
1 or 2 tablets four times a day        | 7  |                    |                                                                | 56 tablets
half a tablet daily                    | 7  |                    |                                                                | 4 tablets
2 tablets once a week                  | 10 |                    |                                                                | 4 tablets
1 tablet every other day               | 7  |                    |                                                                | 4 tablets
1 tablet daily for 5 days              | 28 |                    |                                                                | 5 tablets
1 tablet once a month                  | 28 |                    |                                                                | 1 tablet
1 to 2 tablets four times a day when required | 7 |              |                                                                | up to 56 tablets
1 to 2 tablets four times a day when required. Max 6 in 24 hours | 7 | |                                                          | up to 42 tablets
1 tablet when required                 | 7  |                    |                                                                | supply.as-needed
1 tablet daily for 21 days then 7 days off | 28 |                |                                                                | 21 tablets
1 tablet daily for 21 days then 7 days off | 21 |                |                                                                | 21 tablets
1 tablet daily for 21 days then 7 days off | 30 |                |                                                                | 23 tablets
1 patch once a week for 3 weeks then 1 week off | 84 |           |                                                                | 9 patches
5ml every 4 hours when required. Maximum 4 doses in 24 hours | 7 | |                                                             | up to 140 ml
1 tablet every 4 hours while awake     | 7  |                    |                                                                | supply.waking-hours
apply 1 fingertip unit twice a day     | 14 |                    | 2 fingertip unit = 1 gram; 30 gram = 1 tube; opened: tube      | 1 tube
apply twice a day                      | 14 |                    |                                                                | supply.dose-not-stated
1 tablet daily                         | 0  |                    |                                                                | supply.days
10mg daily                             | 28 | 5 mg tablet        |                                                                | 56 tablets
10mg daily                             | 28 |                    |                                                                | 280 milligram
375mg three times a day                | 7  | 250 mg/5 ml liquid |                                                                | 157.5 ml
5ml three times a day                  | 7  | 250 mg/5 ml liquid |                                                                | 105 ml
2 tablets daily                        | 7  | 250 mg/5 ml liquid |                                                                | supply.unit
2 puffs twice a day                    | 28 |                    | 200 puffs = 1 inhaler; opened: inhaler                         | 1 inhaler
2 puffs four times a day               | 28 |                    | 200 puffs = 1 inhaler; opened: inhaler                         | 2 inhalers
1 drop both eyes twice a day           | 28 |                    | 20 drops = 1 ml; 5 ml = 1 bottle; opened: bottle, 28 days      | 2 bottles
1 drop both eyes twice a day           | 56 |                    | 20 drops = 1 ml; 5 ml = 1 bottle; opened: bottle, 28 days      | 3 bottles
1 drop in each eye twice a day         | 28 |                    | 5 ml = 1 bottle; opened: bottle, 28 days                       | supply.strength-unknown
1 drop in the left eye twice a day     | 28 |                    |                                                                | 56 drops
1 patch every 72 hours                 | 28 |                    |                                                                | 10 patches
1 patch once a week                    | 28 |                    |                                                                | 4 patches
10 units at night                      | 28 |                    | 300 units = 1 pen; opened: pen, 28 days                        | 1 pen
10 units at night                      | 56 |                    | 300 units = 1 pen; opened: pen, 28 days                        | 2 pens
4 units at night                       | 84 |                    | 300 units = 1 pen; opened: pen, 28 days                        | 3 pens
4 units at night                       | 84 |                    | 300 units = 1 pen; opened: pen                                 | 2 pens
40 units at night                      | 28 |                    | 100 units = 1 ml; 3 ml = 1 pen; opened: pen, 28 days           | 4 pens
10 units at night                      | 28 |                    | 300 units = 1 pen; 100 units = 1 ml; 5 ml = 1 pen; opened: pen | supply.two-answers
"""  # noqa: E501


@pytest.mark.parametrize("row", NEEDED.strip().splitlines())
def test_how_much_is_needed(row: str) -> None:
    text, days, product, packing, expected = (cell.strip() for cell in row.split("|"))
    dosage = read(text).dosage
    assert dosage is not None
    answer = quantity_for(dosage, int(days), PRODUCTS[product], packing=_packing(packing))
    assert (answer.rule if isinstance(answer, CannotTell) else answer.text) == expected


# instruction | supplied | what is known of the pack | how long it lasts, or why there is no telling
LASTS = """
2 puffs twice a day            | 1 inhaler   | 200 puffs = 1 inhaler                                     | 50 days
2 puffs twice a day            | 200 dose    | 1 puff = 1 dose                                           | 50 days
2 puffs twice a day            | 200 dose    |                                                           | supply.strength-unknown
1 tablet daily for 21 days then 7 days off | 63 tablet |                                                   | 84 days
1 tablet daily for 21 days then 7 days off | 28 tablet |                                                   | supply.cycle
apply 2 grams four times a day | 100 gram    |                                                           | 12.5 days
1 drop both eyes twice a day   | 1 bottle    | 20 drops = 1 ml; 5 ml = 1 bottle                          | 25 days
1 drop in the left eye daily   | 1 bottle    | 20 drops = 1 ml; 5 ml = 1 bottle; opened: bottle, 28 days | 28 days
10 units at night              | 5 pens      | 300 units = 1 pen; opened: pen, 28 days                   | 140 days
10 units at night              | 5 pens      | 300 units = 1 pen                                         | 150 days
40 units at night              | 5 pens      | 300 units = 1 pen; opened: pen, 28 days                   | 37.5 days
10 to 20 units at night        | 5 pens      | 300 units = 1 pen; opened: pen, 28 days                   | 75 to 140 days
10 units at night              | 1500 units  | 300 units = 1 pen; opened: pen, 28 days                   | 140 days
10 units at night              | 1000 units  | 300 units = 1 pen; opened: pen, 28 days                   | supply.in-use
10 units at night for 20 days  | 5 pens      | 300 units = 1 pen; opened: pen, 28 days                   | 20 days
1 patch every 72 hours         | 10 patches  |                                                           | 30 days
"""  # noqa: E501


@pytest.mark.parametrize("row", LASTS.strip().splitlines())
def test_how_long_it_lasts(row: str) -> None:
    text, supplied, packing, expected = (cell.strip() for cell in row.split("|"))
    dosage = read(text).dosage
    assert dosage is not None
    answer = days_supply(dosage, _amount(supplied), packing=_packing(packing))
    assert (answer.rule if isinstance(answer, CannotTell) else answer.text) == expected


def test_what_is_thrown_away_is_counted() -> None:
    dosage = read("4 units at night").dosage
    assert dosage is not None
    needed = quantity_for(dosage, 84, packing=_packing("300 units = 1 pen; opened: pen, 28 days"))
    assert isinstance(needed, Needed)
    assert (needed.whole, str(needed.waste)) == (3, "564 units")


def _step(unit: str, bounds: Bounds, *, tablets: str = "1", sequence: int | None = None) -> DosageStep:
    repeat = Repeat(bounds, frequency=1, period=Decimal(1), period_unit=PeriodUnit.DAY)
    dose = DoseAndRate(dose=Quantity(Decimal(tablets), Unit(unit)))
    return DosageStep(sequence=sequence, timing=Timing(repeat=repeat), doses=(dose,))


def test_a_course_from_one_date_to_another_counts_both() -> None:
    dosage = Dosage((_step("tablet", Bounds(start="2026-05-01", end="2026-05-07")),))
    needed = quantity_for(dosage, 28)
    assert isinstance(needed, Needed)
    assert needed.text == "7 tablets"
    days = days_supply(dosage, _amount("28 tablets"))
    assert isinstance(days, Days)
    assert (days.text, days.covers_course) == ("7 days", True)


def test_a_cream_by_the_fingertip_needs_the_gram_in_one() -> None:
    dosage = Dosage((_step("fingertip unit", Bounds(duration=_amount("7 day"))),))
    unknown = quantity_for(dosage, 28, unit=Unit("g"))
    assert isinstance(unknown, CannotTell)
    assert unknown.rule == "supply.strength-unknown"
    told = quantity_for(dosage, 28, packing=_packing("1 fingertip unit = 0.5 g"), unit=Unit("g"))
    assert isinstance(told, Needed)
    assert told.text == "3.5 g"


def test_the_quantity_for_a_taper_follows_its_steps() -> None:
    weeks = [Bounds(duration=_amount("7 day")), Bounds(duration=_amount("7 day")), Bounds()]
    steps = [_step("tablet", weeks[n], tablets=str(3 - n), sequence=n) for n in range(3)]
    steps[2] = replace(steps[2], timing=Timing(repeat=replace(steps[2].repeat or Repeat(), bounds=None)))
    needed = quantity_for(Dosage(tuple(steps)), 28)
    assert isinstance(needed, Needed)
    assert needed.text == "49 tablets"
    daily = daily_amount(Dosage(tuple(steps)))
    assert isinstance(daily, Daily)
    assert daily.text == "1 to 3 tablets a day"


@pytest.mark.parametrize(("container", "days"), [(None, 28), ("pen", 0)])
def test_a_pack_that_cannot_be_is_refused(container: str | None, days: int) -> None:
    with pytest.raises(Refused) as caught:
        Packing((), Unit(container) if container else None, days)
    assert caught.value.rule == "packing.in-use"
