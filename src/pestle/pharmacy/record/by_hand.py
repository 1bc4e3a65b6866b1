"""What may a person write down of a patient, and as which fact?

A measurement needs a kind that the definitions know, a number, a unit that the kind takes, a day that does
not lie ahead, and a value that a living person can have: a slip of the hand is caught before it becomes a
result. An answer is one of those that its kind knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import UCUM, Quantity, Unit, decimal
from pestle.pharmacy.record.condition import ClinicalStatus, Condition, VerificationStatus
from pestle.pharmacy.record.medication import Medication, MedicationStatement, StatementStatus
from pestle.pharmacy.record.moment import PartialDate, partial_date
from pestle.pharmacy.record.observable import Observable
from pestle.pharmacy.record.observation import Component, Observation, Value
from pestle.pharmacy.record.provenance import Provenance
from pestle.pharmacy.record.result import NoResult, Why, read
from pestle.pharmacy.refusal import refuse

_TWO_VALUES = ("systolic_bp", "diastolic_bp")
BLOOD_PRESSURE = "blood_pressure"
# What stands in place of a value that was not seen; no kind of result takes it for one.
DONE_ELSEWHERE = "done elsewhere, value not seen"
_RULES = {
    Why.UNIT: ("record.unit", "unit"),
    Why.IMPLAUSIBLE: ("record.implausible", "value"),
    Why.NOT_UNDERSTOOD: ("record.not-an-answer", "value"),
}


def can_be_recorded(observable: Observable) -> bool:
    """Whether a person can write it down: it is measured or answered, or is a blood pressure."""
    return observable.unit is not None or bool(observable.answers) or observable.name == BLOOD_PRESSURE


def observation(
    observables: Mapping[str, Observable],
    *,
    kind: str,
    value: str,
    unit: str,
    taken: str,
    on: date,
    told: Provenance,
    id: str,
) -> Observation:
    """The result that a person writes: ``72.5`` ``kg``, ``142/84``, ``pregnant``.

    Without a unit the kind's own is meant, which the form shows. Raises `Refused`: ``record.kind``,
    ``quantity.not-a-number``, ``record.unit``, ``record.implausible``, ``record.not-an-answer``,
    ``record.blood-pressure``, and those of a day.
    """
    observable = observables.get(kind)
    if observable is None or not can_be_recorded(observable):
        raise refuse("record.kind", "This is not a kind of result that can be recorded", place="kind")
    day = _day(taken, on=on, needed=True)
    if kind == BLOOD_PRESSURE:
        return _blood_pressure(observables, observable, value, day, told, id)
    held = _value(observable, value, unit)
    found = Observation(id, Coded(observable.title), told, day, held)
    _must_be_usable(found, found, observable)
    return found


def elsewhere(
    observables: Mapping[str, Observable],
    *,
    kind: str,
    taken: str,
    where: str,
    reason: str,
    on: date,
    told: Provenance,
    id: str,
) -> Observation:
    """That a test was done elsewhere, and its value was not seen here: it counts as done, and holds no limit.

    Raises `Refused`: ``record.kind``, ``record.no-place``, ``record.no-reason``, and those of a day.
    """
    observable = observables.get(kind)
    if observable is None:
        raise refuse("record.kind", "This is not a kind of result that is known", place="kind")
    if len(where.strip()) < 3:
        raise refuse("record.no-place", "Say where it was done", place="where")
    if len(reason.strip()) < 3:
        raise refuse("record.no-reason", "Say how you know, or why it was done there", place="reason")
    day = _day(taken, on=on, needed=True)
    note = f"{where.strip()}: {reason.strip()}"
    return Observation(id, Coded(observable.title), told, day, DONE_ELSEWHERE, note=note)


def is_elsewhere(observation: Observation) -> bool:
    """Whether it only says that a test was done elsewhere."""
    return observation.value == DONE_ELSEWHERE


def condition(*, what: str, began: str, note: str, on: date, told: Provenance, id: str) -> Condition:
    """A diagnosis in a person's words. Raises `Refused`: ``record.no-condition``, and those of a day."""
    if len(what.strip()) < 3:
        raise refuse("record.no-condition", "Name the condition", place="condition")
    return Condition(
        id=id,
        what=Coded(what.strip()),
        provenance=told,
        status=ClinicalStatus.ACTIVE,
        verification=VerificationStatus.CONFIRMED,
        onset=_day(began, on=on, needed=False),
        note=note.strip(),
    )


def statement(*, medication: Coded, starts: str, on: date, told: Provenance, id: str) -> MedicationStatement:
    """That a medicine is taken. Raises `Refused`: ``record.no-medicine``, and those of a day."""
    if len(medication.text.strip()) < 3:
        raise refuse("record.no-medicine", "Name the medicine", place="medicine")
    day = _day(starts, on=on, needed=False)
    return MedicationStatement(id, Medication(medication), told, StatementStatus.ACTIVE, starts=day)


def _value(observable: Observable, value: str, unit: str) -> Value:
    if observable.unit is None:
        chosen = next((name for name in observable.answers or {} if name == value.strip()), None)
        if chosen is None:
            raise refuse("record.not-an-answer", "Choose one of the answers", place="value")
        return Coded(chosen.replace("_", " "))
    known = Unit(observable.unit) if observable.unit else Unit("1", UCUM, "1")
    return Quantity(decimal(value, place="value"), Unit(unit.strip()) if unit.strip() else known)


def _blood_pressure(
    observables: Mapping[str, Observable],
    observable: Observable,
    value: str,
    day: PartialDate | None,
    told: Provenance,
    id: str,
) -> Observation:
    parts = [part.strip() for part in value.split("/")]
    if len(parts) != len(_TWO_VALUES):
        raise refuse("record.blood-pressure", "Write both values, such as 142/84", place="value")
    kinds = [observables[name] for name in _TWO_VALUES]
    components = tuple(
        Component(Coded(kind.title), _value(kind, part, "")) for kind, part in zip(kinds, parts, strict=True)
    )
    found = Observation(id, Coded(observable.title), told, day, components=components)
    for component, kind in zip(components, kinds, strict=True):
        _must_be_usable(component, found, kind)
    systolic, diastolic = (component.value for component in components)
    assert isinstance(systolic, Quantity)
    assert isinstance(diastolic, Quantity)
    if systolic.value <= diastolic.value:
        raise refuse("record.blood-pressure", "The first value is the higher one", place="value")
    return found


def _must_be_usable(part: Observation | Component, whole: Observation, observable: Observable) -> None:
    found = read(part, whole, observable)
    if isinstance(found, NoResult):
        rule, place = _RULES.get(found.why, ("record.not-an-answer", "value"))
        takes = ", ".join(sorted(observable.units or {}))
        raise refuse(rule, found.words, place=place, way_out=f"It takes {takes}." if takes else None)


def _day(text: str, *, on: date, needed: bool) -> PartialDate | None:
    if not text.strip():
        if needed:
            raise refuse("record.no-day", "Say on which day", place="date")
        return None
    day = partial_date(text, place="date")
    if day.first > on:
        raise refuse("record.day-ahead", "This day lies ahead", place="date")
    return day
