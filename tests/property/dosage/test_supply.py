"""Is the quantity for so many days enough, and no more than one dose or container too much?"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from pestle.pharmacy.dosage.dose import (
    Bounds,
    Day,
    Dosage,
    DosageStep,
    DoseAndRate,
    PeriodUnit,
    Repeat,
    Timing,
)
from pestle.pharmacy.dosage.needed import Needed, quantity_for
from pestle.pharmacy.dosage.packing import Packing
from pestle.pharmacy.dosage.supply import Days, days_supply
from pestle.pharmacy.quantity import Quantity, Range, Ratio, Unit

_AMOUNTS = st.sampled_from([Decimal(value) for value in ("0.5", "1", "2", "2.5", "8")])


def _dosage(amount: Decimal, unit: str, repeat: Repeat) -> Dosage:
    dose = DoseAndRate(dose=Quantity(amount, Unit(unit)))
    return Dosage((DosageStep(timing=Timing(repeat=repeat), doses=(dose,)),))


@given(_AMOUNTS, st.integers(1, 6), st.integers(1, 7), st.integers(1, 200))
def test_enough_for_the_days_and_not_for_a_dose_more(
    amount: Decimal, often: int, period: int, days: int
) -> None:
    dosage = _dosage(
        amount, "tablet", Repeat(frequency=often, period=Decimal(period), period_unit=PeriodUnit.DAY)
    )
    needed = quantity_for(dosage, days)
    assert isinstance(needed, Needed)
    assert needed.exact_least == needed.exact_most <= needed.exact_enough
    assert needed.exact_enough - needed.exact_most < Fraction(amount)
    assert needed.whole is not None
    assert 0 <= needed.whole - needed.exact_enough < 1
    lasts = days_supply(dosage, Quantity(Decimal(needed.whole), Unit("tablet")))
    assert isinstance(lasts, Days)
    assert lasts.exact_least >= days


def _pens_day_by_day(units: Decimal, often: int, days: int, holds: int, in_use: int) -> int:
    """Opens pens as they run out or expire; a dose may come from two pens."""
    opened, left, opened_on = 0, Decimal(0), 0
    for day in range(days):
        for _ in range(often):
            due = units
            if opened and day - opened_on >= in_use:
                left = Decimal(0)
            while due > 0:
                if left <= 0:
                    opened, left, opened_on = opened + 1, Decimal(holds), day
                used = min(due, left)
                due, left = due - used, left - used
    return opened


@example(units=Decimal(16), often=1, days=93, in_use=19)
@given(st.integers(1, 60).map(Decimal), st.integers(1, 4), st.integers(1, 120), st.integers(10, 60))
def test_pens_are_never_fewer_than_opened_day_by_day(
    units: Decimal, often: int, days: int, in_use: int
) -> None:
    pen = Ratio(Quantity(Decimal(300), Unit("unit")), Quantity(Decimal(1), Unit("pen")))
    packing = Packing((pen,), Unit("pen"), in_use)
    dosage = _dosage(units, "unit", Repeat(frequency=often, period=Decimal(1), period_unit=PeriodUnit.DAY))
    needed = quantity_for(dosage, days, packing=packing)
    assert isinstance(needed, Needed)
    assert needed.whole is not None
    opened = _pens_day_by_day(units, often, days, 300, in_use)
    if in_use * units * often <= 300:
        assert needed.whole == opened
    assert needed.whole >= opened
    assert needed.waste is not None
    assert needed.waste.value == needed.whole * 300 - units * often * days


_NUMBERS = st.none() | st.integers(-1, 4)
_DECIMALS = st.none() | st.sampled_from([Decimal(value) for value in ("-1", "0", "0.5", "1", "3")])
_LENGTHS = st.none() | st.builds(
    Quantity,
    st.sampled_from([Decimal(value) for value in ("-1", "0", "0.3", "5")]),
    st.sampled_from([Unit(word) for word in ("day", "hour", "month", "moon")]),
)
_REPEATS = st.builds(
    Repeat,
    bounds=st.none() | st.builds(Bounds, duration=_LENGTHS, range=st.builds(Range, _LENGTHS, _LENGTHS)),
    frequency=_NUMBERS,
    frequency_max=_NUMBERS,
    period=_DECIMALS,
    period_max=_DECIMALS,
    period_unit=st.none() | st.sampled_from(PeriodUnit),
    days_of_week=st.lists(st.sampled_from(Day), max_size=2).map(tuple),
)
_PEN = Ratio(Quantity(Decimal(30), Unit("tablet")), Quantity(Decimal(1), Unit("pen")))


@given(
    st.lists(_REPEATS, min_size=1, max_size=3),
    st.sampled_from([None, Packing((_PEN,), Unit("pen"), 28)]),
    st.integers(1, 100),
)
def test_no_instruction_needs_less_than_nothing(
    repeats: list[Repeat], packing: Packing | None, days: int
) -> None:
    dose = DoseAndRate(dose=Quantity(Decimal(1), Unit("tablet")))
    steps = [
        DosageStep(sequence=n, timing=Timing(repeat=repeat), doses=(dose,))
        for n, repeat in enumerate(repeats)
    ]
    needed = quantity_for(Dosage(tuple(steps)), days, packing=packing)
    if isinstance(needed, Needed):
        assert 0 <= needed.exact_least <= needed.exact_most <= needed.exact_enough
    lasts = days_supply(Dosage(tuple(steps)), Quantity(Decimal(2), _PEN.denominator.unit), packing=packing)
    if isinstance(lasts, Days):
        assert 0 <= lasts.exact_least <= lasts.exact_most
