"""The photo, scan or PDF beside something that came is kept whole, as a message of its own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from pestle.pharmacy.people import Person
from pestle.pharmacy.refusal import refuse
from pestle.web.store import models, scans

MOST_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class File:
    """A file that came beside something."""

    name: str
    data: bytes

    @property
    def digest(self) -> str:
        """What tells its content from any other."""
        return hashlib.sha256(self.data).hexdigest()


def keep(file: File, *, kind: str, summary: str, by: Person, now: datetime) -> models.Message:
    """The message that holds it. Raises `Refused`: ``document.too-large``, ``document.type``."""
    if len(file.data) > MOST_BYTES:
        raise refuse("document.too-large", "A document has at most 8 MB", place="documents")
    if scans.media_type(file.data) is None:
        raise refuse("document.type", "A document is a JPEG, a PNG or a PDF", place="documents")
    return models.Message.objects.create(
        site_id=by.site_id, direction="in", way="upload", name=called(file.name), kind=kind, body=file.data,
        digest=file.digest, at=now, outcome="accepted", summary=summary,
    )  # fmt: skip


def called(name: str) -> str:
    """The name of a file as text that can be kept: it need be none."""
    return name.encode(errors="replace").decode().replace("\x00", "?")[:200]
