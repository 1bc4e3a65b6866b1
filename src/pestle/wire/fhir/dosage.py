"""How is an instruction said in FHIR?

FHIR Dosage to the pharmacy's `Dosage` and back, exactly. A part of an instruction that the value cannot
hold is refused by name and place: an instruction is understood whole or not at all.

Source: FHIR R4 (4.0.1, 2019) Dosage and Timing; hl7.org/fhir/R4/dosage.html.
"""

from __future__ import annotations

import re
from datetime import time
from typing import Any

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
from pestle.pharmacy.quantity import Quantity, Range, Ratio
from pestle.pharmacy.refusal import refuse
from pestle.wire.fhir.datatypes import (
    check_date_time,
    date_time_text,
    given,
    read_concept,
    read_quantity,
    read_range,
    read_ratio,
    write_concept,
    write_quantity,
    write_range,
    write_ratio,
)
from pestle.wire.fhir.element import Element, member

_TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?")

# What each element may hold; anything else would change the instruction without our knowing.
_STEP = frozenset(
    [
        "sequence",
        "text",
        "additionalInstruction",
        "patientInstruction",
        "timing",
        "asNeededBoolean",
        "asNeededCodeableConcept",
        "site",
        "route",
        "method",
        "doseAndRate",
        "maxDosePerPeriod",
        "maxDosePerAdministration",
        "maxDosePerLifetime",
    ]
)
_TIMING = frozenset(("event", "repeat", "code"))
_REPEAT = frozenset(
    [
        "boundsDuration",
        "boundsRange",
        "boundsPeriod",
        "count",
        "countMax",
        "duration",
        "durationMax",
        "durationUnit",
        "frequency",
        "frequencyMax",
        "period",
        "periodMax",
        "periodUnit",
        "dayOfWeek",
        "timeOfDay",
        "when",
        "offset",
    ]
)
_DOSE = frozenset(["type", "doseRange", "doseQuantity", "rateRatio", "rateRange", "rateQuantity"])


def read_dosage(instructions: tuple[Element, ...]) -> Dosage | None:
    """The instruction that the Dosage elements give; None when there are none.

    Raises `Refused`: ``fhir.dosage-field``, ``fhir.choice``, ``fhir.code``, ``fhir.time``, ``fhir.date``,
    ``fhir.comparator``, ``fhir.unit-missing``, ``fhir.wrong-type``, ``fhir.missing``.
    """
    return Dosage(tuple(_read_step(step) for step in instructions)) if instructions else None


def write_dosage(dosage: Dosage) -> list[dict[str, Any]]:
    """The Dosage elements of an instruction.

    Raises `Refused` (``fhir.as-needed-reasons``): R4 can say one reason for "when required", not several.
    """
    return [_write_step(step, f"Dosage[{index}]") for index, step in enumerate(dosage.steps)]


def _only(element: Element, fields: frozenset[str]) -> None:
    for key in element.fields():
        if key not in fields and key not in ("id", "extension") and not key.startswith("_"):
            raise refuse(
                "fhir.dosage-field",
                f"“{key}” is a part of the instruction that we do not understand",
                place=element.at(key),
            )


def _read_step(step: Element) -> DosageStep:
    _only(step, _STEP)
    timing, period = step.get("timing"), step.get("maxDosePerPeriod")
    each, ever = step.get("maxDosePerAdministration"), step.get("maxDosePerLifetime")
    return DosageStep(
        sequence=step.whole("sequence"),
        text=step.text("text"),
        additional_instructions=tuple(
            read_concept(concept) for concept in step.each("additionalInstruction")
        ),
        patient_instruction=step.text("patientInstruction"),
        timing=_read_timing(timing) if timing else None,
        as_needed=_read_as_needed(step),
        site=_concept(step, "site"),
        route=_concept(step, "route"),
        method=_concept(step, "method"),
        doses=tuple(_read_dose(dose) for dose in step.each("doseAndRate")),
        max_dose_per_period=read_ratio(period) if period else None,
        max_dose_per_administration=read_quantity(each) if each else None,
        max_dose_per_lifetime=read_quantity(ever) if ever else None,
    )


def _concept(element: Element, key: str) -> Coded | None:
    concept = element.get(key)
    return read_concept(concept) if concept else None


def _read_as_needed(step: Element) -> AsNeeded | None:
    choice = step.one_of("asNeededBoolean", "asNeededCodeableConcept")
    if choice == "asNeededCodeableConcept":
        return AsNeeded((read_concept(step.need(choice)),))
    return AsNeeded() if step.truth("asNeededBoolean") else None


def _read_timing(timing: Element) -> Timing:
    _only(timing, _TIMING)
    repeat = timing.get("repeat")
    events = tuple(
        check_date_time(event, place=f"{timing.at('event')}[{index}]")
        for index, event in enumerate(timing.texts("event"))
    )
    return Timing(events, _read_repeat(repeat) if repeat else None, _concept(timing, "code"))


def _read_repeat(repeat: Element) -> Repeat:
    _only(repeat, _REPEAT)
    days = repeat.texts("dayOfWeek")
    moments = repeat.texts("when")
    return Repeat(
        bounds=_read_bounds(repeat),
        count=repeat.whole("count", least=1),
        count_max=repeat.whole("countMax", least=1),
        duration=repeat.decimal("duration"),
        duration_max=repeat.decimal("durationMax"),
        duration_unit=repeat.code("durationUnit", PeriodUnit),
        frequency=repeat.whole("frequency", least=1),
        frequency_max=repeat.whole("frequencyMax", least=1),
        period=repeat.decimal("period"),
        period_max=repeat.decimal("periodMax"),
        period_unit=repeat.code("periodUnit", PeriodUnit),
        days_of_week=tuple(member(day, Day, place=repeat.at("dayOfWeek")) for day in days),
        times_of_day=tuple(
            _time(text, place=f"{repeat.at('timeOfDay')}[{index}]")
            for index, text in enumerate(repeat.texts("timeOfDay"))
        ),
        when=tuple(member(moment, When, place=repeat.at("when")) for moment in moments),
        offset_minutes=repeat.whole("offset", least=0),
    )


def _read_bounds(repeat: Element) -> Bounds | None:
    choice = repeat.one_of("boundsDuration", "boundsRange", "boundsPeriod")
    if choice is None:
        return None
    bounds = repeat.need(choice)
    if choice == "boundsDuration":
        return Bounds(duration=read_quantity(bounds))
    if choice == "boundsRange":
        return Bounds(range=read_range(bounds))
    return Bounds(start=date_time_text(bounds, "start"), end=date_time_text(bounds, "end"))


def _time(text: str, *, place: str) -> time:
    try:
        if _TIME.fullmatch(text):
            return time.fromisoformat(text)
    except ValueError:
        pass
    raise refuse("fhir.time", f"“{text}” is not a time of day", place=place)


def _read_dose(dose: Element) -> DoseAndRate:
    _only(dose, _DOSE)
    amount: Quantity | Range | None = None
    rate: Quantity | Range | Ratio | None = None
    match dose.one_of("doseQuantity", "doseRange"):
        case "doseQuantity":
            amount = read_quantity(dose.need("doseQuantity"))
        case "doseRange":
            amount = read_range(dose.need("doseRange"))
    match dose.one_of("rateQuantity", "rateRange", "rateRatio"):
        case "rateQuantity":
            rate = read_quantity(dose.need("rateQuantity"))
        case "rateRange":
            rate = read_range(dose.need("rateRange"))
        case "rateRatio":
            rate = read_ratio(dose.need("rateRatio"))
    return DoseAndRate(amount, rate, _concept(dose, "type"))


def _write_step(step: DosageStep, place: str) -> dict[str, Any]:
    return given(
        sequence=step.sequence,
        text=step.text,
        additionalInstruction=[write_concept(coded) for coded in step.additional_instructions] or None,
        patientInstruction=step.patient_instruction,
        timing=_write_timing(step.timing) if step.timing else None,
        **_write_as_needed(step.as_needed, place),
        site=write_concept(step.site) if step.site else None,
        route=write_concept(step.route) if step.route else None,
        method=write_concept(step.method) if step.method else None,
        doseAndRate=[_write_dose(dose) for dose in step.doses] or None,
        maxDosePerPeriod=write_ratio(step.max_dose_per_period) if step.max_dose_per_period else None,
        maxDosePerAdministration=_amount(step.max_dose_per_administration),
        maxDosePerLifetime=_amount(step.max_dose_per_lifetime),
    )


def _amount(quantity: Quantity | None) -> dict[str, Any] | None:
    return write_quantity(quantity) if quantity else None


def _write_as_needed(as_needed: AsNeeded | None, place: str) -> dict[str, Any]:
    if as_needed is None:
        return {}
    if len(as_needed.reasons) > 1:
        raise refuse(
            "fhir.as-needed-reasons",
            "FHIR R4 can say one reason for “when required”, not several",
            place=place,
        )
    if as_needed.reasons:
        return {"asNeededCodeableConcept": write_concept(as_needed.reasons[0])}
    return {"asNeededBoolean": True}


def _write_timing(timing: Timing) -> dict[str, Any]:
    return given(
        event=list(timing.events) or None,
        repeat=_write_repeat(timing.repeat) if timing.repeat else None,
        code=write_concept(timing.code) if timing.code else None,
    )


def _write_repeat(repeat: Repeat) -> dict[str, Any]:
    if repeat.cycle is not None:
        raise refuse("fhir.cycle", "FHIR R4 has no element for days on and days off", place="timing.repeat")
    return given(
        **_write_bounds(repeat.bounds),
        count=repeat.count,
        countMax=repeat.count_max,
        duration=repeat.duration,
        durationMax=repeat.duration_max,
        durationUnit=repeat.duration_unit.value if repeat.duration_unit else None,
        frequency=repeat.frequency,
        frequencyMax=repeat.frequency_max,
        period=repeat.period,
        periodMax=repeat.period_max,
        periodUnit=repeat.period_unit.value if repeat.period_unit else None,
        dayOfWeek=[day.value for day in repeat.days_of_week] or None,
        timeOfDay=[moment.isoformat() for moment in repeat.times_of_day] or None,
        when=[moment.value for moment in repeat.when] or None,
        offset=repeat.offset_minutes,
    )


def _write_bounds(bounds: Bounds | None) -> dict[str, Any]:
    if bounds is None:
        return {}
    if bounds.duration:
        return {"boundsDuration": write_quantity(bounds.duration)}
    if bounds.range:
        return {"boundsRange": write_range(bounds.range)}
    return {"boundsPeriod": given(start=bounds.start, end=bounds.end)}


def _write_dose(dose: DoseAndRate) -> dict[str, Any]:
    written: dict[str, Any] = {"type": write_concept(dose.kind)} if dose.kind else {}
    match dose.dose:
        case Quantity():
            written["doseQuantity"] = write_quantity(dose.dose)
        case Range():
            written["doseRange"] = write_range(dose.dose)
    match dose.rate:
        case Quantity():
            written["rateQuantity"] = write_quantity(dose.rate)
        case Range():
            written["rateRange"] = write_range(dose.rate)
        case Ratio():
            written["rateRatio"] = write_ratio(dose.rate)
    return written
