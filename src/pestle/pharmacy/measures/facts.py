"""Which records do these rows say? The other way round than `rows`: for the reason of one patient."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ibis.expr.types import Table

from pestle.pharmacy.measures.population import Catalogue, Population
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.allergy import AllergyRecord, AllergyStatus
from pestle.pharmacy.record.condition import ClinicalStatus, Condition, VerificationStatus
from pestle.pharmacy.record.medication import (
    Medication,
    MedicationStatement,
    MedicationSupply,
    StatementStatus,
)
from pestle.pharmacy.record.moment import PartialDate, whole
from pestle.pharmacy.record.observation import Comparator, Observation, Value
from pestle.pharmacy.record.patient import Gender, Name, Patient
from pestle.pharmacy.record.provenance import Provenance, SourceKind
from pestle.pharmacy.record.record import Record

_Row = dict[str, Any]


def records(
    population: Population, patients: Collection[int], *, source: str, read_at: datetime
) -> Mapping[int, Record]:
    """The records of these patients, from a population whose every medication is a supply.

    `source` says in the facts where they come from, `read_at` when (UTC).
    """
    said = Provenance(SourceKind.IMPORT, source, read_at)
    people = _by_patient(population.patient, patients)
    medication = _by_patient(population.medication, patients)
    conditions = _by_patient(population.condition, patients)
    observations = _by_patient(population.observation, patients)
    made = {}
    for number in people:
        (person,) = people[number]
        had = [_medicine(row, population.catalogue, said) for row in medication[number]]
        made[number] = Record(
            patient=Patient(
                name=Name(f"Patient {number}"),
                born=person["born"],
                gender=Gender(person["gender"]),
                gp_practice_code=person.get("practice"),
                died=person.get("died"),
            ),
            allergies=AllergyRecord(AllergyStatus.NOT_RECORDED),
            conditions=tuple(_condition(row, population.catalogue, said) for row in conditions[number]),
            observations=tuple(
                _result(row, place, population.catalogue, said)
                for place, row in enumerate(observations[number])
            ),
            statements=tuple(each for each in had if isinstance(each, MedicationStatement)),
            supplies=tuple(each for each in had if isinstance(each, MedicationSupply)),
        )
    return made


def _by_patient(rows: Table, patients: Collection[int]) -> defaultdict[int, list[_Row]]:
    found: defaultdict[int, list[_Row]] = defaultdict(list)
    for row in rows.filter(rows.patient.isin(list(patients))).to_pyarrow().to_pylist():
        found[row["patient"]].append(row)
    return found


def _medicine(row: _Row, catalogue: Catalogue, said: Provenance) -> MedicationSupply | MedicationStatement:
    medication: Medication = catalogue.medicines[row["code"]]
    name = f"medication of {row['issued']}"
    when = _partial(row, "issued")
    if when is None or when.day is None:
        # An issue at a time that is not known whole, of which nobody knows how long it lasted.
        return MedicationStatement(name, medication, said, StatementStatus.COMPLETED, last_issued=when)
    return MedicationSupply(name, medication, said, on=when.first, days_supply=_days(row.get("days")))


def _days(days: int | None) -> Decimal | None:
    return None if days is None else Decimal(days)


def _condition(row: _Row, catalogue: Catalogue, said: Provenance) -> Condition:
    what, *also = catalogue.conditions[row["code"]]
    return Condition(
        id=f"condition {row['code']} of {row['recorded']}",
        what=what,
        also=tuple(also),
        provenance=said,
        status=ClinicalStatus(row.get("status") or "unknown"),
        verification=VerificationStatus.PROVISIONAL if row.get("unsure") else VerificationStatus.UNKNOWN,
        onset=_partial(row, "recorded"),
        abated=_partial(row, "ended"),
    )


def _result(row: _Row, place: int, catalogue: Catalogue, said: Provenance) -> Observation:
    what, *also = catalogue.kinds[row["code"]]
    value: Value | None = None
    if row["value"] is not None:
        value = Quantity(row["value"].normalize() + 0, Unit(row["unit"] or ""))
    elif row.get("answer") is not None:
        value = catalogue.answers[row["answer"]]
    sign = row.get("comparator")
    return Observation(
        id=f"result {row.get('result', place)}",
        what=what,
        also=tuple(also),
        provenance=said,
        taken=_partial(row, "taken"),
        taken_at=row.get("taken_at"),
        value=value,
        comparator=Comparator(sign) if sign else None,
    )


def _partial(row: _Row, name: str) -> PartialDate | None:
    """The day, month or year that a first and a last day stand for."""
    first: date | None = row.get(name)
    if first is None:
        return None
    last: date = row.get(f"{name}_last") or first
    if last == first:
        return whole(first)
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return PartialDate(first.year)
    days = calendar.monthrange(first.year, first.month)[1]
    if first.day == 1 and (last.year, last.month, last.day) == (first.year, first.month, days):
        return PartialDate(first.year, first.month)
    return PartialDate(first.year)
