"""Where does each thing in a bag lie, what may share a bag, and how are shelves called?"""

from __future__ import annotations

from datetime import date

import pytest

from pestle.pharmacy.dispensary.bag import (
    Item,
    Lying,
    Part,
    controlled_last_day,
    join_refusal,
    label_marks,
    parts_of,
    put_refusal,
    shelf_names,
    take_out_refusal,
)
from pestle.pharmacy.medicines.concept import ControlledDrugCategory as Category
from pestle.pharmacy.refusal import Refusal, Refused

BAG, FRIDGE, CUPBOARD = Part
DAY = date(2026, 12, 3)

# dm+d category (None: not known), kept cold | where it lies, whether its last day is flagged
PARTS = [
    (Category.NONE, False, BAG, False),
    (Category.NONE, True, FRIDGE, False),
    (Category.SCHEDULE_1, False, CUPBOARD, True),
    (Category.SCHEDULE_2, False, CUPBOARD, True),
    (Category.SCHEDULE_2, True, CUPBOARD, True),
    (Category.SCHEDULE_2_EXEMPT_SAFE_CUSTODY, False, BAG, True),
    (Category.SCHEDULE_3_NO_REGISTER, False, CUPBOARD, True),
    (Category.SCHEDULE_3_EXEMPT_SAFE_CUSTODY, False, BAG, True),
    (Category.SCHEDULE_3_EXEMPT_SAFE_CUSTODY, True, FRIDGE, True),
    (Category.SCHEDULE_3_PHENOBARBITAL, False, BAG, True),
    (Category.SCHEDULE_3_TEMAZEPAM, False, CUPBOARD, True),
    (Category.SCHEDULE_4_BENZODIAZEPINE, False, BAG, True),
    (Category.SCHEDULE_5, False, BAG, False),
    (None, False, CUPBOARD, True),
]


@pytest.mark.parametrize(("category", "cold", "part", "flagged"), PARTS)
def test_where_it_lies(category: Category | None, cold: bool, part: Part, flagged: bool) -> None:
    item = Item(category, cold, DAY)
    assert item.part is part
    assert controlled_last_day([item]) == (DAY if flagged else None)


def test_a_bag_has_the_parts_and_the_nearest_day_of_what_is_in_it() -> None:
    some = [
        Item(Category.SCHEDULE_2, False, DAY),
        Item(Category.SCHEDULE_4_BENZODIAZEPINE, False, date(2026, 12, 1)),
        Item(Category.NONE, False, date(2026, 11, 1)),
    ]
    assert parts_of(some) == (BAG, CUPBOARD)
    assert controlled_last_day(some) == date(2026, 12, 1)
    assert parts_of([]) == ()
    assert label_marks((BAG, FRIDGE), last_day="", speak=False) == ("FRIDGE",)
    assert label_marks(tuple(Part), last_day="03-Dec-2026", speak=True) == (
        "FRIDGE", "CD", "CD BY 03-Dec-2026", "SPEAK FIRST",
    )  # fmt: skip


HERE = Lying(1, 7, 2, frozenset({BAG, FRIDGE}))
OTHER = Lying(2, 7, 1, frozenset({BAG}))
OUT = Lying(3, 7, 1, frozenset({BAG}), out="Jo Bloggs")
EMPTY = Lying(4, 7, 0, frozenset())
STRANGER = Lying(5, 8, 1, frozenset({BAG}))

# the bag, the other | what is refused
JOINS = [
    (HERE, OTHER, None),
    (HERE, HERE, "bag.same"),
    (HERE, STRANGER, "bag.other-patient"),
    (HERE, EMPTY, "bag.empty"),
    (HERE, OUT, "bag.out"),
    (OUT, HERE, "bag.out"),
]


@pytest.mark.parametrize(("bag", "other", "rule"), JOINS)
def test_what_may_share_a_bag(bag: Lying, other: Lying, rule: str | None) -> None:
    assert _rule(join_refusal(bag, other)) == rule


# the bag, the kind of shelf | what is refused
PUTS = [
    (HERE, BAG, None),
    (HERE, FRIDGE, None),
    (HERE, CUPBOARD, "bag.wrong-shelf"),
    (OTHER, FRIDGE, "bag.wrong-shelf"),
    (OUT, BAG, "bag.out"),
    (EMPTY, BAG, "bag.empty"),
]


@pytest.mark.parametrize(("bag", "part", "rule"), PUTS)
def test_where_a_part_is_put(bag: Lying, part: Part, rule: str | None) -> None:
    assert _rule(put_refusal(bag, part, shelf="A1")) == rule


def test_only_one_of_several_is_taken_out() -> None:
    assert _rule(take_out_refusal(HERE)) is None
    assert _rule(take_out_refusal(OTHER)) == "bag.only-one"


# typed | the names, or what is refused
NAMES = [
    ("A1..A4", ("A1", "A2", "A3", "A4")),
    ("A 1, FRIDGE 1\nCD", ("A 1", "FRIDGE 1", "CD")),
    ("B08..10, B9..B9", ("B08", "B09", "B10", "B9")),
    ("A1, A1", ("A1",)),
    (" , ", "shelf.none"),
    ("Shelf behind the door", "shelf.name"),
    ("A9..A2", "shelf.run"),
    ("A1..B3", "shelf.run"),
    ("A1..A999", "shelf.run"),
    ("A1..A150, B1..B150", "shelf.too-many"),
]


@pytest.mark.parametrize(("text", "expected"), NAMES)
def test_how_shelves_are_named(text: str, expected: tuple[str, ...] | str) -> None:
    if isinstance(expected, tuple):
        assert shelf_names(text) == expected
        return
    with pytest.raises(Refused) as refused:
        shelf_names(text)
    assert refused.value.rule == expected


def _rule(found: Refusal | None) -> str | None:
    return found.rule if found else None
