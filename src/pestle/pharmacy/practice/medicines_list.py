"""What is a patient on, as the practice has it, and may the next issue of it be made?

A line of the list is a chain of orders (new, revise, renew, discontinue); the newest one says what it is now.
A line that is new or changed is *prepared*: nothing of it is issued until a prescriber *authorises* it, or it
goes back to who prepared it with a reason. What a practice's other system told us was authorised there.

Who authorises is who may prescribe: role `PRESCRIBER`, which a pharmacist or nurse holds beside their own
when they are independent prescribers (`AUTHORISES`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from pestle.pharmacy.law import KnownFrom, Law
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.record.medication import (
    CourseOfTherapy,
    LineStatus,
    MedicationOrder,
    OrderAction,
    RepeatIssue,
)
from pestle.pharmacy.refusal import Refusal, Refused

MAY_PREPARE = frozenset(
    {Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.PRESCRIBER, Role.NURSE}
)
MAY_AUTHORISE = frozenset({Role.PRESCRIBER})
REPEATS = frozenset({CourseOfTherapy.REPEAT, CourseOfTherapy.REPEAT_DISPENSING})
SHORTEST = 3

AUTHORISES = Law(
    "A prescription-only medicine is prescribed by an appropriate practitioner: a doctor, a dentist, or a"
    " nurse, pharmacist or other professional who is registered as an independent prescriber",
    "Human Medicines Regulations 2012 (SI 2012/1916), regulation 214",
    KnownFrom.MEMORY,
)


class Standing(Enum):
    """Whether the newest order of a line may be issued from. The value is stored and shown."""

    PREPARED = "prepared"
    AUTHORISED = "authorised"
    SENT_BACK = "sent back"


class ListStatus(Enum):
    """What a line is to the practice. The value is stored and shown."""

    ACTIVE = "active"
    WITHHELD = "withheld"
    ELSEWHERE = "prescribed elsewhere"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list. `id` stays the same while its orders follow one another.

    `issues` were made since it was last authorised, and `last_issued` is the day of the latest of all; None:
    never, or nobody told us. `reason` is why it was sent back, or why it ended.
    """

    id: int
    order: MedicationOrder
    standing: Standing
    issues: int = 0
    last_issued: date | None = None
    reason: str = ""

    @property
    def status(self) -> ListStatus:
        """What it is to the practice now."""
        return status(self.order)

    @property
    def name(self) -> str:
        """What to call the medicine."""
        return self.order.medication.name

    @property
    def repeat(self) -> RepeatIssue:
        """Issues allowed, authorised until, review by: each None where nobody said."""
        return self.order.request.repeat or RepeatIssue(None, None)

    @property
    def issues_left(self) -> int | None:
        """How many more may be made under this authorisation; None where no number was set."""
        allowed = self.repeat.issues_allowed
        return None if allowed is None else max(0, allowed - self.issues)


def status(order: MedicationOrder) -> ListStatus:
    """What the newest order of a line makes of it. One that is withheld stays so until somebody resumes it:
    the day until which it was withheld asks for a decision, and takes none."""
    if order.action is OrderAction.DISCONTINUE or order.request.status in _OVER:
        return ListStatus.ENDED
    if order.request.status is LineStatus.ON_HOLD:
        return ListStatus.WITHHELD
    return ListStatus.ELSEWHERE if order.prescribed_elsewhere else ListStatus.ACTIVE


_OVER = frozenset(
    {LineStatus.STOPPED, LineStatus.COMPLETED, LineStatus.CANCELLED, LineStatus.ENTERED_IN_ERROR}
)


def issue_refusals(line: Listed, *, on: date) -> tuple[Refusal, ...]:
    """Every reason for which no issue of this line may be made on a day; none: it may.

    Rules: ``issue.ended``, ``issue.withheld``, ``issue.elsewhere``, ``issue.not-authorised``,
    ``issue.sent-back``, ``issue.none-left``, ``issue.expired``. A review that is due is no refusal: who signs
    sees it, and decides.
    """
    return tuple(_issue_refusals(line, on))


def _issue_refusals(line: Listed, on: date) -> Iterator[Refusal]:
    until = line.order.withheld_until
    match line.status:
        case ListStatus.ENDED:
            yield Refusal("issue.ended", f"{line.name} has ended: {line.reason or 'no reason was given'}")
            return
        case ListStatus.WITHHELD:
            yield Refusal(
                "issue.withheld", f"{line.name} is withheld{f' until {until.words}' if until else ''}"
            )
        case ListStatus.ELSEWHERE:
            yield Refusal("issue.elsewhere", f"{line.name} is prescribed elsewhere, and only recorded here")
            return
    if line.standing is Standing.PREPARED:
        yield Refusal("issue.not-authorised", f"{line.name} waits for a prescriber to authorise it")
    elif line.standing is Standing.SENT_BACK:
        yield Refusal("issue.sent-back", f"{line.name} was sent back: {line.reason}")
    if line.issues_left == 0:
        yield Refusal("issue.none-left", f"All {line.repeat.issues_allowed} issues of {line.name} were made",
                      way_out="Renew it, for a prescriber to authorise.")  # fmt: skip
    expires = line.repeat.authorisation_expires
    if expires is not None and on > expires:
        yield Refusal("issue.expired", f"{line.name} was authorised until {expires:%d-%b-%Y}",
                      way_out="Renew it, for a prescriber to authorise.")  # fmt: skip


class Outcome(Enum):
    """What a prescriber makes of a prepared line. The value is stored."""

    AUTHORISED = "authorised"
    SENT_BACK = "sent back"


def check_authorisation(line: Listed, outcome: Outcome, *, reason: str, by: Person) -> None:
    """Raises `Refused` with all that stands in the way: ``authorise.role``, ``authorise.not-waiting``,
    ``authorise.no-reason`` (to send back), ``authorise.no-directions``, ``authorise.no-quantity``,
    ``authorise.no-limit`` (a repeat with neither a number of issues nor a last day)."""
    found = list(_authorisation_refusals(line, outcome, reason, by))
    if found:
        raise Refused(*found)


def _authorisation_refusals(line: Listed, outcome: Outcome, reason: str, by: Person) -> Iterator[Refusal]:
    if not by.has(*MAY_AUTHORISE):
        yield Refusal(
            "authorise.role",
            f"This is for a prescriber; you are signed in as {by.title}",
            way_out="A pharmacist or nurse who prescribes is given the role of prescriber too.",
        )
    if line.standing is not Standing.PREPARED or line.status is ListStatus.ENDED:
        yield Refusal("authorise.not-waiting", f"{line.name} does not wait to be authorised",
                      way_out="Open the list again and look at what is there now.")  # fmt: skip
    if outcome is Outcome.SENT_BACK:
        if len(reason.strip()) < SHORTEST:
            yield Refusal("authorise.no-reason", "Say why it goes back", "reason")
        return
    request = line.order.request
    if request.dosage is None:
        yield Refusal("authorise.no-directions", f"{line.name} has no directions", "directions")
    if request.quantity is None:
        yield Refusal("authorise.no-quantity", f"{line.name} has no quantity", "quantity")
    limits = (line.repeat.issues_allowed, line.repeat.authorisation_expires)
    if request.course_of_therapy in REPEATS and limits == (None, None):
        yield Refusal("authorise.no-limit", f"{line.name} has neither a number of issues nor a last day",
                      "issues")  # fmt: skip
