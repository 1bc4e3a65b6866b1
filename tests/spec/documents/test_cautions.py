"""Which words a label number prints. A pharmacist can check this table against the formulary."""

from pathlib import Path

import pytest

import pestle
from pestle.pharmacy.documents.cautions import Placement, cautions, read_wordings
from pestle.pharmacy.refusal import Refused

WORDINGS = read_wordings(Path(pestle.__file__).parent / "definitions" / "labels" / "cautionary.yaml")

ALONE = Placement.SEPARATE
IN_DIRECTIONS = Placement.IN_DIRECTIONS

PRINTED = [
    (1, ALONE, "This can make you sleepy."),
    (2, ALONE, "This can make you sleepy: if it does, do not drive or use machines. No alcohol."),
    (3, ALONE, "This can make you sleepy: if it does, do not drive or use machines."),
    (4, ALONE, "Do not drink alcohol."),
    (5, ALONE, "Leave 2 hours between this and indigestion remedies."),
    (6, ALONE, "Leave 2 hours between this and indigestion remedies, iron or zinc."),
    (7, ALONE, "Leave 2 hours between this and milk, indigestion remedies, iron or zinc."),
    (8, ALONE, "Do not stop this unless your prescriber says so."),
    (9, ALONE, "Space the doses evenly and finish the course."),
    (12, ALONE, "Do not take anything containing aspirin with this."),
    (21, IN_DIRECTIONS, "Take with or just after food."),
    (23, IN_DIRECTIONS, "Take on an empty stomach: 1 hour before food or 2 hours after."),
    (25, IN_DIRECTIONS, "Swallow whole: do not chew or crush."),
    (28, IN_DIRECTIONS, "Spread thinly."),
    (29, ALONE, "No more than 2 at once, and no more than 8 in 24 hours."),
    (32, ALONE, "Contains aspirin: take nothing else with aspirin."),
]


@pytest.mark.parametrize(("number", "placement", "words"), PRINTED)
def test_wording(number: int, placement: Placement, words: str) -> None:
    (caution,) = cautions([number], wordings=WORDINGS)
    assert (caution.number, caution.placement, caution.text) == (number, placement, words)


def test_the_numbers_are_those_of_the_formulary_and_in_their_place() -> None:
    alone = {n for n, c in WORDINGS.by_number.items() if c.placement is ALONE}
    assert alone == {*range(1, 20), 29, 30, 32}
    assert WORDINGS.by_number.keys() - alone == {*range(21, 29)}
    assert WORDINGS.withdrawn.keys() == {20, 31, 33}


def test_own_wording_is_not_verified_until_a_pharmacist_has_compared_it() -> None:
    assert not WORDINGS.source.verified
    assert WORDINGS.source.next_review is not None


def test_all_in_the_order_given_each_once() -> None:
    assert [c.number for c in cautions([9, 2, 25, 9], wordings=WORDINGS)] == [9, 2, 25]


@pytest.mark.parametrize(
    ("number", "figures", "words"),
    [
        (17, ["6 tablets"], "No more than 6 tablets in 24 hours."),
        (
            18,
            ["3 tablets", "6 tablets"],
            "No more than 3 tablets in 24 hours, and no more than 6 tablets in a week.",
        ),
    ],
)
def test_wordings_with_figures(number: int, figures: list[str], words: str) -> None:
    (caution,) = cautions([number], wordings=WORDINGS, figures={number: figures})
    assert caution.text == words


@pytest.mark.parametrize(
    ("number", "figures", "rule"),
    [
        (0, [], "caution.unknown-number"),
        (34, [], "caution.unknown-number"),
        (20, [], "caution.withdrawn-number"),
        (31, [], "caution.withdrawn-number"),
        (17, [], "caution.needs-figures"),
        (18, ["3 tablets"], "caution.needs-figures"),
        (18, ["3 tablets", " "], "caution.needs-figures"),
        (4, ["6 tablets"], "caution.needs-figures"),
    ],
)
def test_no_number_is_left_out_silently(number: int, figures: list[str], rule: str) -> None:
    with pytest.raises(Refused) as refused:
        cautions([number], wordings=WORDINGS, figures={number: figures})
    assert refused.value.rule == rule
