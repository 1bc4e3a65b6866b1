"""Monitoring is late and the next issue is asked for: is it shortened, and who says so?

Late monitoring stops no supply by itself. A technician proposes that the next issue is a short one; a
pharmacist or prescriber decides: short, as usual, or not at all. Not at all is for a prescriber alone, and
never for a medicine whose supply is never interrupted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.practice.monitoring_policy import Policy
from pestle.pharmacy.practice.monitoring_workflows import MAY_DECIDE, MAY_PROPOSE
from pestle.pharmacy.refusal import Refusal, Refused

SHORTEST_WORDS = 3


class Decision(Enum):
    """What was decided; the value is stored."""

    SHORT = "short"
    AS_USUAL = "as_usual"
    NOT_NOW = "not_now"

    @property
    def words(self) -> str:
        """As the page says it."""
        return {"short": "A short issue", "as_usual": "The usual issue", "not_now": "No issue now"}[
            self.value
        ]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A short issue that somebody proposes: of which medicine, how many days instead of the usual (None: not
    known), and why. `late` names the tests that are late."""

    medicine: str
    days: int
    usual_days: int | None
    reason: str
    late: tuple[str, ...]
    never_interrupted: bool


def check_proposal(proposal: Proposal, policy: Policy, *, by: Person) -> None:
    """Raises `Refused` with all that stands in the way: ``short-issue.role``, ``short-issue.nothing-late``,
    ``short-issue.too-short``, ``short-issue.not-shorter``, ``short-issue.no-reason``."""
    found = []
    if not by.has(*MAY_PROPOSE):
        found.append(Refusal("short-issue.role", f"You are signed in as {by.title}, who proposes no issue"))
    if not proposal.late:
        found.append(
            Refusal("short-issue.nothing-late", f"No test for {proposal.medicine} is late",
                    way_out="An issue is shortened here only because monitoring is late.")
        )  # fmt: skip
    found += _days(proposal.days, proposal.usual_days, policy)
    found += _said(proposal.reason, "Say why it is shortened")
    if found:
        raise Refused(*found)


def check_decision(
    proposal: Proposal,
    decision: Decision | None,
    policy: Policy,
    *,
    days: int | None,
    reason: str,
    by: Person,
) -> None:
    """Raises `Refused` with all that stands in the way: ``short-issue.no-decision``, ``short-issue.role``,
    ``short-issue.never-interrupted``, and those of days and reasons; a short issue needs no other reason
    than the proposal's."""
    found = []
    if not by.has(*MAY_DECIDE):
        found.append(
            Refusal(
                "short-issue.role", f"This is for a pharmacist or prescriber; you are signed in as {by.title}"
            )
        )
    if decision is None:
        found.append(Refusal("short-issue.no-decision", "Choose what is decided", "decision"))
    elif decision is Decision.SHORT:
        found += _days(days if days is not None else proposal.days, proposal.usual_days, policy)
    else:
        found += _said(reason, "Say why")
    if decision is Decision.NOT_NOW:
        found += _not_now(proposal, by)
    if found:
        raise Refused(*found)


def _not_now(proposal: Proposal, by: Person) -> Iterator[Refusal]:
    if proposal.never_interrupted:
        yield Refusal(
            "short-issue.never-interrupted",
            f"The supply of {proposal.medicine} is never interrupted",
            "decision",
            "Decide a short issue, and speak to the patient today. Who stops the medicine changes its order.",
        )
    if not by.has(Role.PRESCRIBER):
        yield Refusal("short-issue.role", "Only a prescriber decides that there is no issue now", "decision")


def _days(days: int, usual: int | None, policy: Policy) -> Iterator[Refusal]:
    if days < policy.shortest_issue:
        yield Refusal(
            "short-issue.too-short", f"An issue is not shorter than {policy.shortest_issue} days", "days"
        )
    if usual is not None and days >= usual:
        yield Refusal("short-issue.not-shorter", f"The usual issue is of {usual} days", "days")


def _said(words: str, ask: str) -> Iterator[Refusal]:
    if len(words.strip()) < SHORTEST_WORDS:
        yield Refusal("short-issue.no-reason", ask, "reason")
