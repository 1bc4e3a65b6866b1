"""What does a published formula give for these figures? Answers as one JSON object."""

from __future__ import annotations

import argparse
import json

from pestle import definitions
from pestle.cli.begin import say
from pestle.pharmacy.calculators.entry import Choice, Column, Day, Input, Number, Rows, YesNo
from pestle.pharmacy.calculators.result import result_json
from pestle.pharmacy.calculators.table import AnyCalculator, calculator_of, read_calculators


def calculate(options: argparse.Namespace) -> int:
    """Work out a published formula.

    Without NAME lists the calculators. NAME --help says what one asks for, in which units and ranges. Figures
    may carry a unit: “1.1 mg/dL”. Nothing is assumed for what is missing. Writes one JSON object:
    calculator, title, answer, figure (value as shown, exact, unit), meaning, also, formula with the numbers
    put in, used, warnings, source. Numbers are text.

    Examples:
      pestle calculate
      pestle calculate creatinine-clearance --help
      pestle calculate creatinine-clearance --age 61 --sex female --weight 72 --creatinine 98
      pestle calculate opioid-equivalence --opioid "codeine by mouth = 240" --opioid "fentanyl patch = 25"
    """
    known = read_calculators(definitions.folder("calculators"))
    if options.name is None:
        for one in known.values():
            say(f"{one.name}\t{one.title}")
        return 0
    asked = calculator_of(known, options.name)
    entered = vars(_parser(asked).parse_args(options.entered))
    entries = {
        one.name: tuple(value) if isinstance(one, Rows) else value
        for one in asked.inputs
        if (value := entered[one.name]) is not None
    }
    say(json.dumps(result_json(asked.calculate(entries)), ensure_ascii=False))
    return 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command: what follows NAME is read by the calculator's own parser."""
    parser.add_argument("name", nargs="?", metavar="NAME")
    parser.add_argument("entered", nargs=argparse.REMAINDER, metavar="--INPUT VALUE")


def _parser(asked: AnyCalculator) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"pestle calculate {asked.name}",
        description=f"{asked.title}. {asked.says}",
        epilog=f"Source: {asked.source.title}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for one in asked.inputs:
        parser.add_argument(
            f"--{one.name}",
            dest=one.name,
            metavar="VALUE",
            action="append" if isinstance(one, Rows) else "store",
            help=_says(one).replace("%", "%%"),
        )
    return parser


def _says(one: Input) -> str:
    """Label, what it takes, what stands where nothing is entered."""
    parts = [one.label, _takes(one), one.hint]
    default = getattr(one, "default", None)
    if default is not None:
        parts.append(f"default: {default}")
    elif one.optional:
        parts.append("may be left out")
    return "; ".join(part for part in parts if part)


def _takes(one: Input | Column) -> str:
    if isinstance(one, Number):
        units = " or ".join(scale.unit for scale in one.scales if scale.unit)
        return f"{one.low} to {one.high:f} {one.scales[0].unit}".strip() + (f", in {units}" if units else "")
    if isinstance(one, Choice):
        return " | ".join(one.options)
    if isinstance(one, YesNo):
        return "yes | no"
    if isinstance(one, Day):
        return "a day, 2026-07-09"
    if isinstance(one, Rows):
        columns = " = ".join(f"({column.label}: {_takes(column)})" for column in one.columns)
        return f"again for each: {columns}"
    return "words"
