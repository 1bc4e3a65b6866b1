"""Which parts of the record does a message say it holds whole, also where they are empty?

A List or a section of a Composition names a part. That a part is empty is told only so: where nothing names
it and nothing of its kind is sent, nobody has said anything about it.

Source: FHIR R4 List and Composition; list-empty-reason and list-example-codes (hl7.org/fhir/R4, 2019).
"""

from __future__ import annotations

from typing import Any

from pestle.pharmacy.record.kinds import FactKind
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.wire.fhir.element import Element
from pestle.wire.fhir.record.reading import Reading

_EMPTY_REASON = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
_MEDICINES = frozenset((FactKind.ORDER, FactKind.STATEMENT))
_BY_CODE = {
    "allergies": frozenset((FactKind.ALLERGY,)),
    "adverserxns": frozenset((FactKind.ALLERGY,)),
    "problems": frozenset((FactKind.CONDITION,)),
    "medications": _MEDICINES,
    # SNOMED CT, as GP Connect names its list: medications and medical devices.
    "933361000000108": _MEDICINES,
}
_BY_TITLE = {kind.value: frozenset((kind,)) for kind in FactKind}
NIL_KNOWN, NOT_ASKED, UNAVAILABLE = "nilknown", "notasked", "unavailable"


def read_list(part: Element, reading: Reading, *, title: str = "") -> dict[FactKind, str]:
    """The parts of the record that this List or section names, each with why it is empty ("" if it is not, or
    nobody says). An entry that points at nothing is noted, and so is a list whose title means no part."""
    title = part.text("title") or title
    coding = reading.optional(lambda: part.follow("code", "coding"), None)
    kinds = _BY_TITLE.get(title) or _BY_CODE.get((coding.text("code") or "") if coding else "")
    entries = part.each("entry")
    for entry in entries:
        _must_lead_somewhere(entry.get("item") or entry, reading)
    if not kinds:
        if not entries:
            reason = f"The list “{title or 'without a title'}” is of a kind that is not known here"
            reading.notes.append(Refusal("record.list-kind", reason, part.place))
        return {}
    why = reading.optional(lambda: part.follow("emptyReason", "coding"), None)
    return dict.fromkeys(kinds, (why.text("code") or "") if why and not entries else "")


def write_list(kind: FactKind, entries: list[str], *, why_empty: str = "") -> dict[str, Any]:
    """The List of one part of the record, without subject; `entries` are fullUrls."""
    written: dict[str, Any] = {
        "resourceType": "List",
        "status": "current",
        "mode": "snapshot",
        "title": kind.value,
    }
    if entries:
        written["entry"] = [{"item": {"reference": url}} for url in entries]
    elif why_empty:
        written["emptyReason"] = {"coding": [{"system": _EMPTY_REASON, "code": why_empty}]}
    return written


def _must_lead_somewhere(reference: Element, reading: Reading) -> None:
    try:
        reading.bundle.resolve(reference)
    except Refused as refused:
        reading.notes.extend(refused.refusals)
