"""How many days of antimicrobial therapy were there, for 1,000 days of patients (DOT)?

One day of therapy is one day on which a patient was given at least one dose of one agent; two agents on one
day are two. The sum over agents ÷ patient days × 1,000.

Source: Polk RE, Fox C, Mahoney A, Letcavage J, MacDougall C. Measurement of adult antibacterial drug use in
130 US hospitals: comparison of defined daily dose and days of therapy. Clin Infect Dis 2007;44:664-670.
"""

from __future__ import annotations

from decimal import Decimal

from pestle.pharmacy.calculators.calculator import formula
from pestle.pharmacy.calculators.entry import Name, Number, Rows
from pestle.pharmacy.calculators.precision import shown
from pestle.pharmacy.calculators.result import Result, figure, result
from pestle.pharmacy.calculators.units import DAYS

_MOST = Decimal(10) ** 9


@formula(
    name="days-of-therapy",
    title="Days of therapy (DOT)",
    says="Days of antimicrobial therapy for 1,000 patient days.",
    group="Use",
    source="Polk RE et al. Clin Infect Dis 2007;44:664-670",
    inputs=(
        Rows(
            "agent",
            "Agents",
            (
                Name("agent", "Agent"),
                Number("days", "days", "Days given", DAYS, Decimal(0), _MOST, whole=True),
            ),
            most=100,
        ),
        Number("patient-days", "patient_days", "Patient days", DAYS, Decimal(1), _MOST),
    ),
    words=("antibiotic", "stewardship", "drug use"),
)
def days_of_therapy(*, agent: tuple[tuple[str, Decimal], ...], patient_days: Decimal) -> Result:
    """Days of therapy for 1,000 patient days, shown to one decimal, with the sum."""
    total = sum((days for _, days in agent), Decimal(0))
    words = " + ".join(shown(days) for _, days in agent)
    return result(
        figure(total / patient_days * 1000, "days for 1,000 patient days", places=1),
        f"({words}) ÷ {shown(patient_days)} × 1,000",
        also=(figure(total, "days", places=0, label="Days of therapy"),),
    )
