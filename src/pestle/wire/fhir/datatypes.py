"""How are the small FHIR data types read into pharmacy values, and written?

Dates keep what was written where precision matters; a date that must be whole and is not is refused.
What a value cannot hold is refused by name, never dropped: a comparator, a number without a unit.

Source: FHIR R4 data types (hl7.org/fhir/R4/datatypes.html, 2019).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import SNOMED, UCUM, Quantity, Range, Ratio, Unit
from pestle.pharmacy.record.moment import PartialDate, partial_date
from pestle.pharmacy.record.observation import Comparator
from pestle.pharmacy.refusal import refuse
from pestle.wire.fhir.element import Element, missing

PURE_NUMBER = Unit("1", UCUM, "1")

_DATE_TIME = re.compile(
    r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2}))?)?)?"
)


def read_coding(coding: Element) -> Coded:
    """A Coding: its display, or its code where nothing is displayed."""
    code = coding.text("code")
    text = coding.text("display") or code
    if text is None:
        raise missing(coding.at("code"))
    return Coded(text, coding.text("system"), code)


def read_concept(concept: Element) -> Coded:
    """A CodeableConcept: its SNOMED CT coding, else its first; `text`, where given, is what was meant."""
    codings = concept.where("coding", "system", SNOMED) or concept.each("coding")
    said = concept.text("text")
    if not codings:
        if said is None:
            raise missing(concept.at("text"))
        return Coded(said)
    coded = read_coding(codings[0])
    return Coded(said, coded.system, coded.code) if said else coded


def read_concepts(concept: Element) -> tuple[Coded, ...]:
    """Every coding of a CodeableConcept, the one of `read_concept` first."""
    chosen = read_concept(concept)
    others = [read_coding(coding) for coding in concept.each("coding")]
    return (chosen, *(one for one in others if (one.system, one.code) != (chosen.system, chosen.code)))


def write_concepts(what: Coded, also: tuple[Coded, ...]) -> dict[str, Any]:
    """The CodeableConcept of a word with several codes; the first stays the first."""
    written = write_concept(what)
    if not also:
        return written
    codings = [*written.get("coding", ()), *(write_coding(coded) for coded in also)]
    return {"coding": codings, "text": what.text}


def write_coding(coded: Coded) -> dict[str, Any]:
    """The Coding of a coded word."""
    shown = {} if coded.text == coded.code else {"display": coded.text}
    return given(system=coded.system, code=coded.code) | shown


def write_concept(coded: Coded) -> dict[str, Any]:
    """The CodeableConcept of a coded word; of one without code and system, its text."""
    return {"coding": [write_coding(coded)]} if coded.code or coded.system else {"text": coded.text}


def read_quantity(quantity: Element) -> Quantity:
    """A Quantity. Raises `Refused`: ``fhir.missing``, ``fhir.comparator``, ``fhir.unit-missing``."""
    if quantity.has("comparator"):
        raise refuse(
            "fhir.comparator", "“More or less than” is not an amount", place=quantity.at("comparator")
        )
    value = quantity.decimal("value")
    if value is None:
        raise missing(quantity.at("value"))
    code = quantity.text("code")
    unit = quantity.text("unit") or code
    if unit is None:
        raise refuse("fhir.unit-missing", "A number without a unit is not an amount", place=quantity.place)
    return Quantity(value, Unit(unit, quantity.text("system"), code))


def read_measured(quantity: Element) -> tuple[Quantity, Comparator | None]:
    """A Quantity that was measured: it may lie beyond its number, and a ratio such as the INR has no unit.

    A number to which no unit is given is a pure number (UCUM unit 1), which is no kilogram. Raises `Refused`:
    ``fhir.missing``, ``fhir.code``.
    """
    comparator = quantity.code("comparator", Comparator)
    value = quantity.decimal("value")
    if value is None:
        raise missing(quantity.at("value"))
    code, system = quantity.text("code"), quantity.text("system")
    unit = quantity.text("unit") or code
    return Quantity(value, Unit(unit, system, code) if unit else PURE_NUMBER), comparator


def write_measured(quantity: Quantity, comparator: Comparator | None) -> dict[str, Any]:
    """The Quantity of what was measured."""
    return write_quantity(quantity) | given(comparator=comparator.value if comparator else None)


def write_quantity(quantity: Quantity) -> dict[str, Any]:
    """The Quantity of an amount."""
    unit = quantity.unit
    return given(value=quantity.value, unit=unit.text, system=unit.system, code=unit.code)


def read_range(span: Element) -> Range:
    """A Range with at least one end. Raises `Refused` (``fhir.missing``)."""
    low, high = span.get("low"), span.get("high")
    if low is None and high is None:
        raise missing(span.at("low"))
    return Range(read_quantity(low) if low else None, read_quantity(high) if high else None)


def write_range(span: Range) -> dict[str, Any]:
    """The Range of an amount from, to."""
    return given(
        low=write_quantity(span.low) if span.low else None,
        high=write_quantity(span.high) if span.high else None,
    )


def read_ratio(ratio: Element) -> Ratio:
    """A Ratio with both of its parts. Raises `Refused` (``fhir.missing``)."""
    return Ratio(read_quantity(ratio.need("numerator")), read_quantity(ratio.need("denominator")))


def write_ratio(ratio: Ratio) -> dict[str, Any]:
    """The Ratio of one amount in every other."""
    return {"numerator": write_quantity(ratio.numerator), "denominator": write_quantity(ratio.denominator)}


def date_time_text(element: Element, key: str) -> str | None:
    """A dateTime as written, precision and all. Raises `Refused` (``fhir.date``) if it is none."""
    text = element.text(key)
    return None if text is None else check_date_time(text, place=element.at(key))


def check_date_time(text: str, *, place: str) -> str:
    """The text, if it is a FHIR dateTime. Raises `Refused` (``fhir.date``)."""
    if not _DATE_TIME.fullmatch(text):
        raise refuse("fhir.date", f"“{text}” is not a date or time", place=place)
    return text


def read_date(element: Element, key: str) -> date | None:
    """The calendar day of a date or dateTime, as its writer saw it.

    Raises `Refused`: ``fhir.date``, ``fhir.date-precision`` for a year or month alone.
    """
    text = date_time_text(element, key)
    if text is None:
        return None
    if len(text) < 10:
        raise refuse("fhir.date-precision", f"“{text}” does not say the day", place=element.at(key))
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise refuse("fhir.date", f"“{text}” is not a date", place=element.at(key)) from None


def read_instant(element: Element, key: str) -> datetime | None:
    """A moment, in UTC. Raises `Refused`: ``fhir.date``, ``fhir.date-precision`` for a day alone."""
    text = date_time_text(element, key)
    if text is None:
        return None
    if "T" not in text:
        raise refuse("fhir.date-precision", f"“{text}” does not say the time", place=element.at(key))
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise refuse("fhir.date", f"“{text}” is not a moment", place=element.at(key)) from None


def write_instant(moment: datetime) -> str:
    """A moment with its offset, in UTC."""
    if moment.tzinfo is None:
        raise TypeError("a moment in a message has a time zone")
    return moment.astimezone(UTC).isoformat()


def read_moment(element: Element, key: str) -> tuple[PartialDate | None, datetime | None]:
    """The day of a dateTime as its writer saw it, whole or not, and the moment (UTC) if a time is written.

    Raises `Refused`: ``fhir.date``, ``date.impossible``.
    """
    text = date_time_text(element, key)
    if text is None:
        return None, None
    return partial_date(text, place=element.at(key)), read_instant(element, key) if "T" in text else None


def write_moment(day: PartialDate | None, at: datetime | None) -> str | None:
    """The dateTime of a day, or of a moment in the offset in which it falls on that day."""
    if at is None:
        return None if day is None else str(day)
    hours = (0, *(sign * ahead for ahead in range(1, 15) for sign in (1, -1)))
    for offset in hours:
        try:
            there = at.astimezone(timezone(timedelta(hours=offset)))
        except OverflowError:
            continue
        if day is None or str(day) == there.date().isoformat():
            return there.isoformat()
    raise ValueError(f"{at.isoformat()} is not on {day} anywhere")


def given(**fields: Any) -> dict[str, Any]:
    """The fields that are known: None is left out."""
    return {key: value for key, value in fields.items() if value is not None}
