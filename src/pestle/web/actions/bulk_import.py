"""A file with many patients, or facts about many, is taken in: in batches, with one audit event at its end.

Each batch is a transaction of its own, so that others go on working and a file that was broken off is taken
up again: what a batch has written is held already when the same file is read once more.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import transaction

from pestle import definitions
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import refuse
from pestle.web.actions.once import Deed, Outcome, once
from pestle.web.store import bulk, models, rows
from pestle.web.store.turn import turn
from pestle.wire.gp_extract import bundles
from pestle.wire.gp_extract.mapping import Columns, Part, read_mappings
from pestle.wire.gp_extract.rows import Row, read, told_by

MAY_IMPORT = frozenset({
    Role.TECHNICIAN, Role.ACCURACY_CHECKER, Role.PHARMACIST, Role.PRESCRIBER, Role.MANAGER, Role.SYSTEM,
})  # fmt: skip
AT_A_TIME = 1000
_LONGEST_CELL = 500
Heard = Callable[[models.BulkImport], None]


def mappings() -> dict[str, Columns]:
    """The systems whose exports can be read, by name: ours, and those of PESTLE_DEFINITIONS."""
    own = [folder / "gp_extract" for folder in settings.ENVIRONMENT.definitions]
    return read_mappings(definitions.folder("gp_extract"), *(one for one in own if one.is_dir()))


def take_in(
    *,
    by: Person,
    now: datetime,
    key: str,
    path: Path,
    name: str,
    system: str,
    part: Part,
    as_at: datetime,
    heard: Heard = lambda _: None,
) -> Outcome:
    """Takes in one file of a practice's export, made at `as_at`; `heard` is told after every batch.

    The result has the ``import``, its ``counts``, and whether the file was taken in before (``again``).
    Raises `Refused`: ``extract.role``, ``extract.system``, ``extract.made-ahead``, those of `read` for the
    file as a whole. Rows that are refused are kept with their line and reason, and the others go on.
    """
    if not by.has(*MAY_IMPORT):
        raise refuse("extract.role", f"Files are taken in by the team; you are signed in as {by.title}")
    columns = mappings().get(system)
    if columns is None and system != bundles.SYSTEM:
        raise refuse("extract.system", "Choose the system that made the file", place="system")
    if as_at > now:
        raise refuse("extract.made-ahead", "The file cannot have been made at a time to come", place="made")
    digest = _digest(path)
    row, _ = models.BulkImport.objects.get_or_create(
        site_id=by.site_id, digest=digest, part=part.value, system=system,
        defaults={
            "name": name[:200], "size": path.stat().st_size, "as_at": as_at, "by_id": by.id, "at": now,
            "state": "waiting",
        },
    )  # fmt: skip
    again = row.state == "done"
    if not again:
        with _failing(row, now=now), path.open("rb") as file:
            told = told_by(columns.title if columns else "FHIR", at=now, reference=f"bulk:{row.pk}")
            found = read(file, columns, part, told=told) if columns else bundles.read_bundles(file, told=told)
            _run(row, found, part, now=now, heard=heard)

    def do() -> Deed:
        if not again:
            models.BulkImport.objects.filter(pk=row.pk).update(state="done", ended_at=now)
        detail = {
            "digest": digest,
            "part": part.value,
            "system": system,
            "counts": row.counts,
            "rows": row.rows,
        }
        return Deed(f"bulk:{row.pk}", detail, {"import": row.pk, "counts": row.counts, "again": again})

    request = {"digest": digest, "system": system, "part": part.value, "as_at": as_at.isoformat()}
    return once("practice.import", by=by, now=now, key=key, request=request, do=do)


def _run(row: models.BulkImport, found: Iterator[Row], part: Part, *, now: datetime, heard: Heard) -> None:
    row.state, row.rows, row.counts = "running", 0, {}
    of_lists = part is Part.MEDICINES or row.system == bundles.SYSTEM
    waits = bulk.waiting(row.site_id) if of_lists else bulk.Waiting({}, {})
    counts: Counter[str] = Counter()
    while batch := list(islice(found, AT_A_TIME)):
        with turn(), transaction.atomic():
            told = bulk.write(row.site_id, batch, now=now, waits=waits)
            _file(row, told)
            counts += told.counts
            row.rows += len(batch)
            row.counts, row.heard_at = dict(counts), now
            row.save()
        heard(row)
    with turn(), transaction.atomic():
        counts += bulk.judge(waits, source=row, now=now)
        row.counts = dict(counts)
        row.save()


def _file(row: models.BulkImport, told: bulk.Told) -> None:
    """Keeps what was refused, whole: a cell is cut only where no person could have typed it."""
    rows.insert(
        [
            models.RefusedRow(
                source=row, line=one.line, rule=why.rule[:60], reason=why.reason[:500],
                place=(why.place or "")[:120], said=[cell[:_LONGEST_CELL] for cell in one.cells],
            )
            for one, why in told.refused
        ],
        conflict="DO NOTHING",
    )  # fmt: skip


@contextmanager
def _failing(row: models.BulkImport, *, now: datetime) -> Iterator[None]:
    """Says of an import that was broken off that it was, and why."""
    try:
        yield
    except Exception as error:
        # The type only: an exception's words may hold what is known of a patient.
        because = getattr(error, "rule", type(error).__name__)
        models.BulkImport.objects.filter(pk=row.pk).update(
            state="failed", ended_at=now, failed_because=str(because)[:200]
        )
        raise


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            found.update(part)
    return found.hexdigest()
