"""How does an owing slip look on paper? A5, one table."""

from __future__ import annotations

from pestle.pharmacy.documents.owing_slip import OwingSlip
from pestle.web.print.labels import day_words
from pestle.web.print.typeset import pdf


def owing_slip_pdf(slip: OwingSlip) -> bytes:
    """The slip as PDF/UA-1; the same slip gives the same bytes.

    Raises `Refused`: ``print.unprintable-character``.
    """
    return pdf(
        "owing_slip.typ",
        {
            "patient": str(slip.patient),
            "pharmacy": slip.pharmacy_name,
            "address": [line for line in slip.pharmacy_address if line.strip()],
            "telephone": slip.pharmacy_telephone,
            "reference": slip.reference,
            "on": day_words(slip.on),
            "lines": [
                {
                    "medicine": line.medicine,
                    "owed": line.owed,
                    "prescribed": line.prescribed,
                    "reasons": "; ".join(line.reasons),
                    "promised": day_words(line.promised_on),
                    "last": day_words(line.last_day) if line.last_day else "ask us",
                }
                for line in slip.lines
            ],
        },
    )
