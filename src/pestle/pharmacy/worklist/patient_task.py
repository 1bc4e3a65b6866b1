"""What is to be done about a patient, why, by which day, and who may settle it?

A patient task is work about one patient that no prescription brought: what an audit found, a test that is
due, a review, medicines to be reconciled. It says why, with the facts, and is **open** until somebody has
**done** it, or has said why it is **not needed**. Whoever it is passed on to, it stays the same task. The
same `origin` is never open twice for a patient: asked for again while it is open, nothing happens.

`TASKS` is its workflow; what was done to one only grows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.record.fact import Fact
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.pharmacy.worklist.workflow import Step, Task, Transition, Workflow, refusal

SHORTEST = 3

OPEN, DONE, NOT_NEEDED = "open", "done", "not_needed"

_CLINICAL = frozenset({Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.PRESCRIBER, Role.NURSE})
_TEAM = _CLINICAL | {Role.RECEPTIONIST, Role.MANAGER}
MAY_OPEN = _TEAM | {Role.SYSTEM}
# Whom a task is for, and who may settle it: that role, and those who answer for its work. A task for nobody
# in particular is settled by whoever works with medicines.
MAY_SETTLE: Mapping[Role | None, frozenset[Role]] = {
    None: _CLINICAL,
    Role.TECHNICIAN: _CLINICAL - {Role.NURSE},
    Role.ACCURACY_CHECKER: frozenset({Role.ACCURACY_CHECKER, Role.PHARMACIST}),
    Role.PHARMACIST: frozenset({Role.PHARMACIST, Role.PRESCRIBER}),
    Role.PRESCRIBER: frozenset({Role.PRESCRIBER}),
    Role.NURSE: frozenset({Role.NURSE, Role.PHARMACIST, Role.PRESCRIBER}),
    Role.RECEPTIONIST: _TEAM,
    Role.MANAGER: frozenset({Role.MANAGER}),
}

TASKS = Workflow(
    name="patient task",
    steps=(
        Step(OPEN, "Open"),
        Step(DONE, "Done", final=True),
        Step(NOT_NEEDED, "Not needed", final=True),
    ),
    transitions=(
        Transition("note", OPEN, OPEN, _TEAM, "noted something on"),
        Transition("pass_on", OPEN, OPEN, _TEAM, "passed on"),
        Transition("finish", OPEN, DONE, _TEAM, "did"),
        Transition("drop", OPEN, NOT_NEEDED, _TEAM, "said it is not needed:"),
        Transition("reopen", DONE, OPEN, _TEAM, "reopened"),
        Transition("reopen", NOT_NEEDED, OPEN, _TEAM, "reopened"),
    ),
)
SETTLES = frozenset({"finish", "drop"})


class Kind(Enum):
    """Which work brought the task. The value is stored."""

    AUDIT = "audit"
    MONITORING = "monitoring"
    REVIEW = "review"
    RECONCILIATION = "reconciliation"
    REPEATS = "repeats"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why: the facts that were used, and what is missing."""

    facts: tuple[Fact, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def brief(self) -> tuple[str, ...]:
        """Each fact once, by its latest day: Supplied: Naproxen 375mg tablets (26-Nov-2026, and 3 before)."""
        alike: dict[str, list[Fact]] = {}
        for fact in self.facts:
            alike.setdefault(fact.text, []).append(fact)
        told = []
        for facts in alike.values():
            latest = max(facts, key=lambda fact: fact.on or date.min)
            more = f", and {len(facts) - 1} before)" if len(facts) > 1 and latest.on else ""
            told.append(f"{latest.dated.removesuffix(')')}{more}" if more else latest.dated)
        return tuple(told)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task to be opened.

    `origin` says what brought it, such as ``measure:pincer_a``, and is open once for a patient. `title` is
    what is to be done, `reason` why this patient. `role`: whom it is for, None: whoever works with medicines;
    `owner_id` looks after it, None: the team. `due_on` may have passed already.
    """

    patient_id: int
    kind: Kind
    origin: str
    title: str
    reason: str
    due_on: date
    evidence: Evidence = field(default=Evidence())
    role: Role | None = None
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class PatientTask:
    """One task as it stands."""

    id: int
    kind: Kind
    title: str
    role: Role | None
    due_on: date
    task: Task

    @property
    def state(self) -> str:
        """The step at which it is."""
        return self.task.step

    def overdue(self, *, today: date) -> bool:
        """Whether its day has passed and nobody has settled it."""
        return self.state == OPEN and self.due_on < today


def check_wanted(wanted: Wanted, *, by: Person) -> None:
    """Raises `Refused` with all that is missing: ``task.role``, ``task.no-title``, ``task.no-reason``,
    ``task.no-origin``."""
    found = list(_wanted_refusals(wanted, by=by))
    if found:
        raise Refused(*found)


def _wanted_refusals(wanted: Wanted, *, by: Person) -> Iterator[Refusal]:
    if not by.has(*MAY_OPEN):
        yield Refusal("task.role", f"Tasks are opened by the team; you are signed in as {by.title}")
    if len(wanted.title.strip()) < SHORTEST:
        yield Refusal("task.no-title", "Say what is to be done", "title")
    if len(wanted.reason.strip()) < SHORTEST:
        yield Refusal("task.no-reason", "Say why it is to be done for this patient", "reason")
    if not wanted.origin.strip():
        yield Refusal("task.no-origin", "Say what brought it", "origin")


def task_refusal(
    task: PatientTask, verb: str, *, by: Person, now: datetime, seen: int | None = None
) -> Refusal | None:
    """Why `by` cannot do `verb` to the task now; None when they can. Rules: those of the worklist, and
    ``task.not-yours``."""
    if verb not in {row.verb for row in TASKS.transitions}:
        return Refusal("task.no-such-step", "A task has no such step")
    found = refusal(TASKS, task.task, verb, by=by, now=now, seen=seen)
    if found is not None or verb not in SETTLES or by.has(*MAY_SETTLE[task.role]):
        return found
    whom = f"a {task.role.title}" if task.role else "somebody who works with medicines"
    return Refusal(
        "task.not-yours",
        f"This is for {whom}; you are signed in as {by.title}",
        way_out="Pass it on, or write down what you know.",
    )


def check_task(
    task: PatientTask, verb: str, *, by: Person, now: datetime, seen: int | None = None
) -> Transition:
    """The transition to take. Raises `Refused` with the reason."""
    found = task_refusal(task, verb, by=by, now=now, seen=seen)
    if found is not None:
        raise Refused(found)
    return next(row for row in TASKS.transitions if row.verb == verb and row.at == task.state)


def check_passed_on(task: PatientTask, *, due_on: date, today: date) -> None:
    """A day that is moved is moved to one that has not passed. Raises `Refused` (``task.day-past``)."""
    if due_on != task.due_on and due_on < today:
        raise refuse("task.day-past", "It cannot be due on a day that has passed", place="due")


def check_words(words: str, wanted: str) -> None:
    """Raises `Refused` (``task.no-words``) saying what is `wanted`."""
    if len(words.strip()) < SHORTEST:
        raise refuse("task.no-words", wanted, place="words")
