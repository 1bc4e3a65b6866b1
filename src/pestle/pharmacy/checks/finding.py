"""What did a check find, why, how serious is it, what should be done, and what could not be known?

A check answers with an `Assessment`: findings, or nothing found. A check that lacked data answers with a
finding of severity NOT_ASSESSED, which says what is missing and what would make it known. Silence is never
an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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


@dataclass(frozen=True, slots=True, order=True)
class RuleId:
    """What a site tunes and counts: the rule of a check, as one definition gives it.

    `definition` is empty for what no file says, such as a check that failed.
    """

    check: str
    rule: str
    definition: str

    def __str__(self) -> str:
        return f"{self.check}/{self.rule} of {self.definition or 'the program'}"


@dataclass(frozen=True, slots=True)
class Tuned:
    """How a site changed how serious a finding is: what it `was`, by whom, since when, why.

    `quiet`: it is listed and counted, and not shown among the others.
    """

    was: Severity
    quiet: bool
    by: tuple[str, ...]
    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person should know before the next step.

    `rule` is the check's own name for what it noticed (``same``, ``class``), for ever: with `check` and the
    source's `definition` it names what a site tunes and counts.
    `key` is stable for the same facts: an override is remembered against it, and nothing is shown twice.
    `line` is the line item it is about; None when it is about the whole prescription.
    `tuned` says what the site made of it, and what it was; `key` stays what it was.
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
    tuned: Tuned | None = None

    def __post_init__(self) -> None:
        if (self.severity is Severity.NOT_ASSESSED) != bool(self.because):
            raise ValueError("“not assessed”, and nothing else, says because what")
        if self.severity is not Severity.NOT_ASSESSED and not self.why:
            raise ValueError("a finding names the facts it used")

    @property
    def rule_id(self) -> RuleId:
        """The rule that found it, and the definition that the rule is from."""
        return RuleId(self.check, self.rule, self.source.definition)

    @property
    def was(self) -> Severity:
        """How serious the check itself takes it."""
        return self.tuned.was if self.tuned else self.severity

    @property
    def quiet(self) -> bool:
        """Whether the site listed it apart."""
        return self.tuned is not None and self.tuned.quiet


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one check answered: `check` is its name, `title` its question, `findings` may be empty."""

    check: str
    title: str
    findings: tuple[Finding, ...] = ()


def finding_json(finding: Finding) -> dict[str, object]:
    """A finding as JSON; dates as text, what is not known or not said as None.

    Keys: ``check``, ``rule``, ``key``, ``severity``, ``line``, ``what``, ``because``, ``do``, ``why`` (list
    of ``text``, ``on``, ``source``), ``source`` (``title``, ``verified``, ``checked_on``, ``next_review``,
    ``reference``, ``definition``).
    """
    source = finding.source
    return {
        "check": finding.check,
        "rule": finding.rule,
        "key": finding.key,
        "severity": finding.severity.value,
        "line": finding.line,
        "what": finding.what,
        "because": finding.because or None,
        "do": finding.do,
        "why": [
            {"text": fact.text, "on": _iso(fact.on), "source": fact.source or None} for fact in finding.why
        ],
        "source": {
            "title": source.title,
            "verified": source.verified,
            "checked_on": _iso(source.checked_on),
            "next_review": _iso(source.next_review),
            "reference": source.reference or None,
            "definition": source.definition or None,
        },
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def worst_first(assessments: tuple[Assessment, ...]) -> tuple[Finding, ...]:
    """All findings, the most serious first and the quiet last, then by line and key; the order of checks
    never matters."""
    order = list(Severity)
    found = [finding for assessment in assessments for finding in assessment.findings]
    return tuple(
        sorted(found, key=lambda f: (f.quiet, order.index(f.severity), f.line or "", f.check, f.key))
    )
