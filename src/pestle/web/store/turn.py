"""On SQLite, whose turn is it to write?

SQLite lets one write at a time, and whoever finds it busy looks again every tenth of a second: where many
write without a pause, one may never come in time. So writers stand in line at a file beside the database,
and the operating system wakes them. It makes waiting fair, nothing more: what guards the data is SQLite's
own lock. A process that dies leaves the line."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def turn() -> Iterator[None]:
    """Waits in line for as long as it takes. On PostgreSQL, and inside a transaction, there is no line."""
    path = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or connection.in_atomic_block or not os.path.isabs(path):
        yield
        return
    line = os.open(f"{path}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(line, fcntl.LOCK_EX)
        yield
    finally:
        os.close(line)
