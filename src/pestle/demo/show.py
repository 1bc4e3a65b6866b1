"""How is the demo shown on this computer? Its own folder and database; a server and a worker, looked after.

Only one demo runs in a folder at a time; the second is told where the first one is.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from pestle.demo import DICTIONARY
from pestle.pharmacy.refusal import refuse

HOST = "127.0.0.1"
_START_SECONDS = 60
_STOP_SECONDS = 20
_LOOK_SECONDS = 0.5


def show(*, folder: Path, port: int, fresh: bool, serve: bool, say: Callable[[str], None]) -> int:
    """Makes the demo in `folder`, and serves it until it is stopped; gives the exit code.

    Raises `Refused`: ``demo.running``, ``demo.other-version``, ``serve.port-in-use``.
    """
    with _alone(folder, port if serve else None):
        if serve:
            free_port(HOST, port)
        _point_at(folder, fresh=fresh)
        _fill(folder, say)
        return _serve(port, say) if serve else 0


def free_port(host: str, port: int) -> None:
    """Raises `Refused` (``serve.port-in-use``, ``serve.address``) unless a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in (98, 48):
                raise refuse(
                    "serve.port-in-use", f"Port {port} is in use by another program",
                    way_out=f"Stop it, or choose another: --port {port + 1}.",
                ) from None  # fmt: skip
            raise refuse(
                "serve.address", f"Cannot listen on {host} port {port}: {error.strerror}",
                way_out="Choose another with --host and --port.",
            ) from None  # fmt: skip


@contextmanager
def _alone(folder: Path, port: int | None) -> Iterator[IO[str]]:
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "demo.lock", "a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            where = lock.read().strip()
            raise refuse(
                "demo.running",
                f"A demo is running in {folder} already" + (f": {where}" if where else ""),
                way_out="Use that one, or stop it with Ctrl-C where it was started.",
            ) from None
        lock.truncate(0)
        lock.write(f"http://{HOST}:{port}/" if port else "it is being made, without a server")
        lock.flush()
        yield lock


def _point_at(folder: Path, *, fresh: bool) -> None:
    """The demo's own settings, whatever the environment says: it never touches another database."""
    if fresh:
        for name in ("pestle.sqlite3", "pestle.sqlite3-wal", "pestle.sqlite3-shm"):
            (folder / name).unlink(missing_ok=True)
    os.environ.pop("PESTLE_DATABASE_URL", None)
    os.environ["PESTLE_HOME"] = str(folder.absolute())
    os.environ["PESTLE_HOSTS"] = f"localhost,{HOST}"
    os.environ["PESTLE_HTTPS"] = "off"
    os.environ["PESTLE_DICTIONARY"] = DICTIONARY
    os.environ["PESTLE_SHORTAGE_PROTOCOLS"] = str(Path(__file__).with_name("shortage"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pestle.web.settings")
    (folder / "static").mkdir(exist_ok=True)


def _fill(folder: Path, say: Callable[[str], None]) -> None:
    import django

    django.setup()
    from django.db.models import Max

    from pestle.demo.load import make_demo
    from pestle.web.store import append_only, models

    say("  database")
    _migrate(folder)
    append_only.check_at_start()
    now = datetime.now(UTC)
    if make_demo(now=now, say=lambda step: say(f"  {step}")):
        return
    latest = models.Prescription.objects.aggregate(latest=Max("received_at"))["latest"]
    if latest and (now - latest).days >= 1:
        say(f"  kept from {latest:%d-%b-%Y}; --fresh makes it anew, with today's dates")
    else:
        say("  kept from before; --fresh begins again")


def _migrate(folder: Path) -> None:
    """Brings the database up to date. Raises `Refused` (``demo.other-version``) for one with migrations that
    are not ours, or not in our order: a newer version made it, or one that was never published."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.exceptions import InconsistentMigrationHistory
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    try:
        if loader.applied_migrations.keys() - loader.disk_migrations.keys():
            raise InconsistentMigrationHistory
        loader.check_consistent_history(connection)
    except InconsistentMigrationHistory:
        raise refuse(
            "demo.other-version", f"Another version of Pestle made the demo in {folder}",
            way_out="--fresh makes it anew, and what was done in it is lost.",
        ) from None  # fmt: skip
    call_command("migrate", verbosity=0, interactive=False)


def _serve(port: int, say: Callable[[str], None]) -> int:
    signal.signal(signal.SIGTERM, _stop)
    running = [_started("serve", "--host", HOST, "--port", str(port)), _started("worker")]
    server, worker = running[0], running[1:]
    try:
        say("  web server and worker")
        if not _answers(server, port):
            say("The server did not start; what it says is above.")
            return 1
        for line in _sign_ins(port):
            say(line)
        while server.poll() is None:
            if any(process.poll() is not None for process in worker):
                say("The worker has ended; what it says is above. Long work waits until the next start.")
                worker = []
            time.sleep(_LOOK_SECONDS)
        return server.returncode
    except KeyboardInterrupt:
        say("\nStopping.")
        return 0
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _started(*command: str) -> subprocess.Popen[bytes]:
    # A session of its own, so that Ctrl-C comes here alone and each is stopped once, in good order.
    return subprocess.Popen([sys.executable, "-m", "pestle.cli", *command], start_new_session=True)  # noqa: S603 - our own command


def _stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _answers(server: subprocess.Popen[bytes], port: int) -> bool:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


def _sign_ins(port: int) -> Iterator[str]:
    from pestle.demo import people, surgery
    from pestle.demo.people import PASSWORD, PIN, SELF_CHECK_MINUTES

    yield f"\nThe demo (invented) is open at  http://{HOST}:{port}/"
    for site, sign_ins in ((people.NAME, people.SIGN_INS), (surgery.NAME, surgery.SIGN_INS)):
        yield f"\n  {site}"
        yield f"  {'user name':<11}{'name':<19}role"
        for sign_in in sign_ins:
            yield f"  {sign_in.username:<11}{sign_in.name:<19}{sign_in.roles[-1].title}"
    yield f"\n  Password of everybody: {PASSWORD}    PIN: {PIN}"
    yield f"  A pharmacist alone may check their own work, after a pause of {SELF_CHECK_MINUTES} minutes."
    yield "  Nobody here exists. Not for use with real patients. Stop with Ctrl-C."
