"""Asks a calculator as a table writes it: “age 61, sex male, creatinine 98 µmol/L”."""

from __future__ import annotations

from pestle.definitions import folder
from pestle.pharmacy.calculators.result import Result
from pestle.pharmacy.calculators.table import read_calculators
from pestle.pharmacy.refusal import Refused

CALCULATORS = read_calculators(folder("calculators"))


def ask(calculator: str, entered: str) -> Result:
    """The result; entries are parted by commas, name and value by a colon, rows by semicolons."""
    one = CALCULATORS[calculator]
    pairs = dict(part.strip().split(": ", 1) for part in entered.split(",") if part.strip())
    return one.calculate(
        {name: tuple(value.split("; ")) if ";" in value else value for name, value in pairs.items()}
    )


def answer(calculator: str, entered: str) -> str:
    """The answer, or the rule by which it was refused with the place."""
    try:
        return ask(calculator, entered).answer
    except Refused as refused:
        return f"{refused.rule} ({refused.refusals[0].place})"


def rows(text: str) -> list[tuple[str, ...]]:
    """The rows of a table whose columns are parted by bars; lines that begin with # are remarks."""
    return [
        tuple(cell.strip() for cell in line.split("|"))
        for line in text.strip().splitlines()
        if line.strip() and not line.startswith("#")
    ]
