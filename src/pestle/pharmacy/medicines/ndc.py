"""Which package does a US National Drug Code name, however it is written?

A code has three segments: labeler, product, package. Ten digits stand as 4-4-2, 5-3-2 or 5-4-1, eleven as
5-4-2, twelve as 6-4-2; each longer form has zeros in front of the short segment. A code is text: as a number
it would lose its zeros. Ten digits without hyphens have three readings and are refused.

Source: 21 CFR 207.33; FDA, 91 FR 10749 (2026): twelve digits, 6-4-2, from 2033-03-07. GTIN: GS1 US, number
system 03.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from biip.checksums import gs1_standard_check_digit

from pestle.pharmacy.refusal import Refused, refuse

_FORMATS = frozenset({(4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2), (6, 4, 2)})
_PRODUCT_FORMATS = frozenset({(4, 4), (5, 3), (5, 4), (6, 4)})
_SHAPE = re.compile(r"[0-9]+(-[0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ndc:
    """The three segments, as long as they were written."""

    labeler: str
    product: str
    package: str

    def __str__(self) -> str:
        return f"{self.labeler}-{self.product}-{self.package}"

    @property
    def twelve(self) -> str:
        """Twelve digits, 6-4-2."""
        return self.labeler.zfill(6) + self.product.zfill(4) + self.package.zfill(2)

    @property
    def eleven(self) -> str | None:
        """Eleven digits, 5-4-2, as claims carry it; None when the labeler needs six."""
        return self.twelve[1:] if self.twelve.startswith("0") else None

    @property
    def ten(self) -> str | None:
        """Ten digits without hyphens, as barcodes carry it; None when the code was not written in ten."""
        digits = self.labeler + self.product + self.package
        return digits if len(digits) == 10 else None

    @property
    def gtin(self) -> str | None:
        """The GTIN-14 of the package; None when the code was not written in ten digits."""
        if self.ten is None:
            return None
        payload = f"003{self.ten}"
        return payload + str(gs1_standard_check_digit(payload))


def ndc(text: str) -> Ndc:
    """The code that `text` writes: with hyphens, or eleven or twelve digits.

    Raises `Refused`: ``ndc.not-a-code``, ``ndc.segments`` (hyphens in no known place), ``ndc.ambiguous`` (ten
    digits without hyphens).
    """
    written = text.strip()
    if not _SHAPE.fullmatch(written):
        raise _refused("not-a-code", text, "is not a National Drug Code")
    segments = written.split("-")
    if len(segments) == 1:
        return _bare(written)
    if tuple(map(len, segments)) not in _FORMATS:
        raise _refused("segments", text, "does not have the segments of a National Drug Code",
                       "It is 4-4-2, 5-3-2, 5-4-1, 5-4-2 or 6-4-2.")  # fmt: skip
    return Ndc(*segments)


def product_ndc(text: str) -> str:
    """The labeler and product segments as written. Raises `Refused` (``ndc.segments``)."""
    written = text.strip()
    if not _SHAPE.fullmatch(written) or tuple(map(len, written.split("-"))) not in _PRODUCT_FORMATS:
        raise _refused("segments", text, "does not have the segments of a product code")
    return written


def _bare(digits: str) -> Ndc:
    if len(digits) == 10:
        raise _refused("ambiguous", digits, "has three readings: 4-4-2, 5-3-2 and 5-4-1",
                       "Write it with its hyphens, or in eleven digits.")  # fmt: skip
    if len(digits) not in (11, 12):
        raise _refused("not-a-code", digits, "does not have 10, 11 or 12 digits")
    return Ndc(digits[:-6], digits[-6:-2], digits[-2:])


def _refused(rule: str, text: str, why: str, way_out: str | None = None) -> Refused:
    return refuse(f"ndc.{rule}", f"“{text[:40]}” {why}", place="NDC", way_out=way_out)
