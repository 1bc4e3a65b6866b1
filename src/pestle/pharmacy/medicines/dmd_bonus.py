"""Which id of dm+d replaced which, and of what class is a product, as the bonus files say by themselves?

The bonus files come every week beside a release and can be had without it: historic codes, and the BNF and
ATC code of every VMP. They name VTMs and VMPs, no AMPs. A whole release answers more (`dictionary`).

Source: NHSBSA, dm+d bonus files, schemas history v1_0 and bnf v1_0 (read in the release of 2025-02-13).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from pestle.pharmacy.medicines.archives import files_within
from pestle.pharmacy.medicines.dmd_files import ROOTS
from pestle.pharmacy.medicines.xml_records import records
from pestle.pharmacy.refusal import refuse

_NAME = re.compile(r"f_(history|bnf)1_.+\.xml(\.gz)?", re.IGNORECASE)
_CONCEPTS = frozenset({"VTM", "VMP"})


@dataclass(frozen=True, slots=True)
class Bonus:
    """What the files say. `replaced`: each old id and those that replaced it; `bnf` and `atc`: codes by VMP.

    `known` are the ids of every VTM and VMP there is or was; `source` names the files.
    """

    replaced: Mapping[str, frozenset[str]]
    bnf: Mapping[str, str]
    atc: Mapping[str, str]
    known: frozenset[str]
    source: str


def read(*paths: Path) -> Bonus:
    """The bonus files in these folders, zips and files.

    Raises `Refused`: ``release.missing-file`` where there is neither, and as `archives` and `xml_records`.
    """
    replaced: defaultdict[str, set[str]] = defaultdict(set)
    bnf: dict[str, str] = {}
    atc: dict[str, str] = {}
    known: set[str] = set()
    names: list[str] = []
    with ExitStack() as stack:
        for found in files_within(paths, stack):
            match = _NAME.fullmatch(found.name)
            if match is None:
                continue
            names.append(found.name)
            with found.opened() as file:
                for record in records(file, root=ROOTS[match[1].lower()], place=found.name):
                    fields = record.fields
                    if "VPID" in fields:
                        known.add(fields["VPID"])
                        bnf[fields["VPID"]] = fields.get("BNF", "")
                        atc[fields["VPID"]] = fields.get("ATC", "")
                    elif record.tag in _CONCEPTS:
                        now, before = fields.get("IDCURRENT", ""), fields.get("IDPREVIOUS", "")
                        known |= {now, before}
                        if now != before:
                            replaced[before].add(now)
    if not names:
        raise refuse("release.missing-file", "There are neither historic codes nor BNF codes of dm+d",
                     place=", ".join(map(str, paths)),
                     way_out="Name the bonus zip, or f_history1_….xml and f_bnf1_….xml.")  # fmt: skip
    return Bonus(
        {old: frozenset(new) for old, new in replaced.items()}, _said(bnf), _said(atc), frozenset(known),
        ", ".join(sorted(names)),
    )  # fmt: skip


def _said(codes: Mapping[str, str]) -> dict[str, str]:
    """Those that are codes: the files write nothing, or “n/a”, for a product that has none."""
    return {id_: code for id_, code in codes.items() if code and code != "n/a"}


def current(replaced: Mapping[str, Iterable[str]], id_: str) -> frozenset[str]:
    """The ids that stand today for an old one, any number of steps on; itself where nothing replaced it."""
    seen, open_, now = {id_}, [id_], set()
    while open_:
        following = set(replaced.get(open_.pop(), ()))
        open_ += following - seen
        seen |= following
        now |= {each for each in following if not replaced.get(each)}
    return frozenset(now) or frozenset({id_})
