"""What kind of result is this: by which codes and words, in which unit, and within which limits?

A kind of observation: creatinine, body weight, smoking status. Each definition ``observables/*.yaml`` names
its source.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from functools import lru_cache

from pestle.pharmacy.definition import Source
from pestle.pharmacy.dosage.dose import Coded


class DayRule(Enum):
    """Which value stands for a day that has several. LAST needs the times; without them there is none."""

    LAST = "last"
    LOWEST = "lowest"
    HIGHEST = "highest"


@dataclass(frozen=True, slots=True)
class Conversion:
    """A value in another unit times `times` plus `plus` is the value in the observable's unit."""

    times: Fraction
    plus: Fraction = Fraction(0)

    def of(self, amount: Fraction) -> Fraction:
        """An amount of the other unit, in the observable's."""
        # Most results are in the observable's own unit, and exact arithmetic costs more than seeing that.
        converted = amount if self.times == 1 else amount * self.times
        return converted + self.plus if self.plus else converted


@dataclass(frozen=True, slots=True)
class Observable:
    """A kind of observation. `codes` are (system, code); `words` are folded names.

    A measured one has `units` (folded, its own among them) and a plausible range `low` to `high`, both
    included. An answered one has `answers`: for each answer the words and codes that mean it. One with
    neither was done or was not. `panel` are observables any of which show that this one was done.
    """

    name: str
    title: str
    words: frozenset[str]
    source: Source
    codes: frozenset[tuple[str, str]] = frozenset()
    unit: str | None = None
    units: Mapping[str, Conversion] | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    day_rule: DayRule = DayRule.LAST
    answers: Mapping[str, frozenset[str]] | None = None
    panel: tuple[Observable, ...] = ()

    def __post_init__(self) -> None:
        if (self.unit is None) != (self.units is None):
            raise ValueError("a measured observable has a unit and says which others it takes")
        if self.units is not None and self.answers is not None:
            raise ValueError("an observable is measured or answered, not both")
        if self.unit is not None and folded_unit(self.unit) not in (self.units or {}):
            raise ValueError("an observable takes its own unit")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("the lowest plausible value lies below the highest")

    def means(self, coded: Coded) -> bool:
        """Whether what was measured, by its code or its words, is this."""
        return (coded.system, coded.code) in self.codes or folded_words(coded.text) in self.words

    # A frozen dataclass with a mapping cannot be hashed by its fields; the name stands for it.
    def __hash__(self) -> int:
        return hash(self.name)


@lru_cache(maxsize=8192)
def folded_words(text: str) -> str:
    """A name without case and punctuation."""
    return " ".join(re.findall(r"[\w%]+", text.casefold()))


@lru_cache(maxsize=1024)
def folded_unit(text: str) -> str:
    """A unit as it is compared: no case, spaces, brackets or signs of powers; micro is u."""
    folded = text.casefold().replace("micro", "u")
    return re.sub(r"[\s^\[\]{}*]", "", folded.translate(_UNIT_LETTERS))


_UNIT_LETTERS = str.maketrans({"µ": "u", "μ": "u", "×": "x", "²": "2", "⁹": "9", "⁶": "6", "³": "3"})
