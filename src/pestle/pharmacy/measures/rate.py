"""How many of how many, how sure is that, and what of it may leave the site?

The interval is Wilson's score interval of 95 %, which keeps within 0 and 1 and has a meaning for small
numbers. Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal
of the American Statistical Association 22 (1927), 209-212.

What leaves the site: a count of one to seven is withheld, any other is rounded to the nearest five, and a
rate is that of the rounded counts. Source: the default of OpenSAFELY's measures (ehrQL), of which only a
summary was read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from pestle.pharmacy.measures.measure import Standing

# What all practices together are called.
EVERYWHERE = ""
_Z = 1.959963984540054
_FEW = 7
_STEP = 5


@dataclass(frozen=True, slots=True)
class Rate:
    """`found` of `asked`; `unsure` more of whom nobody can tell, counted in neither."""

    found: int
    asked: int
    unsure: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.found <= self.asked or self.unsure < 0:
            raise ValueError("those found are among those asked")

    @property
    def share(self) -> Fraction | None:
        """Those found as a part of those asked; None of nobody."""
        return Fraction(self.found, self.asked) if self.asked else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Between which shares the true one lies, with 95 % confidence; None of nobody."""
        if not self.asked:
            return None
        n, part, square = self.asked, self.found / self.asked, _Z * _Z
        middle = (part + square / (2 * n)) / (1 + square / n)
        half = _Z * sqrt(part * (1 - part) / n + square / (4 * n * n)) / (1 + square / n)
        low = 0.0 if self.found == 0 else max(0.0, middle - half)
        high = 1.0 if self.found == self.asked else min(1.0, middle + half)
        return low, high


def rates(standings: Iterable[tuple[str, Standing]]) -> Mapping[str, Rate]:
    """The rate of each practice, and under `EVERYWHERE` that of all together.

    `standings` are the practice (empty: not known) and the standing of each patient who is asked.
    """
    counts: defaultdict[str, Counter[Standing]] = defaultdict(Counter)
    counts[EVERYWHERE] = Counter()
    for practice, standing in standings:
        for place in {EVERYWHERE, practice}:
            counts[place][standing] += 1
    return {
        practice: Rate(
            found[Standing.FOUND],
            found[Standing.FOUND] + found[Standing.NOT_FOUND],
            found[Standing.CANNOT_TELL],
        )
        for practice, found in sorted(counts.items())
    }


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What may be told of a rate outside; None: withheld, because it is of few people."""

    found: int | None
    asked: int | None


def disclosed(rate: Rate) -> Disclosed:
    """The rate as it may leave the site. Of few who are not found, those found are withheld too."""
    rest = rate.asked - rate.found
    if 0 < rate.asked <= _FEW or 0 < rest <= _FEW or 0 < rate.found <= _FEW:
        found = None
    else:
        found = _rounded(rate.found)
    return Disclosed(found, None if 0 < rate.asked <= _FEW else _rounded(rate.asked))


def deciles(shares: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """The nine values below which lie 10, 20 … 90 % of the practices, between neighbours in proportion.

    Raises `ValueError` of no practices. Source: the definition 7 of Hyndman and Fan, Sample quantiles in
    statistical packages, The American Statistician 50 (1996), 361-365.
    """
    if not shares:
        raise ValueError("deciles of no practices")
    ordered = sorted(shares)
    found = []
    for tenth in range(1, 10):
        place = Fraction(tenth * (len(ordered) - 1), 10)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        found.append(ordered[below] + (ordered[above] - ordered[below]) * (place - below))
    return tuple(found)


def _rounded(count: int) -> int:
    return (2 * count + _STEP) // (2 * _STEP) * _STEP
