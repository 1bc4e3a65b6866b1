"""What is not in the vocabulary is refused by file and field; a node that makes no sense cannot exist."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from tests.spec.criteria.bench import TERMS, criterion

from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.read import _WORDS
from pestle.pharmacy.criteria.span import EVER
from pestle.pharmacy.refusal import Refused

REFUSED = [
    ("{aged: {at_least: 65}}", "definition.wrong-value", "when"),
    ("{age: {over: 65}}", "definition.unknown-field", "over"),
    ("{age: {}}", "definition.wrong-value", "age"),
    ("{age: {at_least: 65, below: 18}}", "definition.wrong-value", "age"),
    ("{age: {at_least: 65}, sex: female}", "definition.wrong-value", "when"),
    ("{sex: unknown}", "definition.wrong-value", "sex"),
    ("{issued: {medicines: nsaids_systemic}}", "definition.wrong-value", "within"),
    ("{issued: {medicines: nsaid, within: 3 months}}", "definition.wrong-value", "medicines"),
    ("{issued: {medicines: nsaids_systemic, within: a while}}", "definition.wrong-value", "within"),
    (
        "{issued: {medicines: nsaids_systemic, within: 3 months, on_days: 0}}",
        "definition.wrong-value",
        "issued",
    ),
    ("{taking: {medicines: {ingredients: [aspirin], dose: 75}}}", "definition.unknown-field", "dose"),
    ("{condition: {is: asthma}}", "definition.missing-field", "state"),
    ("{condition: {is: asma, state: ever}}", "definition.wrong-value", "is"),
    (
        "{condition: {is: gout, state: ever, resolved_by: asthma_resolved}}",
        "definition.wrong-value",
        "condition",
    ),
    ("{result: {of: egfr}}", "definition.wrong-value", "below"),
    ("{result: {of: fbc, below: 3}}", "definition.wrong-value", "result"),
    ("{result: {of: egfr, below: low}}", "definition.wrong-value", "below"),
    ("{answer: {of: pregnancy_status, is: perhaps}}", "definition.wrong-value", "answer"),
    ("{all_of: []}", "definition.wrong-value", "all_of"),
    ("{at_least: {number: 3, of: [{alive: {}}]}}", "definition.wrong-value", "at_least"),
    ("{criterion: unheard_of}", "definition.wrong-value", "criterion"),
    (
        "{condition: {is: gout, state: ever, since: 2006-04-01, within: 1 year}}",
        "definition.wrong-value",
        "since",
    ),
    ("{tested: {of: [inr], within: 1 year, times: 2, apart: 1 month}}", "definition.wrong-value", "apart"),
    ("{tested: {of: [inr], within: 1 year, apart: 7 days}}", "definition.wrong-value", "tested"),
    ("{tested: {of: [], within: 1 year}}", "definition.wrong-value", "of"),
]


@pytest.mark.parametrize(("text", "rule", "field"), REFUSED)
def test_what_is_not_in_the_vocabulary_is_refused(text: str, rule: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        criterion(text)
    assert refused.value.rule == rule
    assert "row" in (refused.value.refusals[0].place or "")
    assert field in (refused.value.refusals[0].place or "")


EGFR, FBC = TERMS.observables["egfr"], TERMS.observables["fbc"]
IMPOSSIBLE: list[Callable[[], object]] = [
    lambda: n.Age(),
    lambda: n.Sex(frozenset()),
    lambda: n.Issued(TERMS.medicines["nsaids_systemic"], EVER, 0),
    lambda: n.Tested((), EVER),
    lambda: n.ResultIs(FBC, n.Comparison.BELOW, Fraction(1)),
    lambda: n.ResultChanged(EGFR, True, Fraction(0), EVER),
    lambda: n.AllOf(()),
    lambda: n.AtLeast(2, (n.Alive(),)),
]


@pytest.mark.parametrize("make", IMPOSSIBLE)
def test_a_node_that_makes_no_sense_cannot_exist(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError):
        make()


def test_a_list_may_stand_where_it_is_used() -> None:
    inline = criterion("{taking: {medicines: {ingredients: [codeine]}, routes: [oral]}}")
    assert isinstance(inline, n.Taking)
    assert inline.medicines.ingredients == frozenset({"codeine"})
    assert inline.medicines.routes == frozenset({"oral"})


def test_every_word_is_in_the_guide() -> None:
    guide = (Path(__file__).resolve().parents[3] / "docs" / "criteria.md").read_text(encoding="utf-8")
    assert [word for word in _WORDS if f"`{word}`" not in guide] == []
