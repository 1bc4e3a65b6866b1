"""How does a short code look as a symbol that a scanner reads?

DataMatrix ECC 200 (ISO/IEC 16022), drawn as one path so that no hairline runs between modules.
"""

from __future__ import annotations

from dataclasses import dataclass

import zint


@dataclass(frozen=True, slots=True)
class Symbol:
    """A square symbol as SVG, one unit a module, with no quiet zone; `modules` counts one side."""

    svg: str
    modules: int


def datamatrix(text: str) -> Symbol:
    """The square DataMatrix that says `text` (ASCII)."""
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.DATAMATRIX
    symbol.option_3 = zint.DataMatrixOptions.SQUARE
    symbol.encode(text)
    size = symbol.width
    # zint packs each row into bytes, the leftmost module in the lowest bit.
    bits = symbol.encoded_data
    dark = (f"M{x} {y}h1v1h-1z" for y in range(size) for x in range(size) if bits[y, x // 8] >> x % 8 & 1)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 {size} {size}">'
        f'<path d="{"".join(dark)}"/></svg>'
    )
    return Symbol(svg, size)
