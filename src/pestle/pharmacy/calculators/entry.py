"""What does a calculator ask for, and is what was entered an answer?

Five kinds of input, one table for the page, the command line and programs. `name` is how it is entered,
`argument` how the formula calls it. What was not entered is missing, never zero and never “no”.

Refusals, all with the input's name as place: ``calculator.missing``, ``calculator.not-a-number``,
``calculator.unknown-unit``, ``calculator.out-of-range``, ``calculator.not-a-choice``,
``calculator.not-a-day``, ``calculator.too-many``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TypeAlias, TypeVar

from pestle.pharmacy.calculators.precision import shown
from pestle.pharmacy.calculators.units import Scale
from pestle.pharmacy.quantity import plain
from pestle.pharmacy.refusal import Refusal, Refused, refuse

_NUMBER = re.compile(r"\s*([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?)\s*(.*?)\s*", re.ASCII)
_LONGEST = 40
Row = TypeVar("Row")
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Number:
    """A figure with a unit, from `low` to `high` in the first of its `scales`, both included.

    `studied` is the part of that range in which the paper had patients: beyond it the result carries a
    warning.
    """

    name: str
    argument: str
    label: str
    scales: tuple[Scale, ...]
    low: Decimal
    high: Decimal
    studied: tuple[Decimal, Decimal] | None = None
    whole: bool = False
    optional: bool = False
    default: str | None = None
    hint: str = ""

    def read(self, text: str) -> Decimal:
        """The figure in the first unit; `text` is “98”, “98 µmol/L” or “1.1 mg/dL”."""
        found = _NUMBER.fullmatch(text) if len(text) <= _LONGEST else None
        if found is None or not found[1].strip("+-"):
            raise refuse("calculator.not-a-number", f"{self.label}: “{text[:_LONGEST]}” is not a number",
                         place=self.name)  # fmt: skip
        scale = self.scale(found[2])
        if scale is None:
            raise refuse("calculator.unknown-unit", f"{self.label} is not measured in “{found[2]}”",
                         place=self.name, way_out=f"Units: {self._units()}.")  # fmt: skip
        return scale.convert(Decimal(found[1].replace(",", "")))

    def scale(self, unit: str) -> Scale | None:
        """The scale of that unit; the first where none is named, None where it is unknown."""
        return next((one for one in self.scales if one.reads(unit)), None if unit else self.scales[0])

    def entered_in(self, text: str) -> str:
        """The unit that was typed with the figure; empty where none was."""
        found = _NUMBER.fullmatch(text)
        return found[2] if found else ""

    def check(self, value: object) -> None:
        """Raises `Refused` for a figure that the formula does not hold for."""
        if not isinstance(value, Decimal):
            raise TypeError(f"{self.argument} is a Decimal")
        if not self.low <= value <= self.high:
            raise refuse(
                "calculator.out-of-range",
                f"{self.label} is {self.say(value)}; the range is {plain(self.low)} to {plain(self.high)}",
                place=self.name,
                way_out=f"Units: {self._units()}." if len(self.scales) > 1 else None,
            )
        if self.whole and value != value.to_integral_value():
            raise refuse("calculator.not-a-number", f"{self.label} is a whole number", place=self.name)

    def say(self, value: object) -> str:
        """The figure in words, with its unit."""
        assert isinstance(value, Decimal)
        return f"{shown(value)} {self.scales[0].unit}".strip()

    def warning(self, value: object) -> str | None:
        """What is to be said of a figure that the paper did not study."""
        if self.studied is None or not isinstance(value, Decimal):
            return None
        low, high = self.studied
        if low <= value <= high:
            return None
        return f"{self.label} is {self.say(value)}; the paper studied {plain(low)} to {plain(high)}."

    def _units(self) -> str:
        return ", ".join(scale.unit for scale in self.scales)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `options` (what is entered -> words); `default` is what stands where nothing was chosen, and
    `countries` what stands there instead in a country (uk, us)."""

    name: str
    label: str
    options: Mapping[str, str]
    default: str | None = None
    optional: bool = False
    hint: str = ""
    countries: Mapping[str, str] = field(default_factory=dict)

    @property
    def argument(self) -> str:
        return self.name.replace("-", "_")

    def read(self, text: str) -> str:
        """The option as written in the table, whatever the case of the text."""
        folded = " ".join(text.split()).casefold()
        found = next((one for one in self.options if one.casefold() == folded), None)
        if found is None:
            raise self._not_a_choice(text)
        return found

    def check(self, value: object) -> None:
        """Raises `Refused` for what is none of the options."""
        if value not in self.options:
            raise self._not_a_choice(str(value))

    def _not_a_choice(self, text: str) -> Refused:
        return refuse("calculator.not-a-choice", f"{self.label}: there is no “{text[:_LONGEST]}”",
                      place=self.name, way_out=f"One of: {', '.join(self.options)}.")  # fmt: skip

    def say(self, value: object) -> str:
        """The chosen words."""
        return self.options[str(value)]


@dataclass(frozen=True, slots=True)
class YesNo:
    """A question that is answered yes or no, and must be: nothing entered is not “no”."""

    name: str
    label: str
    optional: bool = False
    hint: str = ""

    @property
    def argument(self) -> str:
        return self.name.replace("-", "_")

    def read(self, text: str) -> bool:
        """True for yes, False for no."""
        answer = {"yes": True, "no": False}.get(text.strip().casefold())
        if answer is None:
            raise refuse("calculator.not-a-choice", f"{self.label}: yes or no, not “{text[:_LONGEST]}”",
                         place=self.name)  # fmt: skip
        return answer

    def check(self, value: object) -> None:
        """Raises TypeError for anything that is neither."""
        if not isinstance(value, bool):
            raise TypeError(f"{self.argument} is True or False")

    def say(self, value: object) -> str:
        """Yes or no."""
        return "Yes" if value else "No"


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day, entered as 2026-07-09."""

    name: str
    label: str
    optional: bool = False
    hint: str = ""

    @property
    def argument(self) -> str:
        return self.name.replace("-", "_")

    def read(self, text: str) -> date:
        """The day."""
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            raise refuse("calculator.not-a-day", f"{self.label}: “{text[:_LONGEST]}” is not a day",
                         place=self.name, way_out="Write it as 2026-07-09.") from None  # fmt: skip

    def check(self, value: object) -> None:
        """Raises TypeError for what is no day."""
        if not isinstance(value, date):
            raise TypeError(f"{self.argument} is a date")

    def say(self, value: object) -> str:
        """2026-07-09."""
        return str(value)


@dataclass(frozen=True, slots=True)
class Name:
    """A few words that only name something, such as a medicine in a list."""

    name: str
    label: str
    optional: bool = False
    hint: str = ""

    @property
    def argument(self) -> str:
        return self.name.replace("-", "_")

    def read(self, text: str) -> str:
        """The words, blanks tidied."""
        return " ".join(text.split())[:100]

    def check(self, value: object) -> None:
        """Raises TypeError for what is no text."""
        if not isinstance(value, str):
            raise TypeError(f"{self.argument} is text")

    def say(self, value: object) -> str:
        """The words."""
        return str(value)


Column: TypeAlias = Number | Choice | Day | Name


@dataclass(frozen=True, slots=True)
class Rows:
    """The same few things again and again: fills, opioids, temperatures. A row is entered as “first =
    second”.

    The formula gets a tuple of tuples, one for each row.
    """

    name: str
    label: str
    columns: tuple[Column, ...]
    most: int = 12
    optional: bool = False
    hint: str = ""

    @property
    def argument(self) -> str:
        return self.name.replace("-", "_")

    def read(self, rows: tuple[str, ...]) -> tuple[tuple[object, ...], ...]:
        """The rows, each column read."""
        return tuple(self._in_each(rows, self._row))

    def check(self, value: object) -> None:
        """Raises `Refused` for no row at all, too many, or a figure out of range."""
        assert isinstance(value, tuple)
        if not value:
            raise missing(self)
        if len(value) > self.most:
            raise refuse("calculator.too-many", f"{self.label}: {len(value)} rows; {self.most} are the most",
                         place=self.name)  # fmt: skip
        self._in_each(value, self._check_row)

    def _row(self, row: str) -> tuple[object, ...]:
        parts = [part.strip() for part in row.split("=")]
        if len(parts) > len(self.columns):
            raise refuse("calculator.too-many", f"It has {len(parts)} parts, not {len(self.columns)}")
        parts += [""] * (len(self.columns) - len(parts))
        if not all(parts):
            raise missing(self.columns[parts.index("")])
        return tuple(column.read(part) for column, part in zip(self.columns, parts, strict=True))

    def _check_row(self, row: tuple[object, ...]) -> None:
        for column, part in zip(self.columns, row, strict=True):
            column.check(part)

    def _in_each(self, rows: tuple[Row, ...], do: Callable[[Row], Done]) -> list[Done]:
        """What `do` gives for each row; every fault is named with the row it is in."""
        faults: list[Refusal] = []
        done = []
        for number, row in enumerate(rows, start=1):
            try:
                done.append(do(row))
            except Refused as refused:
                faults += [
                    replace(one, reason=f"{self.label}, row {number}: {one.reason}", place=self.name)
                    for one in refused.refusals
                ]
        if faults:
            raise Refused(*faults)
        return done

    def say(self, value: object) -> str:
        """The rows in words, with semicolons between them."""
        assert isinstance(value, tuple)
        return "; ".join(
            ", ".join(column.say(part) for column, part in zip(self.columns, row, strict=True))
            for row in value
        )


Input: TypeAlias = Number | Choice | YesNo | Day | Name | Rows


def missing(one: Input) -> Refused:
    """The refusal of an input to which nothing was entered."""
    return refuse("calculator.missing", f"{one.label} is missing", place=one.name)
