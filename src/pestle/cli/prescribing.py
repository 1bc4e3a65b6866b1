"""The command about what practices prescribe: shares of items, and items or mg for so many patients."""

from __future__ import annotations

import argparse
import csv
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pestle import definitions
from pestle.cli.begin import say, settings
from pestle.pharmacy.refusal import refuse

if TYPE_CHECKING:
    from pestle.pharmacy.measures.prescribing import PrescribingMeasure


def audit(options: argparse.Namespace) -> int:
    """Ask what practices prescribe, and write how much of it is of each kind.

    PATH is a folder with the table prescribing, and list_size where there is one (docs/population.md), or
    files of the English Prescribing Dataset as the NHSBSA publishes them, with files of the numbers of
    patients registered at practices as NHS England does. Writes a CSV: each measure, practice and month, with
    the items found (opioids: mg of morphine by mouth), the items or patients asked, the items of which nobody
    can tell, because the dictionary does not know them well enough, and the rate; none of a sum of which a
    part is not known. No patient is in it.

    Examples:
      pestle audit prescribing EPD_201709.csv list_size_201709.csv --out prescribed.csv
    """
    from pestle.pharmacy.measures import library, prescribing, published
    from pestle.pharmacy.measures.folder import connect, prescribed
    from pestle.pharmacy.measures.presentations import Presentations
    from pestle.pharmacy.medicines.dictionary import read as read_dictionary

    dictionary = read_dictionary(*settings().dictionary)
    known = library.read(
        *map(definitions.folder, library.FOLDERS), *settings().definitions, dictionary=dictionary
    )
    presentations = Presentations(dictionary, known.substances)
    with tempfile.TemporaryDirectory() as spill, options.out.open("w", newline="", encoding="utf-8") as file:
        backend = connect(threads=2, memory_mb=1500, spill=Path(spill))
        if len(options.paths) == 1 and options.paths[0].is_dir():
            rows, lists = prescribed(options.paths[0], backend)
        else:
            for path in options.paths:
                if not path.is_file():
                    raise refuse("setting.option", f"{path} is neither a file nor a folder", place="PATH")
            rows, lists = published.tables(options.paths, backend)
        # Read once, and asked several times.
        rows = backend.create_table("asked", rows, temp=True)
        table = csv.writer(file)
        table.writerow(["measure", "practice", "month", "found", "asked", "unsure", "rate"])
        for measure in known.prescribing.values():
            if measure.for_patients is not None and lists is None:
                say(f"{measure.name}\tcannot be asked: the sizes of the lists are not there")
                continue
            found = prescribing.counted(measure, rows, lists, presentations).order_by("practice", "month")
            answers = found.to_pyarrow().to_pylist()
            for row in answers:
                table.writerow([measure.name, row["practice"], row["month"], _plain(row["found"]),
                                row["asked"], row["unsure"], _rate(measure, row)])  # fmt: skip
            unsure = sum(row["unsure"] for row in answers)
            told = f"; of {unsure} items nobody can tell with {dictionary.release.title}" if unsure else ""
            say(f"{measure.name}\t{len(answers)} practices and months{told}")
    return 0


def _plain(found: int | Decimal) -> str:
    return f"{Decimal(found).normalize():f}"


def _rate(measure: PrescribingMeasure, row: dict[str, Any]) -> str:
    """Empty of nobody, and of a sum of which a part is not known: too small a figure would mislead."""
    if not row["asked"] or (measure.for_patients is not None and row["unsure"]):
        return ""
    return f"{Decimal(row['found']) * (measure.for_patients or 1) / Decimal(row['asked']):.4f}"
