"""How much was dispensed for the days there were (MPR)?

Days' supply of the fills in the period ÷ days from the first of them to the end of the period, both
included. It can be above 1, which means more was dispensed than was needed. For adherence the proportion of
days covered is preferred.

Source: Andrade SE, Kahler KH, Frech F, Chan KA. Methods for evaluation of medication adherence and
persistence using automated databases. Pharmacoepidemiol Drug Saf 2006;15:565-574.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.days_covered import END, FILLS, START, in_period
from pestle.pharmacy.calculators.result import Result, figure, result


@formula(
    name="medication-possession-ratio",
    title="Medication possession ratio (MPR)",
    says="Days’ supply dispensed for each day of the period; can be above 1.",
    group="Supply",
    source="Andrade SE et al. Pharmacoepidemiol Drug Saf 2006;15:565-574",
    inputs=(FILLS, START, END),
    words=("adherence", "compliance", "MPR"),
)
def medication_possession_ratio(*, fill: tuple[tuple[date, Decimal], ...], start: date, end: date) -> Result:
    """The ratio, shown to three decimals, not capped."""
    inside, warnings = in_period(fill, start, end)
    supplied, days = sum(days for _, days in inside), (end - inside[0][0]).days + 1
    ratio = Decimal(supplied) / days
    words = " + ".join(str(days) for _, days in inside)
    above = "More was dispensed than the days there were." if ratio > 1 else ""
    return result(
        figure(ratio, "", places=3),
        f"({words}) ÷ {days} days",
        also=(figure(ratio * 100, "%", places=1, label="In percent"),),
        warnings=(*warnings, above) if above else warnings,
    )
