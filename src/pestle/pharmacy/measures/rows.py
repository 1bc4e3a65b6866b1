"""Which rows say what these records say?

The facts of each record as rows of the tables of a population, so that the same conditions can be asked of
all of them at once. What differs in any word has a code of its own, a negative one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import Generic, TypeVar

from pestle.pharmacy.criteria.conditions import recorded
from pestle.pharmacy.criteria.patient_day import issued
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.measures.population import Catalogue, Population, table
from pestle.pharmacy.medicines.substances import Substances
from pestle.pharmacy.record.medication import LineStatus, Medication, MedicationSupply, StatementStatus
from pestle.pharmacy.record.moment import PartialDate
from pestle.pharmacy.record.observation import Component, Observation, Value
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.record.result import measured, taken_on
from pestle.pharmacy.record.timeline import standing

K = TypeVar("K", bound=Hashable)
Row = dict[str, object]
_LONGEST = 100_000  # days; a supply never lasts longer than a life


@dataclass(slots=True)
class _Numbered(Generic[K]):
    """Values, and the code of each."""

    codes: dict[K, int] = field(default_factory=dict)

    def of(self, value: K) -> int:
        return self.codes.setdefault(value, -len(self.codes) - 1)

    @property
    def meant(self) -> Mapping[int, K]:
        return {code: value for value, code in self.codes.items()}


@dataclass(slots=True)
class Rows:
    """The rows so far. `add` takes one record after another; `population` is what they make."""

    tables: dict[str, list[Row]] = field(
        default_factory=lambda: {"patient": [], "medication": [], "condition": [], "observation": []}
    )
    _medicines: _Numbered[Medication] = field(default_factory=_Numbered)
    _conditions: _Numbered[tuple[Coded, ...]] = field(default_factory=_Numbered)
    _kinds: _Numbered[tuple[Coded, ...]] = field(default_factory=_Numbered)
    _answers: _Numbered[Value] = field(default_factory=_Numbered)
    _units: set[str] = field(default_factory=set)
    _results: int = 0

    def add(self, number: int, record: Record) -> None:
        """The facts of one patient, who is called by that number."""
        person = record.patient
        self.tables["patient"].append({
            "patient": number,
            "born": person.born,
            "gender": person.gender.value,
            "died": person.died,
            "practice": person.gp_practice_code,
            "medication_known": any(
                part is not None for part in (record.orders, record.statements, record.supplies)
            ),
            "conditions_known": record.conditions is not None,
            "results_known": record.observations is not None,
        })  # fmt: skip
        rows = ("medication", self._medication(record)), ("condition", self._condition(record)), (
            "observation", self._observation(record))  # fmt: skip
        for name, found in rows:
            self.tables[name] += [{"patient": number, **row} for row in found]

    def population(self, substances: Substances) -> Population:
        """The population of these patients."""
        catalogue = Catalogue(
            self._medicines.meant,
            self._conditions.meant,
            self._kinds.meant,
            self._answers.meant,
            frozenset(self._units),
        )
        made = {name: table(name, rows) for name, rows in self.tables.items()}
        return Population(**made, catalogue=catalogue, substances=substances)

    def _medication(self, record: Record) -> Iterable[Row]:
        for event in issued(record):
            yield {
                "code": self._medicines.of(event.medication), **_dates("issued", event.when),
                "issue": True, "supply": False, "standing": False,
            }  # fmt: skip
        for order in standing(record.orders or ()):
            if order.request.status in (LineStatus.ACTIVE, LineStatus.UNKNOWN):
                sure = order.request.status is LineStatus.ACTIVE or None
                yield self._stands(order.medication, order.starts, order.ends, sure)
        for statement in record.statements or ():
            if statement.status in (StatementStatus.ACTIVE, StatementStatus.UNKNOWN):
                sure = statement.status is StatementStatus.ACTIVE or None
                yield self._stands(statement.medication, statement.starts, statement.ends, sure)
        for supply in record.supplies or ():
            yield {
                "code": self._medicines.of(supply.medication), "issued": supply.on, "days": _days(supply),
                "issue": False, "supply": True, "standing": False,
            }  # fmt: skip

    def _stands(
        self, medication: Medication, starts: PartialDate | None, ends: PartialDate | None, sure: bool | None
    ) -> Row:
        return {
            "code": self._medicines.of(medication), **_dates("starts", starts), **_dates("ends", ends),
            "issue": False, "supply": False, "standing": sure,
        }  # fmt: skip

    def _condition(self, record: Record) -> Iterable[Row]:
        for condition in record.conditions or ():
            if condition.stands:
                yield {
                    "code": self._conditions.of((condition.what, *condition.also)),
                    **_dates("recorded", recorded(condition)), **_dates("ended", condition.abated),
                    "status": condition.status.value, "unsure": condition.unsure,
                }  # fmt: skip

    def _observation(self, record: Record) -> Iterable[Row]:
        for observation in record.observations or ():
            if not observation.stands:
                continue
            self._results += 1
            parts: tuple[Observation | Component, ...] = (observation, *observation.components)
            for part in parts:
                if part.value is not None or part.missing is None:
                    yield {
                        "code": self._kinds.of((part.what, *part.also)),
                        **_dates("taken", taken_on(observation)),
                        "taken_at": at.replace(tzinfo=None) if (at := observation.taken_at) else None,
                        "result": self._results,
                        **self._value(part),
                    }  # fmt: skip

    def _value(self, part: Observation | Component) -> Row:
        """What is no number that fits the column is kept as it was said, and never cut."""
        found = measured(part.value, part.comparator)
        row: Row = {}
        if found is not None:
            amount, units, comparator = found
            value = Decimal(amount.numerator) / Decimal(amount.denominator)
            if _fits(value):
                unit = units[0] if units else ""
                self._units.add(unit)
                row = {
                    "value": value, "unit": unit, "comparator": comparator.value if comparator else None,
                }  # fmt: skip
        said = part.value if isinstance(part.value, Coded | str | bool) else None
        if said is None and part.value is not None and not row:
            said = str(part.value)
        return {**row, "answer": None if said is None else self._answers.of(said)}


def _dates(name: str, when: PartialDate | None) -> Row:
    return {name: when.first if when else None, f"{name}_last": when.last if when else None}


def _days(supply: MedicationSupply) -> int | None:
    if supply.days_supply is None:
        return None
    return min(int(supply.days_supply.to_integral_value(ROUND_CEILING)), _LONGEST)


def _fits(value: Decimal) -> bool:
    """Whether it is exact with six places and twelve digits before them."""
    return value == round(value, 6) and abs(value) < 10**12
