"""How do the notice of the responsible pharmacist and the pharmacy record look on paper?"""

from __future__ import annotations

from collections.abc import Sequence

from pestle.web.print.typeset import pdf


def notice_pdf(*, name: str, registration: str, premises: str) -> bytes:
    """The notice to display, A4, landscape. Raises `Refused`: ``print.unprintable-character``."""
    return pdf("notice.typ", {"name": name, "registration": registration, "premises": premises})


def record_pdf(
    *, premises: str, days: str, printed: str, headings: Sequence[str], rows: Sequence[Sequence[str]]
) -> bytes:
    """The record of some days as a table on A4, landscape, as many sheets as it takes.

    Raises `Refused`: ``print.unprintable-character``.
    """
    data = {
        "premises": premises,
        "days": days,
        "printed": printed,
        "headings": list(headings),
        "rows": [[" ".join(cell.split()) for cell in row] for row in rows],
        "ends": " entry" if len(rows) == 1 else " entries",
    }
    return pdf("record.typ", data)
