"""Who is asked what, who looks after it, by when, and does the work wait for the answer?

A query asks somebody outside: a prescriber, a patient, a wholesaler, a hospital. Its answer comes back to
who asked, who reads it and closes the query; only then does the line it holds go on, because an answer may
be "no".
A call-back is what somebody who rang was told to expect: it has a deadline too, and the answer keeps or
breaks it.

Each is a workflow of its own (`QUERIES`, `CALL_BACKS`); what was done to one only grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from pestle.pharmacy.people import Person, Role, SiteKind
from pestle.pharmacy.refusal import Refusal, Refused, refuse
from pestle.pharmacy.worklist.workflow import Step, Task, Transition, Workflow, refusal

SHORTEST = 3

OPEN, ANSWERED, CLOSED, WITHDRAWN = "open", "answered", "closed", "withdrawn"

MAY_ASK = frozenset({Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.PRESCRIBER})
MAY_LOG_CALLS = MAY_ASK | {Role.RECEPTIONIST, Role.MANAGER, Role.NURSE}

QUERIES = Workflow(
    name="query",
    steps=(
        Step(OPEN, "Open"),
        Step(ANSWERED, "Answered"),
        Step(CLOSED, "Closed", final=True),
        Step(WITHDRAWN, "Withdrawn", final=True),
    ),
    transitions=(
        Transition("attempt", OPEN, OPEN, MAY_ASK, "tried"),
        Transition("pass_on", OPEN, OPEN, MAY_ASK, "passed on"),
        Transition("answer", OPEN, ANSWERED, MAY_ASK, "answered"),
        Transition("close", ANSWERED, CLOSED, MAY_ASK, "closed"),
        Transition("ask_again", ANSWERED, OPEN, MAY_ASK, "asked again"),
        Transition("withdraw", OPEN, WITHDRAWN, MAY_ASK, "withdrew"),
    ),
)
CALL_BACKS = Workflow(
    name="call-back",
    steps=(
        Step(OPEN, "Open"),
        Step(CLOSED, "Closed", final=True),
        Step(WITHDRAWN, "Withdrawn", final=True),
    ),
    transitions=(
        Transition("attempt", OPEN, OPEN, MAY_LOG_CALLS, "tried"),
        Transition("pass_on", OPEN, OPEN, MAY_LOG_CALLS, "passed on"),
        Transition("answer", OPEN, CLOSED, MAY_LOG_CALLS, "answered"),
        Transition("withdraw", OPEN, WITHDRAWN, MAY_LOG_CALLS, "withdrew"),
    ),
)
# Only who asked knows what was meant; a pharmacist may always judge an answer.
_READ_BY_WHO_ASKED = frozenset({"close", "ask_again", "withdraw"})


class Kind(Enum):
    """A question to somebody outside, or a call-back to somebody who rang. The value is stored."""

    QUERY = "query"
    CALL_BACK = "call_back"

    @property
    def workflow(self) -> Workflow:
        """The steps that it goes through."""
        return QUERIES if self is Kind.QUERY else CALL_BACKS


class Asked(Enum):
    """Who is asked. The value is stored."""

    PRESCRIBER = "prescriber"
    PATIENT = "patient"
    WHOLESALER = "wholesaler"
    HOSPITAL = "hospital"
    PHARMACY = "pharmacy"
    CARE_HOME = "care_home"

    @property
    def words(self) -> str:
        """“the prescriber”, “the care home”."""
        return f"the {self.value.replace('_', ' ')}"

    @property
    def whereabouts(self) -> str:
        """Where the question lies, as said on the telephone: “with the surgery”."""
        return "with the surgery" if self is Asked.PRESCRIBER else f"with {self.words}"


def asked_at(kind: SiteKind) -> tuple[Asked, ...]:
    """Who is asked from a site of this kind: a practice asks pharmacies and buys nothing."""
    left_out = {Asked.WHOLESALER} if kind is SiteKind.GP_PRACTICE else {Asked.PHARMACY}
    return tuple(one for one in Asked if one not in left_out)


class Way(Enum):
    """How somebody was tried. The value is stored."""

    TELEPHONE = "telephone"
    LETTER = "letter"
    EMAIL = "email"
    MESSAGE = "message"
    IN_PERSON = "in_person"

    @property
    def words(self) -> str:
        """“by telephone”."""
        return {Way.IN_PERSON: "in person", Way.EMAIL: "by e-mail"}.get(self, f"by {self.value}")


class Tried(Enum):
    """What came of a try. The value is stored."""

    NO_REPLY = "no_reply"
    LEFT_MESSAGE = "left_message"
    WILL_ANSWER = "will_answer"
    SENT = "sent"

    @property
    def words(self) -> str:
        """As the page says it."""
        return _OUTCOMES[self]


_OUTCOMES = {
    Tried.NO_REPLY: "no reply",
    Tried.LEFT_MESSAGE: "left a message",
    Tried.WILL_ANSWER: "reached: they will answer",
    Tried.SENT: "sent",
}


class CallBack(Enum):
    """What became of a call-back."""

    TO_COME = "to come"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be asked: of whom by name, in which words, by when (UTC).

    `about` is what it is about, as a person says it; `holds`: the line waits for the answer, or, where the
    question is about a prescription (`of_prescription`) and no line, every line of it.
    """

    asked: Asked
    name: str
    words: str
    due_at: datetime
    of_prescription: bool
    holds: bool


@dataclass(frozen=True, slots=True)
class Query:
    """One question or call-back as it stands. `asked_by` is the id and name of who asked."""

    id: int
    kind: Kind
    asked: Asked
    about: str
    asked_by: tuple[int, str]
    due_at: datetime
    holds: bool
    task: Task

    @property
    def state(self) -> str:
        """The step at which it is."""
        return self.task.step

    def overdue(self, *, now: datetime) -> bool:
        """Whether its time has passed and nobody has answered it."""
        return self.state == OPEN and self.due_at < now


def check_question(question: Question, *, by: Person, now: datetime) -> None:
    """Raises `Refused` with all that is missing: ``query.role``, ``query.no-name``, ``query.no-words``,
    ``query.deadline-past``, ``query.nothing-to-hold``."""
    found = list(_question_refusals(question, by=by, now=now))
    if found:
        raise Refused(*found)


def _question_refusals(question: Question, *, by: Person, now: datetime) -> Iterator[Refusal]:
    if not by.has(*MAY_ASK):
        yield Refusal("query.role", f"Queries are asked by clinical staff; you are signed in as {by.title}")
    if len(question.name.strip()) < SHORTEST:
        yield Refusal("query.no-name", f"Say which {question.asked.value} is asked, by name", "name")
    if len(question.words.strip()) < SHORTEST:
        yield Refusal("query.no-words", "Say what is asked", "question")
    if question.due_at <= now:
        yield Refusal(
            "query.deadline-past", "The answer cannot be wanted by a time that has passed", "deadline"
        )
    if question.holds and not question.of_prescription:
        yield Refusal(
            "query.nothing-to-hold", "Only a line or a prescription can wait for an answer", "holds"
        )


def check_call_back(*, words: str, due_at: datetime, by: Person, now: datetime) -> None:
    """Raises `Refused` with what is missing: ``call-back.role``, ``call-back.no-words``,
    ``call-back.deadline-past``."""
    found = []
    if not by.has(*MAY_LOG_CALLS):
        found.append(Refusal("call-back.role", "Call-backs are for the team"))
    if len(words.strip()) < SHORTEST:
        found.append(Refusal("call-back.no-words", "Say what they are rung about", "call-back"))
    if due_at <= now:
        found.append(Refusal("call-back.deadline-past", "A call-back is for a time to come", "call back by"))
    if found:
        raise Refused(*found)


def query_refusal(
    query: Query, verb: str, *, by: Person, now: datetime, seen: int | None = None
) -> Refusal | None:
    """Why `by` cannot do `verb` to the query now; None when they can. Rules: those of the worklist, and
    ``query.not-yours``."""
    workflow = query.kind.workflow
    if verb not in {row.verb for row in workflow.transitions}:
        return Refusal("query.no-such-step", f"A {workflow.name} has no such step")
    found = refusal(workflow, query.task, verb, by=by, now=now, seen=seen)
    if found is not None or verb not in _READ_BY_WHO_ASKED or query.kind is Kind.CALL_BACK:
        return found
    if by.id != query.asked_by[0] and not by.has(Role.PHARMACIST):
        return Refusal(
            "query.not-yours",
            f"{query.asked_by[1]} asked this, and reads the answer",
            way_out="Or a pharmacist does.",
        )
    return None


def check_query(query: Query, verb: str, *, by: Person, now: datetime, seen: int | None = None) -> Transition:
    """The transition to take. Raises `Refused` with the reason."""
    found = query_refusal(query, verb, by=by, now=now, seen=seen)
    if found is not None:
        raise Refused(found)
    return next(row for row in query.kind.workflow.transitions if row.verb == verb and row.at == query.state)


def check_attempt(*, outcome: Tried | None, way: Way | None, happened_at: datetime, now: datetime) -> None:
    """Raises `Refused`: ``query.no-way``, ``query.no-outcome``, ``query.attempt-ahead``."""
    if way is None:
        raise refuse("query.no-way", "Say how they were tried", place="way")
    if outcome is None:
        raise refuse("query.no-outcome", "Say what came of it", place="outcome")
    if happened_at > now:
        raise refuse("query.attempt-ahead", "This try lies in the future", place="when")


def check_answer(*, words: str, source: str) -> None:
    """Raises `Refused`: ``query.no-source``, ``query.no-answer``. `source` is who gave the answer."""
    found = []
    if len(source.strip()) < SHORTEST:
        found.append(Refusal("query.no-source", "Say who answered, by name", "who"))
    if len(words.strip()) < SHORTEST:
        found.append(Refusal("query.no-answer", "Say what the answer was", "answer"))
    if found:
        raise Refused(*found)


def hold_refusal(query: Query) -> Refusal | None:
    """Why the line waits: ``query.open``, ``query.answer-unread``; None when it need not."""
    if not query.holds:
        return None
    named = f"query {query.id} to {query.asked.words}"
    if query.state == OPEN:
        return Refusal(
            "query.open", f"It waits for {named}, which {query.asked_by[1]} asked", query.about,
            "It goes on once the query is answered and closed, or withdrawn.",
        )  # fmt: skip
    if query.state == ANSWERED:
        return Refusal(
            "query.answer-unread", f"The answer to {named} has come, and nobody has closed it", query.about,
            f"{query.asked_by[1]} or a pharmacist reads the answer, and closes the query.",
        )  # fmt: skip
    return None


def call_back(*, state: str, due_at: datetime, answered_at: datetime | None, now: datetime) -> CallBack:
    """Was a call-back kept? Answered by its deadline, it was; a deadline that passed is broken, answered
    later or not."""
    if state == WITHDRAWN:
        return CallBack.WITHDRAWN
    if answered_at is not None:
        return CallBack.KEPT if answered_at <= due_at else CallBack.BROKEN
    return CallBack.BROKEN if due_at < now else CallBack.TO_COME
