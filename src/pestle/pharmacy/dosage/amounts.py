"""Which amount do these words write: one number or a range, of which unit?

Read: ``2``, ``ONE``, ``EIGHT (8)``, ``1-2``, ``one or two``, ``half a tablet``, ``one and a half``,
``1½``, ``4 to 5 ml``, ``500 milligram to 1 gram``, ``2 x 5ml spoonful``. Two numbers side by side, or a
half beside a number, can be read in two ways and are refused.

Source: NHS England dosage_instructions 506c0d40 (MIT, 2026), ambiguity tests.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from pestle.pharmacy.dosage.lexicon import COUNTED, MASS, Kind
from pestle.pharmacy.dosage.tokens import Lexeme


class TwoWays(Exception):  # noqa: N818 - what is raised is said in the text's own terms
    """The text cannot be read in exactly one safe way; `rule` is the name of the refusal."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Amount:
    """From `low` to `high` of `unit` (None when no unit is said). `spaced`: the dash between had spaces."""

    low: Decimal | None
    high: Decimal | None
    unit: str | None = None
    low_unit: str | None = None
    spaced: bool = False
    fraction: bool = False

    def only_up_to(self) -> Amount:
        """The same upper end, and no lower one."""
        return replace(self, low=None)


_JOINS = frozenset({Kind.OR, Kind.TO, Kind.DASH})
_NUMBERS = frozenset({Kind.NUMBER, Kind.FRACTION})


def amount_at(words: list[Lexeme], index: int) -> tuple[Amount, int] | None:
    """The amount that begins at `index` and where it ends; None where none begins. Raises `TwoWays`."""
    first = _one(words, index)
    if first is None:
        return None
    low, after, fraction = first
    low_unit, unit_end = _unit(words, after)
    join = _kind(words, unit_end)
    tight = join is Kind.DASH and words[unit_end].glued and _glued(words, unit_end + 1)
    spaced = join is Kind.DASH and not tight
    joined = join in _JOINS and not (spaced and low_unit is not None)
    second = _one(words, unit_end + 1) if joined else None
    if second is None:
        unit, after = (low_unit, unit_end) if low_unit else (None, after)
        _beside(words, index, after, unit)
        return _sized(words, Amount(low, low, unit, fraction=fraction), after)
    high, after, _ = second
    unit, unit_end = _unit(words, after)
    after = unit_end if unit else after
    if spaced and (fraction or unit in MASS or _kind(words, after) is Kind.TIMES):
        raise TwoWays("dosage.two-readings", "two numbers with a dash between may be a range or two things")
    if low_unit is not None and unit is None:
        raise TwoWays("dosage.two-readings", "only the first number of the range has a unit")
    if unit is None and _kind(words, after) in _JOINS and _kind(words, after + 1) in _NUMBERS:
        raise TwoWays(
            "dosage.two-readings", "three numbers stand in a row, and which two are the range is not clear"
        )
    if low_unit in (None, unit) and low > high:
        raise TwoWays("dosage.range-reversed", f"the range runs from the higher, {low}, to the lower, {high}")
    _beside(words, index, after, unit)
    different = low_unit if low_unit != unit else None
    return _sized(words, Amount(low, high, unit, different, spaced), after)


def _one(words: list[Lexeme], index: int) -> tuple[Decimal, int, bool] | None:
    """One number, where it ends, and whether it is a bare half or quarter."""
    kind = _kind(words, index)
    if kind is Kind.FRACTION:
        return _fraction(words, index)
    if kind is not Kind.NUMBER:
        return None
    value = words[index].value
    assert isinstance(value, Decimal)
    after = index + 1
    if _kind(words, after) is Kind.FRACTION:
        if not (words[after].glued and words[after].digits):
            raise TwoWays("dosage.two-readings", "a half or quarter stands beside a number")
        return value + _value(words[after]), after + 1, False
    if _kind(words, after) in (Kind.AND_A, Kind.AND) and _kind(words, after + 1) is Kind.FRACTION:
        end = after + 2
        if _kind(words, end) is Kind.OF and _kind(words, end + 1) is Kind.PER:
            end += 2
        elif _kind(words, end) is Kind.PER and _kind(words, end + 1) is Kind.UNIT:
            end += 1
        return value + _value(words[after + 1]), end, False
    if _kind(words, after) is Kind.OPEN and _kind(words, after + 1) is Kind.NUMBER:
        if _kind(words, after + 2) is not Kind.CLOSE or words[after + 1].value != value:
            raise TwoWays("dosage.two-readings", "the number in words and the number in brackets differ")
        after += 3
    if _kind(words, after) is Kind.SLASH and _kind(words, after + 1) is Kind.NUMBER:
        raise TwoWays("dosage.two-readings", "a stroke between numbers may be a fraction or a choice")
    return value, after, False


def _fraction(words: list[Lexeme], index: int) -> tuple[Decimal, int, bool]:
    """“half”, “half a tablet”, “half of one tablet”; “half one” and “half of two” are refused."""
    after = index + 1
    of = _kind(words, after) is Kind.OF
    after += of
    if _kind(words, after) is Kind.NUMBER:
        if not (of and words[after].value == 1):
            raise TwoWays("dosage.two-readings", "a half or quarter stands beside a number")
        after += 1
    elif _kind(words, after) is Kind.PER and _kind(words, after + 1) is Kind.UNIT:
        after += 1
    elif of:
        raise TwoWays("dosage.two-readings", "half or a quarter of what is not said")
    return _value(words[index]), after, True


def _unit(words: list[Lexeme], index: int) -> tuple[str | None, int]:
    """A unit, where it ends; ``5ml spoonful`` after a count is one unit."""
    if _kind(words, index) is Kind.BY or _kind(words, index) is Kind.NUMBER:
        at = index + (_kind(words, index) is Kind.BY)
        size, ml, spoon = _kind(words, at), _kind(words, at + 1), _kind(words, at + 2)
        sized = size is Kind.NUMBER and ml is spoon is Kind.UNIT
        if sized and (words[at + 1].value, words[at + 2].value) == ("ml", "spoonful"):
            beside = at == index and words[index].digits and words[index - 1].digits
            if beside or words[at].text.startswith("."):
                raise TwoWays("dosage.two-readings", "two numbers in figures stand side by side")
            return f"{words[at].value}ml spoonful", at + 3
        return None, index
    if _kind(words, index) is not Kind.UNIT:
        return None, index
    unit = str(words[index].value)
    if words[index].glued and unit in COUNTED and words[index - 1].digits:
        raise TwoWays("dosage.two-readings", f"a number stands in one word with “{words[index].text}”")
    return unit, index + 1


def _beside(words: list[Lexeme], index: int, after: int, unit: str | None) -> None:
    """Refuses an amount with another number or unit right beside it."""
    following = _kind(words, after)
    if unit is not None:
        if following is Kind.UNIT and not (unit == "ml" and words[after].value == "spoonful"):
            raise TwoWays("dosage.two-readings", "an amount stands beside a form: a dose, or a strength")
        if following is Kind.OPEN and _kind(words, after + 1) is Kind.NUMBER:
            raise TwoWays(
                "dosage.two-readings", "a second amount in brackets may be the dose or the strength"
            )
        return
    if following is Kind.BY:
        raise TwoWays("dosage.two-readings", "“x” between amounts can be read in two ways")
    if following not in _NUMBERS:
        return
    if all(word.digits for word in (words[after - 1], words[after])):
        raise TwoWays("dosage.two-readings", "two numbers in figures stand side by side")


def _sized(words: list[Lexeme], amount: Amount, after: int) -> tuple[Amount, int]:
    """“5ml spoonful” without a count is 5 ml; a spoonful of no size is refused."""
    if amount.unit == "spoonful":
        raise TwoWays("dosage.two-readings", "the size of the spoonful is not said")
    if amount.unit == "ml" and _kind(words, after) is Kind.UNIT and words[after].value == "spoonful":
        return amount, after + 1
    return amount, after


def _kind(words: list[Lexeme], index: int) -> Kind:
    return words[index].kind if 0 <= index < len(words) else Kind.STOP


def _glued(words: list[Lexeme], index: int) -> bool:
    return index < len(words) and words[index].glued


def _value(word: Lexeme) -> Decimal:
    assert isinstance(word.value, Decimal)
    return word.value
