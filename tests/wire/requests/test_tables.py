"""The table by which a care home asks: headings and separators are forgiven, and no row is lost."""

from __future__ import annotations

from datetime import date

import pytest
from tests.reconciliation_cases import names

from pestle.pharmacy.practice.request_sheet import Asked, Unread
from pestle.pharmacy.refusal import Refused
from pestle.wire.tables.requests import read
from pestle.wire.tables.table import MOST_BYTES

ROW = "943 476 5919,Mary O'Brien,02/03/1941,Amlodipine 5mg tablets,28,please"
HEADING = "NHS number,Name,Born,Item,Quantity,Note"
FILES = [
    f"{HEADING}\n{ROW}\n",
    # As spreadsheets save it: a byte order mark, semicolons, tabs, empty rows, a title above.
    f"\ufeff{HEADING}\r\n\r\n{ROW}\r\n,,,,,\r\n",
    f"{HEADING}\n{ROW}\n".replace(",", ";"),
    f"{HEADING}\n{ROW}\n".replace(",", "\t"),
    f"Rose Court: repeats for December,,,,,\n{HEADING}\n{ROW}\n",
    "Medication,QTY,notes,Resident,DOB,NHS No\nAmlodipine 5mg tablets,28,please,Mary O'Brien,"
    "02-Mar-1941,9434765919\n",
]  # fmt: skip


@pytest.mark.parametrize("text", FILES)
def test_the_same_row_in_every_shape(text: str) -> None:
    (row,) = read(text.encode(), names())
    assert isinstance(row, Asked)
    assert row.number is not None
    assert (row.number.digits, row.person, row.born) == ("9434765919", "Mary O'Brien", date(1941, 3, 2))
    assert (row.line.name, row.quantity) == ("Amlodipine 5mg tablets", "28")
    assert row.verbatim == "Amlodipine 5mg tablets; 28; please"


UNREAD = [
    ("9434765918,,,Amlodipine 5mg tablets,,", "nhs-number.check-digit"),
    ("9.43E+09,,,Amlodipine 5mg tablets,,", "nhs-number.length"),
    (",Mary O'Brien,,Amlodipine 5mg tablets,,", "sheet.nobody-named"),
    (",Mary O'Brien,31/02/1941,Amlodipine 5mg tablets,,", "table.day"),
    ("9434765919,,,,28,", "sheet.no-item"),
    ("9434765919", "sheet.no-item"),
]


@pytest.mark.parametrize(("row", "rule"), UNREAD)
def test_a_row_that_cannot_be_read_is_kept_with_its_place(row: str, rule: str) -> None:
    first, second = read(f"{HEADING}\n{row}\n{ROW}\n".encode("cp1252"), names())
    assert isinstance(first, Unread)
    assert (first.place, first.why.rule) == ("row 2", rule)
    assert all(cell in first.verbatim for cell in row.split(",") if cell)
    assert isinstance(second, Asked)


REFUSED = [
    (b"", "table.empty"),
    (f"{HEADING}\n,,\n".encode(), "table.empty"),
    (b"Item,Quantity\nAmlodipine,28\n", "table.columns"),
    (b"NHS number,Colour\n9434765919,red\n", "table.columns"),
    (b"PK\x03\x04 a workbook", "table.unreadable"),
    (f"{HEADING}\n{ROW}\n".encode() * (MOST_BYTES // 100), "table.too-large"),
    (f"{HEADING}\n".encode() + b"1,,,x,,\n" * 1001, "table.too-long"),
]


@pytest.mark.parametrize(("data", "rule"), REFUSED)
def test_what_is_no_sheet_is_refused_as_a_whole(data: bytes, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        read(data, names())
    assert refused.value.rule == rule
