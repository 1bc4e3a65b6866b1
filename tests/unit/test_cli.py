"""The command line without a database: help, questions answered, wrong settings and options named."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from pestle import __version__
from pestle.cli import main
from pestle.cli.options import parser
from pestle.definitions import folder
from pestle.web.environment import SETTINGS

COMMANDS = (
    ("demo",), ("serve",), ("migrate",), ("settings",), ("receive",), ("site", "add"), ("person", "add"),
    ("token", "add"), ("verify",), ("dosage",), ("calculate",), ("medicine", "search"), ("medicine", "show"),
    ("medicine", "equivalents"), ("medicine", "barcode"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_help_of_a_command_says_what_it_does_with_an_example(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([*command, "--help"])
    told = capsys.readouterr().out
    assert ended.value.code == 0
    examples = told.split("Examples:")[1]
    assert f"pestle {' '.join(command)}" in examples
    assert len(told.split("Examples:")[0].splitlines()) > 4


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out == f"{__version__}\n"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PESTLE_HTTPS", "maybe", "neither on nor off"),
        ("PESTLE_IDLE_MINUTES", "0", "1 to 720"),
        ("PESTLE_DATABASE_URL", "mysql://x/y", "neither sqlite nor postgresql"),
        ("PESTLE_DATABASE_URL", "postgresql://a:b@host:port/name", "the port"),
        ("PESTLE_DICTIONARY", "/nowhere/at/all", "does not exist"),
        ("PESTLE_COLOUR", "red", "not a setting"),
    ],
)
@pytest.mark.parametrize(
    "command", [("settings",), ("medicine", "search", "aspirin"), ("serve",)], ids=" ".join
)
def test_a_wrong_setting_is_named_in_one_line(
    command: tuple[str, ...],
    name: str,
    value: str,
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(name, value)
    assert main(command) == 2
    told = capsys.readouterr().err
    assert name in told
    assert says in told
    assert "[setting." in told
    assert len(told.splitlines()) == 1


def test_settings_are_all_listed_and_no_password_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PESTLE_DATABASE_URL", "postgresql://pestle:s3cret@db/pestle")
    assert main(["settings"]) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in SETTINGS)
    assert "postgresql://pestle:…@db/pestle" in told
    assert "s3cret" not in told


def _said(
    lines: str, *arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[dict[str, object]]:
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    assert main(["dosage", *arguments]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_dosage_parse_says_what_was_not_understood(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = _said(
        "Take one tablet twice a day\nas before\n", "parse", monkeypatch=monkeypatch, capsys=capsys
    )
    assert first["understood"] is True
    assert second["understood"] is False
    assert second["unused"] == ["as before"] or second["unused"] == ["as", "before"]


def test_dosage_wording(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = _said("take 1 tablet bd\nas before\n", "wording", monkeypatch=monkeypatch, capsys=capsys)
    assert (first["label"], first["verbatim"]) == ("Take ONE tablet TWICE a day.", False)
    assert (second["label"], second["verbatim"]) == ("as before", True)


def test_dosage_supply_counts_what_the_line_states_and_else_the_option(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own, given, unknown = _said(
        "20 tablets. One daily\nTake two tablets four times a day\nas before\n",
        "supply", "--quantity", "100 tablets",
        monkeypatch=monkeypatch, capsys=capsys,
    )  # fmt: skip
    assert (own["daily"], own["days"]) == ("1 a day", "20 days")
    assert (given["daily"], given["days"]) == ("8 tablets a day", "12.5 days")
    assert unknown["days"] is None
    assert unknown["cannot_tell"]


def test_dosage_reads_a_file_and_refuses_a_quantity_without_a_unit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "lines.txt"
    file.write_text("Take one tablet daily\n", encoding="utf-8")
    assert main(["dosage", "supply", str(file), "--quantity", "28"]) == 1
    assert "[quantity.no-unit]" in capsys.readouterr().err


def test_medicine_forgives_a_typing_error_and_says_when_nothing_fits(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["medicine", "search", "amoxicilin", "500"]) == 0
    assert capsys.readouterr().out.splitlines()[0].split("\t")[1] == "Amoxicillin 500mg capsules"
    assert main(["medicine", "search", "xyzzyplugh"]) == 1
    assert capsys.readouterr().out == ""


def test_medicine_show_follows_an_old_code_and_says_what_is_unknown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["medicine", "show", "317972000"]) == 0
    told = capsys.readouterr().out
    assert "The code 317972000 is no longer used: it was replaced by 42294811000001108." in told
    assert "Name\tFurosemide 40mg tablets" in told
    assert "Availability\tunknown: no source says" in told
    assert main(["medicine", "show", "1"]) == 1
    assert "[dictionary.unknown-product]" in capsys.readouterr().err


def test_medicine_equivalents_says_what_a_person_must_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["medicine", "equivalents", "42217511000001103"]) == 0
    brand = capsys.readouterr().out.splitlines()[0].split("\t")
    assert brand[1:3] == ["Marevan 1mg tablets", "the same product by another brand"]
    assert "narrow therapeutic index" in brand[3]


def test_medicine_barcode_reads_finds_and_refuses(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    packs = folder("formulary").parent.parent / "demo" / "packs.yaml"
    monkeypatch.setenv("PESTLE_DICTIONARY", os.pathsep.join([str(folder("formulary")), str(packs)]))
    assert main(["medicine", "barcode", r"]d201095210000007731729033110A1\x1d21XYZ"]) == 0
    told = capsys.readouterr().out
    for said in ("Batch\tA1", "Expiry\t2029-03-31", "Serial\tXYZ", "Furosemide 40mg tablets, 28 tablets"):
        assert said in told
    assert main(["medicine", "barcode", "09521000000774"]) == 1
    assert "[barcode.check-digit]" in capsys.readouterr().err
    assert main(["medicine", "barcode", "05012345678900"]) == 1
    assert "has this code" in capsys.readouterr().out


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["demo", "--port", port])
    assert ended.value.code == 2
    assert "not a port" in capsys.readouterr().err
