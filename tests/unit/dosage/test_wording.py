"""Verbs, the prescriber's own words, and what is not dropped."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pestle.pharmacy.dosage.dose import (
    Bounds,
    Coded,
    Day,
    Dosage,
    DosageStep,
    DoseAndRate,
    PeriodUnit,
    Repeat,
    Timing,
)
from pestle.pharmacy.dosage.parse import read
from pestle.pharmacy.dosage.wording import Wording, dose_to_text, label, plain
from pestle.pharmacy.quantity import Quantity, Range, Ratio, Unit
from pestle.pharmacy.refusal import Refused


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("One tablet three times a day for 10 days", "Take ONE tablet THREE times a day for 10 days."),
        ("half a tablet daily", "Take HALF a tablet every day."),
        ("1.5 tablets daily", "Take ONE AND A HALF tablets every day."),
        ("2 puffs four times a day", "Inhale TWO puffs FOUR times a day."),
        ("one suppository at night", "Insert ONE suppository at night."),
        ("1 patch every 72 hours", "Apply ONE patch every 72 hours."),
        ("1 drop in the left eye every 4 hours", "Put ONE drop every FOUR hours in the left eye."),
        ("2 three times a day", "TWO to be used THREE times a day."),
        ("5mg orally daily", "Take 5 milligram every day."),
        ("5mg daily", "Use 5 milligram every day."),
        ("1 tablet daily under the tongue", "Take ONE tablet every day, under the tongue."),
        ("take one daily with food for pain", "ONE to be taken every day. With food. For pain."),
    ],
)
def test_label_words(text: str, words: str) -> None:
    assert _label(text) == Wording(words, verbatim=False)


def _label(text: str, *, verb: str | None = None, form: str | None = None) -> Wording:
    dosage = read(text).dosage
    assert dosage is not None
    return label(dosage, verb=verb, form=form)


def test_form_and_verb_choose_the_first_word() -> None:
    assert _label("5mg daily", form="Tablet").text == "Take 5 milligram every day."
    assert _label("5mg daily", form="Cream").text == "Apply 5 milligram every day."
    assert _label("5mg daily", form="Cream", verb="Give").text == "Give 5 milligram every day."


@pytest.mark.parametrize("text", ["2 times a day", "Follow directions", "4 hourly", "lorem ipsum"])
def test_without_a_dose_or_an_understanding_the_words_are_the_prescribers(text: str) -> None:
    dosage = Dosage((DosageStep(text=text),))
    assert label(dosage) == plain(dosage) == Wording(text, verbatim=True)


def _structured() -> DosageStep:
    repeat = Repeat(frequency=1, period=Decimal(1), period_unit=PeriodUnit.DAY)
    dose = DoseAndRate(dose=Quantity(Decimal(1), Unit("tablet")))
    return DosageStep(timing=Timing(repeat=repeat), doses=(dose,))


def test_what_label_words_cannot_carry_is_left_to_the_prescribers_words() -> None:
    step = _structured()
    rated = replace(
        step, doses=(replace(step.doses[0], rate=Quantity(Decimal(1), Unit("litre per minute"))),)
    )
    coded = replace(step, additional_instructions=(Coded("421769005", code="421769005"),))
    dated = replace(step, timing=Timing(repeat=replace(_daily(), bounds=Bounds(start="2026-01-02"))))
    for case in (rated, coded, dated):
        text = "1 tablet - once a day" if case is not dated else "1 tablet - once a day - from 02/01/2026"
        assert label(Dosage((replace(case, text=text),))) == Wording(text, verbatim=True)


def _daily() -> Repeat:
    return Repeat(frequency=1, period=Decimal(1), period_unit=PeriodUnit.DAY)


def test_steps_are_joined_in_their_order() -> None:
    first = replace(_structured(), sequence=1)
    dose = (DoseAndRate(dose=Quantity(Decimal(2), Unit("tablet"))),)
    dosage = Dosage((replace(first, sequence=2), replace(first, doses=dose)))
    assert label(dosage).text == "Take TWO tablets ONCE a day. Then take ONE tablet ONCE a day."


def test_a_patient_instruction_that_adds_something_is_kept() -> None:
    step = replace(_structured(), patient_instruction="with food")
    assert label(Dosage((step,))).text == "Take ONE tablet ONCE a day. With food."


def test_a_step_without_words_is_said_from_its_structure() -> None:
    first = replace(_structured(), sequence=1, text="lorem ipsum")
    dosage = Dosage((first, replace(_structured(), sequence=2)))
    assert label(dosage) == Wording("lorem ipsum; 1 tablet - once a day", verbatim=False)
    timing = Timing(repeat=_daily())
    assert label(Dosage((DosageStep(timing=timing),))) == Wording("once a day", verbatim=False)


def test_nothing_to_say_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        label(Dosage((DosageStep(),)))
    assert caught.value.rule == "dosage.no-words"


def test_dose_to_text_refuses_or_shows_what_it_cannot_say() -> None:
    step = replace(
        _structured(), doses=(DoseAndRate(dose=Range(Quantity(Decimal(1), Unit("tablet")), None)),)
    )
    with pytest.raises(Refused) as caught:
        dose_to_text(Dosage((step,)))
    assert caught.value.rule == "dosage.not-sayable"
    assert caught.value.refusals[0].place == "doseRange"
    assert "[not sayable: " in dose_to_text(Dosage((step,)), strict=False)


_DAY, _NONE = Unit("day"), Quantity(Decimal(0), Unit("tablet"))
_ONE, _FOUR = Quantity(Decimal(1), Unit("tablet")), Quantity(Decimal(4), Unit("tablet"))
_SEVEN_TO_FIVE = Range(Quantity(Decimal(7), _DAY), Quantity(Decimal(5), _DAY))


@pytest.mark.parametrize(
    ("changes", "repeat", "place"),
    [
        ({"doses": (DoseAndRate(dose=_NONE),)}, {}, "dosage"),
        ({"doses": (DoseAndRate(dose=Range(_FOUR, _ONE)),)}, {}, "dosage"),
        ({"doses": (DoseAndRate(dose=Range(_ONE, Quantity(Decimal(5), Unit("ml")))),)}, {}, "dosage"),
        ({"doses": (DoseAndRate(dose=Quantity(Decimal(10), Unit("U"))),)}, {}, "doseQuantity"),
        ({"max_dose_per_period": Ratio(_FOUR, Quantity(Decimal(0), _DAY))}, {}, "maxDosePerPeriod"),
        ({"max_dose_per_administration": _NONE}, {}, "maxDosePerAdministration"),
        ({}, {"frequency": 0}, "frequency"),
        ({}, {"frequency": 3, "frequency_max": 2}, "frequency"),
        ({}, {"period": Decimal(0)}, "period"),
        ({}, {"period": Decimal(6), "period_max": Decimal(4)}, "period"),
        ({}, {"count": 3, "count_max": 2}, "count"),
        ({}, {"days_of_week": (Day.MONDAY, Day.MONDAY)}, "dayOfWeek"),
        ({}, {"bounds": Bounds(duration=Quantity(Decimal(0), _DAY))}, "boundsDuration"),
        ({}, {"bounds": Bounds(range=_SEVEN_TO_FIVE)}, "boundsRange"),
        ({}, {"bounds": Bounds(start="2026-05-05", end="2026-05-01")}, "boundsPeriod"),
    ],
)
def test_what_contradicts_itself_is_not_said(
    changes: dict[str, Any], repeat: dict[str, Any], place: str
) -> None:
    step = replace(_structured(), timing=Timing(repeat=replace(_daily(), **repeat)), **changes)
    with pytest.raises(Refused) as caught:
        dose_to_text(Dosage((step,)))
    assert place in {refusal.place for refusal in caught.value.refusals}
    with pytest.raises(Refused):
        label(Dosage((step,)))


def test_words_that_change_are_said_once_where_the_label_cannot_say_them() -> None:
    written = "1 tablet daily except 1.5 tablets on Monday and Friday"
    dosage = read(written).dosage
    assert dosage is not None
    assert len(dosage.steps) == 2
    assert label(dosage).verbatim
    growing = read("one at night increasing to two at night after one week").dosage
    assert growing is not None
    assert label(growing).text == "ONE to be used at night for 1 week. Then TWO to be used at night."


def test_two_amounts_of_one_dose_stand_together() -> None:
    mg = DoseAndRate(dose=Quantity(Decimal(5), Unit("milligram")))
    step = replace(_structured(), doses=(DoseAndRate(dose=Quantity(Decimal(2), Unit("tablet"))), mg))
    assert dose_to_text(Dosage((step,))) == "2 tablet (5 milligram) - once a day"
