"""What holds of every condition, whatever the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st
from tests.spec.criteria import bench

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.answer import Answer, Verdict
from pestle.pharmacy.criteria.evaluate import evaluate
from pestle.pharmacy.criteria.span import EVER, Span, SpanUnit, Window
from pestle.pharmacy.dosage.dose import Coded
from pestle.pharmacy.quantity import Quantity, Unit
from pestle.pharmacy.record.condition import ClinicalStatus, VerificationStatus
from pestle.pharmacy.record.moment import PartialDate, whole
from pestle.pharmacy.record.observation import Comparator, Observation
from pestle.pharmacy.record.patient import Gender
from pestle.pharmacy.record.record import Record

T = TypeVar("T")
TERMS = bench.TERMS
MEDICINES = [
    TERMS.medicines[name]
    for name in ("nsaids_systemic", "gastroprotection", "vitamin_k_antagonists", "oral_anticoagulants")
]
CONDITIONS = [TERMS.conditions[name] for name in ("asthma", "heart_failure", "gout", "asthma_resolved")]
MEASURED = [TERMS.observables[name] for name in ("egfr", "creatinine", "potassium", "inr", "systolic_bp")]

spans = st.builds(Span, st.integers(0, 24), st.sampled_from(SpanUnit))
fixed = st.sampled_from([bench.TODAY - timedelta(days=back) for back in (0, 28, 400)])
windows = st.just(EVER) | st.builds(Window, st.none() | spans | fixed, spans)
medicines = st.sampled_from(MEDICINES)
observables = st.sampled_from(MEASURED)
leaves: st.SearchStrategy[n.Criterion] = st.one_of(
    st.builds(n.Age, st.integers(0, 80), st.none()),
    st.builds(n.Sex, st.just(frozenset({Gender.FEMALE}))),
    st.builds(n.Alive),
    st.builds(n.Taking, medicines, st.none() | spans),
    st.builds(n.Issued, medicines, windows, st.integers(1, 3)),
    st.builds(n.Stopped, medicines, windows),
    st.builds(n.LatestMedicine, medicines, medicines, windows),
    st.builds(n.CoPrescribed, medicines, medicines, st.integers(1, 40), windows),
    st.builds(n.MedicineCount, medicines, st.integers(1, 3), windows),
    st.builds(n.HasCondition, st.sampled_from(CONDITIONS), st.sampled_from(n.State), windows),
    st.builds(n.LatestCondition, st.sampled_from(CONDITIONS), st.sampled_from(CONDITIONS), windows),
    st.builds(n.Tested, st.tuples(observables), windows, st.integers(1, 2)),
    st.builds(n.Tested, st.tuples(observables), windows, st.integers(2, 3), st.sampled_from([1, 13, 14, 90])),
    st.builds(
        n.ResultIs,
        observables,
        st.sampled_from(n.Comparison),
        st.fractions(0, 200, max_denominator=10),
        windows,
    ),
    st.builds(n.ResultChanged, observables, st.booleans(), st.fractions(1, 100, max_denominator=1), windows),
)
criteria: st.SearchStrategy[n.Criterion] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda of: n.AllOf(tuple(of))),
        st.lists(inner, min_size=1, max_size=3).map(lambda of: n.AnyOf(tuple(of))),
        inner.map(n.Not),
    ),
    max_leaves=5,
)

days = st.dates(bench.TODAY - timedelta(days=800), bench.TODAY + timedelta(days=20))
partial = st.one_of(
    st.none(),
    days.map(whole),
    days.map(lambda on: PartialDate(on.year, on.month)),
    days.map(lambda on: PartialDate(on.year)),
)
names = ["Ibuprofen 400mg", "Omeprazole 20mg", "Warfarin 3mg", "Paracetamol 500mg", "? Nurofen", "? Warfarin"]
supplies = st.builds(
    lambda name, on, length, route: bench.supplied(name, str(on), days=length, route=route),
    st.sampled_from(names),
    days,
    st.none() | st.integers(1, 90),
    st.sampled_from(["Oral", "Cutaneous", None]),
)
conditions = st.builds(
    lambda text, status, verification, onset, abated: replace(
        bench.has(text, status=status, verification=verification),
        onset=onset,
        abated=abated,
        id=f"{text}{onset}",
    ),
    st.sampled_from(["Asthma", "No asthma", "Asthma resolved", "Heart failure", "Gout", "Eczema"]),
    st.sampled_from(ClinicalStatus),
    st.sampled_from(VerificationStatus),
    partial,
    partial,
)
results = st.builds(
    lambda text, value, unit, comparator, taken, at: Observation(
        id=f"{text}{value}{unit}{taken}{at}",
        what=Coded(text),
        provenance=bench.SAID,
        taken=taken,
        value=Quantity(value, Unit(unit)),
        comparator=comparator,
    ),
    st.sampled_from(["eGFR", "Creatinine", "Potassium", "INR", "Systolic blood pressure", "Ferritin"]),
    st.decimals(0, 300, places=1),
    st.sampled_from(["mL/min", "umol/L", "mmol/L", "", "mmHg", "furlong"]),
    st.none() | st.sampled_from(Comparator),
    partial,
    st.integers(0, 10**6),
)
records = st.builds(
    lambda born, gender, held, had, found: bench.record(
        born=born, gender=gender, supplies=held, conditions=had, results=found
    ),
    st.none() | st.sampled_from(["1950-05-01", "2010-02-28", "1990-01-01"]),
    st.sampled_from(Gender),
    st.none() | st.lists(supplies, max_size=4).map(tuple),
    st.none() | st.lists(conditions, max_size=4).map(tuple),
    st.none() | st.lists(results, max_size=4).map(tuple),
)


def _ask(criterion: n.Criterion, record: Record) -> Answer:
    return evaluate(criterion, record, on=bench.TODAY, substances=bench.SUBSTANCES)


@given(criteria, records)
def test_every_condition_has_an_answer_that_is_explained(criterion: n.Criterion, record: Record) -> None:
    answer = _ask(criterion, record)
    assert answer.facts or answer.missing
    assert all(gap.what and gap.would_help for gap in answer.missing)


@given(criteria, criteria, records)
def test_de_morgan(one: n.Criterion, other: n.Criterion, record: Record) -> None:
    left = _ask(n.Not(n.AllOf((one, other))), record)
    right = _ask(n.AnyOf((n.Not(one), n.Not(other))), record)
    assert left == right
    left = _ask(n.Not(n.AnyOf((one, other))), record)
    right = _ask(n.AllOf((n.Not(one), n.Not(other))), record)
    assert left == right


@given(criteria, records)
def test_not_not_is_nothing(criterion: n.Criterion, record: Record) -> None:
    assert _ask(n.Not(n.Not(criterion)), record) == _ask(criterion, record)


@given(criteria, records)
def test_all_any_and_at_least_agree(criterion: n.Criterion, record: Record) -> None:
    several = (criterion, n.Not(criterion), n.Alive())
    assert _ask(n.AtLeast(3, several), record) == _ask(n.AllOf(several), record)
    assert _ask(n.AtLeast(1, several), record) == _ask(n.AnyOf(several), record)


@given(criteria, records)
def test_nothing_unrelated_changes_an_answer(criterion: n.Criterion, record: Record) -> None:
    unrelated = replace(
        record,
        supplies=_more(record.supplies, bench.supplied("Levothyroxine 100microgram", "2026-11-20")),
        conditions=_more(record.conditions, bench.has("Eczema", "2026-11-20")),
        observations=_more(record.observations, bench.result("Ferritin", "80 ug/L", "2026-11-20")),
    )
    assert _ask(criterion, unrelated) == _ask(criterion, record)


@given(criteria, records, st.randoms(use_true_random=False))
def test_order_never_matters(criterion: n.Criterion, record: Record, random: Random) -> None:
    turned = replace(
        record,
        supplies=_shuffled(record.supplies, random),
        conditions=_shuffled(record.conditions, random),
        observations=_shuffled(record.observations, random),
    )
    assert _ask(criterion, turned) == _ask(criterion, record)


@given(criteria, records)
def test_what_becomes_readable_turns_no_answer_round(criterion: n.Criterion, record: Record) -> None:
    """A part of the record that becomes readable never turns a known answer round, if it holds nothing."""
    unread = replace(record, supplies=None, conditions=None, observations=None)
    empty = replace(record, supplies=(), conditions=(), observations=())
    before, after = _ask(criterion, unread).verdict, _ask(criterion, empty).verdict
    assert before in (Verdict.CANNOT_TELL, after)


IN_ANOTHER_UNIT = [
    ("creatinine", "mg/dL", "88.4"),
    ("creatinine", "mmol/L", "1000"),
    ("potassium", "mEq/L", "1"),
]


@given(
    st.sampled_from(IN_ANOTHER_UNIT),
    st.decimals(Decimal("0.2"), Decimal(9), places=2),
    st.none() | st.sampled_from(Comparator),
    st.sampled_from(n.Comparison),
    st.fractions(1, 800, max_denominator=4),
)
def test_the_unit_of_entry_never_changes_an_answer(
    unit: tuple[str, str, str],
    value: Decimal,
    comparator: Comparator | None,
    comparison: n.Comparison,
    bound: Fraction,
) -> None:
    name, other, times = unit
    observable = TERMS.observables[name]
    criterion = n.ResultIs(observable, comparison, bound)
    verdicts = set()
    for amount, written in ((value, other), (value * Decimal(times), observable.unit or "")):
        sent = replace(
            bench.result(observable.title, "1 x", "2026-11-01"),
            value=Quantity(amount, Unit(written)),
            comparator=comparator,
        )
        verdicts.add(_ask(criterion, bench.record(results=(sent,))).verdict)
    assert len(verdicts) == 1


def _more(part: tuple[T, ...] | None, fact: T) -> tuple[T, ...] | None:
    return None if part is None else (*part, fact)


def _shuffled(part: tuple[T, ...] | None, random: Random) -> tuple[T, ...] | None:
    return None if part is None else tuple(random.sample(part, len(part)))
