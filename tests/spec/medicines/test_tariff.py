"""What does the Drug Tariff of a month pay for a pack? The whole file is taken in, or nothing of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pestle.pharmacy.medicines.tariff import TariffRow, read_tariff
from pestle.pharmacy.refusal import Refused

HEADING = "Medicine,Pack size,,VMP Snomed Code,VMPP Snomed Code,Drug Tariff Category,Basic Price"
AMILORIDE = "Amiloride 5mg tablets,28,tablet,318052005,1191111000001100,Part VIIIA Category A,1090"
ANASTROZOLE = "Anastrozole 1mg tablets,28,tablet,327373002,975211000001100,Part VIIIA Category M,85"
ROW = TariffRow("318052005", "1191111000001100", Decimal(28), "tablet", "Part VIIIA Category A", 1090)


def _file(*lines: str, heading: str = HEADING) -> bytes:
    return "\r\n".join(("Drug Tariff Part VIIIA,,,,,,", "", heading, *lines)).encode()


def test_titles_are_passed_over_and_every_price_is_whole_pence() -> None:
    first, second = read_tariff(_file(AMILORIDE, ANASTROZOLE, ",,,,,,"))
    assert first == ROW
    assert (second.pack_id, second.pence) == ("975211000001100", 85)
    assert read_tariff(b"\xef\xbb\xbf" + _file(AMILORIDE)) == (ROW,)
    assert read_tariff(_file(AMILORIDE, AMILORIDE)) == (ROW,)


HEADINGS = [
    (HEADING.replace("size,,", "Size,Unit of Measure,"), "tablet"),
    (HEADING.replace("size,,", "size,Formulation,"), ""),
]


@pytest.mark.parametrize(("heading", "unit"), HEADINGS)
def test_a_unit_that_the_file_does_not_name_is_not_known(heading: str, unit: str) -> None:
    assert read_tariff(_file(AMILORIDE, heading=heading))[0].unit == unit


REFUSED = [
    (_file(AMILORIDE, heading=HEADING.replace("Basic Price", "Price")), "tariff.heading"),
    (b"", "tariff.heading"),
    (_file(), "tariff.empty"),
    (_file(AMILORIDE.replace("1191111000001100", "1.19111E+15")), "tariff.id"),
    (_file(AMILORIDE.replace("1191111000001100", "")), "tariff.missing-field"),
    (_file(AMILORIDE.replace(",28,", ",none,")), "tariff.size"),
    (_file(AMILORIDE.replace(",28,", ",0,")), "tariff.size"),
    (_file(AMILORIDE.replace("1090", "10.90")), "tariff.price"),
    (_file(AMILORIDE.replace("1090", "0")), "tariff.price"),
    (_file(AMILORIDE, AMILORIDE.replace("1090", "1091")), "tariff.two-prices"),
]


@pytest.mark.parametrize(("content", "rule"), REFUSED)
def test_what_is_refused(content: bytes, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        read_tariff(content)
    assert refused.value.rule == rule


def test_every_fault_is_told_by_its_line() -> None:
    with pytest.raises(Refused) as refused:
        read_tariff(_file(AMILORIDE, AMILORIDE.replace("1090", "x"), ANASTROZOLE.replace(",85", "")))
    assert [one.place for one in refused.value.refusals] == ["line 5", "line 6"]
