"""Which medicines does a letter list that came as FHIR, and what does it say was done with them?

A document or another Bundle with one patient (`record.read`): every MedicationStatement and MedicationRequest
in it is a line, and of a request that a statement is about only the statement. What was done comes from a
code of MedicationChangeStatus or PatientMedicationChangeType, in an extension of the resource or the flag of
a List; else from the status. What could not be read is noted by its place.

Source: FHIR R4 MedicationStatement, MedicationRequest and List (hl7.org/fhir/R4, 2019); ITK3 and CareConnect
change codes (`reconciliation.said`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pestle.pharmacy.dosage.agree import read_dosage
from pestle.pharmacy.practice.reconciliation.line import NO_DIRECTIONS, ListLine
from pestle.pharmacy.practice.reconciliation.names import Names
from pestle.pharmacy.practice.reconciliation.said import Change, Says, of_code
from pestle.pharmacy.record.medication import (
    LineStatus,
    MedicationOrder,
    MedicationStatement,
    StatementStatus,
)
from pestle.pharmacy.record.patient import Patient
from pestle.pharmacy.refusal import Refusal, refuse
from pestle.wire.fhir.element import Element, root
from pestle.wire.fhir.record.read import ReceivedRecord, read_record
from pestle.wire.fhir.tree import parse


@dataclass(frozen=True, slots=True)
class ReceivedLetter:
    """Whose letter it is, its lines in their order, and what was not understood."""

    patient: Patient
    lines: tuple[ListLine, ...]
    notes: tuple[Refusal, ...]


_STATUSES: Mapping[StatementStatus | LineStatus, Says] = {
    StatementStatus.STOPPED: Says.STOPPED,
    StatementStatus.ON_HOLD: Says.ON_HOLD,
    StatementStatus.COMPLETED: Says.COMPLETED,
    LineStatus.STOPPED: Says.STOPPED,
    LineStatus.ON_HOLD: Says.ON_HOLD,
    LineStatus.COMPLETED: Says.COMPLETED,
}
# Said, and not what was done: a person reads it.
_UNCLEAR = frozenset({
    StatementStatus.NOT_TAKEN, StatementStatus.ENTERED_IN_ERROR, StatementStatus.UNKNOWN,
    LineStatus.CANCELLED, LineStatus.ENTERED_IN_ERROR, LineStatus.UNKNOWN,
})  # fmt: skip


def read_letter(data: bytes, names: Names, *, sender: str, received_at: datetime) -> ReceivedLetter:
    """The letter. Raises `Refused`, and nothing else, on any bytes: those of `read_record` for the Bundle as
    a whole, ``letter.no-medicines``."""
    tree = parse(data)
    received = read_record(tree, sender=sender, received_at=received_at)
    flags = _flags(root(tree))
    lines = tuple(
        _line(str(number), fact, place, received, flags, names)
        for number, (place, fact) in enumerate(_medicines(received), start=1)
    )
    if not lines:
        raise refuse("letter.no-medicines", "The file lists no medicine", place="Bundle.entry",
                     way_out="Keep it as a document, and type the list.")  # fmt: skip
    return ReceivedLetter(received.record.patient, lines, received.notes)


def _medicines(received: ReceivedRecord) -> Iterator[tuple[str, MedicationStatement | MedicationOrder]]:
    facts = [(sent.place, sent.fact) for sent in received.sent]
    stated = {
        (fact.medication.written.code or fact.medication.written.text)
        for _, fact in facts
        if isinstance(fact, MedicationStatement)
    }
    for place, fact in facts:
        if isinstance(fact, MedicationStatement):
            yield place, fact
        elif isinstance(fact, MedicationOrder):
            written = fact.medication.written
            if (written.code or written.text) not in stated:
                yield place, fact


def _line(
    key: str,
    fact: MedicationStatement | MedicationOrder,
    place: str,
    received: ReceivedRecord,
    flags: Mapping[str, Says],
    names: Names,
) -> ListLine:
    written = fact.medication.written
    said = fact if isinstance(fact, MedicationStatement) else fact.request
    dosage, reason, status = said.dosage, said.reason, said.status
    by_status = _STATUSES.get(status)
    says = _coded(received.trees[place].root) or flags.get(place) or by_status
    elsewhere = isinstance(fact, MedicationOrder) and fact.prescribed_elsewhere
    told = f"status {status.value}" if says is None and status in _UNCLEAR else says.value if says else ""
    why = reason.text if reason else ""
    return ListLine(
        key=key,
        verbatim=": ".join(part for part in (written.text, dosage.text if dosage else "", told) if part),
        name=written.text,
        meant=names.meant_by(written),
        directions=read_dosage(dosage) if dosage else NO_DIRECTIONS,
        change=Change(says, told),
        indication=why,
        hospital_only=elsewhere,
    )


def _coded(node: Any) -> Says | None:
    """What a coding of one of the two systems says, wherever an extension holds it."""
    found = {
        says
        for one in _within(node.get("extension") if isinstance(node, Mapping) else None)
        if isinstance(one.get("system"), str) and isinstance(one.get("code"), str)
        if (says := of_code(one["system"], one["code"])) is not None
    }
    return found.pop() if len(found) == 1 else None


def _within(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Mapping):
        yield node
        for each in node.values():
            yield from _within(each)
    elif isinstance(node, (list, tuple)):
        for each in node:
            yield from _within(each)


def _flags(bundle: Element) -> dict[str, Says]:
    """What the flags of every List say of the resources that it names, by their places."""
    places: dict[str, str] = {}
    lists: list[Element] = []
    for entry in bundle.each("entry"):
        resource = entry.get("resource")
        if resource is None:
            continue
        kind, id_, url = resource.text("resourceType"), resource.text("id"), entry.text("fullUrl")
        places |= {name: resource.place for name in (url, f"{kind}/{id_}" if id_ else None) if name}
        if kind == "List":
            lists.append(resource)
    found: dict[str, Says] = {}
    for each in lists:
        for entry in each.each("entry"):
            flag, item = entry.get("flag"), entry.get("item")
            said = _coded({"extension": flag.node}) if flag else None
            place = places.get((item.text("reference") if item else None) or "")
            if said is not None and place is not None:
                found[place] = said
    return found
