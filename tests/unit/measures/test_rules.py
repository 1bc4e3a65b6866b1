"""Ordered rules: the first that holds decides."""

from __future__ import annotations

from itertools import product

import pytest
from tests.spec.criteria import bench

from pestle.pharmacy.criteria.patient_day import PatientDay
from pestle.pharmacy.definition import Definition, Definitions, Source
from pestle.pharmacy.measures.measure import Measure, Standing, read, stands
from pestle.pharmacy.record.patient import Gender
from pestle.pharmacy.refusal import Refused

OLD, WOMAN, BAD = {"age": {"at_least": 60}}, {"sex": "female"}, {"age": {"below": 30}}


def _measure(**body: object) -> Measure:
    whole = {"group": "tried", "why": "to try", "population": {"alive": {}}, **body}
    file = Definition("tried.yaml", "measure", "tried", Source("tried", verified=False), whole)
    return read(Definitions((file,)), bench.TERMS)["tried"]


def _slowly(rules: list[tuple[str, bool]]) -> Standing:
    for word, holds in rules:
        if holds:
            return (
                Standing.FOUND
                if word == "count"
                else (Standing.NOT_ASKED if word == "leave_out" else Standing.NOT_FOUND)
            )
    return Standing.NOT_FOUND


@pytest.mark.parametrize("words", list(product(("count", "leave_out", "do_not_count"), repeat=3)))
@pytest.mark.parametrize("born", ["1950-01-01", "1980-01-01", "2010-01-01"])
@pytest.mark.parametrize("gender", [Gender.FEMALE, Gender.MALE])
def test_the_first_rule_that_holds_decides(words: tuple[str, ...], born: str, gender: Gender) -> None:
    if "count" not in words:
        with pytest.raises(Refused, match="count somebody"):
            _measure(rules=[{word: when} for word, when in zip(words, (OLD, WOMAN, BAD), strict=True)])
        return
    measure = _measure(rules=[{word: when} for word, when in zip(words, (OLD, WOMAN, BAD), strict=True)])
    record = bench.record(born=born, gender=gender)
    holds = (born == "1950-01-01", gender is Gender.FEMALE, born == "2010-01-01")
    told = stands(measure, PatientDay(record, on=bench.TODAY, substances=bench.SUBSTANCES))
    assert told.standing is _slowly(list(zip(words, holds, strict=True)))


def test_what_nobody_can_tell_stays_so() -> None:
    measure = _measure(among_them=OLD)
    record = bench.record(born=None)
    told = stands(measure, PatientDay(record, on=bench.TODAY, substances=bench.SUBSTANCES))
    assert told.standing is Standing.CANNOT_TELL
    assert told.among_them is not None
    assert told.among_them.missing


@pytest.mark.parametrize("body", [{}, {"among_them": OLD, "rules": [{"count": OLD}]}])
def test_a_measure_says_in_one_way_who_is_found(body: dict[str, object]) -> None:
    with pytest.raises(Refused, match="one of them only"):
        _measure(**body)


def test_a_rule_begins_with_a_word_that_is_known() -> None:
    with pytest.raises(Refused, match="begin with one of"):
        _measure(rules=[{"perhaps": OLD}])
