"""Where do the columns of a picture stand: so many of each series in each week, or in each hour?

The page draws it as SVG, without a style of its own (`components/columns.jinja`); what it shows stands in a
table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# In units of the view box: how high, how far apart, and what a letter of a caption takes.
_HIGH, _BELOW, _STEP, _GAP, _LETTER = 120, 16, 24, 6, 6


def column_chart(columns: Sequence[tuple[str, Sequence[int]]], *, stacked: bool = True) -> dict[str, Any]:
    """The picture's size, `most` (what the highest column stands for), its `bars` (place, size, number, which
    series, and the words of the column) and its captions, of which only as many stand as have room.

    `columns` are the words of each with a number for each series: one upon the other, or side by side."""
    most = max((sum(numbers) if stacked else max(numbers) for _, numbers in columns), default=0)
    bars, captions = [], []
    longest = max((len(words) for words, _ in columns), default=1)
    every = -(-longest * _LETTER // _STEP)
    for place, (words, numbers) in enumerate(columns):
        left, top = place * _STEP, _HIGH
        width = (_STEP - _GAP) // (1 if stacked else max(1, len(numbers)))
        for series, number in enumerate(numbers):
            height = _HIGH * number // most if most else 0
            top = (top if stacked else _HIGH) - height
            x = left if stacked else left + series * width
            bars.append({"x": x, "y": top, "width": width, "height": height, "number": number,
                         "series": series, "words": words})  # fmt: skip
        if place % every == 0:
            captions.append({"x": left, "words": words})
    return {"bars": bars, "captions": captions, "most": most, "base": _HIGH,
            "width": max(_STEP * len(columns), 1), "height": _HIGH + _BELOW}  # fmt: skip
