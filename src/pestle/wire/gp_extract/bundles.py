"""What does an export as FHIR say: one Bundle a line (NDJSON), each the record of one patient?

Plans (`MedicationRequest.intent` plan) are lines of the list, and the orders beside them their issues, as GP
Connect structured has it; without plans, every order is a line. The last issue is the statement's, where it
says one. Source: FHIR R4 bulk data (NDJSON); GP Connect structured 1.6, as far as it is alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import BinaryIO

from pestle.pharmacy.record.condition import Condition
from pestle.pharmacy.record.medication import (
    MedicationOrder,
    MedicationStatement,
)
from pestle.pharmacy.record.observation import Observation
from pestle.pharmacy.record.provenance import Provenance
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.wire.fhir.record.read import ReceivedRecord, read_bytes
from pestle.wire.gp_extract.rows import IssueSaid, MedicineSaid, Row

SYSTEM = "fhir"
TITLE = "FHIR, one Bundle a line (NDJSON)"
_LONGEST = 50_000_000
_ISSUES = frozenset({"order", "instance-order", "reflex-order"})


def read_bundles(file: BinaryIO, *, told: Provenance) -> Iterator[Row]:
    """What each Bundle says, the patient first. A Bundle that cannot be read is one refused row, and so is
    everything in one that is not understood; a part for which there is no place is passed over, as a column.

    Raises `Refused` (``extract.unreadable``) for a line that is longer than any record.
    """
    number = 0
    while data := file.readline(_LONGEST):
        number += 1
        if len(data) == _LONGEST:
            raise refuse("extract.unreadable", f"Line {number} is longer than any record", place="file")
        if data.strip():
            yield from _bundle(data, number, told)


def _bundle(data: bytes, line: int, told: Provenance) -> Iterator[Row]:
    try:
        received = read_bytes(data, sender=told.who, received_at=told.recorded_at)
    except Refused as refused:
        yield Row(line, None, None, refused.refusals[0], (data[:400].decode(errors="replace"),))
        return
    patient = received.record.patient
    if patient.nhs_number is None:
        why = Refusal("patient.nhs-number-missing", "The Bundle does not say the NHS number", "NHS number")
        yield Row(line, None, None, why)
        return
    whose = patient.nhs_number
    yield Row(line, whose, patient)
    for one in _facts(received, told):
        yield Row(line, whose, one)
    for note in received.notes:
        if note.rule != "record.not-read":
            yield Row(line, whose, None, note)


def _facts(
    received: ReceivedRecord, told: Provenance
) -> Iterator[MedicineSaid | IssueSaid | Condition | Observation]:
    facts = [one.fact for one in received.sent]
    orders = [one for one in facts if isinstance(one, MedicationOrder)]
    statements = [one for one in facts if isinstance(one, MedicationStatement)]
    plans = [one for one in orders if one.request.intent == "plan"]
    for order in plans or orders:
        request = replace(order.request, intent="order")
        said = replace(
            order, request=request, provenance=replace(order.provenance, recorded_at=told.recorded_at)
        )
        repeat = request.repeat
        yield MedicineSaid(said, repeat.issue_number if repeat else None, _last(order, statements))
    for order in orders if plans else ():
        if order.request.intent in _ISSUES and order.starts and order.starts.day:
            days = order.request.days_supply
            yield IssueSaid(order.id, "", order.medication.written.text, order.starts.first,
                            order.request.quantity, int(days) if days else None)  # fmt: skip
    for fact in facts:
        if isinstance(fact, Condition | Observation):
            yield fact


def _last(order: MedicationOrder, statements: list[MedicationStatement]) -> date | None:
    days = [
        one.last_issued.first
        for one in statements
        if one.last_issued and one.medication.written == order.medication.written
    ]
    return max(days, default=None)
