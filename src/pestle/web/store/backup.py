"""Everything on record in one file, and back into an empty database.

SQLite's own online backup and PostgreSQL's own pg_dump and pg_restore do it, while people go on working.
The keys of PESTLE_HOME are not in it: they are kept elsewhere, and what is restored proves itself only with
them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection

from pestle.pharmacy.refusal import refuse

_KINDS = {"sqlite": b"SQLite format 3\0", "postgresql": b"PGDMP"}


def backup(file: Path) -> int:
    """Writes the database to a new file that only its owner may read, whole or not at all; gives its bytes.

    Raises `Refused`: ``backup.exists``, ``backup.unwritable``, ``backup.no-program``, ``backup.failed``.
    """
    if file.exists():
        raise refuse("backup.exists", f"{file} is there already", way_out="Choose another name.")
    writing = file.with_name(f"{file.name}.partial")
    try:
        os.close(os.open(writing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    except OSError as error:
        raise refuse("backup.unwritable", f"{writing} cannot be written: {error.strerror}") from None
    try:
        if connection.vendor == "sqlite":
            _copy(_path(), writing)
        else:
            _postgres("pg_dump", "--format=custom", "--no-owner", f"--file={writing}", doing="backup")
        with writing.open("rb") as written:
            os.fsync(written.fileno())
        writing.replace(file)
    finally:
        writing.unlink(missing_ok=True)
    return file.stat().st_size


def restore(file: Path) -> None:
    """Fills the empty database that the settings name.

    Raises `Refused`: ``restore.no-file``, ``restore.other-kind``, ``restore.not-empty``, ``restore.damaged``,
    ``backup.no-program``, ``restore.failed``.
    """
    try:
        with file.open("rb") as kept:
            begins = kept.read(16)
    except OSError as error:
        raise refuse("restore.no-file", f"{file} cannot be read: {error.strerror}") from None
    kind = next((name for name, start in _KINDS.items() if begins.startswith(start)), None)
    if kind != connection.vendor:
        raise refuse(
            "restore.other-kind",
            f"{file} is {f'a backup of {kind}' if kind else 'no backup of Pestle'}, and the database is "
            f"{connection.vendor}",
            place="PESTLE_DATABASE_URL",
        )
    if connection.introspection.table_names():
        raise refuse("restore.not-empty", "The database holds something already", place="PESTLE_DATABASE_URL",
                     way_out="Restore into an empty one.")  # fmt: skip
    connection.close()
    if kind == "sqlite":
        _check(file)
        _copy(file, _path())
    else:
        _postgres(
            "pg_restore", "--no-owner", "--exit-on-error", "--single-transaction",
            f"--dbname={connection.settings_dict['NAME']}", str(file), doing="restore",
        )  # fmt: skip


def _path() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _copy(source: Path, target: Path) -> None:
    with _opened(source) as kept, closing(sqlite3.connect(target)) as copy:
        kept.backup(copy)


def _check(file: Path) -> None:
    try:
        with _opened(file) as kept:
            found = [str(row[0]) for row in kept.execute("PRAGMA integrity_check(1)")]
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    if found != ["ok"]:
        raise refuse("restore.damaged", f"{file} is damaged: {found[0]}", way_out="Take another backup.")


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as opened:
        yield opened


def _postgres(program: str, *arguments: str, doing: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise refuse(
            "backup.no-program",
            f"There is no {program} on the PATH",
            way_out="Install PostgreSQL's client programs, of the server's version or later.",
        )
    said = connection.settings_dict
    environment = {
        **os.environ,
        "PGDATABASE": said["NAME"],
        **{f"PG{name}": str(said[name]) for name in ("HOST", "PORT", "USER", "PASSWORD") if said[name]},
    }
    ran = subprocess.run([found, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode:
        lines = ran.stderr.strip().splitlines() or ["it said nothing"]
        raise refuse(f"{doing}.failed", f"{program}: {lines[-1]}")
