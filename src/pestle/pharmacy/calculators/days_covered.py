"""On which part of the days did the patient have the medicine, by what was dispensed (PDC)?

Days with supply ÷ days from the first fill, or from the start of the period, to its end, both included. A
fill that comes early is moved forward to when the one before runs out; what reaches beyond the period is not
counted; so the answer is never above 1. It says what was dispensed, not what was taken.

Source: Pharmacy Quality Alliance, proportion of days covered, as described by Nau DP. Proportion of days
covered (PDC) as a preferred method of measuring medication adherence. PQA, 2012.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import Choice, Day, Number, Rows
from pestle.pharmacy.calculators.result import Result, figure, result
from pestle.pharmacy.calculators.units import DAYS
from pestle.pharmacy.refusal import refuse

_DAY = timedelta(days=1)
FILLS = Rows(
    "fill",
    "Fills",
    (
        Day("dispensed", "Dispensed on"),
        Number("days-supply", "days", "Days’ supply", DAYS, Decimal(1), Decimal(400), whole=True),
    ),
    most=200,
)
START, END = Day("start", "Period begins on"), Day("end", "Period ends on", hint="This day is included")


@formula(
    name="proportion-of-days-covered",
    title="Proportion of days covered (PDC)",
    says="How much of the time there was medicine to take; from the dispensing record.",
    group="Supply",
    source="Nau DP. Proportion of days covered as a preferred method of measuring adherence. PQA, 2012",
    inputs=(
        FILLS,
        START,
        END,
        Choice(
            "counted-from",
            "Days are counted from",
            {"first-fill": "The first fill in the period", "start": "The start of the period"},
            default="first-fill",
        ),
        Choice(
            "early-fills",
            "A fill that comes early",
            {"carried": "Is carried forward", "not-carried": "Is not carried forward"},
            default="carried",
        ),
    ),
    words=("adherence", "compliance", "PDC"),
)
def proportion_of_days_covered(
    *,
    fill: tuple[tuple[date, Decimal], ...],
    start: date,
    end: date,
    counted_from: Literal["first-fill", "start"],
    early_fills: Literal["carried", "not-carried"],
) -> Result:
    """The proportion, 0 to 1, shown to three decimals. Fills before the period are left out and named."""
    inside, warnings = in_period(fill, start, end)
    first = inside[0][0] if counted_from == "first-fill" else start
    days = (end - first).days + 1
    covered = len(covered_days(inside, end, carried=early_fills == "carried"))
    proportion = Decimal(covered) / days
    return result(
        figure(proportion, "", places=3),
        f"{covered} days covered ÷ {days} days",
        also=(figure(proportion * 100, "%", places=1, label="In percent"),),
        warnings=warnings,
    )


def in_period(
    fills: Iterable[tuple[date, Decimal]], start: date, end: date
) -> tuple[list[tuple[date, int]], tuple[str, ...]]:
    """The fills from start to end, the earliest first, and what is to be said of the others.

    Raises `Refused`: ``calculator.period-reversed``, ``calculator.no-fill``.
    """
    if end < start:
        raise refuse(
            "calculator.period-reversed", f"The period ends on {end:%d-%b-%Y}, before it begins", place="end"
        )
    every = sorted((day, int(days)) for day, days in fills)
    inside = [one for one in every if start <= one[0] <= end]
    if not inside:
        raise refuse("calculator.no-fill", "No fill lies in the period", place="fill",
                     way_out="Without one there is nothing to measure.")  # fmt: skip
    out = [f"{day:%d-%b-%Y}" for day, _ in every if not start <= day <= end]
    return inside, (f"Not counted, because outside the period: {', '.join(out)}.",) if out else ()


def covered_days(fills: Sequence[tuple[date, int]], end: date, *, carried: bool) -> set[date]:
    """The days up to `end` that fills cover, the earliest fill first; `carried`: one that comes early begins
    when the one before has run out."""
    covered: set[date] = set()
    free = fills[0][0]
    for day, days in fills:
        begin = max(day, free) if carried else day
        free = begin + days * _DAY
        covered |= {begin + number * _DAY for number in range(min(days, (end - begin).days + 1))}
    return covered
