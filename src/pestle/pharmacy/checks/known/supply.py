"""When is a supply early, and when is a quantity odd?

Kind: supply_rule (``supply/supply.yaml``). The numbers are settings that a site may change.
"""

from __future__ import annotations

from dataclasses import dataclass

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definitions, Source

KINDS = {"supply_rule": frozenset({"early_days", "acute_days", "repeat_days", "times_the_course"})}


@dataclass(frozen=True, slots=True)
class SupplyRule:
    """The limits: with more than `early_days` left another supply is early; an acute supply lasts
    `acute_days`, a repeat `repeat_days` at the most; a quantity is at most so many times what the stated
    course needs.
    """

    early_days: int
    acute_days: int
    repeat_days: int
    times_the_course: int
    source: Source


def read(files: Definitions) -> SupplyRule:
    """What the one definition says."""
    file = files.only("supply_rule")
    return SupplyRule(
        early_days=d.number(file, "early_days"),
        acute_days=d.number(file, "acute_days"),
        repeat_days=d.number(file, "repeat_days"),
        times_the_course=d.number(file, "times_the_course"),
        source=file.source,
    )
