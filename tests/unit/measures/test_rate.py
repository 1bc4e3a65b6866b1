"""How sure a rate is, and what of it may leave the site."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pestle.pharmacy.measures.measure import Standing
from pestle.pharmacy.measures.rate import EVERYWHERE, Disclosed, Rate, deciles, disclosed, rates

# R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998),
# 857-872, table I, method 3; from memory.
NEWCOMBE = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
]


@pytest.mark.parametrize(("found", "asked", "low", "high"), NEWCOMBE)
def test_the_published_intervals(found: int, asked: int, low: float, high: float) -> None:
    assert Rate(found, asked).interval == pytest.approx((low, high), abs=0.00006)


def test_nobody_has_no_rate() -> None:
    assert Rate(0, 0).share is None
    assert Rate(0, 0).interval is None


def test_those_found_are_among_those_asked() -> None:
    with pytest.raises(ValueError, match="among"):
        Rate(3, 2)


@pytest.mark.parametrize(
    ("found", "asked", "told"),
    [
        (0, 100, Disclosed(0, 100)),
        (7, 100, Disclosed(None, 100)),
        (8, 100, Disclosed(10, 100)),
        (52, 101, Disclosed(50, 100)),
        (98, 100, Disclosed(None, 100)),  # two who are not found are as few as two who are
        (100, 100, Disclosed(100, 100)),
        (3, 5, Disclosed(None, None)),
        (0, 0, Disclosed(0, 0)),
    ],
)
def test_few_people_are_withheld(found: int, asked: int, told: Disclosed) -> None:
    assert disclosed(Rate(found, asked)) == told


def test_who_has_no_practice_counts_in_the_whole_alone() -> None:
    stand = [
        ("A", Standing.FOUND),
        ("A", Standing.NOT_FOUND),
        ("B", Standing.CANNOT_TELL),
        ("", Standing.FOUND),
    ]
    assert rates(stand) == {EVERYWHERE: Rate(2, 3, 1), "A": Rate(1, 2), "B": Rate(0, 0, 1)}
    assert rates([]) == {EVERYWHERE: Rate(0, 0)}


def test_deciles_lie_between_neighbours() -> None:
    eleven = [Fraction(place, 10) for place in range(11)]
    assert deciles(eleven) == tuple(Fraction(place, 10) for place in range(1, 10))
    assert deciles([Fraction(1), Fraction(0)])[4] == Fraction(1, 2)
    with pytest.raises(ValueError, match="no practices"):
        deciles([])
