"""What a person tells us about a patient's allergies; a fact is followed, never edited."""

from __future__ import annotations

from datetime import datetime

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.record.allergy import AllergyKind, AllergyStatus, ReactionSeverity
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import models, patients

MAY_RECORD = (Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST)


def record_allergy(
    *,
    by: Person,
    now: datetime,
    key: str,
    patient_id: int,
    substance: str,
    kind: AllergyKind,
    reaction: str,
    severity: ReactionSeverity,
    told_by: str,
) -> Outcome:
    """Adds an allergy or intolerance. Raises `Refused`: ``record.role``, ``allergy.no-substance``."""

    def do() -> Deed:
        row = locked_patient(patient_id, by=by)
        if len(substance.strip()) < 3:
            raise refuse("allergy.no-substance", "Name the substance", place="substance")
        fact = models.AllergyFact.objects.create(
            patient=row, statement="allergy", substance=substance.strip(), kind=kind.value,
            reaction=reaction.strip(), severity=severity.value, follows=_none_known(row),
            recorded_at=now, source_kind="person", who=said_by(by, told_by),
        )  # fmt: skip
        return Deed(f"patient:{row.pk}", {"fact": fact.pk}, {"patient": row.pk})

    request = {"patient": patient_id, "substance": substance, "kind": kind.value, "reaction": reaction,
               "severity": severity.value, "told_by": told_by}  # fmt: skip
    return once("record.allergy", by=by, now=now, key=key, request=request, do=do)


def record_no_known_allergies(
    *, by: Person, now: datetime, key: str, patient_id: int, told_by: str
) -> Outcome:
    """Records that somebody asked and none is known. Raises `Refused`: ``allergy.some-known``."""

    def do() -> Deed:
        row = locked_patient(patient_id, by=by)
        if patients.allergy_record(row).status is AllergyStatus.KNOWN:
            raise refuse("allergy.some-known", "Allergies are on record for this patient",
                         way_out="Retract each of them first, with the reason.")  # fmt: skip
        fact = models.AllergyFact.objects.create(
            patient=row, statement="none_known", follows=_none_known(row), recorded_at=now,
            source_kind="person", who=said_by(by, told_by),
        )  # fmt: skip
        return Deed(f"patient:{row.pk}", {"fact": fact.pk}, {"patient": row.pk})

    request = {"patient": patient_id, "told_by": told_by}
    return once("record.no_known_allergies", by=by, now=now, key=key, request=request, do=do)


def retract_allergy(*, by: Person, now: datetime, key: str, fact_id: int, reason: str) -> Outcome:
    """Follows an allergy by a fact that refutes it, with the reason. Pharmacists only."""

    def do() -> Deed:
        if not by.has(Role.PHARMACIST):
            raise refuse("record.role", f"This is for a pharmacist; you are signed in as {by.title}")
        if len(reason.strip()) < 3:
            raise refuse("allergy.no-reason", "Say why it is not an allergy", place="reason")
        found = models.AllergyFact.objects.filter(
            pk=fact_id, patient__site=by.site_id, statement="allergy", followed_by=None
        ).first()
        if found is not None:
            locked_patient(found.patient_id, by=by)
            found = None if found.followed_by.exists() else found
        if found is None:
            raise refuse("allergy.unknown", "This entry does not stand any more")
        fact = models.AllergyFact.objects.create(
            patient=found.patient, statement="allergy", substance=found.substance, kind=found.kind,
            reaction=reason.strip(), severity=found.severity, refuted=True, follows=found,
            code=found.code, system=found.system, fact_id=found.fact_id,
            recorded_at=now, source_kind="person", who=by.name,
        )  # fmt: skip
        return Deed(f"patient:{found.patient_id}", {"fact": fact.pk}, {"patient": found.patient_id})

    request = {"fact": fact_id, "reason": reason}
    return once("record.retract_allergy", by=by, now=now, key=key, request=request, do=do)


def locked_patient(patient_id: int, *, by: Person) -> models.Patient:
    """The patient's row, locked. Raises `Refused`: ``record.role``, ``patient.unknown``."""
    if not by.has(*MAY_RECORD):
        raise refuse("record.role", f"The record is for clinical staff; you are signed in as {by.title}")
    row = models.Patient.objects.select_for_update().filter(pk=patient_id, site=by.site_id).first()
    if row is None:
        raise refuse("patient.unknown", "There is no such patient at this site")
    return row


def said_by(by: Person, told_by: str) -> str:
    """Who recorded it, and who told them."""
    return f"{by.name}, told by {told_by.strip() or 'nobody named'}"


def _none_known(row: models.Patient) -> models.AllergyFact | None:
    return row.allergy_facts.filter(statement="none_known", followed_by=None).order_by("-pk").first()
