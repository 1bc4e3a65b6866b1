"""The definitions of the program and those of this installation, for people to look at."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from django.conf import settings

from pestle import definitions
from pestle.pharmacy import library
from pestle.pharmacy.checks.knowledge import FOLDERS
from pestle.pharmacy.library import Entry

# Before the files of PESTLE_DEFINITIONS, as if they lay in a folder of that name.
OWN = "own"


@cache
def entries() -> dict[str, Entry]:
    """Every definition by its file."""
    ours = library.read(definitions.ROOT)
    own = (each for folder in settings.ENVIRONMENT.definitions for each in library.read(folder))
    return {each.file: each for each in (*ours, *(replace(one, file=f"{OWN}/{one.file}") for one in own))}


@cache
def known() -> dict[str, Entry]:
    """Those that a finding may name, by what it calls them; of two of a name the one in ``checks``."""
    first = ("checks", OWN, *FOLDERS)
    read = [each for each in entries().values() if each.file.partition("/")[0] in first]
    found: dict[str, Entry] = {}
    for each in sorted(read, key=lambda each: (first.index(each.file.partition("/")[0]), each.file)):
        found.setdefault(each.called, each)
    return found
