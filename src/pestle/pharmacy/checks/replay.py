"""What would a definition, or another severity of one of its rules, have meant for the prescriptions kept?

The checks run over each prescription as its record was known then. Counted is what the definition found,
once for each key, at the severity that the site makes of it now and as proposed; and how much of it was
shown and overridden at the time. A trial hides nothing here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from pestle.pharmacy.checks.finding import Assessment, Finding, Severity
from pestle.pharmacy.checks.shown import shown

QUIET = "quiet"
MOST_EXAMPLES = 12


@dataclass(frozen=True, slots=True)
class Change:
    """What is proposed for a rule: from this severity to that; None is quiet."""

    check: str
    rule: str
    was: Severity
    to: Severity | None


@dataclass(frozen=True, slots=True)
class Case:
    """One prescription: what the checks say of it as known then, as the site takes it now, and the keys of
    what was overridden when its clinical check was signed."""

    prescription: int
    assessments: tuple[Assessment, ...]
    overridden: frozenset[str]


@dataclass(frozen=True, slots=True)
class Example:
    """One alert, for a person to look at."""

    prescription: int
    level: str
    what: str
    why: tuple[str, ...]
    overridden: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """What a replay counted. Levels are the values of `Severity`, or ``quiet``; `rules` is keyed by check,
    rule and the severity that the check itself gives. Two tallies of different prescriptions may be added."""

    prescriptions: int = 0
    with_alert: int = 0
    now: Mapping[str, int] = field(default_factory=dict)
    proposed: Mapping[str, int] = field(default_factory=dict)
    overridden: int = 0
    rules: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()

    @property
    def alerts(self) -> int:
        """How many findings there were in all."""
        return sum(self.now.values())

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.prescriptions + other.prescriptions,
            self.with_alert + other.with_alert,
            Counter(self.now) + Counter(other.now),
            Counter(self.proposed) + Counter(other.proposed),
            self.overridden + other.overridden,
            Counter(self.rules) + Counter(other.rules),
            (self.examples + other.examples)[:MOST_EXAMPLES],
        )


def tally(cases: Iterable[Case], *, definition: str, change: Change | None = None) -> Tally:
    """What `definition` finds in these cases; with `change`, what it would be taken for."""
    total = Tally()
    for case in cases:
        total += _one(case, definition, change)
    return total


def per_hundred(number: int, of: int) -> Decimal | None:
    """So many for each hundred, to one place; None of none."""
    if not of:
        return None
    return (Decimal(100 * number) / of).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _one(case: Case, definition: str, change: Change | None) -> Tally:
    found = [
        entry.finding for entry in shown(case.assessments) if entry.finding.source.definition == definition
    ]
    return Tally(
        prescriptions=1,
        with_alert=int(bool(found)),
        now=Counter(map(_level, found)),
        proposed=Counter(_proposed(finding, change) for finding in found),
        overridden=sum(finding.key in case.overridden for finding in found),
        rules=Counter((finding.check, finding.rule, finding.was.value) for finding in found),
        examples=tuple(
            Example(
                case.prescription,
                _proposed(finding, change),
                finding.what,
                tuple(fact.text for fact in finding.why) or (finding.because,),
                finding.key in case.overridden,
            )
            for finding in found[:MOST_EXAMPLES]
        ),
    )


def _level(finding: Finding) -> str:
    return QUIET if finding.quiet else finding.severity.value


def _proposed(finding: Finding, change: Change | None) -> str:
    if change is None or (finding.check, finding.rule, finding.was) != (
        change.check,
        change.rule,
        change.was,
    ):
        return _level(finding)
    return change.to.value if change.to else QUIET
