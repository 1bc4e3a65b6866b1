"""An invented population from making it to the reasons of an audit, and a folder that is none."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from tests import pincer

from pestle import definitions
from pestle.cli import main

ON = date(2026, 11, 1)


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    assert main(["population", "make", "--patients", "4000", "--on", str(ON), str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def audited(people: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("audited")
    command = ["audit", "run", str(people), "--out", str(out), "--on", str(ON), "--measure", "pincer"]
    assert main(command) == 0
    return out


def test_pincer_is_what_a_slow_program_says_of_every_patient(
    people: Path, audited: Path, samples: Path
) -> None:
    codes = pincer.lists(
        samples / "uk" / "codelists" / "pincer", definitions.folder("formulary") / "starter.csv"
    )
    slow = {number: pincer.indicators(one, ON, codes) for number, one in _people(people).items()}
    found: dict[str, dict[int, bool]] = defaultdict(dict)
    for row in pq.read_table(audited / "standings.parquet").to_pylist():
        assert row["standing"] in ("found", "not found")
        found[row["measure"]][row["patient"]] = row["standing"] == "found"
    assert len(found) == 14
    for name, told in found.items():
        assert told == {number: answers[name] for number, answers in slow.items() if name in answers}
    assert sum(sum(told.values()) for told in found.values()) > 50


def test_each_patient_found_has_the_reason(audited: Path) -> None:
    rows = list(csv.DictReader((audited / "reasons.csv").open(encoding="utf-8")))
    assert {row["standing"] for row in rows} == {"found"}
    nsaids = [row for row in rows if row["measure"] == "pincer_a"]
    assert nsaids
    assert all("Supplied" in row["because"] for row in nsaids)
    assert not any("Born" in row["because"] for row in nsaids), "who somebody is, is no reason"


def test_rates_of_practices_sum_to_the_whole(audited: Path) -> None:
    rows = list(csv.DictReader((audited / "rates.csv").open(encoding="utf-8")))
    for name in {row["measure"] for row in rows}:
        whole = [row for row in rows if row["measure"] == name and row["practice"] == "all"]
        parts = [row for row in rows if row["measure"] == name and row["practice"] != "all"]
        assert int(whole[0]["found"]) == sum(int(row["found"]) for row in parts)


def test_for_outside_few_people_are_withheld(people: Path, tmp_path: Path) -> None:
    command = ["audit", "run", str(people), "--out", str(tmp_path), "--on", str(ON), "--for-outside"]
    assert main([*command, "--measure", "pincer_me_lft"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["rates.csv"]
    rows = list(csv.DictReader((tmp_path / "rates.csv").open(encoding="utf-8")))
    assert any(row["found"] == "withheld" for row in rows)
    assert all(row["found"] == "withheld" or int(row["found"]) % 5 == 0 for row in rows)


def test_the_same_people_are_made_again_and_of_more_the_first_are_the_same(
    people: Path, tmp_path: Path
) -> None:
    assert main(["population", "make", "--patients", "1000", "--on", str(ON), str(tmp_path)]) == 0
    for name in ("patient", "medication", "condition", "observation"):
        first = f"SELECT * FROM '{people / name}.parquet' WHERE patient <= 1000 ORDER BY ALL"
        again = f"SELECT * FROM '{tmp_path / name}.parquet' ORDER BY ALL"
        assert duckdb.sql(first).fetchall() == duckdb.sql(again).fetchall()


def test_a_whole_folder_has_nothing_wrong(people: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["population", "check", str(people)]) == 0
    assert "Nothing is wrong" in capsys.readouterr().out


def test_what_is_wrong_is_said_by_table_and_column_and_nobody_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "patient.csv").write_text(
        "patient,born,gender,shoe\n1,1950-01-01,female,7\n1,1950-01-01,woman,7\n", encoding="utf-8"
    )
    (tmp_path / "medication.csv").write_text("patient,code\n1,319740004\n", encoding="utf-8")
    (tmp_path / "condition.csv").write_text("patient,code,recorded\n9,1,yesterday\n", encoding="utf-8")
    assert main(["population", "check", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "medication\tissued\tis missing" in said
    assert "observation\t\tthere is neither a file nor a folder of that name" in said
    assert "patient\tshoe\tis no column of this table" in said
    assert "condition\t\tcannot be read as it should be" in said


def test_what_rows_hold_is_looked_at_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "patient.csv").write_text(
        "patient,born,gender,died\n1,1950-01-01,female,1949-01-01\n2,1950-01-01,woman,\n2,,male,\n",
        encoding="utf-8",
    )
    (tmp_path / "medication.csv").write_text(
        "patient,code,issued\n1,,2026-01-01\n9,319740004,\n", encoding="utf-8"
    )
    (tmp_path / "condition.csv").write_text("patient,code,recorded\n1,1,2020-01-01\n", encoding="utf-8")
    (tmp_path / "observation.csv").write_text(
        "patient,code,taken,value,unit,comparator\n1,2,2020-01-01,4.5,mmol/L,~\n", encoding="utf-8"
    )
    assert main(["population", "check", str(tmp_path)]) == 1
    assert set(capsys.readouterr().out.splitlines()) == {
        "patient\tpatient\tstands twice\t1 rows",
        "patient\tgender\tis none of male, female, other, unknown\t1 rows",
        "patient\tdied\tlies before the birth\t1 rows",
        "medication\tcode\tis empty\t1 rows",
        "medication\tpatient\tis nobody of the table patient\t1 rows",
        "observation\tcomparator\tis none of < <= >= >\t1 rows",
    }


def test_a_measure_that_is_not_there_is_refused_by_name(
    people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "run", str(people), "--out", str(tmp_path), "--measure", "pinser"]) == 1
    assert "measure.unknown" in capsys.readouterr().err


def _people(folder: Path) -> dict[int, pincer.Person]:
    def rows(name: str, columns: str) -> list[tuple[object, ...]]:
        return duckdb.sql(f"SELECT {columns} FROM '{folder / name}.parquet'").fetchall()

    people = {
        number: pincer.Person(*rest)  # type: ignore[arg-type]
        for number, *rest in rows("patient", "patient, born, gender, died, practice")
    }
    for number, *rest in rows("medication", "patient, code, issued"):
        people[number].medicines.append(tuple(rest))  # type: ignore[arg-type]
    for number, *rest in rows("condition", "patient, code, recorded"):
        people[number].conditions.append(tuple(rest))  # type: ignore[arg-type]
    for number, *rest in rows("observation", "patient, code, taken, value, NULL"):
        people[number].results.append(tuple(rest))  # type: ignore[arg-type]
    return people  # type: ignore[return-value]
