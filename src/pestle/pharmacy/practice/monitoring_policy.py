"""How long before a test is late is it asked for, who stays on the list, and when does the next step come?

One definition of the kind practice_monitoring (``practice/*.yaml``), and the list of medicines whose supply
is never interrupted (a medicine_list called never_interrupted). No national source that we have read names
these days: they are a practice's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.checks.known.monitoring import Phase, Test
from pestle.pharmacy.criteria import fields
from pestle.pharmacy.criteria.lists import MedicineList
from pestle.pharmacy.criteria.read import Terms
from pestle.pharmacy.criteria.span import Span, SpanUnit
from pestle.pharmacy.definition import Definition, Source
from pestle.pharmacy.record.monitoring_plan import OwnInterval

KINDS = {
    "practice_monitoring": frozenset({
        "seen_starting", "still_counts", "ask_before", "part_of_interval", "invite_after",
        "invite_again_after", "escalate_after", "shortened_issue", "shortest_issue", "own_interval_holds",
    }),
}  # fmt: skip
_NEVER_INTERRUPTED = "never_interrupted"


@dataclass(frozen=True, slots=True)
class Policy:
    """The practice's days. `shortened_issue` and `shortest_issue` are days of a supply; a test is asked for
    `ask_before` it is late, and never more than one part of `part_of_interval` of its interval before."""

    seen_starting: Span
    still_counts: Span
    ask_before: Span
    part_of_interval: int
    invite_after: Span
    invite_again_after: Span
    escalate_after: Span
    shortened_issue: int
    shortest_issue: int
    own_interval_holds: Span
    never_interrupted: MedicineList
    source: Source

    def asked_from(self, due: date, rule: Test | OwnInterval) -> date:
        """The first day on which a test that is in time up to `due` is asked for."""
        before = (due - self.ask_before.before(due)).days
        return due - timedelta(days=min(before, interval_days(rule) // self.part_of_interval))


def interval_days(rule: Test | OwnInterval) -> int:
    """How many days lie between two tests by a rule, a month counted as 30; what goes by the clearance is
    asked for every month at the most."""
    if isinstance(rule, OwnInterval):
        every = Span(rule.number, SpanUnit(rule.unit))
    elif rule.every is not None:
        every = rule.every
    else:
        return 30 if rule.phase is Phase.BY_CLEARANCE else 0
    return every.number * (30 if every.unit is SpanUnit.MONTHS else 1)


def read_policy(folder: Path, terms: Terms) -> Policy:
    """The policy in a folder of definitions. Raises `Refused`: what `definition` names."""
    found = d.load_folders(folder, kinds=KINDS)
    file = found.only("practice_monitoring")
    if _NEVER_INTERRUPTED not in terms.medicines:
        raise d.wrong(file, "kind", f"needs a list of medicines called {_NEVER_INTERRUPTED}")
    part = d.number(file, "part_of_interval")
    if part < 1:
        raise d.wrong(file, "part_of_interval", "is 1 or more")
    shortened, shortest = _days(file, "shortened_issue"), _days(file, "shortest_issue")
    if not 0 < shortest <= shortened:
        raise d.wrong(file, "shortest_issue", "is a day or more, and not more than shortened_issue")
    return Policy(
        seen_starting=fields.span(file, "seen_starting"),
        still_counts=fields.span(file, "still_counts"),
        ask_before=fields.span(file, "ask_before"),
        part_of_interval=part,
        invite_after=fields.span(file, "invite_after"),
        invite_again_after=fields.span(file, "invite_again_after"),
        escalate_after=fields.span(file, "escalate_after"),
        shortened_issue=shortened,
        shortest_issue=shortest,
        own_interval_holds=fields.span(file, "own_interval_holds"),
        never_interrupted=terms.medicines[_NEVER_INTERRUPTED],
        source=file.source,
    )


def _days(file: Definition, field: str) -> int:
    found = fields.span(file, field)
    if found.unit is not SpanUnit.DAYS:
        raise d.wrong(file, field, "is said in days or weeks")
    return found.number
