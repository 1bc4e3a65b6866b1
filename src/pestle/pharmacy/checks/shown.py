"""What is shown of what the checks found, and which of it still asks for an answer?

Nothing is shown twice: one key is one entry, whatever number of lines it is about. An answer that a
pharmacist or prescriber gave is remembered under the key; while the facts (which make the key) and the
severity shown are the same it answers the next issue too, and is shown as such. A hard stop always asks.

At a later step the same checks run again. What is new since somebody last answered asks again, also when it
is that a check failed or lacked a fact meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pestle.pharmacy.checks.finding import Assessment, Finding, Severity, worst_first
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refusal

MAY_OVERRIDE = (Role.PHARMACIST, Role.PRESCRIBER)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that was given to a finding on an approved line: shown how serious, in which words."""

    key: str
    severity: Severity
    words: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as a person sees it once: the lines it is about (none: the whole prescription), and the
    answer that an earlier issue was given."""

    finding: Finding
    lines: tuple[str, ...]
    before: Answered | None = None

    @property
    def settled(self) -> bool:
        """Whether an earlier answer still holds: the same facts, shown as serious, and no hard stop."""
        return (
            self.finding.severity is Severity.INTERRUPT
            and self.before is not None
            and self.before.severity is Severity.INTERRUPT
        )

    @property
    def asks(self) -> bool:
        """Whether somebody has to say why it may go on."""
        return self.finding.severity in (Severity.HARD_STOP, Severity.INTERRUPT) and not self.settled

    def about(self, lines: Iterable[str]) -> bool:
        """Whether it concerns one of these lines; what is about the whole concerns any."""
        found = set(lines)
        return bool(found & set(self.lines)) if self.lines else bool(found)


def shown(assessments: tuple[Assessment, ...], *, answered: Iterable[Answered] = ()) -> tuple[Shown, ...]:
    """One entry for each key, the most serious first; of several earlier answers, the last one given."""
    latest = {each.key: each for each in sorted(answered, key=lambda each: each.at)}
    entries: dict[str, Shown] = {}
    for finding in worst_first(assessments):
        line = (finding.line,) if finding.line is not None else ()
        held = entries.get(finding.key)
        if held is None:
            entries[finding.key] = Shown(finding, line, latest.get(finding.key))
        elif held.lines and line:
            entries[finding.key] = replace(held, lines=(*held.lines, *line))
        else:
            entries[finding.key] = replace(held, lines=())
    return tuple(entries.values())


def new_since(entries: tuple[Shown, ...], seen: Mapping[str, Severity]) -> tuple[Shown, ...]:
    """The entries that nobody saw before at this severity or a higher one; `seen` is by key."""
    order = list(Severity)
    return tuple(
        entry
        for entry in entries
        if entry.finding.key not in seen
        or order.index(entry.finding.severity) < order.index(seen[entry.finding.key])
    )


def stops(entry: Shown) -> bool:
    """Whether something new must be seen by somebody who may override, before the work goes on."""
    return entry.asks or entry.finding.severity is Severity.NOT_ASSESSED


def override_refusal(by: Person) -> Refusal | None:
    """Why this person may not answer a finding; None for those who may."""
    if by.has(*MAY_OVERRIDE):
        return None
    return Refusal(
        "checks.refer",
        f"What the checks found is answered by a pharmacist or a prescriber; you are signed in as {by.title}",
        way_out="Refer it to a pharmacist.",
    )
