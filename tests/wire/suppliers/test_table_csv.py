"""The table that suppliers read and write: every row, and every fault by its line."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from pestle.pharmacy.ledger.confirmation import Answer, Confirmation, Said
from pestle.pharmacy.refusal import Refused
from pestle.wire.suppliers.formats import FORMATS
from pestle.wire.suppliers.order import OrderedPack, OrderOut
from pestle.wire.suppliers.table_csv import read, write

HEADING = "order,gtin,status,packs,instead,price,expected,words\n"
FIRST = date(2026, 12, 1)
GOOD = [
    ("PO-000012,0952,accepted,2,,1.23,2026-12-01,",
     Answer("line 2", "0952", Said.ACCEPTED, 2, "", 123, FIRST)),
    ("PO-000012,0952,Accepted,2,,,01/12/2026,", Answer("line 2", "0952", Said.ACCEPTED, 2, "", None, FIRST)),
    ('PO-000012,0952,short,4,,,,"not before January, they say"',
     Answer("line 2", "0952", Said.SHORT, 4, words="not before January, they say")),
    ("PO-000012,0952,substituted,1,0841,1.3,,", Answer("line 2", "0952", Said.SUBSTITUTED, 1, "0841", 130)),
    ("PO-000012,0952,refused,1,,,,", Answer("line 2", "0952", Said.REFUSED, 1)),
]  # fmt: skip


@pytest.mark.parametrize(("line", "answer"), GOOD)
def test_a_line_is_an_answer(line: str, answer: Answer) -> None:
    assert read(f"{HEADING}{line}\n".encode()) == Confirmation("PO-000012", (answer,))


def test_the_optional_columns_may_be_left_out_and_spreadsheets_add_a_mark() -> None:
    content = "\ufeffGTIN,Order,Packs,Status\r\n0952,PO-000012,3,accepted\r\n".encode()
    assert read(content).answers == (Answer("line 2", "0952", Said.ACCEPTED, 3),)


GONE_WRONG = [
    (b"\xff\xfe", [("confirmation.unreadable", "file")]),
    (b"", [("confirmation.heading", "line 1")]),
    (HEADING.encode(), [("confirmation.empty", "file")]),
    (b"order,gtin,status\n", [("confirmation.heading", "line 1")]),
    (b"order,gtin,status,packs,deposit\n", [("confirmation.heading", "line 1")]),
    (b"order,gtin,gtin,status,packs\n", [("confirmation.heading", "line 1")]),
    (f"{HEADING}PO-1,0952,accep".encode(), [("confirmation.missing-field", "line 2")]),
    (f"{HEADING}PO-1,,accepted,1,,,,\n".encode(), [("confirmation.missing-field", "line 2, gtin")]),
    (f"{HEADING}PO-1,0952,perhaps,1,,,,\nPO-1,0952,short,-1,,,,\n".encode(),
     [("confirmation.status", "line 2, status"), ("confirmation.packs", "line 3, packs")]),
    (f"{HEADING}PO-1,0952,short,1,,,,\nPO-2,0952,short,1,,,,\n".encode(),
     [("confirmation.two-orders", "line 3")]),
    (f"{HEADING}PO-1,0952,accepted,1,,1.234,,\n".encode(), [("confirmation.price", "line 2, price")]),
    (f"{HEADING}PO-1,0952,accepted,1,,GBP1,,\n".encode(), [("confirmation.price", "line 2, price")]),
    (f"{HEADING}PO-1,0952,accepted,1,,,tomorrow,\n".encode(), [("confirmation.day", "line 2, expected")]),
    (f"{HEADING}PO-1,0952,accepted,1,,,31/02/2026,\n".encode(), [("confirmation.day", "line 2, expected")]),
    (HEADING.encode() + b"PO-1,0952,short,1,,,,\n" * 5_001, [("confirmation.too-long", None)]),
]  # fmt: skip


@pytest.mark.parametrize(("content", "faults"), GONE_WRONG)
def test_what_cannot_be_read_is_refused_by_its_line(
    content: bytes, faults: list[tuple[str, str | None]]
) -> None:
    with pytest.raises(Refused) as refused:
        read(content)
    assert [(one.rule, one.place) for one in refused.value.refusals] == faults


def test_the_order_goes_out_as_its_description_says() -> None:
    lines = (OrderedPack("09521000000773", "=Furosemide 40mg tablets, 28", 3),)
    sent = write(OrderOut("PO-000012", "FZZ01", date(2026, 11, 30), lines))
    rows = list(csv.reader(io.StringIO(sent.decode("utf-8-sig"))))
    assert rows == [
        ["order", "site", "ordered", "gtin", "packs", "description"],
        ["PO-000012", "FZZ01", "2026-11-30", "09521000000773", "3", "3 x =Furosemide 40mg tablets, 28"],
    ]


def test_every_format_reads_and_writes() -> None:
    assert all(one.title and callable(one.read) and callable(one.write) for one in FORMATS.values())
