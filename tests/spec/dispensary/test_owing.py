"""What may be owed of a line, and what may be promised? Amounts in tablets; promised on day so of November.

The line wants 56. The last day on which it may be supplied is 29 November, and today is the 2nd.
"""

from __future__ import annotations

from datetime import date

import pytest

from pestle.pharmacy.dispensary.owing import Missing, OwingReason, Standing, owing_refusals
from pestle.pharmacy.ledger.base_unit import base_unit
from pestle.pharmacy.quantity import Unit

TABLETS = base_unit(Unit("tablet"))
TODAY, LAST_DAY = date(2026, 11, 2), date(2026, 11, 29)

# has left, in the bag | owed, promised | refused because
TABLE = [
    # Nothing picked yet: a part, or all of it.
    (0, 0, [28], 3, None),
    (0, 0, [56], 3, None),
    (0, 0, [57], 3, "owing.too-much"),
    # A reason for every missing unit: two reasons are two amounts.
    (0, 0, [28, 14], 3, None),
    (0, 0, [28, 29], 3, "owing.too-much"),
    # What is in the bag, or has left already, is not owed.
    (0, 28, [28], 3, None),
    (0, 28, [29], 3, "owing.too-much"),
    (28, 14, [14], 3, None),
    (28, 14, [15], 3, "owing.too-much"),
    (0, 0, [0], 3, "owing.not-positive"),
    # A day is promised: today at the earliest, and no later than it may be supplied.
    (0, 0, [28], None, "owing.no-promise"),
    (0, 0, [28], 1, "owing.promise-past"),
    (0, 0, [28], 2, None),
    (0, 0, [28], 29, None),
    (0, 0, [28], 30, "owing.after-last-day"),
    # Nothing is missing after all.
    (0, 28, [], None, None),
]  # fmt: skip


@pytest.mark.parametrize(("supplied", "bagged", "owed", "promised", "refused"), TABLE)
def test_what_may_be_owed(
    supplied: int, bagged: int, owed: list[int], promised: int | None, refused: str | None
) -> None:
    found = owing_refusals(
        Standing(56, supplied=supplied, bagged=bagged),
        [Missing(amount, OwingReason.WHOLESALER) for amount in owed],
        promised_on=date(2026, 11, promised) if promised else None,
        on=TODAY,
        last_day=LAST_DAY,
        base=TABLETS,
    )
    assert [refusal.rule for refusal in found] == ([refused] if refused else [])


# wanted, has left, in the bag, owed | not had yet, leaves this time, still to pick
STANDS = [
    (56, 0, 0, 0, 56, 56, 56),
    (56, 0, 28, 0, 56, 56, 28),
    (56, 0, 28, 28, 56, 28, 0),
    (56, 28, 0, 28, 28, 0, 0),
    (56, 28, 0, 0, 28, 28, 28),
    (56, 56, 0, 0, 0, 0, 0),
]


@pytest.mark.parametrize(("wanted", "supplied", "bagged", "owed", "rest", "this_time", "missing"), STANDS)
def test_where_a_line_stands(
    wanted: int, supplied: int, bagged: int, owed: int, rest: int, this_time: int, missing: int
) -> None:
    stands = Standing(wanted, supplied, bagged, owed)
    assert (stands.rest, stands.this_time, stands.missing) == (rest, this_time, missing)


@pytest.mark.parametrize("parts", [(57, 0, 0), (28, 28, 1), (-1, 0, 0), (0, 0, -1)])
def test_a_line_never_stands_at_more_than_it_wants(parts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="of 56"):
        Standing(56, *parts)
