"""The record the tables are read at: how a row becomes facts, and a line of YAML a condition."""

from __future__ import annotations

import re
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


def medicine(name: str, *, route: str | None = "Oral") -> Medication:
    """A matched medicine whose ingredient is what stands before the figures; “?” is not matched."""
    if name.startswith("?"):
        return Medication(Coded(name[1:].strip()))
    made = Product(
        id=name,
        level=Level.VMP,
        name=name,
        ingredients=(Ingredient(re.split(r"\d", name)[0].strip()),),
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


_TOLD = (
    re.compile(r"born (?P<born>\S+)"),
    re.compile(r"(?P<verb>has|had) (?P<condition>.+) since (?P<on>\S+)"),
    re.compile(r"(?P<verb>took|inhaled) (?P<medicine>.+) on (?P<on>\S+)"),
    re.compile(r"(?P<result>.+) = (?P<value>.+) on (?P<on>\S+)"),
)


def told(text: str) -> Record:
    """The record that a row tells: ``born 1990-01-01; has Asthma since 2001; eGFR = 44 mL/min on 2026-06-01;
    took Omeprazole 20mg on 2026-10-01``. “had” is over, “inhaled” says by which route."""
    born = "1950-05-01"
    conditions, results, supplies = [], [], []
    for part in filter(None, text.split("; ")):
        match = next(found for each in _TOLD if (found := each.fullmatch(part)))
        said = match.groupdict()
        if "born" in said:
            born = said["born"]
        elif "condition" in said:
            status = ClinicalStatus.ACTIVE if said["verb"] == "has" else ClinicalStatus.RESOLVED
            conditions.append(has(said["condition"], said["on"], status=status))
        elif "medicine" in said:
            route = "Inhalation" if said["verb"] == "inhaled" else "Oral"
            supplies.append(supplied(said["medicine"], said["on"], route=route))
        else:
            results.append(result(said["result"], said["value"], said["on"]))
    return record(born=born, conditions=tuple(conditions), results=tuple(results), supplies=tuple(supplies))


def _date(text: str | None) -> PartialDate | None:
    return partial_date(text, place="row") if text else None
