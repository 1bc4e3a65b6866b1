"""What has been read of an instruction so far?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal

from pestle.pharmacy.dosage.amounts import Amount, amount_at
from pestle.pharmacy.dosage.dose import Bounds, Cycle, Day, PeriodUnit, When
from pestle.pharmacy.dosage.lexicon import Kind
from pestle.pharmacy.dosage.tokens import Lexeme
from pestle.pharmacy.quantity import Quantity, Ratio

_END = Lexeme(Kind.STOP, None, "")
BREAKS = frozenset({Kind.COMMA, Kind.STOP, Kind.DASH})


# How far a handler looks ahead, at most: the kinds end with that many full stops.
_AHEAD = [Kind.STOP] * 12


def kinds_of(words: list[Lexeme]) -> list[Kind]:
    """The kinds of the words, and full stops behind them, so that looking ahead or back needs no bounds."""
    return [word[0] for word in words] + _AHEAD


@dataclass(slots=True)
class Draft:
    """What has been read so far. `clause` holds what was read since the last comma, dash or full stop."""

    words: list[Lexeme]
    kinds: list[Kind]
    verb: str | None = None
    dose: Amount | None = None
    supply: Amount | None = None
    frequency: int | None = None
    frequency_max: int | None = None
    count: int | None = None
    count_max: int | None = None
    period: Decimal | None = None
    period_max: Decimal | None = None
    period_unit: PeriodUnit | None = None
    when: list[When] = field(default_factory=list)
    times: list[time] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    every_week: bool = False
    bounds: Bounds | None = None
    over: Amount | None = None
    over_unit: PeriodUnit | None = None
    as_needed: bool = False
    reasons: list[str] = field(default_factory=list)
    route: str | None = None
    site: str | None = None
    notes: list[str] = field(default_factory=list)
    directed: bool = False
    maximum: Ratio | None = None
    maximum_dose: Quantity | None = None
    offset: int | None = None
    now: bool = False
    with_food: bool = False
    left: list[int] = field(default_factory=list)
    named: list[tuple[int, int]] = field(default_factory=list)
    day_numbers: tuple[int, int] | None = None
    days_on: int | None = None
    cycle: Cycle | None = None
    last_day: int | None = None
    thereafter: bool = False
    excepted: bool = False
    other_days: bool = False
    follows: bool = False
    prepared: bool = False
    carried_unit: str | None = None
    clause: list[Kind] = field(default_factory=list)
    sentence: list[Kind] = field(default_factory=list)
    sentences: int = 0
    bare_number_ends: int = -1

    def at(self, index: int) -> Lexeme:
        """The lexeme at that place; past the end, a full stop."""
        return self.words[index] if 0 <= index < len(self.words) else _END

    def kind(self, index: int) -> Kind:
        """The kind of the lexeme at that place."""
        return self.kinds[index]

    def is_timed(self) -> bool:
        """Whether it is said how often or when."""
        often = self.frequency or self.frequency_max or self.count or self.period is not None
        return bool(often or self.when or self.times or self.days or self.other_days)

    def amount(self, index: int) -> tuple[Amount, int] | None:
        """The amount that begins at that place, and where it ends."""
        kind = self.kinds[index]
        if kind is Kind.NUMBER or kind is Kind.FRACTION:
            return amount_at(self.words, self.kinds, index)
        return None

    def period_at(self, index: int) -> tuple[int, PeriodUnit]:
        """The period that stands there: (2, WEEK) for a fortnight."""
        value = self.at(index).value
        assert isinstance(value, tuple)
        return value

    def leave(self, index: int, upto: int) -> int:
        """Keeps the words as unused and goes on behind them."""
        self.left.extend(range(index, min(upto, len(self.words))))
        return upto
