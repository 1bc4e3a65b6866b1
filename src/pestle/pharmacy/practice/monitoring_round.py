"""A patient's tests are due: what is done next, by whom, and from which day on?

A round begins when tests are asked for: they are arranged (a list of tests to request), the patient is
invited, invited again, and then it is escalated to a pharmacist or prescriber, who decides. It ends when its
tests were done. The days between are the practice's (`Policy`); for a test that is wanted often they are
never longer than a part of its interval. Overdue monitoring stops no supply: see `shortened_issue`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from pestle.pharmacy.criteria.span import Span
from pestle.pharmacy.practice.monitoring import TestLine
from pestle.pharmacy.practice.monitoring_policy import Policy


@dataclass(frozen=True, slots=True)
class Round:
    """An open round: the `tests` that were requested (names of observables), the `step` it is at, since when,
    and the day on which what was decided is looked at again."""

    tests: frozenset[str]
    step: str
    since: date
    look_again: date | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next: a verb of `ROUNDS` (None: nothing), and the first day on which it is due."""

    verb: str | None
    on: date | None

    def due(self, *, on: date) -> bool:
        """Whether it is to be done by now."""
        return self.verb is not None and self.on is not None and self.on <= on


NOTHING = Next(None, None)
_WORDS = {
    "arrange": "Request the tests",
    "invite": "Invite",
    "invite_again": "Invite again",
    "escalate": "Escalate",
    "decide": "Decide",
    "end": "End the round",
}


def words(verb: str | None) -> str:
    """What the list says of a next step."""
    return _WORDS[verb] if verb else "Nothing"


def next_step(round_: Round | None, tests: Iterable[TestLine], policy: Policy, *, on: date) -> Next:
    """What comes next for a patient with these tests on a day; `round_` is their open round."""
    wanted = [each for each in tests if each.asked_from is not None or each.ask]
    first = min((each.asked_from or on for each in wanted), default=None)
    if round_ is None:
        return NOTHING if first is None else Next("arrange", first)
    still = [each for each in wanted if each.observable.name in round_.tests and each.ask]
    if not still:
        return Next("end", round_.since)
    often = min((each.rule.days for each in still if each.rule), default=0)
    match round_.step:
        case "arranged":
            return Next("invite", _after(round_.since, policy.invite_after, often, policy))
        case "invited":
            return Next("invite_again", _after(round_.since, policy.invite_again_after, often, policy))
        case "invited_again":
            return Next("escalate", _after(round_.since, policy.escalate_after, often, policy))
        case "escalated":
            return Next("decide", round_.since)
        case _:
            return Next("escalate", round_.look_again or round_.since)


def not_requested(round_: Round | None, tests: Iterable[TestLine]) -> tuple[TestLine, ...]:
    """The tests that are to be asked for now and that the open round does not hold."""
    held = round_.tests if round_ else frozenset()
    return tuple(each for each in tests if each.ask and each.observable.name not in held)


def _after(since: date, wait: Span, often: int, policy: Policy) -> date:
    days = (wait.after(since) - since).days
    if often:
        days = min(days, max(1, often // policy.part_of_interval))
    return since + timedelta(days=days)
