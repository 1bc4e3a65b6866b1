"""How much is needed for so many days?

Enough for every dose that begins in those days, for the stated course at the longest; what expires in use
is counted in whole containers, with what is wasted.

Rules of `CannotTell`: those of `phases`, `packing` and `in_use`, and ``supply.days``. Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from pestle.pharmacy.dosage.dose import Dosage
from pestle.pharmacy.dosage.in_use import in_use
from pestle.pharmacy.dosage.packing import CannotTell, Packing, in_unit
from pestle.pharmacy.dosage.phases import Phase, phases_of
from pestle.pharmacy.dosage.rate import decimal_of
from pestle.pharmacy.dosage.units import COUNTED, unit_word
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.quantity import Quantity, Unit, counted
from pestle.pharmacy.quantity import plain as number

_MOST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Needed:
    """How much is needed for so many days, in `unit`.

    `exact_least` and `exact_most` are on average, `exact_enough` is for every dose that begins in those
    days, the last one whole. `whole` is how many are to be supplied of what is not divided (tablets,
    patches, containers); None for what is measured. `exact_waste` is what is left in the opened containers
    at the most use, in `waste_unit`; None where nothing expires in use.
    """

    exact_least: Fraction
    exact_most: Fraction
    exact_enough: Fraction
    unit: Unit
    whole: int | None
    as_needed: bool = False
    exact_waste: Fraction | None = None
    waste_unit: Unit | None = None

    @property
    def least(self) -> Decimal:
        """On average, at the least use."""
        return decimal_of(self.exact_least)

    @property
    def most(self) -> Decimal:
        """On average, at the most use."""
        return decimal_of(self.exact_most)

    @property
    def enough(self) -> Decimal:
        """Enough for every dose."""
        return decimal_of(self.exact_enough)

    @property
    def waste(self) -> Quantity | None:
        """What is left over in containers that were opened."""
        if self.exact_waste is None or self.waste_unit is None:
            return None
        return Quantity(decimal_of(self.exact_waste), self.waste_unit)

    @property
    def text(self) -> str:
        """“84 tablets”, “up to 56 tablets”, “187.5 ml”."""
        amount = self.enough if self.whole is None else Decimal(self.whole)
        words = f"{'up to ' if not self.exact_least else ''}{number(amount)}"
        return f"{words} {counted(self.unit.text, amount)}".strip()


def quantity_for(
    dosage: Dosage,
    days: int,
    product: Product | None = None,
    *,
    packing: Packing | None = None,
    unit: Unit | None = None,
) -> Needed | CannotTell:
    """How much is needed for so many days, but for no longer than the stated course.

    In `unit`; where none is given, in containers of the `packing`, else in the product's unit of measure,
    else in the dose's own unit.
    """
    if not 1 <= days <= _MOST_DAYS:
        return CannotTell("supply.days", f"{days} is no number of days, 1 to {_MOST_DAYS:,}.")
    phases = phases_of(dosage)
    if isinstance(phases, CannotTell):
        return phases
    wanted = unit or _supplied_in(product, packing) or phases[0].unit
    if packing and packing.in_use_days is not None:
        return _containers(phases, Fraction(days), product, packing)
    if any(phase.shortest != phase.longest for phase in phases[:-1]):
        return CannotTell("supply.timing-not-stated", "How long a step runs is a range, and another follows.")
    least = most = enough = Fraction(0)
    short = long = Fraction(days)
    for phase in phases:
        rate = in_unit(phase.unit, wanted, product, packing)
        if isinstance(rate, CannotTell):
            return rate
        shorter = short if phase.shortest is None else min(short, phase.shortest)
        longer = long if phase.longest is None else min(long, phase.longest)
        least += phase.least * shorter * rate
        most += phase.most * longer * rate
        enough += phase.enough(longer) * rate
        short, long = short - shorter, long - longer
    divided = (
        not wanted.text or unit_word(wanted.text) in COUNTED or wanted == (packing and packing.container)
    )
    as_needed = any(phase.as_needed for phase in phases)
    return Needed(least, most, enough, wanted, ceil(enough) if divided else None, as_needed)


def _supplied_in(product: Product | None, packing: Packing | None) -> Unit | None:
    if packing and packing.container:
        return packing.container
    return product.base_unit.unit if product and product.base_unit else None


def _containers(
    phases: list[Phase], days: Fraction, product: Product | None, packing: Packing
) -> Needed | CannotTell:
    assert packing.container is not None
    each = in_use(phases, product, packing)
    if isinstance(each, CannotTell):
        return each
    phase = each.phase
    shorter = days if phase.shortest is None else min(days, phase.shortest)
    longer = days if phase.longest is None else min(days, phase.longest)
    least, most = shorter / each.at_least_use, longer / each.at_most_use
    whole = max(ceil(most), ceil(phase.enough(longer) / each.holds))
    waste = max(whole * each.holds - phase.most * longer, Fraction(0))
    return Needed(
        least if phase.least else Fraction(0),
        most,
        Fraction(whole),
        packing.container,
        whole,
        phase.as_needed,
        waste,
        phase.unit,
    )
