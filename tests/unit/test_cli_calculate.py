"""The command line's calculators: listed, explained, answered as JSON, and refused by name."""

from __future__ import annotations

import json

import pytest

from pestle.cli import main
from pestle.definitions import folder
from pestle.pharmacy.calculators.table import read_calculators

CALCULATORS = read_calculators(folder("calculators"))
CLEARANCE = ("calculate", "creatinine-clearance", "--age", "61", "--sex", "female", "--weight", "72")


def test_without_a_name_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calculate"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[0] for line in listed] == list(CALCULATORS)


@pytest.mark.parametrize("name", CALCULATORS)
def test_help_says_every_input_and_the_source(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["calculate", name, "--help"])
    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(f"--{one.name} " in told for one in CALCULATORS[name].inputs)
    assert CALCULATORS[name].source.title in told


def test_the_answer_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*CLEARANCE, "--creatinine", "1.1086 mg/dL"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["answer"] == "60.4 mL/min"
    assert answer["figure"]["value"] == "60.4"
    assert answer["used"][3] == {"label": "Serum creatinine", "value": "1.1086 mg/dL (98.0002 µmol/L)"}


def test_a_row_is_given_again_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    rows = ("--opioid", "codeine by mouth = 240", "--opioid", "fentanyl patch = 25")
    assert main(["calculate", "opioid-equivalence", *rows]) == 0
    assert json.loads(capsys.readouterr().out)["answer"] == "84 mg OME/day"


def test_a_temperature_may_be_below_zero(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calculate", "mean-kinetic-temperature", "--temperature", "-5", "--temperature", "-5"]) == 0
    assert json.loads(capsys.readouterr().out)["answer"] == "-5 °C"


def test_what_is_missing_is_said_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calculate", "corrected-calcium"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "pestle: Total calcium is missing. [calculator.missing]",
        "pestle: Albumin is missing (albumin). [calculator.missing]",
    ]


def test_what_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calculate", "qrisk3"]) == 1
    assert "[calculator.unknown]" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main([*CLEARANCE, "--colour", "red"])
    assert ended.value.code == 2
