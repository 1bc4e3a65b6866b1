"""The record the tables are read at: how a row becomes facts, and a line of YAML a condition."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

import yaml

from pestle.definitions import folder
from pestle.pharmacy import definition as d
from pestle.pharmacy.checks import knowledge
from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria import read as r
from pestle.pharmacy.criteria.answer import Answer
from pestle.pharmacy.criteria.evaluate import evaluate
from pestle.pharmacy.definition import Definition, Source
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.medicines.concept import Ingredient, Level, Product
from pestle.pharmacy.quantity import SNOMED, Quantity, Unit
from pestle.pharmacy.record.allergy import AllergyRecord, AllergyStatus
from pestle.pharmacy.record.condition import ClinicalStatus, Condition, VerificationStatus
from pestle.pharmacy.record.medication import Medication, MedicationSupply
from pestle.pharmacy.record.moment import PartialDate, partial_date
from pestle.pharmacy.record.observation import Comparator, Observation, Value
from pestle.pharmacy.record.patient import Gender, Name, Patient
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.record.record import Record

TODAY = date(2026, 11, 22)
SAID = Provenance(SourceKind.IMPORT, "GP record", datetime(2026, 11, 1, 9, tzinfo=UTC))


KNOWLEDGE = knowledge.read(*map(folder, knowledge.FOLDERS))
TERMS = KNOWLEDGE.terms
SUBSTANCES = KNOWLEDGE.substances


@cache
def criterion(text: str) -> n.Criterion:
    """The condition that one line of YAML writes."""
    body = {"when": yaml.load(text, Loader=d._Loader)}
    return r.read(
        Definition("row", "criterion", "row", Source("row", verified=False), body), "when", terms=TERMS
    )


def ask(text: str, record: Record, *proposed: str, on: date = TODAY) -> Answer:
    """The answer of a record to a line of YAML."""
    return evaluate(
        criterion(text),
        record,
        on=on,
        substances=SUBSTANCES,
        proposed=[medicine(name) for name in proposed],
    )


def medicine(name: str, *, ingredient: str | None = None, route: str | None = "Oral") -> Medication:
    """A matched medicine whose ingredient is the first word of its name, unless said; “?” is not matched."""
    if name.startswith("?"):
        return Medication(Coded(name[1:].strip()))
    made = Product(
        id=name,
        level=Level.VMP,
        name=name,
        ingredients=(Ingredient(ingredient or name.split()[0]),),
        routes=(route,) if route else None,
    )
    return Medication(Coded(name), made)


def supplied(name: str, on: str, *, days: int | None = 28, route: str | None = "Oral") -> MedicationSupply:
    """An earlier supply."""
    return MedicationSupply(
        id=f"{name} {on}",
        medication=medicine(name, route=route),
        provenance=SAID,
        on=date.fromisoformat(on),
        days_supply=None if days is None else Decimal(days),
    )


def has(
    text: str,
    onset: str | None = None,
    *,
    code: str | None = None,
    status: ClinicalStatus = ClinicalStatus.ACTIVE,
    verification: VerificationStatus = VerificationStatus.CONFIRMED,
    abated: str | None = None,
) -> Condition:
    """A condition, by words or by a SNOMED CT id."""
    return Condition(
        id=f"{text} {onset} {code}",
        what=Coded(text, SNOMED if code else None, code),
        provenance=SAID,
        status=status,
        verification=verification,
        onset=_date(onset),
        abated=_date(abated),
    )


def result(
    text: str,
    written: str,
    taken: str | None,
    *,
    at: str | None = None,
    code: str | None = None,
) -> Observation:
    """A result such as ``< 5 mg/L``; words that are no quantity are kept as words."""
    comparator: Comparator | None = None
    rest = written
    for each in sorted(Comparator, key=lambda each: -len(each.value)):
        if rest.startswith(each.value):
            comparator, rest = each, rest[len(each.value) :].strip()
            break
    number, _, unit = rest.partition(" ")
    value: Value
    try:
        value = Quantity(Decimal(number), Unit(unit))
    except ArithmeticError:
        value, comparator = written, None
    return Observation(
        id=f"{text} {written} {taken} {at}",
        what=Coded(text, SNOMED if code else None, code),
        provenance=SAID,
        taken=_date(taken),
        taken_at=datetime.fromisoformat(f"{taken}T{at}:00+00:00") if at else None,
        value=value,
        comparator=comparator,
    )


def record(
    *,
    born: str | None = "1950-05-01",
    gender: Gender = Gender.FEMALE,
    conditions: tuple[Condition, ...] | None = (),
    results: tuple[Observation, ...] | None = (),
    supplies: tuple[MedicationSupply, ...] | None = (),
) -> Record:
    """What is known: unless said otherwise a woman of 76 with nothing on a record that could be read."""
    return Record(
        Patient(Name("Example", ("Robin",)), date.fromisoformat(born) if born else None, gender),
        AllergyRecord(AllergyStatus.NOT_RECORDED),
        conditions=conditions,
        observations=results,
        supplies=supplies,
    )


def _date(text: str | None) -> PartialDate | None:
    return partial_date(text, place="row") if text else None
