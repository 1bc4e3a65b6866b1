"""When a count is settled, who counts again, and when a stock-take may end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pestle.pharmacy.ledger.stock_take import Counted, Verdict, judge, may_count, may_finish

TO_COUNT, RECOUNT, AGREES, DIFFERS = Verdict.TO_COUNT, Verdict.RECOUNT, Verdict.AGREES, Verdict.DIFFERS
TESS, LEON = 1, 2

# (who, found, held then) in order -> where the lot stands
COUNTS: list[tuple[list[tuple[int, int, int]], Verdict]] = [
    ([], TO_COUNT),
    ([(TESS, 28, 28)], AGREES),
    ([(TESS, 27, 28)], RECOUNT),
    ([(TESS, 27, 28), (LEON, 28, 28)], AGREES),  # the first was miscounted
    ([(TESS, 27, 28), (LEON, 27, 28)], DIFFERS),
    ([(TESS, 27, 28), (LEON, 13, 14)], DIFFERS),  # a pack was picked in between: the same difference
    ([(TESS, 27, 28), (LEON, 26, 28)], RECOUNT),
    ([(TESS, 27, 28), (LEON, 26, 28), (TESS, 26, 28)], DIFFERS),
    ([(TESS, 27, 28), (LEON, 26, 28), (TESS, 27, 28)], RECOUNT),  # nobody confirms oneself
    ([(TESS, 0, 0)], AGREES),
]


@pytest.mark.parametrize(("counts", "verdict"), COUNTS)
def test_verdicts(counts: list[tuple[int, int, int]], verdict: Verdict) -> None:
    assert judge([Counted(*count) for count in counts]) is verdict


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3), st.integers(0, 3)), max_size=6))
def test_as_one_who_looks_at_every_pair(counts: list[tuple[int, int, int]]) -> None:
    settled = None
    for n, (who, found, held) in enumerate(counts):
        pairs = [one for one in counts[:n] if one[0] != who and one[1] - one[2] == found - held]
        if settled is None and (found == held or pairs):
            settled = AGREES if found == held else DIFFERS
    assert judge([Counted(*count) for count in counts]) is (settled or (RECOUNT if counts else TO_COUNT))


@pytest.mark.parametrize(
    ("counts", "rule"),
    [
        ([], None),
        ([(TESS, 27, 28)], "stock-take.same-person"),
        ([(LEON, 27, 28)], None),
        ([(TESS, 27, 28), (LEON, 26, 28)], None),
        ([(TESS, 28, 28)], "stock-take.settled"),
        ([(LEON, 28, 28)], "stock-take.settled"),
    ],
)
def test_who_may_count(counts: list[tuple[int, int, int]], rule: str | None) -> None:
    refusal = may_count([Counted(*count) for count in counts], by=TESS)
    assert (refusal.rule if refusal else None) == rule


@pytest.mark.parametrize(
    ("verdicts", "words", "rule"),
    [
        ([AGREES, DIFFERS], "", None),
        ([AGREES, TO_COUNT], "", "stock-take.not-counted"),
        ([AGREES, TO_COUNT], "closing time", None),
        ([RECOUNT, TO_COUNT], "closing time", "stock-take.recount-waits"),
    ],
)
def test_the_end(verdicts: list[Verdict], words: str, rule: str | None) -> None:
    refusal = may_finish(verdicts, words=words)
    assert (refusal.rule if refusal else None) == rule
