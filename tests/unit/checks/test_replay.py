"""What a replay counts, and that it does not matter how it is cut up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.checks.finding import Assessment, Fact, Finding, Severity, Tuned
from pestle.pharmacy.checks.replay import MOST_EXAMPLES, Case, Change, Tally, per_hundred, tally
from pestle.pharmacy.definition import Source

DEFINITION = "duplicate/statins.yaml"
STOP, ASK, NOTE, UNKNOWN = Severity.HARD_STOP, Severity.INTERRUPT, Severity.NOTE, Severity.NOT_ASSESSED


def _finding(severity: Severity, key: str = "k", definition: str = DEFINITION) -> Finding:
    unknown = severity is UNKNOWN
    return Finding(
        check="duplicate", rule="same-class", key=key, severity=severity, what="Two statins", do="Ask",
        source=Source("A table of a test", verified=False, definition=definition),
        why=() if unknown else (Fact("Simvastatin 40mg tablets"),), because="not known" if unknown else "",
    )  # fmt: skip


def _case(*findings: Finding, prescription: int = 1, overridden: frozenset[str] = frozenset()) -> Case:
    return Case(prescription, (Assessment("duplicate", "Is it the same?", findings),), overridden)


def test_only_the_definition_is_counted_once_for_each_key() -> None:
    case = _case(_finding(ASK), _finding(ASK), _finding(NOTE, "n"), _finding(STOP, "s", "allergy/x.yaml"))
    found = tally([case], definition=DEFINITION)
    assert (found.prescriptions, found.with_alert, found.alerts) == (1, 1, 2)
    assert found.now == found.proposed == {"interrupt": 1, "note": 1}
    assert found.rules == {
        ("duplicate", "same-class", "interrupt"): 1,
        ("duplicate", "same-class", "note"): 1,
    }


def test_what_was_overridden_at_the_time_is_counted() -> None:
    case = _case(_finding(ASK, "a"), _finding(ASK, "b"), overridden=frozenset({"b", "gone"}))
    found = tally([case], definition=DEFINITION)
    assert found.overridden == 1
    assert [example.overridden for example in found.examples] == [False, True]


# found as, as the site makes of it now; proposed from, to -> now, proposed
CHANGES = [
    (ASK, None, ASK, NOTE, "interrupt", "note"),
    (ASK, None, ASK, None, "interrupt", "quiet"),
    (ASK, None, NOTE, STOP, "interrupt", "interrupt"),
    (ASK, NOTE, ASK, STOP, "note", "hard_stop"),
    (ASK, NOTE, NOTE, STOP, "note", "note"),
    (UNKNOWN, None, ASK, NOTE, "not_assessed", "not_assessed"),
]


@pytest.mark.parametrize(("found", "made", "was", "to", "now", "proposed"), CHANGES)
def test_a_change_counts_from_what_the_check_itself_says(
    found: Severity, made: Severity | None, was: Severity, to: Severity | None, now: str, proposed: str
) -> None:
    finding = _finding(found)
    if made:
        finding = replace(
            finding, severity=made, tuned=Tuned(found, False, ("Ruth",), date(2026, 11, 1), "w")
        )
    counted = tally(
        [_case(finding)], definition=DEFINITION, change=Change("duplicate", "same-class", was, to)
    )
    assert (dict(counted.now), dict(counted.proposed)) == ({now: 1}, {proposed: 1})


@given(st.lists(st.lists(st.sampled_from([STOP, ASK, NOTE, UNKNOWN]), max_size=4), max_size=30),
       st.integers(0, 30))  # fmt: skip
def test_it_does_not_matter_where_the_past_is_cut(found: list[list[Severity]], cut: int) -> None:
    cases = [
        _case(*(_finding(one, f"{number}-{place}") for place, one in enumerate(some)), prescription=number)
        for number, some in enumerate(found)
    ]
    whole = tally(cases, definition=DEFINITION)
    parts = tally(cases[:cut], definition=DEFINITION) + tally(cases[cut:], definition=DEFINITION)
    assert whole == parts
    # The slow twin: look at each one.
    assert whole.alerts == sum(map(len, found))
    assert whole.with_alert == sum(map(bool, found))
    assert len(whole.examples) == min(MOST_EXAMPLES, whole.alerts)
    assert whole.examples == tuple(sorted(whole.examples, key=lambda example: example.prescription))


def test_nothing_is_nothing_for_each_hundred() -> None:
    assert tally([], definition=DEFINITION) == Tally()
    assert [per_hundred(1, 3), per_hundred(1, 8), per_hundred(0, 5), per_hundred(0, 0)] == [
        Decimal("33.3"), Decimal("12.5"), Decimal("0.0"), None,
    ]  # fmt: skip
