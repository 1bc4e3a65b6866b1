"""The chain of what was done at a site: append, read, verify."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Model, QuerySet

from pestle.pharmacy.ledger.chain import START, Broken, Head, Link, advance, canonical, first_break
from pestle.pharmacy.people import Person
from pestle.web.store import rows
from pestle.web.store.models import AuditEvent, AuditHead, Command

_TOGETHER = 100


def claimed(command: Command) -> bool:
    """Writes the command, unless its key is taken: a second submission waits here for the first to commit."""
    return bool(rows.insert([command], conflict="DO NOTHING"))


def append(
    *,
    command: Command,
    by: Person,
    subject: str,
    detail: dict[str, Any],
    result: dict[str, Any],
) -> None:
    """Adds the event of a command to the site's chain. Call last in the transaction: it locks the head."""
    head = _locked_head(by.site_id)
    before = Head(head.count, head.digest)
    event = AuditEvent(
        site_id=by.site_id,
        place=before.count + 1,
        action=command.action,
        person_id=by.id,
        person_name=by.name,
        person_roles=sorted(role.value for role in by.roles),
        at=command.at,
        subject=subject,
        detail=detail,
        result=result,
        command_id=command.id,
        previous=before.digest,
    )
    after = advance(before, _content(event, command), key=settings.SIGNING_KEY)
    event.digest = after.digest
    rows.insert([event])
    head.count, head.digest = after.count, after.digest
    rows.update(head, "count", "digest")


def _locked_head(site_id: int) -> AuditHead:
    found = rows.read(AuditHead, lock=True, site_id=site_id)
    if not found:
        rows.insert([AuditHead(site_id=site_id, digest=START)], conflict="DO NOTHING")
        found = rows.read(AuditHead, lock=True, site_id=site_id)
    return found[0]


def verify(
    site_id: int, *, told: Callable[[Mapping[str, Any]], None] | None = None
) -> tuple[int, Broken | None]:
    """How many events the site's chain has, and its first break, if any. `told` is given each detail."""
    head = AuditHead.objects.filter(site_id=site_id).first()
    end = Head(head.count, head.digest) if head else Head()
    return end.count, first_break(_links(site_id, told), head=end, key=settings.SIGNING_KEY)


def about(subject: str) -> list[AuditEvent]:
    """What was done to one thing, oldest first."""
    return list(AuditEvent.objects.filter(subject=subject).order_by("site_id", "place"))


def seals(those: Iterable[Model]) -> dict[str, str]:
    """The digest of each of these rows by its table and id, for the detail of the event that made them:
    ``{"discrepancy:12": "ab…"}``. So the keyed chain vouches for records that have no chain of their own."""
    return {f"{row._meta.model_name}:{row.pk}": _seal(row) for row in those}


def joint_seals(those: Iterable[Model]) -> dict[str, str]:
    """The same for many rows of one table: one digest for each run of at most a hundred ids,
    ``{"temperature:12-111": "ab…"}``."""
    found: dict[str, str] = {}
    run: list[Model] = []
    for row in [*sorted(those, key=lambda one: one.pk), None]:
        if run and (row is None or row.pk != run[-1].pk + 1 or len(run) == _TOGETHER):
            found[f"{run[0]._meta.model_name}:{run[0].pk}-{run[-1].pk}"] = _joint_seal(run)
            run = []
        if row is not None:
            run.append(row)
    return found


def _sealed_ids(name: str) -> tuple[str, range]:
    """The table and the ids of a name of `seals` or of `joint_seals`."""
    table, _, ids = name.partition(":")
    first, _, last = ids.partition("-")
    return table, range(int(first), int(last or first) + 1)


def seal_faults(site_id: int, tables: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Every row of these tables that is not as its event says (the event's place, and what became of it),
    or of which no event says anything (place 0). `tables` gives the way from each to its site.

    Memory grows with the number of sealed rows: differences, recalls and the like, not movements.
    """
    unsealed = {
        table: set(_of(table).filter(**{way: site_id}).values_list("pk", flat=True))
        for table, way in tables.items()
    }
    events = AuditEvent.objects.filter(site_id=site_id, detail__has_key="sealed").order_by("place")
    for some in _by_hundreds(events):
        wanted: dict[str, list[int]] = {}
        for event in some:
            for name in event.detail["sealed"]:
                table, ids = _sealed_ids(name)
                wanted.setdefault(table, []).extend(ids)
                unsealed.get(table, set()).difference_update(ids)
        there = {table: _of(table).in_bulk(pks) for table, pks in wanted.items()}
        for event in some:
            for name, seal in event.detail["sealed"].items():
                table, ids = _sealed_ids(name)
                found = [there[table][pk] for pk in ids if pk in there[table]]
                if len(found) < len(ids):
                    gone = next(pk for pk in ids if pk not in there[table])
                    yield event.place, f"{table} {gone} is gone"
                elif (_joint_seal(found) if "-" in name else _seal(found[0])) != seal:
                    yield event.place, f"{name.replace(':', ' ')} has been changed"
    for table, pks in unsealed.items():
        for pk in sorted(pks):
            yield 0, f"{table} {pk} is there, and no audit event vouches for it"


def _of(table: str) -> QuerySet[Any]:
    rows: QuerySet[Any] = apps.get_model("store", table)._default_manager.all()
    return rows


def _seal(row: Model) -> str:
    return sha256(canonical(_row_content(row))).hexdigest()


def _joint_seal(those: Iterable[Model]) -> str:
    return sha256(canonical({"rows": [_row_content(row) for row in those]})).hexdigest()


def _row_content(row: Model) -> dict[str, object]:
    return {field.attname: _plain(getattr(row, field.attname)) for field in row._meta.concrete_fields}


def _plain(stored: object) -> object:
    if isinstance(stored, datetime):
        return stored.astimezone(UTC).isoformat()
    return stored if stored is None or isinstance(stored, int | str | list | dict) else str(stored)


def _links(site_id: int, told: Callable[[Mapping[str, Any]], None] | None) -> Iterator[Link]:
    """Every event as a link of the chain, by place, its content as `_content` gives it of one."""
    events = _told(site_id)
    for place, previous, digest, action, person, name, roles, at, subject, detail, result, *given in events:
        said = json.loads(detail)
        if told is not None:
            told(said)
        content = {
            "site": site_id,
            "action": action,
            "person": person,
            "name": name,
            "roles": json.loads(roles),
            "at": at,
            "subject": subject,
            "detail": said,
            "result": json.loads(result),
            "command": [str(UUID(given[0])), *given[1:]] if given[0] else None,
        }
        yield Link(place, content, previous, digest)


def _told(site_id: int) -> Iterator[Any]:
    """The fields of every event and of its command, times spelled as the chain does. In SQL: to make objects
    of a million takes longer than to check them."""
    text, time = "", "replace({0}, ' ', 'T') || '+00:00'"
    if connection.vendor != "sqlite":
        utc = "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
        text, time = "::text", f"replace({utc}, '.000000', '') || '+00:00'"
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            "SELECT e.place, e.previous, e.digest, e.action, e.person_id, e.person_name,"  # noqa: S608
            f" e.person_roles{text}, {time.format('e.at')}, e.subject, e.detail{text}, e.result{text},"
            f" c.id{text}, c.site_id, c.action, c.key, c.digest, {time.format('c.at')}"
            " FROM store_auditevent e LEFT JOIN store_command c ON c.id = e.command_id"
            " WHERE e.site_id = %s ORDER BY e.place",
            [site_id],
        )
        while some := cursor.fetchmany(2000):
            yield from some


def _by_hundreds(events: Any) -> Iterator[list[AuditEvent]]:
    every = events.iterator(500)
    while some := list(islice(every, 500)):
        yield some


def _content(event: AuditEvent, command: Command) -> dict[str, object]:
    # With what the command was, so that it cannot be changed or taken away to be given once more.
    at = command.at.astimezone(UTC).isoformat()
    given = [str(command.id), command.site_id, command.action, command.key, command.digest, at]
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
        "command": given,
    }
