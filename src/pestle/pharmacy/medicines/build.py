"""How is a dictionary file written: whole, or not at all?

It is written under a name of its own, and gets its real name only when everything is in it. What has still to
be put together waits on disk inside it, so that memory stays small.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any
from zlib import compressobj

from pestle.pharmacy.frozen_json import dumps, loads
from pestle.pharmacy.medicines.concept import Level, Moiety, Pack, Product, Release
from pestle.pharmacy.medicines.release import FORMAT, SAMPLE, SUFFIX, unpacked_body
from pestle.pharmacy.refusal import refuse

MOST_FAULTS = 20  # that a refused release names

_SCHEMA = """
CREATE TABLE about (format TEXT NOT NULL, release TEXT NOT NULL, sample BLOB NOT NULL);
CREATE TABLE product (
    place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, generic_id TEXT, generic_of TEXT, entry TEXT,
    body BLOB NOT NULL);
CREATE TABLE pack (id TEXT NOT NULL UNIQUE, product_id TEXT NOT NULL, body BLOB NOT NULL);
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
CREATE INDEX pack_product ON pack (product_id);
CREATE INDEX code_product ON code (product_id);
"""


class Build:
    """A dictionary file that is being written into `folder`; leaving the block early leaves nothing behind.

    What has still to be put together waits in `stage` and `part`.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".building-", suffix=".partial")
        os.close(handle)
        self._folder, self._path = folder, Path(name)
        self._sample = SAMPLE
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

    def parts_by_kind(self, owner: str) -> dict[str, list[dict[str, str]]]:
        """The same, by kind; none for a kind that is not there."""
        found: dict[str, list[dict[str, str]]] = defaultdict(list)
        for kind, body in self.parts_of(owner):
            found[kind].append(body)
        return found

    def add_product(self, product: Product) -> None:
        """Raises `Refused` (``release.id-twice``)."""
        generic_of = product.moiety_key if product.level is Level.VMP else None
        _, name, level, _, moiety, ingredients, discontinued = product.entry
        # What is not valid is in no list.
        told = [name, level.value, moiety, ingredients, discontinued] if product.valid else None
        entry = json.dumps(told, ensure_ascii=False) if told else None
        row = (product.id, product.generic_id, generic_of, entry, self._packed(dumps(product)))
        sql = "INSERT INTO product (id, generic_id, generic_of, entry, body) VALUES (?, ?, ?, ?, ?)"
        self._put(sql, row, product.id, product.name)

    def product(self, id: str) -> Product | None:
        """The product of that id, if it was added."""
        row = self._connection.execute("SELECT body FROM product WHERE id = ?", (id,)).fetchone()
        return loads(Product, unpacked_body(row[0], self._sample)) if row else None

    def add_pack(self, pack: Pack) -> None:
        """Raises `Refused` (``release.id-twice``)."""
        row = (pack.id, pack.product_id, self._packed(dumps(pack)))
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
        about = (FORMAT, dumps(release), self._sample)
        self._connection.execute("INSERT INTO about VALUES (?, ?, ?)", about)
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

    def _packed(self, body: str) -> bytes:
        plain = body.encode()
        packing = compressobj(zdict=self._sample)
        return packing.compress(plain) + packing.flush()

    def _put(self, sql: str, row: tuple[Any, ...], id_: str, place: str) -> None:
        try:
            self._connection.execute(sql, row)
        except sqlite3.IntegrityError:
            raise refuse(
                "release.id-twice", f"The id {id_} stands twice in the release", place=place
            ) from None
