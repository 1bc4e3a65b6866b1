"""Which temperatures does a logger's table tell of?

UTF-8 text with comma, semicolon or tab between columns. The heading names a column for the time (a word that
holds “time” or “date”) and one for the temperature (“temp”, “°C” or “celsius”). Times are ISO 8601 or
day/month/year hour:minute; without a zone of their own they are local. In the hour that a clock repeats in
autumn, the first is taken.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from pestle.pharmacy.ledger.temperature import Reading, readable
from pestle.pharmacy.quantity import decimal
from pestle.pharmacy.refusal import Refused, refuse

MOST = 100_000
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?")


def readings(data: bytes, *, zone: tzinfo) -> tuple[Reading, ...]:
    """Every reading of a file, in the order of time, in UTC.

    Raises `Refused`: ``logger.not-text``, ``logger.no-columns``, ``logger.unreadable-line``,
    ``logger.empty``, ``logger.too-long``, ``temperature.not-possible``.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse("logger.not-text", "This is no table in UTF-8", place=f"byte {error.start}") from error
    lines = text.splitlines()
    if len(lines) > MOST:
        raise refuse("logger.too-long", f"More than {MOST:,} lines are no file of one fridge")
    heading = next((line for line in lines if line.strip()), "")
    separator = max(",;\t", key=heading.count)
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    columns: tuple[int, int] | None = None
    found = []
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if columns is None:
            columns = _columns(row)
        else:
            found.append(_reading(row, columns, rows.line_num, zone))
    if not found:
        raise refuse("logger.empty", "This file has no reading")
    return tuple(sorted(set(found)))


def _columns(row: Sequence[str]) -> tuple[int, int]:
    names = [cell.strip().casefold() for cell in row]
    at = next((n for n, name in enumerate(names) if "time" in name or "date" in name), None)
    celsius = next(
        (n for n, name in enumerate(names) if "temp" in name or "°c" in name or "celsius" in name), None
    )
    if at is None or celsius is None or at == celsius or "°f" in names[celsius]:
        raise refuse(
            "logger.no-columns", "The first line names no columns for the time and the temperature in °C",
            place="line 1", way_out="Export the table with its headings, in degrees Celsius.",
        )  # fmt: skip
    return at, celsius


def _reading(row: Sequence[str], columns: tuple[int, int], line: int, zone: tzinfo) -> Reading:
    place = f"line {line}"
    try:
        at, celsius = (row[n].strip() for n in columns)
        moment, value = _moment(at, zone), decimal(celsius, place=place)
    except (IndexError, ValueError, Refused) as error:
        raise refuse(
            "logger.unreadable-line", f"“{';'.join(row)[:80]}” is no reading", place=place
        ) from error
    wrong = readable(value, place=place)
    if wrong is not None:
        raise Refused(wrong)
    return Reading(moment, value)


def _moment(text: str, zone: tzinfo) -> datetime:
    if matched := _DAY_FIRST.fullmatch(text):
        day, month, year, hour, minute, second = (int(part or 0) for part in matched.groups())
        moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the zone follows
    else:
        moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
