"""How does a page of the controlled-drug register look on paper? A table on A4, landscape, with the statutory
headings on every sheet; nothing is cut."""

from __future__ import annotations

from collections.abc import Sequence

from pestle.web.print.typeset import pdf

HEADINGS = (
    "Date",
    "Received from, or supplied to: name and address",
    "Authority to possess",
    "Person collecting",
    "Identity asked; shown",
    "Received",
    "Supplied",
    "Balance",
    "Entered by, at",
    "Remarks and corrections",
)


def register_pdf(*, drug: str, premises: str, printed: str, rows: Sequence[Sequence[str]]) -> bytes:
    """All entries of a page, in their order; PDF/UA-1. `printed` says when and by whom it was printed.

    Raises `Refused`: ``print.unprintable-character``.
    """
    ends = " entry" if len(rows) == 1 else " entries"
    data = {
        "drug": drug,
        "premises": premises,
        "printed": printed,
        "headings": list(HEADINGS),
        "rows": [[" ".join(cell.split()) for cell in row] for row in rows],
        "ends": ends,
    }
    return pdf("register.typ", data)
