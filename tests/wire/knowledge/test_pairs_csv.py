"""A table of pairs becomes a folder of definitions that the checks read; a faulty one is refused whole."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

import pestle.definitions
from pestle.cli import main
from pestle.cli.definitions import READERS
from pestle.definitions import ROOT, folder
from pestle.pharmacy.checks.finding import Severity
from pestle.pharmacy.checks.knowledge import FOLDERS, read
from pestle.pharmacy.refusal import Refused
from pestle.web.environment import SETTINGS
from pestle.wire.knowledge.pair import Pair
from pestle.wire.knowledge.pairs_csv import read as read_pairs
from pestle.wire.knowledge.written import Heading, definitions

HEADING = Heading("Example list", "Example Ltd, release 1", "Licensed", "A. Pharmacist", date(2027, 5, 22))
OPTIONS = [
    "--title", "Example list", "--source", "Example Ltd, release 1", "--notice", "Licensed",
    "--author", "A. Pharmacist", "--review", "2027-05-22", "--on", "2026-11-22",
]  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in SETTINGS:
        if name != "PESTLE_SAMPLES":
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PESTLE_HOME", str(tmp_path))
    return tmp_path


def test_a_pair_is_read_whichever_way_round_and_once() -> None:
    content = b"drug_a,drug_b,severity\nWarfarin,Aspirin,Critical\naspirin,warfarin,critical\n"
    [pair] = read_pairs(content)
    assert (pair.one, pair.other, pair.severity) == ("aspirin", "warfarin", "interrupt")


def test_what_the_publisher_says_is_kept() -> None:
    content = b"drug_a,drug_b,severity,effect,action\na,b,Contraindicated,they burn,never\n"
    assert read_pairs(content) == (Pair("a", "b", "hard_stop", "they burn", "never"),)


REFUSED = [
    (b"\xff", "knowledge.unreadable", "file"),
    (b"", "knowledge.heading", "line 1"),
    (b"drug_a,severity\n", "knowledge.heading", "line 1"),
    (b"drug_a,drug_b,severity,price\n", "knowledge.heading", "line 1"),
    (b"drug_a,drug_b,severity\na,,Critical\n", "knowledge.missing-field", "line 2, drug_b"),
    (b"drug_a,drug_b,severity\na,b\n", "knowledge.missing-field", "line 2, severity"),
    (b"drug_a,drug_b,severity\na,b,Awful\n", "knowledge.severity", "line 2, severity"),
    (b"drug_a,drug_b,severity\na,A,Critical\n", "knowledge.itself", "line 2"),
]


@pytest.mark.parametrize(("content", "rule", "place"), REFUSED)
def test_a_fault_is_named_by_its_line(content: bytes, rule: str, place: str) -> None:
    with pytest.raises(Refused) as refused:
        read_pairs(content)
    assert [(each.rule, each.place) for each in refused.value.refusals] == [(rule, place)]


def test_every_fault_is_named() -> None:
    with pytest.raises(Refused) as refused:
        read_pairs(b"drug_a,drug_b,severity\na,b,Awful\na,a,Minor\n,b,Minor\n")
    assert len(refused.value.refusals) == 3


def test_the_same_pairs_give_the_same_files() -> None:
    pairs = read_pairs(b"drug_a,drug_b,severity\na b,c,Major\nd,a b,Major\na-b,c,Major\n")
    files = definitions(pairs, HEADING)
    assert list(files) == ["a_b_interrupt.yaml", "a_b_interrupt_2.yaml"]
    assert files == definitions(reversed(pairs), HEADING)


def test_a_public_list_is_taken_in_and_read_by_the_checks(
    samples: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = samples / "us" / "ddi" / "ndf_rt_pairs.csv"
    assert main(["definitions", "import", "pairs-csv", str(table), *OPTIONS]) == 0
    assert "taken in: 1871 pairs" in capsys.readouterr().out
    into = home / "definitions" / "pairs-csv-2026-11-22"
    knowledge = read(*map(folder, FOLDERS), into)
    [found] = [
        rule
        for rule in knowledge.interactions.between("isoniazid", "paracetamol")
        if rule.source.title == "Example Ltd, release 1"
    ]
    assert (found.severity, found.source.verified) == (Severity.NOTE, False)
    assert not any(path.stat().st_mode & 0o222 for path in into.rglob("*.yaml"))
    assert main(["definitions", "import", "pairs-csv", str(table), *OPTIONS]) == 1
    assert "[knowledge.already-there]" in capsys.readouterr().err
    monkeypatch.setenv("PESTLE_DEFINITIONS", str(into))
    assert main(["definitions", "check"]) == 0
    assert "459 beside them" in capsys.readouterr().out


def test_a_refused_file_leaves_nothing_behind(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = home / "pairs.csv"
    table.write_text("drug_a,drug_b,severity\na,b,Awful\n")
    assert main(["definitions", "import", "pairs-csv", str(table), *OPTIONS]) == 1
    assert "line 2, severity" in capsys.readouterr().err
    assert not (home / "definitions").exists()


def test_what_is_due_for_review_is_listed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["definitions", "overdue", "--on", "2026-11-22"]) == 0
    assert "due for review on 2026-11-22: 0" in capsys.readouterr().out
    assert main(["definitions", "overdue", "--on", "2030-01-01"]) == 1
    assert "monitoring/lithium.yaml" in capsys.readouterr().out


def test_a_folder_is_checked_file_by_file(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = home / "own"
    own.mkdir()
    (own / "rule.yaml").write_text("kind: rule\ntitle: x\n")
    assert main(["definitions", "check", str(own)]) == 1
    assert "rule.yaml does not say its source" in capsys.readouterr().err
    assert main(["definitions", "list", str(own), "--unverified"]) == 0
    assert "unverified\tno day of review\trule\trule.yaml\tx" in capsys.readouterr().out
    assert main(["definitions", "list", str(home / "nowhere")]) == 1


def test_every_folder_of_the_program_is_checked(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there = {path.relative_to(ROOT).parts[0] for path in ROOT.rglob("*.yaml")}
    assert there == {*FOLDERS, *READERS}
    copy = home / "definitions"
    shutil.copytree(ROOT, copy)
    for file in ("labels/cautionary.yaml", "storage/fridge.yaml", "checks/renal/metformin.yaml"):
        path = copy / file
        path.write_text(path.read_text().replace("author: ", "autor: "))
    monkeypatch.setattr(pestle.definitions, "ROOT", copy)
    assert main(["definitions", "check"]) == 1
    said = capsys.readouterr().err
    for name in ("cautionary.yaml", "fridge.yaml", "renal/metformin.yaml"):
        assert f"{name} does not say its author" in said
