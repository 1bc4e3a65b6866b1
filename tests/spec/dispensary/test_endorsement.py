"""How a line is endorsed: the table that came with the program, and what each code needs."""

from __future__ import annotations

from pathlib import Path

import pytest

import pestle.definitions
from pestle.pharmacy.dispensary.endorsement import (
    Detail,
    Endorsement,
    endorse,
    for_the_payer,
    read_endorsements,
)
from pestle.pharmacy.refusal import Refused

TABLE = read_endorsements(Path(pestle.definitions.__file__).parent / "payment")
INVOICE = {Detail.INVOICE_PRICE: "12.34", Detail.SUPPLIER: "Alpha", Detail.PACK_SIZE: "30"}


def said(code: str, **details: str) -> Endorsement:
    return Endorsement(code, {Detail(name): value for name, value in details.items()})


NOTHING = said("NDEC")

# the endorsements, the protocol under which it was supplied, and what is wrong with them
TABLE_OF_LINES: list[tuple[tuple[Endorsement, ...], str, list[str]]] = [
    ((), "", ["endorsement.missing"]),
    ((NOTHING,), "", []),
    ((said("QQ"),), "", ["endorsement.unknown"]),
    ((NOTHING, said("MF")), "", ["endorsement.not-alone"]),
    ((said("ED"), said("SP")), "", []),
    ((said("MF"), said("MF")), "", ["endorsement.twice"]),
    ((said("BB"),), "", ["endorsement.detail-missing"]),
    ((said("BB", pack_size="500"),), "", []),
    ((said("IP", invoice_price="12.34"),), "", ["endorsement.detail-missing"] * 2),
    ((Endorsement("IP", INVOICE),), "", []),
    ((Endorsement("IP", INVOICE | {Detail.INVOICE_PRICE: "about 12"}),), "", ["endorsement.not-an-amount"]),
    ((Endorsement("IP", INVOICE | {Detail.INVOICE_PRICE: "0.00"}),), "", ["endorsement.not-an-amount"]),
    ((said("MF", pack_size="30"),), "", ["endorsement.other-detail"]),
    ((said("XP", expenses="3.50", what_for="carriage"),), "", []),
    ((said("XP", expenses="3.5", what_for="carriage"),), "", ["endorsement.not-an-amount"]),
    ((said("PC"),), "", ["endorsement.detail-missing"]),
    ((said("PC", agreed="Dr Example, 2 Nov: 28 for 30"),), "", []),
    ((said("PC", agreed="x" * 101),), "", ["endorsement.too-long"]),
    ((said("SSP"),), "901", ["endorsement.detail-missing"]),
    ((said("SSP", protocol="901"),), "901", []),
    ((said("SSP", protocol="902"),), "901", ["endorsement.other-protocol"]),
    ((said("SSP", protocol="901"),), "", ["endorsement.other-protocol"]),
    ((said("SSP", protocol="9"),), "901", ["endorsement.not-a-protocol"]),
    ((NOTHING,), "901", ["endorsement.protocol-missing"]),
]


@pytest.mark.parametrize(("endorsements", "protocol", "rules"), TABLE_OF_LINES)
def test_what_is_wrong(endorsements: tuple[Endorsement, ...], protocol: str, rules: list[str]) -> None:
    try:
        endorse(endorsements, table=TABLE, protocol=protocol)
        found = []
    except Refused as refused:
        found = [each.rule for each in refused.refusals]
    assert found == rules


def test_spaces_are_no_detail() -> None:
    (kept,) = endorse((said("SP", licence="  MS 1234 ", batch="  "),), table=TABLE)
    assert kept.details == {Detail.LICENCE: "MS 1234"}


@pytest.mark.parametrize(
    ("endorsement", "text"),
    [
        (NOTHING, ""),
        (Endorsement("IP", INVOICE), "Invoice price GBP 12.34; Supplier Alpha; Pack size 30"),
        (said("SSP", protocol="901"), "901"),
    ],
)
def test_what_the_payer_reads(endorsement: Endorsement, text: str) -> None:
    assert for_the_payer(endorsement) == text


def test_every_code_of_the_service_is_there() -> None:
    assert " ".join(TABLE.kinds) == "NDEC BB ED IP MF NCSO XP PC PNC RC SSP SP ZD"
