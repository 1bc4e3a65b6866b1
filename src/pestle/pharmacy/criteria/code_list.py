"""Which codes stand in this file, on which lines, and what is the list for?

A code list is a CSV file as OpenSAFELY, OpenCodelists and others publish them, or one of our own definitions.
What a published list is for stands in a definition, kind: published_list (``codelists/published/*.yaml``):
the classes and routes of its medicines, and the digest of the version that was looked at.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definition, Definitions, Source
from pestle.pharmacy.refusal import refuse

KINDS = {
    "published_list": frozenset({"file", "sha256", "used_as", "atc", "bnf", "routes"}),
    "route_names": frozenset({"names"}),
}
# The kinds of definition that hold codes, and in which field.
OWN = {"medicine_list": "products", "condition_list": "snomed", "observable": "snomed"}
# What the columns are called that are read, in lower case; of several the first that is there.
_CODES = ("dmd_id", "snomed_id", "id", "code")
_TERMS = ("dmd_name", "term", "nm", "name")
_LEVELS = ("dmd_type", "obj_type", "type")
_MEDICINES = frozenset({"dmd_id", "bnf_code", "vpid"})
_QUOTED = re.compile(r'"(\d{5,20})"')


@dataclass(frozen=True, slots=True)
class Listing:
    """One line of a list: its code, and what the line says of it (empty: nothing)."""

    line: int
    code: str
    term: str = ""
    bnf: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class CodeList:
    """A list as it stands in a file; `medicines`: its columns say that it is one of medicines."""

    file: str
    sha256: str
    entries: tuple[Listing, ...]
    medicines: bool


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a published list is for: prefixes of ATC and BNF codes, families of routes; empty: not said.

    `sha256` is that of the version that was looked at; empty where every version is meant.
    """

    sha256: str
    atc: tuple[str, ...]
    bnf: tuple[str, ...]
    routes: frozenset[str]
    source: Source


def read(path: Path, *, file: str) -> CodeList | None:
    """The list in a file, called `file`; None where it is a definition of another kind.

    Raises `Refused`: ``codelist.unreadable``, ``codelist.no-codes`` (no column of codes that is known).
    """
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise refuse("codelist.unreadable", f"{file} cannot be read: {error}", place=file) from None
    digest = hashlib.sha256(content).hexdigest()
    if path.suffix == ".yaml":
        kind = str(d.fields(path, file=file).get("kind"))
        if kind not in OWN:
            return None
        # The list itself is whole numbers in quotes; its line is what a person looks for.
        return CodeList(file, digest, _quoted(text), medicines=kind == "medicine_list")
    rows = csv.DictReader(io.StringIO(text))
    heads = {(head or "").strip().casefold(): head for head in rows.fieldnames or ()}
    code = next((heads[name] for name in _CODES if name in heads), None)
    if code is None:
        raise refuse(
            "codelist.no-codes",
            f"{file} has no column of codes that is known here: {', '.join(filter(None, heads))}",
            place=file,
            way_out=f"Call it one of: {', '.join(_CODES)}.",
        )
    term, level, bnf = (
        next((heads[name] for name in names if name in heads), None)
        for names in (_TERMS, _LEVELS, ("bnf_code",))
    )

    def cell(row: Mapping[str | None, str | None], head: str | None) -> str:
        return (row.get(head) or "").strip() if head is not None else ""

    entries = tuple(
        Listing(rows.line_num, cell(row, code), cell(row, term), cell(row, bnf), cell(row, level).upper())
        for row in rows
        if any(row.values())
    )
    return CodeList(file, digest, entries, medicines=not _MEDICINES.isdisjoint(heads))


def purposes(files: Definitions) -> Mapping[str, Purpose]:
    """What each published list is for, by the name of its file, and by that of the definition made from it.

    Raises `Refused` as `definition` does.
    """
    found: dict[str, Purpose] = {}
    for file in files.of("published_list"):
        purpose = found[d.text(file, "file")] = _purpose(file)
        if "used_as" in file.body:
            found[f"{d.text(file, 'used_as')}.yaml"] = replace(purpose, sha256="")
    return found


def route_names(files: Definitions) -> Mapping[str, str]:
    """The family of routes that a word in a medicine's name means."""
    names = d.word_lists(files.only("route_names"), "names")
    return {word.casefold(): family for family, words in names.items() for word in words}


def _purpose(file: Definition) -> Purpose:
    return Purpose(
        sha256=d.text(file, "sha256"),
        atc=d.texts(file, "atc", empty=True),
        bnf=d.texts(file, "bnf", empty=True),
        routes=frozenset(d.texts(file, "routes", empty=True)),
        source=file.source,
    )


def _quoted(text: str) -> tuple[Listing, ...]:
    return tuple(
        Listing(number, code)
        for number, line in enumerate(text.splitlines(), start=1)
        for code in _QUOTED.findall(line)
    )
