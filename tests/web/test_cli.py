"""The commands that need a database: a site is opened, messages come in from files, chains are verified."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from pestle.cli import main
from pestle.demo import show
from pestle.demo.messages import Item, an_order
from pestle.demo.patients import another
from pestle.demo.show import free_port
from pestle.pharmacy.refusal import Refused
from pestle.web.store import models, tokens

PASSWORD = "long-enough-for-anybody"
TODAY = datetime.now(UTC)


def _typed(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    waiting = iter(answers)
    monkeypatch.setattr("getpass.getpass", lambda _: next(waiting))


def _person(*arguments: str) -> int:
    return main(["person", "add", *arguments, "--site", "FZZ77"])


@pytest.fixture
def site(db: None) -> models.Site:
    """A site that the command opened."""
    assert main(["site", "add", "--code", "FZZ77", "--name", "Mill Pharmacy", "--self-check", "2"]) == 0
    return models.Site.objects.get(code="FZZ77")


def test_a_site_is_opened_once(site: models.Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert (site.name, site.self_check_minutes, site.country) == ("Mill Pharmacy", 2, "GB-ENG")
    assert main(["site", "add", "--code", "FZZ77", "--name", "Another"]) == 1
    assert "[site.code-taken]" in capsys.readouterr().err
    assert main(["site", "add", "--code", "no code", "--name", "Another"]) == 1
    assert "[site.code]" in capsys.readouterr().err


def test_a_person_is_added_and_can_sign_in(site: models.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    _typed(monkeypatch, PASSWORD, PASSWORD)
    assert _person("tess", "--name", "Tess Okafor", "--role", "technician", "--registration", "5999001") == 0
    user = models.User.objects.get(username="tess")
    assert user.check_password(PASSWORD)
    assert models.Membership.objects.get(user=user, site=site).roles == ["technician"]
    event = models.AuditEvent.objects.get(action="people.add")
    assert (event.subject, event.person_name) == (f"person:{user.pk}", "Pestle")


@pytest.mark.parametrize(
    ("answers", "username", "rule"),
    [
        ((PASSWORD, "something-else-entirely"), "tess", "person.password-differs"),
        (("short", "short"), "tess", "person.password"),
        ((PASSWORD, PASSWORD), "Tess O", "person.username"),
    ],
)
def test_a_person_is_refused_by_name(
    site: models.Site,
    answers: tuple[str, ...],
    username: str,
    rule: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _typed(monkeypatch, *answers)
    assert _person(username, "--name", "Tess", "--role", "technician") == 1
    assert f"[{rule}]" in capsys.readouterr().err
    assert not models.AuditEvent.objects.filter(action="people.add").exists()


def test_a_token_is_shown_once_and_answered_for_by_a_manager(
    site: models.Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _typed(monkeypatch, PASSWORD, PASSWORD, PASSWORD, PASSWORD)
    assert _person("mo", "--name", "Mo Rahman", "--role", "manager") == 0
    assert _person("tess", "--name", "Tess Okafor", "--role", "technician") == 0
    capsys.readouterr()
    arguments = ["token", "add", "--site", "FZZ77", "--name", "Engine", "--days", "30", "--as"]
    assert main([*arguments, "mo"]) == 0
    secret = capsys.readouterr().out.strip()
    assert tokens.holder(secret, now=datetime.now(UTC)) is not None
    assert secret not in str(models.AccessToken.objects.values())
    assert main([*arguments, "tess"]) == 1
    assert "[token.role]" in capsys.readouterr().err


def test_a_folder_with_good_and_bad_files_is_taken_in_once(
    site: models.Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    item = Item("Amoxicillin 500mg capsules", "21", "Take one capsule three times a day for 7 days")
    signed = TODAY - timedelta(hours=1)
    for number in range(2):
        patient = another(number, on=TODAY.date())
        order = an_order(patient, [item], signed_at=signed, key=f"cli {number}")
        (tmp_path / f"{number}.json").write_bytes(order)
    (tmp_path / "8.txt").write_bytes(b"not a message")
    (tmp_path / "9.json").write_bytes(b"")
    (tmp_path / ".hidden").write_bytes(b"not looked at")
    (tmp_path / "sub").mkdir()
    assert main(["receive", str(tmp_path), "--site", "FZZ77"]) == 1
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [line[:2] for line in lines] == [
        ["accepted", "0.json"], ["accepted", "1.json"], ["refused", "8.txt"], ["refused", "9.json"],
    ]  # fmt: skip
    assert lines[2][3] == "fhir.not-json"
    assert lines[3][3] == "messages.empty"
    assert models.Prescription.objects.count() == 2
    assert models.Message.objects.filter(way="command").count() == 3

    good = [str(tmp_path / f"{number}.json") for number in range(2)]
    assert main(["receive", *good, "--site", "FZZ77"]) == 0
    assert capsys.readouterr().out.count("taken in before") == 2
    assert models.Message.objects.filter(way="command").count() == 3
    assert models.Prescription.objects.count() == 2


@pytest.mark.parametrize(
    ("arguments", "rule"),
    [
        (["receive", "/nowhere.json", "--site", "FZZ77"], "receive.no-file"),
        (["receive", "/", "--site", "FXX00"], "site.unknown"),
        (["receive", "/", "--site", "FZZ77", "--as", "nobody"], "person.unknown"),
        (["verify", "--site", "FXX00"], "site.unknown"),
    ],
)
def test_what_is_not_there_is_refused_by_name(
    site: models.Site, arguments: list[str], rule: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 1
    assert f"[{rule}]" in capsys.readouterr().err


def test_verify_finds_the_demo_whole_and_names_a_balance_that_was_changed(
    demo_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify"]) == 0
    assert ": whole; " in capsys.readouterr().out
    batch = models.Batch.objects.exclude(balances__amount=0).order_by("pk").last()
    assert batch is not None
    models.Balance.objects.filter(batch=batch, account__kind="shelf").update(amount=1)
    assert main(["verify"]) == 1
    told = capsys.readouterr().out
    assert batch.number in told
    assert ": broken; " in told


def test_serve_wants_the_migrations(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'store'")
    assert main(["serve"]) == 1
    assert "[store.not-migrated]" in capsys.readouterr().err


def test_a_demo_of_another_version_is_refused_before_anything_is_changed(db: None) -> None:
    MigrationRecorder(connection).record_applied("store", "0037_never_published")
    with pytest.raises(Refused, match="Another version of Pestle made the demo in var/demo") as refused:
        show._migrate(Path("var/demo"))
    assert refused.value.rule == "demo.other-version"


def test_serve_wants_the_append_only_triggers(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    on = "" if connection.vendor == "sqlite" else " ON store_message"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER store_message_no_update{on}")
    assert main(["serve"]) == 1
    told = capsys.readouterr().err
    assert "store_message_no_update" in told
    assert "[store.not-append-only]" in told


def test_a_port_in_use_is_refused_by_name() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Refused) as refused:
            free_port("127.0.0.1", taken.getsockname()[1])
    assert refused.value.rule == "serve.port-in-use"
    assert "--port" in str(refused.value)
