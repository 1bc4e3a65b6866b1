"""Who needs a structured medication review, why, and who needs one first?

A patient is in the cohort by any reason that the definition gives: a measure in which they are found, or a
condition that holds. The score adds points for each reason and for what is reckoned from the record (late
tests, results out of range, findings, days not covered, no review for long); every part is shown with its
facts, so that a person can see why somebody comes first. Kind: review_need (``reviews/*.yaml``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pestle.pharmacy import definition as d
from pestle.pharmacy.criteria import fields
from pestle.pharmacy.criteria import read as criteria
from pestle.pharmacy.criteria.answer import Missing, Verdict
from pestle.pharmacy.criteria.evaluate import answer
from pestle.pharmacy.criteria.nodes import Criterion
from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.criteria.read import Terms
from pestle.pharmacy.criteria.span import Span
from pestle.pharmacy.definition import Definition, Definitions, Source
from pestle.pharmacy.measures.measure import Measure, Standing, stands
from pestle.pharmacy.practice.adherence import CoveredPolicy
from pestle.pharmacy.record.fact import Fact

KINDS = {
    "review_need": frozenset({
        "measures", "reasons", "late_test", "result_out", "hard_stop", "answer_needed", "not_covered",
        "review_every", "review_late", "days_covered", "measured_after",
    }),
}  # fmt: skip
_POINTS = frozenset({"points", "at_most"})
_COVERED = frozenset({"below", "period", "least_days", "least_fills"})


@dataclass(frozen=True, slots=True)
class Points:
    """So many for each, and at most so many in all."""

    each: int
    at_most: int

    def of(self, number: int) -> int:
        """The points of so many."""
        return min(number * self.each, self.at_most)


@dataclass(frozen=True, slots=True)
class Reason:
    """A condition that puts a patient into the cohort."""

    title: str
    points: int
    when: Criterion


@dataclass(frozen=True, slots=True)
class NeedPolicy:
    """What makes somebody need a review: measures by how their group begins, reasons, and what is counted."""

    measures: tuple[tuple[str, int], ...]
    reasons: tuple[Reason, ...]
    late_test: Points
    result_out: Points
    hard_stop: Points
    answer_needed: Points
    not_covered: Points
    review_every: Span
    review_late: Points
    days_covered: CoveredPolicy
    measured_after: Span
    source: Source


@dataclass(frozen=True, slots=True)
class Observed:
    """What was reckoned from the record, each thing in words, and when the last review was (None: none)."""

    late_tests: tuple[str, ...] = ()
    results_out: tuple[str, ...] = ()
    hard_stops: tuple[str, ...] = ()
    answers_needed: tuple[str, ...] = ()
    not_covered: tuple[str, ...] = ()
    last_review: date | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score: its points, and the facts that it came from. `cohort`: a reason by itself."""

    title: str
    points: int
    facts: tuple[Fact, ...]
    cohort: bool


@dataclass(frozen=True, slots=True)
class Need:
    """The parts, what is missing to tell of others, and when the last review was (None: none)."""

    parts: tuple[Part, ...]
    missing: tuple[Missing, ...]
    last_review: date | None = None

    @property
    def points(self) -> int:
        """The score."""
        return sum(part.points for part in self.parts)

    @property
    def in_cohort(self) -> bool:
        """Whether there is a reason for a review, beside what is counted."""
        return any(part.cohort for part in self.parts)


def need(day: PatientDay, policy: NeedPolicy, measures: Iterable[Measure], observed: Observed) -> Need:
    """The need of one patient on a day."""
    parts: list[Part] = []
    missing: dict[Missing, None] = {}
    for measure in measures:
        points = next((each for group, each in policy.measures if measure.group.startswith(group)), None)
        if points is None:
            continue
        found = stands(measure, day)
        if found.standing is Standing.FOUND and found.among_them is not None:
            parts.append(Part(measure.title, points, found.among_them.facts, cohort=True))
        elif found.standing is Standing.CANNOT_TELL:
            gaps = (*found.population.missing, *(found.among_them.missing if found.among_them else ()))
            missing.update(dict.fromkeys(gaps))
    for reason in policy.reasons:
        asked = answer(reason.when, day)
        if asked.verdict is Verdict.IN:
            parts.append(Part(reason.title, reason.points, asked.facts, cohort=True))
        missing.update(dict.fromkeys(asked.missing))
    parts += [
        Part(f"{title}: {len(what)}", points.of(len(what)), tuple(map(Fact, what)), cohort=False)
        for title, points, what in (
            ("Hard stops", policy.hard_stop, observed.hard_stops),
            ("Findings that need an answer", policy.answer_needed, observed.answers_needed),
            ("Results out of range", policy.result_out, observed.results_out),
            ("Tests that are late", policy.late_test, observed.late_tests),
            ("Medicines whose days are not covered", policy.not_covered, observed.not_covered),
        )
        if what
    ]
    last = observed.last_review
    if last is None or last < policy.review_every.before(day.on):
        fact = Fact("No medication review is on record") if last is None else Fact("The last review", on=last)
        parts.append(
            Part(f"No review for {policy.review_every}", policy.review_late.of(1), (fact,), cohort=False)
        )
    return Need(tuple(sorted(parts, key=lambda part: (-part.points, part.title))), tuple(missing), last)


def read_need(files: Definitions, terms: Terms) -> NeedPolicy:
    """The one definition of its kind. Raises `Refused`: what `definition` names."""
    file = files.only("review_need")
    covered = d.entry(file, "days_covered", fields=_COVERED)
    return NeedPolicy(
        measures=tuple(
            (d.text(each, "group"), d.number(each, "points"))
            for each in d.entries(file, "measures", fields=frozenset({"group", "points"}))
        ),
        reasons=tuple(
            Reason(d.text(each, "title"), d.number(each, "points"), criteria.read(each, "when", terms=terms))
            for each in d.entries(file, "reasons", fields=frozenset({"title", "points", "when"}))
        ),
        late_test=_points(file, "late_test"),
        result_out=_points(file, "result_out"),
        hard_stop=_points(file, "hard_stop"),
        answer_needed=_points(file, "answer_needed"),
        not_covered=_points(file, "not_covered"),
        review_every=fields.span(file, "review_every"),
        review_late=_points(file, "review_late"),
        days_covered=CoveredPolicy(
            d.number(covered, "below"), fields.span(covered, "period"), d.number(covered, "least_days"),
            d.number(covered, "least_fills"),
        ),
        measured_after=fields.span(file, "measured_after"),
        source=file.source,
    )  # fmt: skip


def _points(file: Definition, name: str) -> Points:
    part = d.entry(file, name, fields=_POINTS)
    return Points(d.number(part, "points"), d.number(part, "at_most"))


def counted_measures(measures: Mapping[str, Measure], policy: NeedPolicy) -> tuple[Measure, ...]:
    """The measures that the policy counts."""
    groups = tuple(group for group, _ in policy.measures)
    return tuple(each for each in measures.values() if each.group.startswith(groups))
