"""What did a check find, why, how serious is it, what should be done, and what could not be known?

A check answers with an `Assessment`: findings, or nothing found. A check that lacked data answers with a
finding of severity NOT_ASSESSED, which says what is missing and what would make it known. Silence is never
an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pestle.pharmacy.definition import Source
from pestle.pharmacy.record.fact import Fact as Fact


class Severity(Enum):
    """How serious, in the order of the screen. The value is stored; the word and shape are shown."""

    HARD_STOP = "hard_stop"
    INTERRUPT = "interrupt"
    NOT_ASSESSED = "not_assessed"
    NOTE = "note"

    @property
    def word(self) -> str:
        """What the screen says beside the shape."""
        return {"hard_stop": "Hard stop", "interrupt": "Answer needed",
                "not_assessed": "Not assessed", "note": "Note"}[self.value]  # fmt: skip

    @property
    def shape(self) -> str:
        """The shape that carries the meaning where colour cannot."""
        return {"hard_stop": "■", "interrupt": "◆", "not_assessed": "○", "note": "●"}[self.value]


# How a definition writes it; “none” is known, and nothing to say.
LEVELS = {
    "hard_stop": Severity.HARD_STOP, "interrupt": Severity.INTERRUPT, "note": Severity.NOTE, "none": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person should know before the next step.

    `rule` is the check's own name for what it noticed (``same``, ``class``), for ever: with `check` and the
    source's `definition` it names what a site tunes and counts.
    `key` is stable for the same facts: an override is remembered against it, and nothing is shown twice.
    `line` is the line item it is about; None when it is about the whole prescription.
    NOT_ASSESSED findings say in `what` what was not assessed, in `because` why, in `do` what would help.
    """

    check: str
    rule: str
    key: str
    severity: Severity
    what: str
    do: str
    source: Source
    why: tuple[Fact, ...] = ()
    line: str | None = None
    because: str = ""

    def __post_init__(self) -> None:
        if (self.severity is Severity.NOT_ASSESSED) != bool(self.because):
            raise ValueError("“not assessed”, and nothing else, says because what")
        if self.severity is not Severity.NOT_ASSESSED and not self.why:
            raise ValueError("a finding names the facts it used")


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one check answered: `check` is its name, `title` its question, `findings` may be empty."""

    check: str
    title: str
    findings: tuple[Finding, ...] = ()


def worst_first(assessments: tuple[Assessment, ...]) -> tuple[Finding, ...]:
    """All findings, the most serious first, then by line and key; the order of checks never matters."""
    order = list(Severity)
    found = [finding for assessment in assessments for finding in assessment.findings]
    return tuple(sorted(found, key=lambda f: (order.index(f.severity), f.line or "", f.check, f.key)))
