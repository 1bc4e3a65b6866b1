"""Which number do these words write, and in which words is a number written?

The quantity of a controlled drug is written in words and figures ("twenty eight", "one hundred and twelve
tablets", "two point five ml"). Words that could be read in two ways ("two eight") are refused, never guessed.
"""

from __future__ import annotations

import re
from decimal import Decimal

from pestle.pharmacy.dosage.lexicon import NUMBERS, TENS
from pestle.pharmacy.refusal import Refused, refuse

_UNITS = {word: int(value) for word, value in NUMBERS.items()}
_DIGITS = {word: value for word, value in _UNITS.items() if value < 10}
_TENS = {word: int(value) for word, value in TENS.items()}
_JOINS = frozenset({"hundred", "thousand", "point", "half", "and"})
_SMALL = {value: word for word, value in _UNITS.items()}
_OF_TEN = {value: word for word, value in _TENS.items()}
_NUMBER_WORDS = frozenset(_UNITS) | frozenset(_TENS) | _JOINS


def number_in_words(text: str, *, place: str) -> tuple[Decimal, str]:
    """The number that `text` begins with, below one million, and the words after it (a unit, or nothing).

    Raises `Refused` naming `place`: ``number-words.not-words`` for figures, ``number-words.not-understood``.
    """
    words = re.findall(r"[^\s\-,.()]+", text.casefold())
    if any(character.isdigit() for character in text):
        raise refuse("number-words.not-words", f"“{text}” is not in words only", place=place)
    value, at = _whole(words)
    if at is None:
        raise _not_understood(text, place)
    number = Decimal(value)
    if words[at : at + 1] == ["point"]:
        digits = []
        at += 1
        while at < len(words) and words[at] in _DIGITS:
            digits.append(str(_DIGITS[words[at]]))
            at += 1
        if not digits:
            raise _not_understood(text, place)
        number = Decimal(f"{value}.{''.join(digits)}")
    elif words[at : at + 3] == ["and", "a", "half"]:
        number, at = number + Decimal("0.5"), at + 3
    rest = words[at:]
    if any(word in _NUMBER_WORDS for word in rest):
        raise _not_understood(text, place)
    return number, " ".join(rest)


def words_of(number: Decimal) -> str:
    """A number from nought to below one million in words that `number_in_words` reads back: “twenty eight”,
    “one hundred and twelve”, “two point five”. Raises `ValueError` for any other."""
    whole = int(number)
    if not 0 <= number < 1_000_000:
        raise ValueError(f"{number} is not written in words")
    thousands, rest = divmod(whole, 1000)
    said = [f"{_hundreds(thousands)} thousand"] if thousands else []
    if rest or not thousands:
        said.append(f"and {_hundreds(rest)}" if thousands and rest < 100 else _hundreds(rest))
    part = f"{number - whole:f}".rstrip("0").partition(".")[2]
    if part:
        said.append("point " + " ".join(_SMALL[int(digit)] for digit in part))
    return " ".join(said)


def _hundreds(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    tens, unit = divmod(rest, 10)
    small = _SMALL[rest] if rest < 20 else _OF_TEN[tens * 10] + (f" {_SMALL[unit]}" if unit else "")
    if not hundreds:
        return small
    return f"{_SMALL[hundreds]} hundred" + (f" and {small}" if rest else "")


def _whole(words: list[str]) -> tuple[int, int | None]:
    """The whole number at the start and where it ends; None when there is none."""
    value, at = _below_thousand(words, 0)
    if at is None or words[at : at + 1] != ["thousand"]:
        return value, at
    thousands, at = value * 1000, at + 1
    after = at + 1 if words[at : at + 1] == ["and"] else at
    value, end = _below_thousand(words, after)
    return (thousands + value, end) if end is not None else (thousands, at)


def _below_thousand(words: list[str], at: int) -> tuple[int, int | None]:
    if words[at : at + 1] == ["a"] and words[at + 1 : at + 2] in (["hundred"], ["thousand"]):
        value, end = 1, at + 1
    else:
        value, found = _below_hundred(words, at)
        if found is None:
            return 0, None
        end = found
    if words[end : end + 1] != ["hundred"] or not 0 < value < 10:
        return value, end
    hundreds, end = value * 100, end + 1
    after = end + 1 if words[end : end + 1] == ["and"] else end
    value, found = _below_hundred(words, after)
    return (hundreds + value, found) if found is not None else (hundreds, end)


def _below_hundred(words: list[str], at: int) -> tuple[int, int | None]:
    word = words[at] if at < len(words) else ""
    if word in _UNITS:
        return _UNITS[word], at + 1
    if word not in _TENS:
        return 0, None
    unit = _DIGITS.get(words[at + 1], 0) if at + 1 < len(words) else 0
    return _TENS[word] + unit, at + (2 if unit else 1)


def _not_understood(text: str, place: str) -> Refused:
    return refuse("number-words.not-understood", f"“{text}” cannot be read as one number", place=place)
