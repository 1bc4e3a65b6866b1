"""A release answers about products and packs; a definition with faults is refused whole, each by name."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pestle.definitions import folder
from pestle.pharmacy.medicines.concept import Level, Pack, Product, Release
from pestle.pharmacy.medicines.dictionary import Dictionary, read
from pestle.pharmacy.medicines.formulary import COLUMNS
from pestle.pharmacy.quantity import Unit
from pestle.pharmacy.refusal import Refused

RELEASE = Release("test-1", "A release for tests", "2026-11-22")
TABLETS = Product("100001", Level.VMP, "Examplazole 5mg tablets")
BRAND = Product("100002", Level.AMP, "Brandex 5mg tablets", generic_id="100001")
STRANGER = Product("100003", Level.AMP, "Strangex 5mg tablets")


def _pack(id_: str, gtin: str, product: Product = TABLETS, quantity: int = 28) -> Pack:
    return Pack(id_, product.id, f"{product.name} {quantity}", Decimal(quantity), Unit("tablet"), (gtin,))


def _release(*packs: Pack, superseded: dict[str, str] | None = None) -> Dictionary:
    return Dictionary(
        release=RELEASE, products=(TABLETS, BRAND, STRANGER), packs=packs, superseded=superseded
    )


def test_products_generics_and_brands() -> None:
    release = _release()
    assert release.product("100001") is TABLETS
    assert release.product("999999") is None
    assert tuple(release.products()) == (TABLETS, BRAND, STRANGER)
    assert release.generic(BRAND) is TABLETS
    assert release.generic(TABLETS) is TABLETS
    assert release.generic(STRANGER) is None
    assert release.brands("100001") == (BRAND,)
    assert release.brands("100002") == ()


def test_an_old_id_leads_to_the_one_in_use_over_any_number_of_steps() -> None:
    release = _release(superseded={"1": "2", "2": "3", "3": "100001"})
    assert release.current("1") == "100001"
    assert release.current("100001") == "100001"
    assert release.current("unheard of") == "unheard of"


def test_a_circle_of_replacements_ends() -> None:
    release = _release(superseded={"1": "2", "2": "3", "3": "2"})
    assert [release.current(id_) for id_ in ("1", "2", "3")] == ["1", "2", "3"]


def test_a_pack_is_found_by_its_gtin_however_many_digits_were_scanned() -> None:
    ean13 = _pack("a", "9521000000070", quantity=56)
    ean8 = _pack("b", "96385074")
    release = _release(ean13, ean8)
    assert release.pack_by_gtin("09521000000070") is ean13
    assert release.pack_by_gtin("9521000000070") is ean13
    assert release.pack_by_gtin("00000096385074") is ean8
    assert release.pack_by_gtin("0000096385074") is ean8
    assert release.pack_by_gtin("036000291452") is None
    assert release.pack("a") is ean13
    assert release.packs("100001") == (ean8, ean13), "the smallest first"
    assert release.packs("100002") == ()


@pytest.mark.parametrize(
    ("gtin", "rule"), [("9521000000071", "barcode.check-digit"), ("952", "barcode.not-a-gtin")]
)
def test_a_gtin_that_is_wrong_is_refused_and_never_repaired(gtin: str, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        _release().pack_by_gtin(gtin)
    assert refused.value.rule == rule


def test_a_gtin_stands_on_one_pack_only() -> None:
    with pytest.raises(Refused) as refused:
        _release(_pack("a", "9521000000070"), _pack("b", "09521000000070"))
    assert refused.value.rule == "formulary.gtin-twice"


def test_a_pack_and_a_brand_belong_to_a_product_of_the_release() -> None:
    orphan = Product("100004", Level.AMP, "Orphanex", generic_id="100009")
    with pytest.raises(Refused) as refused:
        Dictionary(release=RELEASE, products=(orphan,), packs=(_pack("a", "9521000000070"),))
    assert [fault.rule for fault in refused.value.refusals] == ["formulary.unknown-product"] * 2


HEAD = """
kind: formulary
title: A formulary
source: Invented
notice: Apache-2.0
author: A. Tester
date_checked: 2026-11-22
next_review: 2027-11-22
status: unverified
release: {id: first-1, title: First, dated: "2026-11-22"}
units: {tablet: {code: "428673006"}}
body: body.csv
"""
PACKS = """
kind: packs
title: Packs
source: Invented
notice: Apache-2.0
author: A. Tester
date_checked: 2026-11-22
next_review: 2027-11-22
status: unverified
invented: true
makers: {a: Invented Generics}
packs:
  - {id: p-1, product: "100001", quantity: 28, gtin: "9521000000070", maker: a, split: true}
"""
ROW = (
    "100001,VMP,Examplazole 5mg tablets,Examplazole,900001,Examplazole [800001] = 5 mg / 1 tablet,Tablet,"
    "Oral,tablet,,,0103050,,,90001 90002"
)
BRAND_ROW = "100002,AMP,Brandex 5mg tablets,,,,,,,,,,100001,Brands Ltd,"


def _write(where: Path, *rows: str, head: str = HEAD, packs: str = PACKS) -> tuple[Path, Path]:
    (where / "formulary.yaml").write_text(head, encoding="utf-8")
    (where / "body.csv").write_text("\n".join([",".join(COLUMNS), *rows, ""]), encoding="utf-8")
    (where / "packs.yaml").write_text(packs, encoding="utf-8")
    return where / "formulary.yaml", where / "packs.yaml"


def test_files_are_merged_and_the_release_is_the_first_ones(tmp_path: Path) -> None:
    release = read(*_write(tmp_path, ROW, BRAND_ROW))
    assert release.release.id == "first-1"
    product = release.product(release.current("90001"))
    assert product is not None
    assert product.ingredients is not None
    strength = product.ingredients[0].strength
    assert strength is not None
    assert (strength.numerator.value, str(strength.denominator)) == (Decimal(5), "1 tablet")
    assert product.discontinued is None, "nobody said"
    pack = release.pack_by_gtin("9521000000070")
    assert pack is not None
    assert (pack.name, pack.split, pack.invented) == (
        "Examplazole 5mg tablets, 28 tablets (Invented Generics)",
        True,
        True,
    )


def test_a_brand_takes_what_it_does_not_state_from_its_vmp(tmp_path: Path) -> None:
    brand = read(*_write(tmp_path, ROW, BRAND_ROW)).product("100002")
    assert brand is not None
    assert (brand.moiety, brand.form, brand.maker, brand.bnf_code) == (
        "Examplazole",
        "Tablet",
        "Brands Ltd",
        None,
    )


def test_a_folder_stands_for_its_files(tmp_path: Path) -> None:
    _write(tmp_path, ROW)
    assert read(tmp_path).pack("p-1") is not None


def test_every_fault_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    files = _write(
        tmp_path,
        ROW,
        ROW,
        "12,VMP,Short id,,,,,,,,,,,,",
        "100005,VTM,A moiety,,,,,,,,,,,,",
        "100006,VMP,,,,,,,,,,,,,",
        "100007,VMP,A cream,,,,,,tube,,,,,,",
        "100008,VMP,A medicine,,,Examplazole = five mg / 1 tablet,,,,,,,,,",
        "100009,VMP,A medicine,,,,,,,9999,somebody,,,,",
        "100010,VMP,A medicine,,,,,,,0000,,,,,",
    )
    with pytest.raises(Refused) as refused:
        read(*files)
    assert [(fault.rule, fault.place) for fault in refused.value.refusals] == [
        ("formulary.id-twice", "body.csv, line 3"),
        ("definition.wrong-value", "body.csv, line 4, id"),
        ("definition.wrong-value", "body.csv, line 5, level"),
        ("definition.missing-field", "body.csv, line 6, name"),
        ("formulary.unknown-unit", "body.csv, line 7, unit"),
        ("definition.wrong-value", "body.csv, line 8, ingredients"),
        ("definition.wrong-value", "body.csv, line 9, controlled"),
        ("definition.missing-field", "body.csv, line 10, controlled_source"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('gtin: "9521000000070"', 'gtin: "9521000000071"', "barcode.check-digit"),
        ('gtin: "9521000000070"', "gtin: 9521000000070", "definition.wrong-value"),
        ('product: "100001"', 'product: "100009"', "formulary.unknown-product"),
        ("quantity: 28", "quantity: 2.8", "definition.wrong-value"),
        ("quantity: 28", "quantity: 0", "definition.wrong-value"),
        ("split: true", "split: perhaps", "definition.wrong-value"),
        ("maker: a", "maker: b", "definition.wrong-value"),
        ("packs:\n  -", "packs: [none]\nother:\n  -", "definition.unknown-field"),
        ("makers: {a: Invented Generics}", "makers: [a]", "definition.missing-field"),
        ("date_checked: 2026-11-22", "date_checked: 2026-13-45", "definition.unreadable"),
        ("status: unverified", "status: certain", "definition.wrong-value"),
        ("author: A. Tester\n", "", "definition.missing-field"),
        ("kind: packs", "kind: recipes", "definition.wrong-value"),
        ("packs:", "packs: [", "definition.unreadable"),
    ],
)
def test_a_faulty_file_of_packs_is_refused_by_name(tmp_path: Path, old: str, new: str, rule: str) -> None:
    assert old in PACKS
    with pytest.raises(Refused) as refused:
        read(*_write(tmp_path, ROW, packs=PACKS.replace(old, new)))
    assert refused.value.rule == rule


def test_what_is_no_file_or_no_table_is_refused(tmp_path: Path) -> None:
    for fault, files in {
        "definition.unreadable": (tmp_path / "nowhere.yaml",),
        "definition.no-formulary": (_write(tmp_path, ROW)[1],),
    }.items():
        with pytest.raises(Refused) as refused:
            read(*files)
        assert refused.value.rule == fault
    formulary, _ = _write(tmp_path, ROW + ",one too many")
    with pytest.raises(Refused) as refused:
        read(formulary)
    assert refused.value.rule == "definition.wrong-value"


def test_valproate_keeps_its_pack_whatever_a_file_of_packs_says(tmp_path: Path) -> None:
    packs = tmp_path / "packs.yaml"
    starter = read(folder("formulary"))
    valproate = next(product for product in starter.products() if product.moiety == "Sodium valproate")
    packs.write_text(PACKS.replace('"100001"', f'"{valproate.id}"'), encoding="utf-8")
    pack = read(folder("formulary"), packs).pack("p-1")
    assert pack is not None
    assert pack.split is False
