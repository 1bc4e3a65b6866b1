"""Measures of prescribing on files of the English Prescribing Dataset, beside a loop over their lines."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from pestle.cli import main


@pytest.fixture(scope="module")
def files(samples: Path) -> list[Path]:
    return sorted((samples / "uk/prescribing").glob("epd_2017*_sample.csv"))


def _rows(path: Path) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {
        (row["measure"], row["practice"], row["month"]): (int(row["found"]), int(row["asked"]))
        for row in csv.DictReader(path.open(encoding="utf-8"))
    }


def test_shares_are_those_of_a_loop_over_the_lines(files: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert main(["audit", "prescribing", *map(str, files), "--out", str(out)]) == 0
    found, asked = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for path in files:
        for line in csv.DictReader(path.open(encoding="utf-8-sig")):
            code, items = line["BNF_CODE"], int(line["ITEMS"])
            month = f"{line['YEAR_MONTH'].replace('_', '-')}-01"
            quantity = Decimal(line["QUANTITY"])
            if code.startswith(("0501080W0", "0501130R0")):
                key = ("trimethoprim_share", line["PRACTICE_CODE"], month)
                asked[key] += items
                found[key] += items if code.startswith("0501080W0") else 0
            if code.startswith("0501013B0") and code.endswith("AB"):
                key = ("amoxicillin_over_five_days", line["PRACTICE_CODE"], month)
                asked[key] += items
                found[key] += items if quantity > 15 else 0
    told = {
        key: value
        for key, value in _rows(out).items()
        if key[0] in ("trimethoprim_share", "amoxicillin_over_five_days")
    }
    assert told == {key: (found[key], number) for key, number in asked.items()}
    assert sum(found.values()) > 100


def test_for_patients_the_sizes_of_lists_are_needed(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "prescribing", str(files[0]), "--out", str(tmp_path / "out.csv")]) == 0
    assert "quinolones_for_patients\tcannot be asked" in capsys.readouterr().out
    folder = tmp_path / "practice"
    folder.mkdir()
    (folder / "prescribing.csv").write_text(
        "practice,month,bnf,items,quantity\nEX1,2026-11-01,0501120L0AAAAAA,3,10\n"
        "EX1,2026-11-01,0501080W0AAAEAE,1,6\nEX2,2026-11-01,0501120L0AAAAAA,1,10\n"
    )
    (folder / "list_size.csv").write_text("practice,month,patients\nEX1,2026-11-01,2000\n")
    assert main(["population", "check", str(folder)]) == 0
    assert main(["audit", "prescribing", str(folder), "--out", str(tmp_path / "out.csv")]) == 0
    rows = _rows(tmp_path / "out.csv")
    assert rows["quinolones_for_patients", "EX1", "2026-11-01"] == (3, 2000)
    assert ("quinolones_for_patients", "EX2", "2026-11-01") not in rows


def test_a_folder_and_a_file_that_are_none_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prescribing.csv").write_text("practice,month\nEX1,2026-11-01\n")
    assert main(["population", "check", str(tmp_path)]) == 1
    assert "prescribing\tbnf\tis missing" in capsys.readouterr().out
    command = ["audit", "prescribing", str(tmp_path / "prescribing.csv"), "--out", str(tmp_path / "out.csv")]
    assert main(command) == 1
    assert "prescribing.not-epd" in capsys.readouterr().err
