"""Scans that others published: every one is read as they read it, or refused by the right name."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from pestle.pharmacy.medicines.barcode import Scan, read
from pestle.pharmacy.refusal import Refused

# Which published string is refused, by what stands in it.
REFUSED = {
    "bad GTIN check": "barcode.check-digit",
    "all-zero expiry": "barcode.not-a-date",
    "month13": "barcode.not-a-date",
    "GS dropped": "barcode.separator-lost",
}
# One of Solidsoft's own strings carries a GTIN whose check digit is wrong.
WRONG_CHECK_DIGIT = "04070071967073"


def test_the_published_element_strings(samples: Path) -> None:
    with (samples / "dev" / "gs1" / "element_strings.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 16
    for row in rows:
        scan = row["value_escaped"].encode("ascii").decode("unicode_escape")
        rule = next((rule for part, rule in REFUSED.items() if part in row["kind"]), None)
        if WRONG_CHECK_DIGIT in scan:
            rule = "barcode.check-digit"
        if rule is None:
            found = read(scan)
            assert isinstance(found, Scan)
            # A German PPN carries the eight digits of the PZN, which stand inside its NTIN.
            assert (found.gtin[5:13] if row["kind"] == "ifa_ppn" else found.gtin) in scan
            assert found.batch
            assert found.serial
            assert found.expiry
            assert found.batch in scan
            continue
        with pytest.raises(Refused) as refused:
            read(scan)
        assert refused.value.rule == rule, row
