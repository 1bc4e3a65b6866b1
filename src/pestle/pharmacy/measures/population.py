"""Which tables is a population made of, and what do its codes mean?

Four tables, one row a fact: `patient`, `medication`, `condition`, `observation`. A code is a whole number: a
SNOMED CT or dm+d id where it is positive, else a number of the population's own, which the `Catalogue`
explains. Every column beyond `REQUIRED` may be left out; what each means stands beside it.

A date that is known only in part lies between its column and the same with `_last`. Two words have no
column: a row that was entered in error, and a result that was only asked for, are not in the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import ibis
import pyarrow as pa
from ibis.expr.types import Table

from pestle.pharmacy.criteria.lists import (
    ConditionList,
    Described,
    MedicineList,
    described,
    has_medicine,
    is_listed,
)
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.medicines.substances import Substances
from pestle.pharmacy.record.medication import Medication
from pestle.pharmacy.record.observable import Observable
from pestle.pharmacy.record.observation import Value

# Each table's columns and their types.
TABLES: Mapping[str, Mapping[str, str]] = {
    "patient": {
        "patient": "int64",
        "born": "date",
        "gender": "string",  # male, female, other, unknown: FHIR AdministrativeGender
        "died": "date",
        "practice": "string",  # ODS code of the GP practice; none: not known
        # Whether anything of the kind is on record to be read; none on record is not the same as none.
        "medication_known": "boolean",
        "conditions_known": "boolean",
        "results_known": "boolean",
    },
    "medication": {
        "patient": "int64",
        "code": "int64",
        "issued": "date",
        "issued_last": "date",
        "days": "int64",  # how many days the supply lasts; none: not known
        "issue": "boolean",  # whether it counts as an issue; left out: every row does
        # An order or a statement stands from `starts` to `ends`, for certain (true), perhaps (none) or not.
        "supply": "boolean",  # left out: every row is a supply
        "standing": "boolean",
        "starts": "date",
        "starts_last": "date",
        "ends": "date",
        "ends_last": "date",
    },
    "condition": {
        "patient": "int64",
        "code": "int64",
        "recorded": "date",  # when it began, else when it was recorded
        "recorded_last": "date",
        "status": "string",  # FHIR condition-clinical; none: not said
        "unsure": "boolean",  # provisional, differential or unconfirmed
        "ended": "date",
        "ended_last": "date",
    },
    "observation": {
        "patient": "int64",
        "code": "int64",
        "taken": "date",
        "taken_last": "date",
        "taken_at": "timestamp(6)",  # the moment, where it is known (UTC)
        "value": "decimal(18, 6)",
        "comparator": "string",  # <, <=, >=, >
        "unit": "string",
        "answer": "int64",  # what was answered in words or a code; a code of the catalogue
        "result": "int64",  # the same number for the parts of one result
    },
    # What practices prescribe, without patients; both may be left out.
    "prescribing": {
        "practice": "string",
        "month": "date",  # its first day
        "bnf": "string",  # BNF code of the presentation
        "items": "int64",
        "quantity": "decimal(18, 3)",  # of each of the items
    },
    "list_size": {
        "practice": "string",
        "month": "date",
        "patients": "int64",
    },
}
# Who a population is made of, and what its practices prescribe: a folder may hold either, or both.
PEOPLE = ("patient", "medication", "condition", "observation")
PRACTICES = ("prescribing", "list_size")
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "patient": ("patient", "born", "gender"),
    "medication": ("patient", "code", "issued"),
    "condition": ("patient", "code", "recorded"),
    "observation": ("patient", "code", "taken", "value", "unit"),
    "prescribing": ("practice", "month", "bnf", "items", "quantity"),
    "list_size": ("practice", "month", "patients"),
}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the codes of a population mean: medicines, conditions, kinds of observation, answers; and the
    units that occur."""

    medicines: Mapping[int, Medication]
    conditions: Mapping[int, tuple[Coded, ...]]
    kinds: Mapping[int, tuple[Coded, ...]]
    answers: Mapping[int, Value]
    units: frozenset[str]


@dataclass(frozen=True, slots=True)
class Listed:
    """The codes that are on a list, and those of which nobody can tell."""

    on: tuple[int, ...]
    perhaps: tuple[int, ...]


@dataclass
class Population:
    """A population to be asked. The tables are Ibis expressions with at least the `REQUIRED` columns."""

    patient: Table
    medication: Table
    condition: Table
    observation: Table
    catalogue: Catalogue
    substances: Substances
    _listed: dict[str, list[tuple[MedicineList | ConditionList, Listed]]] = field(default_factory=dict)

    def medicines_on(self, listed: MedicineList) -> Listed:
        """Which codes of medicines are on a list: the same answer as for one patient's medicine."""
        return self._once(
            listed,
            lambda: _sorted_out(
                (code, has_medicine(listed, medicine)) for code, medicine in self._described.items()
            ),
        )

    def conditions_on(self, listed: ConditionList) -> Listed:
        """Which codes of conditions are on a list."""
        return self._once(
            listed,
            lambda: _sorted_out(
                (code, is_listed(listed, coded)) for code, coded in self.catalogue.conditions.items()
            ),
        )

    def kinds_of(self, observable: Observable) -> tuple[int, ...]:
        """Which codes of observations are of that kind."""
        return tuple(
            sorted(code for code, coded in self.catalogue.kinds.items() if any(map(observable.means, coded)))
        )

    def substances_of(self, code: int) -> frozenset[str] | None:
        """The active substances of a medicine; None when they are not known."""
        return self._described[code].holds

    @cached_property
    def _described(self) -> Mapping[int, Described]:
        return {
            code: described(medication, substances=self.substances)
            for code, medication in self.catalogue.medicines.items()
        }

    def _once(self, listed: MedicineList | ConditionList, make: Callable[[], Listed]) -> Listed:
        # A list narrowed where it is used has the name of the whole one.
        known = self._listed.setdefault(listed.name, [])
        for other, found in known:
            if other == listed:
                return found
        known.append((listed, make()))
        return known[-1][1]


def _sorted_out(answers: Iterable[tuple[int, bool | None]]) -> Listed:
    on: list[int] = []
    perhaps: list[int] = []
    for code, answer in answers:
        if answer is not False:
            (on if answer else perhaps).append(code)
    return Listed(tuple(sorted(on)), tuple(sorted(perhaps)))


def table(name: str, rows: Iterable[Mapping[str, object]]) -> Table:
    """Rows as the table of that name."""
    # Straight to Arrow: on the way through a data frame an empty decimal is no value.
    schema = ibis.schema(dict(TABLES[name])).to_pyarrow()
    return ibis.memtable(pa.Table.from_pylist([dict(row) for row in rows], schema=schema))
