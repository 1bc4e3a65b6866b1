"""What a person writes into a patient's record by hand, puts right, or takes back.

Technicians record results, and what somebody says is taken; a diagnosis is for a pharmacist, or comes in a
message from who made it. A pharmacist takes back any fact; a technician one that was written here by hand.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.quantity import SNOMED
from pestle.pharmacy.record import by_hand
from pestle.pharmacy.record.kinds import FactKind, RecordFact, kind
from pestle.pharmacy.record.observation import Observation
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.actions.record import locked_patient, said_by
from pestle.web.store import models, monitoring
from pestle.web.store import record as records
from pestle.web.store.knowledge import dictionary, knowledge, medicine_index

BY_TECHNICIANS = frozenset((FactKind.OBSERVATION, FactKind.STATEMENT))


def record_result(
    *, by: Person, now: datetime, key: str, patient_id: int, kind: str, value: str, unit: str, taken: str,
    told_by: str,
) -> Outcome:  # fmt: skip
    """Records a measurement or an answer. Raises `Refused`: ``record.role``, those of
    `by_hand.observation`."""

    def make(told: Provenance, id: str, on: date) -> RecordFact:
        return by_hand.observation(
            knowledge().terms.observables,
            kind=kind,
            value=value,
            unit=unit,
            taken=taken,
            on=on,
            told=told,
            id=id,
        )

    request = {"kind": kind, "value": value, "unit": unit, "taken": taken, "told_by": told_by}
    return _record("record.result", by=by, now=now, key=key, patient_id=patient_id, request=request,
                   told_by=told_by, make=make)  # fmt: skip


def record_condition(
    *, by: Person, now: datetime, key: str, patient_id: int, what: str, began: str, note: str, told_by: str
) -> Outcome:
    """Records a diagnosis; pharmacists only. Raises `Refused`: ``record.role``, those of
    `by_hand.condition`."""
    if not by.has(Role.PHARMACIST):
        reason = f"A diagnosis is recorded by a pharmacist; you are signed in as {by.title}"
        way_out = "A file from the practice brings the diagnoses with it."
        raise refuse("record.role", reason, way_out=way_out)

    def make(told: Provenance, id: str, on: date) -> RecordFact:
        return by_hand.condition(what=what, began=began, note=note, on=on, told=told, id=id)

    request = {"what": what, "began": began, "note": note, "told_by": told_by}
    return _record("record.condition", by=by, now=now, key=key, patient_id=patient_id, request=request,
                   told_by=told_by, make=make)  # fmt: skip


def record_statement(
    *, by: Person, now: datetime, key: str, patient_id: int, medicine: str, product_id: str, unlisted: bool,
    starts: str, told_by: str,
) -> Outcome:  # fmt: skip
    """Records that a medicine is taken: a product of the dictionary, or words where the dictionary knows
    nothing like them or the person says that it is `unlisted`. Raises `Refused`: ``record.role``,
    ``record.no-product``, those of `by_hand.statement`."""
    product = dictionary().product(product_id) if product_id else None
    if product is None and not unlisted and (product_id or medicine_index().search(medicine, 1)):
        raise refuse("record.no-product", "Choose which medicine it is, or that it is not in the dictionary",
                     place="medicine")  # fmt: skip
    written = Coded(product.name, SNOMED, product.id) if product else Coded(medicine.strip())

    def make(told: Provenance, id: str, on: date) -> RecordFact:
        return by_hand.statement(medication=written, starts=starts, on=on, told=told, id=id)

    request = {
        "medicine": written.text,
        "product": written.code,
        "unlisted": unlisted,
        "starts": starts,
        "told_by": told_by,
    }
    return _record("record.statement", by=by, now=now, key=key, patient_id=patient_id, request=request,
                   told_by=told_by, make=make)  # fmt: skip


def correct_result(
    *, by: Person, now: datetime, key: str, patient_id: int, row_id: int, kind: str, value: str, unit: str,
    taken: str, reason: str,
) -> Outcome:  # fmt: skip
    """Follows a result by the right one, with the reason. Raises `Refused` as `retract` and
    `record_result` do."""

    def do() -> Deed:
        patient = locked_patient(patient_id, by=by)
        row = _standing(patient, FactKind.OBSERVATION, row_id, by=by, reason=reason)
        told = Provenance(SourceKind.PERSON, by.name, now)
        found = by_hand.observation(
            knowledge().terms.observables, kind=kind, value=value, unit=unit, taken=taken,
            on=_today(patient, now), told=told, id=row.fact_id,
        )  # fmt: skip
        held: Observation = records.value(row)
        # The code by which it was known stays with it.
        kept = records.new_row(patient, replace(found, what=held.what, also=held.also), follows=row)
        assert isinstance(kept, models.Fact)
        kept.reason = reason.strip()
        kept.save()
        monitoring.follow(patient, now=now)
        detail = {"fact": kept.pk, "follows": row.pk, "reason": reason.strip()}
        return Deed(f"patient:{patient.pk}", detail, {"patient": patient.pk})

    request = {"patient": patient_id, "row": row_id, "kind": kind, "value": value, "unit": unit,
               "taken": taken, "reason": reason}  # fmt: skip
    return once("record.correct_result", by=by, now=now, key=key, request=request, do=do)


def retract(
    *, by: Person, now: datetime, key: str, patient_id: int, fact_kind: FactKind, row_id: int, reason: str
) -> Outcome:
    """Takes a fact back, with the reason; it is followed, never erased. Raises `Refused`: ``record.role``,
    ``record.no-reason``, ``record.fact-unknown``."""

    def do() -> Deed:
        patient = locked_patient(patient_id, by=by)
        row = _standing(patient, fact_kind, row_id, by=by, reason=reason)
        taken_back = records.retraction(row, by=by.name, now=now, reason=reason.strip())
        taken_back.save()
        monitoring.follow(patient, now=now)
        detail = {"kind": fact_kind.name, "fact": row.pk, "reason": reason.strip()}
        return Deed(f"patient:{patient.pk}", detail, {"patient": patient.pk})

    request = {"patient": patient_id, "kind": fact_kind.name, "row": row_id, "reason": reason}
    return once("record.retract", by=by, now=now, key=key, request=request, do=do)


def may_take_back(row: models.Fact, *, by: Person) -> bool:
    """Whether this person may retract or correct that row."""
    if by.has(Role.PHARMACIST):
        return True
    technician = by.has(Role.TECHNICIAN, Role.ACCURACY_CHECKER)
    by_hand_here = row.source_kind == SourceKind.PERSON.value and records.KINDS[type(row)] in BY_TECHNICIANS
    return technician and by_hand_here


def _record(
    action: str, *, by: Person, now: datetime, key: str, patient_id: int, request: dict[str, Any],
    told_by: str, make: Callable[[Provenance, str, date], RecordFact],
) -> Outcome:  # fmt: skip
    def do() -> Deed:
        patient = locked_patient(patient_id, by=by)
        told = Provenance(SourceKind.PERSON, said_by(by, told_by), now)
        fact = make(told, str(uuid.uuid4()), _today(patient, now))
        row = records.new_row(patient, fact)
        row.save()
        monitoring.follow(patient, now=now)
        detail = {"kind": kind(fact).name, "fact": row.pk}
        return Deed(f"patient:{patient.pk}", detail, {"patient": patient.pk, "fact": row.pk})

    return once(action, by=by, now=now, key=key, request={"patient": patient_id, **request}, do=do)


def _today(patient: models.Patient, now: datetime) -> date:
    return now.astimezone(ZoneInfo(patient.site.time_zone)).date()


def _standing(
    patient: models.Patient, fact_kind: FactKind, row_id: int, *, by: Person, reason: str
) -> models.Fact:
    if len(reason.strip()) < 3:
        raise refuse("record.no-reason", "Say why", place="reason")
    table = records.TABLES.get(fact_kind)
    row = table._default_manager.filter(pk=row_id, patient=patient).first() if table else None
    if row is None or row.retracted or hasattr(row, "followed_by"):
        raise refuse("record.fact-unknown", "This entry does not stand any more",
                     way_out="Open the record again and look at what is there now.")  # fmt: skip
    if not may_take_back(row, by=by):
        raise refuse("record.role", "This is for a pharmacist: it came from elsewhere, or is a diagnosis")
    return row
