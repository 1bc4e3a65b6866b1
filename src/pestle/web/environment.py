"""Which settings does this installation run with? Everything comes from the environment, checked by name.

A setting that is unknown or wrong stops the program at once and says which one and why. Keys live in
files of PESTLE_HOME, outside the database, and are made on first use.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pestle.pharmacy.medicines.release import SUFFIX
from pestle.pharmacy.refusal import refuse

PACKAGE = Path(__file__).resolve().parents[1]

# Every setting, with the sentence that `pestle settings` shows.
SETTINGS = {
    "PESTLE_HOME": "folder for the database, the keys and the static files (default: ./var)",
    "PESTLE_DATABASE_URL": (
        "sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME (default: SQLite in PESTLE_HOME)"
    ),
    "PESTLE_HOSTS": "host names that browsers may use, with commas between (default: localhost,127.0.0.1)",
    "PESTLE_HTTPS": "on: cookies only over HTTPS (default); off: plain HTTP, for this machine only",
    "PESTLE_IDLE_MINUTES": "minutes without work after which a session ends, 1 to 720 (default: 20)",
    "PESTLE_DICTIONARY": (
        f"dictionary files, with “{os.pathsep}” between (default: the release chosen by "
        "“pestle dictionary use”, else the starter formulary)"
    ),
    "PESTLE_SHORTAGE_PROTOCOLS": (
        f"folders of serious shortage protocols, with “{os.pathsep}” between (default: none)"
    ),
    "PESTLE_DEFINITIONS": (
        f"folders of definitions beside the program's own, with “{os.pathsep}” between (default: none)"
    ),
    "PESTLE_POPULATIONS": (
        f"folders of populations that measures can be asked of, with “{os.pathsep}” between (default: none)"
    ),
    "PESTLE_CHROMIUM": "the browser that the tests drive",
    "PESTLE_SAMPLES": "folder of public sample messages for the tests",
    "PESTLE_SHOTS": "1: browser tests write the pictures of the guides",
}


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings, read and checked. `database` is Django's dictionary for the default connection."""

    home: Path
    database: dict[str, Any]
    hosts: tuple[str, ...]
    https: bool
    idle_minutes: int
    dictionary: tuple[Path, ...]
    definitions: tuple[Path, ...] = ()
    shortage_protocols: tuple[Path, ...] = ()
    populations: tuple[Path, ...] = ()

    def key(self, name: str) -> bytes:
        """The secret of that name, made on first use and readable by its owner only."""
        path = self.home / f"{name}.key"
        self.home.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_bytes()
        with os.fdopen(handle, "wb") as file:
            secret = secrets.token_hex(32).encode()
            file.write(secret)
        return secret


def read(environ: Mapping[str, str]) -> Environment:
    """The environment's settings. Raises `Refused` (``setting.…``) naming the setting and what it may be."""
    unknown = sorted(name for name in environ if name.startswith("PESTLE_") and name not in SETTINGS)
    if unknown:
        raise refuse("setting.unknown", f"{unknown[0]} is not a setting of Pestle", place=unknown[0],
                     way_out="“pestle settings” lists them.")  # fmt: skip
    home = Path(environ.get("PESTLE_HOME") or "var").absolute()
    paths = tuple(Path(part) for part in environ.get("PESTLE_DICTIONARY", "").split(os.pathsep) if part)
    for path in paths:
        if not path.exists():
            raise _wrong("PESTLE_DICTIONARY", f"{path} does not exist")
    return Environment(
        home=home,
        database=_database(environ.get("PESTLE_DATABASE_URL") or f"sqlite:///{home}/pestle.sqlite3"),
        hosts=tuple(
            host.strip()
            for host in environ.get("PESTLE_HOSTS", "localhost,127.0.0.1").split(",")
            if host.strip()
        ),
        https=_on_off("PESTLE_HTTPS", environ.get("PESTLE_HTTPS", "on")),
        idle_minutes=_minutes(environ.get("PESTLE_IDLE_MINUTES", "20")),
        dictionary=_with_rules(paths or tuple(filter(None, [dictionary_in_use(home)]))),
        definitions=_folders(environ, "PESTLE_DEFINITIONS"),
        shortage_protocols=_folders(environ, "PESTLE_SHORTAGE_PROTOCOLS"),
        populations=_folders(environ, "PESTLE_POPULATIONS"),
    )


def _folders(environ: Mapping[str, str], name: str) -> tuple[Path, ...]:
    """The folders that a setting names. Raises `Refused` (``setting.wrong``) for one that is none."""
    found = tuple(Path(part) for part in environ.get(name, "").split(os.pathsep) if part)
    for path in found:
        if not path.is_dir():
            raise _wrong(name, f"{path} is no folder")
    return found


def dictionaries(home: Path) -> Path:
    """The folder of the dictionary releases that were loaded."""
    return home / "dictionaries"


def imported_definitions(home: Path) -> Path:
    """The folder of the definitions that were taken in from outside."""
    return home / "definitions"


def dictionary_in_use(home: Path) -> Path | None:
    """The loaded release that was chosen; None for the starter formulary.

    Raises `Refused` (``setting.dictionary-gone``).
    """
    chosen = dictionaries(home) / _CHOSEN
    if not chosen.exists():
        return None
    path = dictionaries(home) / chosen.read_text(encoding="utf-8").strip()
    if not path.is_file():
        raise refuse("setting.dictionary-gone", f"The dictionary in use, {path.name}, is gone",
                     place=str(path), way_out=f"Load it again, or remove {chosen}.")  # fmt: skip
    return path


def use_dictionary(home: Path, path: Path | None) -> None:
    """Chooses a loaded release, in one step; None goes back to the starter formulary."""
    chosen = dictionaries(home) / _CHOSEN
    if path is None:
        chosen.unlink(missing_ok=True)
        return
    writing = chosen.with_suffix(".partial")
    writing.write_text(path.name, encoding="utf-8")
    writing.replace(chosen)


_CHOSEN = "in-use"
_FORMULARY = PACKAGE / "definitions" / "formulary"


def _with_rules(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """A loaded release stands with our rule of what stays whole; without any path, the starter formulary."""
    if any(path.suffix == SUFFIX for path in paths):
        return (*paths, _FORMULARY / "whole_packs.yaml")
    return paths or (_FORMULARY,)


def _database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = unquote(parts.path[1:] if parts.path.startswith("//") else parts.path)
        if not path.strip("/"):
            raise _wrong("PESTLE_DATABASE_URL", "sqlite needs a path: sqlite:////absolute/path")
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": path,
            "OPTIONS": {
                # Writers queue instead of failing, a commit survives a power cut, and REPLACE cannot
                # slip past the append-only triggers.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                    "PRAGMA recursive_triggers=ON; PRAGMA foreign_keys=ON;"
                ),
            },
        }
    if parts.scheme in ("postgresql", "postgres"):
        name = unquote(parts.path.lstrip("/"))
        if not name:
            raise _wrong("PESTLE_DATABASE_URL", "postgresql needs a database name")
        try:
            port = parts.port
        except ValueError:
            raise _wrong("PESTLE_DATABASE_URL", "the port is not a number") from None
        query = dict(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(query.get("host", parts.hostname or "")),
            "PORT": str(port or query.get("port", "")),
            "CONN_MAX_AGE": 600,
            # A statement that comes again and again is planned once; see `pestle.web.store.rows`.
            "OPTIONS": {"prepare_threshold": 5},
        }
    raise _wrong("PESTLE_DATABASE_URL", f"“{parts.scheme}” is neither sqlite nor postgresql")


def _on_off(name: str, text: str) -> bool:
    if text not in ("on", "off"):
        raise _wrong(name, f"“{text}” is neither on nor off")
    return text == "on"


def _minutes(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 720:
        raise _wrong("PESTLE_IDLE_MINUTES", f"“{text}” is not a number of minutes from 1 to 720")
    return int(text)


def _wrong(name: str, reason: str) -> Exception:
    return refuse("setting.wrong", f"{name}: {reason}", place=name)
