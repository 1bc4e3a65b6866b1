"""What did a calculation give, from what, by which formula?"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pestle.pharmacy.calculators.precision import rounded, settled
from pestle.pharmacy.definition import Source
from pestle.pharmacy.quantity import Quantity, Unit, counted, plain


@dataclass(frozen=True, slots=True)
class Figure:
    """An exact quantity, and to how many decimals it is shown. Compare `quantity`, show the words."""

    quantity: Quantity
    places: int
    label: str = ""

    def __str__(self) -> str:
        value, unit = rounded(self.quantity.value, self.places), self.quantity.unit.text
        # A word for a thing has a plural (points, days); a unit of measure has none.
        said = counted(unit, value) if unit.isalpha() and unit.islower() else unit
        return f"{plain(value)} {said}".strip()


def figure(value: Decimal, unit: str, *, places: int, label: str = "") -> Figure:
    """A figure of so much of a unit."""
    return Figure(Quantity(settled(value), Unit(unit)), places, label)


@dataclass(frozen=True, slots=True)
class Used:
    """One thing that was entered, in words."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Result:
    """One answer, for every calculator.

    `answer` is what a person says (“28.4 mL/min”, “G3a”, “5 mg twice a day”); `figure` the number behind it,
    None where the answer is none. `formula` has the numbers put in. `meaning` is the band or category that
    the source gives it. `also` are further figures. `warnings` do not change the answer: a person weighs
    them. `used`, `calculator` and `title` are filled in by `Calculator`, and
    `source` where the formula has not named the table that it used.
    """

    answer: str
    formula: str
    figure: Figure | None = None
    meaning: str = ""
    also: tuple[Figure, ...] = ()
    warnings: tuple[str, ...] = ()
    used: tuple[Used, ...] = ()
    calculator: str = ""
    title: str = ""
    source: Source | None = None


def result(
    found: Figure,
    formula: str,
    *,
    meaning: str = "",
    also: tuple[Figure, ...] = (),
    warnings: tuple[str, ...] = (),
) -> Result:
    """A result whose answer is its figure."""
    return Result(str(found), formula, found, meaning, also, warnings)


def result_json(result: Result) -> dict[str, object]:
    """The result as JSON; numbers are text, so that no reader turns them into floats.

    Keys: ``calculator``, ``title``, ``answer``, ``figure`` (None, or ``value`` as shown, ``exact``,
    ``unit``), ``meaning``, ``also`` (list of the same with ``label``), ``formula``, ``used`` (list of
    ``label``, ``value``), ``warnings``, ``source`` (``title``, ``verified``).
    """
    return {
        "calculator": result.calculator,
        "title": result.title,
        "answer": result.answer,
        "figure": None if result.figure is None else _figure_json(result.figure),
        "meaning": result.meaning,
        "also": [{"label": one.label, **_figure_json(one)} for one in result.also],
        "formula": result.formula,
        "used": [{"label": one.label, "value": one.value} for one in result.used],
        "warnings": list(result.warnings),
        "source": None
        if result.source is None
        else {"title": result.source.title, "verified": result.source.verified},
    }


def _figure_json(one: Figure) -> dict[str, object]:
    value = one.quantity.value
    return {"value": f"{rounded(value, one.places):f}", "exact": f"{value:f}", "unit": one.quantity.unit.text}
