"""How many defined daily doses is this amount, and how many a person, a day, a population?

- Amount ÷ DDD, both in the same unit. The DDD is a unit of measurement, not a dose for anybody. It is
  entered: the WHO Collaborating Centre's table may not be passed on, so none is here.
- DDDs ÷ days ÷ people, and the same for 1,000 of them.

Source: WHO Collaborating Centre for Drug Statistics Methodology. Guidelines for ATC classification and DDD
assignment. Oslo (definitions: DDD, DDDs per 1,000 inhabitants per day, DDDs per 100 bed-days).
"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import Number
from pestle.pharmacy.calculators.precision import shown
from pestle.pharmacy.calculators.result import Result, figure, result
from pestle.pharmacy.calculators.units import DAYS, MILLIGRAMS, NONE

_MOST = Decimal(10) ** 12
_SOURCE = "WHO Collaborating Centre for Drug Statistics Methodology, guidelines for ATC and DDD"


@formula(
    name="defined-daily-doses",
    title="Defined daily doses (DDD) of an amount",
    says="How many DDDs an amount dispensed is. The DDD itself is entered.",
    group="Use",
    source=_SOURCE,
    inputs=(
        Number("amount", "amount_mg", "Amount of substance", MILLIGRAMS, Decimal(0), _MOST),
        Number("ddd", "ddd_mg", "DDD of the substance", MILLIGRAMS, Decimal("0.0001"), Decimal(10) ** 6,
               hint="For this route, from the WHO index"),
    ),
    words=("ATC", "drug use"),
)  # fmt: skip
def defined_daily_doses(*, amount_mg: Decimal, ddd_mg: Decimal) -> Result:
    """The number of DDDs, shown to two decimals."""
    return result(figure(amount_mg / ddd_mg, "DDD", places=2), f"{shown(amount_mg)} mg ÷ {shown(ddd_mg)} mg")


@formula(
    name="ddd-rate",
    title="Defined daily doses a person a day",
    says="DDDs for each person and day, for 1,000 inhabitants, for 100 bed-days.",
    group="Use",
    source=_SOURCE,
    inputs=(
        Number("ddds", "ddds", "DDDs in the period", NONE, Decimal(0), _MOST),
        Number("days", "days", "Days in the period", DAYS, Decimal(1), Decimal(3660), whole=True),
        Number("people", "people", "People, or occupied beds", NONE, Decimal(1), _MOST),
    ),
    words=("DDD", "bed-days", "inhabitants", "drug use"),
)
def ddd_rate(*, ddds: Decimal, days: Decimal, people: Decimal) -> Result:
    """DDDs a person a day, shown to two decimals, with the two customary multiples."""
    rate = ddds / days / people
    return result(
        figure(rate, "DDD a person a day", places=2),
        f"{shown(ddds)} ÷ {shown(days)} ÷ {shown(people)}",
        also=(
            figure(rate * 1000, "DDD a day", places=1, label="For 1,000 inhabitants"),
            figure(rate * 100, "DDD", places=1, label="For 100 bed-days"),
        ),
    )
