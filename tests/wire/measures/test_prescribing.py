"""Measures of prescribing on files of the English Prescribing Dataset, beside a loop over their lines."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from pestle.cli import main
from pestle.definitions import folder
from pestle.pharmacy.measures import library


@pytest.fixture(scope="module")
def files(samples: Path) -> list[Path]:
    return sorted((samples / "uk/prescribing").glob("epd_2017*_sample.csv"))


@pytest.fixture(scope="module")
def told(files: list[Path], samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command says of both months, with the numbers of patients."""
    out = tmp_path_factory.mktemp("told") / "out.csv"
    lists = sorted((samples / "uk/prescribing").glob("list_size_2017*.csv"))
    assert main(["audit", "prescribing", *map(str, [*files, *lists]), "--out", str(out)]) == 0
    return out


def _rows(path: Path) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {
        (row["measure"], row["practice"], row["month"]): (int(row["found"]), int(row["asked"]))
        for row in csv.DictReader(path.open(encoding="utf-8"))
        if row["measure"] != "opioids_for_patients"
    }


Place = tuple[str, str]


def _generic(code: str) -> str:
    return code[:9] + code[-2:]


def _table(samples: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((samples / "uk/measures/tables" / name).open(encoding="utf-8-sig")))


def test_shares_are_those_of_a_loop_over_the_lines(files: list[Path], told: Path) -> None:
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
    asked_there = {
        key: value
        for key, value in _rows(told).items()
        if key[0] in ("trimethoprim_share", "amoxicillin_over_five_days")
    }
    assert asked_there == {key: (found[key], number) for key, number in asked.items()}
    assert sum(found.values()) > 100


def test_watch_and_reserve_are_those_of_a_loop_over_the_lines(
    files: list[Path], samples: Path, told: Path
) -> None:
    # Nothing in these files is in one category by mouth and in another by needle. The routes of injections
    # are unknown to the starter formulary.
    category = {
        row["vtm_id"]: row["aware_2024"]
        for row in _table(samples, "tbl__aware_vtms.csv")
        if row["atc_route"] != "P" and row["aware_2024"] in ("Access", "Watch", "Reserve")
    }
    starter = csv.DictReader((folder("formulary") / "starter.csv").open(encoding="utf-8"))
    products = {_generic(row["bnf"]): row for row in starter if len(row["bnf"]) == 15 and row["moiety"]}
    found, asked, unsure = Counter[Place](), Counter[Place](), Counter[Place]()
    for path in files:
        for line in csv.DictReader(path.open(encoding="utf-8-sig")):
            code, items = line["BNF_CODE"], int(line["ITEMS"])
            place = (line["PRACTICE_CODE"], f"{line['YEAR_MONTH'].replace('_', '-')}-01")
            product = products.get(_generic(code))
            of = category.get(product["moiety_id"]) if product else None
            if product is None:
                unsure[place] += items if code.startswith("0501") else 0
            elif of and not product["routes"]:
                unsure[place] += items
            elif of and product["routes"] in ("Oral", "Inhalation"):
                asked[place] += items
                found[place] += items if of != "Access" else 0
    rows = list(csv.DictReader(told.open(encoding="utf-8")))
    assert {
        (row["practice"], row["month"]): (int(row["found"]), int(row["asked"]), int(row["unsure"]))
        for row in rows
        if row["measure"] == "antibiotics_watch_or_reserve"
    } == {place: (found[place], number, unsure[place]) for place, number in asked.items()}
    assert sum(found.values()) > 500
    assert {key: row for key, row in _rows(told).items() if key[0] == "antibiotics_access"} == {
        ("antibiotics_access", *place): (asked[place] - found[place], asked[place]) for place in asked
    }
    # The starter formulary knows few opioids: what those come to is a part, and no rate is made of a part.
    opioids = [row for row in rows if row["measure"] == "opioids_for_patients"]
    assert len(opioids) == 8
    assert all(row["rate"] == "" and int(row["unsure"]) > 400 for row in opioids)


def test_the_classification_and_the_factors_are_those_of_their_sources(samples: Path) -> None:
    known = library.read(*map(folder, library.FOLDERS))
    lists = {name: one for name, one in known.terms.medicines.items() if name.startswith("aware_")}
    only = {"": "", "O": "_by_mouth", "P": "_injected"}
    assert {(id_, name) for name, one in lists.items() for id_ in one.products} == {
        (row["vtm_id"], f"aware_{row['aware_2024'].casefold()}{only[row['atc_route']]}")
        for row in _table(samples, "tbl__aware_vtms.csv")
        if row["aware_2024"] in ("Access", "Watch", "Reserve")
    }
    counted = known.prescribing["opioids_for_patients"].counted_as
    assert counted is not None
    routes = {**counted.routes, "injection": "injection"}
    assert counted.factors == {
        (known.substances.stem(row["nm"]), routes[row["form"]]): Fraction(row["ome"])
        for row in _table(samples, "opioid_ing_form_ome.csv")
    }


def test_for_patients_the_sizes_of_lists_are_needed(
    files: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "prescribing", str(files[0]), "--out", str(tmp_path / "out.csv")]) == 0
    assert "quinolones_for_patients\tcannot be asked" in capsys.readouterr().out
    own = tmp_path / "practice"
    own.mkdir()
    (own / "prescribing.csv").write_text(
        "practice,month,bnf,items,quantity\nEX1,2026-11-01,0501120L0AAAAAA,3,10\n"
        "EX1,2026-11-01,0501080W0AAAEAE,1,6\nEX2,2026-11-01,0501120L0AAAAAA,1,10\n"
    )
    (own / "list_size.csv").write_text("practice,month,patients\nEX1,2026-11-01,2000\n")
    assert main(["population", "check", str(own)]) == 0
    assert main(["audit", "prescribing", str(own), "--out", str(tmp_path / "out.csv")]) == 0
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
