"""Where do the points of a curve lie in its picture?

The page draws it as SVG, without a style of its own; what it shows stands in a table beside it. A long curve
is drawn by the lowest and the highest of each column, so that no peak is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

WIDTH, HEIGHT = 720, 200
_LEFT, _TOP, _BOTTOM = 40, 10, 24
_COLUMNS = 340


def line_chart(
    points: Sequence[tuple[datetime, Decimal]], *, begin: datetime, end: datetime,
    band: tuple[Decimal, Decimal] | None,
) -> dict[str, Any]:  # fmt: skip
    """The picture's size, its curve as the points of a polyline, where the band of right values lies, and the
    marks of the axis (place and words). Empty `curve` where there is no point."""
    values = [value for _, value in points] + list(band or ())
    low, high = (min(values) - 1, max(values) + 1) if values else (Decimal(0), Decimal(1))
    span = (end - begin).total_seconds()

    def x(at: datetime) -> int:
        return _LEFT + round((at - begin).total_seconds() / span * (WIDTH - _LEFT))

    def y(value: Decimal) -> int:
        share = (high - value) / (high - low)
        return _TOP + int((share * (HEIGHT - _TOP - _BOTTOM)).to_integral_value())

    marks = sorted({*(band or ()), *((min(values), max(values)) if values else ())})
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": _LEFT,
        "curve": " ".join(f"{x(at)},{y(value)}" for at, value in _thinned(points, begin, span)),
        "band": {"y": y(band[1]), "height": y(band[0]) - y(band[1])} if band else None,
        "marks": [{"y": y(value), "words": f"{value:f}".replace("-", "−")} for value in marks],
        "base": HEIGHT - 6,
    }


def _thinned(
    points: Sequence[tuple[datetime, Decimal]], begin: datetime, span: float
) -> list[tuple[datetime, Decimal]]:
    if len(points) <= 2 * _COLUMNS:
        return list(points)
    columns: dict[int, list[tuple[datetime, Decimal]]] = {}
    for point in points:
        columns.setdefault(int((point[0] - begin).total_seconds() / span * _COLUMNS), []).append(point)
    return [
        point
        for column in columns.values()
        for point in sorted({min(column, key=lambda one: one[1]), max(column, key=lambda one: one[1])})
    ]
