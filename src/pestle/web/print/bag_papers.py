"""How do labels of shelves, letters that something is ready, and the sheet of a round look on paper?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pestle.pharmacy.documents.ready_letter import ReadyLetter
from pestle.pharmacy.documents.round_sheet import RoundSheet
from pestle.web.print.labels import day_words
from pestle.web.print.symbol import datamatrix
from pestle.web.print.typeset import pdf


def shelf_labels_pdf(shelves: Sequence[tuple[str, str, str]]) -> bytes:
    """A label for each shelf: its name, of which kind it is, and its code. Raises `Refused`:
    ``print.unprintable-character``."""
    labels = [{"name": name, "kind": kind, "symbol": datamatrix(code).svg} for name, kind, code in shelves]
    return pdf("shelf.typ", {"labels": labels})


def ready_letters_pdf(
    letters: Sequence[ReadyLetter], *, pharmacy: str, address: Sequence[str], telephone: str
) -> bytes:
    """A letter a page. Raises `Refused`: ``print.unprintable-character``."""
    return pdf("ready_letter.typ", {
        "pharmacy": pharmacy,
        "address": [line for line in address if line.strip()],
        "telephone": telephone,
        "letters": [
            {"to": one.addressee, "address": list(one.address_lines), "on": day_words(one.on),
             "words": one.words}
            for one in letters
        ],
    })  # fmt: skip


def round_sheet_pdf(sheet: RoundSheet, *, pharmacy: str, telephone: str, on: date) -> bytes:
    """The sheet of a round. Raises `Refused`: ``print.unprintable-character``."""
    count = len(sheet.stops)
    return pdf("round_sheet.typ", {
        "number": sheet.number,
        "driver": sheet.driver,
        "on": day_words(on),
        "count": f"{count} stop{'' if count == 1 else 's'}",
        "pharmacy": pharmacy,
        "telephone": telephone,
        "stops": [
            {"place": str(place), "patient": str(one.patient), "address": list(one.address),
             "parts": list(one.parts), "marks": list(one.marks), "note": one.note}
            for place, one in enumerate(sheet.stops, 1)
        ],
    })  # fmt: skip
