"""Which files make up a release of RxNorm, and of which day is it?

The full release is a zip of its own or the folder it was unpacked to, with the tables under ``rrf``; its
second copy under ``prescribe`` is left alone. The Current Prescribable Content is the same without history
and versions: three tables. Every name or table that says a day must say the same one.

Source: NLM, README of the RxNorm full release of 2017-11-06 (contents of the zip); RXNSAB.RRF of the same
(``17AB_171106F``, the version of RXNORM, ends with the day).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pestle.pharmacy.medicines import rrf
from pestle.pharmacy.medicines.archives import Found, files_within
from pestle.pharmacy.refusal import Refused, refuse

ALWAYS = ("RXNCONSO", "RXNREL", "RXNSAT")
# What only the full release has.
HISTORY = ("RXNSAB", "RXNCUI", "RXNATOMARCHIVE")

_TABLE = re.compile(r"(RXN[A-Z]+)\.RRF(?:\.gz)?", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:readme_full|rxnorm_full)(_prescribe)?_(\d\d)(\d\d)(\d{4})(?:\.txt|\.zip)?", re.IGNORECASE
)
_VERSION = re.compile(r"\w+_(\d\d)(\d\d)(\d\d)[A-Z]?")


@dataclass(slots=True)
class ReleaseFiles:
    """The tables that are there. `full`: it has the history of ids; `dated`: None when nothing says it."""

    tables: dict[str, Found]
    full: bool
    dated: date | None = None

    def rows(self, table: str, *columns: str) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The rows of a table, none when it is not there. Raises `Refused` as `rrf.rows`."""
        found = self.tables.get(table)
        if found is None:
            return
        with found.opened() as file:
            yield from rrf.rows(file, table, *columns, place=found.name)


def is_release(paths: Iterable[Path]) -> bool:
    """Whether one of these is, or holds, RxNorm's table of names."""
    try:
        with ExitStack() as stack:
            return any(_table(file) == "RXNCONSO" for file in files_within(paths, stack))
    except Refused:
        return False


@contextmanager
def release_files(paths: Iterable[Path]) -> Iterator[ReleaseFiles]:
    """The files of the one release that `paths` hold together, open until the block is left.

    Raises `Refused`: ``release.not-readable``, ``release.file-twice``, ``release.missing-file`` (each one),
    ``release.mixed-dates``.
    """
    with ExitStack() as stack:
        paths = tuple(paths)
        files = [*files_within(paths, stack)]
        days: dict[str, date] = {}
        prescribe: set[bool] = set()
        for name, subset in _names(paths, files):
            match = _NAMED.fullmatch(name)
            day = _day(match[4], match[2], match[3]) if match else None
            if match and day:
                days[name] = day
                prescribe.add(subset or bool(match[1]))
        tables = _tables(files)
        full = False in prescribe if prescribe else any(table in tables for table in HISTORY)
        found = ReleaseFiles(tables, full)
        _check(found)
        for _, (source, version) in found.rows("RXNSAB", "RSAB", "SVER"):
            match = _VERSION.fullmatch(version) if source == "RXNORM" else None
            day = _day(f"20{match[1]}", match[2], match[3]) if match else None
            if day:
                days["RXNSAB.RRF"] = day
        if len(set(days.values())) > 1:
            named = ", ".join(f"{name}: {day:%d-%b-%Y}" for name, day in sorted(days.items()))
            raise refuse("release.mixed-dates", "These files are of different releases", place=named)
        found.dated = next(iter(days.values()), None)
        yield found


def _names(paths: Iterable[Path], files: Iterable[Found]) -> Iterator[tuple[str, bool]]:
    """Each name that may say a day, and whether it lies in the second copy."""
    for path in paths:
        yield path.name, False
    for file in files:
        yield file.name, _in_subset(file)


def _tables(files: Iterable[Found]) -> dict[str, Found]:
    known = [(table, file) for file in files if (table := _table(file)) in (*ALWAYS, *HISTORY)]
    if any(not _in_subset(file) for _, file in known):
        known = [(table, file) for table, file in known if not _in_subset(file)]
    tables: dict[str, Found] = {}
    for table, file in known:
        if table in tables:
            raise refuse("release.file-twice", f"There are two tables {table}",
                         place=f"{tables[table].inside}, {file.inside}")  # fmt: skip
        tables[table] = file
    return tables


def _check(found: ReleaseFiles) -> None:
    needed = (*ALWAYS, *HISTORY) if found.full else ALWAYS
    missing = [
        refuse("release.missing-file", f"The release has no {table}.RRF", place=f"{table}.RRF",
               way_out="Fetch the release again, whole.").refusals[0]
        for table in needed if table not in found.tables
    ]  # fmt: skip
    if missing:
        raise Refused(*missing)


def _table(file: Found) -> str:
    match = _TABLE.fullmatch(file.name)
    return match[1].upper() if match else ""


def _in_subset(file: Found) -> bool:
    return "prescribe" in file.inside.lower().split("/")[:-1]


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
