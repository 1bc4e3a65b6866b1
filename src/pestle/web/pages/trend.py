"""How do results of one kind look in order of time: a small line with its words?

Drawn on the server as SVG, placed with whole numbers; the picture says nothing that the words and the table
beside it do not say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from pestle.pharmacy.record.result import Result, number
from pestle.web.pages.words import count, short_date

WIDTH, HEIGHT, EDGE = 560, 160, 24


@dataclass(frozen=True, slots=True)
class Point:
    """One result and where it stands."""

    x: int
    y: int
    on: date
    value: str


@dataclass(frozen=True, slots=True)
class Trend:
    """The points from the oldest to the newest, the scale, and what it all says."""

    points: tuple[Point, ...]
    lowest: str
    highest: str
    words: str

    @property
    def line(self) -> str:
        """The corners of the line."""
        return " ".join(f"{point.x},{point.y}" for point in self.points)


def trend(results: Sequence[Result]) -> Trend | None:
    """The trend of measured results; None of fewer than two, which have none.

    A result with a comparator stands at its number, and its words say so in the table.
    """
    measured = [(one.taken.first, one.value) for one in results if one.value is not None]
    if len(measured) < 2:
        return None
    measured.sort()
    days = [day for day, _ in measured]
    values = [value for _, value in measured]
    low, high = min(values), max(values)
    unit = results[0].observable.unit or ""
    points = tuple(
        Point(
            _place((day - days[0]).days, (days[-1] - days[0]).days, WIDTH),
            HEIGHT - _place(value - low, high - low, HEIGHT),
            day,
            f"{number(value)} {unit}".rstrip(),
        )
        for day, value in measured
    )
    return Trend(points, points_text(low, unit), points_text(high, unit), _words(points, values))


def points_text(value: Fraction, unit: str) -> str:
    """A value with its unit."""
    return f"{number(value)} {unit}".rstrip()


def _place(part: Fraction | int, whole: Fraction | int, length: int) -> int:
    """Where a part of the whole stands within the edges; in the middle where there is no whole."""
    room = length - 2 * EDGE
    return EDGE + (round(Fraction(part) / Fraction(whole) * room) if whole else room // 2)


def _words(points: tuple[Point, ...], values: list[Fraction]) -> str:
    first, last = points[0], points[-1]
    change = values[-1] - values[0]
    way = "unchanged since" if not change else "higher than" if change > 0 else "lower than"
    return (
        f"{count(len(points), 'result')} from {short_date(first.on)} to {short_date(last.on)}. "
        f"The last, {last.value}, is {way} the first, {first.value}."
    )
