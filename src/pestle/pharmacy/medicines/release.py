"""How is a release of a medicines dictionary kept in one read-only file?

A dictionary file is SQLite: one row a product or pack, found by its key. It is written under a name of its
own and gets its real name only when it is whole, so that a reader sees a whole release or none; and it is
opened read-only and immutable. Amounts are text inside, never floating point.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from pestle.pharmacy.medicines.concept import Level, Moiety, Pack, Product, Release
from pestle.pharmacy.medicines.frozen_json import dumps, loads
from pestle.pharmacy.refusal import Refused, refuse

SUFFIX = ".dictionary"
# Raised whenever older files can no longer be read as they stand.
FORMAT = "pestle-dictionary-2"
MOST_FAULTS = 20  # that a refused release names
HELD = 4096  # rows kept ready in memory, of each table

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE about (format TEXT NOT NULL, release TEXT NOT NULL);
CREATE TABLE product (
    id TEXT PRIMARY KEY, place INTEGER NOT NULL, generic_id TEXT, generic_of TEXT, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE pack (id TEXT PRIMARY KEY, product_id TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE gtin (gtin TEXT PRIMARY KEY, pack_id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE code (code TEXT PRIMARY KEY, product_id TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE superseded (previous TEXT PRIMARY KEY, current TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE moiety (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TEMP TABLE staged (
    kind TEXT NOT NULL, id TEXT NOT NULL, parent TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TEMP TABLE part (owner TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL);
"""
_INDEXES = """
CREATE INDEX product_generic ON product (generic_id);
CREATE INDEX product_generic_of ON product (generic_of);
CREATE UNIQUE INDEX product_place ON product (place);
CREATE INDEX pack_product ON pack (product_id);
CREATE INDEX code_product ON code (product_id);
"""


@dataclass(frozen=True, slots=True)
class Tables:
    """What a dictionary looks things up in, by key; dicts in memory, or views of a file's tables.

    `generics` are the VMPs of a moiety, by `Product.moiety_key`.
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


def opened(
    path: Path, *, kept_whole: Callable[[Pack, Product], Pack] = lambda pack, _: pack
) -> tuple[Release, Tables]:
    """The release in a dictionary file, and its tables, read as they are asked.

    `kept_whole` has the last word on whether a pack may be split. Raises `Refused`:
    ``dictionary.not-readable``.
    """
    file = _File(path)
    release = _about(file, path)

    def adjusted(body: str) -> Pack:
        pack = loads(Pack, body)
        product = products.get(pack.product_id)
        return kept_whole(pack, product) if product else pack

    def product(rows: list[tuple[Any, ...]]) -> Product:
        return loads(Product, rows[0][0])

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
            lambda rows: tuple(loads(Product, body) for (body,) in rows),
        ),
        generics=_View(
            file,
            "SELECT body FROM product WHERE generic_of = ? ORDER BY place",
            lambda rows: tuple(loads(Product, body) for (body,) in rows),
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
    )


def release_of(path: Path) -> Release:
    """Which release a dictionary file holds. Raises `Refused` (``dictionary.not-readable``)."""
    return _about(_File(path), path)


class Build:
    """A dictionary file that is being written into `folder`; leaving the block early leaves nothing behind.

    What has still to be put together waits in `stage` and `part`, on disk, so that memory stays small.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".building-", suffix=".partial")
        os.close(handle)
        self._folder, self._path = folder, Path(name)
        self._places = 0
        self._connection = sqlite3.connect(self._path, isolation_level=None)
        # A file that is thrown away when anything goes wrong needs no journal.
        self._connection.execute("PRAGMA journal_mode=OFF")
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.executescript(_SCHEMA)
        self._connection.execute("BEGIN")

    def __enter__(self) -> Build:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._path.unlink(missing_ok=True)

    def stage(self, kind: str, id: str, body: Mapping[str, str], *, parent: str, place: str) -> None:
        """Puts a record aside by its id. Raises `Refused` (``release.id-twice``)."""
        self._put("INSERT INTO staged VALUES (?, ?, ?, ?)", (kind, id, parent, json.dumps(body)), id, place)

    def part(self, owner: str, kind: str, body: Mapping[str, str]) -> None:
        """Puts a record aside that is part of another."""
        self._connection.execute("INSERT INTO part VALUES (?, ?, ?)", (owner, kind, json.dumps(body)))

    def staged(self, kind: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Every record of that kind put aside, with its id; those of one parent together."""
        sql = "SELECT id, body FROM staged WHERE kind = ? ORDER BY parent, id"
        for id_, body in self._connection.execute(sql, (kind,)):
            yield id_, json.loads(body)

    def children(self, kind: str, parent: str) -> list[tuple[str, dict[str, str]]]:
        """The records of that kind put aside under one parent."""
        # Named, because the planner would rather read a whole kind in the order of ids.
        sql = "SELECT id, body FROM staged INDEXED BY staged_parent WHERE kind = ? AND parent = ? ORDER BY id"
        return [(id_, json.loads(body)) for id_, body in self._connection.execute(sql, (kind, parent))]

    def one_staged(self, kind: str, id: str) -> dict[str, str] | None:
        """The record of that kind and id put aside."""
        sql = "SELECT body FROM staged WHERE kind = ? AND id = ?"
        row = self._connection.execute(sql, (kind, id)).fetchone()
        return json.loads(row[0]) if row else None

    def count(self, kind: str) -> int:
        """How many of a kind were put aside."""
        sql = "SELECT count(*) FROM staged WHERE kind = ?"
        return int(self._connection.execute(sql, (kind,)).fetchone()[0])

    def sort_parts(self) -> None:
        """Makes `parts_of` and `children` quick, once all are there."""
        self._connection.execute("CREATE INDEX temp.part_owner ON part (owner)")
        self._connection.execute("CREATE INDEX temp.staged_parent ON staged (kind, parent)")

    def parts_of(self, owner: str) -> list[tuple[str, dict[str, str]]]:
        """The parts of one record in the order they came, each with its kind."""
        sql = "SELECT kind, body FROM part WHERE owner = ? ORDER BY rowid"
        return [(kind, json.loads(body)) for kind, body in self._connection.execute(sql, (owner,))]

    def add_product(self, product: Product) -> None:
        """Raises `Refused` (``release.id-twice``)."""
        self._places += 1
        generic_of = product.moiety_key if product.level is Level.VMP else None
        row = (product.id, self._places, product.generic_id, generic_of, dumps(product))
        self._put("INSERT INTO product VALUES (?, ?, ?, ?, ?)", row, product.id, product.name)

    def product(self, id: str) -> Product | None:
        """The product of that id, if it was added."""
        row = self._connection.execute("SELECT body FROM product WHERE id = ?", (id,)).fetchone()
        return loads(Product, row[0]) if row else None

    def add_pack(self, pack: Pack) -> None:
        """Raises `Refused` (``release.id-twice``)."""
        row = (pack.id, pack.product_id, dumps(pack))
        self._put("INSERT INTO pack VALUES (?, ?, ?)", row, pack.id, pack.name)

    def add_gtin(self, gtin: str, pack_id: str) -> None:
        """Raises `Refused` (``release.id-twice``)."""
        self._put("INSERT INTO gtin VALUES (?, ?)", (gtin, pack_id), gtin, pack_id)

    def add_code(self, code: str, product_id: str) -> None:
        """A National Drug Code in twelve digits, of one product. Raises `Refused` (``release.id-twice``)."""
        self._put("INSERT INTO code VALUES (?, ?)", (code, product_id), code, product_id)

    def drop_code(self, code: str) -> None:
        """Takes a code out again."""
        self._connection.execute("DELETE FROM code WHERE code = ?", (code,))

    def coded(self, code: str) -> str | None:
        """The id of the product that has the code, if it was added."""
        row = self._connection.execute("SELECT product_id FROM code WHERE code = ?", (code,)).fetchone()
        return str(row[0]) if row else None

    def add_moiety(self, moiety: Moiety) -> None:
        """Raises `Refused` (``release.id-twice``)."""
        self._put("INSERT INTO moiety VALUES (?, ?)", (moiety.id, dumps(moiety)), moiety.id, moiety.name)

    def supersede(self, successors: Mapping[str, Collection[str]]) -> int:
        """Old ids with the ids that replaced them: one successor is followed, of several none is.

        What is a valid product itself is not old. Gives the number of those with several.
        """
        unclear = 0
        for before, after in sorted(successors.items()):
            living = self.product(before)
            if living is not None and living.valid:
                continue
            if len(after) != 1:
                unclear += 1
                continue
            self._put("INSERT INTO superseded VALUES (?, ?)", (before, *after), before, before)
        return unclear

    def finish(self, release: Release) -> Path:
        """Names the file after its release; a file of that name is replaced in one step."""
        self._connection.execute("INSERT INTO about VALUES (?, ?)", (FORMAT, dumps(release)))
        self._connection.execute("COMMIT")
        self._connection.executescript(_INDEXES)
        self._connection.execute("ANALYZE")
        self._connection.close()
        with self._path.open("rb+") as file:
            os.fsync(file.fileno())
        self._path.chmod(0o444)
        path = self._folder / f"{release.id}{SUFFIX}"
        self._path.replace(path)
        return path

    def _put(self, sql: str, row: tuple[Any, ...], id_: str, place: str) -> None:
        try:
            self._connection.execute(sql, row)
        except sqlite3.IntegrityError:
            raise refuse(
                "release.id-twice", f"The id {id_} stands twice in the release", place=place
            ) from None


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


def _about(file: _File, path: Path) -> Release:
    try:
        rows = list(file.rows("SELECT format, release FROM about"))
    except sqlite3.Error as error:
        raise _not_readable(path, str(error)) from None
    if len(rows) != 1 or rows[0][0] != FORMAT:
        raise _not_readable(path, f"it is not of format {FORMAT}")
    return loads(Release, rows[0][1])


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
