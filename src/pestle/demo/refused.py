"""Which messages reach the invented pharmacy that cannot be taken in as they are?

Each kind of refusal once, a message that came twice, and one that is not for a dispenser.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from pestle.demo.journey import Bench
from pestle.demo.messages import ACUTE, REPEAT_DISPENSING, Item, a_prescription, written
from pestle.demo.story import MORNING, stories
from pestle.pharmacy.quantity import Quantity
from pestle.pharmacy.record.medication import Prescription
from pestle.pharmacy.record.patient import NhsNumber
from pestle.wire.eps.prescription_id import check_character
from pestle.wire.fhir.tree import dump, tree


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message and what becomes of it: its outcome, and the rule that says why (empty: none)."""

    name: str
    data: bytes
    at: datetime
    outcome: str
    rule: str = ""


def arrivals(bench: Bench) -> Iterator[Arrival]:
    """The messages, each with when it came."""

    def ago(minutes: int) -> datetime:
        return bench.now - timedelta(minutes=minutes)

    held = next(story for story in stories() if story.key == "e06")
    signed = bench.prescription(held)
    line = signed.lines[0]
    assert line.quantity is not None
    doubled = replace(line, quantity=Quantity(line.quantity.value * Decimal(2), line.quantity.unit))
    other_content = replace(signed, lines=(doubled, *signed.lines[1:]))

    fresh = _fresh(bench, "x1", Item("Amlodipine 5mg tablets", "28", MORNING))
    wrong = "A" if check_character(fresh.number[:-1]) != "A" else "B"
    mixed = _fresh(
        bench, "x2",
        Item("Ramipril 5mg capsules", "28", "Take one capsule each morning", REPEAT_DISPENSING),
        Item("Cefalexin 500mg capsules", "21", "Take one capsule three times a day for 7 days", ACUTE),
    )  # fmt: skip
    nobody = _fresh(bench, "x3", Item("Omeprazole 20mg gastro-resistant capsules", "28", MORNING))
    assert nobody.patient.nhs_number is not None
    assert nobody.patient.born is not None
    digits = nobody.patient.nhs_number.digits
    mistyped = NhsNumber(digits[:-1] + str((int(digits[-1]) + 1) % 10))
    other_day = replace(nobody.patient, born=nobody.patient.born - timedelta(days=30))
    older = replace(_fresh(bench, "x4", Item("Furosemide 40mg tablets", "28", MORNING)), patient=other_day)

    yield Arrival("again-e06.json", written(signed), ago(120), "duplicate")
    yield Arrival(
        "changed-e06.json", written(other_content), ago(90), "refused", "eps.duplicate-prescription"
    )
    yield Arrival(
        "check-character.json", written(replace(fresh, number=fresh.number[:-1] + wrong)), ago(70),
        "refused", "eps.check-character",
    )  # fmt: skip
    yield Arrival("mixed.json", written(mixed), ago(62), "refused", "eps.acute-with-repeat-dispensing")
    yield Arrival(
        "nhs-number.json", written(replace(nobody, patient=replace(nobody.patient, nhs_number=mistyped))),
        ago(49), "refused", "nhs-number.check-digit",
    )  # fmt: skip
    yield Arrival("birth-date.json", written(older), ago(33), "refused", "patient.birth-date-differs")
    yield Arrival("delivery-note.txt", b"Order 1182, two boxes", ago(28), "refused", "fhir.not-json")
    yield Arrival("answer.json", _answer(), ago(11), "not_for_us")


def _fresh(bench: Bench, key: str, *items: Item) -> Prescription:
    return a_prescription(
        bench.patients["baines"].patient,
        items,
        signed_at=(bench.now - timedelta(hours=4)).replace(microsecond=0),
        key=key,
        pharmacy=bench.site.code,
    )


def _answer() -> bytes:
    """The service's own answer that all went well."""
    issue = {"severity": "information", "code": "informational"}
    return dump(tree({"resourceType": "OperationOutcome", "issue": [issue]}))
