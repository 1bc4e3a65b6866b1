"""Which number do these words write, and which words a number? What can be read in two ways is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pestle.pharmacy.checks.number_words import number_in_words, words_of
from pestle.pharmacy.refusal import Refused

READ = [
    ("twenty eight", "28", ""),
    ("Twenty-Eight", "28", ""),
    ("seven", "7", ""),
    ("zero", "0", ""),
    ("nineteen tablets", "19", "tablets"),
    ("one hundred", "100", ""),
    ("a hundred", "100", ""),
    ("one hundred and twelve", "112", ""),
    ("one hundred twelve tablets", "112", "tablets"),
    ("nine hundred and ninety-nine", "999", ""),
    ("one thousand", "1000", ""),
    ("one thousand and five ml", "1005", "ml"),
    ("two hundred thousand", "200000", ""),
    ("twelve thousand, three hundred and forty-five", "12345", ""),
    ("two point five ml", "2.5", "ml"),
    ("zero point two five", "0.25", ""),
    ("one and a half tablets", "1.5", "tablets"),
    ("five oral syringes", "5", "oral syringes"),
]
REFUSED = [
    ("", "number-words.not-understood"),
    ("tablets", "number-words.not-understood"),
    ("28", "number-words.not-words"),
    ("twenty 8", "number-words.not-words"),
    ("twenty eight (28)", "number-words.not-words"),
    ("two eight", "number-words.not-understood"),
    ("twenty twelve", "number-words.not-understood"),
    ("eight twenty", "number-words.not-understood"),
    ("twenty hundred", "number-words.not-understood"),
    ("two point", "number-words.not-understood"),
    ("half", "number-words.not-understood"),
    ("two packs of fourteen", "number-words.not-understood"),
    ("twenty eight and seven", "number-words.not-understood"),
    ("one hundred hundred", "number-words.not-understood"),
    ("one thousand thousand", "number-words.not-understood"),
    ("twentyeight", "number-words.not-understood"),
]


@pytest.mark.parametrize(("text", "number", "rest"), READ)
def test_read(text: str, number: str, rest: str) -> None:
    assert number_in_words(text, place="quantity") == (Decimal(number), rest)


@pytest.mark.parametrize(("text", "rule"), REFUSED)
def test_refused(text: str, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        number_in_words(text, place="quantity")
    assert refused.value.rule == rule
    assert refused.value.refusals[0].place == "quantity"


# a number -> its words, as a prescription for a controlled drug has them
WRITTEN = [
    ("28", "twenty eight"),
    ("0", "zero"),
    ("100", "one hundred"),
    ("112", "one hundred and twelve"),
    ("1005", "one thousand and five"),
    ("12345", "twelve thousand three hundred and forty five"),
    ("2.50", "two point five"),
    ("0.25", "zero point two five"),
]


@pytest.mark.parametrize(("number", "words"), WRITTEN)
def test_a_number_in_words(number: str, words: str) -> None:
    assert words_of(Decimal(number)) == words


def test_every_number_is_read_back_as_it_was_written() -> None:
    for number in (*range(2000), *range(2000, 1_000_000, 997)):
        for written in (Decimal(number), Decimal(f"{number}.5")):
            assert number_in_words(words_of(written), place="words") == (written, "")


@pytest.mark.parametrize("number", ["-1", "1000000"])
def test_what_is_no_such_number_has_no_words(number: str) -> None:
    with pytest.raises(ValueError, match="not written in words"):
        words_of(Decimal(number))
