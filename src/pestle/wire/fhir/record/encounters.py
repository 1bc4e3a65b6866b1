"""How is a contact or a stay said in FHIR? Encounter.

Source: FHIR R4 Encounter (hl7.org/fhir/R4/encounter.html, 2019).
"""

from __future__ import annotations

from typing import Any

from pestle.pharmacy.record.encounter import Encounter, EncounterClass
from pestle.pharmacy.refusal import refuse
from pestle.wire.fhir.datatypes import (
    given,
    read_coding,
    read_concept,
    read_moment,
    write_coding,
    write_concept,
    write_moment,
)
from pestle.wire.fhir.element import Element
from pestle.wire.fhir.record.reading import Reading

_CLASSES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_UNKNOWN = {"system": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor", "code": "UNK"}
_DID_NOT_HAPPEN = ("cancelled", "entered-in-error")
_KNOWN = {kind.value: kind for kind in EncounterClass if kind is not EncounterClass.OTHER}


def read_encounter(resource: Element, reading: Reading) -> Encounter:
    """The encounter. Raises `Refused`: the ``fhir.`` rules, ``record.no-encounter``."""
    status = resource.need_text("status")
    if status in _DID_NOT_HAPPEN:
        raise refuse("record.no-encounter", f"The contact is {status}", place=resource.at("status"))
    period = resource.get("period")
    begins, begins_at = read_moment(period, "start") if period else (None, None)
    kinds = resource.each("type")
    kind, what = _class(resource)
    if what is None and kinds:
        what = read_concept(kinds[0])
    return Encounter(
        id="",
        kind=kind,
        provenance=reading.provenance(resource, "serviceProvider", happened_at=begins_at),
        begins=begins,
        ends=read_moment(period, "end")[0] if period else None,
        what=what,
        finished=None if status == "unknown" else status == "finished",
    )


def write_encounter(encounter: Encounter) -> dict[str, Any]:
    """The Encounter resource, without id and subject."""
    status = {True: "finished", False: "in-progress", None: "unknown"}[encounter.finished]
    what, other = encounter.what, encounter.kind is EncounterClass.OTHER
    code = {"system": _CLASSES, "code": encounter.kind.value}
    if other:
        code = write_coding(what) if what is not None and what.code else _UNKNOWN
    kinds = [write_concept(what)] if what is not None and not (other and what.code) else None
    period = given(start=write_moment(encounter.begins, None), end=write_moment(encounter.ends, None))
    return {"resourceType": "Encounter", "status": status, "class": code} | given(
        type=kinds, period=period or None
    )


def _class(resource: Element) -> tuple[EncounterClass, Any]:
    """The class, and what it is called where it is none of those told apart here."""
    held = resource.get("class")
    code = held.text("code") if held else None
    if held is None or code is None:
        return EncounterClass.OTHER, None
    if code in _KNOWN or code == _UNKNOWN["code"]:
        # The system and the display say the code again.
        held.text("system"), held.text("display")
        return _KNOWN.get(code, EncounterClass.OTHER), None
    return EncounterClass.OTHER, read_coding(held)
