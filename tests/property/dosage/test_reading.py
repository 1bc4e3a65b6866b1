"""What holds for every text and for every instruction that can be said in canonical words?"""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.dosage.amounts import TwoWays
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
from pestle.pharmacy.dosage.lexicon import ENTRIES, Kind
from pestle.pharmacy.dosage.limits import believable
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.rate import Span, times_per_day
from pestle.pharmacy.dosage.reading import reading_json
from pestle.pharmacy.dosage.same import same_meaning
from pestle.pharmacy.dosage.supply import CannotTell, Daily, Days, daily_amount, days_supply
from pestle.pharmacy.dosage.tokens import lexemes
from pestle.pharmacy.dosage.wording import dose_to_text, label, plain
from pestle.pharmacy.quantity import Quantity, Range, Ratio, Unit

_KNOWN = sorted(phrase for phrase, (kind, _) in ENTRIES.items() if kind is not Kind.MAXIMUM)
_WORDS = st.sampled_from(
    [*_KNOWN, "1", "2", "3", "10", "2.5", "8am", "08:00", "24/06/2021", "½", "lorem", "5ml"]
)
_SENTENCES = st.lists(_WORDS, max_size=8).map(" ".join)


@given(st.one_of(st.text(), _SENTENCES, st.tuples(_SENTENCES, st.text(max_size=5)).map("".join)))
def test_reading_never_raises_and_is_one_thing_or_the_other(text: str) -> None:
    reading = read(text)
    assert reading.text == text
    assert reading.understood == (reading.refusal is None)
    reading_json(reading)


@given(st.text())
def test_no_character_is_lost(text: str) -> None:
    kept = "".join(lexeme.text for lexeme in lexemes(text))
    assert "".join(kept.split()).casefold().replace(".", "") == "".join(text.split()).casefold().replace(
        ".", ""
    )


@given(_SENTENCES, st.sampled_from(["weekly", "once a week", "every week", "on Mondays", "every Monday",
                                    "on the same day each week"]), _SENTENCES)  # fmt: skip
def test_weekly_is_never_daily(before: str, weekly: str, after: str) -> None:
    reading = read(f"{before} {weekly} {after}")
    if reading.dosage is None:
        return
    weekly_steps = [
        step.repeat
        for step in reading.dosage.steps
        if step.repeat and (step.repeat.days_of_week or step.repeat.period_unit is PeriodUnit.WEEK)
    ]
    assert weekly_steps
    assert len(weekly_steps) == len(reading.dosage.steps) or len(reading.dosage.steps) > 1
    for repeat in weekly_steps:
        often = times_per_day(repeat)
        assert not isinstance(often, Span) or often.most is None or often.most <= Fraction(20, 7)


@given(_SENTENCES, st.sampled_from(["then", "and then", ", then", "followed by"]), _SENTENCES)
def test_several_steps_are_never_folded_into_one(before: str, then: str, after: str) -> None:
    first, second = read(before), read(after)
    reading = read(f"{before} {then} {after}")
    if first.dosage and second.dosage and reading.dosage:
        assert len(reading.dosage.steps) >= 2
        assert len({step.sequence for step in reading.dosage.steps}) >= 2


_UNITS = st.sampled_from(
    ["tablet", "capsule", "puff", "patch", "milligram", "ml", "gram", "microgram", "unit"]
)
_VALUES = st.sampled_from([Decimal(value) for value in ("1", "2", "3", "8", "0.5", "2.5", "10")])


@st.composite
def doses(draw: st.DrawFn) -> Quantity | Range:
    """An amount, a range, or an upper end alone."""
    unit = Unit(draw(_UNITS))
    low, high = sorted((draw(_VALUES), draw(_VALUES)))
    if low == high:
        return Quantity(low, unit)
    return Range(draw(st.sampled_from([Quantity(low, unit), None])), Quantity(high, unit))


@st.composite
def bounds(draw: st.DrawFn) -> Bounds:
    """So many days, weeks or months; a range; or dates."""
    unit = Unit(draw(st.sampled_from(["day", "week", "month"])))
    low, high = (
        Quantity(Decimal(value), unit) for value in (draw(st.integers(1, 5)), draw(st.integers(6, 11)))
    )
    return draw(
        st.sampled_from([
            Bounds(duration=low), Bounds(range=Range(low, high)), Bounds(range=Range(None, high)),
            Bounds(range=Range(low, None)), Bounds(start="2021-06-24"), Bounds(end="2021-07-24"),
            Bounds(start="2021-06-24", end="2021-07-24"),
        ])
    )  # fmt: skip


_PATTERNS = st.one_of(
    st.builds(Repeat, frequency=st.integers(1, 6), period=st.just(Decimal(1)),
              period_unit=st.sampled_from([PeriodUnit.DAY, PeriodUnit.WEEK, PeriodUnit.MONTH])),
    st.builds(Repeat, frequency=st.just(2), frequency_max=st.integers(3, 6), period=st.just(Decimal(1)),
              period_unit=st.just(PeriodUnit.DAY)),
    st.builds(Repeat, frequency_max=st.integers(2, 6), period=st.just(Decimal(1)),
              period_unit=st.just(PeriodUnit.DAY)),
    st.builds(Repeat, frequency=st.just(1), period=st.integers(2, 72).map(Decimal),
              period_unit=st.sampled_from([PeriodUnit.HOUR, PeriodUnit.DAY, PeriodUnit.WEEK])),
    st.just(Repeat(frequency=1, period=Decimal(4), period_max=Decimal(6), period_unit=PeriodUnit.HOUR)),
    st.just(Repeat(period=Decimal(1), period_unit=PeriodUnit.DAY)),
    st.just(Repeat(period=Decimal(1), period_unit=PeriodUnit.WEEK)),
    st.builds(Repeat, when=st.lists(st.sampled_from(When), min_size=1, max_size=3, unique=True).map(tuple)),
    st.builds(Repeat, times_of_day=st.lists(st.sampled_from([time(8), time(13, 30), time(20)]), min_size=1,
                                            unique=True).map(tuple)),
    st.just(Repeat(frequency=1, period=Decimal(1), period_unit=PeriodUnit.WEEK, days_of_week=(Day.MONDAY,))),
    st.just(Repeat(frequency=2, period=Decimal(1), period_unit=PeriodUnit.WEEK,
                   days_of_week=(Day.MONDAY, Day.THURSDAY), times_of_day=(time(8),))),
)  # fmt: skip


@st.composite
def canonical(draw: st.DrawFn) -> Dosage:
    """One step as a prescribing system would structure it."""
    repeat = replace(draw(_PATTERNS), bounds=draw(st.none() | bounds()))
    dose = draw(doses())
    unit = dose.unit if isinstance(dose, Quantity) else dose.high.unit if dose.high else Unit("tablet")
    top = Ratio(Quantity(Decimal(100), unit), Quantity(Decimal(24), Unit("hour")))
    step = DosageStep(
        timing=Timing(repeat=repeat),
        doses=(DoseAndRate(dose=dose),),
        method=draw(st.none() | st.sampled_from(["Take", "Apply", "Inject", "Swallow"]).map(Coded)),
        route=draw(st.none() | st.sampled_from(["Oral route", "Subcutaneous route", "oral"]).map(Coded)),
        # A tablet is not put into an eye.
        site=draw(st.none() | st.sampled_from(["Left eye"] * (unit.text == "ml") + ["Right arm"]).map(Coded)),
        as_needed=draw(st.sampled_from([None, AsNeeded(), AsNeeded((Coded("pain"), Coded("nausea")))])),
        max_dose_per_period=draw(st.sampled_from([None, top])),
    )
    try:
        believable(step)
    except TwoWays:
        assume(False)
    return Dosage((step,))


@given(canonical())
def test_what_is_printed_is_read_back(dosage: Dosage) -> None:
    text = dose_to_text(dosage)
    reading = read(text)
    assert reading.dosage is not None, (text, reading.refusal)
    assert same_meaning(reading.dosage.steps[0], dosage.steps[0]), text


@given(canonical())
def test_structure_and_its_own_text_agree(dosage: Dosage) -> None:
    told = Dosage((replace(dosage.steps[0], text=dose_to_text(dosage)),))
    reading = read_dosage(told)
    assert reading.dosage == told, reading.refusal
    reread = read_dosage(read(told.text).dosage or told)
    assert reread.understood, reread.refusal


@given(canonical())
def test_a_label_says_the_instruction_or_the_prescribers_words(dosage: Dosage) -> None:
    told = Dosage((replace(dosage.steps[0], text=dose_to_text(dosage)),))
    for wording in (label(told), plain(told)):
        if wording.verbatim:
            assert wording.text == told.text
            continue
        reading = read(wording.text)
        assert reading.dosage is not None
        assert times_per_day(reading.dosage.steps[0].repeat) == times_per_day(dosage.steps[0].repeat)


@given(_SENTENCES)
def test_what_is_understood_stays_understood(text: str) -> None:
    reading = read(text)
    if reading.dosage is not None:
        assert read_dosage(reading.dosage).dosage == reading.dosage


@given(canonical(), st.integers(0, 200))
def test_days_times_daily_amount_is_the_quantity(dosage: Dosage, value: int) -> None:
    daily = daily_amount(dosage)
    if isinstance(daily, CannotTell):
        return
    assert isinstance(daily, Daily)
    days = days_supply(dosage, Quantity(Decimal(value), daily.unit), None)
    if isinstance(days, Days) and dosage.steps[0].repeat and dosage.steps[0].repeat.bounds is None:
        assert days.exact_least * daily.exact_most == value
        assert days.exact_most * daily.exact_least == value
