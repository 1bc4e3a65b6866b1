"""Which database does a test see?

Our tables refuse update, delete and truncate where a book must not change, so a test can neither
flush nor clean up after itself. Instead a template is migrated once, and every test that commits
works on a fresh copy: of a file on SQLite, by CREATE DATABASE … TEMPLATE on PostgreSQL.

A database is told by its name as Django's settings have it: on SQLite that is a path.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.core.management import call_command
from django.db import connections

_serial = itertools.count(1)


@contextmanager
def migrated(folder: Path) -> Iterator[str]:
    """An empty database with all migrations applied, to be copied. `folder` takes SQLite's files."""
    with _new(folder) as name:
        with pointing_at(name):
            call_command("migrate", verbosity=0, interactive=False)
        yield name


@contextmanager
def copy_of(template: str, folder: Path) -> Iterator[str]:
    """A copy of `template`, dropped afterwards. `folder` takes SQLite's files."""
    with _new(folder, template=template) as name:
        yield name


@contextmanager
def for_all(kept: Path, make: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """What `make` makes, to be copied: on SQLite the first process of a run makes it, as the file `kept`,
    and the others wait for it. On PostgreSQL each process has a server of its own, and makes its own."""
    if not _on_sqlite():
        with make() as name:
            yield name
        return
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            partial = kept.with_suffix(".partial")
            with make() as name:
                _copy(name, str(partial))
            partial.rename(kept)
    yield str(kept)


@contextmanager
def empty(folder: Path) -> Iterator[str]:
    """A database without any table, dropped afterwards. `folder` takes SQLite's files."""
    with _new(folder) as name:
        yield name


@contextmanager
def pointing_at(name: str) -> Iterator[None]:
    """Django's default connection, in this and in every new thread, means the database `name`."""
    before = str(connections.settings["default"]["NAME"])
    _use(name)
    try:
        yield
    finally:
        _use(before)


def url_of(name: str) -> str:
    """The setting by which another process comes to the database `name`."""
    if _on_sqlite():
        return f"sqlite:///{name}"
    return urlsplit(os.environ["PESTLE_DATABASE_URL"])._replace(path=f"/{name}").geturl()


@contextmanager
def _new(folder: Path, *, template: str | None = None) -> Iterator[str]:
    name = f"pestle_test_{os.getpid()}_{next(_serial)}"
    if _on_sqlite():
        name = str(folder / f"{name}.sqlite3")
        if template:
            _copy(template, name)
    else:
        like = f' TEMPLATE "{template}"' if template else ""
        _on_server(f'CREATE DATABASE "{name}"{like}')
    try:
        yield name
    finally:
        if _on_sqlite():
            for suffix in ("", "-wal", "-shm", "-turn"):
                Path(name + suffix).unlink(missing_ok=True)
        else:
            _on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _copy(template: str, name: str) -> None:
    with closing(sqlite3.connect(template)) as source, closing(sqlite3.connect(name)) as target:
        source.backup(target)


def _use(name: str) -> None:
    connection = connections["default"]
    connection.close()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool:
        close_pool()
    connections.settings["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


def _on_sqlite() -> bool:
    return connections["default"].vendor == "sqlite"


def _on_server(statement: str) -> None:
    # Django's own way to a server before the database exists; its test runner uses it likewise.
    with connections["default"]._nodb_cursor() as cursor:
        cursor.execute(statement)
