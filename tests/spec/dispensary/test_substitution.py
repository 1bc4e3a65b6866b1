"""What may be supplied for what was prescribed, by brand, by generic, and under a shortage protocol.

The protocols here are invented, as are the medicines; none of them was ever issued.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.spec.dispensary.medicines import BRAND, DICTIONARY, LINCTUS, OTHER_BRAND, SOMNOL, SOMNOL_10

from pestle.pharmacy.dispensary.shortage_protocol import in_force, read_protocols, substitute
from pestle.pharmacy.medicines.concept import Product
from pestle.pharmacy.medicines.equivalence import may_supply
from pestle.pharmacy.people import Person, Role
from pestle.pharmacy.refusal import Refused

INVENTED = """
kind: shortage_protocol
title: Invented for tests, Somnol 5mg tablets
source: Invented for tests; no such protocol was issued
notice: Invented
author: Pestle
next_review: 2027-01-01
status: unverified
number: "901"
from: 2026-11-01
to: 2026-11-30
prescribed: ["1"]
instead:
  - {product: "2", amount: "1/2", words: half a Somnol 10mg tablet for each}
  - {product: "3", amount: 5000, words: 5 ml of Tussin linctus for each}
conditions: [The patient can break a tablet]
"""
TODAY = date(2026, 11, 30)
PHARMACIST = Person(1, "Ruth", frozenset({Role.PHARMACIST}), 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "901.yaml").write_text(INVENTED)
    return tmp_path


# prescribed, supplied -> why not, without any protocol
PLAIN: list[tuple[Product, Product, str | None]] = [
    (SOMNOL, SOMNOL, None),
    (SOMNOL, BRAND, None),
    (SOMNOL, OTHER_BRAND, None),
    (BRAND, BRAND, None),
    (BRAND, OTHER_BRAND, "equivalence.brand-only"),
    (BRAND, SOMNOL, "equivalence.brand-only"),
    (SOMNOL, SOMNOL_10, "equivalence.other-medicine"),
    (SOMNOL, LINCTUS, "equivalence.other-medicine"),
]


@pytest.mark.parametrize(("prescribed", "supplied", "rule"), PLAIN)
def test_what_law_and_prescription_allow(prescribed: Product, supplied: Product, rule: str | None) -> None:
    refusal = may_supply(prescribed, supplied, DICTIONARY)
    assert (refusal.rule if refusal else None) == rule


# prescribed, how much, instead, the day, the number, agreed -> base units, or what is wrong
UNDER_A_PROTOCOL = [
    (SOMNOL, 28, SOMNOL_10, TODAY, "901", True, 14),
    (BRAND, 28, SOMNOL_10, TODAY, "901", True, 14),
    (SOMNOL, 28, LINCTUS, TODAY, "901", True, 140_000),
    (SOMNOL, 29, SOMNOL_10, TODAY, "901", True, "shortage.not-whole"),
    (SOMNOL, 28, OTHER_BRAND, TODAY, "901", True, "shortage.other-product"),
    (SOMNOL_10, 28, LINCTUS, TODAY, "901", True, "shortage.other-medicine"),
    (SOMNOL, 28, SOMNOL_10, date(2026, 12, 1), "901", True, "shortage.not-in-force"),
    (SOMNOL, 28, SOMNOL_10, date(2026, 10, 31), "901", True, "shortage.not-in-force"),
    (SOMNOL, 28, SOMNOL_10, TODAY, "902", True, "shortage.unknown"),
    (SOMNOL, 28, SOMNOL_10, TODAY, "901", False, "shortage.not-agreed"),
]


@pytest.mark.parametrize(
    ("prescribed", "much", "instead", "on", "number", "agreed", "answer"), UNDER_A_PROTOCOL
)
def test_what_a_protocol_allows(
    folder: Path, prescribed: Product, much: int, instead: Product, on: date, number: str, agreed: bool,
    answer: int | str,
) -> None:  # fmt: skip
    try:
        found: int | str = substitute(
            prescribed, much, number=number, product=instead, protocols=read_protocols(folder),
            dictionary=DICTIONARY, on=on, by=PHARMACIST, agreed=agreed,
        ).wanted  # fmt: skip
    except Refused as refused:
        found = refused.rule
    assert found == answer


def test_a_pharmacist_decides(folder: Path) -> None:
    with pytest.raises(Refused) as refused:
        substitute(
            SOMNOL, 28, number="901", product=SOMNOL_10, protocols=read_protocols(folder),
            dictionary=DICTIONARY, on=TODAY, by=replace(PHARMACIST, roles=frozenset({Role.TECHNICIAN})),
            agreed=True,
        )  # fmt: skip
    assert refused.value.rule == "shortage.role"


def test_which_protocols_are_offered(folder: Path) -> None:
    protocols = read_protocols(folder)
    assert [each.number for each in in_force(protocols, BRAND, dictionary=DICTIONARY, on=TODAY)] == ["901"]
    assert in_force(protocols, LINCTUS, dictionary=DICTIONARY, on=TODAY) == ()
    assert in_force(protocols, SOMNOL, dictionary=DICTIONARY, on=date(2026, 12, 1)) == ()


def test_a_folder_without_protocols_has_none(tmp_path: Path) -> None:
    assert read_protocols(tmp_path, tmp_path / "not there") == ()


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (INVENTED.replace('"901"', '"9"'), "definition.wrong-value"),
        (INVENTED.replace("from: 2026-11-01", ""), "definition.missing-field"),
        (INVENTED.replace("amount: 5000", "amount: a lot"), "definition.wrong-value"),
    ],
)
def test_a_protocol_that_cannot_be_used_is_refused_whole(folder: Path, wrong: str, rule: str) -> None:
    (folder / "901.yaml").write_text(wrong)
    with pytest.raises(Refused) as refused:
        read_protocols(folder)
    assert refused.value.rule == rule


def test_two_files_with_one_number_are_refused(folder: Path) -> None:
    (folder / "again.yaml").write_text(INVENTED)
    with pytest.raises(Refused) as refused:
        read_protocols(folder)
    assert refused.value.rule == "shortage.number-twice"
