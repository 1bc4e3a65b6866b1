"""How are the points of a score added up, and said?"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from pestle.pharmacy.calculators.result import Result, figure, result

Item = tuple[str, int]


def scored(items: Iterable[Item], *, meaning: str, warnings: tuple[str, ...] = ()) -> Result:
    """The sum of the items' points; the formula names those that count."""
    counted = [(label, points) for label, points in items if points]
    total = Decimal(sum(points for _, points in counted))
    words = " + ".join(f"{label} {points}" for label, points in counted) or "nothing counts: 0"
    return result(figure(total, "points", places=0), words, meaning=meaning, warnings=warnings)
