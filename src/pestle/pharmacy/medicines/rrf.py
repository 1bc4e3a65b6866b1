"""Which rows does a table of the Rich Release Format (RRF) hold?

One row a line, its fields each closed by a bar, UTF-8, no quoting and no heading. A line with another number
of fields than the table has columns is refused, and so is a last line that breaks off: a release that was cut
short shows here. Read line by line, so that memory does not grow with the file.

Source: NLM, RxNorm Technical Documentation, section 12; the columns as in NLM's
``Table_scripts_mysql_rxn.sql`` of the full release of 2017-11-06.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import TextIOWrapper
from operator import itemgetter
from typing import IO

from pestle.pharmacy.refusal import refuse

COLUMNS = {
    "RXNCONSO": ("RXCUI", "LAT", "TS", "LUI", "STT", "SUI", "ISPREF", "RXAUI", "SAUI", "SCUI", "SDUI", "SAB",
                 "TTY", "CODE", "STR", "SRL", "SUPPRESS", "CVF"),
    "RXNREL": ("RXCUI1", "RXAUI1", "STYPE1", "REL", "RXCUI2", "RXAUI2", "STYPE2", "RELA", "RUI", "SRUI",
               "SAB", "SL", "DIR", "RG", "SUPPRESS", "CVF"),
    "RXNSAT": ("RXCUI", "LUI", "SUI", "RXAUI", "STYPE", "CODE", "ATUI", "SATUI", "ATN", "SAB", "ATV",
               "SUPPRESS", "CVF"),
    "RXNSAB": ("VCUI", "RCUI", "VSAB", "RSAB", "SON", "SF", "SVER", "VSTART", "VEND", "IMETA", "RMETA", "SLC",
               "SCC", "SRL", "TFR", "CFR", "CXTY", "TTYL", "ATNL", "LAT", "CENC", "CURVER", "SABIN", "SSN",
               "SCIT"),
    "RXNCUI": ("CUI1", "VER_START", "VER_END", "CARDINALITY", "CUI2"),
    "RXNATOMARCHIVE": ("RXAUI", "AUI", "STR", "ARCHIVE_TIMESTAMP", "CREATED_TIMESTAMP", "UPDATED_TIMESTAMP",
                       "CODE", "IS_BRAND", "LAT", "LAST_RELEASED", "SAUI", "VSAB", "RXCUI", "SAB", "TTY",
                       "MERGED_TO_RXCUI"),
}  # fmt: skip


def rows(file: IO[bytes], table: str, *columns: str, place: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The number of each line and the fields in `columns`, two or more of them.

    Raises `Refused`: ``release.broken-line``, ``release.not-readable`` (not UTF-8).
    """
    chosen = itemgetter(*(COLUMNS[table].index(column) for column in columns))
    parts = len(COLUMNS[table]) + 1  # what follows the last bar is the line's end
    number = 0
    try:
        for number, line in enumerate(TextIOWrapper(file, encoding="utf-8", newline="\n"), start=1):
            fields = line.split("|")
            if len(fields) != parts or fields[-1].strip("\r\n"):
                raise refuse("release.broken-line", f"It has not {parts - 1} fields, each closed by a bar",
                             place=f"{place}, line {number}", way_out="Fetch the release again.")  # fmt: skip
            yield number, chosen(fields)
    except UnicodeDecodeError as error:
        raise refuse("release.not-readable", f"{place} is not UTF-8: {error.reason}",
                     place=f"{place}, after line {number}") from None  # fmt: skip
