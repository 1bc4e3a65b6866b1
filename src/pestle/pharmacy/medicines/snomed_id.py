"""Can this be an id of SNOMED CT or dm+d at all?

Six to eighteen digits, no zero first, the two before the last of which say what it is the id of (00 and 10: a
concept), and the last a check digit by Verhoeff's scheme. A spreadsheet that took an id for a number, or a
slip of one digit, is found so.

Source: SNOMED International, Technical Implementation Guide, SCTID; J. Verhoeff, Error detecting decimal
codes, Mathematical Centre Tract 29 (1969). From memory, tried on every id of a release of dm+d.
"""

from __future__ import annotations

_CONCEPT = ("00", "10")
# The dihedral group of ten, and the permutation of a digit by its place.
_TIMES = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_SHUFFLE = (
    "0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415",
    "7046913258",
)  # fmt: skip


def is_concept(code: str) -> bool:
    """Whether a text can be the id of a concept."""
    digits = code.isascii() and code.isdigit() and 6 <= len(code) <= 18 and code[0] != "0"
    return digits and code[-3:-1] in _CONCEPT and _checked(code)


def _checked(code: str) -> bool:
    left = 0
    for place, digit in enumerate(reversed(code)):
        left = int(_TIMES[left][int(_SHUFFLE[place % 8][int(digit)])])
    return left == 0
