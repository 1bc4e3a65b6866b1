"""What did practices prescribe, and for how many patients, in the files that the NHS publishes?

Of the English Prescribing Dataset (NHSBSA, monthly) a line is a practice, a presentation and a quantity, and
how many items of it there were. Of the patients registered at a GP practice (NHS England, monthly) one line
of each practice is that of all its patients.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from pestle.pharmacy.refusal import refuse

# The columns that are read.
_EPD = ("YEAR_MONTH", "PRACTICE_CODE", "BNF_CODE", "ITEMS", "QUANTITY")
_LISTS = ("EXTRACT_DATE", "ORG_TYPE", "ORG_CODE", "SEX", "AGE_GROUP_5", "NUMBER_OF_PATIENTS")


def tables(files: Iterable[Path], backend: Backend) -> tuple[Table, Table | None]:
    """The tables `prescribing` and `list_size` of these files, whichever each is; without any of the second,
    none.

    Raises `Refused` (``prescribing.not-epd``) where a file lacks a column, or none says what was prescribed.
    """
    prescribed, lists = [], []
    for path in map(str, files):
        with Path(path).open(encoding="utf-8-sig") as file:
            header = file.readline().strip().split(",")
        if set(_LISTS).issubset(header):
            lists.append(path)
            continue
        lacks = [name for name in _EPD if name not in header]
        if lacks:
            raise refuse("prescribing.not-epd", f"{path} has no column {', '.join(lacks)}", place=path)
        prescribed.append(path)
    if not prescribed:
        raise refuse("prescribing.not-epd", "No file says what was prescribed", place="PATH")
    return _prescribing(prescribed, backend), _list_size(lists, backend) if lists else None


def _prescribing(paths: list[str], backend: Backend) -> Table:
    text = {"YEAR_MONTH": "string", "PRACTICE_CODE": "string", "BNF_CODE": "string"}
    rows = backend.read_csv(paths, types={**text, "ITEMS": "int64", "QUANTITY": "decimal(18, 3)"})
    return rows.select(
        practice=rows.PRACTICE_CODE,
        # Written 2017_09 or, since 2020, 202009.
        month=(rows.YEAR_MONTH.replace("_", "")[:4] + "-" + rows.YEAR_MONTH.replace("_", "")[4:6] + "-01")
        .cast("date"),
        bnf=rows.BNF_CODE,
        items=rows.ITEMS,
        quantity=rows.QUANTITY,
    )  # fmt: skip


def _list_size(paths: list[str], backend: Backend) -> Table:
    types = dict.fromkeys(_LISTS, "string") | {"NUMBER_OF_PATIENTS": "int64"}
    rows = backend.read_csv(paths, types=types)
    rows = rows.filter(rows.ORG_TYPE == "GP", rows.SEX == "ALL", rows.AGE_GROUP_5 == "ALL")
    # Written 01SEP2017.
    taken = rows.EXTRACT_DATE.as_timestamp("%d%b%Y").date()
    return rows.select(practice=rows.ORG_CODE, month=taken.truncate("M"), patients=rows.NUMBER_OF_PATIENTS)
