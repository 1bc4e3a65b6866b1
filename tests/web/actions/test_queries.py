"""Queries through the actions: the line waits, the rest goes on, and a call-back comes due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.web.actions.bench import FUROSEMIDE, FUROSEMIDE_28, NOW, PARACETAMOL, PARACETAMOL_32, Bench, a_key

from pestle.pharmacy.dispensary.clinical import Decision
from pestle.pharmacy.dispensary.not_dispensed import NotDispensed
from pestle.pharmacy.dispensary.owing import Missing, OwingReason
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import Refused
from pestle.pharmacy.worklist.query import Asked, CallBack, Tried, Way
from pestle.web.actions import clinical, owings, queries
from pestle.web.actions.once import Outcome
from pestle.web.store import findings, models, prescriptions, verify
from pestle.web.store import queries as stored

HOUR = timedelta(hours=1)


def _ask(bench: Bench, line: models.Line | None = None, by: Person | None = None, **how: Any) -> int:
    given = {
        "key": a_key(), "now": NOW, "about": queries.About(line_id=line.pk if line else None),
        "asked": Asked.PRESCRIBER, "name": "Dr Marsh, Ashcombe Surgery", "telephone": "01632 960001",
        "words": "One or two tablets?", "due_at": NOW + HOUR, "holds": line is not None, "owner_id": None,
    }  # fmt: skip
    return int(queries.ask(by=by or bench.ruth, **{**given, **how}).result["query"])


def _do(
    verb: Callable[..., Outcome], bench: Bench, query: int, by: Person | None = None, **how: Any
) -> Outcome:
    given = {"key": a_key(), "now": NOW, "seen": None, "query_id": query}
    return verb(by=by or bench.ruth, **{**given, **how})


def _answer(bench: Bench, query: int, by: Person | None = None, **how: Any) -> Outcome:
    said = {"source": "Dr Marsh", "words": "One in the morning, as written"}
    return _do(queries.answer, bench, query, by or bench.tess, **{**said, **how})


def _close(bench: Bench, query: int, by: Person | None = None) -> Outcome:
    return _do(queries.close, bench, query, by, words="supplied as written")


def _refused(do: Callable[[], object]) -> list[str]:
    try:
        do()
    except Refused as refused:
        return [each.rule for each in refused.refusals]
    return []


def _decide(bench: Bench, prescription: int, line: models.Line, **how: Any) -> Outcome:
    given: dict[str, Any] = {
        "key": a_key(), "seen": None, "decision": Decision(line.item_id, approved=True), "answers": {},
        "seen_not_assessed": True,
    }  # fmt: skip
    given["answers"] = _answers(bench, prescription)
    return clinical.decide_waiting(
        by=how.pop("by", bench.ruth), now=NOW, prescription_id=prescription, **{**given, **how}
    )


def _answers(bench: Bench, prescription: int) -> dict[str, str]:
    lines = prescriptions.open_lines(bench.lines(prescription))
    found = findings.checked(bench.row(prescription), lines, now=NOW)
    return {entry.finding.key: "spoke to the prescriber" for entry in found.entries}


def test_a_held_line_waits_and_the_rest_goes_on(bench: Bench) -> None:
    prescription = bench.at("clinical", FUROSEMIDE, PARACETAMOL)
    first, second = bench.lines(prescription)
    query = _ask(bench, first)
    assert "query.open" in _refused(lambda: bench.decide(prescription))
    waits = [Decision(first.item_id, False, waits=True), Decision(second.item_id, True)]
    bench.decide(prescription, decisions=waits)
    assert bench.row(prescription).step == "assemble"
    labels = bench.labels(prescription).result["labels"]
    assert {code.split("-")[0] for code in labels} == {str(second.pk)}, "what waits has no label"
    bench.stock(FUROSEMIDE_28, 1)
    assert _refused(lambda: bench.pick(first.pk, FUROSEMIDE_28)) == ["query.open"]
    while bench.lines(prescription)[1].wanted != sum(
        models.Pick.objects.filter(line=second).values_list("amount", flat=True)
    ):
        bench.stock(PARACETAMOL_32, 1)
        bench.pick(second.pk, PARACETAMOL_32)
    assert _refused(lambda: bench.assembled(prescription)) == ["query.open"]
    owings.owe(
        by=bench.tess, now=NOW, key=a_key(), line_id=first.pk, seen=None, promised_on=NOW.date(),
        missing=[Missing(first.wanted or 0, OwingReason.QUERY)],
    )  # fmt: skip
    bench.assembled(prescription)
    bench.passed(prescription)
    bench.handed_out(prescription)
    assert [line.state for line in bench.lines(prescription)] == ["open", "supplied"]

    _answer(bench, query)
    assert _refused(lambda: _decide(bench, prescription, first)) == ["query.answer-unread"]
    _close(bench, query)
    assert _refused(lambda: _decide(bench, prescription, first, by=bench.tess)) == ["worklist.role"]
    owings.assemble_rest(by=bench.tess, now=NOW, key=a_key(), prescription_id=prescription, seen=None)
    assert _refused(lambda: bench.pick(first.pk, FUROSEMIDE_28)) == ["clinical.undecided"]
    assert _refused(lambda: bench.assembled(prescription)) == ["clinical.undecided"]
    _decide(bench, prescription, first)
    assert _refused(lambda: _decide(bench, prescription, first)) == ["clinical.not-waiting"]
    labels = bench.labels(prescription).result["labels"]
    assert {code.split("-")[0] for code in labels} == {str(first.pk)}, "only what had none"
    bench.pick(first.pk, FUROSEMIDE_28)
    bench.assembled(prescription)
    bench.passed(prescription)
    bench.handed_out(prescription)
    assert {line.state for line in bench.lines(prescription)} == {"supplied"}
    assert not verify.verify(bench.site).faults


def test_a_waiting_line_may_be_refused_when_the_answer_is_no(bench: Bench) -> None:
    prescription = bench.at("clinical", FUROSEMIDE, PARACETAMOL)
    first, second = bench.lines(prescription)
    query = _ask(bench, first)
    bench.decide(
        prescription, decisions=[Decision(first.item_id, False, waits=True), Decision(second.item_id, True)]
    )
    _answer(bench, query, words="Stop it, please")
    _close(bench, query)
    no = Decision(first.item_id, False, NotDispensed.CLINICALLY_UNSUITABLE, "Dr Marsh stopped it")
    _decide(bench, prescription, first, decision=no)
    first = bench.lines(prescription)[0]
    assert (first.state, first.undecided) == ("refused", False)
    bench.assemble(prescription)
    assert bench.row(prescription).step == "accuracy"


def test_a_bag_that_is_packed_waits_as_well(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    query = _ask(bench, None, about=queries.About(prescription_id=prescription), holds=True)
    assert _refused(lambda: bench.handed_out(prescription)) == ["query.open"]
    _do(queries.withdraw, bench, query, words="answered in the letter of this morning")
    bench.handed_out(prescription)


def test_a_question_that_holds_nothing_stops_nothing(bench: Bench) -> None:
    prescription = bench.at("hand_out", FUROSEMIDE)
    (line,) = bench.lines(prescription)
    _ask(bench, line, holds=False)
    bench.handed_out(prescription)
    assert _refused(lambda: _ask(bench, line)) == ["query.closed"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"asked": None}, "query.nobody"),
        ({"owner_id": 99}, "query.owner"),
        ({"about": queries.About(line_id=999_999)}, "line.unknown"),
        ({"about": queries.About(prescription_id=999_999)}, "prescription.unknown"),
        ({"about": queries.About(patient_id=999_999), "holds": False}, "patient.unknown"),
        ({"about": queries.About(product_id="1"), "holds": False}, "query.unknown-product"),
        ({"due_at": NOW}, "query.deadline-past"),
    ],
)
def test_what_cannot_be_asked_leaves_nothing_behind(bench: Bench, change: dict[str, Any], rule: str) -> None:
    (line,) = bench.lines(bench.at("clinical", FUROSEMIDE))
    assert _refused(lambda: _ask(bench, line, **change)) == [rule]
    assert not models.Query.objects.exists()


def test_tries_and_answers_are_kept_and_come_back_to_who_asked(bench: Bench) -> None:
    (line,) = bench.lines(bench.at("assemble", FUROSEMIDE))
    query = _ask(bench, line, by=bench.tess, owner_id=bench.leon.id)
    tried = {"way": Way.TELEPHONE, "outcome": Tried.NO_REPLY, "name": "reception"}
    _do(queries.attempt, bench, query, bench.leon, **tried, happened_at=NOW - HOUR)
    assert _refused(lambda: _do(queries.attempt, bench, query, bench.leon, **{**tried, "outcome": None})) == [
        "query.no-outcome"
    ]
    _do(queries.pass_on, bench, query, bench.leon, owner_id=bench.tess.id, due_at=NOW + 2 * HOUR)
    _answer(bench, query, bench.leon)
    counts = stored.counts(bench.site.pk, person_id=bench.tess.id, now=NOW)
    assert (counts.open, counts.answered) == (0, 1)
    assert stored.counts(bench.site.pk, person_id=bench.leon.id, now=NOW).answered == 0
    assert _refused(lambda: _close(bench, query, bench.leon)) == ["query.not-yours"]
    _do(queries.ask_again, bench, query, bench.tess, words="with food or without?")
    assert [
        row.pk for row in stored.listed(bench.site.pk, view="mine", person_id=bench.tess.id, page=1).rows
    ] == [query]
    _answer(bench, query, bench.leon, words="with food")
    _close(bench, query, bench.tess)
    events = models.QueryEvent.objects.order_by("pk")
    assert [event.verb for event in events] == [
        "attempt", "pass_on", "answer", "ask_again", "answer", "close",
    ]  # fmt: skip
    assert events[0].happened_at == NOW - HOUR
    assert not verify.verify(bench.site).faults


def test_what_is_overdue_stands_on_top(bench: Bench) -> None:
    lines = bench.lines(bench.at("assemble", FUROSEMIDE, PARACETAMOL))
    later = _ask(bench, lines[0], due_at=NOW + 3 * HOUR)
    sooner = _ask(bench, lines[1], due_at=NOW + HOUR)
    now = NOW + 2 * HOUR
    rows = stored.listed(bench.site.pk, view="open", person_id=bench.ruth.id, page=1).rows
    assert [row.pk for row in rows] == [sooner, later]
    counts = stored.counts(bench.site.pk, person_id=bench.ruth.id, now=now)
    assert (counts.open, counts.overdue) == (2, 1)
    assert stored.value(rows[0]).overdue(now=now)


def test_a_call_back_comes_due_and_is_kept_or_broken(bench: Bench) -> None:
    prescription = bench.at("assemble", FUROSEMIDE)
    patient = bench.row(prescription).patient_id
    call = {"patient_id": patient, "caller": "her daughter", "telephone": "", "about": "is it ready?",
            "told": "being assembled", "call_back": "to ring when it is ready"}  # fmt: skip

    def rang(**how: Any) -> Outcome:
        given = {"now": NOW, "key": a_key(), "due_at": NOW + HOUR, "owner_id": bench.tess.id}
        return queries.log_call(by=bench.tess, **{**call, **given, **how})

    assert _refused(lambda: rang(due_at=None)) == ["call-back.no-deadline"]
    assert _refused(lambda: rang(caller="")) == ["call.no-caller"]
    assert _refused(lambda: rang(about="")) == ["call.no-subject"]
    kept, broken = (rang().result["query"] for _ in range(2))
    assert "query" not in rang(call_back="").result
    rule = _refused(lambda: _do(queries.pass_on, bench, kept, owner_id=None, due_at=NOW + 5 * HOUR))
    assert rule == ["call-back.time-stands"]
    _answer(bench, kept, now=NOW + HOUR / 2)
    _answer(bench, broken, now=NOW + 2 * HOUR)
    counted = stored.call_backs(bench.site.pk, since=NOW - HOUR, now=NOW + 3 * HOUR)
    assert (counted[CallBack.KEPT], counted[CallBack.BROKEN], counted[CallBack.TO_COME]) == (1, 1, 0)
    assert models.Call.objects.count() == 3
    assert not verify.verify(bench.site).faults


def test_another_site_sees_none_of_it(bench: Bench) -> None:
    (line,) = bench.lines(bench.at("assemble", FUROSEMIDE))
    query = _ask(bench, line)
    elsewhere = Person(bench.tess.id, bench.tess.name, bench.tess.roles, site_id=bench.site.pk + 1)
    assert _refused(lambda: _answer(bench, query, elsewhere)) == ["query.unknown"]
    assert stored.here(elsewhere.site_id, query) is None
