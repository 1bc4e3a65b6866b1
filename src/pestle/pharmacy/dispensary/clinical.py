"""Has every finding been answered, so that the clinical check can be signed?

Each line is approved, or refused with a reason, or waits for the answer to a query while the others go on.
What `checks.shown` says asks, on an approved line, needs an answer in words; what was not assessed must have
been seen. An unmatched line cannot be approved, nor one that a query holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pestle.pharmacy.checks.finding import Severity
from pestle.pharmacy.checks.shown import Shown
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.refusal import Refusal, Refused

SHORTEST_ANSWER = 3


@dataclass(frozen=True, slots=True)
class Decision:
    """The pharmacist's answer to one line: approved, or refused with the service's reason and words, or left
    to wait for the answer to a query."""

    line: str
    approved: bool
    reason: NotDispensed | None = None
    words: str = ""
    waits: bool = False


@dataclass(frozen=True, slots=True)
class LineToDecide:
    """A line at the clinical check; `held` says for which query it waits."""

    line: str
    name: str
    matched: bool
    held: Refusal | None = None


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
    ``clinical.unmatched``, ``query.open``, ``query.answer-unread``, ``clinical.nothing-to-wait-for``,
    ``clinical.only-waiting``, ``clinical.unanswered``, ``clinical.not-assessed-unseen``.
    """
    by_line = {decision.line: decision for decision in decisions}
    open_: list[Refusal] = []
    for line in lines:
        decision = by_line.get(line.line)
        if decision is None:
            open_.append(Refusal("clinical.undecided", "Approve or refuse this line", line.name))
        elif decision.waits:
            if line.held is None:
                open_.append(Refusal("clinical.nothing-to-wait-for", "No query holds this line", line.name,
                                     "Approve or refuse it, or ask first."))  # fmt: skip
        elif not decision.approved and not _reasoned(decision):
            open_.append(Refusal("clinical.no-reason", "A refusal needs its reason in words", line.name))
        elif decision.approved and not line.matched:
            open_.append(
                Refusal("clinical.unmatched", "A line without a product cannot be approved", line.name,
                        "Return it to entry, or refuse it.")
            )  # fmt: skip
        elif decision.approved and line.held is not None:
            open_.append(replace(line.held, place=line.name))
    approved = {decision.line for decision in decisions if decision.approved}
    if not approved and any(decision.waits for decision in decisions):
        open_.append(
            Refusal("clinical.only-waiting", "No line is approved, so nothing can go on without the answer",
                    way_out="Sign when it has come.")
        )  # fmt: skip
    concerned = tuple(entry for entry in entries if entry.about(approved))
    open_ += open_findings(concerned, answers=answers, seen_not_assessed=seen_not_assessed)
    if open_:
        raise Refused(*open_)
    return tuple(by_line[line.line] for line in lines)


def undecided_refusal(name: str) -> Refusal:
    """Why a line that waited for an answer does not go on with the others: ``clinical.undecided``."""
    return Refusal(
        "clinical.undecided", "It waited for an answer when the clinical check was signed", name,
        "A pharmacist approves or refuses it first.",
    )  # fmt: skip


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
