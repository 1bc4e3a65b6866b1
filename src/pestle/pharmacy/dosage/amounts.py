"""Which amount do these words write: one number or a range, of which unit?

Read: ``2``, ``ONE``, ``EIGHT (8)``, ``1-2``, ``one or two``, ``half a tablet``, ``one and a half``,
``1½``, ``1/2 tablet``, ``4 to 5 ml``, ``500 milligram to 1 gram``, ``2 x 5ml spoonful``.
Two numbers side by side, or a half beside a number, can be read in two ways and are refused.

Source: NHS England dosage_instructions 506c0d40 (MIT, 2026), ambiguity tests.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from pestle.pharmacy.dosage.lexicon import Kind
from pestle.pharmacy.dosage.tokens import Lexeme
from pestle.pharmacy.dosage.units import COUNTED, MASS


class TwoWays(Exception):  # noqa: N818 - what is raised is said in the text's own terms
    """The text cannot be read in exactly one safe way; `rule` is the name of the refusal."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason


class Amount(NamedTuple):
    """From `low` to `high` of `unit` (None when no unit is said). `spaced`: the dash between had spaces."""

    low: Decimal | None
    high: Decimal | None
    unit: str | None = None
    low_unit: str | None = None
    spaced: bool = False
    fraction: bool = False

    def only_up_to(self) -> Amount:
        """The same upper end, and no lower one."""
        return self._replace(low=None)


_COUNTED = frozenset(COUNTED)
_JOINS = frozenset({Kind.OR, Kind.TO, Kind.DASH})
_NUMBERS = frozenset({Kind.NUMBER, Kind.FRACTION})


def amount_at(words: list[Lexeme], kinds: list[Kind], index: int) -> tuple[Amount, int] | None:
    """The amount that begins at `index` and where it ends; None where none begins. Raises `TwoWays`.

    `kinds` are the kinds of the words, and behind them `Kind.STOP` as often as is looked ahead.
    """
    if kinds[index] is Kind.NUMBER:
        plain = _plain(words, kinds, index)
        if plain is not None:
            return plain
    first = _one(words, kinds, index)
    if first is None:
        return None
    low, after, fraction = first
    low_unit, unit_end = _unit(words, kinds, after)
    join = kinds[unit_end]
    tight = join is Kind.DASH and words[unit_end].glued and _glued(words, unit_end + 1)
    if tight and not fraction and kinds[unit_end + 1] is Kind.FRACTION:
        mixed = _hyphened(words, kinds, low, index, unit_end + 1)
        if mixed is not None:
            return mixed
    spaced = join is Kind.DASH and not tight
    joined = join in _JOINS and not (
        spaced and low_unit is not None and not _same_unit(words, kinds, unit_end)
    )
    second = _one(words, kinds, unit_end + 1) if joined else None
    if second is None:
        unit, after = (low_unit, unit_end) if low_unit else (None, after)
        _beside(words, kinds, index, after, unit)
        return _sized(words, kinds, Amount(low, low, unit, fraction=fraction), after)
    high, after, _ = second
    unit, unit_end = _unit(words, kinds, after)
    after = unit_end if unit else after
    if spaced and low_unit is None and (fraction or unit in MASS or kinds[after] is Kind.TIMES):
        raise TwoWays("dosage.two-readings", "two numbers with a dash between may be a range or two things")
    if low_unit is not None and unit is None:
        raise TwoWays("dosage.two-readings", "only the first number of the range has a unit")
    if unit is None and kinds[after] in _JOINS and kinds[after + 1] in _NUMBERS:
        raise TwoWays(
            "dosage.two-readings", "three numbers stand in a row, and which two are the range is not clear"
        )
    if low_unit in (None, unit) and low > high:
        raise TwoWays("dosage.range-reversed", f"the range runs from the higher, {low}, to the lower, {high}")
    _beside(words, kinds, index, after, unit)
    different = low_unit if low_unit != unit else None
    return _sized(words, kinds, Amount(low, high, unit, different, spaced), after)


def _hyphened(
    words: list[Lexeme], kinds: list[Kind], whole: Decimal, index: int, at: int
) -> tuple[Amount, int] | None:
    """“1-1/2 tablets” is one and a half, and “one-half tablet” a half, where a unit follows."""
    if kinds[at + 1] is not Kind.UNIT:
        return None
    value = _value(words[at])
    if words[at].digits and words[index].digits and value < 1 <= whole:
        value += whole
    elif words[at].digits or words[index].digits or whole != 1:
        return None
    return Amount(value, value, str(words[at + 1].value), fraction=value < 1), at + 2


def _same_unit(words: list[Lexeme], kinds: list[Kind], dash: int) -> bool:
    """“10ml - 15ml”, “500mg - 1g”: whether the same kind of unit stands on both sides of a spaced dash."""
    if kinds[dash + 1] is not Kind.NUMBER or kinds[dash + 2] is not Kind.UNIT:
        return False
    one, other = words[dash - 1].value, words[dash + 2].value
    rises = one != other or str(words[dash - 2].value) != str(words[dash + 1].value)
    return rises and (one == other or (one in MASS and other in MASS))


# What neither joins a number nor can be part of its amount.
_QUIET = frozenset({
    Kind.PERIOD, Kind.TIMES, Kind.PASSIVE, Kind.LATIN, Kind.EVERY, Kind.MULTIPLE, Kind.WHEN, Kind.AS_NEEDED,
    Kind.ROUTE, Kind.ADVERB, Kind.SITE, Kind.ALTERNATE,
})  # fmt: skip


def _plain(words: list[Lexeme], kinds: list[Kind], index: int) -> tuple[Amount, int] | None:
    """The commonest amounts, “1” and “2 tablets”, where nothing beside them can be read otherwise."""
    value = words[index].value
    assert isinstance(value, Decimal)
    if kinds[index + 1] in _QUIET:
        return Amount(value, value), index + 1
    if kinds[index + 1] is Kind.UNIT and kinds[index + 2] in _QUIET:
        unit = words[index + 1]
        if unit.value in _COUNTED and not unit.glued:
            return Amount(value, value, str(unit.value)), index + 2
    return None


def _one(words: list[Lexeme], kinds: list[Kind], index: int) -> tuple[Decimal, int, bool] | None:
    """One number, where it ends, and whether it is a bare half or quarter."""
    kind = kinds[index]
    if kind is Kind.FRACTION:
        return _fraction(words, kinds, index)
    if kind is not Kind.NUMBER:
        return None
    value = words[index].value
    assert isinstance(value, Decimal)
    after = index + 1
    if kinds[after] is Kind.NUMBER and words[after].value == value and _in_both(words, kinds, index):
        after += 1
    if kinds[after] is Kind.FRACTION:
        if not (words[after].glued and words[after].digits):
            raise TwoWays("dosage.two-readings", "a half or quarter stands beside a number")
        return value + _value(words[after]), after + 1, False
    if kinds[after] in (Kind.AND_A, Kind.AND) and kinds[after + 1] is Kind.FRACTION:
        end = after + 2
        if kinds[end] is Kind.OF and kinds[end + 1] is Kind.PER:
            end += 2
        elif kinds[end] is Kind.PER and kinds[end + 1] is Kind.UNIT:
            end += 1
        return value + _value(words[after + 1]), end, False
    if kinds[after] is Kind.OPEN and kinds[after + 1] is Kind.NUMBER:
        if kinds[after + 2] is not Kind.CLOSE or words[after + 1].value != value:
            raise TwoWays("dosage.two-readings", "the number in words and the number in brackets differ")
        after += 3
    if kinds[after] is Kind.SLASH and kinds[after + 1] is Kind.NUMBER:
        raise TwoWays("dosage.two-readings", "a stroke between numbers may be a fraction or a choice")
    return value, after, False


def _in_both(words: list[Lexeme], kinds: list[Kind], index: int) -> bool:
    """“2 two times”, “two 2 times”, “1 one tablet”: whether the number is said in figures and in words."""
    if words[index].digits:
        return words[index + 1].text.isalpha() and not words[index + 1].glued
    return words[index + 1].digits and kinds[index + 2] in (Kind.TIMES, Kind.PERIOD)


def _fraction(words: list[Lexeme], kinds: list[Kind], index: int) -> tuple[Decimal, int, bool]:
    """“half”, “half a tablet”, “half of one tablet”; “half one” and “half of two” are refused."""
    after = index + 1
    if "/" in words[index].text:
        return _stroke(words, kinds, index)
    if kinds[after] is Kind.PER and kinds[after + 1] is Kind.PERIOD:
        raise TwoWays("dosage.two-readings", "half or a quarter of a time may be a time or an amount")
    of = kinds[after] is Kind.OF
    after += of
    if kinds[after] is Kind.NUMBER:
        if not (of and words[after].value == 1):
            raise TwoWays("dosage.two-readings", "a half or quarter stands beside a number")
        after += 1
    elif kinds[after] is Kind.PER and kinds[after + 1] is Kind.UNIT:
        after += 1
    elif of:
        raise TwoWays("dosage.two-readings", "half or a quarter of what is not said")
    return _value(words[index]), after, True


def _stroke(words: list[Lexeme], kinds: list[Kind], index: int) -> tuple[Decimal, int, bool]:
    """“1/2 tablet”, “1 1/2 tablets”; “1/2 tablets” and a bare “1/2” may be 1 or 2."""
    after = index + 1
    if kinds[after] is Kind.PER and kinds[after + 1] is Kind.UNIT:
        return _value(words[index]), after + 1, True
    unit = after
    if kinds[after] in _JOINS and kinds[after + 1] is Kind.NUMBER:
        unit = after + 2
    if kinds[unit] is Kind.UNIT:
        singular = not words[unit].text.casefold().endswith("s")
        if singular or " " in words[index].text:
            return _value(words[index]), after, True
    raise TwoWays("dosage.two-readings", "a stroke between numbers may be a fraction or a choice")


def _unit(words: list[Lexeme], kinds: list[Kind], index: int) -> tuple[str | None, int]:
    """A unit, where it ends; ``5ml spoonful`` after a count is one unit."""
    if kinds[index] is Kind.BY or kinds[index] is Kind.NUMBER:
        at = index + (kinds[index] is Kind.BY)
        size, ml, spoon = kinds[at], kinds[at + 1], kinds[at + 2]
        sized = size is Kind.NUMBER and ml is spoon is Kind.UNIT
        if sized and (words[at + 1].value, words[at + 2].value) == ("ml", "spoonful"):
            beside = at == index and words[index].digits and words[index - 1].digits
            if beside or words[at].text.startswith("."):
                raise TwoWays("dosage.two-readings", "two numbers in figures stand side by side")
            return f"{words[at].value}ml spoonful", at + 3
        return None, index
    if kinds[index] is not Kind.UNIT:
        return None, index
    unit = str(words[index].value)
    if words[index].glued and unit in COUNTED and words[index - 1].digits:
        raise TwoWays("dosage.two-readings", f"a number stands in one word with “{words[index].text}”")
    return unit, index + 1


def _beside(words: list[Lexeme], kinds: list[Kind], index: int, after: int, unit: str | None) -> None:
    """Refuses an amount with another number or unit right beside it."""
    following = kinds[after]
    if unit is not None:
        if following is Kind.UNIT and not (unit == "ml" and words[after].value == "spoonful"):
            raise TwoWays("dosage.two-readings", "an amount stands beside a form: a dose, or a strength")
        if (
            following is Kind.OPEN
            and kinds[after + 1] is Kind.NUMBER
            and not said_again(words, kinds, unit, after)
        ):
            raise TwoWays(
                "dosage.two-readings", "a second amount in brackets may be the dose or the strength"
            )
        return
    if following is Kind.BY and kinds[after + 1] in _NUMBERS:
        raise TwoWays("dosage.two-readings", "“x” between amounts can be read in two ways")
    if following not in _NUMBERS:
        return
    if all(word.digits for word in (words[after - 1], words[after])):
        raise TwoWays("dosage.two-readings", "two numbers in figures stand side by side")


def said_again(words: list[Lexeme], kinds: list[Kind], unit: str, at: int) -> bool:
    """Whether the bracket says the dose again: “(20 mg total)”, or the millilitres of a spoonful."""
    if kinds[at + 2] is not Kind.UNIT:
        return False
    inside = words[at + 2].value
    if kinds[at + 3] is Kind.UNKNOWN and words[at + 3].text.casefold() == "total":
        return kinds[at + 4] is Kind.CLOSE and unit in _COUNTED
    return kinds[at + 3] is Kind.CLOSE and (unit, inside) in _SPOON_AND_ML


_SPOON_AND_ML = frozenset(
    pair for spoon in ("teaspoonful", "tablespoonful", "spoonful") for pair in ((spoon, "ml"), ("ml", spoon))
)


def _sized(words: list[Lexeme], kinds: list[Kind], amount: Amount, after: int) -> tuple[Amount, int]:
    """“5ml spoonful” without a count is 5 ml; a spoonful of no size is refused."""
    if amount.unit == "spoonful":
        raise TwoWays("dosage.two-readings", "the size of the spoonful is not said")
    if amount.unit == "ml" and kinds[after] is Kind.UNIT and words[after].value == "spoonful":
        return amount, after + 1
    return amount, after


def _glued(words: list[Lexeme], index: int) -> bool:
    return index < len(words) and words[index].glued


def _value(word: Lexeme) -> Decimal:
    assert isinstance(word.value, Decimal)
    return word.value


def whole(value: Decimal | None) -> int | None:
    """A number of times; raises for what is none."""
    if value is None:
        return None
    if value < 1:
        raise TwoWays("dosage.nothing-at-once", f"“{value} times” is no number of times")
    if value != value.to_integral_value() or value > 1000:
        raise TwoWays("dosage.two-readings", f"“{value} times” is no number of times")
    return int(value)
