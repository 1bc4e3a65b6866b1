"""How is a release of a medicines dictionary kept in one read-only file?

A dictionary file is SQLite: one row a product or pack, found by its key. It is written under a name of its
own and gets its real name only when it is whole, so that a reader sees a whole release or none; and it is
opened read-only and immutable. Amounts are text inside, never floating point. Products and packs are much
alike, so each is compressed against a sample that the file carries: a fifth of the size for microseconds.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import quote
from zlib import decompressobj

from pestle.pharmacy.frozen_json import dumps, loads
from pestle.pharmacy.medicines.concept import (
    BaseUnit,
    Coded,
    ControlledDrugCategory,
    Entry,
    Flag,
    Ingredient,
    Level,
    Moiety,
    Pack,
    Price,
    Product,
    Release,
)
from pestle.pharmacy.quantity import SNOMED, Quantity, Ratio, Unit
from pestle.pharmacy.refusal import Refused, refuse

SUFFIX = ".dictionary"
# Raised whenever older files can no longer be read as they stand.
FORMAT = "pestle-dictionary-2"
HELD = 4096  # rows kept ready in memory, of each table

T = TypeVar("T")

# What stands in many products and packs, the most usual last.
SAMPLE = "".join(
    dumps(value)
    for value in (
        Pack(
            "4", "1", "", Decimal(28), Unit("tablet", SNOMED, "428673006"), ("0",), "", False, source="dm+d",
            level=Level.AMPP, generic_id="3", discontinued=False, legal_category=Coded("0003", "POM"),
            price=Price(1, Coded("0001", "NHS Indicative Price"), date(2026, 1, 1)),
            tariff=Price(1, Coded("0001", "Part VIIIA Category M"), date(2026, 1, 1)), charges=1,
            flags=(Flag.BROKEN_BULK,),
        ),
        Product(
            "2", Level.AMP, "", "", "",
            (Ingredient("", "", Ratio(Quantity(Decimal(1), Unit("mg", SNOMED, "258684004")),
                                      Quantity(Decimal(1), Unit("tablet", SNOMED, "428673006")))),),
            "Tablet", ("Oral",), BaseUnit(Unit("tablet", SNOMED, "428673006")), ControlledDrugCategory.NONE,
            "", "1", "", discontinued=False, source="dm+d", controlled_source="dm+d",
            prescribing_status=Coded("0001", "Valid as a prescribable product"),
            availability=Coded("0001", "None"), licence=Coded("0001", "Medicines - MHRA/EMA"), flags=(),
            unit_dose=Quantity(Decimal(1), Unit("tablet", SNOMED, "428673006")),
        ),
    )
).encode()  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tables:
    """What a dictionary looks things up in, by key; dicts in memory, or views of a file's tables.

    `generics` are the VMPs of a moiety, by `Product.moiety_key`; `entries` gives one of each valid product.
    """

    products: Mapping[str, Product] = field(default_factory=dict)
    brands: Mapping[str, tuple[Product, ...] | list[Product]] = field(default_factory=dict)
    generics: Mapping[str, tuple[Product, ...] | list[Product]] = field(default_factory=dict)
    packs: Mapping[str, Pack] = field(default_factory=dict)
    packs_of: Mapping[str, tuple[Pack, ...] | list[Pack]] = field(default_factory=dict)
    gtins: Mapping[str, Pack] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    codes_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    superseded: Mapping[str, str] = field(default_factory=dict)
    moieties: Mapping[str, Moiety] = field(default_factory=dict)
    entries: Callable[[], Iterator[Entry]] = field(default=lambda: iter(()))


def opened(
    path: Path, *, kept_whole: Callable[[Pack, Product], Pack] = lambda pack, _: pack
) -> tuple[Release, Tables]:
    """The release in a dictionary file, and its tables, read as they are asked.

    `kept_whole` has the last word on whether a pack may be split. Raises `Refused`:
    ``dictionary.not-readable``.
    """
    file = _File(path)
    release, sample = _about(file, path)

    def unpacked(body: bytes) -> Product:
        return loads(Product, unpacked_body(body, sample))

    def adjusted(body: bytes) -> Pack:
        pack = loads(Pack, unpacked_body(body, sample))
        product = products.get(pack.product_id)
        return kept_whole(pack, product) if product else pack

    def product(rows: list[tuple[Any, ...]]) -> Product:
        return unpacked(rows[0][0])

    def pack(rows: list[tuple[Any, ...]]) -> Pack:
        return adjusted(rows[0][0])

    products = _View(
        file,
        "SELECT body FROM product WHERE id = ?",
        product,
        every="SELECT id, body FROM product ORDER BY place",
    )
    return release, Tables(
        products=products,
        brands=_View(
            file,
            "SELECT body FROM product WHERE generic_id = ? ORDER BY place",
            lambda rows: tuple(unpacked(body) for (body,) in rows),
        ),
        generics=_View(
            file,
            "SELECT body FROM product WHERE generic_of = ? ORDER BY place",
            lambda rows: tuple(unpacked(body) for (body,) in rows),
        ),
        packs=_View(file, "SELECT body FROM pack WHERE id = ?", pack, every="SELECT id, body FROM pack"),
        packs_of=_View(
            file,
            "SELECT body FROM pack WHERE product_id = ?",
            lambda rows: tuple(adjusted(body) for (body,) in rows),
        ),
        gtins=_View(
            file, "SELECT pack.body FROM gtin JOIN pack ON pack.id = gtin.pack_id WHERE gtin.gtin = ?", pack
        ),
        codes=_View(file, "SELECT product_id FROM code WHERE code = ?", lambda rows: str(rows[0][0])),
        codes_of=_View(
            file,
            "SELECT code FROM code WHERE product_id = ? ORDER BY code",
            lambda rows: tuple(code for (code,) in rows),
        ),
        superseded=_View(
            file, "SELECT current FROM superseded WHERE previous = ?", lambda rows: str(rows[0][0])
        ),
        moieties=_View(file, "SELECT body FROM moiety WHERE id = ?", lambda rows: loads(Moiety, rows[0][0])),
        entries=lambda: _entries(file),
    )


def _entries(file: _File) -> Iterator[Entry]:
    sql = "SELECT id, generic_id, entry FROM product WHERE entry IS NOT NULL ORDER BY place"
    for id_, generic_id, entry in file.rows(sql):
        name, level, moiety, ingredients, discontinued = json.loads(entry)
        yield Entry(id_, name, _LEVELS[level], generic_id, moiety, tuple(ingredients), discontinued)


_LEVELS = {level.value: level for level in Level}


def release_of(path: Path) -> Release:
    """Which release a dictionary file holds. Raises `Refused` (``dictionary.not-readable``)."""
    return _about(_File(path), path)[0]


class _File:
    """One read-only connection a thread."""

    def __init__(self, path: Path) -> None:
        self._uri = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
        self._threads = threading.local()

    def rows(self, sql: str, *values: str) -> Iterator[tuple[Any, ...]]:
        connection = getattr(self._threads, "connection", None)
        if connection is None:
            connection = self._threads.connection = sqlite3.connect(self._uri, uri=True)
        yield from connection.execute(sql, values)


def unpacked_body(body: bytes, sample: bytes) -> str:
    """The JSON in a product's or pack's row."""
    return decompressobj(zdict=sample).decompress(body).decode()


def _about(file: _File, path: Path) -> tuple[Release, bytes]:
    """The release, and the sample that its rows are compressed against."""
    try:
        rows = list(file.rows("SELECT * FROM about"))
    except sqlite3.Error as error:
        raise _not_readable(path, str(error)) from None
    if len(rows) != 1 or rows[0][0] != FORMAT:
        raise _not_readable(path, f"it is not of format {FORMAT}")
    return loads(Release, rows[0][1]), rows[0][2]


def _not_readable(path: Path, why: str) -> Refused:
    return refuse("dictionary.not-readable", f"{path.name} is no dictionary that can be read: {why}",
                  place=str(path), way_out="Load the release again: pestle dictionary load.")  # fmt: skip


class _View(Mapping[str, T], Generic[T]):
    """A table by its key. A key that finds no row is not in it."""

    def __init__(
        self, file: _File, sql: str, read: Callable[[list[tuple[Any, ...]]], T], *, every: str = ""
    ) -> None:
        self._file, self._read, self._every = file, read, every

        def one(key: str) -> T | None:
            rows = list(file.rows(sql, key))
            return read(rows) if rows else None

        self._one = lru_cache(maxsize=HELD)(one)

    def __getitem__(self, key: str) -> T:
        found = self._one(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        for row in self._file.rows(self._every):
            yield row[0]

    def values(self) -> Any:
        """Every value in order, read one after the other: a whole release need not fit in memory."""
        return (self._read([row[1:]]) for row in self._file.rows(self._every))

    def __len__(self) -> int:
        return sum(1 for _ in self)
