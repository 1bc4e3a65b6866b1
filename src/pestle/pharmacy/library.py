"""Which definitions are there, what does each say, who answers for it, and when is it looked at again?

Every YAML file below a folder is one, whatever reads it; this reads what they all have: title, kind, source
and dates. What a file does not say is empty, and that it may be used is for `definition` to judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pestle.pharmacy import definition
from pestle.pharmacy.definition import Source

_HEADER = (
    "kind", "title", "source", "notice", "author", "date_checked", "next_review", "status",
    "reference",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One definition: `file` below the whole folder, `body` what it says beside its heading."""

    file: str
    kind: str
    title: str
    source: Source
    author: str
    notice: str
    body: Mapping[str, object]

    @property
    def folder(self) -> str:
        """The folder it stands in, which is what it is about: ``checks/allergy``."""
        return self.file.rpartition("/")[0]

    @property
    def called(self) -> str:
        """What a finding calls it: its path below the folder of whatever reads it."""
        return self.file.partition("/")[2]

    def overdue(self, *, on: date) -> bool:
        """Whether its day of review has come; one that names no day is overdue."""
        return self.source.next_review is None or self.source.next_review <= on


def read(folder: Path) -> tuple[Entry, ...]:
    """Every definition below a folder, by its file. Raises `Refused` (``definition.unreadable``)."""
    paths = sorted(folder.rglob("*.yaml"))
    return tuple(_entry(path, path.relative_to(folder).as_posix()) for path in paths)


def _entry(path: Path, file: str) -> Entry:
    fields = definition.fields(path, file=file)
    return Entry(
        file=file,
        kind=_words(fields, "kind"),
        title=_words(fields, "title") or file,
        source=Source(
            title=_words(fields, "source"),
            verified=fields.get("status") == "verified",
            checked_on=_day(fields, "date_checked"),
            next_review=_day(fields, "next_review"),
            reference=_words(fields, "reference"),
            definition=file.partition("/")[2],
        ),
        author=_words(fields, "author"),
        notice=_words(fields, "notice"),
        body={str(name): value for name, value in fields.items() if name not in _HEADER},
    )


def _words(fields: Mapping[str, object], name: str) -> str:
    return " ".join(str(fields.get(name) or "").split())


def _day(fields: Mapping[str, object], name: str) -> date | None:
    value = fields.get(name)
    return value if type(value) is date else None
