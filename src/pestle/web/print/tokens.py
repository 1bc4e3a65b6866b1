"""How does the token of an electronic prescription look on paper? A5, with the number as a symbol to scan.

A token is no prescription and bears no signature: whoever has it can have the prescription found.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pestle.web.print.labels import day_words
from pestle.web.print.symbol import datamatrix
from pestle.web.print.typeset import pdf


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says. `pharmacy` is the code of the nominated one, or empty."""

    number: str
    patient: str
    born: date | None
    nhs_number: str
    address: tuple[str, ...]
    practice: str
    telephone: str
    signed_on: date
    items: tuple[tuple[str, str], ...]
    pharmacy: str = ""
    issues: int = 1


def tokens_pdf(token: Token) -> bytes:
    """The token as PDF/UA-1; the same token gives the same bytes. Raises `Refused`:
    ``print.unprintable-character``."""
    number = token.nhs_number
    return pdf(
        "token.typ",
        {
            "number": token.number,
            "symbol": datamatrix(token.number).svg,
            "patient": token.patient,
            "born": day_words(token.born) if token.born else "not recorded",
            "nhs": f"{number[:3]} {number[3:6]} {number[6:]}" if number else "not recorded",
            "address": [line for line in token.address if line.strip()],
            "practice": token.practice,
            "telephone": token.telephone,
            "on": day_words(token.signed_on),
            "items": [{"medicine": text, "quantity": quantity} for text, quantity in token.items],
            "pharmacy": token.pharmacy or "any pharmacy",
            "issues": token.issues,
        },
    )
