"""Which reviews are there, who completes which, and what does the pharmacist decide of each medicine?

Technicians complete reviews of adherence, of inhaler technique and of technical matters in their own name.
A structured medication review is a pharmacist's or a prescriber's: a technician prepares the pack, and the
pharmacist decides each line. England's integrated care boards differ in who may do one; that a clinician
trained for it does is what most of them say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.pharmacy.worklist.workflow import Step, Transition, Workflow

PLANNED, PREPARED, DONE, CANCELLED = "planned", "prepared", "done", "cancelled"
SHORTEST = 3
_TEAM = frozenset({Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.PRESCRIBER})
_CLINICAL = frozenset({Role.PHARMACIST, Role.PRESCRIBER})
_STEPS = (
    Step(PLANNED, "Planned"),
    Step(PREPARED, "Prepared"),
    Step(DONE, "Done", final=True),
    Step(CANCELLED, "Cancelled", final=True),
)

TECHNICAL_REVIEWS = Workflow(
    name="technical review",
    steps=tuple(step for step in _STEPS if step.code != PREPARED),
    transitions=(
        Transition("move", PLANNED, PLANNED, _TEAM, "moved"),
        Transition("complete", PLANNED, DONE, _TEAM, "completed"),
        Transition("cancel", PLANNED, CANCELLED, _TEAM, "cancelled"),
    ),
)
STRUCTURED_REVIEWS = Workflow(
    name="structured medication review",
    steps=_STEPS,
    transitions=(
        Transition("move", PLANNED, PLANNED, _TEAM, "moved"),
        Transition("prepare", PLANNED, PREPARED, _TEAM, "prepared"),
        # The record went on since the pack was made.
        Transition("prepare", PREPARED, PREPARED, _TEAM, "prepared"),
        Transition("decide", PREPARED, PREPARED, _CLINICAL, "decided on lines of"),
        Transition("send_back", PREPARED, PLANNED, _CLINICAL, "sent back"),
        Transition("complete", PREPARED, DONE, _CLINICAL, "completed"),
        Transition("cancel", PLANNED, CANCELLED, _TEAM, "cancelled"),
        Transition("cancel", PREPARED, CANCELLED, _CLINICAL, "cancelled"),
    ),
)


class ReviewKind(Enum):
    """What is reviewed; the value is stored."""

    ADHERENCE = "adherence"
    INHALER_TECHNIQUE = "inhaler_technique"
    TECHNICAL = "technical"
    STRUCTURED = "structured"

    @property
    def words(self) -> str:
        """As the page says it."""
        return _KINDS[self]

    @property
    def workflow(self) -> Workflow:
        """The steps that it goes through."""
        return STRUCTURED_REVIEWS if self is ReviewKind.STRUCTURED else TECHNICAL_REVIEWS


_KINDS = {
    ReviewKind.ADHERENCE: "Adherence review",
    ReviewKind.INHALER_TECHNIQUE: "Inhaler technique review",
    ReviewKind.TECHNICAL: "Technical review",
    ReviewKind.STRUCTURED: "Structured medication review",
}


class Decision(Enum):
    """What is decided of one medicine; the value is stored."""

    CONTINUE = "continue"
    CHANGE = "change"
    STOP = "stop"
    QUERY = "query"

    @property
    def words(self) -> str:
        """As the page says it."""
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class LineDecision:
    """One medicine of the pack, by the id of its line there: what was decided, and in which words."""

    line: str
    decision: Decision
    words: str = ""


def check_decisions(
    lines: Mapping[str, str], decisions: Iterable[LineDecision], *, by: Person, whole: bool
) -> None:
    """Raises `Refused` with all that stands in the way: ``review.role``, ``review.unknown-line``,
    ``review.no-words`` (for all but to continue), and, where the `whole` review is completed,
    ``review.undecided``. `lines` are the medicines of the pack, by id."""
    found = list(_decision_refusals(lines, list(decisions), by, whole))
    if found:
        raise Refused(*found)


def _decision_refusals(
    lines: Mapping[str, str], decisions: list[LineDecision], by: Person, whole: bool
) -> Iterator[Refusal]:
    if not by.has(*_CLINICAL):
        yield Refusal("review.role", f"A pharmacist or prescriber decides; you are signed in as {by.title}")
    for each in decisions:
        if each.line not in lines:
            yield Refusal("review.unknown-line", "This medicine is not in the pack", each.line,
                          "Prepare the pack again.")  # fmt: skip
        elif each.decision is not Decision.CONTINUE and len(each.words.strip()) < SHORTEST:
            asks = "what is asked" if each.decision is Decision.QUERY else "what changes, and why"
            yield Refusal("review.no-words", f"{lines[each.line]}: say {asks}", each.line)
    decided = {each.line for each in decisions}
    for line, name in lines.items() if whole else ():
        if line not in decided:
            yield Refusal("review.undecided", f"{name} is not decided", line)


def check_pack(then: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Whether the medicines are still those of the pack, each by id and name. Raises `Refused`
    (``review.pack-old``) naming what came and what went."""
    came = [name for line, name in now.items() if line not in then]
    went = [name for line, name in then.items() if line not in now]
    if came or went:
        told = "; ".join(
            f"{what}: {', '.join(names)}" for what, names in (("new", came), ("gone", went)) if names
        )
        raise Refused(
            Refusal("review.pack-old", f"The medicines changed since the pack was made ({told})",
                    way_out="Prepare the pack again; decisions stay with the lines that are still there.")
        )  # fmt: skip
