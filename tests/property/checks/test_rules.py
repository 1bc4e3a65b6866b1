"""What holds of the rules and of monitoring, whatever the record."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.property.criteria.test_criteria import records
from tests.spec.criteria import bench

from pestle.pharmacy.checks import monitoring, rule
from pestle.pharmacy.checks.check import Proposed, ProposedLine
from pestle.pharmacy.checks.finding import Finding, Severity
from pestle.pharmacy.checks.known.rule import Question
from pestle.pharmacy.record.record import Record

NAMES = ["Naproxen 250mg", "Ramipril 5mg", "Methotrexate 2.5mg", "Lithium 400mg", "Apixaban 5mg", "? Nurofen"]
lines = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).map(
    lambda names: tuple(ProposedLine(str(at), bench.medicine(name)) for at, name in enumerate(names))
)


def _all(proposed: tuple[ProposedLine, ...], record: Record) -> set[tuple[str, str, str, str, str]]:
    answers = [
        rule.assess(each, Proposed(proposed), record, knowledge=bench.KNOWLEDGE, on=bench.TODAY)
        for each in Question
    ]
    answers.append(monitoring.assess(Proposed(proposed), record, knowledge=bench.KNOWLEDGE, on=bench.TODAY))
    return {_seen(found) for answer in answers for found in answer.findings}


def _seen(found: Finding) -> tuple[str, str, str, str, str]:
    return found.check, found.rule, found.severity.value, found.what, found.because


@given(lines, records)
def test_no_record_breaks_a_rule_and_each_gap_is_said(
    proposed: tuple[ProposedLine, ...], record: Record
) -> None:
    for check, _, severity, _, because in _all(proposed, record):
        assert check
        assert (severity == Severity.NOT_ASSESSED.value) == bool(because)


@given(lines, records, st.randoms(use_true_random=False))
def test_order_never_matters(proposed: tuple[ProposedLine, ...], record: Record, random: Random) -> None:
    turned = replace(
        record,
        supplies=record.supplies and tuple(random.sample(record.supplies, len(record.supplies))),
        conditions=record.conditions and record.conditions[::-1],
        observations=record.observations and record.observations[::-1],
    )
    assert _all(proposed[::-1], turned) == _all(proposed, record)


@given(lines, records)
def test_an_unrelated_fact_never_removes_a_finding(
    proposed: tuple[ProposedLine, ...], record: Record
) -> None:
    more = replace(
        record,
        supplies=record.supplies
        and (*record.supplies, bench.supplied("Levothyroxine 50microgram", "2026-11-20")),
        conditions=record.conditions and (*record.conditions, bench.has("Eczema", "2026-11-20")),
        observations=record.observations
        and (*record.observations, bench.result("Ferritin", "80 ug/L", "2026-11-20")),
    )
    assert _all(proposed, record) <= _all(proposed, more)


@given(lines, records)
def test_whoever_cannot_be_read_is_never_in_order(proposed: tuple[ProposedLine, ...], record: Record) -> None:
    """A record of which nothing could be read answers every rule that needs it with *not assessed*."""
    unread = replace(record, conditions=None, observations=None, supplies=None)
    severities = {
        severity
        for check, name, severity, _, _ in _all(proposed, unread)
        if check == "monitoring" or (check == "condition" and name == "missing")
    }
    assert severities <= {Severity.NOT_ASSESSED.value}
