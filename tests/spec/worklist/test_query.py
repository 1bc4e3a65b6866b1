"""Who may do what to a query, does its line wait, and was somebody rung back in time?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refused
from pestle.pharmacy.worklist.query import (
    Asked,
    CallBack,
    Kind,
    Query,
    Question,
    Tried,
    Way,
    call_back,
    check_answer,
    check_attempt,
    check_call_back,
    check_query,
    check_question,
    hold_refusal,
    query_refusal,
)
from pestle.pharmacy.worklist.workflow import Done, Task

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _person(id: int, name: str, *roles: Role) -> Person:
    return Person(id, name, frozenset(roles), site_id=1)


TESS = _person(1, "Tess Okafor", Role.TECHNICIAN)
LEON = _person(2, "Leon Brandt", Role.TECHNICIAN)
RUTH = _person(3, "Ruth Evans", Role.PHARMACIST)
MO = _person(4, "Mo Rahman", Role.MANAGER)
RITA = _person(5, "Rita Lowe", Role.RECEPTIONIST)


def _query(
    state: str = "open", kind: Kind = Kind.QUERY, *, holds: bool = True, asked_by: Person = TESS
) -> Query:
    done = (Done("answer", LEON.id, LEON.name, NOW),) if state in ("answered", "closed") else ()
    return Query(
        7, kind, Asked.PRESCRIBER, "line 2, Somnol 5mg tablets", (asked_by.id, asked_by.name), NOW + HOUR,
        holds, Task(state, 1, done),
    )  # fmt: skip


# kind, state, verb, who -> where it leads, or why not
VERBS = [
    (Kind.QUERY, "open", "attempt", LEON, "open"),
    (Kind.QUERY, "open", "pass_on", LEON, "open"),
    (Kind.QUERY, "open", "answer", LEON, "answered"),
    (Kind.QUERY, "open", "withdraw", TESS, "withdrawn"),
    (Kind.QUERY, "open", "withdraw", LEON, "query.not-yours"),
    (Kind.QUERY, "open", "withdraw", RUTH, "withdrawn"),
    (Kind.QUERY, "open", "close", TESS, "worklist.not-at-step"),
    (Kind.QUERY, "open", "attempt", MO, "worklist.role"),
    (Kind.QUERY, "answered", "close", TESS, "closed"),
    (Kind.QUERY, "answered", "close", RUTH, "closed"),
    (Kind.QUERY, "answered", "close", LEON, "query.not-yours"),
    (Kind.QUERY, "answered", "close", MO, "worklist.role"),
    (Kind.QUERY, "answered", "ask_again", TESS, "open"),
    (Kind.QUERY, "answered", "ask_again", LEON, "query.not-yours"),
    (Kind.QUERY, "answered", "answer", TESS, "worklist.already-done"),
    (Kind.QUERY, "answered", "withdraw", TESS, "worklist.not-at-step"),
    (Kind.QUERY, "closed", "answer", TESS, "worklist.already-done"),
    (Kind.QUERY, "withdrawn", "attempt", TESS, "worklist.not-at-step"),
    (Kind.CALL_BACK, "open", "attempt", RITA, "open"),
    (Kind.CALL_BACK, "open", "answer", RITA, "closed"),
    (Kind.CALL_BACK, "open", "withdraw", LEON, "withdrawn"),
    (Kind.CALL_BACK, "open", "close", TESS, "query.no-such-step"),
    (Kind.CALL_BACK, "closed", "answer", TESS, "worklist.already-done"),
]


@pytest.mark.parametrize(("kind", "state", "verb", "by", "leads"), VERBS)
def test_who_may_do_what_to_it(kind: Kind, state: str, verb: str, by: Person, leads: str) -> None:
    query = _query(state, kind)
    found = query_refusal(query, verb, by=by, now=NOW)
    if found is not None:
        assert found.rule == leads
    else:
        assert check_query(query, verb, by=by, now=NOW).to == leads


def test_a_page_that_grew_old_decides_nothing() -> None:
    found = query_refusal(_query(), "answer", by=TESS, now=NOW, seen=0)
    assert found is not None
    assert found.rule == "worklist.changed"


# state, holds -> why the line waits
HOLDS = [
    ("open", True, "query.open"),
    ("answered", True, "query.answer-unread"),
    ("closed", True, None),
    ("withdrawn", True, None),
    ("open", False, None),
    ("answered", False, None),
]


@pytest.mark.parametrize(("state", "holds", "rule"), HOLDS)
def test_the_line_waits_until_the_answer_was_read(state: str, holds: bool, rule: str | None) -> None:
    found = hold_refusal(_query(state, holds=holds))
    assert (found and found.rule) == rule
    if found is not None:
        assert "query 7 to the prescriber" in found.reason
        assert found.place == "line 2, Somnol 5mg tablets"
        assert found.way_out


def _question(**how: object) -> Question:
    given = {"asked": Asked.PRESCRIBER, "name": "Dr Marsh", "words": "As written?", "due_at": NOW + HOUR,
             "of_prescription": True, "holds": True}  # fmt: skip
    return Question(**{**given, **how})  # type: ignore[arg-type]


# the question, who asks -> what is missing
QUESTIONS = [
    (_question(), TESS, []),
    (_question(), MO, ["query.role"]),
    (_question(name="Dr"), TESS, ["query.no-name"]),
    (_question(words="  ? "), TESS, ["query.no-words"]),
    (_question(due_at=NOW), TESS, ["query.deadline-past"]),
    (_question(of_prescription=False), TESS, ["query.nothing-to-hold"]),
    (_question(of_prescription=False, holds=False), TESS, []),
    (_question(name="", words="", due_at=NOW - HOUR), TESS,
     ["query.no-name", "query.no-words", "query.deadline-past"]),
]  # fmt: skip


@pytest.mark.parametrize(("question", "by", "missing"), QUESTIONS)
def test_a_question_is_whole(question: Question, by: Person, missing: list[str]) -> None:
    assert _rules(lambda: check_question(question, by=by, now=NOW)) == missing


def test_a_try_says_how_and_what_came_of_it() -> None:
    whole = {"way": Way.TELEPHONE, "outcome": Tried.NO_REPLY, "happened_at": NOW, "now": NOW}
    for change, rules in (
        ({}, []),
        ({"way": None}, ["query.no-way"]),
        ({"outcome": None}, ["query.no-outcome"]),
        ({"happened_at": NOW + HOUR}, ["query.attempt-ahead"]),
        ({"happened_at": NOW - HOUR}, []),
    ):
        assert _rules(lambda change=change: check_attempt(**{**whole, **change})) == rules


def test_an_answer_says_who_gave_it() -> None:
    assert _rules(lambda: check_answer(words="Yes, as written", source="Dr Marsh")) == []
    assert _rules(lambda: check_answer(words="", source="")) == ["query.no-source", "query.no-answer"]


def test_a_promise_says_what_and_by_when() -> None:
    assert _rules(lambda: check_call_back(words="to ring her", due_at=NOW + HOUR, by=RITA, now=NOW)) == []
    assert _rules(lambda: check_call_back(words="", due_at=NOW, by=RITA, now=NOW)) == [
        "call-back.no-words", "call-back.deadline-past",
    ]  # fmt: skip


# state, answered after the deadline by, asked after it by -> what became of it
PROMISES = [
    ("open", None, -HOUR, CallBack.TO_COME),
    ("open", None, timedelta(0), CallBack.TO_COME),
    ("open", None, HOUR, CallBack.BROKEN),
    ("closed", -HOUR, HOUR, CallBack.KEPT),
    ("closed", timedelta(0), HOUR, CallBack.KEPT),
    ("closed", HOUR, 2 * HOUR, CallBack.BROKEN),
    ("withdrawn", None, HOUR, CallBack.WITHDRAWN),
]


@pytest.mark.parametrize(("state", "answered", "asked", "became"), PROMISES)
def test_a_promise_is_kept_or_broken(
    state: str, answered: timedelta | None, asked: timedelta, became: CallBack
) -> None:
    answered_at = None if answered is None else NOW + answered
    assert call_back(state=state, due_at=NOW, answered_at=answered_at, now=NOW + asked) is became


def _rules(do: object) -> list[str]:
    try:
        do()  # type: ignore[operator]
    except Refused as refused:
        return [each.rule for each in refused.refusals]
    return []
