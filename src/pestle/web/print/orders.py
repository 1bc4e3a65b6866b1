"""How does an order to a supplier look on paper? A4, one table, over as many pages as it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pestle.web.print.typeset import pdf


@dataclass(frozen=True, slots=True)
class OrderPaper:
    """Everything that stands on the paper, in words; `lines` are pack, code and number of packs."""

    number: str
    supplier: str
    ordered: str
    expected: str
    by: str
    site: str
    address: Sequence[str]
    telephone: str
    lines: Sequence[tuple[str, str, int]]


def order_pdf(paper: OrderPaper) -> bytes:
    """The order as PDF/UA-1; the same order gives the same bytes.

    Raises `Refused`: ``print.unprintable-character``.
    """
    packs = sum(count for _, _, count in paper.lines)
    return pdf(
        "order.typ",
        {
            "number": paper.number,
            "supplier": paper.supplier,
            "ordered": paper.ordered,
            "expected": paper.expected,
            "by": paper.by,
            "site": paper.site,
            "address": list(paper.address),
            "telephone": paper.telephone,
            "lines": [
                {"pack": pack, "gtin": gtin, "packs": f"{count:,}"} for pack, gtin, count in paper.lines
            ],
            "total": f"{len(paper.lines)} lines, {packs:,} packs",
        },
    )
