"""A practice's export that was uploaded is taken in, in the background, saying how far it is; then the lists
of monitoring and reviews are worked out anew."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from django_tasks import task

from pestle.web.actions import bulk_import
from pestle.web.actions.monitoring_batches import refresh
from pestle.web.jobs import monitoring
from pestle.web.store import models, monitoring_batches, people
from pestle.wire.gp_extract.mapping import Part


def start(
    *, by: int, site: int, key: str, path: Path, name: str, system: str, part: Part, as_at: datetime
) -> None:
    """Puts a file into the queue; it lies at `path` until it was taken in."""
    take_in.enqueue(by, site, key, str(path), name, system, part.value, as_at.isoformat())


@task()
def take_in(by: int, site: int, key: str, path: str, name: str, system: str, part: str, as_at: str) -> None:
    """Takes a file in as the person who brought it. What refuses it as a whole stands with the import."""
    person = people.person(models.User.objects.get(pk=by), site)
    if person is None:
        return
    bulk_import.take_in(
        by=person, now=datetime.now(UTC), key=key, path=Path(path), name=name, system=system, part=Part(part),
        as_at=datetime.fromisoformat(as_at),
    )  # fmt: skip
    Path(path).unlink(missing_ok=True)
    if not monitoring_batches.refreshing(site):
        after = str(uuid5(NAMESPACE_URL, f"lists-after:{key}"))
        refresh(by=person, now=datetime.now(UTC), key=after, start=monitoring.start)
