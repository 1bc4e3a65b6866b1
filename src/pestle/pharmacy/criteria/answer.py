"""Is the patient in, out, or can nobody tell, and because of which facts?

Kleene's three-valued logic: an answer that holds whatever the missing fact turns out to be is given; only
one that depends on it cannot be told. Facts and gaps are kept without their order and without doubles, so
that the same record always explains itself in the same words.
Source: S. C. Kleene, Introduction to Metamathematics (1952), section 64.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from pestle.pharmacy.record.fact import Fact


class Verdict(Enum):
    """The three answers."""

    IN = "in"
    OUT = "out"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not known, and what would make it known."""

    what: str
    would_help: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict, the `facts` that decided it, and what is `missing` where nobody can tell."""

    verdict: Verdict
    facts: tuple[Fact, ...] = ()
    missing: tuple[Missing, ...] = ()

    def __post_init__(self) -> None:
        if (self.verdict is Verdict.CANNOT_TELL) != bool(self.missing):
            raise ValueError("what is missing is named when, and only when, nobody can tell")


def is_in(*facts: Fact) -> Answer:
    """In, because of these facts."""
    return Answer(Verdict.IN, _facts(facts))


def is_out(*facts: Fact) -> Answer:
    """Out, because of these facts."""
    return Answer(Verdict.OUT, _facts(facts))


def cannot_tell(*missing: Missing, facts: Iterable[Fact] = ()) -> Answer:
    """Nobody can tell, because this is missing."""
    return Answer(Verdict.CANNOT_TELL, _facts(facts), _gaps(missing))


def negated(answer: Answer) -> Answer:
    """In for out, out for in; nobody can tell stays."""
    turned = {Verdict.IN: Verdict.OUT, Verdict.OUT: Verdict.IN}
    return Answer(turned.get(answer.verdict, answer.verdict), answer.facts, answer.missing)


def at_least(number: int, answers: Iterable[Answer]) -> Answer:
    """In when so many are in; out when the rest cannot make it so many; else nobody can tell."""
    by: dict[Verdict, list[Answer]] = {verdict: [] for verdict in Verdict}
    for answer in answers:
        by[answer.verdict].append(answer)
    is_so, open_ = by[Verdict.IN], by[Verdict.CANNOT_TELL]
    if len(is_so) >= number:
        return is_in(*(fact for each in is_so for fact in each.facts))
    if len(is_so) + len(open_) < number:
        return is_out(*(fact for each in by[Verdict.OUT] for fact in each.facts))
    return cannot_tell(
        *(gap for each in open_ for gap in each.missing),
        facts=(fact for each in open_ for fact in each.facts),
    )


def _facts(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(sorted(set(facts), key=lambda fact: (fact.on or date.min, fact.text, fact.source)))


def _gaps(missing: Iterable[Missing]) -> tuple[Missing, ...]:
    return tuple(sorted(set(missing), key=lambda gap: (gap.what, gap.would_help)))
