"""What public lists of codes were found to hold, the linter finds: line by line, with the source."""

from __future__ import annotations

import contextlib
import io
from collections import Counter
from pathlib import Path

import pytest

from pestle.cli import main


@pytest.fixture(scope="module")
def told(samples: Path) -> list[list[str]]:
    """Each line that the command prints of every public list, as its columns."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        bonus = str(samples / "uk/dmd/supplementary-2025-02")
        assert main(["codelists", "check", str(samples / "uk/codelists"), "--dmd", bonus]) == 1
    *lines, last = printed.getvalue().splitlines()
    assert last.startswith("126 lists, 1 not read:")
    return [line.split("\t") for line in lines]


def _of(told: list[list[str]], file: str, rule: str) -> list[list[str]]:
    return [line for line in told if line[0].startswith(f"{file}:") and line[1] == rule]


def test_four_hundred_superseded_ids_have_no_successor_on_their_list(told: list[list[str]]) -> None:
    old = [line for line in told if line[0].startswith("pincer/") and line[1] == "superseded"]
    assert len(old) == 403
    assert sum("not on the list" in line[3] for line in old) == 400
    by_list = Counter(line[0].partition(":")[0] for line in old)
    assert [by_list[f"pincer/pincer-{name}.csv"] for name in ("acei", "nsaid", "nsbb", "ppi")] == [
        109, 90, 71, 36,
    ]  # fmt: skip


def test_medicines_of_other_classes_stand_among_loop_diuretics(told: list[list[str]]) -> None:
    classes = Counter(line[3].split()[4][:5] for line in _of(told, "pincer/pincer-diur.csv", "class"))
    assert classes["C03DA"] == 194 + 38  # spironolactone and eplerenone
    assert classes["L02BX"] + classes["L02BA"] == 11  # degarelix and toremifene, with their brands
    selective = [line[3] for line in _of(told, "pincer/pincer-nsbb.csv", "class")]
    assert sum("ATC C07AB" in said for said in selective) > 40, "celiprolol and esmolol spare the lungs"


def test_eye_drops_and_injections_stand_among_tablets(told: list[list[str]], samples: Path) -> None:
    lines = (samples / "uk/codelists/pincer/pincer-nsbb.csv").read_text().splitlines()
    eye = {int(line[0].rpartition(":")[2]) for line in _of(told, "pincer/pincer-nsbb.csv", "route")}
    drops = {number for number, line in enumerate(lines, start=1) if "eye drops" in line}
    assert len(drops) == 254
    assert drops <= eye
    assert len(_of(told, "pincer/pincer-met.csv", "route")) == 208


def test_a_spreadsheet_has_rounded_two_public_lists(told: list[list[str]]) -> None:
    for name, number in (("levothyroxine", 320), ("methotrexate-oral", 97)):
        lines = _of(told, f"monitoring/opensafely-{name}.csv", "not-a-code")
        assert len(lines) == number
        assert all("rounded by a spreadsheet" in line[3] for line in lines)


def test_one_list_holds_codes_of_another_kind_and_says_so(told: list[list[str]]) -> None:
    (line,) = [line for line in told if line[1] == "not-read"]
    assert "ctv3code" in line[3]


def test_every_line_names_its_code_and_who_says_so(told: list[list[str]]) -> None:
    faults = [line for line in told if line[1] not in ("not judged", "not-read")]
    assert [line for line in faults if len(line) != 5 or not all(line)] == []
