"""The command about what practices prescribe: antibiotics as shares of items, or for so many patients."""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path
from typing import Any

from pestle import definitions
from pestle.cli.begin import say, settings
from pestle.pharmacy.refusal import refuse


def audit(options: argparse.Namespace) -> int:
    """Ask what practices prescribe, and write how much of it is of each kind.

    PATH is a folder with the table prescribing, and list_size where there is one (docs/population.md), or
    files of the English Prescribing Dataset as the NHSBSA publishes them. Writes a CSV: each measure,
    practice and month, with the items found, the items or patients asked, and the rate. No patient is in it.

    Examples:
      pestle audit prescribing EPD_201709.csv EPD_201710.csv --out antibiotics.csv
    """
    from pestle.pharmacy.measures import library, prescribing
    from pestle.pharmacy.measures.folder import connect, prescribed

    known = library.read(*map(definitions.folder, library.FOLDERS), *settings().definitions)
    with tempfile.TemporaryDirectory() as spill, options.out.open("w", newline="", encoding="utf-8") as file:
        backend = connect(threads=2, memory_mb=1500, spill=Path(spill))
        if len(options.paths) == 1 and options.paths[0].is_dir():
            rows, lists = prescribed(options.paths[0], backend)
        else:
            for path in options.paths:
                if not path.is_file():
                    raise refuse("setting.option", f"{path} is neither a file nor a folder", place="PATH")
            rows, lists = prescribing.from_epd(options.paths, backend), None
        table = csv.writer(file)
        table.writerow(["measure", "practice", "month", "found", "asked", "rate"])
        for measure in known.prescribing.values():
            if measure.for_patients is not None and lists is None:
                say(f"{measure.name}\tcannot be asked: the sizes of the lists are not there")
                continue
            found = prescribing.counted(measure, rows, lists).order_by("practice", "month").to_pyarrow()
            for row in found.to_pylist():
                table.writerow([measure.name, row["practice"], row["month"], row["found"], row["asked"],
                                f"{_rate(row, measure.for_patients or 1):.4f}"])  # fmt: skip
            say(f"{measure.name}\t{found.num_rows} practices and months")
    return 0


def _rate(row: dict[str, Any], for_patients: int) -> float:
    return float(row["found"]) * for_patients / float(row["asked"])
