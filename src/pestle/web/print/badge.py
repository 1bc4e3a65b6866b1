"""How does a badge look? A card of 86 x 54 mm with the name, the role and the code that a scanner reads."""

from __future__ import annotations

from pestle.web.print.symbol import datamatrix
from pestle.web.print.typeset import pdf


def badge_pdf(*, name: str, title: str, premises: str, code: str) -> bytes:
    """The card as PDF/UA-1. Raises `Refused`: ``print.unprintable-character``."""
    data = {"name": name, "title": title, "premises": premises, "symbol": datamatrix(code).svg}
    return pdf("badge.typ", data)
