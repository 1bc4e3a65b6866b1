"""pestle dictionary: load a release, list what there is, choose one; a refused one changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.wire.medicines.rxnorm_release import directory, zipped

from pestle.cli import main
from pestle.pharmacy.medicines.dictionary import read as read_dictionary
from pestle.web import environment
from pestle.web.environment import SETTINGS


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in SETTINGS:
        if name != "PESTLE_SAMPLES":
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PESTLE_HOME", str(tmp_path))
    return tmp_path


def _decides(home: Path) -> str:
    return read_dictionary(*environment.read({"PESTLE_HOME": str(home)}).dictionary).release.id


def test_load_list_use_and_back(samples: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dmd = samples / "uk/dmd"
    assert _decides(home).startswith("starter")
    assert main(["dictionary", "load", str(dmd / "sample-2021-08")]) == 0
    told = capsys.readouterr().out
    assert "reading f_vmp2_3260821.xml" in told
    assert "Not in use yet: pestle dictionary use dmd-2021-08-26" in told
    assert _decides(home).startswith("starter")
    assert main(["dictionary", "load", "--use", str(dmd / "sample-2019-04")]) == 0
    assert _decides(home) == "dmd-2019-04-01"
    assert main(["dictionary", "use", "dmd-2021-08-26"]) == 0
    capsys.readouterr()
    assert main(["dictionary", "list"]) == 0
    lines = [line.split("\t")[:2] for line in capsys.readouterr().out.splitlines()]
    assert lines == [["-", "starter"], ["-", "dmd-2019-04-01"], ["in use", "dmd-2021-08-26"]]
    assert main(["medicine", "search", "co-amilofruse"]) == 0
    assert "318136009" in capsys.readouterr().out
    assert main(["dictionary", "use", "starter"]) == 0
    assert _decides(home).startswith("starter")


def test_a_refused_release_leaves_what_was_in_use(
    samples: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = samples / "uk/dmd/sample-releases-2022"
    assert main(["dictionary", "load", "--use", str(folder / "nhsbsa_dmd_1.0.0_20221001000001.zip")]) == 0
    assert main(["dictionary", "load", "--use", str(folder / "nhsbsa_dmd_1.1.0_20221001000001.zip")]) == 1
    assert "[release.file-twice]" in capsys.readouterr().err
    assert _decides(home) == "dmd-2022-10-01-1.0.0"


def test_the_us_directory_needs_its_day(
    samples: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(samples / f"us/drug/{name}_trimmed.txt") for name in ("product", "package")]
    assert main(["dictionary", "load", *files]) == 1
    assert "[release.undated]" in capsys.readouterr().err
    assert main(["dictionary", "load", "--dated", "2019-01-01", *files]) == 0


def test_what_is_not_there_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dictionary", "use", "dmd-1999-01-01"]) == 1
    assert "[dictionary.unknown]" in capsys.readouterr().err
    assert main(["dictionary", "load", str(home / "nothing.zip")]) == 1
    assert "[release.not-readable]" in capsys.readouterr().err


def test_a_chosen_release_that_is_gone_stops_the_program_and_says_so(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.dictionaries(home).mkdir()
    environment.use_dictionary(home, environment.dictionaries(home) / "dmd-1999-01-01.dictionary")
    assert main(["medicine", "search", "aspirin"]) == 2
    assert "[setting.dictionary-gone]" in capsys.readouterr().err


def test_our_rule_of_whole_packs_stands_beside_a_file_named_by_the_setting(home: Path) -> None:
    (home / "any.dictionary").touch()
    named = {"PESTLE_HOME": str(home), "PESTLE_DICTIONARY": str(home / "any.dictionary")}
    assert [path.name for path in environment.read(named).dictionary] == [
        "any.dictionary",
        "whole_packs.yaml",
    ]


@pytest.mark.parametrize("command", ["load", "list", "use"])
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["dictionary", command, "--help"])
    assert f"pestle dictionary {command}" in capsys.readouterr().out.split("Examples:")[1]


def test_rxnorm_loads_with_the_directory_beside_it(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    release, beside = zipped(tmp_path), directory(tmp_path / "ndc")
    assert main(["dictionary", "load", str(release), str(beside), "--use"]) == 0
    told = capsys.readouterr().out
    for said in ("reading RXNSAT.RRF", "reading package.txt", "loaded rxnorm-2017-11-06", "note: Courtesy"):
        assert said in told
    assert _decides(home) == "rxnorm-2017-11-06"
