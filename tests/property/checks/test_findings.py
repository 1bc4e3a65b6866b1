"""What holds of the checks whatever the prescription and the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.spec.checks import bench

from pestle.pharmacy.calculators.person import Country
from pestle.pharmacy.checks import allergy as allergy_check
from pestle.pharmacy.checks import dose as dose_check
from pestle.pharmacy.checks import renal as renal_check
from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.checks.finding import Finding, Severity
from pestle.pharmacy.checks.number_words import number_in_words
from pestle.pharmacy.checks.run import CHECKS, assess_all
from pestle.pharmacy.dosage.dose import Dosage
from pestle.pharmacy.record.allergy import (
    Allergy,
    AllergyKind,
    AllergyRecord,
    AllergyStatus,
    ReactionSeverity,
)
from pestle.pharmacy.record.condition import ClinicalStatus
from pestle.pharmacy.record.medication import CourseOfTherapy, MedicationSupply, StatementStatus
from pestle.pharmacy.record.observation import Comparator
from pestle.pharmacy.record.patient import Gender, Patient
from pestle.pharmacy.record.record import Record
from pestle.pharmacy.refusal import Refused

NAMES = sorted(bench.PRODUCTS)
SUBSTANCES = [
    *sorted(bench.KNOWLEDGE.substances.known),
    "penicillins",
    "NSAIDs",
    "strawberries",
    "sodium",
    "",
]

allergies = st.lists(
    st.builds(
        bench.allergy,
        st.sampled_from(SUBSTANCES) | st.text(max_size=20),
        kind=st.sampled_from(AllergyKind),
        reaction=st.sampled_from(["", "rash", "anaphylaxis"]),
        severity=st.sampled_from(ReactionSeverity),
    ),
    min_size=1,
    max_size=4,
)
statuses = st.sampled_from([AllergyStatus.NOT_RECORDED, AllergyStatus.UNAVAILABLE]).map(AllergyRecord)
allergy_records = statuses | st.just(bench.NONE_KNOWN) | allergies.map(lambda found: bench.known(*found))

supplies = st.builds(
    bench.supply,
    st.sampled_from(NAMES),
    on=st.dates(bench.TODAY - timedelta(days=90), bench.TODAY),
    days=st.none() | st.integers(1, 84),
)


SAID = [
    "Take ONE tablet TWICE a day",
    "Take ONE capsule ONCE a day",
    "Take 500 mg FOUR times a day",
    "Take 10ml FOUR times a day",
    "Take 1 or 2 tablets every 4 to 6 hours when required",
    "Take TWO tablets once a week",
    "One twice a day, crushed, via PEG",
    "2 drops in both ears",
    "as directed",
    "",
]
dosages = st.none() | st.sampled_from(SAID).map(bench.written)
quantities = st.none() | st.sampled_from(["1 tablet", "28 tablet", "500 ml", "84 capsule"]).map(bench.amount)

orders = st.builds(
    bench.order,
    st.sampled_from(NAMES),
    dosage=st.none() | st.sampled_from(SAID),
    id=st.uuids().map(str),
    days_ago=st.integers(0, 400),
)
statements = st.builds(
    bench.statement, st.sampled_from(NAMES), dosage=st.none() | st.sampled_from(SAID),
    status=st.sampled_from(StatementStatus),
)  # fmt: skip
RESULTS = [
    ("Creatinine", "60 micromol/L"),
    ("Creatinine", "220 micromol/L"),
    ("Creatinine", "1.4 mg/dL"),
    ("Creatinine", "90 bananas"),
    ("eGFR", "25 mL/min/1.73m2"),
    ("eGFR", "90 mL/min/1.73m2"),
    ("Body weight", "48 kg"),
    ("Body weight", "91 kg"),
    ("Body weight", "9000 kg"),
    ("Body height", "164 cm"),
    ("Peak flow", "400 L/min"),
]
results = st.builds(
    lambda what, ago, sign: bench.measured(*what, days_ago=ago, comparator=sign),
    st.sampled_from(RESULTS),
    st.integers(0, 800),
    st.none() | st.sampled_from(Comparator),
)
conditions = st.builds(
    bench.condition,
    st.sampled_from(["Atrial fibrillation", "Acne", "Asthma"]),
    status=st.sampled_from(ClinicalStatus),
)
people = st.builds(
    bench.patient,
    born=st.none() | st.dates(date(1920, 1, 1), date(2026, 12, 31)),
    gender=st.sampled_from(Gender),
)


def _few(facts: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.none() | st.lists(facts, max_size=3).map(tuple)


@st.composite
def lines(draw: st.DrawFn) -> tuple[ProposedLine, ...]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))
    return tuple(
        bench.line(
            name,
            id=str(at),
            medication=draw(st.sampled_from([bench.medicine, bench.medicine, bench.unmatched]))(name),
            course=draw(st.none() | st.sampled_from(CourseOfTherapy)),
            dosage=draw(dosages),
            quantity=draw(quantities),
            days_supply=draw(st.none() | st.integers(1, 90).map(Decimal)),
            controlled=draw(
                st.none() | st.builds(bench.stated, st.sampled_from(["CD2", "CD4", "x"]), st.text())
            ),
        )
        for at, name in enumerate(names)
    )


records = st.builds(
    bench.record,
    allergy_records,
    st.none() | st.lists(supplies, max_size=3).map(tuple),
    orders=_few(orders),
    statements=_few(statements),
    observations=_few(results),
    conditions=_few(conditions),
    patient=people,
)
dates = st.none() | st.dates(date(2026, 1, 1), bench.TODAY)


def _all(proposed: Proposed, record: Record) -> frozenset[Finding]:
    answers = assess_all(proposed, record, knowledge=bench.KNOWLEDGE, on=bench.TODAY)
    return frozenset(found for answer in answers for found in answer.findings)


@given(lines(), records, dates, st.randoms(use_true_random=False))
def test_order_never_matters(
    several: tuple[ProposedLine, ...], record: Record, signed: date | None, random: Random
) -> None:
    shuffled = list(several)
    random.shuffle(shuffled)
    turned = replace(
        record,
        allergies=replace(record.allergies, allergies=record.allergies.allergies[::-1]),
        **{
            part: facts[::-1]
            for part in ("supplies", "orders", "statements", "observations", "conditions")
            if (facts := getattr(record, part)) is not None
        },
    )
    found = _all(Proposed(several, signed_on=signed), record)
    assert found == _all(Proposed(tuple(shuffled), signed_on=signed), turned)
    backwards = assess_all(
        Proposed(several, signed_on=signed),
        record,
        knowledge=bench.KNOWLEDGE,
        on=bench.TODAY,
        checks=CHECKS[::-1],
    )
    assert found == frozenset(each for answer in backwards for each in answer.findings)


@given(lines(), records, dates)
def test_no_check_breaks_and_a_key_is_given_once(
    several: tuple[ProposedLine, ...], record: Record, signed: date | None
) -> None:
    found = _all(Proposed(several, signed_on=signed), record)
    assert not any("failed" in each.because for each in found)
    assert len({(each.key, each.line) for each in found}) == len(found)


@given(lines(), allergies, allergies)
def test_another_allergy_never_removes_a_finding(
    several: tuple[ProposedLine, ...], some: list[Allergy], more: list[Allergy]
) -> None:
    before = _all(Proposed(several), bench.record(bench.known(*some)))
    after = _all(Proposed(several), bench.record(bench.known(*some, *more)))
    assert {(each.key, each.line) for each in before} <= {(each.key, each.line) for each in after}


@given(lines(), statuses)
def test_an_allergy_state_that_is_not_known_never_yields_nothing_found(
    several: tuple[ProposedLine, ...], state: AllergyRecord
) -> None:
    answer = allergy_check.assess(
        Proposed(several), bench.record(state), knowledge=bench.KNOWLEDGE, on=bench.TODAY
    )
    assert any(found.severity is Severity.NOT_ASSESSED for found in answer.findings)


@given(lines(), allergies)
def test_an_intolerance_never_stops(several: tuple[ProposedLine, ...], some: list[Allergy]) -> None:
    tolerated = [replace(each, kind=AllergyKind.INTOLERANCE) for each in some]
    answer = allergy_check.assess(
        Proposed(several), bench.record(bench.known(*tolerated)), knowledge=bench.KNOWLEDGE, on=bench.TODAY
    )
    assert not any(found.severity is Severity.HARD_STOP for found in answer.findings)


@given(lines(), st.lists(supplies, max_size=3))
def test_another_supply_never_removes_a_finding(
    several: tuple[ProposedLine, ...], some: list[MedicationSupply]
) -> None:
    before = _all(Proposed(several), bench.record(supplies=tuple(some[1:])))
    after = _all(Proposed(several), bench.record(supplies=tuple(some)))
    assert _told(before) <= _told(after)


def _told(found: frozenset[Finding]) -> set[tuple[str, str, str | None]]:
    """Not by key: another supply of a substance is more of it in a day, which is another fact. And not what
    should be there beside a medicine: it may be what was supplied.
    """
    return {(each.check, each.rule, each.line) for each in found if each.check != "companion"}


_Shape = tuple[str, str, str, str | None, str]


def _shapes(found: frozenset[Finding]) -> set[_Shape]:
    return {(each.check, each.rule, each.source.definition, each.line, each.severity.value) for each in found}


@given(lines(), records)
def test_an_unrelated_fact_never_removes_a_finding(several: tuple[ProposedLine, ...], record: Record) -> None:
    before = _shapes(_all(Proposed(several), record))
    more = replace(
        record,
        conditions=(*(record.conditions or ()), bench.condition("Ingrowing toenail")),
        observations=None
        if record.observations is None
        else (*record.observations, bench.measured("Shoe size", "42 cm", days_ago=0)),
        statements=None
        if record.statements is None
        else (*record.statements, bench.statement("Ezetimibe 10mg tablets")),
    )
    if record.conditions is None:
        more = replace(more, conditions=None)
    assert before <= _shapes(_all(Proposed(several), more))


RENAL = [
    "Metformin 500mg tablets",
    "Nitrofurantoin 100mg modified-release capsules",
    "Pregabalin 150mg capsules",
    "Gabapentin 300mg capsules",
    "Naproxen 250mg tablets",
    "Methotrexate 2.5mg tablets",
    "Dabigatran etexilate 110mg capsules",
    "Edoxaban 60mg tablets",
    "Apixaban 5mg tablets",
    "Lithium carbonate 400mg modified-release tablets",
    "Digoxin 125microgram tablets",
    "Spironolactone 25mg tablets",
    "Allopurinol 100mg tablets",
]
values = st.integers(1, 400).map(lambda tenths: tenths / Decimal(4))


def _renal(name: str, dosage: Dosage | None, what: str, value: Decimal, country: Country) -> set[Severity]:
    record = bench.record(
        patient=bench.patient(),
        observations=(
            bench.measured(what, f"{value} {'micromol/L' if what == 'Creatinine' else 'mL/min'}"),
            bench.measured("Body weight", "60 kg"),
        ),
    )
    answer = renal_check.assess(
        Proposed((bench.line(name, dosage=dosage),)),
        record,
        knowledge=replace(bench.KNOWLEDGE, country=country),
        on=bench.TODAY,
    )
    return {found.severity for found in answer.findings}


def _rank(found: set[Severity]) -> int:
    order = list(Severity)
    return min((order.index(each) for each in found), default=len(order))


@given(st.sampled_from(RENAL), dosages, st.sampled_from(["eGFR", "Creatinine"]), values, values)
def test_better_kidneys_never_make_a_renal_finding_worse(
    name: str, dosage: Dosage | None, what: str, one: Decimal, other: Decimal
) -> None:
    better, worse = (max(one, other), min(one, other))
    if what == "Creatinine":
        # From 20 on, as the formula takes it; what cannot be is not assessed, and neither better nor worse.
        better, worse = 20 + worse * 5, 20 + better * 5
    ranks = [_rank(_renal(name, dosage, what, value, "uk")) for value in (worse, better)]
    assert ranks[0] <= ranks[1]


def test_only_a_rule_with_an_upper_bound_may_say_more_of_better_kidneys() -> None:
    rules = {rule for each in bench.KNOWLEDGE.renal.values() for rule in each}
    assert [rule.title for rule in rules if rule.has_upper_bound] == ["edoxaban"]
    once = bench.written("Take ONE tablet ONCE a day")
    assert _renal("Edoxaban 60mg tablets", once, "Creatinine", Decimal(40), "us") == {Severity.INTERRUPT}


@given(lines(), st.integers(3, 60), st.integers(4, 150), people)
def test_the_unit_of_entry_never_changes_a_finding(
    several: tuple[ProposedLine, ...], tenths: int, kg: int, patient: Patient
) -> None:
    # 88.4 micromol/L are 1 mg/dL.
    creatinine = Decimal(tenths) / 10
    metric = (
        bench.measured("Creatinine", f"{creatinine * Decimal('88.4')} micromol/L"),
        bench.measured("Body weight", f"{kg} kg"),
        bench.measured("Body height", "160 cm"),
    )
    other = (
        bench.measured("Creatinine", f"{creatinine} mg/dL"),
        bench.measured("Body weight", f"{kg * 1000} g"),
        bench.measured("Body height", "1.6 m"),
    )
    af = (bench.condition("Atrial fibrillation"),)
    found = [
        _shapes(_all(Proposed(several), bench.record(patient=patient, observations=each, conditions=af)))
        for each in (metric, other)
    ]
    assert found[0] == found[1]


@given(st.sampled_from(["Paracetamol 500mg tablets", "Methotrexate 2.5mg tablets"]), st.integers(1, 4000))
def test_the_unit_of_the_dose_never_changes_a_finding(name: str, mg: int) -> None:
    written = [
        f"Take {mg} mg TWICE a day",
        f"Take {Decimal(mg) / 1000} g TWICE a day",
        f"Take {mg * 1000} micrograms TWICE a day",
    ]
    found = []
    for each in written:
        line = bench.line(name, dosage=bench.written(each))
        answer = dose_check.assess(
            Proposed((line,)), bench.record(), knowledge=bench.KNOWLEDGE, on=bench.TODAY
        )
        if not any(finding.severity is Severity.NOT_ASSESSED for finding in answer.findings):
            found.append(_shapes(frozenset(answer.findings)))
    assert all(each == found[0] for each in found)


WORDS = ["one", "two", "ten", "twenty", "hundred", "thousand", "and", "point", "a", "half", "ml"]


@given(st.text() | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_any_words_are_a_number_or_refused(text: str) -> None:
    try:
        number, _ = number_in_words(text, place="quantity")
    except Refused:
        return
    assert 0 <= number < 1_000_000


_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def _said(number: int) -> str:
    """The slow and obvious twin: how the number is said."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f" {_ONES[number % 10]}" if number % 10 else "")
    size, word = (100, "hundred") if number < 1000 else (1000, "thousand")
    rest = number % size
    return f"{_said(number // size)} {word}" + (f" and {_said(rest)}" if rest else "")


@given(st.integers(0, 999_999))
def test_a_number_that_is_said_is_read(number: int) -> None:
    assert number_in_words(_said(number), place="quantity") == (Decimal(number), "")
