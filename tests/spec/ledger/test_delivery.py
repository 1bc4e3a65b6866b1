"""Which line a pack belongs to, and what is asked before it comes in."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from pestle.pharmacy.ledger.delivery import Ordered, line_for, may_come_in
from pestle.pharmacy.medicines.concept import Pack
from pestle.pharmacy.medicines.expiry import Expiry
from pestle.pharmacy.quantity import Unit

TODAY = date(2026, 11, 2)
A = Pack("a", "x", "Furosemide 40mg tablets, 28", Decimal(28), Unit("tablet"))
OTHER_MAKER, OTHER_SIZE = replace(A, id="b"), replace(A, id="c", quantity=Decimal(56))
LINE = Ordered(1, A, "furosemide", 3, 1)


@pytest.mark.parametrize(
    ("pack", "generic", "line"),
    [
        (A, "furosemide", 1),
        (OTHER_MAKER, "furosemide", 1),
        (OTHER_SIZE, "furosemide", None),
        (OTHER_MAKER, "bumetanide", None),
    ],
)
def test_the_line_of_a_pack(pack: Pack, generic: str, line: int | None) -> None:
    found = line_for(pack, generic, [LINE])
    assert (found.line if found else None) == line


def test_of_two_lines_the_one_that_wants_most() -> None:
    more = replace(LINE, line=2, pack=replace(A, id="z"), packs=9)
    found = line_for(OTHER_MAKER, "furosemide", [LINE, more])
    assert found == more


def _in(days: int) -> Expiry:
    day = TODAY + timedelta(days=days)
    return Expiry(day.year, day.month, day.day)


# packs, days of life, accepted -> asked
DELIVERIES: list[tuple[int, int, list[str], list[str]]] = [
    (2, 400, [], []),
    (1, 90, [], []),
    (3, 400, [], ["order.more-than-ordered"]),
    (3, 400, ["order.more-than-ordered"], []),
    (1, 89, [], ["order.short-dated"]),
    (1, 0, [], ["order.short-dated"]),
    (1, -1, [], []),  # expired is refused by its own name
    (3, 10, [], ["order.more-than-ordered", "order.short-dated"]),
    (3, 10, ["order.short-dated"], ["order.more-than-ordered"]),
]


@pytest.mark.parametrize(("packs", "days", "accepted", "asked"), DELIVERIES)
def test_what_is_asked(packs: int, days: int, accepted: list[str], asked: list[str]) -> None:
    found = may_come_in(LINE, packs, _in(days), on=TODAY, accepted=dict.fromkeys(accepted, True))
    assert [one.rule for one in found] == asked
