"""Has every finding been answered, so that the clinical check can be signed?

Each line is approved or refused with a reason. What `checks.shown` says asks, on an approved line, needs an
answer in words; what was not assessed must have been seen. An unmatched line cannot be approved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pestle.pharmacy.checks.finding import Severity
from pestle.pharmacy.checks.shown import Shown
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.refusal import Refusal, Refused

SHORTEST_ANSWER = 3


@dataclass(frozen=True, slots=True)
class Decision:
    """The pharmacist's answer to one line: approved, or refused with the service's reason and words."""

    line: str
    approved: bool
    reason: NotDispensed | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class LineToDecide:
    """A line at the clinical check."""

    line: str
    name: str
    matched: bool


def decide(
    lines: tuple[LineToDecide, ...],
    entries: tuple[Shown, ...],
    *,
    decisions: tuple[Decision, ...],
    answers: Mapping[str, str],
    seen_not_assessed: bool,
) -> tuple[Decision, ...]:
    """The decisions, one for each line, when nothing is left open. `answers` maps the key of a finding to
    words.

    Raises `Refused` with everything that is open: ``clinical.undecided``, ``clinical.no-reason``,
    ``clinical.unmatched``, ``clinical.unanswered``, ``clinical.not-assessed-unseen``.
    """
    by_line = {decision.line: decision for decision in decisions}
    open_: list[Refusal] = []
    for line in lines:
        decision = by_line.get(line.line)
        if decision is None:
            open_.append(Refusal("clinical.undecided", "Approve or refuse this line", line.name))
        elif not decision.approved and not _reasoned(decision):
            open_.append(Refusal("clinical.no-reason", "A refusal needs its reason in words", line.name))
        elif decision.approved and not line.matched:
            open_.append(
                Refusal("clinical.unmatched", "A line without a product cannot be approved", line.name,
                        "Return it to entry, or refuse it.")
            )  # fmt: skip
    approved = {decision.line for decision in decisions if decision.approved}
    concerned = tuple(entry for entry in entries if entry.about(approved))
    open_ += open_findings(concerned, answers=answers, seen_not_assessed=seen_not_assessed)
    if open_:
        raise Refused(*open_)
    return tuple(by_line[line.line] for line in lines)


def open_findings(
    entries: tuple[Shown, ...], *, answers: Mapping[str, str], seen_not_assessed: bool
) -> list[Refusal]:
    """What is still to be answered, or to be seen: ``clinical.unanswered``,
    ``clinical.not-assessed-unseen``."""
    found = []
    for entry in entries:
        finding = entry.finding
        if entry.asks and len(answers.get(finding.key, "").strip()) < SHORTEST_ANSWER:
            found.append(
                Refusal("clinical.unanswered", f"{finding.severity.word}: {finding.what}", "findings",
                        "Say why it may go on, or refuse the line.")
            )  # fmt: skip
        elif finding.severity is Severity.NOT_ASSESSED and not seen_not_assessed:
            found.append(
                Refusal("clinical.not-assessed-unseen", f"Not assessed: {finding.what}", "findings",
                        "Confirm that you have seen what was not assessed.")
            )  # fmt: skip
    return found


def _reasoned(decision: Decision) -> bool:
    return decision.reason is not None and len(decision.words.strip()) >= SHORTEST_ANSWER
