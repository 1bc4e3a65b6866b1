"""Patients: found by NHS number, loaded as values, never merged by name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import QuerySet

from pestle.pharmacy.record.allergy import (
    Allergy,
    AllergyKind,
    AllergyRecord,
    AllergyStatus,
    ReactionSeverity,
)
from pestle.pharmacy.record.kinds import restored
from pestle.pharmacy.record.patient import Address, Gender, Name, NhsNumber, Patient, same_person
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.record.spelt_like import spelt_like
from pestle.web.store import models

OfPatient = TypeVar("OfPatient", models.MonitoredPatient, models.ReviewNeed)


def value(row: models.Patient) -> Patient:
    """The stored patient as a value."""
    return Patient(
        name=Name(row.family, tuple(row.given), row.prefix),
        born=row.born,
        gender=Gender(row.gender),
        nhs_number=NhsNumber(row.nhs_number) if row.nhs_number else None,
        address=Address(tuple(row.address), row.postcode) if row.address or row.postcode else None,
        gp_practice_code=row.gp_practice_code or None,
        died=row.died,
    )


def find_or_make(site_id: int, patient: Patient) -> tuple[models.Patient, bool]:
    """The row for a patient that a message tells of, and whether it was made now.

    Raises `Refused` (``patient.birth-date-differs``, ``patient.surname-differs``) when the number is held
    for somebody else. What we hold is not changed by a message.
    """
    number = patient.nhs_number.digits if patient.nhs_number else None
    if number is not None:
        held = models.Patient.objects.filter(site_id=site_id, nhs_number=number).first()
        if held is not None:
            same_person(value(held), patient)
            return held, False
    row = new_row(site_id, patient)
    row.save(force_insert=True)
    return row, True


def new_row(site_id: int, patient: Patient) -> models.Patient:
    """A row, not saved yet, for a patient who is new to the site."""
    number = patient.nhs_number.digits if patient.nhs_number else None
    return models.Patient(
        site_id=site_id,
        nhs_number=number,
        family=patient.name.family,
        given=list(patient.name.given),
        prefix=patient.name.prefix,
        born=patient.born,
        gender=patient.gender.value,
        address=list(patient.address.lines) if patient.address else [],
        postcode=patient.address.postcode if patient.address else "",
        gp_practice_code=patient.gp_practice_code or "",
        died=patient.died,
        search=search_text(patient.name.family, patient.name.given, number),
    )


def allergies(facts: Iterable[models.AllergyFact]) -> AllergyRecord:
    """What stands today: facts that no later one follows. Nobody asked is not "none known"."""
    facts = list(facts)
    followed = {fact.follows_id for fact in facts}
    standing = [fact for fact in facts if fact.pk not in followed]
    known = tuple(allergy(fact) for fact in standing if fact.statement == "allergy" and not fact.refuted)
    if known:
        return AllergyRecord(AllergyStatus.KNOWN, known)
    none_known = next((fact for fact in standing if fact.statement == "none_known"), None)
    if none_known is not None:
        return AllergyRecord(AllergyStatus.NONE_KNOWN, stated=provenance(none_known))
    return AllergyRecord(AllergyStatus.NOT_RECORDED)


def allergy_record(row: models.Patient, *, known_at: datetime | None = None) -> AllergyRecord:
    """The patient's allergies, read in one query; with `known_at` as the record stood at that moment."""
    facts = row.allergy_facts.order_by("pk")
    return allergies(facts if known_at is None else facts.filter(recorded_at__lte=known_at))


def search_text(family: str, given: Iterable[str], number: str | None) -> str:
    """What the search finds a patient by."""
    return folded([family, *given, number or ""])[:400]


def folded(words: Iterable[str]) -> str:
    """Text as the search compares it: no case, no accents or marks, one space between words."""
    text = unicodedata.normalize("NFKD", " ".join(words)).casefold()
    kept = (ch for ch in text if ch not in "'’" and not unicodedata.combining(ch))
    return " ".join("".join(ch if ch.isalnum() else " " for ch in kept).split())


def named(found: QuerySet[OfPatient], text: str, *, most: int = 50) -> tuple[QuerySet[OfPatient], bool]:
    """Those rows of a list whose patient has every word of `text` in the name, or else those of at most so
    many patients whose names are spelt like it; and whether it is such a guess."""
    words = folded([text]).split()
    exact = found
    for word in words:
        exact = exact.filter(patient__search__contains=word)
    if not words or exact.exists():
        return exact, False
    names = found.values_list("patient_id", "patient__search").iterator()
    return found.filter(patient__in=spelt_like(words, names, most=most)), True


def allergy(fact: models.AllergyFact) -> Allergy:
    """The allergy that a row holds; of one that came in a file, all that the file said."""
    if fact.body is not None and not fact.refuted:
        return restored(Allergy, fact.body, provenance(fact))
    return Allergy(
        substance=fact.substance,
        kind=AllergyKind(fact.kind),
        provenance=provenance(fact),
        code=fact.code or None,
        system=fact.system or None,
        reaction=fact.reaction,
        severity=ReactionSeverity(fact.severity),
        refuted=fact.refuted,
        id=fact.fact_id,
    )


def allergy_columns(allergy: Allergy) -> dict[str, Any]:
    """What of an allergy the table can be asked for."""
    return {
        "statement": "allergy",
        "substance": allergy.substance,
        "code": allergy.code or "",
        "system": allergy.system or "",
        "kind": allergy.kind.value,
        "reaction": allergy.reaction,
        "severity": allergy.severity.value,
        "refuted": allergy.refuted,
    }


def provenance(fact: models.AllergyFact | models.Fact) -> Provenance:
    """Who told a fact, and when."""
    return Provenance(
        kind=SourceKind(fact.source_kind),
        who=fact.who,
        recorded_at=fact.recorded_at,
        happened_at=fact.happened_at,
        reference=fact.reference or None,
    )
