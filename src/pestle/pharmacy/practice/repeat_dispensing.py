"""Does a patient suit repeat dispensing, and if not, because of what?

Rules with reasons, from the definition ``suitability/repeat_dispensing.yaml``. A line stands in the way for a
reason of its own, and then that line alone stays a repeat; the patient as a whole may lack a nomination. What
cannot be told is said, and is no yes. Consent is asked of the patient and is nobody else's to give.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pestle.pharmacy import definition
from pestle.pharmacy.definition import Source
from pestle.pharmacy.practice.medicines_list import Listed, ListStatus, Standing
from pestle.pharmacy.practice.repeats import Supply
from pestle.pharmacy.record.medication import CourseOfTherapy

_FIELDS = frozenset({
    "stable_days", "fewest_issues", "longest_days", "barred_schedules", "left_out_schedules",
    "left_out_substances",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suitability:
    """The rules of a definition; substances in small letters."""

    source: Source
    stable: timedelta
    fewest_issues: int
    longest: timedelta
    barred: frozenset[str]
    left_out: frozenset[str]
    substances: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not, or (`known` False) what cannot be told. `rule` is its name for ever."""

    rule: str
    words: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """One line: suits where there is no reason against it."""

    line: Listed
    reasons: tuple[Reason, ...]

    @property
    def suits(self) -> bool:
        """Whether nothing stands in the way, and everything could be told."""
        return not self.reasons


def read_suitability(path: Path) -> Suitability:
    """The rules of the file. Raises `Refused`: ``definition.…``."""
    one = definition.load(path, file=path.name, kinds={"repeat_dispensing": _FIELDS})
    return Suitability(
        source=one.source,
        stable=timedelta(days=definition.number(one, "stable_days")),
        fewest_issues=definition.number(one, "fewest_issues"),
        longest=timedelta(days=definition.number(one, "longest_days")),
        barred=frozenset(definition.texts(one, "barred_schedules")),
        left_out=frozenset(definition.texts(one, "left_out_schedules", empty=True)),
        substances=frozenset(name.casefold() for name in definition.texts(one, "left_out_substances")),
    )


def judge(rules: Suitability, line: Listed, issues: Sequence[Supply], *, on: date) -> Judged:
    """One line of the list with its issues, the oldest first."""
    return Judged(line, tuple(_reasons(rules, line, issues, on)))


def nomination(code: str) -> Reason | None:
    """What stands in the way of the patient as a whole; None where nothing does."""
    return None if code else Reason("no-nomination", "no pharmacy is nominated")


def most_issues(rules: Suitability, days: int) -> int:
    """How many issues of so many days a batch has at the most."""
    return max(1, rules.longest.days // days)


def _reasons(rules: Suitability, line: Listed, issues: Sequence[Supply], on: date) -> Iterator[Reason]:
    request, product = line.order.request, line.order.medication.product
    if line.status is not ListStatus.ACTIVE or line.standing is not Standing.AUTHORISED:
        yield Reason("not-issued", "it is not issued from this list at present")
        return
    if request.course_of_therapy is CourseOfTherapy.REPEAT_DISPENSING:
        yield Reason("already", "it is repeat dispensing already")
        return
    if request.course_of_therapy is not CourseOfTherapy.REPEAT:
        yield Reason("acute", "it is no repeat")
    if product is None or product.controlled is None:
        yield Reason("schedule-unknown", "whether it is a controlled drug is not known", known=False)
    else:
        schedule = str(product.controlled.schedule or "")
        if schedule in rules.barred:
            yield Reason("barred", f"Schedule {schedule} may not stand on a repeatable prescription")
        elif schedule in rules.left_out:
            yield Reason("left-out", f"Schedule {schedule} is left out here")
    said = _said(line)
    named = {name for name in rules.substances if name in said}
    if named:
        yield Reason("monitored", f"{', '.join(sorted(named))} is monitored closely")
    if any(step.as_needed for step in request.dosage.steps) if request.dosage else False:
        yield Reason("as-needed", "it is taken when required")
    if issues and issues[-1].days is None:
        yield Reason("days-unknown", "how long an issue lasts cannot be told", known=False)
    within = [one for one in issues if one.on > on - rules.stable]
    if len(within) < rules.fewest_issues:
        days = rules.stable.days
        yield Reason(
            "not-stable", f"{len(within)} issues of it in {days} days, fewer than {rules.fewest_issues}"
        )
    changed = line.order.provenance.recorded_at.date()
    if line.order.follows is not None and changed > on - rules.stable:
        yield Reason("changed", f"it was changed on {changed:%d-%b-%Y}")
    review = line.repeat.review_by
    if review is None:
        yield Reason("review-unknown", "when it is to be reviewed is not known", known=False)
    elif review < on:
        yield Reason("review", f"its review was due on {review:%d-%b-%Y}")


def _said(line: Listed) -> str:
    """What names its substances: its own name, and of a brand those that the dictionary says it holds."""
    held = [name for product in line.order.medication.products for name in product.ingredient_names or ()]
    return "; ".join((line.name.casefold(), *held))
