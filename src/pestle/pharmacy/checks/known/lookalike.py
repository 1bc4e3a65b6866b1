"""Which names are published as easily taken for each other?

Kind: tall-man (the folder ``lookalike``), which the medicine search reads as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pestle.pharmacy import definition as d
from pestle.pharmacy.definition import Definitions, Source
from pestle.pharmacy.medicines import lookalike
from pestle.pharmacy.medicines.substances import Substances

KINDS = lookalike.KINDS
_GROUP = frozenset({"names", "evidence"})


@dataclass(frozen=True, slots=True)
class LookAlikePairs:
    """For each substance those that a list pairs it with, and the list."""

    of: Mapping[str, Mapping[str, Source]]


def read(files: Definitions, substances: Substances) -> LookAlikePairs:
    """What these definitions say. Raises `Refused` (``definition.missing``) where there is none."""
    found: dict[str, dict[str, Source]] = {}
    for file in files.some("tall-man"):
        for group in d.entries(file, "groups", fields=_GROUP):
            names = {substances.stem(name) for name in d.texts(group, "names")}
            for name in names:
                others = found.setdefault(name, {})
                for other in names - {name}:
                    others.setdefault(other, file.source)
    return LookAlikePairs(found)
