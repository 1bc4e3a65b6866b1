"""Does what a measure asks read as it is asked?"""

from __future__ import annotations

from itertools import pairwise

import pytest

from pestle import definitions
from pestle.pharmacy.criteria import nodes as n
from pestle.pharmacy.criteria.span import Span, SpanUnit
from pestle.pharmacy.criteria.words import Clause, clause
from pestle.pharmacy.measures import library
from pestle.pharmacy.measures.library import Library
from pestle.pharmacy.measures.measure import digest

YEAR = Span(12, SpanUnit.MONTHS)


@pytest.fixture(scope="module")
def known() -> Library:
    return library.read(*map(definitions.folder, library.FOLDERS))


def test_an_indicator_as_a_person_says_it(known: Library) -> None:
    measure = known.measures["pincer_a"]
    nsaid = known.terms.medicines["pincer_nsaid"].title
    healing = known.terms.medicines["pincer_ulcer_healing"].title
    assert [text for _, text in clause(measure.population).lines()] == [
        "all of", "registered with a GP practice", "alive", "aged 18 years or over, and under 121", "any of",
        "female", "male", "aged 65 years or over", f"not {healing}: issued in the last 3 months",
    ]  # fmt: skip
    assert clause(measure.among_them) == Clause(f"{nsaid}: issued in the last 3 months")


def test_every_measure_reads_and_what_is_beneath_stands_deeper(known: Library) -> None:
    for measure in known.measures.values():
        for asked in (measure.population, measure.among_them):
            lines = list(clause(asked).lines())
            assert all(text.strip() and "object at" not in text for _, text in lines)
            assert all(later <= before + 1 for (before, _), (later, _) in pairwise(lines))


def test_what_turns_another_round_stands_before_it() -> None:
    adult = n.Age(at_least=18)
    assert clause(n.Not(adult)).text == "not aged 18 years or over"
    assert clause(n.Earlier(YEAR, adult)).text == "1 year earlier: aged 18 years or over"
    assert clause(n.Surely(adult)).text == "for certain: aged 18 years or over"
    assert clause(n.AtLeast(2, (adult, n.Alive()))).text == "at least 2 of"
    three = clause(n.AllOf((n.AllOf((adult, n.Alive())), n.Alive())))
    assert three.of == (clause(adult), clause(n.Alive()), clause(n.Alive()))


def test_a_digest_tells_measures_apart_and_nothing_else(known: Library) -> None:
    again = library.read(*map(definitions.folder, library.FOLDERS))
    told = {name: digest(one) for name, one in known.measures.items()}
    assert told == {name: digest(one) for name, one in again.measures.items()}
    assert len(set(told.values())) == len(told)
