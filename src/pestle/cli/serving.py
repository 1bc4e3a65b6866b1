"""The commands that show, serve and prepare the site."""

from __future__ import annotations

import argparse
import os
from urllib.parse import urlsplit

from pestle.cli.begin import say, start
from pestle.cli.begin import settings as checked
from pestle.web import environment


def demo(options: argparse.Namespace) -> int:
    """Serve an invented pharmacy on this computer.

    Makes an invented site with people, patients, stock and prescriptions at every step on an embedded
    database, prints the address and the sign-ins, and serves until Ctrl-C. Run again, it keeps what was
    done. It never touches a database other than its own.

    Examples:
      pestle demo
      pestle demo --port 8001 --fresh
    """
    from pestle.demo.show import show

    say("Pestle, the demo:")
    return show(
        folder=options.folder,
        port=options.port,
        fresh=options.fresh,
        serve=not options.no_serve,
        say=say,
    )


def serve(options: argparse.Namespace) -> int:
    """Serve the site.

    Checks the settings, the migrations and the protection of the append-only tables, then serves until it
    is told to stop. Behind a reverse proxy, which does HTTPS, unless PESTLE_HTTPS=off.

    Examples:
      pestle serve
      pestle serve --host 0.0.0.0 --port 8000 --workers 4
    """
    from pestle.demo.show import free_port

    start()
    from pestle.web.store import append_only
    from pestle.web.store.knowledge import calculators, dictionary, knowledge, label_wordings

    append_only.check_at_start()
    for read in (dictionary, knowledge, label_wordings):
        read()
    calculators(knowledge().country)
    free_port(options.host, options.port)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    (checked().home / "static").mkdir(exist_ok=True)
    Granian(
        "pestle.web.wsgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        # Each thread keeps a connection to the database; more of them than this only wait for one another.
        blocking_threads=2 * (os.cpu_count() or 1) + 1,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()
    return 0


def worker(options: argparse.Namespace) -> int:
    """Run what takes long, such as replays and measures, and the measures that are due.

    One beside the site is enough; it stops after what it has in hand. Without it, what was begun waits.

    Examples:
      pestle worker
      pestle worker --until-empty
    """
    start()
    from django.core.management import call_command

    from pestle.web.store import append_only

    append_only.check_at_start()
    call_command("db_worker", verbosity=0, batch=options.until_empty, startup_delay=False)
    return 0


def migrate(options: argparse.Namespace) -> int:
    """Bring the database up to date.

    Makes or changes the tables, and puts the triggers in place that protect what may only grow. Safe to
    run again.

    Examples:
      pestle migrate
      PESTLE_DATABASE_URL=postgresql://pestle@localhost/pestle pestle migrate
    """
    start(migrated=False)
    from django.core.management import call_command

    from pestle.web.store import append_only

    call_command("migrate", verbosity=1, interactive=False)
    append_only.check_at_start()
    return 0


def settings(options: argparse.Namespace) -> int:
    """List every setting, its meaning and its value.

    All settings come from the environment. Passwords are not shown. Exit code 2 when one is wrong.

    Examples:
      pestle settings
      PESTLE_IDLE_MINUTES=15 pestle settings
    """
    for name, meaning in environment.SETTINGS.items():
        value = os.environ.get(name)
        say(f"{name}\n    {meaning}\n    {'not set' if value is None else _shown(name, value)}")
    checked()
    return 0


def _shown(name: str, value: str) -> str:
    if name != "PESTLE_DATABASE_URL":
        return value
    try:
        secret = urlsplit(value).password
    except ValueError:
        return "(cannot be read)"
    return value.replace(f":{secret}@", ":…@") if secret else value
