"""Is an instruction that is said in our words read back as the same instruction?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.dosage.dose import (
    AsNeeded,
    Bounds,
    Coded,
    Day,
    Dosage,
    DosageStep,
    DoseAndRate,
    PeriodUnit,
    Repeat,
    Timing,
    When,
)
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.same import same_meaning
from pestle.pharmacy.dosage.wording import Wording, label, plain
from pestle.pharmacy.quantity import Quantity, Range, Unit

_ONE = Decimal(1)
_REPEATS = st.one_of(
    st.builds(Repeat, frequency=st.integers(1, 5), period=st.just(_ONE), period_unit=st.just(PeriodUnit.DAY)),
    st.builds(Repeat, frequency=st.just(1), period=st.integers(2, 9).map(Decimal),
              period_unit=st.sampled_from([PeriodUnit.HOUR, PeriodUnit.DAY, PeriodUnit.WEEK])),
    st.just(Repeat(frequency=1, period=Decimal(4), period_max=Decimal(6), period_unit=PeriodUnit.HOUR)),
    st.builds(Repeat, frequency=st.just(1), period=st.just(_ONE), period_unit=st.just(PeriodUnit.WEEK),
              days_of_week=st.tuples(st.sampled_from(Day))),
    st.builds(Repeat, days_of_week=st.lists(st.sampled_from(Day), min_size=1, unique=True).map(tuple)),
    st.builds(Repeat, when=st.lists(st.sampled_from([When.MORNING, When.NIGHT, When.NOON]), min_size=1,
                                    unique=True).map(tuple)),
    st.builds(Repeat, times_of_day=st.lists(st.sampled_from([time(8), time(13, 30), time(20)]), min_size=1,
                                            unique=True).map(tuple)),
)  # fmt: skip


@st.composite
def _steps(draw: st.DrawFn) -> DosageStep:
    unit = Unit(
        draw(st.sampled_from(["tablet", "capsule", "puff", "ml", "milligram", "unit", "5ml spoonful"]))
    )
    low = Quantity(Decimal(draw(st.integers(1, 3))), unit)
    high = Quantity(low.value + 1, unit)
    days = Quantity(Decimal(draw(st.integers(2, 14))), Unit("day"))
    bounds = draw(st.sampled_from([None, Bounds(duration=days)]))
    return DosageStep(
        timing=Timing(repeat=replace(draw(_REPEATS), bounds=bounds)),
        doses=(DoseAndRate(dose=draw(st.just(low) | st.just(Range(low, high)))),),
        as_needed=draw(st.sampled_from([None, AsNeeded(), AsNeeded((Coded("pain"),))])),
    )


@st.composite
def dosages(draw: st.DrawFn) -> Dosage:
    """One to three steps, one after the other, each but the last with its length."""
    steps = draw(st.lists(_steps(), min_size=1, max_size=3))
    if len(steps) == 1:
        return Dosage(tuple(steps))
    week = Bounds(duration=Quantity(Decimal(7), Unit("day")))
    for number, step in enumerate(steps):
        repeat = step.repeat or Repeat()
        bounded = replace(repeat, bounds=week if number < len(steps) - 1 else repeat.bounds)
        steps[number] = replace(step, sequence=number + 1, timing=Timing(repeat=bounded), as_needed=None)
    return Dosage(tuple(steps))


def _bare(dosage: Dosage) -> Dosage:
    """Without the words it was read from."""
    return Dosage(tuple(replace(step, text=None) for step in dosage.steps))


@given(dosages(), st.sampled_from([label, plain]))
def test_what_is_said_is_read_back_exactly(dosage: Dosage, say: Callable[[Dosage], Wording]) -> None:
    assume(read_dosage(dosage).understood)
    words = say(dosage).text
    if "; " in words:
        # Steps that our words do not carry together are said one by one, by the NHS rules.
        assert len(dosage.steps) > 1
        return
    back = read(words).dosage
    assert back is not None, words
    assert len(back.steps) == len(dosage.steps), words
    assert all(same_meaning(*pair) for pair in zip(back.steps, dosage.steps, strict=True)), words
    canonical = _bare(back)
    again = read(say(canonical).text).dosage
    assert again is not None
    assert _bare(again) == canonical
