"""The definitions that came with the program, for people to look at; and what each found lately."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pestle.definitions
from pestle.pharmacy import library
from pestle.pharmacy.library import Entry

# Read by the checks; what a finding calls a definition is looked for here first.
_OF_CHECKS = "checks/"


@cache
def entries() -> dict[str, Entry]:
    """Every definition by its file."""
    return {each.file: each for each in library.read(Path(pestle.definitions.__file__).parent)}


@cache
def known() -> dict[str, Entry]:
    """Those that a finding may name, by what it calls them."""
    ordered = sorted(entries().values(), key=lambda each: not each.file.startswith(_OF_CHECKS))
    found: dict[str, Entry] = {}
    for each in ordered:
        found.setdefault(each.called, each)
    return found
