"""The pairing of two lists is the best there is, told by trying them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.practice.reconciliation.assignment import best

PLACES = st.tuples(st.integers(0, 4), st.integers(0, 4))
WEIGHTS = st.dictionaries(PLACES, st.integers(1, 40), max_size=14)


def every(pairs: list[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], ...]]:
    """Every set of pairs in which no line is twice."""
    if not pairs:
        yield ()
        return
    (row, column), *rest = pairs
    yield from every(rest)
    for others in every([each for each in rest if each[0] != row and each[1] != column]):
        yield ((row, column), *others)


def total(pairs: tuple[tuple[int, int], ...], weights: Mapping[tuple[int, int], int]) -> int:
    return sum(weights[each] for each in pairs)


@given(WEIGHTS)
def test_no_other_pairing_weighs_more(weights: dict[tuple[int, int], int]) -> None:
    found = best(weights)
    assert len({row for row, _ in found}) == len({column for _, column in found}) == len(found)
    assert total(found, weights) == max(total(each, weights) for each in every(sorted(weights)))


@given(WEIGHTS)
def test_the_same_weights_give_the_same_pairs(weights: dict[tuple[int, int], int]) -> None:
    assert best(weights) == best(dict(reversed(weights.items())))
