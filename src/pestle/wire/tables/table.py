"""Which rows does a table have, and which of our columns stand where?

CSV with a heading, as a spreadsheet saves it: commas, semicolons or tabs; UTF-8, or the character set in
which Excel saves a CSV in western Europe. Columns are found by their headings, whatever their order; a title
may stand above them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from pestle.pharmacy.refusal import refuse

MOST_BYTES = 1024 * 1024
Columns = Mapping[str, tuple[str, ...]]
_HEADING_WITHIN = 10
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2}|[A-Za-z]{3})[/.-](\d{4})")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands, as a spreadsheet numbers it; what it says in each of our columns that the
    table has (empty where its cell is), in the others, and all of its cells."""

    place: str
    said: Mapping[str, str]
    others: tuple[str, ...]
    cells: tuple[str, ...]


def read(
    data: bytes, columns: Columns, *, needs: Callable[[AbstractSet[str]], list[str]], most: int
) -> tuple[Row, ...]:
    """Every row that is not empty. `columns` has for each of ours the headings that are taken for it; `needs`
    tells which are missing among those that were found.

    Raises `Refused`: ``table.empty``, ``table.too-large``, ``table.unreadable``, ``table.columns``,
    ``table.too-long``.
    """
    if not data.strip():
        raise refuse("table.empty", "The file is empty", place="file")
    if len(data) > MOST_BYTES:
        raise refuse("table.too-large", "A table has at most 1 MB", place="file")
    rows = _rows(data, columns)
    at, places = _heading(rows, columns, needs)
    told = [(number, cells) for number, cells in rows if number > at and any(cell.strip() for cell in cells)]
    if not told:
        raise refuse("table.empty", "There is no row below the heading", place="file")
    if len(told) > most:
        raise refuse("table.too-long", f"A table has {most} rows at most; this has {len(told)}",
                     place="file", way_out="Send it in parts.")  # fmt: skip
    return tuple(_row(number, cells, places) for number, cells in told)


def day(text: str, *, place: str) -> date:
    """The day that a cell says, the day before the month. Raises `Refused` (``table.day``)."""
    try:
        if matched := _DAY_FIRST.fullmatch(text):
            first, month, year = matched.groups()
            number = int(month) if month.isdigit() else _MONTHS.index(month.casefold()) + 1
            return date(int(year), number, int(first))
        return date.fromisoformat(text)
    except ValueError:
        raise refuse("table.day", f"“{text[:20]}” is no day such as 02/03/1941", place=place) from None


def _row(number: int, cells: Sequence[str], places: Mapping[str, int]) -> Row:
    every = tuple(" ".join(cell.split()) for cell in cells)
    said = {column: every[at] if at < len(every) else "" for column, at in places.items()}
    others = tuple(cell for at, cell in enumerate(every) if at not in places.values())
    return Row(f"row {number}", said, others, every)


def _rows(data: bytes, columns: Columns) -> list[tuple[int, list[str]]]:
    if b"\0" in data or data.startswith(b"PK"):
        raise refuse("table.unreadable", "This is no CSV", place="file",
                     way_out="In the spreadsheet: Save as, CSV.")  # fmt: skip
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    ours = {heading for headings in columns.values() for heading in headings}
    lines = text.splitlines()
    first = next((line for line in lines if ours & set(map(_plain, re.split("[,;\t]", line)))), "")
    separator = max(",;\t", key=first.count)
    try:
        return list(enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), start=1))
    except csv.Error as error:
        raise refuse("table.unreadable", f"The file is no CSV: {error}", place="file") from None


def _plain(cell: str) -> str:
    return " ".join(cell.replace("_", " ").strip(' "').casefold().split())


def _heading(
    rows: Sequence[tuple[int, Sequence[str]]],
    columns: Columns,
    needs: Callable[[AbstractSet[str]], list[str]],
) -> tuple[int, dict[str, int]]:
    missing = needs(frozenset())
    for number, cells in rows[:_HEADING_WITHIN]:
        at = [_plain(cell) for cell in cells]
        found = {
            column: at.index(heading)
            for column, headings in columns.items()
            if (heading := next((one for one in headings if one in at), None)) is not None
        }
        lacks = needs(found.keys())
        if not lacks:
            return number, found
        missing = min(missing, lacks, key=len)
    raise refuse(
        "table.columns",
        f"The file has no column for {' and '.join(missing)}",
        place="heading",
        way_out="Name the columns as they stand on this page; their order does not matter.",
    )
