"""A request for repeats: what becomes of each line of it, and who may do that?

Reception writes down what is asked for, or it comes as a file; a technician prepares, refuses with a reason,
asks somebody, or passes it on to who decides clinical questions; a prescriber signs what was prepared, each
line as it was seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.medicines_list import (
    MAY_AUTHORISE,
    MAY_PREPARE,
    SHORTEST,
    Listed,
    issue_refusals,
)
from pestle.pharmacy.quantity import counted
from pestle.pharmacy.refusal import Refusal, Refused
from pestle.pharmacy.worklist.workflow import Step, Task, Transition, Workflow, refusal

WAITING, PREPARED, ASKED, CLINICAL = "waiting", "prepared", "asked", "clinical"
SIGNED, REFUSED = "signed", "refused"

# A program asks for whoever it stands for.
MAY_ASK = MAY_PREPARE | {Role.RECEPTIONIST, Role.SYSTEM}
CLINICAL_ROLES = frozenset({Role.PHARMACIST, Role.PRESCRIBER})

REQUESTS = Workflow(
    name="request",
    steps=(
        Step(WAITING, "To prepare"),
        Step(CLINICAL, "For a pharmacist or prescriber"),
        Step(ASKED, "Waits for an answer"),
        Step(PREPARED, "To sign"),
        Step(SIGNED, "Signed", final=True),
        Step(REFUSED, "Refused", final=True),
    ),
    transitions=(
        Transition("prepare", WAITING, PREPARED, MAY_PREPARE, "prepared"),
        Transition("prepare", CLINICAL, PREPARED, CLINICAL_ROLES, "prepared"),
        Transition("prepare", ASKED, PREPARED, MAY_PREPARE, "prepared"),
        Transition("refuse", WAITING, REFUSED, MAY_PREPARE, "refused"),
        Transition("refuse", CLINICAL, REFUSED, CLINICAL_ROLES, "refused"),
        Transition("refuse", ASKED, REFUSED, MAY_PREPARE, "refused"),
        Transition("refuse", PREPARED, REFUSED, MAY_AUTHORISE, "refused"),
        Transition("pass_on", WAITING, CLINICAL, MAY_PREPARE, "passed on"),
        Transition("pass_on", ASKED, CLINICAL, MAY_PREPARE, "passed on"),
        Transition("ask", WAITING, ASKED, MAY_PREPARE, "asked"),
        Transition("ask", CLINICAL, ASKED, CLINICAL_ROLES, "asked"),
        Transition("mean", WAITING, WAITING, MAY_PREPARE, "said what is meant"),
        Transition("mean", CLINICAL, CLINICAL, CLINICAL_ROLES, "said what is meant"),
        Transition("back", PREPARED, WAITING, MAY_PREPARE, "took back"),
        Transition("back", CLINICAL, WAITING, CLINICAL_ROLES, "gave back"),
        Transition("sign", PREPARED, SIGNED, MAY_AUTHORISE, "signed"),
    ),
)


class From(Enum):
    """Who asks. The value is stored."""

    PATIENT = "patient"
    PHARMACY = "pharmacy"
    CARE_HOME = "care_home"

    @property
    def words(self) -> str:
        """“the care home”."""
        return f"the {self.value.replace('_', ' ')}"


def decides(person: Person) -> tuple[str, ...]:
    """The steps at which a line waits for somebody like this person to act."""
    return (CLINICAL, WAITING) if person.has(*CLINICAL_ROLES) else (WAITING,)


class Way(Enum):
    """How it was asked. The value is stored."""

    FORM = "form"
    UPLOAD = "upload"
    FHIR = "fhir"

    @property
    def words(self) -> str:
        """“by upload”."""
        return {Way.FORM: "written down", Way.UPLOAD: "by upload", Way.FHIR: "by FHIR"}[self]


def check_asker(*, name: str, by: Person) -> tuple[Refusal, ...]:
    """Whether this person may take a request of somebody of this name: ``request.role``,
    ``request.no-name``."""
    found = []
    if not by.has(*MAY_ASK):
        found.append(
            Refusal("request.role", f"Requests are taken by the team; you are signed in as {by.title}")
        )
    if len(name.strip()) < SHORTEST:
        found.append(Refusal("request.no-name", "Say who asks, by name", "name"))
    return tuple(found)


def check_asked(*, name: str, lines: int, by: Person) -> None:
    """Raises `Refused`: those of `check_asker`, ``request.no-lines``."""
    found = list(check_asker(name=name, by=by))
    if not lines:
        found.append(Refusal("request.no-lines", "Say what is asked for", "lines"))
    if found:
        raise Refused(*found)


def check_step(
    task: Task,
    verb: str,
    *,
    line: Listed | None,
    early: int | None,
    words: str,
    by: Person,
    now: datetime,
    on: date,
    seen: int | None,
    doubt: str = "",
) -> Transition:
    """The step to take; `doubt` is what of the request a person has to look at. Raises `Refused` with all
    that stands in the way: those of the worklist; of preparing ``request.not-on-list``, those of
    `issue_refusals`, ``request.early`` and ``request.doubt`` (a reason is needed); of saying what is meant
    ``request.not-on-list``; of refusing, passing on and asking ``request.no-words``."""
    found = refusal(REQUESTS, task, verb, by=by, now=now, seen=seen)
    several = [found] if found else list(_why_not(verb, line, early, words, on, doubt))
    if several:
        raise Refused(*several)
    return next(row for row in REQUESTS.transitions if row.verb == verb and row.at == task.step)


def _why_not(
    verb: str, line: Listed | None, early: int | None, words: str, on: date, doubt: str
) -> Iterator[Refusal]:
    said = len(words.strip()) >= SHORTEST
    if verb == "mean" and line is None:
        yield Refusal("request.not-on-list", "Choose the medicine of the list that is meant", "means")
    if verb in ("prepare", "sign"):
        if line is None:
            yield Refusal("request.not-on-list", "It is not on the list of this patient",
                          way_out="Say which line is meant, add it to the list, ask, or refuse.")  # fmt: skip
            return
        yield from issue_refusals(line, on=on)
        if verb == "prepare" and early is not None and early > 0 and not said:
            days = f"{line.name} is asked for {early} {counted('day', Decimal(early))} early"
            yield Refusal("request.early", f"{days}: say why it is issued", "reason")
        if verb == "prepare" and doubt and not said:
            yield Refusal("request.doubt", f"{line.name}: {doubt}. Say what was settled", "reason")
    if verb in ("refuse", "pass_on", "ask") and not said:
        yield Refusal("request.no-words", "Say why, or what is asked", "reason")
