"""What a scan says: each line one scan, with ␝ for the separator that a scanner sends.

The packs are invented (GS1's example prefix 952).
"""

from __future__ import annotations

import pytest

from pestle.pharmacy.medicines.barcode import LabelScan, Scan, read
from pestle.pharmacy.medicines.expiry import Expiry
from pestle.pharmacy.refusal import Refused

# scan | GTIN | batch | expiry | serial
UNDERSTOOD = """
01095210000000701729033110AB12␝214QXZ8                | 09521000000070 | AB12 | 2029-03-31 | 4QXZ8
]d201095210000000701729033110AB12␝214QXZ8             | 09521000000070 | AB12 | 2029-03-31 | 4QXZ8
]C1010952100000007017290331␝10AB12                    | 09521000000070 | AB12 | 2029-03-31 |
]Q3␝0109521000000070214QXZ8␝10AB12␝17290331           | 09521000000070 | AB12 | 2029-03-31 | 4QXZ8
]e00109521000000070                                   | 09521000000070 |      |            |
01095210000000701729020010AB12                        | 09521000000070 | AB12 | 2029-02    |
01095210000000701728022910AB12␝21XYZ␝71012345678      | 09521000000070 | AB12 | 2028-02-29 | XYZ
0109521000000070112403011729033110AB12                | 09521000000070 | AB12 | 2029-03-31 |
01095210000000701729033110aB12                        | 09521000000070 | aB12 | 2029-03-31 |
9521000000070                                         | 09521000000070 |      |            |
]E09521000000070                                      | 09521000000070 |      |            |
]E496385074                                           | 00000096385074 |      |            |
036000291452                                          | 00036000291452 |      |            |
]I119521000000077                                     | 19521000000077 |      |            |
[)>␞06␝9N110375286414␝1T12345ABCD␝D150617␝SX123␞␄ | 04150037528643 | 12345ABCD | 2015-06-17 | X123
[)>␞06␝9N111234567842␝1TAB␝D290300␞␄ | 04150123456782 | AB | 2029-03 |
]d1[)>␞06␝8P09521000000070␝1TAB␝D290331␝SX1␞␄ | 09521000000070 | AB | 2029-03-31 | X1
"""

# scan | the name of the refusal | what happened
REFUSED = """
9521000000071                                         | barcode.check-digit    | a digit was misread
01095210000000711729033110AB12                        | barcode.check-digit    | the same, in a DataMatrix
01095210000000701729130010AB12                        | barcode.not-a-date     | there is no month 13
01095210000000701729023010AB12                        | barcode.not-a-date     | there is no 30 February
01095210000000701700000010AB12                        | barcode.not-a-date     | the date was left out
01095210000000701729033110AB12214QXZ8 | barcode.separator-lost | batch AB12 serial 4QXZ8, or one long batch
0109521000000070214QXZ8172903311 0AB12 | barcode.characters | a space has no place in a serial
010952100000007021128302034892172903311 0B32542       | barcode.characters     | the same, too long as well
01095210000000702112830203489217290331103B3254 | barcode.separator-lost | a date in an overlong serial
010952100000007010AB12345678901234567890 | barcode.too-long | a batch has at most 20 characters
01095210000000701729033110ab12                        | barcode.lower-case     | caps lock is on
010952100000007010AB12␝10AB13                         | barcode.twice          | two packs in one scan
17290331010952100000007010                            | barcode.unreadable     | the batch is empty
1729033110AB12 | barcode.no-gtin | only batch and expiry were printed here
0109521000                                            | barcode.unreadable     | the scan broke off
HTTPS://EXAMPLE.ORG/LEAFLET                           | barcode.unreadable     | the code of the leaflet
[)>␞06␝9N110375286415␝1T12345ABCD␝D150617␝SX123␞␄     | barcode.check-digit    | a German pack, misread
[)>␞06␝9N110375286514␝1T12345ABCD␝D150617␝SX123␞␄     | barcode.check-digit    | the same, in its middle
[)>␞06␝9N110375286414␝1T12345ABCD␝D151317␝SX123␞␄     | barcode.not-a-date     | there is no month 13
[)>␞06␝9N110375286414␝8P09521000000070␞␄              | barcode.twice          | two products in one code
[)>␞06␝9N110375286414␝1TAB␝1TAC␞␄                     | barcode.twice          | two batches in one code
[)>␞06␝1T12345ABCD␝D150617␞␄                          | barcode.no-gtin        | no product in it
[)>06 9N110375286414 1T12345ABCD | barcode.separator-lost | the scanner drops control characters
[)>050109521000000070 | barcode.separator-lost | the same, format 05
]d217290331 | barcode.no-gtin | an expiry date alone in a DataMatrix, though it is eight digits
]E49521000000070 | barcode.symbology | an EAN-8 has eight digits
]E096385074 | barcode.symbology | an EAN-13 that lost digits
                                                      | barcode.unreadable     | nothing
"""


def _table(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip("\n").splitlines()]


def _sent(shown: str) -> str:
    return shown.replace("␝", "\x1d").replace("␞", "\x1e").replace("␄", "\x04")


@pytest.mark.parametrize(("shown", "gtin", "batch", "expiry", "serial"), _table(UNDERSTOOD))
def test_a_pack_is_read(shown: str, gtin: str, batch: str, expiry: str, serial: str) -> None:
    for sent in (_sent(shown), f"{_sent(shown)}\r\n", f"{_sent(shown)}\x1d"):
        found = read(sent)
        assert isinstance(found, Scan)
        stated = str(found.expiry) if found.expiry else ""
        assert (found.gtin, found.batch or "", stated, found.serial or "") == (gtin, batch, expiry, serial)
        assert found.symbology == (shown[:3] if shown.startswith("]") else "")
        assert found.raw == sent


@pytest.mark.parametrize(("shown", "rule", "why"), _table(REFUSED))
def test_what_is_not_certain_is_refused_by_name(shown: str, rule: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        read(_sent(shown))
    assert refused.value.rule == rule, why
    assert refused.value.refusals[0].way_out


def test_a_separator_anywhere_shows_that_none_was_lost() -> None:
    """A batch number with "21" in it is a batch if separators come through; else who knows."""
    pack = "01095210000000701729033110AB1221X"
    with pytest.raises(Refused) as refused:
        read(f"]d2{pack}")
    assert refused.value.rule == "barcode.separator-lost"
    for sent in (f"]d2\x1d{pack}", f"{pack}\x1d", f"[)>\x1e05\x1d{pack}\x1e\x04"):
        found = read(sent)
        assert isinstance(found, Scan)
        assert (found.batch, found.serial) == ("AB1221X", None)


def test_the_envelope_of_iso_15434_is_opened() -> None:
    found = read("[)>\x1e05\x1d01095210000000701729033110AB12\x1d214QXZ8\x1e\x04")
    assert isinstance(found, Scan)
    assert (found.gtin, found.batch, found.serial) == ("09521000000070", "AB12", "4QXZ8")
    assert found.expiry == Expiry(2029, 3, 31)


def test_our_own_label_is_another_kind_of_scan() -> None:
    assert read("PESTLE:L:4711-1\r\n") == LabelScan("4711-1")
    assert read("]d1PESTLE:L:4711") == LabelScan("4711")
    with pytest.raises(Refused, match="damaged"):
        read("PESTLE:L:47 11")
