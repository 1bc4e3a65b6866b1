"""One definition, read two ways: of every patient the query says what the slow reading says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import TypeVar

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.property.criteria import test_criteria as drawn
from tests.spec.criteria import bench

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.answer import Verdict
from pestle.pharmacy.criteria.evaluate import evaluate
from pestle.pharmacy.criteria.span import EVER, Span, SpanUnit, Window
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.measures.compile import verdicts
from pestle.pharmacy.measures.rows import Rows
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.condition import ClinicalStatus, Condition, VerificationStatus
from pestle.pharmacy.record.medication import (
    CourseOfTherapy,
    LineStatus,
    MedicationOrder,
    MedicationRequest,
    MedicationStatement,
    MedicationSupply,
    StatementStatus,
)
from pestle.pharmacy.record.moment import PartialDate, whole
from pestle.pharmacy.record.observation import Comparator, Observation
from pestle.pharmacy.record.patient import Gender
from pestle.pharmacy.record.record import Record

T = TypeVar("T")
SAYS = {Verdict.IN: True, Verdict.OUT: False, Verdict.CANNOT_TELL: None}
# Most of an example is the making of its query, so that a query is asked of many.
CROWD = 80
# Few days and few names, so that facts meet: the same day, the edge of a window, two of a kind.
DAYS = [bench.TODAY - timedelta(days=back) for back in (0, 1, 14, 27, 28, 29, 61, 92, 183, 365, 700, -3)]
MEDICINES = [
    "Ibuprofen 400mg",
    "Ibuprofen 400mg",
    "Warfarin 3mg",
    "Omeprazole 20mg",
    "? Warfarin",
    "? Nurofen",
]
CONDITIONS = ["Asthma", "Asthma", "No asthma", "Asthma resolved", "Heart failure"]
MEASURED = [
    ("eGFR", "mL/min"), ("eGFR", "mL/min"), ("Creatinine", "umol/L"), ("Creatinine", "mg/dL"),
    ("Creatinine", "umol/L"), ("Weight", "kg"), ("Weight", "kg"), ("Creatinine clearance", "mL/min"),
    ("Potassium", "mmol/L"), ("Potassium", ""), ("Systolic blood pressure", "mmHg"), ("eGFR", "furlong"),
]  # fmt: skip
VALUES = [Decimal(text) for text in ("0.5", "1", "4.2", "5.5", "6", "44.9", "45", "60", "120", "9999")]
BORN = [None, "1950-05-01", "2008-11-22", "2008-11-23", "2004-02-29", "2026-11-30"]


@dataclass
class Crowd:
    """Records drawn from few facts, as many as it takes for most of them to meet."""

    draw: Random

    def record(self) -> Record:
        return replace(
            bench.record(
                born=self.draw.choice(BORN),
                gender=self.draw.choice([*Gender]),
                supplies=self.some(self.supply),
                conditions=self.some(self.condition),
                results=self.some(self.result),
            ),
            statements=self.some(self.statement),
            orders=self.some(self.order),
        )

    def some(self, fact: Callable[[], T]) -> tuple[T, ...] | None:
        """A part of a record: rarely one that nobody could read."""
        number = self.draw.choice([None, 0, 1, 2, 2, 3, 4, 6])
        return None if number is None else tuple(fact() for _ in range(number))

    def date(self) -> PartialDate | None:
        on = self.draw.choice(DAYS)
        partial = [None, PartialDate(on.year), PartialDate(on.year, on.month)]
        return self.draw.choice([whole(on)] * 6 + partial)

    def supply(self) -> MedicationSupply:
        return bench.supplied(
            self.draw.choice(MEDICINES),
            str(self.draw.choice(DAYS)),
            days=self.draw.choice([None, 0, 1, 28, 90]),
            route=self.draw.choice(["Oral", "Oral", "Cutaneous", None]),
        )

    def statement(self) -> MedicationStatement:
        status = self.draw.choice([StatementStatus.ACTIVE, *StatementStatus])
        return MedicationStatement(
            self.number(), bench.medicine(self.draw.choice(MEDICINES)), bench.SAID, status,
            starts=self.date(), ends=self.date(), last_issued=self.date(),
        )  # fmt: skip

    def order(self) -> MedicationOrder:
        name, status = self.draw.choice(MEDICINES), self.draw.choice([LineStatus.ACTIVE, *LineStatus])
        request = MedicationRequest(
            self.number(), Coded(name), None, None, status, "order", CourseOfTherapy.REPEAT
        )
        return MedicationOrder(
            request, bench.medicine(name), bench.SAID, starts=self.date(), ends=self.date()
        )

    def condition(self) -> Condition:
        made = bench.has(
            self.draw.choice(CONDITIONS),
            status=self.draw.choice([ClinicalStatus.ACTIVE, ClinicalStatus.ACTIVE, *ClinicalStatus]),
            verification=self.draw.choice([VerificationStatus.CONFIRMED] * 6 + [*VerificationStatus]),
        )
        abated = self.draw.choice([None, None, self.date()])
        return replace(made, id=self.number(), onset=self.date(), abated=abated)

    def result(self) -> Observation:
        what, unit = self.draw.choice(MEASURED)
        taken, hour = self.date(), self.draw.choice([None, 0, 1])
        timed = hour is not None and taken is not None and taken.day is not None
        return Observation(
            id=self.number(),
            what=Coded(what),
            provenance=bench.SAID,
            taken=taken,
            taken_at=datetime.combine(taken.first, time(hour), UTC)
            if timed and taken and hour is not None
            else None,
            value=Quantity(self.draw.choice(VALUES), Unit(unit)),
            comparator=self.draw.choice([None] * 8 + [*Comparator]),
        )

    def number(self) -> str:
        return str(self.draw.random())


KIDNEYS = n.Kidneys(
    *(drawn.TERMS.observables[name] for name in ("creatinine_clearance", "creatinine", "body_weight"))
)
windows = drawn.windows | st.sampled_from([n.days(28), n.months(3), n.months(12)])
measured = st.sampled_from([drawn.TERMS.observables[name] for name in ("egfr", "creatinine", "potassium")])
wide = st.sampled_from(
    [EVER, n.months(36), n.months(12), Window(n.months(36).since, Span(1, SpanUnit.MONTHS))]
)
LEAVES: dict[str, st.SearchStrategy[n.Criterion]] = {
    "age": st.builds(n.Age, st.integers(0, 80), st.none() | st.integers(81, 90), st.sampled_from(n.AgeUnit)),
    "sex": st.builds(n.Sex, st.just(frozenset({Gender.FEMALE, Gender.OTHER}))),
    "taking": st.builds(n.Taking, drawn.medicines, st.none() | drawn.spans),
    "issued": st.builds(n.Issued, drawn.medicines, windows, st.integers(1, 3)),
    "stopped": st.builds(n.Stopped, drawn.medicines, windows),
    "latest medicine": st.builds(n.LatestMedicine, drawn.medicines, drawn.medicines, windows),
    "co-prescribed": st.builds(n.CoPrescribed, drawn.medicines, drawn.medicines, st.integers(1, 40), windows),
    "count": st.builds(n.MedicineCount, drawn.medicines, st.integers(1, 3), windows),
    "condition": st.builds(
        n.HasCondition, st.sampled_from(drawn.CONDITIONS), st.sampled_from(n.State), windows
    ),
    "resolved": st.builds(
        n.HasCondition,
        st.just(drawn.TERMS.conditions["asthma"]),
        st.just(n.State.UNRESOLVED),
        windows,
        st.just(drawn.TERMS.conditions["asthma_resolved"]),
    ),
    "latest condition": st.builds(
        n.LatestCondition, st.sampled_from(drawn.CONDITIONS), st.sampled_from(drawn.CONDITIONS), windows
    ),
    "tested": st.builds(
        n.Tested,
        st.lists(measured, min_size=1, max_size=2).map(tuple),
        windows,
        st.integers(1, 3),
    ),
    "tested apart": st.builds(
        n.Tested,
        st.lists(measured, min_size=1, max_size=2).map(tuple),
        windows,
        st.integers(2, 3),
        st.sampled_from([1, 13, 14, 15, 90]),
    ),
    "panel": st.builds(
        n.Tested, st.just((drawn.TERMS.observables["urea_electrolytes"],)), windows, st.integers(1, 2)
    ),
    "result": st.builds(
        n.ResultIs,
        measured,
        st.sampled_from(n.Comparison),
        st.sampled_from([1, 5.5, 44.9, 45, 60]).map(lambda value: Fraction(str(value))),
        wide,
        st.booleans(),
    ),
    "written with": st.builds(
        n.WrittenWith, measured, st.just(frozenset({Comparator.LESS, Comparator.AT_MOST})), wide
    ),
    "changed": st.builds(
        n.ResultChanged, measured, st.booleans(), st.sampled_from([1, 20, 100]).map(Fraction), wide
    ),
    "at start": st.builds(
        n.TestedAtStart,
        st.lists(measured, min_size=1, max_size=2).map(tuple),
        drawn.medicines,
        st.none() | drawn.spans,
    ),
    "clearance": st.builds(
        n.ClearanceIs,
        st.just(KIDNEYS),
        st.sampled_from(n.Comparison),
        st.sampled_from([30, 45, 60, 75]).map(Fraction),
    ),
    "by clearance": st.builds(
        n.TestedByClearance, st.just(KIDNEYS), st.tuples(measured), st.sampled_from([1, 3])
    ),
    "earlier": st.builds(n.Earlier, drawn.spans, drawn.leaves),
    "several": drawn.criteria,
    "at least": st.builds(
        lambda of: n.AtLeast(2, (*of, n.Alive())), st.lists(drawn.leaves, min_size=1, max_size=3)
    ),
    "surely": st.builds(n.Surely, drawn.leaves),
}


@pytest.mark.parametrize("kind", LEAVES)
def test_both_readings_say_the_same(kind: str) -> None:
    @given(LEAVES[kind], st.integers(0, 10**9))
    @settings(
        max_examples=settings().max_examples // 16, phases=[Phase.explicit, Phase.reuse, Phase.generate]
    )
    def holds(criterion: n.Criterion, seed: int) -> None:
        crowd = Crowd(Random(seed))
        several = [crowd.record() for _ in range(CROWD)]
        at_once = _at_once(criterion, several)
        one_by_one = [
            SAYS[evaluate(criterion, record, on=bench.TODAY, substances=bench.SUBSTANCES).verdict]
            for record in several
        ]
        differ = [place for place in range(CROWD) if at_once[place] is not one_by_one[place]]
        assert not differ, f"{at_once[differ[0]]} for {one_by_one[differ[0]]}: {several[differ[0]]}"

    holds()


def _at_once(criterion: n.Criterion, several: list[Record]) -> list[bool | None]:
    rows = Rows()
    for number, record in enumerate(several):
        rows.add(number, record)
    found = verdicts(rows.population(bench.SUBSTANCES), {"holds": criterion}, on=bench.TODAY)
    return [row["holds"] for row in found.order_by("patient").to_pyarrow().to_pylist()]
