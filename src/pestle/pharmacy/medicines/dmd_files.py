"""Which files make up a release of dm+d, and of which day is it?

A release is the publisher's zip or the folder it was unpacked to, with or without the bonus files (BNF and
ATC, historic codes, VTM ingredients), which come in a zip of their own or inside the first, and with or
without the workbook of BNF codes (`dmd_bnf`). Each kind of file stands there once.

Source: NHSBSA, dm+d on TRUD: ``nhsbsa_dmd_VERSION_YYYYMMDD….zip``, files ``f_KINDn_nDDMMYY.xml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from pestle.pharmacy.medicines.archives import Found, files_within
from pestle.pharmacy.medicines.dmd_bnf import is_mapping
from pestle.pharmacy.medicines.xml_records import Record, records
from pestle.pharmacy.refusal import Refused, refuse

ROOTS = {
    "lookup": "LOOKUP",
    "ingredient": "INGREDIENT_SUBSTANCES",
    "vtm": "VIRTUAL_THERAPEUTIC_MOIETIES",
    "vmp": "VIRTUAL_MED_PRODUCTS",
    "amp": "ACTUAL_MEDICINAL_PRODUCTS",
    "vmpp": "VIRTUAL_MED_PRODUCT_PACK",
    "ampp": "ACTUAL_MEDICINAL_PROD_PACKS",
    "gtin": "GTIN_DETAILS",
    "bnf": "BNF_DETAILS",
    "history": "HISTORY",
    "vtm_ing": "VTM_INGREDIENTS",
}
BONUS = frozenset({"bnf", "history", "vtm_ing"})
_NAME = re.compile(r"f_([a-z_]+?)\d_(.+)\.xml(\.gz)?", re.IGNORECASE)
_DAY = re.compile(r"\d(\d\d)(\d\d)(\d\d)")
_ZIP = re.compile(r"nhsbsa_dmd_(\d+\.\d+\.\d+)_(\d{4})(\d\d)(\d\d)\d*\.zip", re.IGNORECASE)


@dataclass(slots=True)
class ReleaseFiles:
    """The files by kind, and what their names say of the release. `mapping`: the workbook of BNF codes."""

    version: str = ""
    dated: date | None = None
    mapping: Found | None = None
    _found: dict[str, Found] = field(default_factory=dict)

    def kinds(self) -> frozenset[str]:
        """Which kinds are there."""
        return frozenset(self._found)

    def name(self, kind: str) -> str:
        """The file's own name."""
        return self._found[kind].name

    def records(self, kind: str) -> Iterator[Record]:
        """Every record of that kind's file; none when a bonus file is not there.

        Raises `Refused`: ``release.not-readable``, and as `xml_records.records`.
        """
        if kind not in self._found:
            return
        found = self._found[kind]
        with found.opened() as file:
            yield from records(file, root=ROOTS[kind], place=found.name)


@contextmanager
def release_files(paths: Iterable[Path]) -> Iterator[ReleaseFiles]:
    """The files of the one release that `paths` hold together, open until the block is left.

    Raises `Refused`: ``release.not-readable``, ``release.file-twice``, ``release.missing-file`` (each kind
    that is not there), ``release.mixed-dates``.
    """
    found = ReleaseFiles()
    days: dict[str, date] = {}
    with ExitStack() as stack:
        for path in paths:
            _note_zip(found, path.name)
            for file in files_within([path], stack):
                if is_mapping(file.name):
                    if found.mapping is not None:
                        raise _twice("BNF mapping", found.mapping.name, file.name)
                    found.mapping = file
                match = _NAME.fullmatch(file.name)
                kind = match[1].lower() if match else ""
                if match is None or kind not in ROOTS:
                    continue
                if kind in found.kinds():
                    raise _twice(kind, found.name(kind), file.name)
                found._found[kind] = file
                day = _day(match[2])
                if day and kind not in BONUS:
                    days[file.name] = day
        _check(found, days)
        yield found


def _twice(kind: str, one: str, other: str) -> Refused:
    return refuse("release.file-twice", f"There are two {kind} files", place=f"{one}, {other}")


def _check(found: ReleaseFiles, days: dict[str, date]) -> None:
    missing = [kind for kind in ROOTS if kind not in found.kinds() and kind not in BONUS]
    if missing:
        raise Refused(
            *(
                refuse(
                    "release.missing-file",
                    f"The release has no {kind} file",
                    place=f"f_{kind}…xml",
                    way_out="Fetch the release again, whole.",
                ).refusals[0]
                for kind in missing
            )
        )
    if len(set(days.values())) > 1:
        raise refuse("release.mixed-dates", "These files are of different releases",
                     place=", ".join(sorted(days)))  # fmt: skip
    if found.dated is None and days:
        found.dated = next(iter(days.values()))


def _note_zip(found: ReleaseFiles, name: str) -> None:
    match = _ZIP.fullmatch(name)
    if match:
        found.version = match[1]
        found.dated = _date(int(match[2]), int(match[3]), int(match[4]))


def _day(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    return _date(2000 + int(match[3]), int(match[2]), int(match[1])) if match else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
