"""The commands that keep everything on record in a file, and bring it back."""

from __future__ import annotations

import argparse

from pestle.cli.begin import lacking, say, start
from pestle.cli.records import verify


def backup(options: argparse.Namespace) -> int:
    """Write everything on record to a new file.

    People may go on working meanwhile. On PostgreSQL it needs pg_dump. The file holds patients' data and is
    readable by its owner only. Keep it apart from the keys in PESTLE_HOME, and keep those, too.

    Examples:
      pestle backup /backup/pestle-2026-11-30.backup
    """
    start()
    from pestle.web.store.backup import backup

    size = backup(options.file)
    say(f"{options.file}: {size:,} bytes")
    return 0


def restore(options: argparse.Namespace) -> int:
    """Bring a backup back into an empty database, and verify it.

    The settings name the database, which must be empty and of the same kind. On PostgreSQL it needs
    pg_restore. PESTLE_HOME must hold the signing key that the records were made with. Exit code 1 when
    anything on record is not as it was written.

    Examples:
      PESTLE_DATABASE_URL=sqlite:////srv/pestle/new.sqlite3 pestle restore /backup/pestle-2026-11-30.backup
    """
    start(migrated=False)
    from pestle.web.store.backup import restore

    restore(options.file)
    say(f"{options.file} is restored.")
    if missing := lacking():
        say(f"It lacks {missing} migrations. Next: pestle migrate, then pestle verify")
        return 0
    return verify(argparse.Namespace(site=None))
