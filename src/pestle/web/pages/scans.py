"""What did somebody scan or type into a scan field?"""

from __future__ import annotations

from django.http import HttpRequest

from pestle.pharmacy.medicines.barcode import GS, LabelScan, Scan, read
from pestle.pharmacy.refusal import refuse


def scanned(request: HttpRequest, field: str = "code") -> Scan | LabelScan:
    """What the posted scan says.

    Raises `Refused`: those of `pestle.pharmacy.medicines.barcode.read`, and ``scan.caps-lock`` when letters
    came while Caps Lock was on: a batch number would be written the wrong way round.
    """
    text = code(request, field)
    if request.POST.get("caps_lock") == "1" and any(letter.isalpha() for letter in text):
        raise refuse("scan.caps-lock", "Caps Lock was on while this was scanned", place="scan",
                     way_out="Switch Caps Lock off, and scan again.")  # fmt: skip
    return read(text)


def code(request: HttpRequest, field: str = "code") -> str:
    """The characters as they came, without blanks around them; ASCII 29 is a part of the code and stays."""
    return request.POST.get(field, "").strip(" \t\r\n")[:300]


def is_scan(text: str) -> bool:
    """Whether text in the search box can only have come from a barcode."""
    return (
        GS in text or text.startswith(("]", "PESTLE:")) or (text.isdecimal() and len(text) in (8, 12, 13, 14))
    )
