"""The command line's answers about dosage: documented keys, refusals in their line, options named."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from pestle.cli import main

DOCUMENTED = Path(__file__).parents[2] / "docs" / "dosage-json.md"
WINDOW = ("--from", "2026-10-24", "--to", "2026-10-26", "--zone", "Europe/London")
LINES = "One tablet twice a day\n1 or 2 every 4 to 6 hours prn\nas before\nTake 2 puffs bd for 5 days\n"


@pytest.fixture
def rounds(tmp_path: Path) -> Path:
    file = tmp_path / "rounds.json"
    file.write_text('{"times_a_day": {"2": ["08:00", "20:00"]}}', encoding="utf-8")
    return file


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def asked(lines: str, *arguments: str) -> list[dict[str, Any]]:
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        assert main(["dosage", *arguments]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return asked


def _keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(_keys, value.values()))
    return set().union(*map(_keys, value)) if isinstance(value, list) else set()


@pytest.mark.parametrize(
    "arguments",
    [
        ("parse",),
        ("wording",),
        ("schedule", *WINDOW),
        ("supply", "--quantity", "28 tablets", "--days", "7"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_every_key_is_documented_and_every_line_has_the_same(arguments: tuple[str, ...], ask: Any) -> None:
    section = DOCUMENTED.read_text(encoding="utf-8").split(f"## {arguments[0]}\n")[1].split("\n## ")[0]
    documented = set(re.findall(r"`(\w+)`", section))
    answers = ask(LINES, *arguments)
    assert len(answers) == 4
    assert {frozenset(answer) for answer in answers} == {frozenset(answers[0])}
    assert _keys(answers) <= documented
    assert [answer["text"] for answer in answers] == LINES.splitlines()


def test_schedule_places_doses_across_the_clock_change(ask: Any, rounds: Path) -> None:
    twice, required, unread, _ = ask(LINES, "schedule", *WINDOW, "--round-times", str(rounds))
    assert [dose["at"] for dose in twice["due"]] == [
        "2026-10-24T07:00:00Z", "2026-10-24T19:00:00Z", "2026-10-25T08:00:00Z", "2026-10-25T20:00:00Z",
    ]  # fmt: skip
    assert twice["due"][2] == {"at": "2026-10-25T08:00:00Z", "local": "2026-10-25T08:00:00+00:00", "step": 1}
    assert required["due"] == []
    assert required["when_required"][0]["minimum_interval_minutes"] == 240
    assert unread["refusal"]["rule"] == "dosage.unknown-words"


def test_schedule_refuses_in_its_line_what_it_cannot_place(ask: Any) -> None:
    answers = ask("1 tablet bd\n1 tablet every 8 hours\n", "schedule", *WINDOW)
    assert [each["refusal"]["rule"] for each in answers] == ["schedule.no-round-times", "schedule.no-anchor"]
    (known,) = ask("1 tablet every 8 hours", "schedule", *WINDOW, "--last-dose", "2026-10-25 09:00")
    assert [dose["local"][:16] for dose in known["due"]] == ["2026-10-25T17:00"]


def test_supply_with_what_is_known_of_the_pack(ask: Any) -> None:
    (drops,) = ask(
        "1 drop both eyes bd", "supply", "--days", "28", "--unit", "ml", "--pack", "20 drops = 1 ml"
    )
    assert drops["needed"] == "5.6 ml"
    (pens,) = ask(
        "4 units at night", "supply", "--days", "84", "--pack", "300 units = 1 pen", "--in-use", "28"
    )
    assert (pens["needed"], pens["waste"]) == ("3 pens", "564 units")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("schedule",), "schedule needs --from, --to, --zone"),
        (("schedule", *WINDOW[:4], "--zone", "Mars/Olympus"), "no time zone"),
        (("schedule", *WINDOW[:4], "--zone", "../../etc"), "no time zone"),
        (("schedule", "--from", "soon", *WINDOW[2:]), "no moment"),
        (("schedule", *WINDOW, "--round-times", "/nowhere.json"), "No such file"),
        (("supply", "--pack", "200 puffs"), "no “=”"),
        (("parse", "/nowhere.txt"), "No such file"),
    ],
)
def test_a_wrong_option_is_named_in_one_line(
    arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dosage", *arguments]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[]", "round times"),
        ('{"times_a_day": {"2": ["08:00"]}}', "times_a_day.2"),
        ('{"times_a_day": {"two": ["08:00"]}}', "times_a_day"),
        ('{"times_a_day": {"1": ["8 am"]}}', "times_a_day.1"),
        ('{"moments": {"TEATIME": "16:00"}}', "moments"),
    ],
)
def test_wrong_round_times_are_refused_with_their_place(
    text: str, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rounds.json"
    file.write_text(text, encoding="utf-8")
    assert main(["dosage", "schedule", *WINDOW, "--round-times", str(file)]) == 1
    told = capsys.readouterr().err
    assert "[schedule.round-times]" in told
    assert place in told


def test_bytes_that_are_no_text_are_not_understood(tmp_path: Path, ask: Any) -> None:
    file = tmp_path / "lines.txt"
    file.write_bytes(b"1 tablet \xff daily\n")
    (answer,) = ask("", "parse", str(file))
    assert answer["understood"] is False
