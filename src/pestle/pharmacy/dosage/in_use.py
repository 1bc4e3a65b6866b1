"""How long does one container last, that may be used for so many days once it is open?

An insulin pen of 300 units is empty after 300 units or thrown away after its days in use, whichever comes
first. Rules: ``supply.in-use`` and those of `packing`. Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pestle.pharmacy.dosage.packing import CannotTell, Packing, in_unit
from pestle.pharmacy.dosage.phases import Phase
from pestle.pharmacy.medicines.concept import Product


@dataclass(frozen=True, slots=True)
class InUse:
    """One container: what it holds, in the dose's unit, and how long it lasts at the least and most use."""

    phase: Phase
    holds: Fraction
    at_most_use: Fraction
    at_least_use: Fraction


def in_use(phases: list[Phase], product: Product | None, packing: Packing) -> InUse | CannotTell:
    """Of the one phase of an instruction; where the dose changes there is no telling."""
    assert packing.container is not None
    assert packing.in_use_days is not None
    if len(phases) > 1:
        return CannotTell(
            "supply.in-use", "The dose changes, and the container is not used up by one of them."
        )
    (phase,) = phases
    part = in_unit(phase.unit, packing.container, product, packing)
    if isinstance(part, CannotTell):
        return part
    holds, days = 1 / part, Fraction(packing.in_use_days)
    return InUse(phase, holds, _lasts(holds, phase.most, days), _lasts(holds, phase.least, days))


def _lasts(holds: Fraction, a_day: Fraction, days: Fraction) -> Fraction:
    """For how many days one container lasts, the dose between two of them taken from both.

    One that is opened for the rest of a dose has that day among its days in use. Where it would be empty on
    the last of them, it may be thrown away with something in it: then that day is not counted on.
    """
    if not a_day:
        return days
    if days > 1 and (days - 1) * a_day < holds < days * a_day:
        return days - 1
    return min(days, holds / a_day)
