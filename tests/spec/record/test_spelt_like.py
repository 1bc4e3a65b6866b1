"""A name that was typed or heard a little wrong: who may be meant, and who may not?"""

from __future__ import annotations

import pytest

from pestle.pharmacy.record.spelt_like import spelt_like

NAMES = {
    1: "macdonald hamish 9990000001",
    2: "mcdonald fiona 9990000002",
    3: "okonkwo ada 9990000003",
    4: "featherstonehaugh wolfeschlegelstein maximilian 9990000004",
    5: "smith ann",
    6: "smyth john",
    7: "li wei",
}

# typed -> who is offered, the nearest first
TYPED = [
    ("mcdonald", [2, 1]),
    ("okonko", [3]),
    ("okonkwo aba", []),
    ("konkwo", [3]),
    ("okonkow", [3]),
    ("fetherstonehaugh max", [4]),
    ("smith", [5, 6]),
    ("smiht", [5]),
    ("smith jhon", [6]),
    ("smith hamish", []),
    ("lee", []),
    ("9990000031", []),
    ("9990000003", [3]),
    ("", []),
]


@pytest.mark.parametrize(("typed", "offered"), TYPED)
def test_who_may_be_meant(typed: str, offered: list[int]) -> None:
    assert spelt_like(typed.split(), NAMES.items(), most=9) == offered


def test_no_more_than_were_asked_for() -> None:
    assert spelt_like(["smith"], NAMES.items(), most=1) == [5]
