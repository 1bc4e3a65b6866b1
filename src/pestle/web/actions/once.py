"""How does a change happen exactly once?

Every action goes through `once`: one transaction that claims the command's key, does the work, and writes one
audit event, the head of whose chain is locked last. The same key again gives the first result; the same key
with another request is refused. A refusal rolls everything back, the key included.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DataError, OperationalError, transaction
from django.db.models import Model

from pestle.pharmacy.ledger.chain import canonical
from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import refuse
from pestle.web.store import audit
from pestle.web.store.models import AuditEvent, Command, Movement
from pestle.web.store.turn import turn


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done: to what (``prescription:12``), with which details, and the result for the caller.

    Details hold ids, codes and reasons, never a patient's name or number. `moved` and `sealed` are
    movements and records for which the event vouches by their digests; `together` are many of one kind, which
    it vouches for by the hundred."""

    subject: str
    detail: dict[str, Any]
    result: dict[str, Any]
    moved: Sequence[Movement] = ()
    sealed: Sequence[Model] = ()
    together: Sequence[Model] = ()

    def told(self) -> dict[str, Any]:
        """The detail as it is kept."""
        detail = dict(self.detail)
        if self.moved:
            detail["movements"] = [movement.digest for movement in self.moved]
        if self.sealed or self.together:
            detail["sealed"] = audit.seals(self.sealed) | audit.joint_seals(self.together)
        return detail


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result, and whether this was a repeat of a command that had been done before."""

    result: Mapping[str, Any]
    repeated: bool = False


def once(
    action: str,
    *,
    by: Person,
    now: datetime,
    key: str,
    request: Mapping[str, object],
    do: Callable[[], Deed],
) -> Outcome:
    """Does `do` once for this key.

    Raises whatever `do` refuses, ``command.key-reused``, ``command.does-not-fit`` for an answer that the
    database cannot hold, such as one that is too long, and ``store.busy``.
    """
    digest = hashlib.sha256(canonical({"by": by.id, **request})).hexdigest()
    command = Command(id=uuid.uuid4(), site_id=by.site_id, action=action, key=key, digest=digest, at=now)
    try:
        with turn(), transaction.atomic():
            return _do(command, by=by, do=do)
    except OperationalError as error:
        if "database is locked" not in str(error):
            raise
        raise refuse("store.busy", "Too many are writing at this moment, and nothing was done",
                     way_out="Send it again.") from error  # fmt: skip
    except DataError as error:
        raise refuse("command.does-not-fit", "One of these answers is too long to be kept",
                     way_out="Say it in fewer words.") from error  # fmt: skip


def _do(command: Command, *, by: Person, do: Callable[[], Deed]) -> Outcome:
    if not audit.claimed(command):
        standing = Command.objects.get(site_id=command.site_id, action=command.action, key=command.key)
        return _repeat(standing, command.digest)
    deed = do()
    audit.append(command=command, by=by, subject=deed.subject, detail=deed.told(), result=deed.result)
    return Outcome(deed.result)


def _repeat(standing: Command, digest: str) -> Outcome:
    if standing.digest != digest:
        raise refuse(
            "command.key-reused",
            "This form was sent before with other answers",
            way_out="Open the page again and look at what is there now.",
        )
    event = AuditEvent.objects.get(command_id=standing.id)
    return Outcome(event.result, repeated=True)
