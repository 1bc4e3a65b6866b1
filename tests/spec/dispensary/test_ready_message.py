"""Who is told that something is ready, to which number, and in which words?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pestle.pharmacy.dispensary.ready_message import (
    LONGEST,
    ToldBefore,
    Wish,
    mobile,
    offered,
    tell_refusal,
    wish_refusals,
    words_refusals,
)
from pestle.pharmacy.dispensary.uncollected import Way
from pestle.pharmacy.refusal import Refused

# typed | the number, None where no text can go there
NUMBERS = [
    ("07700 900123", "+447700900123"),
    ("+44 7700 900123", "+447700900123"),
    ("0044 7700-900123", "+447700900123"),
    ("07624 900123", "+447624900123"),
    ("+1 202 555 0123", "+12025550123"),
    ("01632 960123", None),
    ("07012 345678", None),
    ("07600 123456", None),
    ("7700 900123", None),
    ("07700 90012", None),
    ("", None),
]


@pytest.mark.parametrize(("typed", "number"), NUMBERS)
def test_where_a_text_can_go(typed: str, number: str | None) -> None:
    if number is not None:
        assert mobile(typed) == number
        return
    with pytest.raises(Refused) as refused:
        mobile(typed)
    assert refused.value.rule == "contact.number"


MEDICINES = ("Furosemide 40mg tablets", "Sodium valproate 500mg gastro-resistant tablets")

# words | what is refused
WORDS = [
    ("Something is ready for you at the pharmacy", []),
    ("Your 40mg tablets are ready", []),
    ("Your FUROSEMIDE is ready", ["ready-message.names-medicine"]),
    ("The valproate has come in", ["ready-message.names-medicine"]),
    ("Ready", ["ready-message.no-words"]),
    ("x" * (LONGEST + 1), ["ready-message.too-long"]),
]


@pytest.mark.parametrize(("words", "rules"), WORDS)
def test_what_a_message_says(words: str, rules: list[str]) -> None:
    assert [each.rule for each in words_refusals(words, medicines=MEDICINES)] == rules


def test_the_words_that_are_offered_are_right() -> None:
    said = offered(pharmacy="High Street Pharmacy", telephone="01632 960123")
    assert said.startswith("High Street Pharmacy: something is ready")
    assert not list(words_refusals(said, medicines=MEDICINES))
    assert "Questions" not in offered(pharmacy="High Street Pharmacy", telephone=" ")


READY = datetime(2026, 11, 2, 10, tzinfo=UTC)
TEXT, LETTER, NEITHER = Wish(Way.TEXT, "+447700900123"), Wish(Way.LETTER), Wish(None)

# what they agreed to, which way, told so many hours after it was ready (None: never) | what is refused
TOLD = [
    (TEXT, Way.TEXT, None, None),
    (TEXT, Way.TEXT, -1, None),
    (TEXT, Way.TEXT, 0, "ready-message.told"),
    (LETTER, Way.LETTER, 1, "ready-message.told"),
    (TEXT, Way.LETTER, None, "ready-message.not-agreed"),
    (NEITHER, Way.TEXT, None, "ready-message.not-agreed"),
    (None, Way.LETTER, None, "ready-message.not-asked"),
]


@pytest.mark.parametrize(("wish", "way", "hours", "rule"), TOLD)
def test_who_is_told_and_once(wish: Wish | None, way: Way, hours: int | None, rule: str | None) -> None:
    before = None if hours is None else ToldBefore(READY + timedelta(hours=hours), way, "Tess Okafor")
    found = tell_refusal(wish, way, ready_at=READY, before=before)
    assert (found.rule if found else None) == rule


def test_a_wish_says_who_agreed() -> None:
    assert not list(wish_refusals(TEXT, told_by="his mother"))
    assert [each.rule for each in wish_refusals(Wish(Way.TELEPHONE), told_by="")] == [
        "contact.way", "contact.no-source",
    ]  # fmt: skip
