"""May the clinical check be signed? Lines, findings, answers: what is still open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pestle.pharmacy.checks.finding import Assessment, Fact, Finding, Severity
from pestle.pharmacy.checks.shown import shown
from pestle.pharmacy.definition import Source
from pestle.pharmacy.dispensary.clinical import Decision, LineToDecide, decide
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.refusal import Refusal, Refused

A, B = LineToDecide("a", "Somnol 5mg tablets", matched=True), LineToDecide("b", "Unknown brew", matched=False)
UNSUITABLE = NotDispensed.CLINICALLY_UNSUITABLE
YES_A = Decision("a", approved=True)
NO_A = Decision("a", approved=False, reason=UNSUITABLE, words="prescriber agreed to stop it")
WAITS = Refusal("query.open", "It waits for query 1 to the prescriber", "line 1")
HELD_A = replace(A, held=WAITS)
WAIT_A = Decision("a", approved=False, waits=True)
C, YES_C = LineToDecide("c", "Restol 10mg tablets", matched=True), Decision("c", approved=True)
NO_B = Decision("b", approved=False, reason=UNSUITABLE, words="not in the dictionary")


def _finding(severity: Severity, line: str | None) -> Finding:
    unknown = severity is Severity.NOT_ASSESSED
    return Finding(
        check="allergy",
        rule="same",
        key=f"allergy:somnol:{severity.value}",
        severity=severity,
        what="Allergic to it",
        do="Do not supply",
        source=Source("A table of a test", verified=False),
        why=() if unknown else (Fact("Rash in 2019"),),
        line=line,
        because="Allergies were not asked for" if unknown else "",
    )


STOP, ASK = Severity.HARD_STOP, Severity.INTERRUPT
NOT_ASSESSED, NOTE = Severity.NOT_ASSESSED, Severity.NOTE


def _rules(
    lines: tuple[LineToDecide, ...],
    decisions: tuple[Decision, ...],
    findings: tuple[Finding, ...] = (),
    answers: dict[str, str] | None = None,
    seen: bool = False,
) -> list[str]:
    entries = shown((Assessment("allergy", "Is the patient allergic to it?", findings),))
    try:
        decided = decide(lines, entries, decisions=decisions, answers=answers or {}, seen_not_assessed=seen)
    except Refused as refused:
        return [each.rule for each in refused.refusals]
    assert [decision.line for decision in decided] == [line.line for line in lines]
    return []


# lines, decisions -> what is open
LINES = [
    ((A,), (YES_A,), []),
    ((A,), (NO_A,), []),
    ((A, B), (YES_A, NO_B), []),
    ((A,), (), ["clinical.undecided"]),
    ((A, B), (YES_A,), ["clinical.undecided"]),
    ((A,), (NO_B,), ["clinical.undecided"]),
    ((A,), (Decision("a", False),), ["clinical.no-reason"]),
    ((A,), (Decision("a", False, UNSUITABLE),), ["clinical.no-reason"]),
    ((A,), (Decision("a", False, UNSUITABLE, "no"),), ["clinical.no-reason"]),
    ((A,), (Decision("a", False, UNSUITABLE, "     "),), ["clinical.no-reason"]),
    ((A,), (Decision("a", False, None, "words without a reason"),), ["clinical.no-reason"]),
    ((B,), (Decision("b", True),), ["clinical.unmatched"]),
    ((A, B), (Decision("a", False), Decision("b", True)), ["clinical.no-reason", "clinical.unmatched"]),
    # A query holds the first line: the others go on without it.
    ((HELD_A, C), (WAIT_A, YES_C), []),
    ((HELD_A, C), (YES_A, YES_C), ["query.open"]),
    ((HELD_A, C), (NO_A, YES_C), []),
    ((HELD_A,), (WAIT_A,), ["clinical.only-waiting"]),
    ((HELD_A, B), (WAIT_A, NO_B), ["clinical.only-waiting"]),
    ((A, C), (WAIT_A, YES_C), ["clinical.nothing-to-wait-for"]),
]


@pytest.mark.parametrize(("lines", "decisions", "open_"), LINES)
def test_every_line_is_approved_or_refused_with_its_reason(
    lines: tuple[LineToDecide, ...], decisions: tuple[Decision, ...], open_: list[str]
) -> None:
    assert _rules(lines, decisions) == open_


# severity, about line, decision on line a, answer, not assessed seen -> what is open
FINDINGS = [
    (STOP, "a", YES_A, None, True, ["clinical.unanswered"]),
    (STOP, "a", YES_A, "", True, ["clinical.unanswered"]),
    (STOP, "a", YES_A, "  ok ", True, ["clinical.unanswered"]),
    (STOP, "a", YES_A, "spoke to the prescriber", False, []),
    (ASK, "a", YES_A, None, True, ["clinical.unanswered"]),
    (ASK, "a", YES_A, "taken before without harm", False, []),
    (ASK, "a", NO_A, None, False, []),
    (STOP, None, YES_A, None, True, ["clinical.unanswered"]),
    (STOP, None, YES_A, "dates agreed by telephone", False, []),
    (STOP, None, NO_A, None, False, []),
    (NOT_ASSESSED, "a", YES_A, None, False, ["clinical.not-assessed-unseen"]),
    (NOT_ASSESSED, "a", YES_A, "an answer does not make it seen", False, ["clinical.not-assessed-unseen"]),
    (NOT_ASSESSED, "a", YES_A, None, True, []),
    (NOT_ASSESSED, None, YES_A, None, False, ["clinical.not-assessed-unseen"]),
    (NOT_ASSESSED, "a", NO_A, None, False, []),
    (NOTE, "a", YES_A, None, False, []),
    (STOP, "gone", YES_A, None, True, []),
]


@pytest.mark.parametrize(("severity", "about", "decision", "answer", "seen", "open_"), FINDINGS)
def test_every_finding_on_what_is_approved_is_answered(
    severity: Severity,
    about: str | None,
    decision: Decision,
    answer: str | None,
    seen: bool,
    open_: list[str],
) -> None:
    finding = _finding(severity, about)
    answers = {} if answer is None else {finding.key: answer}
    assert _rules((A,), (decision,), (finding,), answers, seen) == open_


def test_the_same_facts_about_two_lines_are_answered_once() -> None:
    on_a, on_c = _finding(STOP, "a"), _finding(STOP, "c")
    lines, yes = (A, LineToDecide("c", "Somnol 5mg tablets", matched=True)), Decision("c", approved=True)
    assert _rules(lines, (YES_A, yes), (on_a, on_c)) == ["clinical.unanswered"]
    assert _rules(lines, (YES_A, yes), (on_a, on_c), {on_a.key: "spoke to the prescriber"}) == []
    # It is still to be answered when only one of the two goes on.
    assert _rules(lines, (NO_A, yes), (on_a, on_c)) == ["clinical.unanswered"]


def test_everything_that_is_open_is_said_at_once() -> None:
    found = _rules((A, B), (YES_A,), (_finding(STOP, "a"), _finding(NOT_ASSESSED, "a")))
    assert found == ["clinical.undecided", "clinical.unanswered", "clinical.not-assessed-unseen"]
