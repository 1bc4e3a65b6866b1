"""How much morphine by mouth one unit of a product comes to, in mg; “?” where nobody knows."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from pestle.definitions import folder
from pestle.pharmacy import definition as d
from pestle.pharmacy.checks import knowledge
from pestle.pharmacy.measures import library, morphine
from pestle.pharmacy.medicines import substances
from pestle.pharmacy.medicines.concept import BaseUnit, Ingredient, Level, Product
from pestle.pharmacy.quantity import Quantity, Ratio, Unit

FILES = d.load_folders(
    folder("calculators"), folder("measures") / "prescribing" / "lists",
    kinds={**knowledge.KINDS, **library.KINDS},
)  # fmt: skip
EQUIVALENTS = morphine.read(FILES)["morphine_equivalents"]
WORDS = substances.read(d.load_folders(folder("checks"), kinds=library.KINDS))

# Ingredients with strengths; form and routes; the unit of its quantity, and how much one holds.
CASES = """
morphine sulfate 10 mg / 1 tablet      | modified-release tablet | oral | tablet | 10
morphine sulfate 10 mg / 5 ml          | oral solution | oral | ml | 2
morphine sulfate 10 mg / 5 ml          | oral solution | oral | unit dose, 5 ml | 10
codeine phosphate 30 mg / 1 tablet + paracetamol 500 mg / 1 tablet | tablet | oral | tablet | 3
paracetamol 500 mg / 1 tablet          | tablet | oral | tablet | 0
fentanyl 25 microgram / 1 hour         | transdermal patch | transdermal | patch | 180
fentanyl 12 microgram / 1 hour         | transdermal patch | transdermal | patch | 86.4
buprenorphine 5 microgram / 1 hour     | transdermal patch | transdermal | patch | 84
buprenorphine 52.5 microgram / 1 hour  | transdermal patch | transdermal | patch | 504
buprenorphine 6 microgram / 1 hour     | transdermal patch | transdermal | patch | ?
buprenorphine hydrochloride 200 microgram / 1 tablet | sublingual tablet | sublingual | tablet | 12
morphine sulfate 10 mg / 1 ml          | solution for injection | intravenous, epidural | ampoule, 2 ml | 40
morphine sulfate 10 mg / 1 ml          | solution for injection | intravenous | ampoule | ?
oxycodone hydrochloride 50 mg / 1 ml   | solution for injection | subcutaneous | ampoule, 1 ml | 150
oxycodone hydrochloride 10 mg / 1 tablet | tablet | oral, nasal | tablet | ?
oxycodone hydrochloride 10 mg / 1 tablet | tablet | | tablet | ?
morphine sulfate                       | tablet | oral | tablet | ?
                                       | tablet | oral | tablet | ?
"""


def _ingredient(text: str) -> Ingredient:
    words = text.split()
    if "/" not in words:
        return Ingredient(text)
    amount, unit, _, per, below = words[-5:]
    strength = Ratio(Quantity(Decimal(amount), Unit(unit)), Quantity(Decimal(per), Unit(below)))
    return Ingredient(" ".join(words[:-5]), strength=strength)


@pytest.mark.parametrize("case", CASES.strip("\n").splitlines())
def test_one_unit(case: str) -> None:
    holds, form, routes, counted, mg = (cell.strip() for cell in case.split("|"))
    unit, _, volume = counted.partition(", ")
    product = Product(
        "1", Level.VMP, "",
        ingredients=tuple(map(_ingredient, holds.split(" + "))) if holds else None,
        form=form,
        routes=tuple(routes.split(", ")) if routes else None,
        base_unit=BaseUnit(Unit(unit)),
        unit_dose=Quantity(Decimal(volume.split()[0]), Unit("ml")) if volume else None,
    )  # fmt: skip
    assert morphine.per_unit(EQUIVALENTS, product, WORDS) == (None if mg == "?" else Fraction(mg))
