"""What does a person see of what was found, once, and what still asks for an answer?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pestle.pharmacy.checks.finding import Assessment, Fact, Finding, Severity
from pestle.pharmacy.checks.shown import Answered, Shown, new_since, override_refusal, shown, stops
from pestle.pharmacy.definition import Source
from pestle.pharmacy.people import Person, Role

STOP, ASK, NOTE, UNKNOWN = Severity.HARD_STOP, Severity.INTERRUPT, Severity.NOTE, Severity.NOT_ASSESSED
THEN = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


def _finding(severity: Severity, line: str | None = "a", key: str = "same facts") -> Finding:
    unknown = severity is UNKNOWN
    return Finding(
        check="allergy", rule="class", key=key, severity=severity, what="Allergic to it", do="Ask",
        source=Source("A table of a test", verified=False), why=() if unknown else (Fact("Rash in 2019"),),
        line=line, because="Allergies were not asked for" if unknown else "",
    )  # fmt: skip


def _answered(severity: Severity, key: str = "same facts", *, days: int = 0, words: str = "mild") -> Answered:
    return Answered(key, severity, words, "Ruth Evans", THEN + timedelta(days=days))


def _shown(*findings: Finding, answered: tuple[Answered, ...] = ()) -> tuple[Shown, ...]:
    return shown((Assessment("allergy", "Is the patient allergic to it?", findings),), answered=answered)


# shown now, answered before as -> asks again, says the answer of before
ANSWERED = [
    (STOP, None, True, False),
    (STOP, STOP, True, True),
    (STOP, ASK, True, True),
    (ASK, None, True, False),
    (ASK, ASK, False, True),
    # It was shown as another severity then: this site tuned it since.
    (ASK, STOP, True, True),
    (ASK, NOTE, True, True),
    (NOTE, None, False, False),
    (NOTE, ASK, False, True),
    (UNKNOWN, None, False, False),
]


@pytest.mark.parametrize(("severity", "before", "asks", "says"), ANSWERED)
def test_an_answer_is_remembered_for_the_same_facts_at_the_same_severity(
    severity: Severity, before: Severity | None, asks: bool, says: bool
) -> None:
    [entry] = _shown(_finding(severity), answered=(_answered(before),) if before else ())
    assert entry.asks is asks
    assert (entry.before is not None) is says
    assert entry.settled is (severity is ASK and before is ASK)


def test_other_facts_ask_again() -> None:
    [entry] = _shown(_finding(ASK, key="other facts"), answered=(_answered(ASK),))
    assert entry.asks
    assert entry.before is None


def test_of_two_answers_the_later_one_counts() -> None:
    early, late = _answered(ASK, words="mild rash"), _answered(STOP, days=9, words="was anaphylaxis")
    for both in ((early, late), (late, early)):
        [entry] = _shown(_finding(ASK), answered=both)
        assert entry.before == late
        assert entry.asks


# the lines that findings of one key are about -> the lines of the one entry
LINES = [
    (("a",), ("a",)),
    (("a", "b"), ("a", "b")),
    (("b", "a"), ("a", "b")),
    ((None,), ()),
    (("a", None), ()),
]


@pytest.mark.parametrize(("lines", "about"), LINES)
def test_one_key_is_shown_once(lines: tuple[str | None, ...], about: tuple[str, ...]) -> None:
    [entry] = _shown(*(_finding(ASK, line) for line in lines))
    assert entry.lines == about


# the lines of an entry, the lines that go on -> concerned
ABOUT = [
    (("a",), {"a"}, True),
    (("a",), {"b"}, False),
    (("a", "b"), {"b"}, True),
    ((), {"b"}, True),
    ((), set(), False),
]


@pytest.mark.parametrize(("lines", "going", "concerned"), ABOUT)
def test_what_is_about_the_whole_concerns_any_line(
    lines: tuple[str, ...], going: set[str], concerned: bool
) -> None:
    assert Shown(_finding(ASK), lines).about(going) is concerned


# seen at the clinical check as, found now as -> new, stops the hand-out
AGAIN = [
    (None, STOP, True, True),
    (None, ASK, True, True),
    (None, UNKNOWN, True, True),
    (None, NOTE, True, False),
    (STOP, STOP, False, False),
    (ASK, ASK, False, False),
    (NOTE, NOTE, False, False),
    (UNKNOWN, UNKNOWN, False, False),
    # Tuned in between: more is new, less is not.
    (ASK, STOP, True, True),
    (NOTE, ASK, True, True),
    (STOP, ASK, False, False),
    (ASK, NOTE, False, False),
]


@pytest.mark.parametrize(("then", "now", "new", "stopping"), AGAIN)
def test_what_is_new_since_the_clinical_check(
    then: Severity | None, now: Severity, new: bool, stopping: bool
) -> None:
    found = new_since(_shown(_finding(now)), {"same facts": then} if then else {})
    assert bool(found) is new
    assert any(stops(entry) for entry in found) is stopping


def test_what_an_earlier_issue_answered_is_new_and_stops_nothing() -> None:
    [entry] = new_since(_shown(_finding(ASK), answered=(_answered(ASK),)), {})
    assert not stops(entry)


@pytest.mark.parametrize("role", list(Role))
def test_pharmacists_and_prescribers_override_and_everybody_else_refers(role: Role) -> None:
    refusal = override_refusal(Person(1, "Sam Reed", frozenset({role}), site_id=1))
    assert (refusal is None) is (role in (Role.PHARMACIST, Role.PRESCRIBER))
    assert refusal is None or (refusal.rule, refusal.way_out) == ("checks.refer", "Refer it to a pharmacist.")
