"""A population to be asked: the records of a site, some patients at a time, or a folder; and what tells one
state of it from another.

The engine takes half a second to import, so only the worker and the command line import this file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pestle.pharmacy.measures.folder import connect, opened
from pestle.pharmacy.measures.population import Population
from pestle.pharmacy.measures.rows import Rows
from pestle.pharmacy.people import SiteKind
from pestle.pharmacy.record.record import Record
from pestle.web.store import models, record
from pestle.web.store.knowledge import dictionary, measures

# How many patients are in memory at once. Every measure is made a query anew for each part, which is most of
# what it costs: in parts of half the size ten measures of 10,000 patients take a quarter more.
TOGETHER = 5000
_AT_ONCE = 250
# Longer than any window of a measure, and the year before that to which it may look back.
_HISTORY = timedelta(days=10 * 366)
_MEMORY_MB = 1500
_THREADS = 2
_BLOCK = 1 << 20
# Of what the part of an export speaks, as a record calls it.
_SPOKEN_OF = {"problems": "conditions", "results": "observations"}


def parts(site: models.Site) -> list[list[int]]:
    """The patients of a site, by id, in the parts in which they are asked."""
    ids = list(models.Patient.objects.filter(site=site).order_by("pk").values_list("pk", flat=True))
    return [ids[at : at + TOGETHER] for at in range(0, len(ids), TOGETHER)]


def part(ids: Sequence[int], site: models.Site, *, now: datetime) -> tuple[Population, Mapping[int, Record]]:
    """These patients as a population, numbered by their ids, and their records."""
    held: dict[int, Record] = {}
    rows = Rows()
    for at in range(0, len(ids), _AT_ONCE):
        some = list(models.Patient.objects.filter(pk__in=ids[at : at + _AT_ONCE]).order_by("pk"))
        held |= record.load_all(some, now=now, zone=ZoneInfo(site.time_zone), history=_HISTORY)
    if site.kind == SiteKind.GP_PRACTICE.value:
        held = _on_the_list(held, site)
    for number, one in held.items():
        rows.add(number, one)
    return rows.population(measures().substances), held


def _on_the_list(held: Mapping[int, Record], site: models.Site) -> dict[int, Record]:
    """The records of a practice's patients: who is on its list is registered with it, and an export of the
    whole list speaks of everybody on it, be it that there is nothing to say."""
    exports = models.BulkImport.objects.filter(site=site, state="done")
    spoken_of = set(exports.values_list("part", flat=True))
    known = [field for part, field in _SPOKEN_OF.items() if part in spoken_of]
    made = {}
    for number, one in held.items():
        nothing: dict[str, Any] = {field: () for field in known if getattr(one, field) is None}
        made[number] = replace(record.on_the_list(one, site), **nothing)
    return made


@contextmanager
def of_folder(folder: Path) -> Iterator[Population]:
    """The population of a folder, as long as it is asked. Raises `Refused`, see `folder.opened`."""
    with tempfile.TemporaryDirectory() as spill:
        backend = connect(threads=_THREADS, memory_mb=_MEMORY_MB, spill=Path(spill))
        yield opened(folder, backend, dictionary=dictionary(), substances=measures().substances)


def site_digest(site: models.Site) -> str:
    """What tells one state of the site's records from another: the end of its audit trail, without which
    nothing changes."""
    head = models.AuditHead.objects.filter(site_id=site.pk).first()
    return sha256(f"{head.count} {head.digest}".encode()).hexdigest() if head else sha256(b"").hexdigest()


def folder_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of its files."""
    whole = sha256()
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        whole.update(f"{path.relative_to(folder).as_posix()} {path.stat().st_size}\n".encode())
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                whole.update(block)
    return whole.hexdigest()
