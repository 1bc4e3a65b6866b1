"""A release in a file answers as one in memory does; it is whole or not there, and nobody can write to it."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pestle.definitions import folder
from pestle.pharmacy.frozen_json import dumps, loads
from pestle.pharmacy.medicines.build import Build
from pestle.pharmacy.medicines.concept import (
    BaseUnit,
    Coded,
    ControlledDrugCategory,
    Flag,
    Ingredient,
    Level,
    Moiety,
    Pack,
    Price,
    Product,
    Release,
)
from pestle.pharmacy.medicines.dictionary import Dictionary, read
from pestle.pharmacy.medicines.release import SUFFIX, release_of
from pestle.pharmacy.quantity import SNOMED, Quantity, Ratio, Unit
from pestle.pharmacy.refusal import Refused

RELEASE = Release("test-2026-11-22", "A release for tests", "2026-11-22", notes=("one thing left open",))
TABLET = Unit("tablet", SNOMED, "428673006")
MG = Unit("mg", SNOMED, "258684004")
GENERIC = Product(
    "100001",
    Level.VMP,
    "Examplazole 2.50mg tablets",
    ingredients=(
        Ingredient(
            "Examplazole", "200001", Ratio(Quantity(Decimal("2.50"), MG), Quantity(Decimal(1), TABLET))
        ),
        Ingredient("Otherazole", amount=Quantity(Decimal("0.001"), MG)),
    ),
    routes=("Oral",),
    base_unit=BaseUnit(TABLET),
    controlled=ControlledDrugCategory.SCHEDULE_5,
    prescribing_status=Coded("0001", "Valid"),
    flags=(Flag.SUGAR_FREE,),
)
BRAND = Product("100002", Level.AMP, "Brandex 2.50mg tablets", generic_id="100001", flags=())
GONE = Product("100003", Level.AMP, "Gonex 2.50mg tablets", generic_id="100001", valid=False)
PACK = Pack(
    "300001",
    "100002",
    "Brandex 2.50mg tablets 28",
    Decimal("28.0"),
    TABLET,
    ("09521000000070",),
    level=Level.AMPP,
    discontinued=True,
    discontinued_on=date(2026, 1, 31),
    price=Price(1234, Coded("0001", "NHS Indicative Price"), date(2026, 1, 1)),
    contents=("300002",),
)
BIG = Pack("300003", "100002", "Brandex 2.50mg tablets 112", Decimal(112), TABLET)
VALPROATE = Product(
    "100004",
    Level.VMP,
    "Valproate",
    ingredients=(Ingredient("Sodium valproate"),),
    base_unit=BaseUnit(TABLET),
)
VALPROATE_PACK = Pack("300004", "100004", "Valproate 30 tablet", Decimal(30), TABLET)


def _file(into: Path, release: Release = RELEASE) -> Path:
    with Build(into) as build:
        for product in (GENERIC, BRAND, GONE, VALPROATE):
            build.add_product(product)
        for pack in (BIG, PACK, VALPROATE_PACK):
            build.add_pack(pack)
        build.add_gtin("09521000000070", PACK.id)
        build.add_moiety(Moiety("400001", "Examplazole", ("200001",)))
        assert build.supersede({"1": {"2"}, "2": {"100001"}, "3": {"4", "5"}}) == 1
        return build.finish(release)


@pytest.mark.parametrize("value", [GENERIC, BRAND, GONE, PACK, BIG, RELEASE], ids=lambda value: str(value.id))
def test_a_value_is_read_back_the_same_to_the_digit(value: Product | Pack | Release) -> None:
    again = loads(type(value), dumps(value))
    assert again == value
    assert repr(again) == repr(value)


def test_every_question_is_answered_from_the_file(tmp_path: Path) -> None:
    known = read(_file(tmp_path))
    assert known.release == RELEASE
    assert known.product("100001") == GENERIC
    assert known.product("999999") is None
    assert tuple(known.products()) == (GENERIC, BRAND, VALPROATE)
    assert known.product("100003") == GONE
    assert known.brands("100001") == (BRAND,)
    assert known.brands("100002") == ()
    assert known.generic(BRAND) == GENERIC
    assert known.pack("300001") == PACK
    assert known.packs("100002") == (PACK, BIG)
    assert known.packs("100001") == ()
    assert known.pack_by_gtin("9521000000070") == PACK
    assert known.pack_by_gtin("9521000000124") is None
    assert [known.current(id_) for id_ in ("1", "2", "100001", "7")] == ["100001", "100001", "100001", "7"]
    moiety = known.moiety("400001")
    assert moiety is not None
    assert moiety.ingredients == ("200001",)


def test_the_starter_formulary_answers_the_same_from_a_file(tmp_path: Path) -> None:
    starter = read(folder("formulary"))
    with Build(tmp_path) as build:
        for product in starter.products():
            build.add_product(product)
        held = read(build.finish(starter.release))
    assert tuple(held.products()) == tuple(starter.products())
    for product in starter.products():
        assert held.brands(product.id) == starter.brands(product.id)
        assert held.generics(product) == starter.generics(product)
    assert tuple(held.entries()) == tuple(starter.entries())
    assert tuple(starter.entries()) == tuple(product.entry for product in starter.products())


def test_the_rule_of_whole_packs_holds_over_a_file(tmp_path: Path) -> None:
    path = _file(tmp_path)
    known = read(path, folder("formulary") / "whole_packs.yaml")
    assert [pack.split for pack in known.packs("100004")] == [False]
    by_moiety = replace(VALPROATE, ingredients=None, moiety="Valproic acid")
    with Build(tmp_path / "moiety") as build:
        build.add_product(by_moiety)
        build.add_pack(VALPROATE_PACK)
        named = read(build.finish(RELEASE), folder("formulary") / "whole_packs.yaml")
    assert [pack.split for pack in named.packs("100004")] == [False]
    assert [pack.split for pack in read(path).packs("100004")] == [None]


def test_two_dictionaries_at_once_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read(_file(tmp_path), folder("formulary"))
    assert refused.value.rule == "dictionary.two-at-once"


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = _file(tmp_path)
    before = path.read_bytes()
    with Build(tmp_path) as build:
        build.add_product(GENERIC)
        assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == before


def test_a_reader_keeps_the_file_it_opened_when_another_takes_its_name(tmp_path: Path) -> None:
    known = read(_file(tmp_path))
    with Build(tmp_path) as build:
        build.add_product(BRAND)
        build.finish(RELEASE)
    assert known.product("100001") == GENERIC
    assert read(tmp_path / f"{RELEASE.id}{SUFFIX}").product("100001") is None


def test_nobody_writes_to_it(tmp_path: Path) -> None:
    path = _file(tmp_path)
    assert path.stat().st_mode & 0o222 == 0
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    with pytest.raises(sqlite3.OperationalError):
        connection.execute("DELETE FROM product")
    connection.close()


def test_threads_read_side_by_side(tmp_path: Path) -> None:
    known = read(_file(tmp_path))
    seen: list[Product | None] = []
    threads = [threading.Thread(target=lambda: seen.append(known.product("100002"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [BRAND] * 8


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with Build(tmp_path) as build:
        build.add_product(GENERIC)
        with pytest.raises(Refused) as refused:
            build.add_product(GENERIC)
    assert refused.value.rule == "release.id-twice"


@pytest.mark.parametrize("content", [b"", b"nonsense" * 999, b"SQLite format 3\x00"])
def test_what_is_no_dictionary_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / f"broken{SUFFIX}"
    path.write_bytes(content)
    for asked in (read, release_of):
        with pytest.raises(Refused) as refused:
            asked(path)
        assert refused.value.rule == "dictionary.not-readable"


def test_in_memory_what_is_invalid_is_read_by_id_and_never_offered() -> None:
    known = Dictionary(release=RELEASE, products=(GENERIC, BRAND, GONE))
    assert known.product(GONE.id) is GONE
    assert known.brands(GENERIC.id) == (BRAND,)
    assert GONE not in tuple(known.products())
