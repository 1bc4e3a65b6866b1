"""How often does a rule ask, and how often does it go on all the same?"""

from __future__ import annotations

import pytest

from pestle.pharmacy.checks.burden import Burden, Count, burden
from pestle.pharmacy.checks.finding import RuleId, Severity

STOP, ASK, NOTE = Severity.HARD_STOP, Severity.INTERRUPT, Severity.NOTE
RULE, OTHER = RuleId("allergy", "class", "a.yaml"), RuleId("duplicate", "same-class", "b.yaml")


def test_a_rule_is_counted_over_all_its_severities_and_the_loudest_comes_first() -> None:
    counts = [
        Count(RULE, STOP, STOP, found=3, overridden=1, acted_on=2),
        Count(RULE, ASK, ASK, found=4, overridden=2, answered_before=1, acted_on=1),
        Count(OTHER, ASK, ASK, found=20, overridden=19, answered_before=1),
    ]
    assert burden(counts) == (Burden(OTHER, 20, 19, 1, 0), Burden(RULE, 7, 3, 1, 3))


def test_what_never_asks_is_no_burden() -> None:
    assert burden([Count(RULE, NOTE, NOTE, found=50), Count(RULE, ASK, NOTE, found=9, quiet=9)]) == ()


# overridden, answered before, acted on -> percent overridden, never acted on
RATES = [
    (0, 0, 0, None, False),
    (0, 7, 0, None, False),
    (1, 0, 0, 100, False),
    (0, 0, 1, 0, False),
    (1, 0, 1, 50, False),
    (1, 0, 2, 33, False),
    (2, 0, 1, 67, False),
    (1, 0, 7, 13, False),
    (9, 0, 0, 100, False),
    (10, 0, 0, 100, True),
    (10, 0, 1, 91, False),
    # What an earlier issue answered was not asked anew, and says nothing of this rate.
    (9, 90, 0, 100, False),
]


@pytest.mark.parametrize(("overridden", "before", "acted_on", "percent", "never"), RATES)
def test_rates(overridden: int, before: int, acted_on: int, percent: int | None, never: bool) -> None:
    found = Burden(RULE, overridden + before + acted_on, overridden, before, acted_on)
    assert (found.percent_overridden, found.never_acted_on) == (percent, never)
