"""What do the fields of a dm+d record mean: its codes, numbers, dates and flags?

Every code must stand in the lookup file, every number and date be one; what is not is refused by its name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pestle.pharmacy.medicines.concept import Coded, ControlledDrugCategory, Flag, Moiety, Price
from pestle.pharmacy.quantity import SNOMED, Quantity, Unit, decimal
from pestle.pharmacy.refusal import refuse

MARKED = frozenset({"0001", "1"})
# Units whose amounts are divided: millilitre and gram, counted in thousandths.
DIVIDED = frozenset({"258773002", "258682000"})

Fields = Mapping[str, str]


@dataclass(slots=True)
class Shared:
    """What many records refer to: the codes of each lookup section, substances by id, moieties by id.

    `successors` are the ids that a release names for an old one.
    """

    codes: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    substances: dict[str, str] = field(default_factory=dict)
    moieties: dict[str, Moiety] = field(default_factory=dict)
    successors: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def quantity(self, row: Fields, name: str, id_: str) -> Quantity | None:
        """The amount in the fields that begin so; None when there is none."""
        if f"{name}_VAL" not in row:
            return None
        unit = self.unit(must(row, f"{name}_UOMCD", id_), id_)
        return Quantity(number(row[f"{name}_VAL"], id_), unit)

    def substance(self, id_: str, place: str) -> str:
        """The name of an ingredient. Raises `Refused` (``release.unknown-reference``)."""
        if id_ not in self.substances:
            raise refuse(
                "release.unknown-reference", f"There is no ingredient {id_} in the release", place=place
            )
        return self.substances[id_]

    def unit(self, code: str, place: str) -> Unit:
        """Raises `Refused` (``release.unknown-code``)."""
        return Unit(self.text("UNIT_OF_MEASURE", code, place), SNOMED, code)

    def text(self, section: str, code: str, place: str) -> str:
        """The words of a code. Raises `Refused` (``release.unknown-code``)."""
        if code not in self.codes[section]:
            raise refuse("release.unknown-code", f"The lookup file has no {section} {code}", place=place)
        return self.codes[section][code]

    def coded(self, section: str, code: str | None, place: str) -> Coded | None:
        """The code with its words. Raises `Refused` (``release.unknown-code``)."""
        return Coded(code, self.text(section, code, place)) if code else None

    def price(self, rows: list[dict[str, str]], names: tuple[str, str, str], place: str) -> Price | None:
        """The first price of these; `names` are the section and fields of its basis and day."""
        section, code, since = names
        for row in rows:
            if "PRICE" in row:
                basis = self.coded(section, must(row, code, place), place)
                assert basis is not None
                return Price(whole(row["PRICE"], place), basis, day(row.get(since), place))
        return None


def is_valid(row: Fields) -> bool:
    """Whether the publisher does not mark it invalid."""
    return row.get("INVALID") not in MARKED


def flags(row: Fields, names: Mapping[str, Flag]) -> tuple[Flag, ...]:
    """The flags whose field is marked."""
    return tuple(flag for name, flag in names.items() if row.get(name) in MARKED)


def must(row: Fields, name: str, place: str) -> str:
    """The field. Raises `Refused` (``release.missing-field``)."""
    if name not in row:
        raise refuse("release.missing-field", f"There is no {name}", place=place)
    return row[name]


def number(text: str, place: str) -> Decimal:
    """A number, not below zero. Raises `Refused`: ``quantity.not-a-number``, ``release.wrong-value``."""
    value = decimal(text, place=place)
    if value < 0:
        raise refuse("release.wrong-value", f"{text} is below zero", place=place)
    return value


def whole(text: str, place: str) -> int:
    """Raises `Refused` (``release.wrong-value``)."""
    if not (text.isascii() and text.isdigit()):
        raise refuse("release.wrong-value", f"“{text}” is not a whole number", place=place)
    return int(text)


def category(code: str, place: str) -> ControlledDrugCategory:
    """Raises `Refused` (``release.unknown-code``)."""
    try:
        return ControlledDrugCategory(code)
    except ValueError:
        raise refuse(
            "release.unknown-code", f"{code} is no controlled-drug category that is known here", place=place
        ) from None


def day(text: str | None, place: str) -> date | None:
    """Raises `Refused` (``release.wrong-value``)."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refuse("release.wrong-value", f"“{text}” is not a date", place=place) from None
