"""Who needs a review, what is in the pack, who decides what, and how much of the time was covered?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from tests.spec.criteria.bench import KNOWLEDGE, SAID, SUBSTANCES, TERMS, TODAY, criterion, medicine, told
from tests.spec.practice.desk import POLICY, person

from pestle.definitions import folder
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.dosage.dose import Coded, Dosage, DosageStep
from pestle.pharmacy.measures import library as measures
from pestle.pharmacy.measures.measure import Measure
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.adherence import Covered, Fill, NotTold, days_covered
from pestle.pharmacy.practice.monitoring import monitored
from pestle.pharmacy.practice.review import (
    Decision,
    LineDecision,
    ReviewKind,
    check_decisions,
    check_pack,
)
from pestle.pharmacy.practice.review_checklist import answered
from pestle.pharmacy.practice.review_library import read_library
from pestle.pharmacy.practice.review_need import Need, Observed, counted_measures, need
from pestle.pharmacy.practice.review_outcome import Change, changes
from pestle.pharmacy.practice.review_pack import Counts, pack, reviewed
from pestle.pharmacy.practice.review_plan import Booked, Places, Waiting, planned
from pestle.pharmacy.record.medication import (
    CourseOfTherapy,
    LineStatus,
    MedicationOrder,
    MedicationRequest,
)
from pestle.pharmacy.record.moment import whole
from pestle.pharmacy.refusal import Refused

LIBRARY = read_library(folder("reviews"), TERMS)
COVERED = LIBRARY.need.days_covered
MEASURES = counted_measures(measures.read(*map(folder, measures.FOLDERS)).measures, LIBRARY.need)

# product, day, days; then what was covered of how many days, since when
RAMIPRIL = "Ramipril 5mg"
FILLS: list[tuple[list[tuple[str, str, int | None]], tuple[int, int] | str]] = [
    # The period ends on 2026-11-21. Filled on time: every day.
    ([(RAMIPRIL, "2026-08-01", 56), (RAMIPRIL, "2026-09-26", 57)], (113, 113)),
    # A week early: carried forward, so nothing is lost, and nothing counts twice.
    ([(RAMIPRIL, "2026-08-01", 56), (RAMIPRIL, "2026-09-19", 57)], (113, 113)),
    # Two gaps of ten days.
    ([(RAMIPRIL, "2026-08-01", 28), (RAMIPRIL, "2026-09-08", 28), (RAMIPRIL, "2026-10-16", 37)],
     (93, 113)),
    # Two packs on one day are one fill.
    ([(RAMIPRIL, "2026-08-01", 28), (RAMIPRIL, "2026-08-01", 28), (RAMIPRIL, "2026-09-26", 57)],
     (113, 113)),
    # Days that reach beyond the period are not counted.
    ([(RAMIPRIL, "2026-08-01", 28), (RAMIPRIL, "2026-11-20", 56)], (30, 113)),
    ([(RAMIPRIL, "2026-08-01", 56)], "1 of the 2 supplies"),
    ([(RAMIPRIL, "2026-09-01", 28), (RAMIPRIL, "2026-10-01", 28)], "82 of the 91 days"),
    ([(RAMIPRIL, "2026-08-01", None), (RAMIPRIL, "2026-09-01", 28)], "is not known"),
    ([("Amlodipine 5mg", "2026-08-01", 28)], "No supply of it"),
]  # fmt: skip


@pytest.mark.parametrize(("filled", "expected"), FILLS)
def test_days_covered(filled: list[tuple[str, str, int | None]], expected: tuple[int, int] | str) -> None:
    made = [
        Fill(medicine(name), date.fromisoformat(on), None if days is None else Decimal(days))
        for name, on, days in filled
    ]
    found = days_covered(medicine("Ramipril 5mg"), made, COVERED, on=TODAY)
    if isinstance(expected, str):
        assert isinstance(found, NotTold)
        assert expected in found.because
    else:
        assert isinstance(found, Covered)
        assert (found.covered, found.days) == expected
        assert found.per_cent == Fraction(expected[0] * 100, expected[1])


@pytest.mark.parametrize("moiety_id", ["386872004", None])
def test_two_strengths_of_a_moiety_are_one_medicine_with_an_id_and_without(moiety_id: str | None) -> None:
    weaker, stronger = (
        replace(found, product=replace(found.product, moiety="Ramipril", moiety_id=moiety_id))
        for found in map(medicine, ("Ramipril 2.5mg", RAMIPRIL))
        if found.product is not None
    )
    made = [
        Fill(weaker, date(2026, 8, 1), Decimal(56)),
        Fill(stronger, date(2026, 9, 26), Decimal(57)),
    ]
    found = days_covered(stronger, made, COVERED, on=TODAY)
    assert isinstance(found, Covered)
    assert (found.covered, found.days) == (113, 113)


def test_the_need_shows_its_parts() -> None:
    row = "; ".join(f"took {name} 5mg on 2026-11-01" for name in _TEN)
    found = _need(
        f"born 1940-01-01; has severe frailty since 2024; {row}", Observed(late_tests=("INR", "TSH"))
    )
    assert [(part.title, part.points) for part in found.parts] == [
        ("For review: severe frailty", 3),
        ("For review: ten or more medicines", 3),
        ("No review for 1 year", 2),
        ("Tests that are late: 2", 2),
    ]
    assert (found.points, found.in_cohort) == (10, True)
    assert not _need("took Paracetamol 500mg on 2026-11-01", Observed()).in_cohort


def test_a_measure_in_which_the_patient_is_found_is_a_reason() -> None:
    old = criterion("{age: {at_least: 65}}")
    on_nsaid = criterion("{issued: {medicines: nsaids, within: 3 months}}")
    source = LIBRARY.need.source
    measure = Measure("m", "NSAID at 65 or over", "Review: cohorts", "", old, on_nsaid, True, source)
    other = replace(measure, title="Of no group that counts", group="QOF")
    asked = [measure, other]
    seen = Observed(last_review=date(2026, 6, 1))
    (part,) = _need("born 1940-01-01; took Naproxen 500mg on 2026-11-01", seen, asked).parts
    assert (part.title, part.points, part.cohort) == ("NSAID at 65 or over", 3, True)
    assert [fact.text for fact in part.facts] == ["Supplied: Naproxen 500mg"]
    assert _need("born 1990-01-01; took Naproxen 500mg on 2026-11-01", seen, asked).parts == ()


def test_of_a_late_test_the_pack_says_after_which_day() -> None:
    record = told("took Lithium 400mg on 2026-01-01; took Lithium 400mg on 2026-11-10; "
                  "Lithium level = 0.6 mmol/L on 2026-08-22")  # fmt: skip
    day = PatientDay(record, on=TODAY, substances=SUBSTANCES)
    found = reviewed(day, monitored(day, KNOWLEDGE.monitoring, POLICY), knowledge=KNOWLEDGE, covered=COVERED)
    assert pack(
        found, need(day, LIBRARY.need, MEASURES, found.observed), (), knowledge=KNOWLEDGE
    ).monitoring == (
        "calcium: never done, late after 30-Jun-2026",
        "creatinine or eGFR: never done, late after 30-Jun-2026",
        "thyroid function tests: never done, late after 30-Jun-2026",
        "urea and electrolytes: never done, late after 30-Jun-2026",
        "body weight: cannot tell, none on file",
    )


def test_the_pack_says_of_each_medicine_what_is_known() -> None:
    record = replace(
        told("born 1940-01-01; took Warfarin 5mg on 2026-06-01; took Warfarin 5mg on 2026-11-01; "
             "INR = 2 on 2026-07-01; INR = 3 on 2026-08-01"),
        orders=(
            _order("1", "Warfarin 5mg", "Take one daily", "atrial fibrillation"),
            _order("2", "Naproxen 500mg"),
        ),
    )  # fmt: skip
    day = PatientDay(record, on=TODAY, substances=SUBSTANCES)
    found = reviewed(day, monitored(day, KNOWLEDGE.monitoring, POLICY), knowledge=KNOWLEDGE, covered=COVERED)
    made = pack(found, need(day, LIBRARY.need, MEASURES, found.observed), (), knowledge=KNOWLEDGE)
    warfarin, naproxen = made.lines
    assert (warfarin.indication, naproxen.indication) == ("atrial fibrillation", "")
    assert (warfarin.covered, warfarin.low) == ("28 %: 49 of 174 days since 01-Jun-2026, 2 supplies", True)
    assert warfarin.monitoring == ("INR: overdue, last 01-Aug-2026, late after 24-Oct-2026",)
    assert naproxen.covered == "Cannot tell: No supply of it between 22-Nov-2025 and 21-Nov-2026 is on record"
    both = [each.what for each in (*made.general, *warfarin.findings, *naproxen.findings)]
    assert any("Naproxen" in each and "Warfarin" in each for each in both)
    assert [each.change for each in made.results if each.title == "INR"] == ["+1, +50 % since 01-Jul-2026"]
    assert made.counts.medicines == 2
    assert made.counts.late_tests >= 1


TECHNICIAN, PHARMACIST = person(Role.TECHNICIAN), person(Role.PHARMACIST)
LINES = {"1": "Warfarin 5mg", "2": "Naproxen 500mg"}
DECIDED = [
    (
        [LineDecision("1", Decision.CONTINUE), LineDecision("2", Decision.STOP, "with warfarin")],
        PHARMACIST,
        True,
        [],
    ),
    ([LineDecision("1", Decision.CONTINUE)], PHARMACIST, True, ["review.undecided"]),
    ([LineDecision("1", Decision.CONTINUE)], PHARMACIST, False, []),
    ([LineDecision("2", Decision.STOP)], PHARMACIST, False, ["review.no-words"]),
    ([LineDecision("3", Decision.CONTINUE)], PHARMACIST, False, ["review.unknown-line"]),
    ([LineDecision("1", Decision.CONTINUE)], TECHNICIAN, False, ["review.role"]),
]


@pytest.mark.parametrize(("decisions", "by", "whole", "rules"), DECIDED)
def test_the_pharmacist_decides_each_line(
    decisions: list[LineDecision], by: Person, whole: bool, rules: list[str]
) -> None:
    assert _rules(lambda: check_decisions(LINES, decisions, by=by, whole=whole)) == rules


def test_a_pack_is_old_when_the_medicines_changed() -> None:
    assert _rules(lambda: check_pack(LINES, LINES)) == []
    assert _rules(lambda: check_pack(LINES, {**LINES, "3": "Omeprazole"})) == ["review.pack-old"]


# kind, verb, step, who -> may
MAY = [
    (ReviewKind.ADHERENCE, "complete", "planned", Role.TECHNICIAN, True),
    (ReviewKind.INHALER_TECHNIQUE, "complete", "planned", Role.TECHNICIAN, True),
    (ReviewKind.TECHNICAL, "complete", "planned", Role.RECEPTIONIST, False),
    (ReviewKind.STRUCTURED, "prepare", "planned", Role.TECHNICIAN, True),
    (ReviewKind.STRUCTURED, "decide", "prepared", Role.TECHNICIAN, False),
    (ReviewKind.STRUCTURED, "complete", "prepared", Role.TECHNICIAN, False),
    (ReviewKind.STRUCTURED, "complete", "prepared", Role.PHARMACIST, True),
]


@pytest.mark.parametrize(("kind", "verb", "step", "role", "may"), MAY)
def test_who_completes_which_review(kind: ReviewKind, verb: str, step: str, role: Role, may: bool) -> None:
    rows = [row for row in kind.workflow.verbs_at(step) if row.verb == verb]
    assert any(role in row.roles for row in rows) is may


def test_answers_are_kept_with_their_words_and_what_a_pharmacist_should_hear() -> None:
    checklist = LIBRARY.checklists["adherence"]
    given = {"missed": "many", "stopped": "no", "reason": "forgets", "helped": "a box", "wants_to_stop": "no"}
    found = answered(checklist, given)
    assert [(each.question, each.words) for each in found if each.raised] == [("missed", "Three or more")]
    assert [each.words for each in found if each.question == "helped"] == ["a box"]
    wrong = {"missed": "often", "helped": "", "mood": "good"}
    assert sorted(_rules(lambda: answered(checklist, wrong))) == [
        "review.no-answer", "review.no-answer", "review.no-answer",
        "review.unknown-answer", "review.unknown-question",
    ]  # fmt: skip


def test_every_kind_of_review_has_a_checklist() -> None:
    assert all(LIBRARY.of(kind) for kind in ReviewKind)


def test_the_most_needy_are_booked_first_while_there_are_places() -> None:
    first, second = date(2026, 11, 23), date(2026, 11, 30)
    waiting = [
        Waiting(1, 3, None),
        Waiting(2, 9, date(2025, 1, 1)),
        Waiting(3, 3, date(2024, 1, 1)),
        Waiting(4, 1, None),
    ]
    plan = planned(waiting, [Places(second, 8, 1), Places(first, 7, 3, taken=1)])
    assert plan.booked == (Booked(2, first, 7), Booked(1, first, 7), Booked(3, second, 8))
    assert plan.without == (4,)


def test_what_changed_is_counted_before_and_after() -> None:
    before, after = Counts(11, 2, 3, 1, 4, 1, 2), Counts(9, 0, 2, 1, 1, 1, 2)
    found = changes([(before, after), (before, before)])
    assert found[0] == Change("Medicines", 22, 20)
    assert (found[1].difference, found[4].difference) == (-2, -3)


_TEN = ("Ramipril", "Amlodipine", "Bisoprolol", "Atorvastatin", "Omeprazole", "Sertraline", "Furosemide",
        "Paracetamol", "Senna", "Folic acid")  # fmt: skip


def _need(row: str, observed: Observed, asked: Iterable[Measure] = MEASURES) -> Need:
    return need(PatientDay(told(row), on=TODAY, substances=SUBSTANCES), LIBRARY.need, asked, observed)


def _order(id: str, name: str, directions: str = "", reason: str = "") -> MedicationOrder:
    request = MedicationRequest(
        id=id,
        medication=Coded(name),
        dosage=Dosage((DosageStep(text=directions),)) if directions else None,
        quantity=None,
        status=LineStatus.ACTIVE,
        intent="order",
        course_of_therapy=CourseOfTherapy.REPEAT,
        reason=Coded(reason) if reason else None,
    )
    return MedicationOrder(request, medicine(name), SAID, starts=whole(date(2026, 6, 1)))


def _rules(do: Callable[[], object]) -> list[str]:
    try:
        do()
    except Refused as refused:
        return [each.rule for each in refused.refusals]
    return []
