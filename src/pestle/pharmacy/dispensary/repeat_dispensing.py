"""What is asked before an issue of repeat dispensing, is it early or late, and when is the next one due?

The prescriber signed once for several issues, so before each of them the pharmacy asks what the prescriber
would have asked. An answer with which the issue may not simply go wants a pharmacist: it stops the bag, and
so does an item that is not needed this time, which a pharmacist withholds. An issue lasts as long as the
prescriber says of a supply (FHIR expectedSupplyDuration); where they do not, when the next one is due is not
known.

Source: the definition file of kind `repeat_questions`, with its own source and status.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Source
from pestle.pharmacy.record.medication import CourseOfTherapy, MedicationRequest
from pestle.pharmacy.refusal import Refusal, Refused

KINDS = {"repeat_questions": frozenset({"questions", "early_days", "late_days"})}


@dataclass(frozen=True, slots=True)
class Question:
    """One question: `expected` is the answer with which the issue may go, `concern` what the other one
    says."""

    code: str
    words: str
    expected: bool
    concern: str


@dataclass(frozen=True, slots=True)
class Questions:
    """All that are asked, in their order, and up to how many days early or late nothing is remarked on."""

    asked: tuple[Question, ...]
    early_days: int
    late_days: int
    source: Source


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is asked about, as the caller names it."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Concern:
    """What a pharmacist looks at before the issue goes: about a line (None: all of it)."""

    line: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue: which of how many (None: not said), for how many days (None: not said), the last day on
    which any may be supplied, and when the one before it was handed out (None: this is the first)."""

    number: int
    of: int | None
    days: Decimal | None = None
    expires: date | None = None
    last_on: date | None = None

    @property
    def left(self) -> int | None:
        """How many are still to come after it; None when nobody said."""
        return None if self.of is None else max(self.of - self.number, 0)

    @property
    def due_on(self) -> date | None:
        """When it is due: as soon as the one before has lasted; None for the first, and where it is not
        known."""
        return _after(self.last_on, self.days) if self.last_on else None

    def next_due(self, handed_out_on: date) -> date | None:
        """When the issue after it is due; None where none is left, it is not known, or it would be too
        late."""
        due = _after(handed_out_on, self.days)
        if due is None or self.left in (0, None):
            return None
        return None if self.expires is not None and due > self.expires else due


@dataclass(frozen=True, slots=True)
class Timing:
    """How an issue lies on a day against the one before: days after it was due, negative when early;
    `remarked` says whether that is more than a few, and `words` say it."""

    days: int
    remarked: bool
    words: str


def read_questions(folder: Path) -> Questions:
    """The questions in the definition file of a folder. Raises `Refused`, as `definition.load` does."""
    file = d.load(folder / "questions.yaml", file="questions.yaml", kinds=KINDS)
    fields = frozenset({"code", "words", "expected", "concern"})
    asked = tuple(
        Question(
            d.text(each, "code"), d.text(each, "words"), d.flag(each, "expected"), d.text(each, "concern")
        )
        for each in d.entries(file, "questions", fields=fields)
    )
    if not asked or len({one.code for one in asked}) != len(asked):
        raise d.wrong(file, "questions", "has each question once")
    return Questions(asked, d.number(file, "early_days"), d.number(file, "late_days"), file.source)


def issue(lines: Iterable[MedicationRequest], *, last_on: date | None = None) -> Issue | None:
    """The issue that lines of one prescription are; None where they are not repeat dispensed.

    A message that does not count its issues is about the first. The shortest supply and the earliest end
    bind."""
    repeated = [one for one in lines if one.course_of_therapy is CourseOfTherapy.REPEAT_DISPENSING]
    if not repeated:
        return None
    told = [one.repeat for one in repeated if one.repeat]
    numbers = [one.issue_number for one in told if one.issue_number]
    allowed = [one.issues_allowed for one in told if one.issues_allowed]
    ends = [one.authorisation_expires for one in told if one.authorisation_expires]
    days = [one.days_supply for one in repeated]
    known = [one for one in days if one is not None and one > 0]
    return Issue(
        number=max(numbers, default=1),
        of=min(allowed, default=None),
        days=min(known) if known and len(known) == len(days) else None,
        expires=min(ends, default=None),
        last_on=last_on,
    )


def timing(issue: Issue, questions: Questions, *, on: date) -> Timing | None:
    """Whether an issue is early or late on a day; None for the first, and where it is not known."""
    due = issue.due_on
    if due is None:
        return None
    days = (on - due).days
    if days < 0:
        return Timing(days, -days > questions.early_days, f"early by {_count(-days)}")
    if days == 0:
        return Timing(0, False, "due today")
    late = days > questions.late_days
    return Timing(days, late, f"late by {_count(days)}" + (": ask whether it is still taken" if late else ""))


def concerns(
    answers: Mapping[str, bool],
    *,
    not_needed: frozenset[int],
    lines: tuple[Line, ...],
    questions: Questions,
    words: str = "",
) -> tuple[Concern, ...]:
    """What of the answers wants a pharmacist; nothing where the issue may go. `answers` by the question's
    code, `not_needed` the lines that are not wanted this time, `words` what was said besides.

    Raises `Refused` with every ``repeat.not-asked``, ``repeat.unknown-line`` and ``repeat.no-words``.
    """
    wrong = [
        Refusal("repeat.not-asked", f"Not answered: {one.words}", f"repeat-{one.code}")
        for one in questions.asked
        if one.code not in answers
    ]
    if not_needed - {one.id for one in lines}:
        wrong.append(Refusal("repeat.unknown-line", "There is no such line to supply", "not needed"))
    unexpected = [one for one in questions.asked if answers.get(one.code, one.expected) != one.expected]
    if unexpected and len(words.strip()) < 3:
        wrong.append(Refusal("repeat.no-words", "Say what they told, for the pharmacist", "repeat-words"))
    if wrong:
        raise Refused(*wrong)
    said = f": {words.strip()}" if words.strip() else ""
    found = [Concern(None, f"Before this issue, {one.concern}{said}") for one in unexpected]
    found += [
        Concern(one.id, "Not needed this time: withhold the line, or say why it goes")
        for one in lines
        if one.id in not_needed
    ]
    return tuple(found)


def not_asked() -> Refusal:
    """Why an issue is not handed out before anybody asked: ``repeat.not-asked``."""
    return Refusal(
        "repeat.not-asked", "Nobody has asked yet what is asked before each issue of repeat dispensing",
        "repeat-taking", "Ask the patient, or who comes for them, and record the answers.",
    )  # fmt: skip


def _after(day: date, days: Decimal | None) -> date | None:
    """The day on which a supply of so many days, begun on `day`, is used up."""
    if days is None or (date.max - day).days < days:
        return None
    return day + timedelta(days=int(days))


def _count(days: int) -> str:
    return f"{days} day" if days == 1 else f"{days} days"
