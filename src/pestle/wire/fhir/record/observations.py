"""How is a result, a measurement or an answer said in FHIR? Observation.

Source: FHIR R4 Observation (hl7.org/fhir/R4/observation.html, 2019); US Core and UK Core vital signs.
"""

from __future__ import annotations

from typing import Any

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import Quantity, Range
from pestle.pharmacy.record.observation import Comparator, Component, Observation, ObservationStatus, Value
from pestle.pharmacy.refusal import refuse
from pestle.wire.fhir.datatypes import (
    given,
    read_concept,
    read_measured,
    read_moment,
    write_concept,
    write_concepts,
    write_measured,
    write_moment,
    write_range,
)
from pestle.wire.fhir.element import Element, member
from pestle.wire.fhir.record.reading import Reading, concepts, notes

_VALUES = ("valueQuantity", "valueCodeableConcept", "valueString", "valueBoolean")
_TIMES = ("effectiveDateTime", "effectiveInstant", "effectivePeriod")


def read_observation(resource: Element, reading: Reading) -> Observation:
    """The observation. Raises `Refused`: the ``fhir.`` rules, ``record.value-kind``.

    One whose value is of a kind that the record cannot hold is refused whole: without it, it would read as a
    result that is missing.
    """
    what, also = concepts(resource, "code")
    value, comparator = _value(resource)
    which = resource.one_of(*_TIMES)
    taken, taken_at = None, None
    if which == "effectivePeriod":
        taken, taken_at = read_moment(resource.need(which), "start")
    elif which is not None:
        taken, taken_at = read_moment(resource, which)
    return Observation(
        id="",
        what=what,
        also=also,
        provenance=reading.provenance(resource, "performer", recorded="issued", happened_at=taken_at),
        taken=taken,
        taken_at=taken_at,
        value=value,
        comparator=comparator,
        status=member(resource.need_text("status"), ObservationStatus, place=resource.at("status")),
        reference=reading.optional(lambda: _reference(resource), None),
        interpretation=reading.concept(resource, "interpretation"),
        missing=reading.concept(resource, "dataAbsentReason"),
        components=tuple(_component(one, reading) for one in resource.each("component")),
        note=notes(resource),
    )


def write_observation(observation: Observation) -> dict[str, Any]:
    """The Observation resource, without id and subject."""
    reference, interpretation = observation.reference, observation.interpretation
    return (
        {"resourceType": "Observation", "status": observation.status.value}
        | given(
            code=write_concepts(observation.what, observation.also),
            effectiveDateTime=write_moment(observation.taken, observation.taken_at),
        )
        | _write_value(observation.value, observation.comparator)
        | given(
            dataAbsentReason=write_concept(observation.missing) if observation.missing else None,
            interpretation=[write_concept(interpretation)] if interpretation else None,
            note=[{"text": observation.note}] if observation.note else None,
            referenceRange=[write_range(reference)] if reference else None,
            component=[_write_component(one) for one in observation.components] or None,
        )
    )


def _component(part: Element, reading: Reading) -> Component:
    what, also = concepts(part, "code")
    value, comparator = _value(part)
    return Component(
        what=what,
        value=value,
        comparator=comparator,
        also=also,
        missing=reading.concept(part, "dataAbsentReason"),
    )


def _write_component(part: Component) -> dict[str, Any]:
    return (
        {"code": write_concepts(part.what, part.also)}
        | _write_value(part.value, part.comparator)
        | given(dataAbsentReason=write_concept(part.missing) if part.missing else None)
    )


def _value(holder: Element) -> tuple[Value | None, Comparator | None]:
    said = [key for key in holder.fields() if key.startswith("value") and holder.has(key)]
    for key in said:
        if key not in _VALUES:
            raise refuse(
                "record.value-kind", f"A value of this kind, {key}, is not read here", place=holder.at(key)
            )
    match holder.one_of(*_VALUES):
        case "valueQuantity":
            return read_measured(holder.need("valueQuantity"))
        case "valueCodeableConcept":
            return read_concept(holder.need("valueCodeableConcept")), None
        case "valueString":
            return holder.need_text("valueString"), None
        case "valueBoolean":
            return holder.truth("valueBoolean"), None
    return None, None


def _write_value(value: Value | None, comparator: Comparator | None) -> dict[str, Any]:
    match value:
        case Quantity():
            return {"valueQuantity": write_measured(value, comparator)}
        case Coded():
            return {"valueCodeableConcept": write_concept(value)}
        case bool():
            return {"valueBoolean": value}
        case str():
            return {"valueString": value}
    return {}


def _reference(resource: Element) -> Range | None:
    """The reference range, if there is just one: which of several applies is not ours to say."""
    ranges = resource.where("referenceRange", "text", "") or resource.each("referenceRange")
    if len(ranges) != 1 or not (ranges[0].has("low") or ranges[0].has("high")):
        return None
    ends = [read_measured(end)[0] if (end := ranges[0].get(key)) else None for key in ("low", "high")]
    return Range(*ends)
