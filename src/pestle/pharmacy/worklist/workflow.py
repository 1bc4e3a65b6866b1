"""May this person do this to this task now, and where does it go next?

A workflow is four small tables: steps, who may do each verb, who must differ from whom, and transitions.
`check` raises the refusal that explains, `can` asks the same question for a button.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refusal, Refused

# Long enough for an interruption, short enough that a forgotten claim does not hold up a patient.
CLAIM_LASTS = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Step:
    """Where work waits. `title` names the tab, `final` says that nothing waits there any more."""

    code: str
    title: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """A verb: at which step it is done, by which roles, and to which step it leads (its own: it stays)."""

    verb: str
    at: str
    to: str
    roles: frozenset[Role]
    past: str


@dataclass(frozen=True, slots=True)
class Differ:
    """Who does `verb` may not be any of those who did one of `from_verbs`."""

    verb: str
    from_verbs: frozenset[str]
    because: str


@dataclass(frozen=True, slots=True)
class Workflow:
    """The four tables. Raises `ValueError` at birth when they do not fit together."""

    name: str
    steps: tuple[Step, ...]
    transitions: tuple[Transition, ...]
    differs: tuple[Differ, ...] = ()

    def __post_init__(self) -> None:
        codes = {step.code for step in self.steps}
        verbs = {transition.verb for transition in self.transitions}
        for transition in self.transitions:
            if transition.at not in codes or transition.to not in codes:
                raise ValueError(f"{transition.verb} leads from or to a step that is not listed")
            if not transition.roles:
                raise ValueError(f"nobody may {transition.verb}")
        for differ in self.differs:
            if not {differ.verb, *differ.from_verbs} <= verbs:
                raise ValueError(f"{differ.verb} must differ from a verb that is not listed")

    def step(self, code: str) -> Step:
        """The step with that code."""
        return next(step for step in self.steps if step.code == code)

    def verbs_at(self, step: str) -> tuple[Transition, ...]:
        """What can be done at a step."""
        return tuple(transition for transition in self.transitions if transition.at == step)


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done to a task: which verb, by whom, when (UTC)."""

    verb: str
    person_id: int
    person_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """Who has the task in hand, since when (UTC)."""

    person_id: int
    person_name: str
    since: datetime

    def holds(self, *, now: datetime) -> bool:
        """Whether the claim still stands; a forgotten one lapses."""
        return now - self.since < CLAIM_LASTS


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the rules see it. `version` counts its changes."""

    step: str
    version: int
    done: tuple[Done, ...] = ()
    claim: Claim | None = None


def refusal(
    workflow: Workflow, task: Task, verb: str, *, by: Person, now: datetime, seen: int | None = None
) -> Refusal | None:
    """Why `by` cannot do `verb` to `task` now; None when they can.

    `seen` is the version that the person's page showed. Rules: ``worklist.already-done``,
    ``worklist.not-at-step``, ``worklist.role``, ``worklist.same-person``, ``worklist.claimed``,
    ``worklist.changed``.
    """
    rows = [row for row in workflow.transitions if row.verb == verb]
    if not rows:
        raise ValueError(f"{workflow.name} has no verb {verb}")
    row = next((row for row in rows if row.at == task.step), None)
    if row is None:
        return _gone(workflow, task, rows)
    if not by.has(*row.roles):
        titles = _either(sorted(role.title for role in row.roles))
        return Refusal("worklist.role", f"This is for {titles}; you are signed in as {by.title}")
    if task.claim and task.claim.person_id != by.id and task.claim.holds(now=now):
        return Refusal(
            "worklist.claimed",
            f"{task.claim.person_name} has this in hand",
            way_out="Talk to them, or wait until they hand it back.",
        )
    if seen is not None and seen != task.version:
        last = task.done[-1] if task.done else None
        who = f"{last.person_name} has changed it" if last else "It has changed"
        return Refusal(
            "worklist.changed",
            f"{who} since you opened this page",
            way_out="Look at what is there now, then decide again.",
        )
    # Last, because a service line may allow this one refusal, and only this one, to be lifted.
    own = _own_work(workflow, task, verb, by)
    if own is not None:
        return Refusal("worklist.same-person", own, way_out="Ask a colleague to do this step.")
    return None


def check(
    workflow: Workflow, task: Task, verb: str, *, by: Person, now: datetime, seen: int | None = None
) -> Transition:
    """The transition to take. Raises `Refused` with the reason when it may not be taken."""
    found = refusal(workflow, task, verb, by=by, now=now, seen=seen)
    if found is not None:
        raise Refused(found)
    return next(row for row in workflow.transitions if row.verb == verb and row.at == task.step)


def can(workflow: Workflow, task: Task, verb: str, *, by: Person, now: datetime) -> bool:
    """Whether the button is there: the same reasoning as `check`."""
    return refusal(workflow, task, verb, by=by, now=now) is None


def doers(done: Iterable[Done], verbs: frozenset[str]) -> frozenset[int]:
    """Who did any of those verbs."""
    return frozenset(entry.person_id for entry in done if entry.verb in verbs)


def claim_refusal(task: Task, *, by: Person, now: datetime) -> Refusal | None:
    """Why `by` cannot take the task in hand; None when they can."""
    if task.claim and task.claim.person_id != by.id and task.claim.holds(now=now):
        return Refusal("worklist.claimed", f"{task.claim.person_name} has this in hand")
    return None


def _gone(workflow: Workflow, task: Task, rows: list[Transition]) -> Refusal:
    verbs = {row.verb for row in rows}
    past = next(iter(rows)).past
    done = next((entry for entry in reversed(task.done) if entry.verb in verbs), None)
    title = workflow.step(task.step).title
    if done is not None:
        return Refusal(
            "worklist.already-done",
            f"{done.person_name} {past} this already",
            way_out=f"It is now at “{title}”.",
        )
    steps = _either([f"“{workflow.step(row.at).title}”" for row in rows])
    last = task.done[-1] if task.done else None
    moved = next((row.past for row in workflow.transitions if last and row.verb == last.verb), None)
    return Refusal(
        "worklist.not-at-step",
        f"This is done at {steps}, and it is at “{title}”",
        way_out=f"{last.person_name} {moved} it last." if last and moved else None,
    )


def _own_work(workflow: Workflow, task: Task, verb: str, by: Person) -> str | None:
    for differ in workflow.differs:
        if differ.verb == verb and by.id in doers(task.done, differ.from_verbs):
            return differ.because
    return None


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
