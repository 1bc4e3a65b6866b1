"""The chain of what was done at a site: append, read, verify."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection

from pestle.pharmacy.ledger.chain import START, Broken, Head, Link, advance, first_break
from pestle.pharmacy.people import Person
from pestle.web.store.models import AuditEvent, AuditHead, Command


def claimed(command: Command) -> bool:
    """Writes the command, unless its key is taken: a second submission waits here for the first to commit.

    In SQL, because the ORM's own "ignore conflicts" does not say whether it wrote.
    """
    fields = Command._meta.concrete_fields
    columns = ", ".join(str(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    values = [field.get_db_prep_save(getattr(command, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Command._meta.db_table} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING",  # noqa: S608
            values,
        )
        return bool(cursor.rowcount == 1)


def append(
    *,
    command_id: uuid.UUID,
    action: str,
    by: Person,
    at: datetime,
    subject: str,
    detail: dict[str, Any],
    result: dict[str, Any],
) -> AuditEvent:
    """Adds one event to the site's chain. Call last in the transaction: it locks the head."""
    heads = AuditHead.objects.select_for_update().filter(site_id=by.site_id)
    head = heads.first()
    if head is None:
        AuditHead.objects.bulk_create([AuditHead(site_id=by.site_id, digest=START)], ignore_conflicts=True)
        head = heads.get()
    event = AuditEvent(
        site_id=by.site_id,
        place=head.count + 1,
        action=action,
        person_id=by.id,
        person_name=by.name,
        person_roles=sorted(role.value for role in by.roles),
        at=at,
        subject=subject,
        detail=detail,
        result=result,
        command_id=command_id,
        previous=head.digest,
    )
    after = advance(Head(head.count, head.digest), _content(event), key=settings.SIGNING_KEY)
    event.digest = after.digest
    event.save(force_insert=True)
    head.count, head.digest = after.count, after.digest
    head.save(update_fields=("count", "digest"))
    return event


def verify(site_id: int) -> tuple[int, Broken | None]:
    """How many events the site's chain has, and its first break, if any."""
    head = AuditHead.objects.filter(site_id=site_id).first()
    end = Head(head.count, head.digest) if head else Head()
    return end.count, first_break(_links(site_id), head=end, key=settings.SIGNING_KEY)


def about(subject: str) -> list[AuditEvent]:
    """What was done to one thing, oldest first."""
    return list(AuditEvent.objects.filter(subject=subject).order_by("site_id", "place"))


def _links(site_id: int) -> Iterator[Link]:
    for event in AuditEvent.objects.filter(site_id=site_id).order_by("place").iterator():
        yield Link(event.place, _content(event), event.previous, event.digest)


def _content(event: AuditEvent) -> dict[str, object]:
    return {
        "site": event.site_id,
        "action": event.action,
        "person": event.person_id,
        "name": event.person_name,
        "roles": event.person_roles,
        "at": event.at.astimezone(UTC).isoformat(),
        "subject": event.subject,
        "detail": event.detail,
        "result": event.result,
        "command": str(event.command_id),
    }
