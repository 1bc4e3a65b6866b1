"""What is on record of some invented patients: what the surgery sends, and what is told at the counter.

Days are counted back from today, so that a result that is overdue stays overdue. Conditions and results are
in words, as the definitions know them; nothing here is anybody's. Somebody whose record is thin is so on
purpose: a check that cannot know has to say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from pestle.demo.journey import Bench
from pestle.demo.messages import name_id
from pestle.demo.story import Story, stories
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import UCUM, Quantity, Unit
from pestle.pharmacy.record.allergy import AllergyRecord, AllergyStatus
from pestle.pharmacy.record.condition import ClinicalStatus, Condition, VerificationStatus
from pestle.pharmacy.record.encounter import Encounter, EncounterClass
from pestle.pharmacy.record.medication import Medication, MedicationStatement, StatementStatus
from pestle.pharmacy.record.moment import PartialDate, whole
from pestle.pharmacy.record.observation import Component, Observation
from pestle.pharmacy.record.patient import Patient
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.record.record import Record
from pestle.web.actions import facts, record_import
from pestle.web.store import models
from pestle.wire.fhir.record.write import write_record
from pestle.wire.fhir.tree import dump

SURGERY = "Dr Helen Marsh, Ashcombe Surgery"
UNITS = {
    "Body weight": "kg", "Body height": "cm", "Creatinine": "micromol/L", "eGFR": "mL/min/1.73m2",
    "Potassium": "mmol/L", "Sodium": "mmol/L", "HbA1c": "mmol/mol", "Haemoglobin": "g/L",
    "ALT": "U/L", "TSH": "mU/L", "Neutrophils": "10*9/L",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What the surgery has on one patient. `results`: days ago, kind and value; a blood pressure is 142/84.
    `conditions`: words and since which year or how many days ago; `takes`: medicine and since which year."""

    patient: str
    conditions: tuple[tuple[str, int], ...] = ()
    results: tuple[tuple[int, str, str], ...] = ()
    takes: tuple[tuple[str, int], ...] = ()
    stay: tuple[int, int] | None = None


def on_record() -> Iterator[OnRecord]:
    """The records that the surgery sends."""
    yield OnRecord(
        "edwards",
        (("Heart failure", 2021), ("Hypertension", 2009)),
        (
            (400, "eGFR", "58"),
            (210, "eGFR", "49"),
            (20, "eGFR", "41"),
            (20, "Creatinine", "148"),
            (20, "Potassium", "5.8"),
            (20, "Blood pressure", "148/86"),
            (20, "Body weight", "91.5"),
            (400, "Body height", "176"),
        ),
        stay=(64, 58),
    )
    yield OnRecord(
        "hughes",
        (("Atrial fibrillation", 2019), ("Hypertension", 2001)),
        (
            (90, "INR", "2.4"),
            (60, "INR", "2.9"),
            (30, "INR", "3.6"),
            (9, "INR", "4.7"),
            (45, "Creatinine", "112"),
            (45, "Body weight", "68"),
            (45, "Blood pressure", "132/78"),
        ),
        (("Warfarin 3mg tablets", 2019),),
    )
    yield OnRecord(
        "patel",
        (("Type 2 diabetes mellitus", 2008), ("Chronic kidney disease stage 3", 2022)),
        (
            (500, "HbA1c", "58"),
            (300, "HbA1c", "64"),
            (120, "HbA1c", "71"),
            (120, "eGFR", "44"),
            (120, "Creatinine", "121"),
            (120, "Body weight", "83.2"),
            (500, "Body height", "158"),
        ),
        (("Metformin 500mg tablets", 2008),),
    )
    yield OnRecord(
        "okonkwo", (("Asthma", 1992),), ((200, "Blood pressure", "118/74"), (200, "Body weight", "66"))
    )
    yield OnRecord(
        "bell-sr",
        (("Peptic ulcer", 2018), ("Heart failure", 2022)),
        ((30, "eGFR", "52"), (30, "Potassium", "4.4"), (30, "Haemoglobin", "108"), (30, "Body weight", "71")),
    )
    yield OnRecord(
        "fenwick",
        (("Heart failure", 2020), ("Chronic kidney disease stage 4", 2023), ("Dementia", 2022)),
        (
            (15, "eGFR", "24"),
            (15, "Creatinine", "172"),
            (15, "Potassium", "4.9"),
            (300, "Body weight", "41.3"),
        ),
    )
    yield OnRecord(
        "macdonald",
        (("Chronic obstructive pulmonary disease", 2014), ("Gout", 2017)),
        ((70, "eGFR", "66"), (70, "Blood pressure", "139/82")),
    )
    yield OnRecord(
        "ahmed",
        (("Pregnancy", -98),),
        ((40, "Blood pressure", "112/70"), (40, "Body weight", "64.5"), (40, "Haemoglobin", "118")),
    )
    yield OnRecord(
        "mensah",
        (("Migraine with aura", 2010), ("Hypertension", 2020)),
        ((25, "Blood pressure", "151/94"), (25, "Potassium", "4.1"), (25, "eGFR", "88")),
    )
    yield OnRecord(
        "singh",
        (("Epilepsy", 2011),),
        ((160, "Sodium", "131"), (160, "ALT", "96")),
        (("Sodium valproate 500mg gastro-resistant tablets", 2011),),
    )
    yield OnRecord("baines", (("Atrial fibrillation", 2023),), ((410, "Creatinine", "98"),))
    yield OnRecord(
        "green",
        (("Type 2 diabetes mellitus", 2016), ("Hypertension", 2014)),
        ((33, "HbA1c", "49"), (33, "eGFR", "79"), (33, "Potassium", "4.6"), (33, "Body weight", "88")),
    )


# Told or measured at the counter: patient, seconds ago, kind, value, unit, days ago, by whom.
AT_THE_COUNTER = (
    ("evans-m", 120, "body_weight", "21.4", "kg", 0, "our scales"),
    ("evans-m", 110, "body_height", "117", "cm", 0, "our wall"),
    ("harris", 100, "body_weight", "12.6", "kg", 3, "his mother, from the red book"),
    ("jones", 90, "body_weight", "81.5", "kg", 0, "our scales"),
    ("carter", 80, "blood_pressure", "158/96", "", 0, "our monitor"),
)  # fmt: skip


def acts(bench: Bench) -> Iterator[Iterator[datetime]]:
    """Each record as it is taken in, with the first prescription of the patient that is still under way, so
    that its checks see it; and each result as it is told at the counter, last of all."""
    for record in on_record():
        yield _arrive(bench, record, bench.soon_after(_under_way(bench, record.patient)))
    for told in AT_THE_COUNTER:
        yield _told(bench, *told)


def _under_way(bench: Bench, patient: str) -> Story:
    """The first of the patient's prescriptions that waits at a step; the last one, where none does."""
    theirs = sorted((story for story in stories() if story.patient == patient), key=bench.came)
    return next((story for story in theirs if story.until != "closed"), theirs[-1])


def record_of(told: OnRecord, patient: Patient, *, on: date) -> Record:
    """The record as the surgery holds it."""
    at = datetime.combine(on - timedelta(days=1), time(17, 30), UTC)
    said = Provenance(SourceKind.IMPORT, SURGERY, at)
    return Record(
        patient=patient,
        allergies=AllergyRecord(AllergyStatus.NOT_RECORDED),
        conditions=tuple(_condition(told, *one, said, on=on) for one in told.conditions),
        observations=tuple(_result(told, *one, said, on=on) for one in told.results),
        statements=tuple(
            MedicationStatement(
                name_id(told.patient, name), Medication(Coded(name)), said, StatementStatus.ACTIVE,
                starts=PartialDate(since),
            )
            for name, since in told.takes
        ),
        encounters=_stay(told, said, on=on),
    )  # fmt: skip


def _condition(told: OnRecord, name: str, since: int, said: Provenance, *, on: date) -> Condition:
    onset = PartialDate(since) if since > 0 else whole(on + timedelta(days=since))
    return Condition(
        name_id(told.patient, name), Coded(name), said, ClinicalStatus.ACTIVE, VerificationStatus.CONFIRMED,
        onset=onset,
    )  # fmt: skip


def _result(told: OnRecord, days: int, kind: str, value: str, said: Provenance, *, on: date) -> Observation:
    taken = whole(on - timedelta(days=days))
    id_ = name_id(told.patient, kind, str(days))
    if kind == "Blood pressure":
        names = ("Systolic blood pressure", "Diastolic blood pressure")
        parts = tuple(
            Component(Coded(name), Quantity(Decimal(part), Unit("mmHg")))
            for name, part in zip(names, value.split("/"), strict=True)
        )
        return Observation(id_, Coded(kind), said, taken, components=parts)
    return Observation(id_, Coded(kind), said, taken, Quantity(Decimal(value), _unit(kind)))


def _unit(kind: str) -> Unit:
    """The unit of a kind; an INR is a pure number."""
    return Unit(UNITS[kind]) if kind in UNITS else Unit("1", UCUM, "1")


def _stay(told: OnRecord, said: Provenance, *, on: date) -> tuple[Encounter, ...] | None:
    if told.stay is None:
        return None
    came, left = (whole(on - timedelta(days=days)) for days in told.stay)
    id_ = name_id(told.patient, "stay")
    return (Encounter(id_, EncounterClass.INPATIENT, said, came, left, finished=True),)


def _arrive(bench: Bench, told: OnRecord, at: datetime) -> Iterator[datetime]:
    yield at
    patient = bench.patients[told.patient].patient
    data = dump(write_record(record_of(told, patient, on=at.date()), at=at))
    record_import.import_bundle(
        by=bench.people["tess"],
        now=at,
        key=name_id("record", told.patient),
        patient_id=_row(bench, told.patient).pk,
        data=data,
        name=f"record-{told.patient}.json",
    )


def _told(
    bench: Bench, key: str, seconds: int, kind: str, value: str, unit: str, days: int, told_by: str
) -> Iterator[datetime]:
    at = bench.now - timedelta(seconds=seconds)
    yield at
    facts.record_result(
        by=bench.people["leon"],
        now=at,
        key=name_id("counter", key, kind),
        patient_id=_row(bench, key).pk,
        kind=kind,
        value=value,
        unit=unit,
        taken=(at.date() - timedelta(days=days)).isoformat(),
        told_by=told_by,
    )


def _row(bench: Bench, key: str) -> models.Patient:
    number = bench.patients[key].patient.nhs_number
    assert number is not None
    return models.Patient.objects.get(site=bench.site, nhs_number=number.digits)
