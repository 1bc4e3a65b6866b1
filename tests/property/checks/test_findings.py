"""What holds of the checks whatever the prescription and the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.spec.checks import bench

from pestle.pharmacy.checks import allergy as allergy_check
from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.checks.finding import Finding, Severity
from pestle.pharmacy.checks.number_words import number_in_words
from pestle.pharmacy.checks.run import CHECKS, assess_all
from pestle.pharmacy.record.allergy import (
    Allergy,
    AllergyKind,
    AllergyRecord,
    AllergyStatus,
    ReactionSeverity,
)
from pestle.pharmacy.record.medication import CourseOfTherapy, MedicationSupply
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


@st.composite
def lines(draw: st.DrawFn) -> tuple[ProposedLine, ...]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))
    return tuple(
        bench.line(
            name,
            id=str(at),
            medication=draw(st.sampled_from([bench.medicine, bench.medicine, bench.unmatched]))(name),
            course=draw(st.none() | st.sampled_from(CourseOfTherapy)),
            days_supply=draw(st.none() | st.integers(1, 90).map(Decimal)),
            controlled=draw(
                st.none() | st.builds(bench.stated, st.sampled_from(["CD2", "CD4", "x"]), st.text())
            ),
        )
        for at, name in enumerate(names)
    )


records = st.builds(bench.record, allergy_records, st.none() | st.lists(supplies, max_size=3).map(tuple))
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
        supplies=None if record.supplies is None else record.supplies[::-1],
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
    assert {(each.key, each.line) for each in before} <= {(each.key, each.line) for each in after}


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
