"""What can nobody have meant? A message that says it in its structure is not taken in."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pestle.pharmacy.dosage.contradictions import impossible
from pestle.pharmacy.dosage.dose import Dosage, DosageStep, DoseAndRate, PeriodUnit, Repeat, Timing
from pestle.pharmacy.quantity import Quantity, Range, Unit

# So many tablets at a time (one number, or from and to), so many times every so many days; the rules.
TABLE = [
    ("2", 4, "1", ""),
    ("0.5", 1, "7", ""),
    ("0-2", 4, "1", ""),
    ("16", 1, "1", ""),
    ("100000000", 1, "1", ""),
    ("100000001", 1, "1", "dosage.too-much-at-once"),
    ("1000000000", 1, "1", "dosage.too-much-at-once"),
    ("0", 1, "1", "dosage.nothing-at-once"),
    ("-5", 1, "1", "dosage.nothing-at-once"),
    ("0-0", 1, "1", "dosage.nothing-at-once"),
    ("2", 0, "1", "dosage.never"),
    ("2", -1, "1", "dosage.never"),
    ("2", 1, "0", "dosage.never"),
    ("-5", 0, "0", "dosage.nothing-at-once, dosage.never, dosage.never"),
]


@pytest.mark.parametrize(("dose", "frequency", "period", "rules"), TABLE)
def test_what_nobody_can_have_meant(dose: str, frequency: int, period: str, rules: str) -> None:
    low, dash, high = dose.partition("-") if dose[0] != "-" else (dose, "", "")
    amount = Range(_tablets(low), _tablets(high)) if dash else _tablets(low)
    repeat = Repeat(frequency=frequency, period=Decimal(period), period_unit=PeriodUnit.DAY)
    dosage = Dosage((DosageStep(timing=Timing(repeat=repeat), doses=(DoseAndRate(dose=amount),)),))
    found = list(impossible(dosage, place="Paracetamol 500mg tablets"))
    assert ", ".join(one.rule for one in found) == rules
    assert {one.place for one in found} <= {"Paracetamol 500mg tablets"}


def _tablets(number: str) -> Quantity:
    return Quantity(Decimal(number), Unit("tablet"))
