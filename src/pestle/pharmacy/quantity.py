"""How much of what, exactly?

Amounts are `Decimal` with a unit; never float. Two units are the same when their codes are the same
(system and code) or their words are: senders write "tablet" under several codes. "2 tablet" and
"2 tablets" are one quantity.

Source: FHIR R4 Quantity, SimpleQuantity and Ratio (hl7.org/fhir/R4/datatypes.html, 2019).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from pestle.pharmacy.refusal import refuse

SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """A unit of measure as the sender wrote it, with its code where there is one."""

    text: str
    system: str | None = None
    code: str | None = None

    def _key(self) -> str:
        return singular(self.text).lower()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Unit):
            return NotImplemented
        if self.code and (self.system, self.code) == (other.system, other.code):
            return True
        return self._key() == other._key()

    def __hash__(self) -> int:
        # Equal units may differ in code and in words, so only the type can be hashed safely.
        return hash(Unit)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact amount of one unit.

    Raises `Refused` (``quantity.not-finite``) for infinities and NaN. Negative amounts are
    allowed here: whether one makes sense is decided where it is used.
    """

    value: Decimal
    unit: Unit

    def __post_init__(self) -> None:
        if not isinstance(self.value, Decimal):
            raise TypeError("a quantity is a Decimal, never a float")
        if not self.value.is_finite():
            raise refuse("quantity.not-finite", f"{self.value} is not an amount", place="value")

    def __str__(self) -> str:
        return f"{plain(self.value)} {counted(self.unit.text, self.value)}"


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both included; one of them may be open, and then it says so by being None."""

    low: Quantity | None
    high: Quantity | None


@dataclass(frozen=True, slots=True)
class Ratio:
    """`numerator` in every `denominator`: a strength, a rate, a maximum in a period."""

    numerator: Quantity
    denominator: Quantity


def plain(value: Decimal) -> str:
    """A number as it may stand on a label: no exponent, no trailing zero, a leading zero, commas from 1,000.

    Source: NHS Common User Interface, medication line MEDi-015, 016, 017 (2013).
    """
    if not value:
        return "0"
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimal(text: str, *, place: str) -> Decimal:
    """The exact number that `text` writes. Raises `Refused` (``quantity.not-a-number``) naming `place`.

    A comma parts thousands and nothing else: 2,5 is refused, because it is 2.5 to some and 25 to others.
    """
    if not _NUMBER.fullmatch(text.strip()):
        raise refuse("quantity.not-a-number", f"“{text}” is not a number", place=place)
    return Decimal(text.strip().replace(",", ""))


_NUMBER = re.compile(r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?|[+-]?\.[0-9]+")


# Words of the trade whose plural is not made with an s, or that have none.
_UNCOUNTED = frozenset({"ml", "mg", "g", "kg", "microgram", "milligram", "gram", "litre"})
_IRREGULAR = {"suppositories": "suppository", "pessaries": "pessary", "patches": "patch", "boxes": "box"}


def singular(unit: str) -> str:
    """The word for one: ``tablets`` -> ``tablet``, ``patches`` -> ``patch``."""
    word = unit.strip()
    low = word.lower()
    if low in _IRREGULAR:
        return _IRREGULAR[low]
    return word[:-1] if low.endswith("s") and not low.endswith("ss") and len(low) > 2 else word


def counted(unit: str, value: Decimal) -> str:
    """The unit's word for that many: no tablets, half a tablet, 1 tablet, 2 tablets, 5 ml."""
    one = singular(unit)
    letters = one.replace(" ", "").replace("-", "").isalpha()
    if 0 < abs(value) <= 1 or one.lower() in _UNCOUNTED or not letters:
        return one
    for many, single in _IRREGULAR.items():
        if one.lower() == single:
            return many
    return f"{one}s"
